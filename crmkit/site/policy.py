"""A Content-Security-Policy in each page: nothing from elsewhere, and no script but the site's own.

The theme writes a few scripts into its pages, and pandas a style into each table. A page's policy names them
by their SHA-256, so that no other can run. A policy in a page cannot say who may frame it: the server must.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from sphinx.jinja2glue import BuiltinTemplateLoader

CHARSET = '<meta charset="utf-8" />'
"""What stands before the policy: a browser must find the encoding in the first bytes of a page."""


SEARCH = "search"
"""The page that reads whole other pages, to show a few lines of each, and so meets the styles of all."""


class Templates(BuiltinTemplateLoader):
    """Sphinx's templates; what they render carries its policy. The value of Sphinx's `template_bridge`."""

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]
        """Return the page, or the part of one that the theme asks for beforehand."""
        html = super().render(template, context)
        return with_policy(html, any_style=context.get("pagename") == SEARCH) if "<head>" in html else html


def with_policy(page: str, *, any_style: bool = False) -> str:
    """Return a page that carries its policy.

    Parameters
    ----------
    page : its HTML; scripts and styles in it are trusted.
    any_style : whether styles that are not in it are, too.

    Raises
    ------
    ValueError : the page does not name its encoding, so that there is no place for the policy.
    """
    if CHARSET not in page:
        raise ValueError(
            f"no {CHARSET} in a page that begins {page[:80]!r}: the theme has changed its layout"
        )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, any_style=any_style)}" />'
    return page.replace(CHARSET, f"{CHARSET}\n    {meta}", 1)


def policy(page: str, *, any_style: bool = False) -> str:
    """Return the policy of a page.

    Parameters
    ----------
    page : its HTML.
    any_style : whether styles that are not in it are trusted, too.
    """
    inline = _Inline()
    inline.feed(page)
    inline.close()
    styles = " 'unsafe-inline'" if any_style else _sources(inline.texts["style"])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{_sources(inline.texts['script'])}",
            # For browsers that do not know the next two, and would show a page without any style.
            "style-src 'self' 'unsafe-inline'",
            f"style-src-elem 'self'{styles}",
            "style-src-attr 'unsafe-inline'",  # KaTeX places each part of a formula by an attribute
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def _sources(texts: Iterable[str]) -> str:
    digests = sorted({b64encode(sha256(text.encode()).digest()).decode() for text in texts})
    return "".join(f" 'sha256-{digest}'" for digest in digests)


class _Inline(HTMLParser):
    """Collects the scripts and styles that stand in a page itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.texts and "src" not in dict(attrs):
            self._open = tag
            self.texts[tag].append("")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
