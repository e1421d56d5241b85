"""The command `crmkit`: help with an example, and one clear line for each mistake of its user."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from crmkit import cli, notebook
from crmkit.exercise import key

Run = Callable[..., Result]
COMMANDS = sorted({*cli.main.commands, "site", "publish", "pdf", "links"})
IN_A_COURSE = [name for name in COMMANDS if not isinstance(cli.main.commands.get(name), click.Group)]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder without notebooks, in which the command is run."""
    (tmp_path / "_config.yml").touch()
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(key.VARIABLE, str(tmp_path / "keys"))
    return tmp_path


@pytest.fixture
def run() -> Iterator[Run]:
    """A function that runs the command with arguments."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, arguments)

    return invoke


def said(result: Result) -> str:
    """Return the one line that a failed command says."""
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("crmkit: ")
    return line.removeprefix("crmkit: ")


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS), ("data", "build")], ids=str)
def test_each_command_has_a_help_with_an_example(run: Run, command: tuple[str, ...]):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Example: " in result.output
    assert "crmkit" in result.output.partition("Example: ")[2]


def test_the_commands_of_the_instructors_path_are_there():
    assert {"execute", "release", "validate", "site", "lab"} <= set(COMMANDS)


@pytest.mark.parametrize("command", IN_A_COURSE)
def test_outside_a_course_folder_each_command_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
):
    monkeypatch.chdir(tmp_path)
    assert said(run(command)) == (
        f"{tmp_path} is not inside a course folder (one with _config.yml and solutions/); go there first"
    )


@pytest.mark.parametrize("command", ["release", "validate"])
def test_a_course_without_solutions_is_said(run: Run, course: Path, command: str):
    assert said(run(command)) == f"there are no notebooks in {course / 'solutions'}"


def test_a_course_without_chapters_is_said(run: Run, course: Path):
    assert said(run("execute")) == f"there are no notebooks in {course / 'chapters'}"


@pytest.mark.parametrize("command", ["release", "validate", "lab"])
@pytest.mark.parametrize("name", ["02-pricng", "02-pricng.ipynb", "solutions/02-pricng.ipynb"])
def test_an_unknown_stem_lists_what_there_is(run: Run, course: Path, command: str, name: str):
    for stem in ("02-pricing", "04-4c"):
        (course / "solutions" / f"{stem}.ipynb").touch()
    stem = name if name == "02-pricng" else "02-pricng"
    assert said(run(command, name)) == f"no solution notebook {stem!r}; there are 02-pricing, 04-4c"


@pytest.mark.parametrize("command", [("execute", "solutions/demo.ipynb"), ("release",), ("validate", "demo")])
def test_an_unreadable_notebook_is_named(run: Run, course: Path, command: tuple[str, ...]):
    (course / "solutions" / "demo.ipynb").write_text("not a notebook", encoding="utf-8")
    line = said(run(*command))
    assert "demo.ipynb: this is not a readable notebook (Notebook does not appear to be JSON" in line


def test_a_notebook_that_is_not_there_is_named(run: Run, course: Path):
    assert said(run("execute", "chapters/none.ipynb")) == "chapters/none.ipynb: there is no such notebook"
    assert "Is a directory" in said(run("execute", "solutions"))


def test_a_broken_solution_names_its_cell(run: Run, course: Path, demo: NotebookNode):
    demo.cells[3].source = "bottles = [10, 20\nsum(bottles)"
    notebook.write(demo, course / "solutions" / "demo.ipynb")
    before = (course / "solutions" / "demo.ipynb").read_bytes()
    line = said(run("release"))
    assert "demo.ipynb: cell 4 (id given), which begins 'bottles = [10, 20', failed: SyntaxError: " in line
    assert (course / "solutions" / "demo.ipynb").read_bytes() == before
    assert not (course / "exercises").exists()


def test_a_release_is_written_once_then_validated_and_its_decay_is_noticed(
    run: Run, course: Path, demo: NotebookNode
):
    notebook.write(demo, course / "solutions" / "demo.ipynb")
    first = run("release", "solutions/demo.ipynb")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "released: 3 questions, 6 points" in first.output
    written = {path: path.read_bytes() for path in course.rglob("demo.*")}
    assert {str(path.relative_to(course)) for path in written} == {
        "solutions/demo.ipynb",
        "exercises/demo.ipynb",
        "keys/demo.json",
    }

    second = run("validate")
    assert (second.exit_code, second.stderr) == (0, "")
    assert "demo: no faults" in second.output

    exercise = course / "exercises" / "demo.ipynb"
    exercise.write_bytes(written[exercise].replace(b"# Demo", b"# Edited"))
    third = run("release", "--check")
    assert said(third) == "demo.ipynb: not what the solution gives now; run crmkit release demo"
    assert exercise.read_bytes() != written[exercise]

    fourth = run("release")
    assert fourth.exit_code == 0
    assert {path: path.read_bytes() for path in written} == written


def test_faults_are_listed_and_counted_in_one_line(
    run: Run, course: Path, demo: NotebookNode, monkeypatch: pytest.MonkeyPatch
):
    notebook.write(demo, course / "solutions" / "demo.ipynb")
    monkeypatch.setattr("crmkit.exercise.validate.validate", lambda root, stem, on_step: ["this", "that"])
    result = run("validate")
    assert said(result) == "2 faults; the exercises are not ready"
    assert result.stdout.splitlines()[-2:] == ["  demo: this", "  demo: that"]


def test_a_chapter_is_executed_once_and_a_change_is_noticed(run: Run, course: Path):
    path = course / "chapters" / "demo.ipynb"
    notebook.write(new_notebook(cells=[new_code_cell("1 + 1", id="sum")]), path)
    assert said(run("execute", "--check")) == (f"not as a run leaves them: {path}; run crmkit execute")
    assert notebook.read(path).cells[0].outputs == []
    assert "  written" in run("execute").output
    assert notebook.read(path).cells[0].outputs[0].data["text/plain"] == "2"
    assert "  unchanged" in run("execute", "chapters/demo.ipynb").output
