"""What the chapters say of themselves: their title, their minutes, and what only instructors read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from crmkit.site.contents import documents

CHAPTERS = "chapters"
INSTRUCTOR = "instructor"
"""The tag of a cell that readers of the published book do not see."""

_TITLE = re.compile(r"^# (\d\d) · (.+)$", re.MULTILINE)
_TIME = re.compile(
    r"\*Time:\*\D*(\d+) minutes"
    r"(?:, and (\d+)(?: more)? for \[the exercise\]|, then (\d+ to \d+) hours for \[)?"
)
_PART = re.compile(r"^\*\*([A-Z][\w ]+)\.\*\* ", re.MULTILINE)


@dataclass(frozen=True)
class Chapter:
    """A chapter of the book.

    Parameters
    ----------
    stem : the name of its notebook and of its exercise's, without the suffix.
    number : its two digits.
    title : its title without the number.
    minutes : what a student needs for the chapter.
    exercise_minutes : what its exercise takes; 0 if it names none, or one of many hours.
    project_hours : what an exercise of many hours takes, such as "12 to 16"; else empty.
    notes : the text of its cells for instructors, by the word in bold that begins each part; what stands
        before the first part has the key "".
    """

    stem: str
    number: str
    title: str
    minutes: int
    exercise_minutes: int
    project_hours: str
    notes: dict[str, str]

    @property
    def has_exercise(self) -> bool:
        return bool(self.exercise_minutes or self.project_hours)


def read_chapter(path: Path) -> Chapter:
    """Return what a chapter's notebook says of itself.

    Raises
    ------
    ValueError : it has no title with a number, or does not say its minutes.
    """
    cells = [
        cell
        for cell in nbformat.reads(path.read_text(encoding="utf-8"), as_version=4).cells
        if cell.cell_type == "markdown"
    ]
    public = "\n\n".join(cell.source for cell in cells if not _for_instructors(cell))
    title, time = _TITLE.search(public), _TIME.search(public)
    if title is None:
        raise ValueError(f"{path.name} has no title like “# 02 · Pricing lab”")
    if time is None:
        raise ValueError(
            f"{path.name} does not say its minutes: write “*Time:* about 75 minutes, and 80 more for "
            "[the exercise](…)” into its objectives"
        )
    notes = _parts("\n\n".join(cell.source for cell in cells if _for_instructors(cell)))
    return Chapter(path.stem, title[1], title[2], int(time[1]), int(time[2] or 0), time[3] or "", notes)


def chapters(root: Path) -> list[Chapter]:
    """Return the chapters in the table of contents, in its order."""
    return [read_chapter(path) for path in chapter_files(root)]


def chapter_files(root: Path) -> Iterator[Path]:
    """Yield the notebook of each chapter in the table of contents."""
    return (path for path in documents(root) if path.parent.name == CHAPTERS and path.suffix == ".ipynb")


def _for_instructors(cell: nbformat.NotebookNode) -> bool:
    return INSTRUCTOR in cell.metadata.get("tags", ())


def _parts(text: str) -> dict[str, str]:
    """Split notes at the words in bold with which paragraphs begin; their heading is the chapter's."""
    text = re.sub(r"^## For instructors$", "", text, flags=re.MULTILINE)
    first, *rest = _PART.split(text)
    parts = {"": first.strip()} if first.strip() else {}
    for name, body in zip(rest[::2], rest[1::2], strict=True):
        parts[name] = f"{parts[name]}\n\n{body.strip()}" if name in parts else body.strip()
    return parts
