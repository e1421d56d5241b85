"""From a page to working on it: in the browser edition, at home, and in the instructor's edition."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from browser import PHONE, visit, wait_for
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import DOCUMENTS, ROOT, Open
from playwright.sync_api import Browser, Page

from crmkit import notebook
from crmkit.data.real import REQUIREMENT
from crmkit.site.build import Site
from crmkit.site.launch import PACKAGE, launch_html, linked_to_site
from crmkit.site.lite.notebooks import handout

WORKED_ON = [name for name in DOCUMENTS if name.startswith(("chapters/", "exercises/"))]
EXERCISES = [name for name in WORKED_ON if name.startswith("exercises/")]
EXERCISE, CHAPTER = "exercises/02-pricing", "chapters/02-pricing"


# ---- what is handed out ----


def test_a_link_leads_to_the_site_where_its_address_is_known() -> None:
    text = "[a](../chapters/02-pricing.ipynb) [b](03-7p.ipynb#price) [c](../how-to.md) [d](#here) [e](a.csv)"
    elsewhere = "[f](https://host/x.ipynb) [g](/x.ipynb)"
    cells = [new_markdown_cell(f"{text} {elsewhere}"), new_code_cell("'[a](b.ipynb)'")]
    given = linked_to_site(new_notebook(cells=cells), EXERCISE, "https://host/course/")
    assert given.cells[0].source == (
        "[a](https://host/course/chapters/02-pricing.html) "
        "[b](https://host/course/exercises/03-7p.html#price) [c](https://host/course/how-to.html) "
        f"[d](#here) [e](a.csv) {elsewhere}"
    )
    assert given.cells[1].source == "'[a](b.ipynb)'"


def test_a_link_stays_where_no_address_is_known() -> None:
    cell = new_markdown_cell("[a](../chapters/02-pricing.ipynb)")
    assert linked_to_site(new_notebook(cells=[cell]), EXERCISE, "").cells == [cell]


@pytest.mark.parametrize("name", WORKED_ON)
def test_the_notebook_beside_a_page_is_the_students(site: Site, name: str) -> None:
    given = nbformat.read(site.folder / f"{name}.ipynb", as_version=4)
    source = nbformat.read(DOCUMENTS[name], as_version=4)
    private = [cell.id for cell in source.cells if "instructor" in cell.metadata.get("tags", ())]
    assert [cell.id for cell in given.cells] == [cell.id for cell in source.cells if cell.id not in private]
    assert len(private) == name.startswith("chapters/")
    assert given.cells == handout(DOCUMENTS[name]).cells


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_handed_out_as_it_was_released(site: Site, name: str) -> None:
    given, released = (
        notebook.normal_form(notebook.read(path)) for path in (site.folder / f"{name}.ipynb", DOCUMENTS[name])
    )
    assert notebook.to_text(given) == notebook.to_text(released)


def test_no_other_notebook_is_on_the_site(site: Site) -> None:
    notebooks = {path.relative_to(site.folder) for path in site.folder.rglob("*.ipynb")}
    beside_pages = {path for path in notebooks if path.parts[0] != "lite"}
    assert beside_pages == {Path(f"{name}.ipynb") for name in WORKED_ON}
    assert not (site.folder / "_sources").exists()


# ---- what a page offers ----


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_every_chapter_and_exercise_offers_its_own_notebook_and_no_other_page_does(
    site: Site, name: str
) -> None:
    page = (site.folder / f"{name}.html").read_text(encoding="utf-8")
    links = re.findall(r'class="crmkit-way[^"]*" href="([^"]+)"', page)
    if name not in WORKED_ON:
        assert links == []
        return
    assert links == [f"../lite/notebooks/index.html?path={name}.ipynb", f"{name.split('/')[1]}.ipynb"]
    assert re.search(r"</h1>\s*<div class=\"crmkit-launch\">", page)
    address, _, opened = links[0].partition("?path=")
    assert (site.folder / name / ".." / address).resolve().is_file()
    assert (site.folder / "lite/files" / opened).is_file()
    assert (site.folder / PACKAGE).is_file()


def test_the_instructors_edition_has_no_link_into_a_browser_edition() -> None:
    html = launch_html(CHAPTER, base="", browser=False)
    assert re.findall(r'href="([^"]+)"', html) == ["02-pricing.ipynb"]
    assert "lite" not in html


def test_the_line_to_install_names_the_package_on_the_site_if_its_address_is_known() -> None:
    html = launch_html(CHAPTER, base="https://host/course/", browser=True)
    assert f">https://host/course/{PACKAGE}</span>&quot;</pre>" in html
    assert "crmkit-by-hand" not in html


@pytest.fixture
def phone(open_page: Open) -> Page:
    return open_page(EXERCISE, **PHONE).page


@pytest.mark.browser
def test_the_line_to_install_is_complete_and_copied_with_a_click(open_page: Open, site: Site) -> None:
    opened = open_page(EXERCISE, permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    page.get_by_text("Work on it at home").click()
    address = page.url.removesuffix(f"{EXERCISE}.html")
    line = f'pip install jupyterlab {REQUIREMENT} "{address}{PACKAGE}"'
    assert page.locator(".crmkit-home pre").inner_text() == line
    assert not page.get_by_text("the course’s package").is_visible()
    page.locator(".crmkit-home").hover()
    page.locator(".crmkit-home button").click()
    wait_for(page, "line => navigator.clipboard.readText().then(text => text === line)", arg=line)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the notebook").click()
    assert waiting.value.suggested_filename == "02-pricing.ipynb"
    assert waiting.value.path().read_bytes() == (site.folder / f"{EXERCISE}.ipynb").read_bytes()
    page.emulate_media(media="print")
    assert not page.locator(".crmkit-launch").is_visible()
    assert opened.complaints == []


@pytest.mark.browser
def test_all_that_is_offered_fits_a_phone_and_a_finger(phone: Page) -> None:
    phone.get_by_text("Work on it at home").click()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for part in phone.locator(".crmkit-way, .crmkit-home summary").all():
        box = part.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 390
    for text in phone.locator(".crmkit-launch p").all():
        box = text.bounding_box()
        assert box is None or box["x"] + box["width"] <= 390


@pytest.mark.browser
def test_without_javascript_the_package_is_a_file_to_download_first(open_page: Open) -> None:
    page = open_page(EXERCISE, java_script_enabled=False).page
    assert page.get_by_role("link", name="Work on it in your browser").is_visible()
    assert page.get_by_role("link", name="Download the notebook").is_visible()
    page.get_by_text("Work on it at home").click()
    package = PACKAGE.rpartition("/")[2]
    assert page.locator(".crmkit-home pre").inner_text().endswith(f'{REQUIREMENT} "{package}"')
    link = page.get_by_role("link", name="the course’s package")
    assert link.get_attribute("href") == f"../{PACKAGE}"
    assert link.is_visible()


@pytest.mark.browser
def test_a_page_opened_from_a_disk_says_why_there_is_no_working_in_the_browser(
    browser: Browser, site: Site
) -> None:
    opened = visit(browser, (site.folder / f"{EXERCISE}.html").as_uri(), "file:")
    page = opened.page
    assert not page.get_by_role("link", name="Work on it in your browser").is_visible()
    assert page.get_by_text("needs a web server").is_visible()
    assert page.get_by_role("link", name="Download the notebook").is_visible()
    opened.context.close()


def test_the_ways_to_work_named_in_how_to_are_those_of_the_pages() -> None:
    text = (ROOT / "how-to.md").read_text(encoding="utf-8")
    for name in ("Work on it in your browser", "Download the notebook", "Work on it at home"):
        assert f"*{name}*" in text
        assert f">{name}<" in launch_html(CHAPTER, base="", browser=True)
