"""Room for answers on a printed exercise: which cells are to be answered, marked for the style."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from crmkit.exercise.release import TEXT_STUB

CLASS = "crmkit-room"
ROLE = "answer"
"""The role, in a cell's metadata, of a cell that a student fills in."""
WRITTEN = TEXT_STUB.strip("*")
"""What stands where an answer in words is to be written."""


def mark_answers(app: Sphinx, doctree: nodes.document) -> None:
    """Give the class `crmkit-room` to each cell, and each paragraph, that waits for an answer."""
    for cell in doctree.findall(nodes.container):
        if cell.get("cell_metadata", {}).get("crmkit", {}).get("role") == ROLE:
            cell["classes"].append(CLASS)
    for paragraph in doctree.findall(nodes.paragraph):
        if paragraph.astext() == WRITTEN:
            paragraph["classes"].append(CLASS)
