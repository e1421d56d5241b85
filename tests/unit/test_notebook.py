"""Notebooks: read with a reason, run without a trace of when, and doubted where nbval would not."""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from crmkit import notebook
from crmkit.exercise.record import RUNNERS
from crmkit.notebook import NotebookError

PLAY = """import os, sys
print("to out")
print("to err", file=sys.stderr)
print("to out again")
sorted(name for name in os.environ if name in {names})"""
COUNTED: list[int] = []


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[NotebookNode]]:
    """A notebook; it, run; and that run, run again."""
    folder = tmp_path_factory.mktemp("twice")
    names = {*RUNNERS, "CRMKIT_PROGRESS", "DEMO"}
    source = new_notebook(
        cells=[
            new_markdown_cell("# Title", id="title"),
            new_code_cell(PLAY.format(names=names), id="play", execution_count=7),
            new_code_cell("", id="empty"),
            new_code_cell("from IPython.display import display\ndisplay(1)\nos.getcwd()", id="place"),
            new_code_cell("1 / 0", id="fails"),
        ],
        metadata={"kernelspec": {"name": "other", "display_name": "Other"}, "toc": {"base": 1}},
    )
    source.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    with pytest.MonkeyPatch.context() as patch:
        for name in RUNNERS:
            patch.setenv(name, "1")
        run = partial(
            notebook.execute,
            path=folder / "x.ipynb",
            stop_at_error=False,
            environment={"DEMO": "1"},
            on_cell=lambda: COUNTED.append(1),
        )
        first = run(source)
        yield [source, first, run(first)]


def test_running_twice_gives_no_difference(twice: list[NotebookNode]):
    _, first, second = twice
    assert notebook.to_text(first) == notebook.to_text(second)


def test_a_run_leaves_the_notebook_it_was_given_alone(twice: list[NotebookNode]):
    assert twice[0].cells[1].execution_count == 7
    assert twice[0].cells[1].outputs == []


def test_a_run_counts_from_one(twice: list[NotebookNode]):
    _, first, _ = twice
    assert [cell.get("execution_count") for cell in first.cells] == [None, 1, None, 2, 3]
    assert first.cells[3].outputs[1].execution_count == 2


def test_each_cell_that_is_run_is_reported(twice: list[NotebookNode]):
    assert len(COUNTED) == 2 * 3


def test_errors_can_be_kept_as_outputs(twice: list[NotebookNode]):
    assert twice[1].cells[4].outputs[0].ename == "ZeroDivisionError"


def test_every_cell_has_an_id_of_its_own():
    made = new_notebook(cells=[new_code_cell("1", id="a"), new_code_cell("2"), new_markdown_cell("3")])
    made.cells[1].id = "a"
    del made.cells[2]["id"]
    assert [cell.id for cell in notebook.normal_form(made).cells] == ["a", "cell-2", "cell-3"]


def test_a_run_keeps_the_kits_metadata_only(twice: list[NotebookNode]):
    _, first, _ = twice
    assert first.metadata == notebook.METADATA
    assert first.cells[1].metadata == {}
    assert (first.nbformat, first.nbformat_minor) == (4, 5)


def test_a_stream_cut_into_messages_is_stored_whole(twice: list[NotebookNode]):
    streams = {out.name: out.text for out in twice[1].cells[1].outputs if out.output_type == "stream"}
    assert streams == {"stdout": "to out\nto out again\n", "stderr": "to err\n"}


def test_a_run_is_a_students_session_and_not_a_test(twice: list[NotebookNode]):
    assert all(name in os.environ for name in RUNNERS)
    assert twice[1].cells[1].outputs[-1].data["text/plain"] == "['CRMKIT_PROGRESS', 'DEMO']"


def test_a_run_takes_place_in_the_notebooks_folder(twice: list[NotebookNode]):
    assert "twice" in twice[1].cells[3].outputs[1].data["text/plain"]


def test_a_failing_cell_is_named(tmp_path: Path):
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("price = 1.80"),
        new_code_cell("\n# The margin:\nprice / 0", id="margin"),
        new_code_cell("price"),
    ]
    with pytest.raises(NotebookError) as caught:
        notebook.execute(new_notebook(cells=cells), tmp_path / "x.ipynb")
    assert str(caught.value) == (
        f"{tmp_path / 'x.ipynb'}: cell 3 (id margin), which begins '# The margin:', "
        "failed: ZeroDivisionError: float division by zero"
    )


def test_a_cell_that_kills_the_kernel_is_named(tmp_path: Path):
    cells = [
        new_code_cell("import os", id="setup"),
        new_code_cell("os._exit(1)", id="killer"),
        new_code_cell("1 + 1", id="after"),
    ]
    with pytest.raises(NotebookError) as caught:
        notebook.execute(new_notebook(cells=cells), tmp_path / "x.ipynb")
    assert str(caught.value) == (
        f"{tmp_path / 'x.ipynb'}: cell 2 (id killer), which begins 'os._exit(1)', failed: the kernel died"
    )


def test_a_cell_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notebook, "CELL_SECONDS", 1)
    with pytest.raises(NotebookError, match=r"cell 1 \(id endless\).* failed: did not end within 1 seconds"):
        notebook.execute(
            new_notebook(cells=[new_code_cell("while True: pass", id="endless")]), tmp_path / "x.ipynb"
        )


def test_a_view_of_a_live_widget_is_not_kept():
    view = {notebook.VIEW: {"model_id": "5e1"}, "text/plain": "a box"}
    cell = new_code_cell("box", execution_count=3, outputs=[new_output("display_data", view)])
    (kept,) = notebook.normal_form(new_notebook(cells=[cell])).cells
    assert kept.outputs[0].data == {"text/plain": "a box"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not json", "Notebook does not appear to be JSON"),
        (b"", "Notebook does not appear to be JSON"),
        (b"\xff\xfe\x00", "'utf-8' codec can't decode"),
        (b"{}", ""),
        (b"[]", ""),
        (b"5", ""),
        (b"[" * 100_000, "maximum recursion depth exceeded"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', ""),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}', ""),
        (b'{"nbformat": 99, "nbformat_minor": 5, "metadata": {}, "cells": []}', ""),
    ],
    ids=["text", "empty", "binary", "object", "list", "number", "deep", "no-cells", "no-cell", "future"],
)
def test_what_is_no_notebook_is_said_in_one_line(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        notebook.read(path)
    assert str(caught.value).startswith(f"{path}: this is not a readable notebook ({reason}")
    assert "\n" not in str(caught.value)


def test_a_notebook_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(NotebookError, match=r"x\.ipynb: there is no such notebook$"):
        notebook.read(tmp_path / "x.ipynb")


def test_what_is_written_can_be_read_and_is_written_once(tmp_path: Path):
    path = tmp_path / "folder" / "x.ipynb"
    plain = notebook.normal_form(new_notebook(cells=[new_markdown_cell("价格 × 2")]))
    assert notebook.write(plain, path) is True
    assert notebook.write(plain, path) is False
    assert notebook.read(path) == plain
    text = path.read_text(encoding="utf-8")
    assert "价格 × 2" in text
    assert text.endswith("}\n")
    assert json.loads(text)
    assert [file.name for file in path.parent.iterdir()] == ["x.ipynb"]


def picture(mime: str = "image/png", text: str = "<Figure size 640x480 with 1 Axes>") -> NotebookNode:
    return new_output("display_data", {mime: "aGk=", "text/plain": text})


def tagged(*tags: str) -> NotebookNode:
    return new_code_cell("1", execution_count=1, metadata={"tags": list(tags)})


def ran(source: str, *outputs: NotebookNode) -> NotebookNode:
    return new_code_cell(source, execution_count=1, outputs=list(outputs))


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (new_code_cell("1"), "never run, so nothing is compared"),
        (tagged("raises-exception"), "tag raises-exception"),
        (tagged("nbval-raises-exception"), "tag nbval-raises-exception"),
        (tagged("nbval-ignore-output"), "tag nbval-ignore-output"),
        (tagged("hide-input", "nbval-skip"), "tag nbval-skip"),
        (tagged("pytest-validate-ignore-output"), "tag pytest-validate-ignore-output"),
        (ran("1\n  # NBVAL_IGNORE_OUTPUT"), "an NBVAL comment"),
        (ran("#NBVAL_SKIP\n1"), "an NBVAL comment"),
        (ran("# PYTEST_VALIDATE_IGNORE_OUTPUT"), "an NBVAL comment"),
        (ran("1 / 0", new_output("error", ename="E", evalue="", traceback=[])), "a stored error"),
        (ran("box", new_output("display_data", {notebook.VIEW: {}})), "the view of a live widget"),
        (ran("plot()", picture()), "a picture without its numbers"),
        (ran("plot()", picture("image/jpeg")), "a picture without its numbers"),
        (ran("plot()", picture(text="<CrmFigure size 640x480>")), "a picture without its numbers"),
    ],
)
def test_a_cell_that_nbval_would_pass_unseen_is_named(cell: NotebookNode, fault: str):
    cell.id = "odd"
    first = new_code_cell("2", execution_count=1)
    (found,) = notebook.faults(new_notebook(cells=[first, cell]))
    assert found.startswith("cell odd: ")
    assert fault in found


def test_a_notebook_without_code_is_named():
    assert notebook.faults(new_notebook()) == ["there is no code cell, so nothing is tested"]
    only_text = new_notebook(cells=[new_markdown_cell("a"), new_code_cell("  ")])
    assert notebook.faults(only_text) == ["there is no code cell, so nothing is tested"]


def test_a_sound_notebook_has_no_faults():
    cells = [
        tagged("hide-input"),
        ran("x = 1  # as in the manual of NBVAL"),
        new_code_cell("", id="empty"),
        ran("plot()", picture(text="best price 1.80 yuan")),
        ran("plot()", new_output("stream", text="1.80\n"), picture()),
    ]
    assert notebook.faults(new_notebook(cells=cells)) == []
