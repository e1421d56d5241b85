"""The student's way in the real JupyterLab: a widget moved, an exercise solved wrongly and rightly."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from pages import ROOT
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds for a page, a kernel or a cell on a busy machine."""

# The arc elasticity of the exercise's second question, from the first point and from the midpoints.
WRONG = "elasticity = (-20 / 100) / (2 / 10)"
RIGHT = "elasticity = (-20 / 90) / (2 / 11)"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notebooks: one chapter to play with, and a short exercise that is half solved."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "chapters/02-pricing.ipynb", folder / "chapter.ipynb")
    exercise = nbformat.read(ROOT / "exercises/02-pricing.ipynb", as_version=4)
    cells = {cell.id: cell for cell in exercise.cells}
    for name, source in (("wrong", WRONG), ("right", RIGHT)):
        short = nbformat.v4.new_notebook(metadata=exercise.metadata)
        short.cells = [cells["setup"], cells["q2-answer"].copy(), cells["q2-check"], cells["q4-answer"]]
        short.cells += [cells["q4-check"], cells["progress"]]
        short.cells[1].source = source
        nbformat.write(short, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a free port of this machine, with settings of its own."""
    home = str(tmp_path_factory.mktemp("jupyter"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The kernels serve a student, not the test run that started them.
    kept = {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={course}"]
    server = subprocess.Popen(
        command,
        env=kept | dict.fromkeys(places, home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "JupyterLab ended before it answered"
        try:
            with urlopen(f"{address}api", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("JupyterLab did not answer within a minute")


def run_all(browser: Browser, lab: str, notebook: str) -> Page:
    """Open a notebook and run all its cells, as a student would from the menu."""
    page = browser.new_context(viewport={"width": 1300, "height": 1600}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab}lab/tree/{notebook}?reset")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    return page


def test_a_widget_in_a_chapter_follows_its_slider(browser: Browser, lab: str) -> None:
    page = run_all(browser, lab, "chapter.ipynb")
    caption = page.locator(".jp-OutputArea figcaption").first
    caption.wait_for()
    before = caption.inner_text()
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.jp-OutputArea figcaption').innerText !== before", arg=before
    )
    assert page.locator(".jp-OutputArea figure img").first.get_attribute("alt") == caption.inner_text()
    page.context.close()


def test_a_wrong_answer_gets_its_reason_and_a_blank_one_is_not_attempted(browser: Browser, lab: str) -> None:
    page = run_all(browser, lab, "wrong.ipynb")
    verdicts = page.locator(".jp-OutputArea [role=status]")
    verdicts.nth(1).wait_for()
    assert "A known slip · pricing-q2" in verdicts.nth(0).inner_text()
    assert "midpoints" in verdicts.nth(0).inner_text()
    assert "Not attempted · pricing-q4" in verdicts.nth(1).inner_text()
    page.context.close()


def test_a_right_answer_is_correct_and_counts_in_progress(browser: Browser, lab: str, course: Path) -> None:
    page = run_all(browser, lab, "right.ipynb")
    page.get_by_text("Correct · pricing-q2").wait_for()
    page.get_by_text("1 of 9 questions").wait_for()
    assert '"outcome": "CORRECT"' in (course / "crmkit-progress.jsonl").read_text(encoding="utf-8")
    page.context.close()
