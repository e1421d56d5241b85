"""The address at which the site is published: links to it, a sitemap, and what a shared link shows.

The pages themselves link to one another relatively and work anywhere. Only search engines and previews need
to know where a page really lives; without an address, nothing here leaves a trace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from crmkit.site.head import description

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

VARIABLE = "CRMKIT_BASE_URL"
"""The environment variable by which the build tells Sphinx the address."""

IMAGE = "_static/readme.png"
"""What a preview of a shared link shows."""

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


class AddressError(RuntimeError):
    """An address at which nothing can be published; the message says what one looks like."""


def checked(base_url: str) -> str:
    """Return the address with a slash at its end.

    Parameters
    ----------
    base_url : where the site's folder will be, for instance `https://host/course/`.

    Raises
    ------
    AddressError : it is no http or https address of a folder.
    """
    try:
        parts = urlsplit(base_url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    else:
        named = named and parts.scheme in ("http", "https") and "@" not in parts.netloc
    if not named or parts.query or parts.fragment or not parts.netloc.isascii() or re.search(r"\s", base_url):
        raise AddressError(
            f"{base_url!r} is not the address of a site; it looks like https://host/course/ "
            "(http or https, without user, ? or #)"
        )
    if parts.path.endswith((".html", ".htm")):
        raise AddressError(f"{base_url!r} is the address of a page; give its folder's, which ends with /")
    return f"{parts.scheme}://{parts.netloc}{quote(parts.path.rstrip('/'), safe='/%:@!$&()*+,;=~')}/"


def environment(base_url: str | None) -> dict[str, str]:
    """Return the environment in which Sphinx knows the address, or knows none."""
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return inherited | ({VARIABLE: base_url} if base_url else {})


def write_index(site: Path, base_url: str | None, pages: Iterable[str]) -> None:
    """Write `sitemap.xml` and `robots.txt`; without an address, remove those of an earlier build.

    Crawlers read `robots.txt` only at the root of a host; in a course below it, it does nothing.

    Parameters
    ----------
    site : the folder of the built site.
    base_url : its address, as `checked` returns it.
    pages : the pages' names, for instance `chapters/02-pricing`.
    """
    sitemap, robots = site / "sitemap.xml", site / "robots.txt"
    if base_url is None:
        sitemap.unlink(missing_ok=True)
        robots.unlink(missing_ok=True)
        return
    urls = ElementTree.Element("urlset", xmlns=_SITEMAP)
    for page in pages:
        url = ElementTree.SubElement(urls, "url")
        ElementTree.SubElement(url, "loc").text = f"{base_url}{quote(page)}.html"
    ElementTree.indent(urls)
    ElementTree.ElementTree(urls).write(sitemap, encoding="utf-8", xml_declaration=True)
    robots.write_text(f"User-agent: *\nAllow: /\nSitemap: {base_url}{sitemap.name}\n", encoding="utf-8")


def connect(app: Sphinx) -> None:
    """Let Sphinx link each page to its address, and describe it for previews."""
    app.connect("config-inited", _take_address)
    app.connect("html-page-context", _describe)


def _take_address(app: Sphinx, config: Config) -> None:
    if VARIABLE in os.environ:
        config.html_baseurl = os.environ[VARIABLE]


def _describe(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    base = app.config.html_baseurl
    if not base or doctree is None:
        return
    properties = {
        "og:type": "website",
        "og:site_name": app.config.html_title,
        "og:title": re.sub(r"<[^>]+>", "", context["title"]),
        "og:description": description(doctree),
        "og:url": context["pageurl"],
        "og:image": f"{base}{IMAGE}",
    }
    # The title comes from Sphinx as HTML, with its characters escaped already.
    tags = [
        f'<meta property="{name}" content="{text if name == "og:title" else escape(text)}" />'
        for name, text in properties.items()
        if text
    ]
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])
