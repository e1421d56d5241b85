"""`404.html`: what a server shows where there is no page.

It is shown at whatever address was asked for, so relative addresses on it would lead nowhere. They are
relative to the site's own address, `html_baseurl`, or to the root of the server if the site knows none.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "404"

BODY = """\
<section>
<h1>There is no such page</h1>
<p>The address may be old, or mistyped. Perhaps it is one of these:</p>
<ul>
<li><a href="index.html">the course's first page</a>, with a map of the chapters</li>
<li><a href="search.html">the search</a>, in English and Chinese</li>
<li><a href="concepts.html">the concepts</a>, each with the section that teaches it</li>
<li><a href="glossary.html">the glossary</a></li>
</ul>
</section>
"""


def connect(app: Sphinx) -> None:
    """Let Sphinx write the page."""
    app.connect("html-collect-pages", _pages)
    app.connect("html-page-context", _set_base)


def base(address: str) -> str:
    """Return the path from which the page's relative addresses count.

    Parameters
    ----------
    address : where the site is published, such as `https://host/course/`; empty if that is not known.
    """
    path = urlsplit(address).path
    return path if path.endswith("/") else f"{path}/"


def _pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield PAGE, {"title": "No such page", "body": BODY}, "page.html"


def _set_base(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    if page == PAGE:
        href = escape(base(app.config.html_baseurl))
        tags = f'<base href="{href}" />\n<meta name="robots" content="noindex" />'
        context["metatags"] = f"{context.get('metatags', '')}{tags}"
