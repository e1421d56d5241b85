"""The instructor's guide: all of it in the instructor's edition, nothing of it on the public site."""

from __future__ import annotations

import csv
import html
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from pages import DOCUMENTS, ROOT

from crmkit.site.build import Site, build
from crmkit.site.course import Chapter
from crmkit.site.guide import lesson_plan, notes_of, read_concepts
from crmkit.site.publish import PublishError, inspect

GUIDE = sorted((ROOT / "instructor").glob("*.md"))
NOTEBOOKS = [path for path in DOCUMENTS.values() if path.suffix == ".ipynb"]

# Six words in a row without any mark: what survives on its way from a source to a page, whatever the page.
PHRASE = re.compile(r"\b[A-Za-z]+(?: [A-Za-z]+){5,}\b")


@pytest.fixture(scope="module")
def edition(site: Site) -> Site:
    """Return the instructor's edition; that it is built at all means that Sphinx warned of nothing.

    Built after the public one, for the two share what they bake.
    """
    return build(ROOT, instructor=True)


def phrases(text: str) -> set[str]:
    return set(PHRASE.findall(text))


def private_cells(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        for cell in nbformat.read(path, as_version=4).cells:
            if "instructor" in cell.metadata.get("tags", ()):
                yield cell.source


def public_text() -> str:
    """What readers may see anyway: the sources of the public pages, without their private cells."""
    parts = [path.read_text(encoding="utf-8") for path in DOCUMENTS.values() if path.suffix == ".md"]
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        parts += [cell.source for cell in cells if "instructor" not in cell.metadata.get("tags", ())]
    return "\n".join(parts)


def guide_phrases() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in GUIDE)
    # The keys of what directives read are not shown.
    return phrases(re.sub(r"^ *(before|class|after|S\d):", "", text, flags=re.MULTILINE))


def note_phrases() -> set[str]:
    return phrases("\n".join(private_cells(NOTEBOOKS)))


def text_of(path: Path) -> str:
    """Return a built file as text: a page without its tags, the inventory unpacked."""
    content = path.read_bytes()
    if path.name == "objects.inv":
        return zlib.decompress(content.split(b"zlib.\n", 1)[1]).decode()
    text = content.decode(errors="ignore")
    if path.suffix == ".html":
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    return text


def test_there_is_a_guide_to_look_for() -> None:
    assert len(guide_phrases()) > 100
    assert len(note_phrases()) > 80


def test_no_public_file_holds_a_word_of_the_guide_or_of_a_private_cell(site: Site) -> None:
    public = public_text()
    secret = {each for each in guide_phrases() | note_phrases() if each not in public}
    for path in site.folder.rglob("*"):
        if path.is_file() and path.suffix not in {".webp", ".png", ".woff", ".woff2"}:
            raw, text = path.read_text(encoding="utf-8", errors="ignore"), text_of(path)
            assert {each for each in secret if each in raw or each in text} == set(), path


def test_the_public_site_may_be_published_and_the_instructors_edition_may_not(
    site: Site, edition: Site
) -> None:
    assert inspect(ROOT, site.folder).files > 5000
    with pytest.raises(PublishError, match="it would tell what is not for readers"):
        inspect(ROOT, edition.folder)


def test_the_public_site_has_no_page_of_the_guide_and_its_search_knows_none(site: Site) -> None:
    assert not (site.folder / "instructor").exists()
    for name in ("searchindex.js", "objects.inv", "genindex.html", "index.html"):
        text = text_of(site.folder / name)
        assert "instructor/" not in text
        for page in GUIDE:
            title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
            assert title not in text or title == "Plans"


def test_the_instructors_edition_lies_outside_of_the_public_folder(site: Site, edition: Site) -> None:
    assert not edition.folder.is_relative_to(site.folder)
    assert not site.folder.is_relative_to(edition.folder)


def test_the_instructors_edition_has_the_public_pages_and_all_of_the_guide(edition: Site) -> None:
    for name in DOCUMENTS:
        assert (edition.folder / f"{name}.html").is_file()
    pages = [text_of(edition.folder / "instructor" / f"{path.stem}.html") for path in GUIDE]
    shown = " ".join(pages)
    assert {each for each in guide_phrases() if each not in shown} == set()


def test_the_instructors_edition_leads_nowhere_into_a_browser_edition(edition: Site) -> None:
    assert not (edition.folder / "lite").exists()
    for name in DOCUMENTS:
        page = (edition.folder / f"{name}.html").read_text(encoding="utf-8")
        assert re.findall(r'href="[^"]*\blite/[^"]*"', page) == []


def test_the_notes_of_every_chapter_are_in_the_guide(edition: Site) -> None:
    shown = text_of(edition.folder / "instructor" / "chapters.html").lower()
    assert {each for each in note_phrases() if each.lower() not in shown} == set()


def test_each_concept_is_in_the_guide_and_its_links_lead_to_a_place_in_a_chapter(edition: Site) -> None:
    page = (edition.folder / "instructor" / "concepts.html").read_text(encoding="utf-8")
    with (ROOT / "instructor" / "concepts.csv").open(encoding="utf-8", newline="") as file:
        names = [row["concept"] for row in csv.DictReader(file)]
    assert re.findall(r"<p>(S\d-\d\d)</p>", page) == names
    assert len(names) == len(set(names)) == 272
    ids: dict[str, set[str]] = {}
    links = re.findall(r'href="\.\./(chapters/[\w-]+)\.html#([^"]+)"', page)
    assert len(links) >= 190
    for chapter, anchor in links:
        if chapter not in ids:
            target = (edition.folder / f"{chapter}.html").read_text(encoding="utf-8")
            ids[chapter] = set(re.findall(r'\bid="([^"]+)"', target))
        assert anchor in ids[chapter], f"{chapter} has no place {anchor}"


# ---- what the guide is made from ----

NOTES = {
    "Minutes in class": "Decision 5 · segments, tiers 10 (by hand). Let them vote.",
    "Discuss": "(1) *Fair?* Good answers ask for whom. (2) *Legal?* It depends on art. (14) of a law.",
    "Board": "Left.",
}
PRICING = Chapter("02-pricing", "02", "Pricing lab", 75, 80, "", NOTES)


def test_the_minutes_become_a_table_and_the_questions_a_list() -> None:
    lines = notes_of([PRICING]).splitlines()
    assert lines[:2] == ["(guide-02)=", "## 02 · Pricing lab"]
    assert "**In class: 15 minutes**" in lines
    assert "| Segments, tiers (by hand) | 10 |" in lines
    assert "Let them vote." in lines
    assert "1. *Fair?* Good answers ask for whom." in lines
    assert "2. *Legal?* It depends on art. (14) of a law." in lines
    assert "**Board.** Left." in lines


def test_minutes_in_another_form_are_shown_as_they_stand() -> None:
    other = Chapter("12-capstone", "12", "Capstone", 240, 0, "", {"Minutes": "Four sessions of an hour."})
    assert "**Minutes.** Four sessions of an hour." in notes_of([other]).splitlines()


def test_a_lesson_on_a_chapter_to_come_says_so_and_a_chapter_without_a_lesson_is_named() -> None:
    lesson = {"before": "Read.", "class": "Vote.", "after": "Write."}
    plan = lesson_plan({"02-pricing": lesson, "13-more": lesson}, [PRICING])
    assert "### Week 1: 02 · Pricing lab" in plan
    assert "### Week 2: 13 · still to come" in plan
    with pytest.raises(ValueError, match="no lesson for 02-pricing"):
        lesson_plan({"13-more": lesson}, [PRICING])
    with pytest.raises(ValueError, match="02-pricing needs before, class, after; it has before"):
        lesson_plan({"02-pricing": {"before": "Read."}}, [PRICING])


def test_a_concept_that_is_taught_must_have_a_name(tmp_path: Path) -> None:
    names, places = tmp_path / "names.csv", tmp_path / "places.csv"
    names.write_text("concept,name,chinese\nS0-01,Price,价格\n", encoding="utf-8")
    head = "concept,chapter,anchor,practice\nS0-01,02-pricing,price,case\nS0-01,03-7p,seven,data\n"
    places.write_text(head, encoding="utf-8")
    (price,) = read_concepts(names, places)
    assert price.places == (("02-pricing", "price", "case"), ("03-7p", "seven", "data"))
    places.write_text(head + "S9-99,02-pricing,price,case\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"names\.csv has no name for S9-99"):
        read_concepts(names, places)
