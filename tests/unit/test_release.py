"""From a solution to its exercise: stubs, dropped cells, nbgrader's metadata, and no second difference."""

import ast
import copy
import json
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from crmkit import notebook
from crmkit.exercise import release as releasing
from crmkit.exercise.answer import Form
from crmkit.exercise.key import Entry
from crmkit.exercise.release import Release, answer_alone, derive, release, stub
from crmkit.notebook import NotebookError


@pytest.fixture
def demo_release(demo_solution: NotebookNode) -> Release:
    return derive(demo_solution)


@pytest.fixture
def exercise(demo_release: Release) -> dict[str, NotebookNode]:
    """The cells of the released exercise, by id."""
    return {cell.id: cell for cell in demo_release.exercise.cells}


def test_a_number_is_left_as_a_plain_name(exercise: dict[str, NotebookNode]):
    assert exercise["margin"].source == "margin = ..."


def test_a_function_keeps_what_stands_before_it_its_signature_and_its_docstring(
    exercise: dict[str, NotebookNode],
):
    assert exercise["contribution"].source == (
        "# Your function:\n"
        "def contribution(price, units=1):\n"
        '    """Return the contribution of some units, in yuan."""\n'
        "    ..."
    )


def test_a_dict_keeps_its_keys(exercise: dict[str, NotebookNode]):
    assert exercise["offer"].source == 'offer = {\n    "price": ...,\n    "cut": ...,\n}'


def test_a_free_text_is_replaced_by_an_invitation(exercise: dict[str, NotebookNode]):
    assert exercise["memo"].source == "Your memo:\n*Write your answer here.*"


def test_cells_for_the_instructor_are_dropped_and_no_others(
    exercise: dict[str, NotebookNode], demo: NotebookNode
):
    assert list(exercise) == [cell.id for cell in demo.cells if cell.id != "board"]


def test_given_cells_keep_their_outputs_and_those_of_the_student_have_none(exercise: dict[str, NotebookNode]):
    assert exercise["given"].outputs[0].data["text/plain"] == "60"
    for name in ("margin", "margin-check", "contribution", "contribution-check", "offer", "progress"):
        assert exercise[name].outputs == []
        assert exercise[name].execution_count is None


def test_the_solution_keeps_every_cell_and_output(demo_release: Release, demo_solution: NotebookNode):
    assert [cell.source for cell in demo_release.solution.cells] == [
        cell.source for cell in demo_solution.cells
    ]
    assert demo_release.solution.cells[5].outputs[0].data["text/plain"].startswith("✔ Correct · demo-q1")


@pytest.mark.parametrize("which", ["solution", "exercise"])
def test_the_metadata_are_valid_for_nbgrader(demo_release: Release, which: str):
    validator = pytest.importorskip("nbgrader.nbgraderformat").MetadataValidator()
    made = getattr(demo_release, which)
    validator.validate_nb(made)
    ids = [cell.metadata.nbgrader.grade_id for cell in made.cells if "nbgrader" in cell.metadata]
    assert len(ids) == len(set(ids)) == 7


def test_ids_and_points_are_those_of_the_declaration(
    demo_release: Release, exercise: dict[str, NotebookNode]
):
    stamps = {name: cell.metadata.nbgrader for name, cell in exercise.items() if "nbgrader" in cell.metadata}
    assert {name: (stamp.grade_id, stamp.get("points")) for name, stamp in stamps.items()} == {
        "margin": ("demo-q1-answer", None),
        "margin-check": ("demo-q1", 2),
        "contribution": ("demo-q2-answer", None),
        "contribution-check": ("demo-q2", 3),
        "offer": ("demo-q3-answer", None),
        "offer-check": ("demo-q3", 1),
        "memo": ("memo", 4),
    }
    for name in ("margin", "contribution", "offer"):
        assert (stamps[name].solution, stamps[name].grade, stamps[name].locked) == (True, False, False)
        check = stamps[f"{name}-check"]
        assert (check.solution, check.grade, check.locked) == (False, True, True)
    assert demo_release.points == 6


def test_the_key_is_what_was_declared(demo_release: Release):
    key = json.loads(demo_release.key_text)
    assert key["topic"] == "demo"
    entries = {name: Entry.from_json(name, each) for name, each in key["questions"].items()}
    assert {name: (entry.points, entry.minutes) for name, entry in entries.items()} == {
        "demo-q1": (2, 5),
        "demo-q2": (3, 5),
        "demo-q3": (1, 5),
    }


def test_deriving_twice_gives_no_difference(demo_release: Release):
    again = derive(demo_release.solution)
    assert notebook.to_text(again.solution) == notebook.to_text(demo_release.solution)
    assert notebook.to_text(again.exercise) == notebook.to_text(demo_release.exercise)
    assert again.key_text == demo_release.key_text


def test_a_release_of_a_release_gives_no_difference(demo_release: Release, tmp_path: Path):
    path = tmp_path / "demo.ipynb"
    notebook.write(demo_release.solution, path)
    again = release(path)
    assert notebook.to_text(again.solution) == notebook.to_text(demo_release.solution)
    assert notebook.to_text(again.exercise) == notebook.to_text(demo_release.exercise)
    assert again.key_text == demo_release.key_text


def test_new_points_reach_the_metadata(demo_solution: NotebookNode):
    changed = copy.deepcopy(demo_solution)
    declared = changed.cells[4].outputs[0].data["application/vnd.crmkit.question+json"]
    declared["entry"]["points"] = 7
    changed.cells[5].metadata["nbgrader"] = {"grade_id": "old", "points": 1}
    stamped = derive(changed).exercise.cells[4]
    assert (stamped.metadata.nbgrader.grade_id, stamped.metadata.nbgrader.points) == ("demo-q1", 7)


def without(solution: NotebookNode, name: str) -> NotebookNode:
    shorter = copy.deepcopy(solution)
    shorter.cells = [cell for cell in shorter.cells if cell.id != name]
    return shorter


def test_a_question_without_a_check_is_refused(demo_solution: NotebookNode):
    with pytest.raises(ValueError, match=r"one question\(…\) and one check\(…\); this fails for demo-q1$"):
        derive(without(demo_solution, "margin-check"))


def test_a_check_without_a_question_is_refused(demo_solution: NotebookNode):
    with pytest.raises(ValueError, match=r"this fails for demo-q1$"):
        derive(without(demo_solution, "margin"))


def test_a_question_checked_twice_is_refused(demo_solution: NotebookNode):
    twice = copy.deepcopy(demo_solution)
    twice.cells.append(new_code_cell('check("demo-q1", margin)', id="again"))
    with pytest.raises(ValueError, match=r"this fails for demo-q1$"):
        derive(twice)


def test_a_question_declared_twice_is_refused_with_its_cell(demo_solution: NotebookNode):
    twice = copy.deepcopy(demo_solution)
    twice.cells.append(copy.deepcopy(twice.cells[4]))
    twice.cells[-1].id = "again"
    with pytest.raises(ValueError, match="demo-q1 is declared twice, again in cell again"):
        derive(twice)


def test_two_topics_in_one_notebook_are_refused(demo_solution: NotebookNode):
    mixed = copy.deepcopy(demo_solution)
    mixed.cells[4].outputs[0].data["application/vnd.crmkit.question+json"]["question"] = "other-q1"
    mixed.cells[5].source = 'check("other-q1", margin)'
    with pytest.raises(ValueError, match=r"one notebook holds one topic, not \['demo', 'other'\]"):
        derive(mixed)


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\nmargin = 1",
        "### BEGIN SOLUTION\nmargin = 1\n### END SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
        "margin = 1",
    ],
    ids=["open", "two", "none"],
)
def test_an_answer_cell_needs_one_closed_region(demo_solution: NotebookNode, source: str):
    changed = copy.deepcopy(demo_solution)
    changed.cells[4].source = source
    with pytest.raises(ValueError, match="cell margin needs one region between '### BEGIN SOLUTION' and"):
        derive(changed)


def test_a_solution_without_a_question_would_be_released_and_is_refused(demo_solution: NotebookNode):
    changed = copy.deepcopy(demo_solution)
    changed.cells[3].source = "### BEGIN SOLUTION\nbottles = []\n### END SOLUTION"
    with pytest.raises(ValueError, match="cell given has a solution region but declares no question in it"):
        derive(changed)


def test_a_refused_declaration_names_the_cell_and_the_reason(demo: NotebookNode, tmp_path: Path):
    margin = demo.cells[4]
    margin.source = margin.source.replace("0.60 / 1.20", "0.60 / 1.80")
    demo.cells = [demo.cells[1], margin, demo.cells[5]]
    path = tmp_path / "demo.ipynb"
    notebook.write(demo, path)
    with pytest.raises(NotebookError) as caught:
        release(path)
    assert str(caught.value).startswith(
        f"{path}: cell 2 (id margin), which begins '### BEGIN SOLUTION', failed: "
    )
    assert "demo-q1: the mistake" in str(caught.value)
    assert "is met with: ✔ Correct" in str(caught.value)


def test_keys_are_kept_in_the_package_unless_another_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert releasing.key_path("demo") == Path(releasing.__file__).parent / "keys" / "demo.json"
    monkeypatch.setenv("CRMKIT_KEYS", str(tmp_path))
    assert releasing.key_path("demo") == tmp_path / "demo.json"


NUMBER = Form("number", tolerance=1.0)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("from math import inf\nx = 3", "f = ..."),
        ("def f(a, *, b=2):\n    return a", "def f(a, *, b=2):\n    ..."),
        ("def f(\n    a,\n    b=2,\n):\n    '''Doc.\n\n    More.\n    '''\n    return a", None),
        ("def g(a):\n    return a\n\n\ndef f(a):\n    return g(a)", "def f(a):\n    ..."),
        ("@cache\ndef f(a):\n    # why\n    return a", "def f(a):\n    ..."),
        (
            "def f(a: float) -> float:\n    # why\n    b = a\n    return b",
            "def f(a: float) -> float:\n    ...",
        ),
    ],
    ids=["name", "signature", "long", "helper", "decorated", "comment"],
)
def test_a_stub_shows_nothing_of_the_solution(region: str, expected: str | None):
    made = stub(region, "f", NUMBER)
    ast.parse(made)
    if expected is None:
        expected = region.replace("return a", "...")
    assert made == expected


def test_a_key_of_a_dict_may_hold_any_character():
    form = Form("dict", names=("it's", 'a "b"', "价格"), items=(NUMBER,) * 3)
    assert list(ast.literal_eval(stub("", "x", form).partition(" = ")[2])) == ["it's", 'a "b"', "价格"]


def test_an_answer_alone_has_neither_marks_nor_declaration(demo: NotebookNode):
    alone = [answer_alone(demo.cells[place].source) for place in (4, 6)]
    assert alone[0] == "margin = (1.80 - 1.20) / 1.80"
    assert "question" not in alone[1]
    assert alone[1].startswith("# Your function:\ndef contribution(")
    assert alone[1].endswith("return surplus_of_one * units")


@pytest.mark.parametrize("missing", ["grade", "solution", "points"])
def test_a_model_answer_in_words_that_nobody_could_mark_is_refused(demo_solution: NotebookNode, missing: str):
    changed = copy.deepcopy(demo_solution)
    (memo,) = [cell for cell in changed.cells if cell.id == "memo"]
    del memo.metadata["nbgrader"][missing]
    with pytest.raises(
        ValueError, match="cell memo has a model answer in words but cannot be marked by hand"
    ):
        derive(changed)
