"""Submissions for tests: an exercise as released, as solved, or with other answers in it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.release import answer_alone

ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))


@cache
def _read(folder: str, stem: str) -> NotebookNode:
    return notebook.read(ROOT / folder / f"{stem}.ipynb")


@cache
def solutions(stem: str) -> dict[str, str]:
    """Return the reference answer's code for each question of an exercise."""
    found = {}
    for cell in _read("solutions", stem).cells:
        stamp = cell.metadata.get("crmkit", {})
        if stamp.get("role") == "answer":
            found[stamp["question"]] = answer_alone(cell.source)
    return found


def exercise(stem: str, answers: Mapping[str, str] = {}) -> NotebookNode:
    """Return an exercise with the code of some answers in it."""
    filled = copy.deepcopy(_read("exercises", stem))
    for cell in filled.cells:
        stamp = cell.metadata.get("crmkit", {})
        if stamp.get("role") == "answer" and stamp["question"] in answers:
            cell.source = answers[stamp["question"]]
    return filled


def submission(stem: str, answers: Mapping[str, str] = {}) -> bytes:
    """Return the bytes of a submitted notebook with the code of some answers in it."""
    return notebook.to_text(exercise(stem, answers)).encode()
