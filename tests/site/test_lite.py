"""The browser edition as a student uses it: the real JupyterLite, below a folder as on many hosts."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator

import pytest
from browser import Visit, visit, wait_for
from lite import PATIENCE, address_of, kept, wait_for_kernel
from pages import ROOT
from playwright.sync_api import Browser, Locator, Page

from crmkit.exercise.release import INSTRUCTOR
from crmkit.site.build import Site

pytestmark = pytest.mark.browser

# The arc elasticity of the exercise's second question, from the first point and from the midpoints.
WRONG = "elasticity = (-20 / 100) / (2 / 10)"
RIGHT = "elasticity = (-20 / 90) / (2 / 11)"


@pytest.fixture(scope="module")
def student(browser: Browser, course: str) -> Iterator[Visit]:
    """One student's browser; what it keeps, it keeps from test to test."""
    address = address_of(course, "exercises/02-pricing.ipynb")
    opened = visit(browser, address, course, viewport={"width": 1300, "height": 900})
    opened.context.set_default_timeout(PATIENCE)
    wait_for_kernel(opened.page)
    yield opened
    opened.context.close()


def cell(page: Page, text: str) -> Locator:
    return page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=text)).first


def run(found: Locator) -> None:
    found.locator(".cm-content").click()
    found.page.keyboard.press("Control+Enter")


def write(found: Locator, source: str) -> None:
    found.locator(".cm-content").click()
    found.page.keyboard.press("Control+a")
    found.page.keyboard.insert_text(source)


def wait_until_kept(page: Page, path: str, text: str) -> None:
    for _ in range(120):
        if text in json.dumps(kept(page, path)):
            return
        page.wait_for_timeout(500)
    pytest.fail(f"{path} was not kept with {text!r} in it")


def test_an_exercise_is_solved_in_the_browser_and_the_work_is_kept(student: Visit) -> None:
    page = student.page
    run(cell(page, "from crmkit import check"))
    answer = cell(page, "elasticity = ...")
    number = answer.evaluate("cell => [...cell.parentElement.children].indexOf(cell)")
    answer = page.locator(".jp-Notebook-cell, .jp-Cell").nth(number)
    checked = cell(page, 'check("pricing-q2"')

    write(answer, WRONG)
    run(answer)
    run(checked)
    checked.get_by_text("A known slip · pricing-q2").wait_for()
    assert "midpoints" in checked.locator("[role=status]").inner_text()

    write(answer, RIGHT)
    run(answer)
    run(checked)
    checked.get_by_text("Correct · pricing-q2").wait_for()
    run(cell(page, "progress("))
    page.get_by_text("1 of 9 questions").wait_for()

    record = kept(page, "exercises/crmkit-progress.jsonl")
    assert record["format"] == "base64", "the page that shows progress reads it so"
    lines = base64.b64decode(record["content"]).splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["MISTAKE", "CORRECT"]

    wait_until_kept(page, "exercises/02-pricing.ipynb", RIGHT)

    page.reload()
    cell(page, RIGHT).wait_for()


def test_a_widget_of_a_chapter_follows_its_slider_in_the_browser(student: Visit, course: str) -> None:
    page = student.page
    page.goto(address_of(course, "chapters/02-pricing.ipynb"))
    wait_for_kernel(page)
    run(cell(page, "from crmkit.widgets import pricing as play"))
    shown = cell(page, "play.demand_and_surplus")
    run(shown)
    caption = shown.locator("figcaption")
    caption.wait_for()
    before = caption.inner_text()
    handle = shown.locator(".widget-slider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    wait_for(
        page, "before => document.querySelector('.jp-OutputArea figcaption').innerText !== before", arg=before
    )
    assert shown.locator("figure img").get_attribute("alt") == caption.inner_text()


def test_nothing_was_asked_of_anybody_else_and_nothing_went_wrong(student: Visit) -> None:
    assert student.complaints == []


def test_the_published_folder_holds_nothing_for_instructors(site: Site) -> None:
    lite = site.folder / "lite"
    notebooks = sorted((lite / "files").rglob("*.ipynb"))
    stems = [path.stem for folder in ("chapters", "exercises") for path in (ROOT / folder).glob("*.ipynb")]
    assert sorted(path.stem for path in notebooks) == sorted(stems)
    for path in notebooks:
        text = path.read_text(encoding="utf-8")
        assert f'"{INSTRUCTOR}"' not in text
        assert "BEGIN SOLUTION" not in text
        assert "{cite:" not in text
        outputs = [output for cell in json.loads(text)["cells"] for output in cell.get("outputs", ())]
        texts = [shown for output in outputs for shown in output.get("data", {}).values()]
        assert not any(isinstance(shown, list) for shown in texts), "JupyterLite would show commas"
    with zipfile.ZipFile(next((lite / "static").glob("crmkit-*.whl"))) as wheel:
        names = wheel.namelist()
    assert not [name for name in names if name.startswith(("crmkit/grading", "crmkit/site", "crmkit/cli"))]
    assert {"crmkit/datasets/hailang/zones.csv", "crmkit/exercise/keys/pricing.json"} <= set(names)
    assert not [path for path in lite.rglob("*") if "solution" in path.name.lower()]
