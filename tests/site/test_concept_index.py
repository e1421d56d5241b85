"""The readers' index of concepts: each entry leads to a section that teaches it, and to its definition."""

from __future__ import annotations

import csv
import re
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import DOCUMENTS, ROOT

from crmkit.site.build import Site
from crmkit.site.concepts import (
    INDEX,
    PLACES,
    Entry,
    Section,
    concept_index,
    glossary_terms,
    introduced,
    read_entries,
    sections_of,
)
from crmkit.site.course import Chapter, chapters

BOOK = chapters(ROOT)
ENTRIES = read_entries(ROOT, BOOK)
PRICING = Chapter("02-pricing", "02", "Pricing lab", 75, 80, "", {})


def rows(table: Path) -> list[dict[str, str]]:
    with (ROOT / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- the index of this course ----


def test_the_index_holds_the_courses_concepts_and_terms_under_one_name_each() -> None:
    names = [entry.name.lower() for entry in ENTRIES]
    assert names == sorted(set(names))
    assert len(names) > 280
    assert {row["name"] for row in rows(INDEX)} <= {entry.name for entry in ENTRIES}


def test_nine_in_ten_concepts_of_the_course_can_be_looked_up() -> None:
    stood_for = [concept for row in rows(INDEX) for concept in row["concepts"].split()]
    every = {row["concept"] for row in rows(PLACES)}
    assert set(stood_for) <= every
    assert len(set(stood_for)) > 0.9 * len(every)


def test_a_name_says_nothing_of_sources_and_ids() -> None:
    for entry in ENTRIES:
        assert not re.search(r"\bS\d|\bsource|\berror hunt|instructor|“", entry.name, re.IGNORECASE), (
            entry.name
        )
        assert len(entry.name) <= 45


def test_every_chapter_is_in_the_index() -> None:
    assert {stem for entry in ENTRIES for stem, _, _ in entry.places} == {each.stem for each in BOOK}


def test_each_link_of_the_page_leads_to_the_place_whose_heading_it_shows(site: Site) -> None:
    page = (site.folder / "concepts.html").read_text(encoding="utf-8")
    article = page.partition("<article")[2].partition("</article>")[0]
    links = re.findall(r'<a href="(chapters/[\w-]+)\.html#([^"]+)">\d\d · (.*?)</a>', article)
    assert len(links) == sum(len(entry.places) for entry in ENTRIES)
    targets = {name: (site.folder / f"{name}.html").read_text(encoding="utf-8") for name, _, _ in links}
    for name, anchor, heading in links:
        _, found, _ = targets[name].partition(f'id="{anchor}"')
        assert found, f"{name} has no place {anchor}"
        shown = re.findall(r"<h[1-4]>(.*?)<a class=\"headerlink\"", targets[name], re.DOTALL)
        assert heading in shown, f"{name} has no heading {heading}"
    definitions = re.findall(r'href="glossary\.html#([^"]+)"', article)
    glossary = (site.folder / "glossary.html").read_text(encoding="utf-8")
    assert len(definitions) == sum(bool(entry.term) for entry in ENTRIES)
    assert [ident for ident in definitions if f'id="{ident}"' not in glossary] == []
    words = unescape(re.sub(r"<[^>]+>", "", article))  # Chinese is marked up as such
    assert [entry.chinese for entry in ENTRIES if entry.chinese not in words] == []


# ---- what it is made from ----


def written(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "02-pricing.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def test_a_section_has_its_heading_its_anchors_and_its_own_text(tmp_path: Path) -> None:
    sections = sections_of(
        written(
            tmp_path,
            new_markdown_cell("# 02 · Pricing lab\n\nA decision."),
            new_code_cell("1 + 1"),
            new_markdown_cell("(pricing-price)=\n## A price\n\nIt is charged."),
            new_markdown_cell("(pricing-inline)=\nMore of it.\n\n## Cost\n\nPaid."),
            new_markdown_cell("## For instructors\n\nTen minutes.", metadata={"tags": ["instructor"]}),
        )
    )
    assert sections == [
        Section("02 · Pricing lab", ("pricing-lab",), "A decision."),
        Section("A price", ("a-price", "pricing-price", "pricing-inline"), "It is charged.\nMore of it."),
        Section("Cost", ("cost",), "Paid."),
    ]


def test_a_term_is_introduced_where_it_is_bold_or_else_where_its_chinese_name_is() -> None:
    book = {
        "01-4p": [Section("Four", ("four",), "A price, and 弹性 of a kind.")],
        "02-pricing": [Section("Cost", ("cost",), "**Elasticities**"), Section("E", ("e",), "**Price**s")],
    }
    assert introduced("price", [], book) == ("02-pricing", "e", "E")
    assert introduced("elasticity", ["弹性"], book) == ("01-4p", "four", "Four")
    assert introduced("uplift", ["增益"], book) is None
    assert introduced("uplift", [], book) is None


def test_the_glossary_gives_each_terms_chinese_names() -> None:
    text = "```{glossary}\nprice\n  价格 (*jiàgé*). What is charged.\n\nfour Ps\n  4P: four (四 *sì*).\n```\n"
    assert glossary_terms(text) == {"price": ["价格"], "four Ps": []}


def test_an_entry_shows_its_chinese_name_its_places_and_its_definition() -> None:
    place = ("02-pricing", "cost", "From cost")
    text = concept_index(
        [Entry("4C", "", "", (place,)), Entry("mark-up", "加成", "mark-up", (place,))], [PRICING]
    )
    link = '<a href="chapters/02-pricing.html#cost">02 · From cost</a>'
    assert text.splitlines() == [
        "2 concepts, each with the sections that teach it.",
        "",
        "## 0–9",
        "",
        f"- **4C**: {link}",
        "",
        "## M",
        "",
        f"- **mark-up** (加成): {link} · {{term}}`definition <mark-up>`",
    ]


@pytest.mark.parametrize(
    ("anchor", "concepts", "complaint"),
    [
        ("cost", "S0-01 S9-99", "concept-index.csv: 'cost' stands for S9-99: not in concepts.csv"),
        ("gone", "S0-01", "02-pricing has no place 'gone'"),
    ],
)
def test_what_leads_nowhere_is_named(tmp_path: Path, anchor: str, concepts: str, complaint: str) -> None:
    (tmp_path / "chapters").mkdir()
    written(tmp_path / "chapters", new_markdown_cell("# Pricing\n\n## Cost"))
    (tmp_path / "glossary.md").write_text("# Glossary\n")
    (tmp_path / PLACES).write_text(f"concept,chapter,anchor,practice\nS0-01,02-pricing,{anchor},case\n")
    (tmp_path / INDEX).write_text(f"name,chinese,concepts\ncost,,{concepts}\n")
    with pytest.raises(ValueError, match=complaint):
        read_entries(tmp_path, [PRICING])


def test_the_pages_table_of_contents_has_the_index() -> None:
    assert "concepts" in DOCUMENTS
