"""Pages printed from the browser, and the whole book as one PDF."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browser import visit
from pages import DOCUMENTS, ROOT
from playwright.sync_api import Browser
from pypdf import PageObject, PdfReader
from pypdf.generic import Destination

from crmkit import quick
from crmkit.exercise.release import TEXT_STUB
from crmkit.quick import MIME as QUICK_MIME
from crmkit.site import pdf
from crmkit.site.book import ANSWERS, anchor
from crmkit.site.build import Site, build
from crmkit.site.contents import parts, shown_in
from crmkit.site.pdf import PdfError, Printed, print_book
from crmkit.site.serve import Server

pytestmark = pytest.mark.browser

PRINTED = ["chapters/02-pricing", "exercises/02-pricing", "index"]
TEXT_WIDTH = 657
"""Pixels between the margins of a sheet of A4."""

LAYOUT = f"""
() => {{
  const shown = (all) => [...document.querySelectorAll(all)].filter((element) => element.checkVisibility());
  const words = (element) => `${{element.tagName}} ${{element.textContent.trim().slice(0, 40)}}`;
  const rooms = [...document.querySelectorAll(".crmkit-room")];
  return {{
    controls: shown("button, input, select, summary, dialog, nav:not(.crmkit-map)").map(words),
    wide: shown("body *:not(.katex *)")
      .filter((element) => element.getBoundingClientRect().right > {TEXT_WIDTH + 1}).map(words),
    images: shown("img").length,
    room: rooms.map((room) => parseFloat(getComputedStyle(room, "::after").height)),
    themes: window.themes,
    theme: document.documentElement.dataset.theme,
  }};
}}
"""


@dataclass(frozen=True)
class Sheets:
    """A page of the site on paper: its name, the PDF, its text, and what its layout says."""

    name: str
    pdf: PdfReader
    text: str
    layout: dict[str, Any]


def squeezed(text: str) -> str:
    """Return a text without white space, of which a PDF keeps only what shows."""
    return re.sub(r"\s+", "", text)


def text_of(reader: PdfReader) -> str:
    return squeezed("".join(page.extract_text() for page in reader.pages))


def bookmarks(reader: PdfReader) -> list[tuple[int, str, int]]:
    """Return the outline in order: depth, title and number of the page."""

    def below(items: list[Any], depth: int) -> Iterator[tuple[int, str, int]]:
        for item in items:
            if isinstance(item, Destination):
                yield depth, str(item.title), (reader.get_destination_page_number(item) or 0) + 1
            else:
                yield from below(item, depth + 1)

    return list(below(reader.outline, 0))


def aims(page: PageObject) -> list[str]:
    """Return the name of each place in the document to which a page links."""
    links = [annotation.get_object() for annotation in page.get("/Annots", ())]
    return [
        str(link.get("/Dest") or link["/A"].get("/D")) for link in links if "/URI" not in link.get("/A", {})
    ]


def print_aside(*arguments: Any, **options: Any) -> Printed:
    """Print in a thread of its own: Playwright runs once in a thread, and here it does already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(print_book, *arguments, **options).result()


# ---- a page, from the browser


@pytest.fixture(scope="module", params=PRINTED)
def sheets(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Sheets]:
    """Return what a reader gets who has the pages dark and prints one."""
    opened = visit(browser, f"{server.address}{request.param}.html", server.address, dark=True)
    page = opened.page
    page.set_default_timeout(60_000)
    page.wait_for_load_state("networkidle")
    page.evaluate(
        "window.themes = []; addEventListener('beforeprint', () => "
        "window.themes.push(document.documentElement.dataset.theme))"
    )
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": TEXT_WIDTH, "height": 900})
    yield Sheets(request.param, reader, text_of(reader), page.evaluate(LAYOUT))
    opened.context.close()


def test_a_page_prints_its_figures_and_their_captions(sheets: Sheets, site: Site) -> None:
    source = (site.folder / f"{sheets.name}.html").read_text(encoding="utf-8")
    found = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", source, re.DOTALL)
    captions = [squeezed(unescape(re.sub(r"<[^>]+>", "", caption))) for caption in found]
    assert [caption for caption in captions if caption not in sheets.text] == []
    assert len(captions) == source.count('class="crmkit-widget"')
    assert sum(len(page.images) for page in sheets.pdf.pages) == sheets.layout["images"] >= len(captions)


def test_nothing_to_press_is_printed(sheets: Sheets) -> None:
    assert sheets.layout["controls"] == []
    for label in ("Reset", "Download this notebook", "Show code cell source", "Search"):
        assert squeezed(label) not in sheets.text


def test_no_printed_page_is_blank_and_nothing_is_too_wide_for_it(sheets: Sheets) -> None:
    assert all(len(page.extract_text()) > 20 or len(page.images) for page in sheets.pdf.pages)
    assert sheets.layout["wide"] == []


def test_a_dark_page_is_light_on_paper_and_dark_again_afterwards(sheets: Sheets) -> None:
    assert sheets.layout["themes"] == ["light"]
    assert sheets.layout["theme"] == "dark"


def test_printed_questions_have_their_options_and_keep_their_answers(sheets: Sheets) -> None:
    asked = [quick.find(shown["questions"]) for shown in shown_in(DOCUMENTS[sheets.name], QUICK_MIME)]
    assert bool(asked) == sheets.name.startswith("chapters/")
    for question in (question for questions in asked for question in questions.questions):
        assert all(squeezed(option.text) in sheets.text for option in question.options)
        assert squeezed(question.answer.reason) not in sheets.text


def test_a_printed_exercise_has_room_for_each_answer(sheets: Sheets) -> None:
    answers = 0
    if sheets.name.startswith("exercises/"):
        for cell in json.loads(DOCUMENTS[sheets.name].read_text(encoding="utf-8"))["cells"]:
            role = cell["metadata"].get("crmkit", {}).get("role")
            answers += role == "answer" or "".join(cell["source"]) == TEXT_STUB
        assert answers
    assert len(sheets.layout["room"]) == answers
    assert all(height > 75 for height in sheets.layout["room"])


# ---- the book

CHAPTER = """\
# 01 · Milk "fresh"

The price (价格) is $P = UC\\,(1+k)$, see {ref}`the start <what-for>` <https://example.org/milk> and\n[a dairy](https://example.org/dairy).

$$\\varepsilon = \\frac{\\Delta Q}{\\Delta P}$$

## A question

| a | b |
|---|---|
| 1 | 2 |
"""


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Path:
    """Return the folder of a book of two pages, with a widget, questions and a formula.

    Built after the public site, for the two share what they bake.
    """
    root = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "package.json", "package-lock.json", "references.bib"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "assets", root / "assets")
    for name in ("node_modules", ".cache"):
        (root / name).symlink_to(ROOT / name)
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- caption: One part\n  chapters:\n  - file: chapters/01-milk\n"
    )
    (root / "index.md").write_text(
        "# Begin\n\nTo [the milk](chapters/01-milk.ipynb).\n\n(what-for)=\n## What for\n\n"
        ":::{widget} lifetime.loyalty_or_sorting\n:::\n"
    )
    output = {"output_type": "execute_result", "data": {QUICK_MIME: {"questions": "pricing"}}, "metadata": {}}
    cells = [
        {"cell_type": "markdown", "source": CHAPTER, "metadata": {}},
        {
            "cell_type": "code",
            "source": "questions",
            "metadata": {"tags": ["remove-input"]},
            "execution_count": 1,
            "outputs": [{**output, "execution_count": 1}],
        },
    ]
    (root / "chapters").mkdir()
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (root / "chapters/01-milk.ipynb").write_text(json.dumps(notebook))
    build(root, lite=False)
    return root


@pytest.fixture(scope="module")
def small_pdf(small_book: Path) -> PdfReader:
    target = small_book / "_build/book.pdf"
    printed = print_aside(small_book, small_book / "_build/html", target, paper="Letter")
    assert printed.bytes == target.stat().st_size
    return PdfReader(target)


def assert_whole(reader: PdfReader) -> None:
    """Assert that pages are numbered throughout, none is blank, and every link leads somewhere."""
    places = reader.named_destinations
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text().strip()
        # What stands in the margin is painted first; the title follows at once, and may begin with a digit.
        assert number == 1 or text.startswith(str(number)), f"page {number} has no number"
        assert len(text) > 5, f"page {number} is blank"
        lost = [aim for aim in aims(page) if aim not in places]
        assert lost == [], f"page {number} links to what is not there"


def assert_contents(reader: PdfReader, titles: list[str]) -> None:
    """Assert that the contents name the chapters, each with the page that its bookmark leads to."""
    first = {title: page for depth, title, page in reversed(bookmarks(reader)) if depth == 1}
    contents = squeezed("".join(page.extract_text() for page in reader.pages[1 : first["Contents"] + 1]))
    for title in titles:
        assert squeezed(f"{title}{first[title]}") in contents


def test_a_book_has_parts_chapters_and_sections_as_bookmarks(small_pdf: PdfReader) -> None:
    assert [(depth, title) for depth, title, _ in bookmarks(small_pdf)] == [
        (0, "CRM in Practice"),
        (1, "Contents"),
        (1, "Begin"),
        (2, "What for"),
        (0, "One part"),
        (1, "01 · Milk “fresh”"),
        (2, "A question"),
        (1, "Answers to the quick questions"),
        (2, "01 · Milk “fresh”"),
    ]


def test_a_book_has_page_numbers_contents_and_links_that_lead_somewhere(small_pdf: PdfReader) -> None:
    assert_whole(small_pdf)
    assert_contents(small_pdf, ["Begin", "01 · Milk “fresh”", "Answers to the quick questions"])
    linked = {aim for page in small_pdf.pages for aim in aims(page)}
    names = {anchor("index"), anchor("chapters/01-milk"), anchor("index", "what-for"), ANSWERS}
    assert {f"/{name}" for name in names} <= linked


def test_a_book_has_figures_formulas_chinese_and_answers_at_its_end(small_pdf: PdfReader) -> None:
    assert sum(len(page.images) for page in small_pdf.pages) == 1
    text = text_of(small_pdf)
    assert "价格" in text
    assert "frac" not in text
    assert "https://example.org/milkandadairy(https://example.org/dairy)" in text
    reason = squeezed(quick.find("pricing").questions[0].answer.reason)
    assert [reason in squeezed(page.extract_text()) for page in small_pdf.pages].count(True) == 1
    assert reason in squeezed(small_pdf.pages[-1].extract_text())


def test_a_book_is_tagged_and_says_what_it_is(small_pdf: PdfReader) -> None:
    catalogue = small_pdf.root_object
    assert small_pdf.metadata is not None
    assert small_pdf.metadata.title == "CRM in Practice: 4P · 7P · 4C · 4R · strategy"
    assert small_pdf.metadata.author
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/StructTreeRoot"]
    assert [round(float(side)) for side in small_pdf.pages[0].mediabox[2:]] == [612, 792]


def test_a_book_that_asks_for_something_elsewhere_is_not_printed(small_book: Path, tmp_path: Path) -> None:
    site = shutil.copytree(small_book / "_build/html", tmp_path / "html")
    page = site / "index.html"
    html = page.read_text(encoding="utf-8")
    page.write_text(
        html.replace("</article>", '<img src="https://example.org/a.png"></article>'), encoding="utf-8"
    )
    with pytest.raises(PdfError, match=r"not in the built site: https://example\.org/a\.png"):
        print_aside(small_book, site, tmp_path / "book.pdf")
    assert not (tmp_path / "book.pdf").exists()


def test_a_machine_without_a_browser_is_told_what_to_install(
    small_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(pdf, "CHANNELS", ())
    with pytest.raises(PdfError, match="apt-get install chromium"):
        print_aside(small_book, small_book / "_build/html", small_book / "none.pdf")


def test_an_environment_without_playwright_is_told_what_to_install(
    small_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(PdfError, match=r"playwright.*pip install 'crmkit\[teach\]'"):
        print_book(small_book, small_book / "_build/html", small_book / "none.pdf")


@pytest.mark.slow
def test_the_whole_book_follows_its_table_of_contents(site: Site, tmp_path: Path) -> None:
    printed = print_aside(ROOT, site.folder, tmp_path / "book.pdf")
    reader = PdfReader(printed.path)
    marks = bookmarks(reader)
    contents = parts(ROOT)
    titles = [title for depth, title, _ in marks if depth == 1]
    assert [title for depth, title, _ in marks if depth == 0][1:] == [part.caption for part in contents[1:]]
    assert len(titles) == 2 + sum(len(part.documents) for part in contents)  # and contents and answers
    assert_whole(reader)
    assert_contents(reader, titles[1:])
    assert printed.bytes < 40e6
