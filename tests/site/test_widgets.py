"""Every widget on the published pages, moved by mouse, keyboard and finger, without a kernel."""

from __future__ import annotations

import re
from statistics import median
from typing import Any

import pytest
from browser import PHONE, wait_for
from pages import Open, captions_of
from playwright.sync_api import ElementHandle, Locator, Page, Route

from crmkit.site.build import Site
from crmkit.widgets import find

pytestmark = pytest.mark.browser

Place = tuple[str, int]

# Notes, for each frame shown, the milliseconds from the input event that asked for it until it is painted.
WATCH = """
(figure) => {
  if (figure.seen) return;
  const controls = [...figure.querySelectorAll(".crmkit-control input, .crmkit-control select")];
  const step = (c) => (c.tagName === "SELECT" ? c.selectedIndex : Number(c.value));
  const size = (c) => (c.tagName === "SELECT" ? c.options.length : Number(c.max) + 1);
  const asked = new Map();
  const image = figure.querySelector("img"), caption = figure.querySelector("figcaption");
  figure.seen = [];
  figure.addEventListener("input", () => {
    asked.set(String(controls.reduce((n, c) => n * size(c) + step(c), 0)), performance.now());
  }, true);
  new MutationObserver(() => {
    const frame = figure.dataset.frame;
    const note = { frame, source: image.src, alt: image.alt, caption: caption.textContent };
    requestAnimationFrame(() => setTimeout(() => {
      figure.seen.push({ ...note, ms: performance.now() - asked.get(frame) });
    }));
  }).observe(figure, { attributes: true, attributeFilter: ["data-frame"] });
}
"""


def figure_at(page: Page, place: Place) -> Locator:
    """Return the widget at a place, its controls at the start."""
    figure = page.locator("figure.crmkit-widget").nth(place[1])
    figure.scroll_into_view_if_needed()
    reset = figure.get_by_role("button", name="Reset")
    reset.click()
    wait_until_shown(figure)
    return figure


def shown(figure: Locator) -> dict[str, Any]:
    state: dict[str, Any] = figure.evaluate(
        """(figure) => ({
          frame: Number(figure.dataset.frame),
          source: figure.querySelector("img").src,
          alt: figure.querySelector("img").alt,
          caption: figure.querySelector("figcaption").textContent,
        })"""
    )
    return state


def wanted_frame(figure: Locator) -> int:
    """Return the number of the picture that belongs to where the controls stand."""
    number: int = figure.evaluate(
        """(figure) => [...figure.querySelectorAll(".crmkit-control :is(input, select)")].reduce((n, c) =>
          c.tagName === "SELECT" ? n * c.options.length + c.selectedIndex
                                 : n * (Number(c.max) + 1) + Number(c.value), 0)"""
    )
    return number


def wait_until_shown(figure: Locator) -> dict[str, Any]:
    """Wait until the figure shows the picture that its controls ask for, and return what it shows."""
    wait_for(
        figure.page,
        "([figure, frame]) => figure.dataset.frame === String(frame)",
        arg=[_handle(figure), wanted_frame(figure)],
    )
    return shown(figure)


def _handle(figure: Locator) -> ElementHandle:
    handle = figure.element_handle()
    assert handle is not None
    return handle


def assert_consistent(site: Site, figure: Locator, state: dict[str, Any]) -> None:
    captions = captions_of(site, figure.get_attribute("data-frames") or "")
    assert state["source"].endswith(f"/{state['frame']}.webp")
    assert state["alt"] == state["caption"] == captions[state["frame"]]


def first_control(figure: Locator) -> Locator:
    """Return the first control, a slider or a list to choose from: the arrow keys move either."""
    return figure.locator(".crmkit-control :is(input, select)").first


def drag(figure: Locator, slider: Locator, *, steps: int = 8, pace: int = 30) -> None:
    """Drag a slider with the mouse from its left to its right end and back to the middle."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    mouse, y = slider.page.mouse, box["y"] + box["height"] / 2
    left, right = box["x"] + 8, box["x"] + box["width"] - 8
    mouse.move(left, y)
    mouse.down()
    for part in [*range(steps + 1), *range(steps, steps // 2, -1)]:
        mouse.move(left + (right - left) * part / steps, y)
        figure.page.wait_for_timeout(pace)
    mouse.up()


def test_a_widget_starts_with_the_picture_and_caption_of_its_definition(
    settled_page: Open, site: Site, widget_place: Place
) -> None:
    figure = figure_at(settled_page(widget_place[0]).page, widget_place)
    state = shown(figure)
    assert_consistent(site, figure, state)
    assert state["frame"] == wanted_frame(figure)
    assert state["caption"] == find(figure.get_attribute("data-widget") or "").caption()


def test_a_mouse_drag_shows_each_new_picture_with_its_caption(
    settled_page: Open, site: Site, widget_place: Place
) -> None:
    opened = settled_page(widget_place[0])
    figure = figure_at(opened.page, widget_place)
    figure.evaluate(WATCH)
    for slider in figure.locator("input[type=range]").all():
        before = len(figure.evaluate("(figure) => figure.seen"))
        drag(figure, slider)
        wait_until_shown(figure)
        wait_for(
            opened.page,
            "(image) => image.complete && image.naturalWidth > 0",
            arg=figure.locator("img").element_handle(),
        )
        opened.page.wait_for_timeout(100)
        seen = figure.evaluate("(figure) => figure.seen")[before:]
        others = int(slider.get_attribute("max") or 0)  # steps besides the one that it started from
        assert len({each["frame"] for each in seen}) >= min(2, others), "the drag changed nothing"
        for each in seen:
            assert_consistent(site, figure, each | {"frame": int(each["frame"])})
    assert opened.complaints == []


def test_the_keyboard_moves_every_control(settled_page: Open, site: Site, widget_place: Place) -> None:
    page = settled_page(widget_place[0]).page
    figure = figure_at(page, widget_place)
    for control in figure.locator(".crmkit-control :is(input, select)").all():
        before = shown(figure)
        value = control.evaluate("(c) => c.getAttribute('aria-valuetext') ?? c.value")
        control.focus()
        at_end = control.evaluate(
            "(c) => c.tagName === 'SELECT' ? c.selectedIndex === c.options.length - 1 : c.value === c.max"
        )
        is_select = control.evaluate("(c) => c.tagName === 'SELECT'")
        there, back = ("ArrowDown", "ArrowUp") if is_select else ("ArrowRight", "ArrowLeft")
        page.keyboard.press(back if at_end else there)
        after = wait_until_shown(figure)
        assert_consistent(site, figure, after)
        assert after["source"] != before["source"]
        assert after["caption"] != before["caption"]
        assert control.evaluate("(c) => c.getAttribute('aria-valuetext') ?? c.value") != value


def test_a_finger_moves_a_slider(settled_page: Open, site: Site, widget_place: Place) -> None:
    page = settled_page(widget_place[0], **PHONE).page
    figure = figure_at(page, widget_place)
    if not figure.locator("input[type=range]").count():
        pytest.skip("only lists to choose from: nothing to drag")
    slider = figure.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    before = shown(figure)
    touch = page.context.new_cdp_session(page)
    x, y, width = box["x"], box["y"] + box["height"] / 2, box["width"]
    share = slider.evaluate("(slider) => slider.value / slider.max")
    path = [share, share * 0.9 + 0.05, 0.5 * share + 0.25, 0.95 if share < 0.5 else 0.05]
    for kind, part in zip(["touchStart", "touchMove", "touchMove", "touchMove"], path, strict=True):
        point = {"x": x + 8 + part * (width - 16), "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        page.wait_for_timeout(30)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    after = wait_until_shown(figure)
    assert after["frame"] != before["frame"]
    assert_consistent(site, figure, after)


def test_controls_are_large_enough_for_a_finger(settled_page: Open, widget_place: Place) -> None:
    figure = figure_at(settled_page(widget_place[0], **PHONE).page, widget_place)
    for control in figure.locator("input, select, button").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def test_controls_have_names_and_values_in_words(settled_page: Open, widget_place: Place) -> None:
    page = settled_page(widget_place[0]).page
    figure = figure_at(page, widget_place)
    widget = find(figure.get_attribute("data-widget") or "")
    assert page.get_by_role("figure", name=widget.title, exact=True).count() >= 1
    for key, control in widget.controls.items():
        named = figure.get_by_label(control.label, exact=True)
        assert named.count() == 1
        if named.get_attribute("type") == "range":
            assert named.get_attribute("aria-valuetext") == control.text(widget.start[key])
    assert figure.get_by_role("button", name="Reset").count() == 1


def test_reset_goes_back_to_the_start(settled_page: Open, widget_place: Place) -> None:
    page = settled_page(widget_place[0]).page
    figure = figure_at(page, widget_place)
    before = shown(figure)
    control = first_control(figure)
    text = control.get_attribute("aria-valuetext")
    control.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    wait_until_shown(figure)
    figure.get_by_role("button", name="Reset").click()
    assert wait_until_shown(figure) == before
    assert control.get_attribute("aria-valuetext") == text


def test_a_caption_is_announced_once_the_control_rests(settled_page: Open, widget_place: Place) -> None:
    page = settled_page(widget_place[0]).page
    figure = figure_at(page, widget_place)
    announced = figure.locator("[aria-live=polite]")
    first_control(figure).focus()
    page.keyboard.press("ArrowRight")
    wait_until_shown(figure)
    announced.evaluate("(p) => { p.textContent = ''; }")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    state = wait_until_shown(figure)
    assert announced.text_content() == ""
    wait_for(page, "(p) => p.textContent !== ''", arg=announced.element_handle())
    assert announced.text_content() == state["caption"]


def test_without_javascript_the_first_picture_and_caption_are_there(
    settled_page: Open, site: Site, widget_place: Place
) -> None:
    page = settled_page(widget_place[0], java_script_enabled=False).page
    figure = page.locator("figure.crmkit-widget").nth(widget_place[1])
    picture = figure.locator("img")
    picture.scroll_into_view_if_needed()
    assert figure.locator("figcaption").inner_text() == picture.get_attribute("alt")
    assert page.request.get(picture.evaluate("(image) => image.src")).ok
    assert not figure.locator(".crmkit-controls").is_visible()


def test_paper_shows_a_picture_and_no_controls(settled_page: Open, widget_place: Place) -> None:
    page = settled_page(widget_place[0]).page
    figure = figure_at(page, widget_place)
    page.emulate_media(media="print")
    figure.locator("img").wait_for(state="visible")  # the picture of the start may still be on its way
    controls_shown = figure.locator(".crmkit-controls").is_visible()
    page.emulate_media(media="screen")
    assert not controls_shown


@pytest.fixture
def first_widget(site: Site) -> tuple[str, str]:
    """Return a page whose first widget has a slider, and the name of that widget's folder of pictures."""
    for page in sorted(site.folder.rglob("*.html")):
        source = page.read_text(encoding="utf-8")
        first = re.search(r"<figure[^>]*crmkit-widget.*?</figure>", source, re.DOTALL)
        if first and 'type="range"' in first[0]:
            found = re.search(r'data-frames="(?:\.\./)*([^"]+)"', first[0])
            assert found
            return page.relative_to(site.folder).with_suffix("").as_posix(), found[1]
    pytest.skip("the site shows no widget that begins with a slider")


def test_a_picture_that_arrives_late_does_not_replace_a_newer_one(
    open_page: Open, site: Site, first_widget: tuple[str, str]
) -> None:
    page = open_page(first_widget[0]).page
    figure = figure_at(page, (first_widget[0], 0))
    slider = figure.locator("input[type=range]").first
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held or not route.request.url.endswith(f"/{late}.webp"):
            route.continue_()
        else:
            held.append(route)

    # Straight to a far step, whose picture has not been loaded in advance, and on before it arrives.
    slider.evaluate("(s) => { s.value = s.max; }")
    late = wanted_frame(figure)
    page.route("**/*.webp", hold_the_first)
    slider.dispatch_event("input")
    slider.evaluate("(s) => { s.value = 0; }")
    slider.dispatch_event("input")
    state = wait_until_shown(figure)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(300)
    assert shown(figure) == state
    assert_consistent(site, figure, state)


def test_a_steady_drag_keeps_up_over_a_slow_network(open_page: Open, first_widget: tuple[str, str]) -> None:
    page = open_page(first_widget[0]).page
    figure = figure_at(page, (first_widget[0], 0))
    figure.evaluate(WATCH)
    latency = 400  # milliseconds: much longer than a busy machine takes for anything else
    slow = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    slider = figure.locator("input[type=range]").first
    slider.focus()
    for _ in range(4):
        page.wait_for_timeout(500)
        page.keyboard.press("ArrowRight")
    wait_until_shown(figure)
    page.wait_for_timeout(100)
    seen = figure.evaluate("(figure) => figure.seen")
    assert len(seen) == 4
    assert median(each["ms"] for each in seen) < latency


def test_a_picture_that_cannot_be_loaded_leaves_the_caption_of_the_one_shown(
    open_page: Open, site: Site, first_widget: tuple[str, str]
) -> None:
    page = open_page(first_widget[0]).page
    figure = figure_at(page, (first_widget[0], 0))
    before = shown(figure)
    page.route("**/*.webp", lambda route: route.abort())
    slider = figure.locator("input[type=range]").first
    slider.evaluate("(s) => { s.value = s.max; }")
    slider.dispatch_event("input")
    message = figure.locator(".crmkit-failed")
    message.wait_for()
    assert "could not be loaded" in (message.text_content() or "")
    assert shown(figure) == before
