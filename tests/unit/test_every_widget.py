"""What holds of every widget of every chapter: its title, its captions, and that its texts can be read."""

import pkgutil
import re
from importlib import import_module

import pytest
from widget_checks import assert_texts_fit, corners, sample

from crmkit import widgets
from crmkit.widgets.widget import Widget

WIDGETS = [
    found
    for module in pkgutil.iter_modules(widgets.__path__)
    for found in vars(import_module(f"crmkit.widgets.{module.name}")).values()
    if isinstance(found, Widget)
]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.name)

SLIPS = re.compile(r"\b(nan|inf|None)\b|[+−]0\.?0*[ %]")
"""What a caption must not say: a missing number, or a zero with a sign."""


def test_each_chapter_has_four_to_six_widgets():
    chapters = [widget.name.partition(".")[0] for widget in WIDGETS]
    assert len(set(chapters)) >= 9
    assert all(4 <= chapters.count(chapter) <= 6 for chapter in chapters)


@each_widget
def test_the_title_is_a_question(widget: Widget):
    assert widget.title.endswith("?")


@each_widget
def test_frames_say_something_of_their_own_without_nan(widget: Widget):
    captions = [widget.caption(**frame) for frame in sample(widget, 40)]
    assert len(set(captions)) == len(captions)
    assert not any(SLIPS.search(caption) for caption in captions)


@each_widget
def test_texts_are_legible_inside_the_picture_and_apart_from_each_other(widget: Widget):
    for frame in [widget.start, *corners(widget), *sample(widget, 12)]:
        figure, _ = widget.draw(**frame)
        assert_texts_fit(figure, frame)


@each_widget
def test_the_axes_keep_their_limits_so_that_dragging_compares_fairly(widget: Widget):
    limits = set()
    for frame in [widget.start, *corners(widget)]:
        figure, _ = widget.draw(**frame)
        limits.add(tuple((*ax.get_xlim(), *ax.get_ylim()) for ax in figure.axes))
    assert len(limits) == 1


@each_widget
def test_on_a_phone_of_360_pixels_a_point_is_at_least_a_pixel(widget: Widget):
    figure, _ = widget.draw(**widget.start)
    assert 360 / figure.get_figwidth() >= 72
