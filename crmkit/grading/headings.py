"""What an exercise, its questions and its chapter are called, from the course's notebooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from crmkit import notebook

HEADING = re.compile(r"^(#{1,3}) +(.+?) *$", re.MULTILINE)
NUMBERED = re.compile(r"(\d+) · (.+)")


@dataclass(frozen=True)
class Headings:
    """What to call things on a page; where a notebook has no heading, by id.

    Parameters
    ----------
    title : the exercise.
    chapter : the chapter that it belongs to, or "".
    questions : the heading of each question by its id.
    prose : the questions that are answered in a cell of text.
    """

    title: str
    chapter: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)
    prose: frozenset[str] = frozenset()

    def of(self, question: str) -> str:
        """Return what a question is called, with its number if it has one."""
        return self.questions.get(question, question)

    def name(self, question: str) -> str:
        """Return what a question is called, without its number."""
        found = NUMBERED.fullmatch(self.of(question))
        return found[2] if found else self.of(question)

    def number(self, question: str, position: int) -> str:
        """Return a question's number in the notebook, or else its position."""
        found = NUMBERED.fullmatch(self.of(question))
        return found[1] if found else str(position)

    @classmethod
    def read(cls, root: Path, stem: str) -> Headings:
        """Return the headings of an assignment of a course folder.

        Raises
        ------
        NotebookError : there is no such exercise.
        """
        exercise = notebook.read(root / "exercises" / f"{stem}.ipynb")
        title, questions, prose, last = stem, {}, set(), ""
        for cell in exercise.cells:
            for mark, text in HEADING.findall(cell.source if cell.cell_type == "markdown" else ""):
                title, last = (_plain(text), last) if mark == "#" else (title, _plain(text))
            question = _question(cell)
            if question and last:
                questions[question] = last
            if question and cell.cell_type == "markdown":
                prose.add(question)
        path = root / "chapters" / f"{stem}.ipynb"
        first = HEADING.search(notebook.read(path).cells[0].source) if path.is_file() else None
        return cls(title, _plain(first[2]) if first else "", questions, frozenset(prose))


def _question(cell: NotebookNode) -> str:
    ours, stamp = cell.metadata.get("crmkit", {}), cell.metadata.get("nbgrader", {})
    if ours.get("role") == "answer":
        return str(ours["question"])
    by_hand = cell.cell_type == "markdown" and stamp.get("grade") and stamp.get("solution")
    return str(stamp["grade_id"]) if by_hand else ""


def _plain(heading: str) -> str:
    return heading.replace("`", "").replace("*", "")
