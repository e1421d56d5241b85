"""Following the book: what a page says at its top, beside it and at its end, and about itself."""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from html import unescape
from pathlib import Path
from posixpath import normpath

import nbformat
import pytest
from pages import DOCUMENTS, Open

from crmkit.site import lost
from crmkit.site.build import Site
from crmkit.site.course import read_chapter
from crmkit.site.serve import serve

CHAPTERS = [name for name in DOCUMENTS if name.startswith("chapters/")]
ORDER = list(DOCUMENTS)


def html_of(site: Site, page: str) -> str:
    return (site.folder / f"{page}.html").read_text(encoding="utf-8")


# ---- the top ----

HEAD = re.compile(
    r"\*\*After this chapter you can\*\*\n\n"
    r"(?P<objectives>(?:\d\. [a-z].*[;.]\n)+)\n"
    r"\*You need\* .*[.] "
    r"\*Time:\* about \d+ minutes, "
    r"(?:and \d+ more for \[the exercise\]|then \d+ to \d+ hours for \[the capstone\])"
    r"\(\.\./exercises/(?P<exercise>[\w-]+)\.ipynb\)\.$",
    re.MULTILINE,
)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_says_first_what_you_can_after_it_and_how_long_it_takes(name: str) -> None:
    cells = nbformat.read(DOCUMENTS[name], as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    before = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    head = HEAD.search(before)
    assert head is not None
    objectives = head["objectives"].splitlines()
    assert 3 <= len(objectives) <= 6
    assert [line[:2] for line in objectives] == [f"{number}." for number in range(1, len(objectives) + 1)]
    assert [line[-1] for line in objectives] == [*";" * (len(objectives) - 1), "."]
    assert head["exercise"] == DOCUMENTS[name].stem


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_and_its_exercise_agree_on_the_exercises_minutes(name: str) -> None:
    chapter = read_chapter(DOCUMENTS[name])
    exercise = DOCUMENTS[f"exercises/{chapter.stem}"].read_text(encoding="utf-8")
    if chapter.project_hours:
        assert f"Plan {chapter.project_hours} hours" in exercise
    else:
        assert f"about {chapter.exercise_minutes} minutes" in exercise


# ---- words ----


def test_a_term_leads_to_the_glossary_where_a_chapter_introduces_it_and_only_there(site: Site) -> None:
    links = [
        (name, ident, text)
        for name in CHAPTERS
        for ident, text in re.findall(
            r'<a class="[^"]*reference internal" href="\.\./glossary\.html#([^"]+)"><strong>(.*?)</strong>',
            html_of(site, name),
        )
    ]
    assert ("chapters/02-pricing", "term-consumer-surplus", "consumer surplus") in links
    assert ("chapters/05-4r", "term-guarantee", "guarantee") in links
    assert len(links) > 80
    assert len({(name, ident) for name, ident, _ in links}) == len(links)
    assert {name for name, _, _ in links} == set(CHAPTERS)


# ---- beside and at the end ----


@pytest.mark.parametrize("name", ORDER)
def test_a_page_ends_with_links_to_the_one_before_and_the_one_after(site: Site, name: str) -> None:
    end = html_of(site, name).partition('class="prev-next-area"')[2]
    links = re.findall(r'<a class="(left-prev|right-next)"\s+href="([^"]+)"', end)
    leads = {side: normpath(f"{name}/../{address}") for side, address in links}
    at = ORDER.index(name)
    sides = [("left-prev", at - 1)] if at else []
    sides += [("right-next", at + 1)] if at + 1 < len(ORDER) else []
    assert leads == {side: f"{ORDER[beside]}.html" for side, beside in sides}


@pytest.mark.parametrize("name", ORDER)
def test_a_page_lists_its_sections_beside_itself(site: Site, name: str) -> None:
    page = html_of(site, name)
    article = page.partition("<article")[2].partition("</article>")[0]
    headings = re.findall(r'<h2>(?:(?!</h2>).)*<a class="headerlink" href="(#[^"]+)"', article)
    beside = page.partition('<nav id="pst-page-toc-nav"')[2].partition("</nav>")[0]
    links = re.findall(r'href="(#[^"]+)"', beside)
    assert [anchor for anchor in headings if anchor not in links] == []
    assert headings or name == "references"


# ---- about itself ----


def test_titles_name_the_page_and_then_the_book_once(site: Site) -> None:
    titles = {
        name: unescape(title)
        for name in ORDER
        for title in re.findall("<title>(.*?)</title>", html_of(site, name))
    }
    assert titles.pop("index") == "CRM in Practice: 4P · 7P · 4C · 4R · strategy"
    assert titles["chapters/02-pricing"] == "02 · Pricing lab — CRM in Practice"
    assert all(title.endswith(" — CRM in Practice") for title in titles.values())
    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize("name", ORDER)
def test_a_page_describes_itself_in_one_line(site: Site, name: str) -> None:
    found = re.findall(r'<meta name="description" content="([^"]*)"', html_of(site, name))
    assert len(found) == (0 if name == "references" else 1)
    assert all(20 <= len(unescape(text)) <= 160 for text in found)


def test_every_page_has_the_books_icon(site: Site) -> None:
    for name in [*ORDER, "search", "404"]:
        to_root = "../" * name.count("/")
        assert f'<link rel="icon" href="{to_root}_static/favicon.svg"/>' in html_of(site, name)
    assert (site.folder / "_static" / "favicon.svg").is_file()


# ---- where there is no page ----


@pytest.mark.parametrize(
    ("address", "path"),
    [("", "/"), ("https://host.example", "/"), ("https://host.example/course/", "/course/")],
)
def test_the_page_for_lost_readers_counts_addresses_from_the_sites_own(address: str, path: str) -> None:
    assert lost.base(address) == path


def test_the_server_shows_the_page_for_lost_readers_if_there_is_one(site: Site, tmp_path: Path) -> None:
    with serve(tmp_path, port=0) as server:
        for there, text in ((False, "Error code: 404"), (True, "There is no such page")):
            if there:
                shutil.copy(site.folder / "404.html", tmp_path)
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{server.address}chapters/gone.html")
            assert caught.value.code == 404
            assert text in caught.value.read().decode()


@pytest.mark.browser
def test_a_lost_reader_gets_the_books_looks_and_finds_home_from_any_depth(open_page: Open) -> None:
    opened = open_page("chapters/of/another/book")
    page = opened.page
    assert page.get_by_role("heading", name="There is no such page").is_visible()
    assert all("of/another/book" in complaint or "404 (" in complaint for complaint in opened.complaints)
    page.get_by_role("link", name="02 · Pricing lab").first.click()
    page.wait_for_url("**/chapters/02-pricing.html")
    assert page.get_by_role("heading", name="02 · Pricing lab").is_visible()
