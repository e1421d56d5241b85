"""Widgets in a notebook: what a reader moves redraws the figure, and its caption says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any, TypeVar

import ipywidgets
import pytest
from matplotlib.figure import Figure

from crmkit.widgets import live, style
from crmkit.widgets.widget import Choice, Slider, Widget

DRAWN: list[dict[str, Any]] = []
T = TypeVar("T")


def draw(price: float, place: str) -> tuple[Figure, str]:
    """How dear is it?"""
    DRAWN.append({"price": price, "place": place})
    figure, _ = style.new_figure()
    return figure, f"{price:.2f} yuan <{place}>"


@pytest.fixture
def widget() -> Widget:
    DRAWN.clear()
    return Widget(
        draw,
        {"price": Slider("Price", 1, 2, 0.5, 1.5, "yuan", 2), "place": Choice("Place", ("shop", "door"))},
    )


def parts(box: Any) -> tuple[Any, Any, Any, Any]:
    heading, slider, menu, picture = box.children
    return heading, slider, menu, picture


def apart(act: Callable[[], T]) -> T:
    """Return what `act` returns in a thread of its own: browser tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def test_the_box_shows_the_question_the_controls_and_the_figure_with_its_caption(widget: Widget) -> None:
    heading, slider, menu, picture = parts(live.build(widget))
    assert "How dear is it?" in heading.value
    assert [text for text, _ in slider.options] == ["1.00 yuan", "1.50 yuan", "2.00 yuan"]
    assert list(menu.options) == ["shop", "door"]
    assert "1.50 yuan <shop>" in unescape(picture.value)


def test_the_caption_is_the_alternative_text_and_markup_in_it_is_text(widget: Widget) -> None:
    *_, picture = parts(live.build(widget))
    assert 'alt="1.50 yuan &lt;shop&gt;"' in picture.value
    assert "<shop>" not in picture.value


def test_without_a_running_loop_a_move_redraws_at_once(widget: Widget) -> None:
    def move() -> str:
        _, slider, menu, picture = parts(live.build(widget))
        slider.value = 2.0
        menu.value = "door"
        return unescape(picture.value)

    assert "2.00 yuan <door>" in apart(move)


def test_a_drag_redraws_once_it_pauses(widget: Widget) -> None:
    async def drag() -> tuple[int, str]:
        _, slider, _, picture = parts(live.build(widget))
        DRAWN.clear()
        for value in (1.0, 1.5, 2.0, 1.0):
            slider.value = value
        await asyncio.sleep(5 * live.DEBOUNCE_SECONDS)
        return len(DRAWN), unescape(picture.value)

    drawn, shown = apart(lambda: asyncio.run(drag()))
    assert drawn == 1
    assert "1.00 yuan" in shown


def test_the_view_comes_without_text_of_its_own(widget: Widget) -> None:
    bundle = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("How dear is it?\n[Price = 1.50 yuan, Place = shop]")


def test_every_control_can_be_reached_by_keyboard(widget: Widget) -> None:
    _, slider, menu, _ = parts(live.build(widget))
    assert isinstance(slider, ipywidgets.SelectionSlider)
    assert isinstance(menu, ipywidgets.Dropdown)
