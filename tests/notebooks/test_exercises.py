"""Every exercise is proved, and asks what its solution answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmkit import notebook
from crmkit.exercise import key
from crmkit.exercise.key import Entry
from crmkit.exercise.release import CHECK, key_path
from crmkit.exercise.validate import validate

ROOT = Path(__file__).parents[2]
STEMS = [path.stem for path in sorted((ROOT / "solutions").glob("*.ipynb"))]


def released() -> dict[str, Entry]:
    """Return every released question by its id."""
    return {name: entry for questions in key.topics().values() for name, entry in questions.items()}


def asked(folder: str, stem: str) -> list[str]:
    """Return the ids that the check cells of a notebook name, in order."""
    cells = notebook.read(ROOT / folder / f"{stem}.ipynb").cells
    found = [CHECK.match(cell.source) for cell in cells if cell.cell_type == "code"]
    return [match["question"] for match in found if match]


def test_there_is_an_exercise_for_each_solution_and_no_other():
    assert STEMS
    assert [path.stem for path in sorted((ROOT / "exercises").glob("*.ipynb"))] == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_an_exercise_is_proved(stem: str):
    assert validate(ROOT, stem) == []


@pytest.mark.parametrize("stem", STEMS)
def test_the_exercise_asks_what_the_solution_answers(stem: str):
    assert asked("exercises", stem) == asked("solutions", stem)
    assert len({question.rpartition("-q")[0] for question in asked("exercises", stem)}) == 1


def test_each_released_question_is_asked_once_and_no_other():
    questions = [question for stem in STEMS for question in asked("exercises", stem)]
    assert sorted(questions) == sorted(released())
    topics = {question.rpartition("-q")[0] for question in questions}
    assert {path.name for path in key_path("").parent.glob("*.json")} == {f"{topic}.json" for topic in topics}


@pytest.mark.parametrize("question", released())
def test_each_question_has_two_hints_or_more(question: str):
    entry = released()[question]
    assert len(entry.hints) >= 2
    assert all(hint.strip() for hint in entry.hints)
    assert entry.points > 0
    assert entry.minutes > 0


def test_questions_have_three_declared_mistakes_on_average():
    counts = [len(entry.mistakes) for entry in released().values()]
    assert sum(counts) / len(counts) >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_an_exercise_asks_for_a_function_a_table_and_a_decision(stem: str):
    kinds = {released()[question].form.kind for question in asked("exercises", stem)}
    items = {item.kind for question in asked("exercises", stem) for item in released()[question].form.items}
    assert {"function", "table"} <= kinds
    assert "truth" in kinds | items or "text" in kinds | items
