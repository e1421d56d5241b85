"""What a student gets of a notebook: no instructor's cells, and text that any Jupyter can show."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.release import INSTRUCTOR
from crmkit.site.lite.citations import plain

FOLDERS = ("chapters", "exercises")
"""Where students' notebooks are, in a checkout and in the browser."""


def handout(path: Path) -> NotebookNode:
    """Return a chapter or an exercise as a student gets it, to download or to open in the browser.

    Cells tagged `instructor` are dropped, citations are by author and year, outputs are kept.

    Parameters
    ----------
    path : the notebook's file; the project's bibliography is in the folder above it.

    Raises
    ------
    NotebookError : there is no such notebook.
    LookupError : a cell cites a work that is not in the bibliography, or uses an unknown role.
    """
    given = notebook.normal_form(notebook.read(path))
    given.cells = [cell for cell in given.cells if INSTRUCTOR not in cell.metadata.get("tags", [])]
    for cell in given.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, path.parents[1] / "references.bib")
    return given


def handouts(root: Path) -> dict[str, NotebookNode]:
    """Return all students' notebooks by their path, such as `exercises/02-pricing.ipynb`."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.ipynb"))]
    return {path.relative_to(root).as_posix(): handout(path) for path in paths}
