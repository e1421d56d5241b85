"""Read, run and write notebooks so that a second run without a change gives no difference."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from crmkit.exercise.record import RUNNERS, VARIABLE

CELL_SECONDS = 120
# Views of live widgets point to a kernel that is gone, and their ids differ from run to run.
VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
# What tells nbval to compare less: as a tag, and as a comment.
SWITCHES_OFF = (
    "raises-exception",
    "nbval-raises-exception",
    "nbval-ignore-output",
    "nbval-skip",
    "pytest-validate-ignore-output",
)
SWITCH = re.compile(r"#\s*(NBVAL|PYTEST_VALIDATE)_")
NUMERAL = re.compile(r"\d")
FIGURE = re.compile(r"<\w+ size \d")


class NotebookError(Exception):
    """A notebook cannot be read, run or used; the message names the file and the cell."""


def read(path: Path) -> NotebookNode:
    """Return the notebook in a file.

    Raises
    ------
    NotebookError : no such file, or it is not a notebook of format 4.
    """
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such notebook") from None
    except (ValueError, AttributeError, RecursionError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise NotebookError(f"{path}: this is not a readable notebook ({reason})") from None
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """Return the notebook as the text of its file."""
    return nbformat.writes(notebook, version=4, ensure_ascii=False).rstrip("\n") + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write the notebook unless the file already holds just that; return whether it was written."""
    return write_text(to_text(notebook), path)


def write_text(text: str, path: Path) -> bool:
    """Write a file whole or not at all, unless it already holds just that; return whether it was written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return True


def execute(
    notebook: NotebookNode,
    path: Path,
    *,
    stop_at_error: bool = True,
    environment: Mapping[str, str] | None = None,
    on_cell: Callable[[], Any] = lambda: None,
) -> NotebookNode:
    """Return a copy of the notebook, run from top to bottom in a fresh kernel, in normal form.

    Parameters
    ----------
    notebook : the notebook; it is not changed.
    path : where it stands; the kernel runs in that folder, and errors name the file.
    stop_at_error : raise at the first cell that fails, rather than keep its error as an output.
    environment : variables that the kernel gets besides those of this process.
    on_cell : called after each code cell.

    Raises
    ------
    NotebookError : a cell failed, ran for too long or killed the kernel; the message names the cell.
    """
    run = copy.deepcopy(notebook)
    begun = [0]

    client = NotebookClient(
        run,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        allow_errors=not stop_at_error,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
        on_cell_executed=lambda cell, cell_index, execute_reply: on_cell(),
        # ipykernel warns on each start that local traffic is not encrypted.
        extra_arguments=["--log-level=ERROR"],
    )
    # A run is a student's session, also when a test or a grader asks for it.
    inherited = {name: value for name, value in os.environ.items() if name not in RUNNERS}
    try:
        client.execute(env={**inherited, VARIABLE: "off", **(environment or {})})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise NotebookError(_failure(path, run, begun[-1], error)) from None
    return normal_form(run)


def _failure(path: Path, notebook: NotebookNode, index: int, error: Exception) -> str:
    cell = notebook.cells[index]
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    if isinstance(error, CellExecutionError):
        reason = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    elif isinstance(error, CellTimeoutError):
        reason = f"did not end within {CELL_SECONDS} seconds"
    else:
        reason = "the kernel died"
    return f"{path}: cell {index + 1} (id {cell.get('id', '?')}), which begins {first!r}, failed: {reason}"


def normal_form(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what differs from run to run: counts 1..N, stable ids, our metadata only."""
    plain = copy.deepcopy(notebook)
    plain.metadata = nbformat.from_dict(METADATA)
    plain.nbformat, plain.nbformat_minor = 4, 5
    taken: set[str] = set()
    count = 0
    for position, cell in enumerate(plain.cells):
        cell.id = _stable_id(cell, position, taken)
        taken.add(cell.id)
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        ran = cell.execution_count is not None
        count += ran
        cell.execution_count = count if ran else None
        cell.outputs = [_plain_output(output, count) for output in _joined_streams(cell.outputs)]
    return plain


def _stable_id(cell: NotebookNode, position: int, taken: set[str]) -> str:
    known = cell.get("id", "")
    return known if known and known not in taken else f"cell-{position + 1}"


def _plain_output(output: NotebookNode, count: int) -> NotebookNode:
    if output.output_type == "execute_result":
        output.execution_count = count
    if "data" in output:
        output.data.pop(VIEW, None)
    return output


def _joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    # How a stream is cut into messages depends on timing.
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def faults(notebook: NotebookNode) -> list[str]:
    """Return why nbval's pass on this notebook would mean less than it seems; empty if it means what it says.

    Each fault is one of nbval's measured blind spots: it compares nothing in a cell that was never run, it
    never compares pictures, it passes `raises-exception` where nothing is raised, it skips what is tagged to
    be ignored, and it passes a notebook in which there is nothing to test.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if not code:
        return ["there is no code cell, so nothing is tested"]
    found = []
    for cell in code:
        where = f"cell {cell.get('id')}"
        if cell.execution_count is None:
            found.append(f"{where}: never run, so nothing is compared; run crmkit execute")
        tags = cell.metadata.get("tags", [])
        found += [f"{where}: tag {tag} switches the comparison off" for tag in tags if tag in SWITCHES_OFF]
        if SWITCH.search(cell.source):
            found.append(f"{where}: an NBVAL comment switches the comparison off")
        if any(output.output_type == "error" for output in cell.outputs):
            found.append(f"{where}: a stored error")
        if any(VIEW in output.get("data", {}) for output in cell.outputs):
            found.append(f"{where}: the view of a live widget, whose id is random")
        if _has_picture(cell) and not NUMERAL.search(_text(cell)):
            found.append(f"{where}: a picture without its numbers as text; pictures are never compared")
    return found


def _has_picture(cell: NotebookNode) -> bool:
    return any({"image/png", "image/jpeg"} & set(output.get("data", {})) for output in cell.outputs)


def _text(cell: NotebookNode) -> str:
    texts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    # The name of a figure object holds its size in pixels, which is no number of the figure's content.
    return "".join(text for text in texts if not FIGURE.match(text))
