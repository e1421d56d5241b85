"""Every page for those who do not see it, or do not use a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import axe
import pytest
from browser import PHONE, wait_for
from pages import DOCUMENTS, Open
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LOOKS = ["color-contrast", "link-in-text-block"]
"""The rules whose outcome depends on colours."""

# A style of the test's own, in a way that a Content-Security-Policy does not forbid.
NO_TRANSITIONS = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
"""

UNFOLD = "document.querySelectorAll('details:not([open])').forEach((d) => { d.open = true; })"

SCROLLERS_ARE_REACHED = """
[...document.querySelectorAll("article :is(pre, .cell_output > .output, .katex-display)")]
  .concat(...document.querySelectorAll("article .pst-scrollable-table-container"))
  .every((element) => element.scrollWidth <= element.clientWidth || element.tabIndex === 0)
"""


@pytest.fixture(scope="module")
def axe_source() -> str:
    return axe.source()


@pytest.fixture
def unfolded(open_page: Open) -> Callable[[str], Page]:
    """Return a function that opens a page with all that can be unfolded open.

    A page of its own, for axe leaves traces.
    """

    def unfold(name: str) -> Page:
        page = open_page(name).page
        page.wait_for_load_state("networkidle")
        page.evaluate(NO_TRANSITIONS)
        page.evaluate(UNFOLD)
        return page

    return unfold


@pytest.mark.parametrize("name", [*DOCUMENTS, "search", "genindex"])
def test_axe_finds_nothing_that_keeps_anybody_out(
    unfolded: Callable[[str], Page], axe_source: str, name: str
) -> None:
    page = unfolded(name)
    page.evaluate(axe_source)
    found = {"light": axe.findings(page)}
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found["dark"] = axe.findings(page, rules=LOOKS)
    page.set_viewport_size(PHONE["viewport"])
    wait_for(page, SCROLLERS_ARE_REACHED)  # the theme looks for them a moment after a change of size
    found["dark phone"] = axe.findings(page)
    assert found == {"light": [], "dark": [], "dark phone": []}


def test_a_picture_says_in_words_what_it_shows(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    pictures = page.evaluate("[...document.images].map((image) => [image.getAttribute('src'), image.alt])")
    for source, words in pictures:
        assert len(words) > 20, f"{source} says only {words!r}"
        assert not re.search(r"\.(png|webp|svg|jpe?g)$|^data:", words), f"{source} says the name of a file"
        assert " " in words
    told = [words for _, words in pictures]
    assert sorted(told) == sorted(set(told)), "two pictures of a page say the same"


def test_a_drawing_in_the_page_has_a_name_or_is_hidden(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    nameless = page.evaluate(
        """[...document.querySelectorAll(".bd-article svg")].filter((svg) =>
          !svg.closest("[aria-hidden=true]") && !svg.matches("[aria-label], [aria-labelledby], :has(title)"))
          .map((svg) => svg.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_a_header_cell_says_what_it_heads(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    headers = page.evaluate(
        """[...document.querySelectorAll(".bd-article th")]
          .map((th) => [th.textContent.trim(), th.scope, th.closest("thead") !== null])"""
    )
    for text, scope, in_head in headers:
        assert text, "a header cell is empty"
        assert scope == ("col" if in_head else "row")


def test_chinese_is_marked_as_chinese(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    unmarked = page.evaluate(
        """() => {
          const article = document.querySelector(".bd-article");
          const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
          const found = [];
          while (texts.nextNode()) {
            const { data, parentElement } = texts.currentNode;
            if (/\\p{Script=Han}/u.test(data) && !parentElement.closest("[lang=zh], pre, svg, option, .math"))
              found.push(data.trim());
          }
          return found;
        }"""
    )
    assert unmarked == []


def test_a_link_in_a_text_is_underlined(settled_page: Open, page_name: str) -> None:
    page = settled_page(page_name).page
    plain = page.evaluate(
        """[...document.querySelectorAll(".bd-article :is(p, li, td, dd) a[href]")]
          .filter((a) => a.checkVisibility() && a.textContent.trim() && !a.closest("nav, svg, .headerlink"))
          .filter((a) => !getComputedStyle(a).textDecorationLine.includes("underline"))
          .map((a) => a.outerHTML.slice(0, 120))"""
    )
    assert plain == []


# ---- with the keyboard alone ----

# Numbers all that the Tab key should reach, in the order of the page, and notes what it does reach.
WATCH = """
(inside) => {
  const all = document.querySelector(inside).querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']");
  const groups = new Set();
  window.stops = [...all].filter((element) => {
    if (element.disabled || element.tabIndex < 0) return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if (element.type !== "radio") return true;
    return !groups.has(element.name) && groups.add(element.name); // Tab goes to one button of a group
  });
  window.walked = [];
  document.addEventListener("focusin", ({ target }) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
    const ring = /\\) 0px 0px 0px [1-9]/.test(boxShadow); // how the theme's lists of links show the focus
    const drawn = ring || (outlineStyle !== "none" && outlineWidth !== "0px");
    const { width, height } = target.getBoundingClientRect();
    walked.push([stops.indexOf(target), drawn && width > 0 && height > 0, target.outerHTML.slice(0, 120)]);
  });
  return stops.length;
}
"""


@dataclass(frozen=True)
class Stop:
    """Where the Tab key went: the place in the order of the page, −1 if it should not be there."""

    place: int
    seen: bool
    element: str


def walk(page: Page, inside: str = "body") -> tuple[list[Stop], int]:
    """Press Tab until the page is left; return where the focus went and how many places there are."""
    page.evaluate(NO_TRANSITIONS)
    places: int = page.evaluate(WATCH, inside)
    for _ in range(places + 3):
        page.keyboard.press("Tab")
        if inside == "body" and page.evaluate("document.activeElement === document.body"):
            break
    return [Stop(*stop) for stop in page.evaluate("walked")], places


@pytest.mark.parametrize(
    "name", ["index", "chapters/02-pricing", "exercises/02-pricing", "glossary", "search"]
)
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_tab_goes_through_a_page_in_order_and_shows_where_it_is(
    open_page: Open, name: str, options: dict[str, Any]
) -> None:
    page = open_page(name, **options).page
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # the theme looks for what scrolls a moment after the page has settled
    stops, places = walk(page)
    assert [stop.place for stop in stops] == list(range(places))
    assert [stop.element for stop in stops if not stop.seen] == []


def test_the_first_tab_skips_to_the_text(open_page: Open) -> None:
    page = open_page("chapters/02-pricing").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_hidden_code_unfolds_and_folds_with_a_key(open_page: Open) -> None:
    page = open_page("chapters/02-pricing").page
    summary = page.locator(".bd-article details.hide > summary").first
    code = page.locator(".bd-article details.hide").first.locator("pre").first
    for key, seen, name in (
        ("Enter", True, "Hide code cell source"),
        ("Space", False, "Show code cell source"),
    ):
        summary.press(key)
        assert code.is_visible() == seen
        assert summary.inner_text() == name


MENUS = {
    "Contents of the course": "#pst-primary-sidebar-modal",
    "On this page": "#pst-secondary-sidebar-modal",
    "Search": "#pst-search-dialog",
}


@pytest.mark.parametrize("menu", MENUS)
def test_a_menu_on_a_phone_opens_is_walked_through_and_closes_with_keys(open_page: Open, menu: str) -> None:
    page = open_page("chapters/02-pricing", **PHONE).page
    button = page.locator(".header-article-items").get_by_role("button", name=menu, exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator(MENUS[menu])
    dialog.locator("a, input").first.wait_for()
    stops, places = walk(page, MENUS[menu])
    reached = {stop.place for stop in stops}
    assert reached >= set(range(places))
    assert [stop.element for stop in stops if stop.place >= 0 and not stop.seen] == []
    assert page.evaluate(
        "document.activeElement.closest('main') === null || document.activeElement.closest('dialog')"
    )
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    wait_for(page, "(button) => button === document.activeElement", arg=button.element_handle())


def test_a_sidebar_that_is_folded_away_is_not_walked_through(open_page: Open) -> None:
    page = open_page("chapters/02-pricing").page
    page.evaluate(NO_TRANSITIONS)
    button = page.get_by_role("button", name="Contents of the course", exact=True)
    button.press("Enter")
    page.locator("#pst-primary-sidebar a").first.wait_for(state="hidden")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    button.press("Enter")
    page.locator("#pst-primary-sidebar a").first.wait_for()


def test_the_button_for_colours_says_which_are_on(open_page: Open) -> None:
    page = open_page("index").page
    button = page.get_by_role("button", name="Colours: ")
    names = []
    for _ in range(3):
        names.append(" ".join(button.aria_snapshot().split('"')[1].split()))
        button.press("Enter")
    assert sorted(names) == ["Colours: as the system", "Colours: dark", "Colours: light"]


# ---- widgets ----


def test_a_caption_is_read_once_and_after_a_move_announced_once(open_page: Open) -> None:
    page = open_page("chapters/02-pricing").page
    figure = page.locator("figure.crmkit-widget").first
    figure.scroll_into_view_if_needed()
    slider = figure.get_by_role("slider").first
    caption, announced = figure.locator("figcaption"), figure.locator("[aria-live=polite]")
    assert figure.aria_snapshot().count(caption.inner_text()) == 1
    assert "status" not in figure.aria_snapshot(), "the value beside a slider would be told at each step"
    announced.evaluate(
        """(p) => {
          p.said = [];
          new MutationObserver(() => p.said.push(p.textContent)).observe(p, { childList: true });
        }"""
    )
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    wait_for(page, "(p) => p.textContent !== ''", arg=announced.element_handle())
    said = [text for text in announced.evaluate("(p) => p.said") if text]
    assert said == [caption.inner_text()]
    page.keyboard.press("ArrowLeft")
    assert announced.text_content() == "", "what was announced would be read again beside the new picture"
