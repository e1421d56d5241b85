"""The six widgets of the services chapter: what they say, how many frames they have, that texts fit."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import stats
from widget_checks import corners, headline, sample

from crmkit.models import service
from crmkit.widgets import find
from crmkit.widgets import service as chapter

NAMES = (
    "service_blueprint",
    "queue_at_the_gate",
    "staffing_curve",
    "mix_consistency",
    "milk_at_the_door",
    "length_of_a_round",
)
WIDGETS = [find(f"service.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


# How many


@each_widget
def test_a_widget_has_at_most_120_frames(widget):
    assert 40 <= len(list(widget.frames())) <= 120


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 0.97 · 0.94 · 0.98 · 0.95 · 0.96 = 0.815; 6 + 4 + 3 + 5 + 8 = 26; 60 / 8 = 7.5
        (chapter.service_blueprint, {}, "takes 26 minutes of work (26 today), goes right for 81.5%"),
        (chapter.service_blueprint, {}, "the bottleneck, to collect the money, lets 7.5 an hour through"),
        # The next slowest step is the order: 60 / 6 = 10
        (
            chapter.service_blueprint,
            {"name": "collect the money", "people": 2},
            "the bottleneck, to take the order, lets 10.0 an hour through (7.5 today)",
        ),
        # ρ = 0.8: ρ² / (1 − ρ) = 3.2 in line, for 3.2 / 24 of an hour
        (chapter.queue_at_the_gate, {}, "3.20 carriers wait, 8.0 minutes each"),
        # ρ = 0.9: 0.81 / 0.1 = 8.1
        (chapter.queue_at_the_gate, {"arrivals": 27}, "busy 90% of the time. In the long run 8.10 carriers"),
        (chapter.staffing_curve, {}, "a load of 5.00 erlangs"),
        (chapter.mix_consistency, {}, "Of 21 pairs 10 fit, 6 strain and 5 clash"),
        # 1 / (1 + exp(5.5 − 0.7 · 2)) = 1.6%
        (chapter.milk_at_the_door, {"mean": 2, "spread": 0}, "1.6% spoil, 3 of 200. If each"),
        (chapter.milk_at_the_door, {"mean": 2, "spread": 0}, "all alike, without a cool bag"),
        # 120 / 240 = 0.50 yuan; 200 of 240 stops of 45 s lie within 2.5 hours
        (chapter.length_of_a_round, {}, "costs 0.50 yuan a delivery; 16.7% come after six"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_first_caption_answers_a_question_of_the_exercise():
    assert "12.5 minutes" not in chapter.queue_at_the_gate.caption()
    assert "8.00 erlangs" not in chapter.staffing_curve.caption()
    assert "40.9%" not in chapter.staffing_curve.caption()


@pytest.mark.parametrize("widget", [w for w in WIDGETS if w is not chapter.mix_consistency])
def test_invented_data_is_called_simulated(widget):
    assert "simulated" in widget.caption()


def test_the_scale_of_the_mix_is_called_made_for_teaching():
    assert "made for teaching" in chapter.mix_consistency.caption()


# What the headlines say


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "18.5% go wrong; collecting money is the bottleneck"),
        ({"minutes": 50}, "3 min saved, 81.5% right, still 7.5 an hour"),
        ({"name": "collect the money", "people": 2}, "No time saved, 81.5% right, 10.0 an hour"),
        ({"name": "plan the route", "failures": 0}, "No time saved, 86.7% right, still 7.5 an hour"),
    ],
)
def test_time_yield_and_pace_each_have_a_cure_of_their_own(values, says):
    assert headline(chapter.service_blueprint, **values) == says


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ((0, 0, 0, 0), "All seven say the same: low cost"),
        ((1, 1, 1, 1), "All seven say the same: dependable"),
        ((2, 0, 2, 2), "6 of 21 pairs clash: the people break the promise"),
        ((0, 0, 0, 2), "6 of 21 pairs clash: the evidence breaks the promise"),
        ((0, 2, 2, 0), "10 of 21 pairs clash: two Ps break the promise"),
        ((2, 0, 0, 0), "12 of 21 pairs clash: three Ps break the promise"),
        ((1, 0, 2, 1), "1 of 21 pairs clashes, among the three new Ps"),
        ((1, 2, 1, 1), "No pair clashes, but 6 of 21 are under strain"),
    ],
)
def test_the_mix_is_judged_by_its_pairs(choices, says):
    options = (chapter.PROMISES, chapter.PEOPLE, chapter.PROCESS, chapter.EVIDENCE)
    values = {
        key: names[index]
        for key, names, index in zip(chapter.mix_consistency.controls, options, choices, strict=True)
    }
    assert headline(chapter.mix_consistency, **values) == says


def test_a_round_is_praised_only_if_it_is_on_time_and_safe():
    assert headline(chapter.length_of_a_round, stops=120, seconds=30) == (
        "On time and safe, for 1.00 yuan a delivery"
    )
    assert headline(chapter.length_of_a_round) == "0.50 yuan a delivery, but 17% come late and 2.7% spoil"


@pytest.mark.parametrize("frame", list(chapter.staffing_curve.frames()), ids=str)
def test_the_headline_never_calls_a_staff_too_small_that_seems_to_reach_the_target(frame):
    enough, one_fewer = re.findall(r"([\d.]+)%", headline(chapter.staffing_curve, **frame))
    assert float(one_fewer) < 80 <= float(enough)


# What the widgets teach


def test_six_mornings_together_are_near_the_long_run_at_every_load():
    for arrivals in chapter.queue_at_the_gate.controls["arrivals"].values:
        lines = []
        for morning in range(1, 7):
            minutes, waiting = chapter._line_over_a_morning(arrivals, morning)
            lines.append(np.average(waiting[:-1], weights=np.diff(minutes)))
        formula = service.little_number(arrivals, service.mm1_wait(arrivals, chapter.LOADED_AN_HOUR))
        assert abs(np.mean(lines) / formula - 1) < 1 / 3


def test_a_line_changes_by_one_carrier_at_a_time_and_is_never_negative():
    minutes, waiting = chapter._line_over_a_morning(24, 1)
    assert (np.diff(minutes) >= 0).all()
    assert waiting.min() == 0
    assert set(np.abs(np.diff(waiting))) <= {0, 1}


def test_simulated_carriers_cover_the_whole_morning():
    for morning in range(1, 7):
        gaps, _ = np.random.default_rng([chapter.SEED, morning]).exponential(
            1, (2, chapter.WARM_UP + chapter.SEEN)
        )
        assert (60 / 27 * gaps)[chapter.WARM_UP + 1 :].sum() > chapter.MORNING


def test_bottles_that_stand_unequally_long_spoil_more_than_their_mean_time_says():
    frames = [frame for frame in chapter.milk_at_the_door.frames() if frame["spread"] > 0]
    for frame in frames:
        spoiled, if_alike = re.findall(r"([\d.]+)%", chapter.milk_at_the_door.caption(**frame))
        assert float(spoiled) >= float(if_alike)


# The captions' numbers


def amounts_of_blueprint(name, minutes, failures, people):
    times = {step.name: step.minutes for step in chapter.SUBSCRIPTION}
    rates = {step.name: step.failure_rate for step in chapter.SUBSCRIPTION}
    paces = {step: 60 / time for step, time in times.items()}
    before = [sum(times.values()), math.prod(1 - rate for rate in rates.values()), min(paces.values())]
    times[name] *= minutes / 100
    rates[name] *= failures / 100
    paces[name] = 60 * people / times[name]
    now = [sum(times.values()), math.prod(1 - rate for rate in rates.values()), min(paces.values())]
    both = [
        (100 * x, 100 * y) if k == 1 else (x, y) for k, (x, y) in enumerate(zip(now, before, strict=True))
    ]
    return [times[name], 100 * rates[name], people, *itertools.chain(*both)]


def amounts_of_queue(arrivals, morning):
    def line(rate):
        return (rate / 30) ** 2 / (1 - rate / 30)

    minutes, waiting = chapter._line_over_a_morning(arrivals, morning)
    mean = (waiting[:-1] * np.diff(minutes)).sum() / 120
    wait = 60 * line(arrivals) / arrivals
    return [
        arrivals,
        30,
        100 * arrivals / 30,
        line(arrivals),
        wait,
        morning,
        mean,
        waiting.max(),
        line(arrivals + 1),
    ]


def amounts_of_staffing(calls, minutes, within):
    load = calls * minutes / 60
    poisson = stats.poisson(load)

    def waiting(staff):
        lost = poisson.pmf(staff) / poisson.cdf(staff)
        return staff * lost / (staff - load * (1 - lost))

    def level(staff):
        return 1 - waiting(staff) * math.exp(-(staff - load) * within / 60 / minutes) if staff > load else 0

    enough = next(staff for staff in range(1, 50) if level(staff) >= 0.8)
    shares = [level(enough), level(enough - 1), waiting(enough), load / enough]
    a, b, c, d = (100 * share for share in shares)
    return [calls, minutes, load, enough, a, within, enough - 1, b, 80, enough, c, d]


def amounts_of_mix(promise, people, process, evidence):
    first = chapter.PROMISES.index(promise)
    kinds = [first] * 4 + [
        names.index(name)
        for names, name in (
            (chapter.PEOPLE, people),
            (chapter.PROCESS, process),
            (chapter.EVIDENCE, evidence),
        )
    ]
    steps = [abs(one - other) for one, other in itertools.combinations(kinds, 2)]
    return [21, *(steps.count(step) for step in range(3))]


def amounts_of_milk(mean, spread, bag):
    def spoiled(hours):
        return 1 / (1 + np.exp(5.5 - 0.7 * np.maximum(0, hours)))

    share = spoiled(np.linspace(mean - spread, mean + spread, 200) - bag).mean()
    times = [mean - spread, mean + spread] * bool(spread) + [bag] * bool(bag)
    one_in_ten = (5.5 - math.log(9)) / 0.7
    return [mean, *times, 100 * share, 200 * share, 200, 100 * spoiled(mean - bag), one_in_ten, 4]


def amounts_of_round(stops, seconds, crate):
    hours = np.arange(1, stops + 1) * seconds / 3_600
    box = crate == "cool box"
    late = max(0, stops - 9_000 // seconds) / stops
    spoiled = (1 / (1 + np.exp(5.5 - 0.7 * (1 + np.maximum(0, hours - 3 * box))))).mean()
    return [stops, seconds, (120 + 15 * box) / stops, 100 * late, 100 * spoiled, 5, 1.5]


AMOUNTS = (
    amounts_of_blueprint,
    amounts_of_queue,
    amounts_of_staffing,
    amounts_of_mix,
    amounts_of_milk,
    amounts_of_round,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_formulas_own_rounded(widget, amounts):
    for frame in [widget.start, *corners(widget), *sample(widget, 25)]:
        caption = widget.caption(**frame)
        printed = re.findall(r"\d+(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            assert float(text) == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show


def test_no_line_of_carriers_is_cut_off_by_the_axes():
    figure, _ = chapter.queue_at_the_gate.draw(**chapter.queue_at_the_gate.start)
    for frame in chapter.queue_at_the_gate.frames():
        _, waiting = chapter._line_over_a_morning(**frame)
        assert waiting.max() < figure.axes[0].get_ylim()[1]


@each_widget
def test_nothing_here_is_negative_so_no_caption_has_a_minus(widget):
    assert not any("−" in widget.caption(**frame) for frame in sample(widget, 40))
