"""nbval passes what is committed, and what it would pass unseen is forbidden."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from crmkit import notebook
from crmkit.exercise.release import CHECK, derive
from crmkit.exercise.validate import solved

ROOT = Path(__file__).parents[2]
FOLDERS = ("chapters", "solutions")
COMMITTED = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
STEMS = [path.stem for path in sorted((ROOT / "solutions").glob("*.ipynb"))]

Outcomes = dict[str, dict[int, str]]


def pytest_run(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", *arguments]
    return subprocess.run(
        command, cwd=where, capture_output=True, text=True, env=os.environ | {"COLUMNS": "120"}
    )


def nbval(where: Path, report: Path, *paths: str) -> tuple[Outcomes, str]:
    """Return what nbval says of each code cell, by notebook and position, and what it prints."""
    done = pytest_run(where, "--nbval", f"--junitxml={report}", *paths)
    found: Outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        verdict = next(
            (child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed"
        )
        name = case.get("classname", "").removesuffix(".ipynb").rpartition(".")[2]
        found.setdefault(name, {})[int(case.get("name", "").removeprefix("Cell "))] = verdict
    return found, done.stdout


def code_cells(made: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in made.cells if cell.cell_type == "code"]


def test_nbval_passes_every_code_cell_of_every_chapter_and_solution(tmp_path: Path):
    for folder in FOLDERS:
        assert list((ROOT / folder).glob("*.ipynb")), f"{folder}/ has no notebooks"
    done = pytest_run(ROOT, "--nbval", f"--junitxml={tmp_path / 'report.xml'}", *FOLDERS)
    assert done.returncode == 0, done.stdout
    cells = sum(len(code_cells(notebook.read(path))) for path in COMMITTED)
    assert f"{cells} passed" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: str(path.relative_to(ROOT)))
def test_nbval_looks_at_everything_that_a_committed_notebook_shows(path: Path):
    assert notebook.faults(notebook.read(path)) == []


@pytest.fixture(scope="module")
def exercises(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcomes, str]:
    """What nbval says of each exercise, blank and with the solution's answers pasted in."""
    folder = tmp_path_factory.mktemp("exercises")
    for stem in STEMS:
        released = derive(notebook.read(ROOT / "solutions" / f"{stem}.ipynb"))
        notebook.write(solved(released), folder / f"{stem}-solved.ipynb")
        notebook.write(notebook.read(ROOT / "exercises" / f"{stem}.ipynb"), folder / f"{stem}-blank.ipynb")
    return nbval(folder, folder / "report.xml", ".")


@pytest.mark.parametrize("stem", STEMS)
def test_the_exercise_with_the_solutions_answers_passes(exercises: tuple[Outcomes, str], stem: str):
    outcomes, printed = exercises
    assert set(outcomes[f"{stem}-solved"].values()) == {"passed"}, printed


@pytest.mark.parametrize("stem", STEMS)
def test_in_a_blank_exercise_exactly_the_check_cells_fail(exercises: tuple[Outcomes, str], stem: str):
    outcomes, printed = exercises
    cells = code_cells(notebook.read(ROOT / "exercises" / f"{stem}.ipynb"))
    checks = {position for position, cell in enumerate(cells) if CHECK.match(cell.source)}
    failed = {position for position, verdict in outcomes[f"{stem}-blank"].items() if verdict != "passed"}
    assert failed == checks, printed
    assert len(outcomes[f"{stem}-blank"]) == len(cells)


def ran(source: str, *outputs: NotebookNode, tag: str = "") -> NotebookNode:
    metadata = {"tags": [tag]} if tag else {}
    return new_code_cell(source, id="trap", execution_count=1, outputs=list(outputs), metadata=metadata)


def picture(mime: str) -> NotebookNode:
    """Return a cell that shows another picture than the one that is stored."""
    data = {mime: "bmV3", "text/plain": "<Figure size 9x9>"}
    stored = new_output("display_data", data | {mime: "b2xk"})
    return ran(f"from IPython.display import display\ndisplay({data}, raw=True)", stored)


OLD = new_output("stream", name="stdout", text="old\n")
INTERACT = (
    "from ipywidgets import interact\n\n\ndef triple(x):\n    print(3 * x)\n\n\n_ = interact(triple, x=3)"
)
LIVE = new_output("display_data", {notebook.VIEW: {"model_id": "5e1"}, "text/plain": "interactive(…)"})
# Each shows something else than what is stored, or raises nothing where an error is expected.
TRAPS = {
    "passes-a-cell-never-run": (new_code_cell("print('new')", id="trap"), "never run"),
    "passes-another-png": (picture("image/png"), "a picture without its numbers"),
    "passes-another-jpeg": (picture("image/jpeg"), "a picture without its numbers"),
    "passes-an-error-that-is-not-raised": (ran("x = 1", tag="raises-exception"), "tag raises-exception"),
    "passes-what-a-tag-ignores": (ran("print('new')", OLD, tag="nbval-ignore-output"), "tag nbval-ignore"),
    "passes-what-a-comment-ignores": (ran("# NBVAL_IGNORE_OUTPUT\nprint('new')", OLD), "an NBVAL comment"),
    "passes-interact-if-ignored": (ran(INTERACT, LIVE, tag="nbval-ignore-output"), "tag nbval-ignore"),
    "skips-what-a-tag-skips": (ran("1 / 0", tag="nbval-skip"), "tag nbval-skip"),
    "fails-interact": (ran(INTERACT, LIVE), "the view of a live widget"),
    "fails-another-text": (ran("print('new')", OLD), ""),
}
VERDICTS = {"passes": "passed", "skips": "skipped", "fails": "failure"}


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What nbval says of each trap, of a notebook without cells, and of a copy that a build left."""
    folder = tmp_path_factory.mktemp("traps")
    for name, (cell, _) in TRAPS.items():
        made = new_notebook(cells=[cell], metadata=notebook.METADATA)
        notebook.write(made, folder / f"{name}.ipynb")
    notebook.write(new_notebook(), folder / "passes-nothing.ipynb")
    notebook.write(new_notebook(cells=[ran("x = 1")]), folder / "_build" / "left-by-a-build.ipynb")
    return nbval(folder, folder / "report.xml", ".")[0]


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_real(trapped: Outcomes, name: str):
    assert trapped[name] == {0: VERDICTS[name.partition("-")[0]]}


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_named(name: str):
    cell, fault = TRAPS[name]
    found = notebook.faults(new_notebook(cells=[cell]))
    if fault:
        assert any(each.startswith("cell trap: ") and fault in each for each in found)
    else:
        assert found == []


def test_nbval_says_nothing_of_a_notebook_without_cells_and_that_is_named(trapped: Outcomes):
    assert "passes-nothing" not in trapped
    assert notebook.faults(new_notebook()) == ["there is no code cell, so nothing is tested"]


def test_a_bare_nbval_runs_what_a_build_left_and_the_settings_forbid_it(trapped: Outcomes, tmp_path: Path):
    assert trapped["left-by-a-build"] == {0: "passed"}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    avoided = settings["ini_options"]["norecursedirs"]
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\nnorecursedirs = {avoided}\n")
    notebook.write(new_notebook(cells=[ran("x = 1")]), tmp_path / "_build" / "left-by-a-build.ipynb")
    notebook.write(new_notebook(cells=[ran("x = 1")]), tmp_path / "chapter.ipynb")
    collected = pytest_run(tmp_path, "--nbval", "--collect-only", ".").stdout.splitlines()
    assert [line for line in collected if "::" in line] == ["chapter.ipynb::Cell 0"]
