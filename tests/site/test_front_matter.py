"""The pages before and after the chapters: what they say of the course is what the course is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from browser import PHONE
from nbformat.v4 import new_markdown_cell, new_notebook
from pages import DOCUMENTS, ROOT, Open

from crmkit import notebook
from crmkit.data import load
from crmkit.data.package import read_packages
from crmkit.site.build import Site
from crmkit.site.course import Chapter, chapters, read_chapter
from crmkit.site.course_map import course_map_html
from crmkit.site.licences import data_licences

CHAPTERS = [name for name in DOCUMENTS if name.startswith("chapters/")]

PRICING = Chapter("02-pricing", "02", "Pricing lab", 75, 160, "", {})
SERVICE = Chapter("03-7p", "03", "7P", 30, 0, "", {})
CAPSTONE = Chapter("12-capstone", "12", "Capstone", 15, 0, "12 to 16", {})


# ---- what a chapter says of itself ----


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_minutes_of_a_chapters_parts_add_up_to_its_own_give_or_take_five(name: str) -> None:
    chapter = read_chapter(DOCUMENTS[name])
    (minutes,) = (text for name, text in chapter.notes.items() if name.startswith("Minutes"))
    first = re.sub(r" \([^)]+\)", "", minutes).partition(". ")[0]
    parts = [int(part.split()[-1]) for part in first.rstrip(".").split(" · ")]
    assert abs(sum(parts) - chapter.minutes) <= 5


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_tells_instructors_its_minutes_and_what_to_discuss_and_to_draw(name: str) -> None:
    notes = read_chapter(DOCUMENTS[name]).notes
    assert {"Discuss", "Board"} <= set(notes)
    assert any(part.startswith("Minutes") for part in notes)


def written(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "02-pricing.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.mark.parametrize(
    ("time", "exercise", "project"),
    [
        ("about 75 minutes.", 0, ""),
        ("about 75 minutes, and 80 more for [the exercise](x.ipynb).", 80, ""),
        ("about 75 minutes, and 80 for [the exercise](x.ipynb).", 80, ""),
        ("about 75 minutes, then 12 to 16 hours for [the capstone](x.ipynb).", 0, "12 to 16"),
    ],
)
def test_the_time_of_an_exercise_is_in_minutes_or_in_hours(
    tmp_path: Path, time: str, exercise: int, project: str
) -> None:
    chapter = read_chapter(written(tmp_path, new_markdown_cell(f"# 02 · Pricing lab\n\n*Time:* {time}")))
    assert (chapter.minutes, chapter.exercise_minutes, chapter.project_hours) == (75, exercise, project)


def test_a_chapter_gives_its_title_its_minutes_and_its_notes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        new_markdown_cell("# 02 · Pricing lab"),
        new_markdown_cell("*Time:* about 75 minutes, and 80 more for [the exercise](x.ipynb)."),
        new_markdown_cell(
            "## For instructors\n\n**Board.** Left.\n\nRight.\n\n**Discuss.** (1) *Why?*",
            metadata={"tags": ["instructor", "remove-cell"]},
        ),
    )
    notes = {"Board": "Left.\n\nRight.", "Discuss": "(1) *Why?*"}
    assert read_chapter(path) == Chapter("02-pricing", "02", "Pricing lab", 75, 80, "", notes)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# 02 · Pricing lab", "02-pricing.ipynb does not say its minutes"),
        ("# Pricing\n\n*Time:* about 75 minutes.", "02-pricing.ipynb has no title like"),
    ],
)
def test_a_chapter_that_does_not_say_its_title_or_minutes_is_named(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_chapter(written(tmp_path, new_markdown_cell(text)))


# ---- the map ----


def test_the_map_adds_up_the_hours_of_the_chapters_that_it_shows() -> None:
    stages = {
        "Mix": {"02-pricing": "Match?", "03-7p": "A gate?"},
        "Later": {"09-process": "When?"},
        "Case": {"12-capstone": "What?"},
    }
    html = course_map_html(stages, [PRICING, SERVICE, CAPSTONE], {}, to_root="../")
    # 75 + 30 + 15 minutes are 2 hours; 160 minutes are 2.67 hours.
    assert "3 chapters: about 2 hours to read and play, 3 hours of exercises" in html
    assert "and 12 to 16 hours for chapter 12." in html
    assert "75 min + 160 min exercise</span>" in html
    assert "30 min</span>" in html
    assert "15 min + 12 to 16 hours of your own work</span>" in html
    assert 'href="../chapters/02-pricing.html"' in html
    assert "Later" not in html


def test_the_map_refuses_to_leave_out_a_chapter_of_the_book() -> None:
    with pytest.raises(ValueError, match="no stage and no decision for 03-7p"):
        course_map_html({"Mix": {"02-pricing": "Match?"}}, [PRICING, SERVICE], {}, to_root="")


@pytest.mark.browser
def test_the_map_leads_to_every_chapter_and_tells_its_minutes(settled_page: Open) -> None:
    stops = settled_page("index").page.locator(".crmkit-stop a")
    shown = {
        (stop.get_attribute("href") or "", stop.locator(".crmkit-stop-time").inner_text())
        for stop in stops.all()
    }
    book = chapters(ROOT)
    assert {address for address, _ in shown} == {f"chapters/{each.stem}.html" for each in book}
    for each in book:
        work = f"{each.project_hours} hours of" if each.project_hours else f"{each.exercise_minutes} min"
        time = f"{each.minutes} min + {work}"
        assert any(stop == f"chapters/{each.stem}.html" and text.startswith(time) for stop, text in shown)


@pytest.mark.browser
def test_the_keyboard_walks_along_the_map_in_order_and_opens_a_chapter(open_page: Open) -> None:
    page = open_page("index").page
    page.locator(".crmkit-stop a").first.focus()
    walked = []
    for _ in CHAPTERS:
        walked.append(page.evaluate("document.activeElement.getAttribute('href')"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
    assert walked == [f"{name}.html" for name in CHAPTERS]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{CHAPTERS[-1]}.html")


@pytest.mark.browser
def test_a_stop_of_the_map_is_large_enough_for_a_finger_and_within_the_screen(settled_page: Open) -> None:
    for stop in settled_page("index", **PHONE).page.locator(".crmkit-stop a").all():
        box = stop.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390


# ---- the widget of the landing page ----


def test_the_landing_pages_widget_shows_the_pictures_of_its_chapter(site: Site) -> None:
    landing = re.findall(r'data-frames="([^"]+)"', (site.folder / "index.html").read_text(encoding="utf-8"))
    assert len(landing) == 1
    showing = [
        name
        for name in CHAPTERS
        if f'data-frames="../{landing[0]}"' in (site.folder / f"{name}.html").read_text(encoding="utf-8")
    ]
    assert showing == ["chapters/07-lifetime-value"]


# ---- licences ----


def test_the_licence_page_has_each_packages_licence_and_each_tables_source() -> None:
    text = data_licences(read_packages(load.folder)).replace("\\", "")
    for file in load.folder.glob("*/datapackage.json"):
        package = json.loads(file.read_text(encoding="utf-8"))
        assert f"### {package['title']}" in text
        assert f"Licence: {package['licenses'][0]['name']}." in text
        assert f"version {package['version']}: **{'' if package['simulated'] else 'not '}simulated**" in text
        for table in package["resources"]:
            assert table["sources"][0]["title"] in text
            assert table["citation"] in text


# What the licence page says of a part, and the files that the part brings to the site.
PARTS = {
    "KaTeX": r"katex/fonts/.*",
    "Sphinx;": r"(doctools|documentation_options|language_data|searchtools|sphinx_highlight)\.js",
    "PyData Sphinx Theme": r"scripts/pydata-sphinx-theme\.js",
    "Sphinx Book Theme": r"scripts/sphinx-book-theme\.js",
    "Bootstrap": r"scripts/bootstrap\.js",
    "Font Awesome Free": r"icons\.woff|scripts/fontawesome\.js|vendor/fontawesome/.*",
    "sphinx-copybutton with clipboard.js": r"copybutton(_funcs)?\.js|clipboard\.min\.js",
    "`search.js`, `launch.js`, `progress.js`, `print.js`, `scrolling.js`, `focus.js`": (
        r"(widgets|quick|search|launch|progress|print|scrolling|focus)\.js"
    ),
}


def test_the_licence_page_names_the_part_that_each_script_and_font_comes_from(site: Site) -> None:
    page = (ROOT / "licence.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if part not in page] == []
    static = site.folder / "_static"
    files = {
        path.relative_to(static).as_posix()
        for path in static.rglob("*")
        if path.suffix in {".js", ".woff", ".woff2", ".ttf", ".otf"}
    }
    assert {name for name in files if not any(re.fullmatch(p, name) for p in PARTS.values())} == set()
    assert [part for part, names in PARTS.items() if not any(re.fullmatch(names, f) for f in files)] == []


# ---- ethics ----


def test_the_page_on_ethics_is_as_a_run_leaves_it(tmp_path: Path) -> None:
    path = ROOT / "ethics.ipynb"
    committed = notebook.read(path)
    assert notebook.faults(committed) == []
    assert notebook.to_text(notebook.execute(committed, path)) == path.read_text(encoding="utf-8")


def test_a_month_of_joining_leaves_one_account_in_five_alone() -> None:
    accounts = load("hailang.subscribers")
    crowds = accounts.value_counts(["zone_id", "tier_true", "user", "join_month"])
    assert 0.18 < (crowds == 1).sum() / len(accounts) < 0.22
