"""Every page of the site, in a real browser."""

from __future__ import annotations

import re

import pytest
from browser import PHONE
from pages import DOCUMENTS, Open

from crmkit.site.build import Site

pytestmark = pytest.mark.browser


def test_a_page_loads_without_an_error_and_without_leaving_its_origin(
    settled_page: Open, page_name: str
) -> None:
    assert settled_page(page_name).complaints == []


def test_every_picture_of_a_page_is_there(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    broken = page.evaluate("[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)")
    assert broken == []


def test_math_is_set_where_there_is_math(settled_page: Open, site: Site, page_name: str) -> None:
    source = (site.folder / f"{page_name}.html").read_text(encoding="utf-8")
    formulas = len(re.findall(r'class="math ', source))
    if not formulas:
        pytest.skip("no formula on this page")
    page = settled_page(page_name).page
    page.locator("mjx-container").first.wait_for()
    page.wait_for_function(f"document.querySelectorAll('mjx-container').length >= {formulas}")
    assert page.locator("mjx-merror").count() == 0


def test_a_page_fits_the_width_of_a_phone(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name, **PHONE).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("window.innerWidth") == 390, "the page made the phone zoom out"


CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const words = "p, li, dt, figcaption, label, output, legend, option, .crmkit-reset";
  const texts = `.bd-article :is(${words}, .crmkit-map span, :is(code, pre) > span)`;
  return [...document.querySelectorAll(texts)]
    .filter((element) => element.checkVisibility() && element.textContent.trim())
    .map((element) => {
      const one = luminance(getComputedStyle(element).color), other = luminance(behind(element));
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return [element.tagName, element.textContent.trim().slice(0, 40), ratio];
    })
    .filter(([, , ratio]) => ratio < 4.5);
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_background(settled_page: Open, page_name: str, theme: str) -> None:
    page = settled_page(page_name).page
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    faint = page.evaluate(CONTRAST)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert faint == []


CHAPTERS = [name for name in DOCUMENTS if name.startswith("chapters/")]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_reader_who_prefers_dark_gets_dark_pages_and_pictures(open_page: Open, chapter: str) -> None:
    page = open_page(chapter, color_scheme="dark").page
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    filters = page.locator("div.cell_output img").evaluate_all(
        "(all) => all.map((image) => getComputedStyle(image).filter)"
    )
    assert all(each.startswith("invert(") for each in filters)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_search_finds_a_chapter_by_a_word_of_its_title(open_page: Open, site: Site, chapter: str) -> None:
    source = (site.folder / f"{chapter}.html").read_text(encoding="utf-8")
    title = re.search(r"<h1>(.*?)<", source)
    assert title is not None
    word = max(re.findall(r"[A-Za-z]+", title[1]), key=len)
    opened = open_page("search")
    opened.page.goto(f"{opened.page.url}?q={word}")
    opened.page.locator(f"#search-results a[href^='{chapter}.html']").first.wait_for()
    assert opened.complaints == []
