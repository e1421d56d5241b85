"""A solution notebook goes through nbgrader unchanged, and the marks are right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.record import RUNNERS
from crmkit.exercise.release import Release, answer_alone, derive
from crmkit.exercise.validate import leaks

pytest.importorskip("nbgrader", reason="needs the nbgrader extra")
pytestmark = pytest.mark.nbgrader

ROOT = Path(__file__).parents[2]
STEM = "02-pricing"
MISTAKEN, MISTAKE = "pricing-q2", "elasticity = (-20 / 100) / (2 / 10)"


def nbgrader(course: Path, *arguments: str) -> None:
    """Run an nbgrader command in the course, as an instructor would."""
    clean = {name: value for name, value in os.environ.items() if name not in RUNNERS}
    # It calls alembic from the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), clean["PATH"]])
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, env=clean | {"PATH": path})
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def fresh() -> Release:
    return derive(notebook.read(ROOT / "solutions" / f"{STEM}.ipynb"))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, fresh: Release) -> Path:
    """A course in which nbgrader has released, graded and given feedback on three submissions."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text('get_config().CourseDirectory.course_id = "crm"\n')
    source = folder / "source" / "pricing" / f"{STEM}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes((ROOT / "solutions" / f"{STEM}.ipynb").read_bytes())
    nbgrader(folder, "generate_assignment", "pricing")

    answers = {cell.id: answer_alone(cell.source) for cell in answer_cells(fresh.solution)}
    mistaken = {cell.id: cell.metadata.crmkit.question == MISTAKEN for cell in answer_cells(fresh.solution)}
    submit(folder, "solved", lambda cell: answers[cell.id])
    submit(folder, "blank", lambda cell: cell.source)
    submit(folder, "mistaken", lambda cell: MISTAKE if mistaken[cell.id] else answers[cell.id])
    nbgrader(folder, "autograde", "pricing")
    nbgrader(folder, "generate_feedback", "pricing")
    return folder


def answer_cells(made: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in made.cells if cell.metadata.get("crmkit", {}).get("role") == "answer")


def submit(course: Path, student: str, answer: Callable[[NotebookNode], str]) -> None:
    """Hand in nbgrader's own release with the answers of a student."""
    given = notebook.read(course / "release" / "pricing" / f"{STEM}.ipynb")
    for cell in answer_cells(given):
        cell.source = answer(cell)
    if student != "blank":
        memo = next(cell for cell in given.cells if cell.id == "pricing-q10")
        memo.source = "No: it needs more bottles than it brings."
    notebook.write(given, course / "submitted" / student / "pricing" / f"{STEM}.ipynb")


@pytest.fixture(scope="module")
def grades(course: Path) -> dict[str, dict[str, Any]]:
    """The grades of each student by question, as in nbgrader's gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.max_score, grade.needs_manual_grade)
                for grade in submission.notebooks[0].grades
            }
            for submission in gradebook.assignment_submissions("pricing")
        }


def test_the_release_has_every_question_with_its_points(grades: dict[str, dict[str, Any]], fresh: Release):
    declared = {name: each["entry"]["points"] for name, each in fresh.questions.items()}
    for of_student in grades.values():
        assert {name: most for name, (_, most, _) in of_student.items()} == {**declared, "pricing-q10": 6}


def test_the_solution_earns_full_points(grades: dict[str, dict[str, Any]], fresh: Release):
    automatic = {name: grade for name, grade in grades["solved"].items() if name != "pricing-q10"}
    assert all(score == most for score, most, _ in automatic.values())
    assert sum(score for score, _, _ in automatic.values()) == fresh.points


def test_a_blank_exercise_earns_nothing(grades: dict[str, dict[str, Any]]):
    assert {score for score, _, _ in grades["blank"].values()} == {0}


def test_one_mistake_costs_the_points_of_its_question(grades: dict[str, dict[str, Any]]):
    expected = {**grades["solved"], MISTAKEN: (0, grades["solved"][MISTAKEN][1], False)}
    assert grades["mistaken"] == expected


@pytest.mark.parametrize("student", ["solved", "mistaken"])
def test_the_memo_is_left_for_the_instructor(grades: dict[str, dict[str, Any]], student: str):
    assert grades[student]["pricing-q10"] == (None, 6, True)


def test_the_release_shows_nothing_of_the_solution(course: Path, fresh: Release):
    released = notebook.read(course / "release" / "pricing" / f"{STEM}.ipynb")
    assert list(leaks(replace(fresh, exercise=released))) == []
    text = json.dumps(released, ensure_ascii=False)
    assert "raise NotImplementedError" in text
    for declared in fresh.questions.values():
        for hint in declared["entry"]["hints"]:
            assert json.dumps(hint, ensure_ascii=False)[1:-1] not in text


@pytest.mark.parametrize("student", ["solved", "blank", "mistaken"])
def test_there_is_feedback_for_each_student(course: Path, student: str, fresh: Release):
    page = course / "feedback" / student / "pricing" / f"{STEM}.html"
    text = page.read_text(encoding="utf-8")
    assert "pricing-q10" in text
    assert ("NotCorrect" in text) == (student == "mistaken")


def test_the_feedback_on_a_mistake_names_the_misconception(course: Path):
    page = course / "feedback" / "mistaken" / "pricing" / f"{STEM}.html"
    assert "You measured both changes from the first point." in page.read_text(encoding="utf-8")
