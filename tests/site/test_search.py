"""Search: every term of the glossary is found, in English and in Chinese, with the place and its text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from browser import PHONE, Visit, visit
from pages import DOCUMENTS, ROOT, Open
from playwright.sync_api import Browser, Page, expect

from crmkit.site.build import Site
from crmkit.site.concepts import glossary_terms, sections_of
from crmkit.site.search import BilingualSearch, abbreviations, chinese_names, pairs, split
from crmkit.site.serve import Server

TERMS = glossary_terms((ROOT / "glossary.md").read_text(encoding="utf-8"))
CHAPTERS = {name: path for name, path in DOCUMENTS.items() if name.startswith("chapters/")}

# ---- words ----


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("price elasticity", ["price", "elasticity"]),
        ("价", ["价"]),
        ("弹性", ["弹", "性", "弹性"]),
        ("SWOT分析 p-chart", ["SWOT", "分", "析", "分析", "p", "chart"]),
        ("4C 便利、成本", ["4C", "便", "利", "便利", "成", "本", "成本"]),
    ],
)
def test_chinese_is_indexed_by_its_characters_and_pairs_and_english_by_its_words(
    text: str, words: list[str]
) -> None:
    assert split(text) == words


@pytest.mark.parametrize(
    ("definition", "names"),
    [
        ("公关 or 公共关系 (gōngguān, gōnggòng guānxì). Goodwill (商誉).", ["公关", "公共关系"]),
        ("识别、区分、互动、定制 (shíbié). Four steps.", ["识别", "区分", "互动", "定制"]),
        ("Of a promotion, 增量 (zēngliàng): sales above the baseline.", ["增量"]),
        ("p 控制图 (p kòngzhìtú). A chart.", ["p 控制图"]),
        ("A model (模型). Nothing before it.", []),
    ],
)
def test_a_definition_begins_with_the_chinese_names(definition: str, names: list[str]) -> None:
    assert chinese_names(definition) == names


def test_a_definition_gives_abbreviations_after_the_pinyin_or_in_so_many_words() -> None:
    assert abbreviations("净推荐值 (jìng tuījiànzhí), NPS. Of 100 answers …") == ["NPS"]
    assert abbreviations("X (x). What a customer is worth, CLV for short; texts differ.") == ["CLV"]
    assert abbreviations("X (x). The cost of a thousand contacts, in short CPM.") == ["CPM"]
    assert abbreviations("X (x). Not for short walks, but CLV.") == []


def test_short_words_are_not_stemmed_and_long_ones_are() -> None:
    english = BilingualSearch({})
    assert [english.stem(word) for word in ("NPS", "prices", "弹性")] == ["nps", "price", "弹性"]


# ---- the index ----


@pytest.fixture(scope="module")
def pages_with(site: Site) -> Callable[[str], set[str]]:
    """Return a function that gives the pages of the index with all words of a query."""
    script = (site.folder / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(script[len("Search.setIndex(") : -1])
    english = BilingualSearch({})

    def pages(query: str) -> set[str]:
        words = [
            word for run in re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", query) for word in words_of(run)
        ]
        found = [set(listed(word)) for word in words if english.word_filter(word)]
        return {index["docnames"][number] for number in set.intersection(*found)}

    def words_of(run: str) -> list[str]:
        if "\u3400" <= run[0] <= "\u9fff":
            return pairs(run) or [run]
        return [english.stem(word) for word in english.split(run)]

    def listed(word: str) -> Iterator[int]:
        for table in (index["terms"], index["titleterms"]):
            numbers = table.get(word, [])
            yield from [numbers] if isinstance(numbers, int) else numbers

    return pages


def test_a_term_is_found_in_the_glossary_and_in_each_chapter_that_has_it(
    pages_with: Callable[[str], set[str]],
) -> None:
    texts = {
        name: "\n".join(f"{section.heading}\n{section.text}" for section in sections_of(path))
        for name, path in CHAPTERS.items()
    }
    checked = 0
    for term, names in TERMS.items():
        for name in (term, *names):
            found = pages_with(name)
            assert "glossary" in found, name
            if name != term:  # English words are stemmed; Chinese must be found wherever it stands
                having = {chapter for chapter, text in texts.items() if name in text}
                assert having <= found, name
                checked += len(having)
    assert checked > 200


# ---- the page ----


@pytest.fixture(scope="module")
def searching(browser: Browser, server: Server) -> Iterator[Visit]:
    """Return the search page after a search, so that its index is there."""
    opened = visit(browser, f"{server.address}search.html?q=弹性", server.address)
    expect(opened.page.locator("#search-results .context a[href]").first).to_be_visible()
    yield opened
    opened.context.close()


RESULTS = """
(queries) => queries.map((query) =>
  Search._performSearch(...Search._parseQuery(query)).reverse().map(([page, , anchor]) => page + anchor))
"""


def results(page: Page, *queries: str) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(RESULTS, list(queries))
    return found


@pytest.mark.browser
def test_the_page_splits_a_query_as_the_index_is_split(searching: Visit) -> None:
    for query in ("价", "弹性", "客户终身价值", "4C 便利", "SWOT分析", "price elasticity"):
        pieces = [
            piece
            for run in re.findall(r"[\u3400-\u9fff]+|[A-Za-z0-9]+", query)
            for piece in (pairs(run) or [run] if run[0] > "\u3400" else [run])
        ]
        assert searching.page.evaluate("(query) => splitQuery(query)", query) == pieces


@pytest.mark.browser
def test_each_term_in_english_or_chinese_leads_first_to_its_definition(searching: Visit) -> None:
    names = [name for term, names in TERMS.items() for name in (term, *names)]
    entries = searching.page.evaluate("Search._index.indexentries")
    for name, found in zip(names, results(searching.page, *names), strict=True):
        homes = [f"glossary#{ident}" for _, ident, _ in entries[name.lower()]]
        assert found[0] in homes, f"{name}: {found[:3]}"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("弹性", "chapters/02-pricing"),
        ("客户终身价值", "chapters/07-lifetime-value"),
        ("4C 便利", "chapters/04-4c"),
        ("convenience 便利", "chapters/04-4c"),
        ("NPS", "chapters/09-process"),
        ("clv", "chapters/07-lifetime-value"),
        ("送奶员", "chapters/11-hailang-strategy"),
        ("价", "chapters/02-pricing"),
        ("pricing", "chapters/02-pricing"),
        ("trial on routes", "chapters/11-hailang-strategy"),
    ],
)
def test_a_query_finds_the_chapter(searching: Visit, query: str, page: str) -> None:
    assert page in results(searching.page, query)[0]


@pytest.mark.browser
def test_every_word_of_a_query_must_be_on_the_page(searching: Visit) -> None:
    both, one, nonsense = results(searching.page, "convenience 便利", "便利", "convenience 便利 zzqq")
    assert set(both) <= {*one, "glossary"}
    assert nonsense == []
    terms = results(searching.page, "Net Promoter Score")[0]
    assert "glossary" not in terms, "the page of a term that was found is listed again"


@pytest.mark.browser
@pytest.mark.parametrize(
    "screen", [{"viewport": {"width": 1300, "height": 900}}, PHONE], ids=["desk", "phone"]
)
def test_a_reader_searches_from_a_chapter_and_lands_at_the_place(open_page: Open, screen: dict) -> None:
    opened = open_page("chapters/00-what-is-crm", **screen)
    page = opened.page
    page.get_by_role("button", name="Search").locator("visible=true").first.click()
    field = page.locator("dialog input[name=q]")
    expect(field).to_be_focused()
    field.fill("弹性")
    field.press("Enter")
    pricing = page.locator("#search-results li", has=page.get_by_role("link", name="02 · Pricing lab"))
    place = pricing.locator(".context a")
    expect(place).to_have_text("Elasticity: how much demand minds")
    expect(pricing.locator(".context")).to_contain_text("需求价格弹性")
    assert pricing.locator(".highlighted").all_inner_texts() == ["弹性"]
    expect(page.locator("#search-results li").first).to_contain_text("弧弹性 (hú tánxìng)")
    place.click()
    page.wait_for_url("**/chapters/02-pricing.html#*")
    heading = page.get_by_role("heading", name="Elasticity: how much demand minds")
    expect(heading).to_be_in_viewport()
    assert opened.complaints == []


@pytest.mark.browser
def test_the_field_of_the_search_page_says_what_to_do_if_nothing_is_found(open_page: Open) -> None:
    opened = open_page("search")
    field = opened.page.locator("main input[name=q]")
    field.fill("elasticity zzqq")
    field.press("Enter")
    status = opened.page.locator("#search-results .search-summary")
    expect(status).to_contain_text("No page has all of these words.")
    expect(opened.page.locator("main input[name=q]")).to_have_value("elasticity zzqq")
    assert opened.complaints == []
