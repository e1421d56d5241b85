"""Numbers that the prose of chapter 03 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prose import assert_offered, in_words, is_about, is_nearly, prose, run
from scipy import stats

from crmkit import load
from crmkit.data.hailang import TRUTH
from crmkit.models import finance, service
from crmkit.widgets import service as play
from crmkit.widgets.widget import Widget

STEM = "03-7p"
# A subscriber's five items of reliability: what she expects and what she perceives.
EXPECTED, PERCEIVED = (6, 6, 5, 7, 6), (5, 4, 5, 5, 5)
PAYMENT = finance.annuity_payment(100, 0.10, 2)
OWED = finance.balance_after(100, 0.10, 2, 1)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (
            "24 delivery people an hour come to Hailang's gate and spend 10 minutes there each, so {:.0f}",
            service.little_number(24, 10 / 60),
        ),
        ("Why {:.0f} minutes, if loading", 60 * service.mm1_time(24, 30)),
        ("if loading takes {:.0f}?", 60 / 30),
        (r"\text{{hours}} = {:.0f}\ \text{{minutes}}", 60 * service.mm1_wait(24, 30)),
        ("By hand, for a load of 1 and two people: $B_1 = 1/{:.0f}$", 1 / service.erlang_b(1, 1)),
        ("$B_2 = 0.5/2.5 = {:.1f}$", service.erlang_b(1, 2)),
        (r"$C = 0.2/(1-0.5\cdot0.8) = 1/{:.0f}$", 1 / service.erlang_c(1, 2)),
        ("expects {} on the five items of reliability", str(EXPECTED)[1:-1]),
        ("of reliability and perceives {}.", str(PERCEIVED)[1:-1]),
        ("$4.8 - 6.0 = {:.1f}$", np.mean(PERCEIVED) - np.mean(EXPECTED)),
        (
            "At 45 seconds a door, a wait of 24 minutes instead of 8 puts {:.0f} more doors behind",
            (24 - 8) * 60 / 45,
        ),
        ("(The simulation planted {:.0%}.", 1 - TRUTH.training_effect),
        ("100 yuan for two periods at 10% cost $10/(1-1.1^{{-2}}) = {:.2f}$ each", PAYMENT),
        ("the first pays 10 of interest, so $100 - {:.2f} = ", PAYMENT - 10),
        ("= {:.2f}$ is still owed", OWED),
        (r"$52.38\cdot1.1 = {:.2f}$", 1.1 * OWED),
        ("(a dear one, {} yuan a morning)", play.BOX_COST),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("Hailang has {:,} yuan a year", "loan", lambda c: c.bags),
        ("for {} cool bags, one for each round", "training", lambda c: len(c.routes)),
        ("| {} rounds from depot to milk box", "training", lambda c: len(c.routes)),
        ("fresh milk, in {} kinds", "decide", lambda c: in_words(len(c.unit_cost))),
        (
            r"$0.96\cdot0.92\cdot0.95\cdot0.97 = {:.3f}$ of",
            "blueprint",
            lambda c: service.rolled_yield(c.steps),
        ),
        (
            "The steps finish {} an hour",
            "blueprint",
            lambda c: "{:g}, {:g}, {:g} and {:g}".format(*(step.capacity for step in c.steps)),
        ),
        ("In Hailang's busiest hour come {:.0f} calls", "telephone", lambda c: c.calls),
        ("80 calls of {:.0f} minutes", "telephone", lambda c: 60 / c.an_hour),
        ("a base and {:.2f} yuan a bottle", "training", lambda c: c.carriers["commission"].mean()),
        ("has {} pairs of items", "gaps", lambda c: len(c.dimension)),
        ("They belong to {} dimensions", "gaps", lambda c: in_words(len(c.sizes))),
        ("of {:,} subscribers, item by item", "gaps", lambda c: len(c.survey)),
        ("The {}th has a **special cause**", "otif", lambda c: int(c.by_day[c.beyond].index[0][-2:])),
        ("Praising the {}th", "otif", lambda c: int(c.by_day["mean"].idxmax()[-2:])),
        ("scolding the {}th", "otif", lambda c: int(c.by_day["mean"][~c.beyond].idxmin()[-2:])),
        ("one in {} had a month without", "otif", lambda c: in_words(1 / c.every_day["min"].mean())),
        ("on one morning in {},", "clumps", lambda c: in_words(1 / c.long_wait)),
        ("one delivery in {} stays warm", "spoilage-long", lambda c: in_words(1 / c.long.mean())),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        (
            "put a second person on collecting the money",
            play.service_blueprint,
            {"name": {"collect the money"}, "people": {1, 2}},
        ),
        (
            "take the failures out of planning the route",
            play.service_blueprint,
            {"name": {"plan the route"}, "failures": {0}},
        ),
        (
            "go from 24 to 27 an hour, then through the six mornings",
            play.queue_at_the_gate,
            {"arrivals": {24, 27}, "morning": set(range(1, 7))},
        ),
        ("double the calls from 80 to 160", play.staffing_curve, {"calls": {80, 160}}),
        (
            "start from 240 stops in an open crate",
            play.length_of_a_round,
            {"stops": {240}, "crate": {"open crate"}},
        ),
        ("Take the cool box", play.length_of_a_round, {"crate": {"cool box"}}),
        (
            "after the same four hours, not up to two hours earlier or later",
            play.milk_at_the_door,
            {"mean": {4}, "spread": {0, 2}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_steps_of_the_complaint_are_those_that_the_prose_counts() -> None:
    told = (
        "take the call (6 minutes, 4% go wrong), find the delivery person (10, 8%), bring a bottle (12, 5%, "
    )
    assert f"{told}but two people do it), note it down (3, 3%)" in prose(STEM)
    steps = [(step.minutes, step.failure_rate, step.staff) for step in after("blueprint").steps]
    assert steps == [(6, 0.04, 1), (10, 0.08, 1), (12, 0.05, 2), (3, 0.03, 1)]


def test_a_second_gate_would_all_but_end_the_wait() -> None:
    assert "A second gate would all but end the wait." in prose(STEM)
    assert 60 * service.mmc_wait(24, 30, 2) < 8 / 10


def test_with_two_people_each_is_busy_half_of_the_time_and_every_third_caller_waits() -> None:
    assert "Each is busy half of the time, and still every third caller waits." in prose(STEM)
    assert service.utilisation(1, 1, servers=2) == 1 / 2
    assert service.erlang_c(1, 2) == pytest.approx(1 / 3)


def test_two_more_people_would_answer_nine_callers_in_ten_in_time() -> None:
    now, then = (service.service_level(80, 15, people, 20 / 3_600) for people in (7, 9))
    assert now < 2 / 3
    assert then > 9 / 10


def test_on_the_same_kind_of_round_about_half_of_the_effect_of_training_is_left() -> None:
    assert "and about half of the effect is left" in prose(STEM)
    cells = after("training")

    def effect(rows: pd.DataFrame) -> float:
        totals = rows.groupby("trained")[["left", "accounts"]].sum()
        monthly = totals["left"] / totals["accounts"]
        return monthly[1] / monthly[0] - 1

    for _, rows in cells.months.groupby("grade"):
        assert is_about(effect(rows), effect(cells.months) / 2)


def test_compact_rounds_lose_fewer_accounts_whoever_walks_them_and_were_trained_first() -> None:
    assert "lose fewer accounts whoever walks them, and their people were sent first" in prose(STEM)
    months = after("training").months
    lost = months.groupby(["grade", "trained"])[["left", "accounts"]].sum()
    monthly = lost["left"] / lost["accounts"]
    assert monthly["compact"].max() < monthly[["mixed", "scattered"]].min()
    assert months.groupby("grade")["trained"].mean().idxmax() == "compact"


def test_more_than_a_fifth_named_their_pay_yet_a_high_base_kept_nobody() -> None:
    cells = after("pay")
    assert "more than a fifth named their pay" in prose(STEM)
    assert 1 / 5 < cells.said < 1 / 4
    assert cells.a_year["high"] >= cells.a_year["low"]


def test_items_of_one_dimension_lie_together_and_promises_fall_shortest() -> None:
    assert "Items of one dimension lie together, as they should." in prose(STEM)
    gaps = after("gaps").items
    ranges = [(of_dimension.min(), of_dimension.max()) for _, of_dimension in gaps]
    assert all(a[1] < b[0] or b[1] < a[0] for a, b in combinations(ranges, 2))
    order = gaps.mean().sort_values().index.tolist()
    assert order[:2] == ["reliability", "responsiveness"]
    assert set(order[-2:]) == {"tangibles", "assurance"}


def test_the_mean_of_the_two_shares_is_above_otif() -> None:
    assert "and their mean is too high" in prose(STEM)
    cells = after("otif")
    assert (cells.deliveries["on_time"].mean() + cells.deliveries["in_full"].mean()) / 2 > cells.rate


def test_the_records_call_milk_by_seven_on_time() -> None:
    assert "its records are content with seven" in prose(STEM)
    about = load.about("hailang.deliveries_daily")
    (meaning,) = (row[-1] for row in about.rows if row[0] == "on_time")
    assert "by 7 o'clock" in meaning


def test_only_one_day_lies_beyond_the_band_and_nine_mornings_in_ten_are_good() -> None:
    assert "Nine mornings in ten sound decent." in prose(STEM)
    cells = after("otif")
    assert cells.beyond.sum() == 1
    assert is_about(cells.rate, 9 / 10)


def test_lateness_has_next_to_no_tail_and_routes_differ_by_no_more_than_luck() -> None:
    assert "OTIF differs by no more than luck explains" in prose(STEM)
    cells = after("clumps-figure")
    assert (cells.late >= 20).sum() == 0
    assert cells.seen[15:].sum() <= cells.by_chance[15:].sum() + 1
    calm = after("clumps").calm
    routes = calm["route_id"].nunique()
    surplus = routes * after("clumps").times_chance("otif", "route_id")
    assert stats.chi2.sf(surplus, routes - 1) > 0.05


def test_a_round_of_240_stops_in_an_open_crate_misses_two_goals_and_the_box_saves_one() -> None:
    def missed(**values: Any) -> list[bool]:
        caption = play.length_of_a_round.caption(**values)
        late, spoiled = re.search(r"([\d.]+)% come after six, and ([\d.]+)% of", caption).groups()
        return [float(late) > 5, float(spoiled) > 1.5]

    assert play.length_of_a_round.start == {"stops": 240, "seconds": 45, "crate": "open crate"}
    assert "where two goals are missed" in prose(STEM)
    assert missed(stops=240, crate="open crate") == [True, True]
    assert missed(stops=240, crate="cool box") == [True, False]
    assert missed(stops=200, crate="cool box") == [False, False]


def test_the_curve_of_the_widget_is_a_little_flatter_than_that_of_the_data() -> None:
    assert "its curve is a little flatter" in prose(STEM)
    assert 0.8 * after("spoilage").slope < play.SLOPE < after("spoilage").slope


def test_long_warm_deliveries_make_almost_half_of_the_spoiled_milk() -> None:
    cells = after("spoilage-long")
    assert "they make almost half of the spoiled milk" in prose(STEM)
    assert is_nearly(cells.spoiled[cells.long].sum() / cells.spoiled.sum(), 1 / 2)
    assert cells.spoils(cells.hours.mean()) < cells.spoiled.mean(), "the curve bends upwards"


def test_customers_complain_as_often_as_ever() -> None:
    assert "its customers complain as often as ever" in prose(STEM)
    cells = after("alarm")
    first, last = (
        len(heard) / cells.served.loc[of_year, "accounts"].sum()
        for heard, of_year in (
            (cells.first_year, cells.served["month"] < "1997-10"),
            (cells.last_year, cells.served["month"] >= "1998-10"),
        )
    )
    assert last / first == pytest.approx(1, abs=0.02)


def test_late_is_the_most_common_failure_and_spoiled_brings_complaints_twice_as_often() -> None:
    assert "a spoiled one makes people complain about twice as often" in prose(STEM)
    severity = after("severity").severity
    assert severity["failures"].idxmax() == severity["per 1,000"].idxmin() == "late"
    assert severity["per 1,000"].idxmax() == "spoiled"
    assert is_about(severity.loc["spoiled", "per 1,000"] / severity.loc["late", "per 1,000"], 2)


def test_putting_it_right_matters_in_every_row_and_the_subject_mostly_by_chance() -> None:
    assert "What it was about makes little difference, and mostly by chance." in prose(STEM)
    cells = after("leaving")
    assert (cells.gone["no"] > 1.5 * cells.gone["yes"]).all()
    is_gone = cells.after[cells.known.index] <= 3
    for answer in ("yes", "no"):
        rows = cells.right[cells.right == answer].index
        table = pd.crosstab(cells.known.loc[rows, "type"], is_gone[rows])
        assert stats.chi2_contingency(table).pvalue > 0.05


def test_those_whom_the_dairy_hears_are_answered_well_already() -> None:
    assert after("recovery").put_right[1] > 0.95 > 2 / 3 > after("recovery").put_right[0]


def test_nearly_all_complaints_that_stay_open_stay_so_in_silence() -> None:
    assert "nearly all that stay open stay so in silence" in prose(STEM)
    assert is_nearly(after("recovery").unheard, 1)


def test_institutions_are_few_and_large() -> None:
    assert "which differ from households: few, large," in prose(STEM)
    share = after("institutions").share / after("institutions").share.sum()
    assert share.loc["institution", "accounts"] < 0.05
    assert share.loc["institution", "bottles"] > 5 * share.loc["institution", "accounts"]


def test_two_years_at_8_per_cent_come_to_about_half_of_16_per_cent() -> None:
    assert (
        "Two years at 8% come to about half of 16%, because on average about half of the loan is owed."
        in prose(STEM)
    )
    cells = after("loan")
    assert (cells.monthly_rate * 12, cells.payments) == (0.08, 24)
    assert is_about(cells.interest / cells.bags, 0.16 / 2)
    owed = [finance.balance_after(60_000, 0.08 / 12, 24, paid) for paid in range(24)]
    assert is_about(np.mean(owed) / 60_000, 1 / 2)


def test_milk_alone_pays_for_the_bags_several_times_over() -> None:
    assert "milk alone pays for them several times over" in prose(STEM)
    cells = after("decide")
    assert cells.saved > 3 * cells.bags
    assert cells.pays_after < 15, "nobody will argue about so few minutes"
