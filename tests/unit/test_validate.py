"""`validate` reports each fault that would reach students, and nothing else."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from crmkit import notebook
from crmkit.exercise.release import Release, derive, key_path
from crmkit.exercise.validate import leaks, mistake_faults, solved, stale, validate

Put = Callable[[NotebookNode], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """A function that makes a course of one solution notebook and returns its folder."""

    def write(solution: NotebookNode) -> Path:
        notebook.write(solution, tmp_path / "solutions" / "demo.ipynb")
        return tmp_path

    return write


def write_release(root: Path, made: Release) -> None:
    notebook.write(made.solution, root / "solutions" / "demo.ipynb")
    notebook.write(made.exercise, root / "exercises" / "demo.ipynb")
    notebook.write_text(made.key_text, key_path("demo"))


@pytest.fixture
def demo_release(demo_solution: NotebookNode) -> Release:
    return derive(demo_solution)


@pytest.mark.usefixtures("no_keys")
def test_a_sound_exercise_has_no_faults(put: Put, demo_release: Release):
    root = put(demo_release.solution)
    write_release(root, demo_release)
    steps: list[str] = []
    assert validate(root, "demo", on_step=steps.append) == []
    assert steps == [
        "run the solution",
        "run the blank exercise",
        "run the solved exercise",
        "look for mistakes that pass and answers that leak",
    ]


@pytest.mark.usefixtures("no_keys")
def test_each_planted_fault_is_reported_before_anything_was_released(put: Put, demo: NotebookNode):
    cells = {cell.id: cell for cell in demo.cells}
    cells["given"].source = "price = 2\nprint(0.3333)\nsurplus_of_one = price - 1.20"
    uses = new_code_cell("margin + 1", id="uses")
    spoils = new_code_cell("if margin is not ...:\n    margin = 0.5", id="spoils")
    first = [cells[name] for name in ("setup", "given", "margin")]
    demo.cells = [*first, uses, spoils, *demo.cells[5:]]
    assert set(validate(put(demo), "demo")) == {
        "demo.ipynb: not what the solution gives now; run crmkit release demo",
        "demo.json: not what the solution gives now; run crmkit release demo",
        "blank, cell uses fails: TypeError: unsupported operand type(s) for +: 'ellipsis' and 'int'",
        "demo-q1: the solution earns nothing, check says MISTAKE",
        "demo-q1: '0.3333' stands in the exercise",
        "the line 'surplus_of_one = price - 1.20' of a solution stands in the exercise",
    }


def with_cell(made: Release, cell: NotebookNode) -> Release:
    """Return the release with one more given cell in its exercise."""
    exercise = copy.deepcopy(made.exercise)
    exercise.cells.append(cell)
    return replace(made, exercise=exercise)


def test_the_demo_leaks_nothing(demo_release: Release):
    assert list(leaks(demo_release)) == []


@pytest.mark.parametrize("shown", ["1.6249", "about 1.6249 yuan", "(1.6249)", "= 1.6249.", "-1.6249", "1.62"])
def test_a_leaked_number_is_found(demo_release: Release, shown: str):
    (found,) = leaks(with_cell(demo_release, new_markdown_cell(f"The price is {shown}")))
    assert found.startswith("demo-q3: '1.62")
    assert found.endswith("stands in the exercise")


@pytest.mark.parametrize("shown", ["1.62494", "11.6249", "1.6249.5", "v1.6249", "162"])
def test_a_number_that_only_contains_it_is_none(demo_release: Release, shown: str):
    assert list(leaks(with_cell(demo_release, new_markdown_cell(f"The price is {shown}")))) == []


@pytest.mark.parametrize("shown", ["0.333333", "[0.33333333 1.        ]", "0.33333333333333337"])
def test_a_number_leaked_by_an_output_is_found(demo_release: Release, shown: str):
    leaky = copy.deepcopy(demo_release.exercise)
    leaky.cells[2].outputs[0].data["text/plain"] = shown
    (found,) = leaks(replace(demo_release, exercise=leaky))
    assert found.startswith("demo-q1: '0.333333")


def test_a_leaked_mistake_and_its_message_are_found(demo_release: Release):
    told = new_markdown_cell('Not 1.6211! That is the mark-up on cost, "not" on price.')
    found = list(leaks(with_cell(demo_release, told)))
    assert "demo-q3: '1.6211' stands in the exercise" in found
    assert "demo-q1: 'That is the mark-up on cost, \"not\" on price.' stands in the exercise" in found


@pytest.mark.parametrize(
    "line",
    [
        "return surplus_of_one * units",
        'offer = {"price": 1.6249, "cut": False}',
        "Do not cut the price, for the rival would answer within a week.",
    ],
)
def test_a_leaked_line_of_a_solution_is_found(demo_release: Release, line: str):
    told = new_markdown_cell(f"```\n{line}\n```")
    found = list(leaks(with_cell(demo_release, told)))
    assert f"the line {line!r} of a solution stands in the exercise" in found


def test_a_leak_in_the_key_is_found(demo_release: Release):
    key = copy.deepcopy(demo_release.key)
    key["questions"]["demo-q1"]["hints"].append("It is 0.3333.")
    assert list(leaks(replace(demo_release, key=key))) == ["demo-q1: '0.3333' stands in the key"]


def test_a_mistake_that_would_pass_is_found(demo_release: Release):
    questions = copy.deepcopy(demo_release.questions)
    questions["demo-q1"]["mistakes"][0] |= {"outcome": "CORRECT", "said": []}
    (found,) = mistake_faults(replace(demo_release, questions=questions))
    assert found.startswith("demo-q1: the mistake 'That is the mark-up on cost")
    assert list(mistake_faults(demo_release)) == []


@pytest.mark.parametrize("part", ["solution", "exercise", "key"])
def test_a_stale_release_is_found(tmp_path: Path, no_keys: Path, demo_release: Release, part: str):
    write_release(tmp_path, demo_release)
    assert list(stale(tmp_path, "demo", demo_release)) == []
    path = {"key": no_keys / "demo.json"}.get(part, tmp_path / f"{part}s" / "demo.ipynb")
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    (found,) = stale(tmp_path, "demo", demo_release)
    assert found == f"{path.name}: not what the solution gives now; run crmkit release demo"
    path.unlink()
    assert list(stale(tmp_path, "demo", demo_release)) == [found]


def test_a_solved_exercise_has_the_answers_and_no_declarations(demo_release: Release):
    filled = solved(demo_release)
    answers = {cell.id: cell.source for cell in filled.cells}
    assert answers["margin"] == "margin = (1.80 - 1.20) / 1.80"
    assert not [name for name, source in answers.items() if "question(" in source or "###" in source]
    assert [cell.id for cell in filled.cells] == [cell.id for cell in demo_release.exercise.cells]
