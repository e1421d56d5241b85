"""A chapter as the tests of its prose see it: what it says, and what its cells have computed."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from nbformat import NotebookNode

from crmkit.exercise.key import Entry
from crmkit.widgets.widget import Widget

CHAPTERS = Path(__file__).parents[2] / "chapters"
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
WORDS = (*ONES.split(), "seventeen", "eighteen", "nineteen", "twenty")


@cache
def cells(stem: str) -> list[NotebookNode]:
    return nbformat.read(CHAPTERS / f"{stem}.ipynb", as_version=4).cells


@cache
def prose(stem: str) -> str:
    """Return what a chapter says between its code cells."""
    text = "\n".join(cell.source for cell in cells(stem) if cell.cell_type == "markdown")
    return text.replace("−", "-")


@cache
def run(stem: str) -> Mapping[str, SimpleNamespace]:
    """Run a chapter without its widgets; return the variables as each cell leaves them, by its id."""
    variables: dict[str, object] = {}
    after = {}
    for cell in cells(stem):
        if cell.cell_type == "code" and "remove-input" not in cell.metadata.get("tags", []):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, f"{stem}, cell {cell.id}", "exec"), variables)
            after[cell.id] = SimpleNamespace(**variables)
    return after


def assert_offered(stem: str, instruction: str, widget: Widget, values: Mapping[str, set[Any]]) -> None:
    """Assert that a chapter gives an instruction, and that the widget has the steps that it names."""
    assert instruction in prose(stem)
    for control, steps in values.items():
        assert steps <= set(widget.controls[control].values)


def assert_minutes(stem: str, questions: Mapping[str, Entry], chapter: int, exercise: int) -> None:
    """Assert that a chapter's parts, and its questions, take about the minutes that the chapter states."""
    text = prose(stem)
    assert f"*Time:* about {chapter} minutes, and {exercise} more for [the exercise]" in text
    (parts,) = re.findall(r"\*\*Minutes\.\*\* ([^.]+)\.", text)
    assert is_about(sum(int(minutes) for minutes in re.findall(r" (\d+)(?= ·|$)", parts)), chapter)
    assert is_about(sum(question.minutes for question in questions.values()), exercise)


def numbers(pattern: str, widget: Widget, **values: Any) -> list[float]:
    """Return the numbers that a pattern finds in a widget's caption, which it sees without commas."""
    caption = widget.caption(**values).replace("−", "-").replace(",", "")
    found = re.search(pattern, caption)
    assert found, f"no {pattern!r} in: {caption}"
    return [float(number) for number in found.groups()]


def year_of(key: str) -> int:
    """Return the year in which a reference was published."""
    references = (CHAPTERS.parent / "references.bib").read_text(encoding="utf-8")
    (entry,) = re.findall(rf"^@\w+\{{{key},.+?^\}}", references, re.DOTALL | re.MULTILINE)
    return int(re.findall(r"^\s*year\s*=\s*\{(\d{4})\}", entry, re.MULTILINE)[0])


def in_words(number: float) -> str:
    """Return a number, rounded, as prose spells it."""
    return WORDS[round(number)]


def in_tex(number: float) -> str:
    """Return a number, rounded, as a formula prints it: 12{,}000."""
    return f"{number:,.0f}".replace(",", "{,}")


def is_about(number: float, target: float) -> bool:
    """Whether "about" a number is fair: it is within a tenth."""
    return abs(number / target - 1) <= 0.1


def is_nearly(number: float, target: float) -> bool:
    """Whether "nearly" or "almost" is fair: it falls short, by a tenth at most."""
    return 0.9 * target <= number < target
