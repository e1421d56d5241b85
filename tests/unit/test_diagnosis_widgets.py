"""The six widgets of the diagnosis chapter: what their captions say, against arithmetic and the tables."""

import re

import numpy as np
import pytest
from widget_checks import headline, sample

from crmkit.data import load
from crmkit.models import channel
from crmkit.quick import find as find_questions
from crmkit.widgets import diagnosis as chapter
from crmkit.widgets import find

NAMES = (
    "channel_graph",
    "order_to_cash",
    "after_exit",
    "route_or_training",
    "fad_treadmill",
    "rival_map",
)
WIDGETS = [find(f"diagnosis.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@each_widget
def test_a_widget_has_between_30_and_60_frames(widget):
    assert 30 <= len(list(widget.frames())) <= 60


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # Rounds of 5, 3, 2 and 2: (25 + 9 + 4 + 4) / 144; two depots and four people stand between.
        (chapter.channel_graph, {}, "3 get no milk, and 3 the dairy cannot reach at all"),
        (chapter.channel_graph, {}, "It has 6 single points of failure"),
        (chapter.channel_graph, {}, "is 2,917 of 10,000"),
        (chapter.channel_graph, {"gone": "depot 2", "phones": "12"}, "7 get no milk, and 0 the dairy cannot"),
        (chapter.order_to_cash, {}, "6 of 7 steps go through the delivery person"),
        (chapter.order_to_cash, {}, "the dairy never learns it"),
        # 200 · 0.955² · 0.985¹⁰, and 200 · 0.985¹² less that
        (chapter.after_exit, {}, "156.8 of the old accounts are left, 10.0 fewer than without the exit"),
        (chapter.after_exit, {}, "200.0 boxes are taken"),
        # Trained: 0.8 · 0.96% + 0.2 · 1.44%; untrained: 0.2 · 1.2% + 0.8 · 1.8%
        (chapter.route_or_training, {}, "lose 37.1% fewer; within each kind of route, 20.0% fewer"),
        (chapter.fad_treadmill, {}, "it halves in 8.7 months"),  # 0.6931 / 0.08
        (chapter.fad_treadmill, {"launched": "once"}, "and 0.05% at the end"),  # 6 · e^(−0.08 · 60)
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_caption_at_the_start_and_no_quick_question_answers_a_question_of_the_exercise():
    told = [f"{o.text} {o.reason}" for q in find_questions("diagnosis").questions for o in q.options]
    told += [widget.caption() for widget in WIDGETS]
    assert not re.search(r"3,000|3\.33|6,000|\b5\.8\b|\.493|49\.3|0\.12 a month|12% a month", " ".join(told))


def test_no_setting_is_that_of_an_exercise():
    assert 12 not in chapter.fad_treadmill.controls["fades"].values


@pytest.mark.parametrize(
    ("widget", "word"),
    [
        (chapter.channel_graph, "made-up dairy"),
        (chapter.order_to_cash, "This course's drawing"),
        (chapter.after_exit, "simulated"),
        (chapter.route_or_training, "Simulated"),
        (chapter.fad_treadmill, "simulated"),
        (chapter.rival_map, "Simulated"),
    ],
)
def test_a_caption_says_where_its_numbers_come_from(widget, word):
    assert word in widget.caption()


# The channel


def out_of_reach(**values):
    return int(re.search(r"(\d+) the dairy cannot reach", chapter.channel_graph.caption(**values))[1])


@pytest.mark.parametrize("gone", chapter.GONE)
def test_the_more_telephones_the_fewer_are_out_of_reach(gone):
    counts = [out_of_reach(gone=gone, phones=phones) for phones in ("0", "1", "3", "6", "12")]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


def test_a_telephone_brings_no_milk():
    assert headline(chapter.channel_graph, gone="person A", phones="12") == (
        "Person A gone: 5 without milk, all can be called"
    )


def test_with_two_people_at_each_door_only_a_depot_can_take_the_milk_away():
    for gone in ("person A", "person B", "person D"):
        assert headline(chapter.channel_graph, gone=gone, known=chapter.TWO).endswith("still gets milk")
    assert "It has 1 single point of failure" in chapter.channel_graph.caption(known=chapter.TWO)


# From order to cash


def test_what_the_delivery_person_passes_on_is_learnt_the_same_day_whatever_else_there_is():
    for event in chapter.EVENTS:
        for other in (chapter.NOTHING, chapter.TELEPHONE, chapter.CARD):
            caption = chapter.order_to_cash.caption(event=event, person=chapter.PASSED, other=other)
            assert "the dairy learns it the same day" in caption


def test_a_card_tells_of_money_and_never_of_milk():
    def learns(event):
        return headline(chapter.order_to_cash, event=event, person=chapter.KEPT, other=chapter.CARD)

    assert learns("a payment falls short").endswith("at once, on the card")
    assert learns("the milk is sour").endswith("the dairy never learns it")


# After an exit


@pytest.mark.parametrize("frame", sample(chapter.after_exit, 8), ids=str)
def test_accounts_and_boxes_are_those_of_month_by_month_arithmetic(frame):
    faces, boxes, without = 200.0, 200.0, 200.0
    for month in range(1, 13):
        rate = 0.015 * (frame["ratio"] if month <= frame["risky"] else 1)
        boxes += -boxes * rate + chapter.FILLED[frame["refill"]] * boxes * rate
        faces -= faces * rate
        without -= without * 0.015
    caption = chapter.after_exit.caption(**frame)
    assert f"{faces:.1f} of the old accounts are left, {without - faces:.1f} fewer" in caption
    assert f"{boxes:.1f} boxes are taken" in caption


def test_a_waiting_list_hides_the_loss():
    assert headline(chapter.after_exit, ratio=6, risky=4).endswith("and no box is empty")
    assert headline(chapter.after_exit, ratio=6, risky=4, refill="nobody").endswith("boxes are empty")


# The route or the training


def percentages(**values):
    caption = chapter.route_or_training.caption(**values)
    return [float(text) for text in re.search(r"lose (−?[\d.]+)% .* (−?[\d.]+)% fewer\.", caption).groups()]


def test_without_an_effect_all_of_the_difference_is_the_route():
    shown, true = percentages(effect=0, allotted=95, gap=2.0)
    assert true == 0
    assert shown == pytest.approx(100 * (1 - (0.95 + 0.05 * 2) / (0.05 + 0.95 * 2)), abs=0.05)


@pytest.mark.parametrize("values", [{"allotted": 50}, {"gap": 1.0}])
def test_if_routes_are_alike_or_trained_alike_there_is_no_trap(values):
    shown, true = percentages(effect=20, **values)
    assert shown == true == 20
    assert headline(chapter.route_or_training, effect=20, **values) == (
        "No trap here: 20% fewer leave, either way"
    )


# Fads


def test_the_level_shown_is_that_of_the_model():
    decay = channel.Decay(start=6, rate=0.13)
    level = channel.launches_level(decay, np.arange(0, 60, 12), [60])[0]
    caption = chapter.fad_treadmill.caption(fades=13, launched="every 12 months")
    assert f"and {level:.2f}% at the end" in caption
    assert "5 products have" in caption


def test_the_faster_they_fade_and_the_rarer_they_come_the_less_they_hold():
    def held(**values):
        return float(re.search(r"([\d.]+)% of the sales", headline(chapter.fad_treadmill, **values))[1])

    by_speed = [held(fades=fades) for fades in (3, 8, 13, 18, 23)]
    by_interval = [held(launched=launched) for launched in chapter.INTERVALS]
    assert by_speed == sorted(by_speed, reverse=True)
    assert by_interval == sorted(by_interval)


# The rival


def test_the_map_is_what_the_tables_say():
    table = load("hailang.route_months").merge(load("hailang.routes"), on="route_id")
    now = table[table["month"] == "1999-09"]
    rival = now["zone_id"].isin([3, 7, 12])
    boxes = now["boxes"].groupby(rival).sum()
    left = 100 * now["left"].groupby(rival).sum() / boxes
    empty = 100 * (boxes - now["accounts"].groupby(rival).sum()) / boxes
    caption = chapter.rival_map.caption(month="1999-09")
    assert f"in the 3 zones with a rival {left[True]:.2f}, in the others {left[False]:.2f}" in caption
    caption = chapter.rival_map.caption(month="1999-09", measure=chapter.EMPTY)
    assert f"with a rival {empty[True]:.2f}, in the others 0.00" in caption


def test_before_october_1998_there_is_no_rival():
    assert headline(chapter.rival_map, month="1998-09").endswith("no rival yet")
    assert "with a rival" in headline(chapter.rival_map, month="1998-10")
