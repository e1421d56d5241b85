"""What the style of printed pages has to know: where answers go, and which links say their address."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from crmkit.exercise.release import TEXT_STUB

ROOM = "crmkit-room"
"""The class of what waits for an answer; on paper there is room below it."""
SELF_EVIDENT = "crmkit-self-evident"
"""The class of a link whose text is its address, or the end of it, as a DOI is."""

_ANSWER = "answer"
_WRITTEN = TEXT_STUB.strip("*")


def connect(app: Sphinx) -> None:
    """Let Sphinx mark pages as it reads them, and links once they are all known."""
    app.connect("doctree-read", _mark_answers)
    app.connect("doctree-resolved", _mark_links)


def _mark_answers(app: Sphinx, doctree: nodes.document) -> None:
    for cell in doctree.findall(nodes.container):
        if cell.get("cell_metadata", {}).get("crmkit", {}).get("role") == _ANSWER:
            cell["classes"].append(ROOM)
    for paragraph in doctree.findall(nodes.paragraph):
        if paragraph.astext() == _WRITTEN:
            paragraph["classes"].append(ROOM)


def _mark_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for link in doctree.findall(nodes.reference):
        if link.get("refuri", "").endswith(link.astext().removeprefix("doi:")):
            link["classes"].append(SELF_EVIDENT)
