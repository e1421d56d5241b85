"""Every page of the site, in a real browser."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import PHONE, Visit, visit, wait_for
from fontTools.ttLib import TTFont
from pages import DOCUMENTS, Open
from playwright.sync_api import Browser

from crmkit.site.build import Site
from crmkit.site.serve import Server, serve

pytestmark = pytest.mark.browser

ICONS = """
[...document.querySelectorAll("*")]
  .flatMap((element) => ["::before", "::after"].map((part) => getComputedStyle(element, part)))
  .filter((style) => style.fontFamily.includes("Font Awesome") && /^".+"$/.test(style.content))
  .map((style) => style.content.codePointAt(1))
"""


@cache
def weight(file: Path) -> int:
    """Return the bytes that a server sends for a file."""
    if file.suffix in {".webp", ".png", ".woff", ".woff2"}:
        return file.stat().st_size
    return len(gzip.compress(file.read_bytes()))


def test_a_page_loads_without_an_error_and_without_leaving_its_origin(
    settled_page: Open, page_name: str
) -> None:
    opened = settled_page(page_name)
    assert opened.complaints == []
    assert opened.page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    assert opened.violations == []


def test_a_page_is_light_and_has_the_icons_that_it_shows(
    settled_page: Open, site: Site, page_name: str
) -> None:
    page = settled_page(page_name).page
    resources = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    files = {site.folder / urlsplit(address).path.lstrip("/") for address in [page.url, *resources]}
    assert sum(map(weight, files)) <= 1_200_000
    icons = TTFont(site.folder / "_static/icons.woff").getBestCmap()
    assert set(page.evaluate(ICONS)) <= set(icons)


def test_every_picture_of_a_page_is_there(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    broken = page.evaluate("[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)")
    assert broken == []


def test_formulas_are_set_for_eyes_and_for_screen_readers(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    formulas = page.locator(".math")
    if not formulas.count():
        assert page.locator("link[href*=katex]").count() == 0
        return
    for part in (".katex-html", ".katex-mathml math"):
        assert page.locator(f".math {part}").count() == formulas.count()
    assert page.evaluate("document.fonts.check('1em KaTeX_Main')")
    assert page.locator(".katex-error").count() == 0


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


SLIPPED_IN = """
<script>window.slipped = "script";</script>
<img src="nowhere.png" onerror="window.slipped = 'handler';">
"""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_script_slipped_into_a_page_runs_only_without_the_policy(
    browser: Browser, site: Site, server: Server, guarded: bool
) -> None:
    source = (site.folder / "index.html").read_text(encoding="utf-8").replace("</article>", SLIPPED_IN)
    if not guarded:
        source = re.sub("<meta http-equiv[^>]*>", "", source)
    address = f"{server.address}slipped.html"
    page = browser.new_page()
    page.route(address, lambda route: route.fulfill(body=source, content_type="text/html"))
    page.goto(address)
    assert page.evaluate("window.slipped") == (None if guarded else "handler")
    page.close()


def test_code_is_copied_and_colours_are_switched_under_the_policy(open_page: Open) -> None:
    opened = open_page("chapters/02-pricing", permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    cell = page.locator("div.cell_input .highlight").first
    cell.hover()
    cell.get_by_role("button").click()
    wait_for(page, "navigator.clipboard.readText().then((text) => text.includes('import'))")
    before = page.evaluate("document.documentElement.dataset.mode")
    page.locator(".theme-switch-button").click()
    assert page.evaluate("document.documentElement.dataset.mode") != before
    assert (opened.complaints, opened.violations) == ([], [])


MOVED = """
([figure, was]) => figure.dataset.frame !== was && figure.querySelector("img").naturalWidth > 0
"""


def walk_through(opened: Visit, address: str) -> None:
    """From home to a chapter, move a widget, search, and answer a question on a page that was found."""
    page = opened.page
    page.locator(".crmkit-map a[href*='02-pricing']").click()
    page.wait_for_url(f"{address}chapters/02-pricing.html")
    figure = page.locator("figure.crmkit-widget").first
    before = figure.get_attribute("data-frame")
    figure.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "([figure, was]) => figure.dataset.frame !== was", arg=[figure.element_handle(), before])
    wait_for(
        page, "(image) => image.complete && image.naturalWidth", arg=figure.locator("img").element_handle()
    )

    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill("elasticity")
    page.keyboard.press("Enter")
    page.locator("#search-results a[href^='chapters/02-pricing.html']").first.click()
    page.wait_for_url(f"{address}chapters/02-pricing.html*")

    question = page.locator(".crmkit-question").first
    question.locator("input").first.check()
    assert question.locator(".crmkit-verdict").inner_text()
    assert opened.off_origin == []
    assert opened.violations == []


def test_the_site_works_from_a_folder_of_a_server(browser: Browser, site: Site, tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to(site.folder, target_is_directory=True)
    with serve(tmp_path, port=0) as server:
        address = f"{server.address}course/"
        opened = visit(browser, f"{address}index.html", address)
        walk_through(opened, address)
        assert opened.failed == []
        opened.context.close()


def test_the_site_works_from_a_disk(browser: Browser, site: Site) -> None:
    address = f"{site.folder.as_uri()}/"
    opened = visit(browser, f"{address}index.html", address)
    walk_through(opened, address)
    opened.context.close()


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
