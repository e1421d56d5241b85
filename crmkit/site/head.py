"""What a page says of itself to a browser's tabs and to search engines: its title and its description."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LONGEST = 160
"""Characters of a description; search engines show no more."""

TELLING = 40
"""A paragraph of fewer characters says nothing of its page."""


def connect(app: Sphinx) -> None:
    """Let Sphinx write titles and descriptions."""
    app.connect("html-page-context", _complete)


def description(doctree: nodes.document) -> str:
    """Return the beginning of a page's first paragraph that says something, at most 160 characters."""
    for paragraph in doctree.findall(nodes.paragraph):
        if paragraph.parent.__class__ is not nodes.section:
            continue
        parts = (text for text in paragraph.findall(nodes.Text) if not isinstance(text.parent, nodes.raw))
        text = " ".join("".join(parts).split())
        if len(text) >= TELLING:
            return text if len(text) <= LONGEST else text[: LONGEST - 2].rsplit(" ", 1)[0] + " …"
    return ""


def _complete(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if page == app.config.root_doc:
        # Else the book's name would stand there twice.
        context["title"], context["docstitle"] = escape(app.config.project), ""
    if doctree is not None and (text := description(doctree)):
        tag = f'<meta name="description" content="{escape(text)}" />'
        context["metatags"] = f"{context.get('metatags', '')}\n{tag}"
