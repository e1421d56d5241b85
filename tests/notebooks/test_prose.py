"""What the prose of every chapter states in the same words; a chapter's own numbers have a file each."""

from __future__ import annotations

import re

import nbformat
import pytest
from prose import CHAPTERS, cells, in_words, prose

from crmkit import quick, widgets
from crmkit.exercise import key

CONTENTS = (CHAPTERS.parent / "_toc.yml").read_text(encoding="utf-8")
STEMS = re.findall(r"file: chapters/(\S+)", CONTENTS)


def topic(stem: str) -> str:
    """Return the module of a chapter's widgets and quick questions, which its cells import."""
    code = "\n".join(cell.source for cell in cells(stem) if cell.cell_type == "code")
    (module,) = re.findall(r"^from crmkit\.quick import (\w+) as quick$", code, re.MULTILINE)
    return module


@pytest.mark.parametrize("stem", STEMS)
def test_a_chapter_counts_its_quick_questions_right(stem: str) -> None:
    questions = quick.find(topic(stem)).questions
    assert f"\n{in_words(len(questions)).capitalize()} quick questions." in prose(stem)


@pytest.mark.parametrize("stem", STEMS)
def test_a_chapter_counts_the_questions_of_its_exercise_right(stem: str) -> None:
    checked = key.topics()[topic(stem)]
    exercise = nbformat.read(CHAPTERS.parent / f"exercises/{stem}.ipynb", as_version=4)
    marks = [cell.metadata.get("nbgrader", {}) for cell in exercise.cells]
    memos = [mark["grade_id"] for mark in marks if mark.get("grade") and mark.get("solution")]
    assert memos == [f"{topic(stem)}-q{len(checked) + number}" for number in range(1, len(memos) + 1)]
    by_hand = "a memo" if len(memos) == 1 else f"a report in {in_words(len(memos))} parts"
    assert f"**, {in_words(len(checked))} questions and {by_hand}." in prose(stem)


@pytest.mark.parametrize("stem", STEMS)
def test_each_try_stands_over_a_widget_and_asks_what_it_shows(stem: str) -> None:
    tries = [
        (cell.source, played.source)
        for cell, played in zip(cells(stem), cells(stem)[1:], strict=False)
        if cell.cell_type == "markdown" and "**Try:**" in cell.source
    ]
    assert len(tries) == prose(stem).count("**Try:**")
    for text, played in tries:
        asked = text.partition("**Try:**")[2]
        assert re.search(r"\*[A-Z][^*]+\?\*", asked), f"asks nothing: {asked}"
        name = played.splitlines()[-1].replace("play.", f"{topic(stem)}.")
        assert widgets.find(name).name == name


@pytest.mark.parametrize("stem", STEMS)
def test_each_widget_of_a_chapter_comes_with_something_to_try(stem: str) -> None:
    shown = [cell for cell in cells(stem) if re.search(r"^play\.\w+$", cell.source, re.MULTILINE)]
    assert len(shown) == prose(stem).count("**Try:**")
