"""How long a widget takes to draw itself and to become a picture, once a control has moved."""

import itertools

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crmkit.widgets import pricing
from crmkit.widgets.style import encode_png
from crmkit.widgets.widget import Widget

WIDGETS = {name: found for name, found in vars(pricing).items() if isinstance(found, Widget)}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_drawn_and_rendered(benchmark: BenchmarkFixture, name: str):
    widget = WIDGETS[name]
    frames = itertools.cycle(widget.frames())

    def draw_next() -> bytes:
        figure, _ = widget.draw(**next(frames))
        return encode_png(figure)

    benchmark.pedantic(draw_next, rounds=20, warmup_rounds=2)
