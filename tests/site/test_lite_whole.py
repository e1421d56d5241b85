"""Every notebook, run to its end in the browser edition: by its Python, its pandas and its kernel."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import nbformat
import pytest
from browser import visit
from lite import PATIENCE, address_of, keep, kept, run_all
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from pages import ROOT
from playwright.sync_api import Browser, Page

from crmkit.exercise.verdict import MIME, Outcome
from crmkit.notebook import METADATA
from crmkit.site.lite.notebooks import handouts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINUTES = 40
"""For all notebooks of a folder on a busy machine."""

LAST = "print('the last cell')"

# Stands in for the declaration of questions, which students do not get: holds every answer and every
# declared mistake against the released key.
JUDGE = """
from crmkit import check
from crmkit.exercise.verdict import Outcome

def question(name, answer, *, points, mistakes, **_):
    verdict = check(name, answer)
    assert verdict.outcome is Outcome.CORRECT and verdict.earned == points, verdict
    for message, value in mistakes.items():
        partial = isinstance(answer, dict) and isinstance(value, dict)
        verdict = check(name, {**answer, **value} if partial else value)
        assert (verdict.outcome, verdict.lines) == (Outcome.MISTAKE, (message,)), (message, verdict)
"""
DECLARE = f"""import sys, types
judge = types.ModuleType("crmkit.exercise.question")
exec({JUDGE!r}, judge.__dict__)
sys.modules[judge.__name__] = judge"""


def one_after_another(notebooks: Mapping[str, NotebookNode], first: str = "") -> NotebookNode:
    """Return a notebook with all code of several, the names of each forgotten before the next."""
    cells = [new_code_cell(first)]
    for path, notebook in notebooks.items():
        cells.append(new_code_cell("%reset -f"))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                where = f"{path}, cell {cell.id}"
                # Goes on after an error, so that one run finds them all.
                metadata = {"tags": ["raises-exception"], "where": where}
                cells.append(new_code_cell(cell.source, metadata=metadata))
    # Without the metadata the browser would ask which kernel to take.
    return new_notebook(cells=[*cells, new_code_cell(LAST)], metadata=METADATA)


def run_to_its_end(page: Page, course: str, notebook: NotebookNode) -> list[Any]:
    """Run a notebook in the browser and return its cells with their outputs."""
    path = "exercises/all-of-them.ipynb"
    page.locator(".jp-DirListing-item", has_text="exercises").wait_for()
    keep(page, path, json.loads(nbformat.writes(notebook)))
    page.goto(address_of(course, path))
    run_all(page)
    until = time.monotonic() + MINUTES * 60
    while time.monotonic() < until:
        cells: list[Any] = kept(page, path)["content"]["cells"]
        if cells[-1]["outputs"]:
            return cells
        page.wait_for_timeout(3000)
    done = [cell["metadata"].get("where", "") for cell in cells if cell.get("execution_count")]
    pytest.fail(f"not at its end after {MINUTES} minutes; ran {len(done)} cells, last: {done[-1:]}")


def errors(cells: list[Any]) -> list[str]:
    """Return where an error was shown, and which."""
    return [
        f"{cell['metadata'].get('where', '')}: {output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def outcomes(cells: list[Any]) -> list[str]:
    """Return the outcome of every check that was shown."""
    return [
        output["data"][MIME]["outcome"]
        for cell in cells
        for output in cell["outputs"]
        if MIME in output.get("data", {})
    ]


@pytest.fixture
def page(browser: Browser, course: str) -> Any:
    opened = visit(browser, f"{course}lite/tree/index.html", course, viewport={"width": 1300, "height": 900})
    opened.context.set_default_timeout(PATIENCE)
    yield opened.page
    opened.context.close()


def test_every_chapter_runs_to_its_end(page: Page, course: str) -> None:
    given = {path: node for path, node in handouts(ROOT).items() if path.startswith("chapters/")}
    assert errors(run_to_its_end(page, course, one_after_another(given))) == []


def test_every_exercise_runs_to_its_end_before_anything_is_solved(page: Page, course: str) -> None:
    given = {path: node for path, node in handouts(ROOT).items() if path.startswith("exercises/")}
    cells = run_to_its_end(page, course, one_after_another(given))
    assert errors(cells) == []
    assert set(outcomes(cells)) == {Outcome.NOT_ATTEMPTED.name}


def test_every_solution_earns_full_points_and_every_mistake_gets_its_message(page: Page, course: str) -> None:
    solutions = sorted((ROOT / "solutions").glob("*.ipynb"))
    given = {f"solutions/{path.name}": nbformat.read(path, as_version=4) for path in solutions}
    cells = run_to_its_end(page, course, one_after_another(given, DECLARE))
    assert errors(cells) == []
    assert set(outcomes(cells)) == {Outcome.CORRECT.name}
