"""Numbers that the prose of chapter 05 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from prose import assert_offered, in_tex, in_words, is_about, is_nearly, prose, run

from crmkit import load
from crmkit.models import relationship
from crmkit.widgets import relationship as play
from crmkit.widgets.widget import Widget

STEM = "05-4r"
# A customer's 26 yuan a month at a churn of 1.5%; one role for 2 yuan takes a fifth of the churn away.
BARE, WITH_ROLE = relationship.role_ladder_values(26, 0.015, 2, 0.20, 1, 0.01)
TELLING = relationship.separating_payouts(0.30, 0.01, 0.30, 0.06)
THRESHOLD = relationship.threshold_discount_factor(temptation=90, reward=60, punishment=20)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (
            "with $d=1\\%$: a customer who brings 26 yuan a month and leaves with a chance of 1.5% is worth "
            r"$26 \cdot 0.985/0.025 = {}$ yuan",
            in_tex(BARE),
        ),
        (
            "A role for 2 yuan a month that takes away a fifth of the churn makes that "
            r"$24 \cdot 0.988/0.022 = {}$",
            in_tex(WITH_ROLE),
        ),
        (
            "$F=12{{,}}000$ a month, 1.00 a call inside, 3.50 plus 0.50 for dealing outside: "
            "$Q^* = 12{{,}}000/3.00 = {}$ calls",
            in_tex(relationship.make_or_buy_volume(12_000, 1.00, 3.50, 0.50)),
        ),
        (
            r"1.5% fail, at 10 yuan: $400 \cdot 0.015 \cdot 10 = {:.0f}$ yuan",
            relationship.guarantee_cost(0.015, 10, units=400),
        ),
        ("{:.0f} fen a delivery", 100 * relationship.guarantee_cost(0.015, 10)),
        (
            r"$\pi = 0.30$ yuan a delivery for both, failure rates of 1% and 6%. The bad seller gives up "
            "above $M = 0.30/0.06 = {:.0f}$ yuan",
            TELLING.low,
        ),
        ("the good one above $0.30/0.01 = {:.0f}$", TELLING.high),
        (
            "earns 60 yuan a month from a street as long as she carries the ice, 90 in the month in which "
            r"she saves herself the ice, 20 once the street has noticed. $\delta^* = 30/70 = {:.2f}$",
            THRESHOLD,
        ),
        ("Both are far above {:.2f}", THRESHOLD),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("Most tables used here hold 1 in {:.0f} of its routes", "setup", lambda c: 1 / c.sample),
        ("is then {:.0f} times the sample's", "setup", lambda c: 1 / c.sample),
        ("take {:,} yuan for the line", "line-cost", lambda c: c.fixed),
        ("and {:.2f} yuan a complaint for contracting", "line-cost", lambda c: c.dealing),
        ("answer that line for {:.2f} yuan", "line-cost", lambda c: c.quote),
        ("and they are {:.0f} fen apart", "line-cost", lambda c: 100 * c.dealing),
        (
            "resolved within a day, one in {:.0f} left",
            "open-complaints",
            lambda c: 1 / c.left["gone"]["within 24 hours"],
        ),
        ("{} complaints in a thousand left open", "open-cost", lambda c: in_words(1_000 * c.lead)),
        ("orders: {} quarters of all accounts", "forecasts", lambda c: in_words(c.quarters.shape[1])),
        ("and {} ways to predict the last two", "forecasts", lambda c: in_words(len(c.forecasts))),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        ("go from the small customer to the VIP", play.role_ladder, {"tier": {"small", "VIP"}}),
        ("start with the quote alone", play.make_or_buy, {"dealing": {0}}),
        ("let the bad seller become better", play.guarantee_signal, {"bad_failures": {4, 8}}),
        ("start with no loyal customer", play.beyond_forecast, {"loyal": {0}}),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_canteen_is_served_below_plan_and_another_r_can_hide_it_in_the_mean() -> None:
    planned = relationship.profile_score(play.PLANNED)
    actual = play.Profile(**play.profile_4r.start)
    assert relationship.profile_score(actual) < planned
    made_up = play.Profile(**play.profile_4r.start | {"reciprocity": 3})
    assert relationship.profile_score(made_up) == planned
    assert relationship.profile_distance(play.PLANNED, made_up) > 0


def test_a_role_that_takes_a_fifth_of_the_churn_pays() -> None:
    assert WITH_ROLE > BARE
    churn = 0.015 * (1 - 1 / 5)
    assert pytest.approx(24 * (1 - churn) / (0.01 + churn)) == WITH_ROLE


def test_one_route_in_twenty_is_in_the_tables() -> None:
    assert load("hailang.routes")["in_sample"].mean() == after("setup").sample


def test_most_complaints_stay_with_the_delivery_person() -> None:
    assert "most of it stays with the delivery person" in prose(STEM)
    assert after("complaints").year["reached_firm"].mean() < 1 / 2


def test_the_quote_says_buy_and_the_full_cost_says_make() -> None:
    assert "The quote says buy, the full cost says make" in prose(STEM)
    cells = after("line-cost")
    assert cells.quote < cells.inside < cells.quote + cells.dealing


def test_about_one_spoiled_delivery_in_45_led_to_a_complaint() -> None:
    cells = after("claim-rate")
    assert "About one spoiled delivery in 45 led to a complaint." in prose(STEM)
    assert cells.bad / cells.told == pytest.approx(45, abs=0.5)


def test_the_promise_costs_between_next_to_nothing_and_the_better_part_of_the_profit() -> None:
    assert "between next to nothing and the better part of the profit" in prose(STEM)
    cells = after("claim-rate")
    least, most = (10 * claims / cells.sample / cells.profit for claims in (cells.told, cells.bad))
    assert least < 0.02
    assert 1 / 2 < most < 1


def test_a_bottle_costs_about_two_yuan() -> None:
    assert "Promise two yuan a delivery, about the price of a bottle" in prose(STEM)
    days = after("setup").days
    assert is_about(np.average(days["list_price"], weights=days["bottles"]), 2)


def test_both_limits_of_the_payout_are_on_the_slider_of_the_signal() -> None:
    limits = relationship.separating_payouts(8, 0.04, 8, play.guarantee_signal.start["bad_failures"] / 100)
    steps = play.guarantee_signal.controls["payout"].values
    assert min(steps) < limits.low < limits.high < max(steps)


def test_the_next_month_is_far_likelier_than_the_promise_needs() -> None:
    cells = after("next-month")
    for chance in (1 - cells.churn, 1 - len(cells.exits) / len(cells.routes)):
        assert chance > 2 * THRESHOLD


def test_delivery_people_leave_a_deposit() -> None:
    assert "Hailang's delivery people leave a deposit" in prose(STEM)
    assert load("hailang.carriers")["deposit"].min() > 0


def test_most_of_the_effect_goes_through_trust() -> None:
    assert "Most of the effect goes through trust" in prose(STEM)
    split = after("mediation-split").split
    assert split.indirect > 4 / 5 * (split.indirect + split.direct)


def test_luck_alone_brings_n_sigma_over_the_root_of_two_pi() -> None:
    assert r"the sum is $n\,\sigma/\sqrt{2\pi}$" in prose(STEM)
    luck = np.random.default_rng(1).normal(0, 12, 400_000)
    assert luck.clip(min=0).mean() == pytest.approx(12 / math.sqrt(2 * math.pi), rel=0.01)
    assert relationship.unexpected_revenue_by_luck(200, 12) == pytest.approx(
        200 * 12 / math.sqrt(2 * math.pi)
    )


def test_nearly_all_comes_again_against_the_tier_nothing_against_the_own_history() -> None:
    assert "Against the tier's mean, nearly all of it comes again" in prose(STEM)
    cells = after("come-again")
    again = {
        name: relationship.repeated_share(
            *(relationship.residual_revenue(cells.quarters[q], forecast[q]) for q in (3, 4))
        )
        for name, forecast in cells.forecasts.items()
    }
    assert is_nearly(again["its tier's mean"], 1)
    assert abs(again["its own mean so far"]) < 0.01
    assert again["its own quarter before"] < -0.25, "it turns round"


def test_more_than_one_complainer_in_eight_leaves_if_nobody_resolves_it() -> None:
    assert "of those whose complaint nobody resolved, more than one in eight" in prose(STEM)
    assert 1 / 8 < run(STEM)["open-complaints"].left["gone"]["never"] < 1 / 7


def test_ten_yuan_need_all_the_trust_that_is_left_and_three_times_what_a_service_brought() -> None:
    assert "by about all that is left on the scale, nearly three times what a real service did" in prose(STEM)
    cells = after("decide-promise")
    needed = 10 * cells.rate * cells.per_account / cells.point
    assert is_about(needed, 7 - cells.m.mean())
    assert is_about(needed / cells.split.a, 3)


def test_two_yuan_lie_between_the_limits_and_half_a_point_of_trust_pays_for_them() -> None:
    assert "That lies between the two limits" in prose(STEM)
    telling = after("decide-tell").telling  # if everybody claims
    assert telling.low < 2 < telling.high < 10
    assert "half a point of trust pays for it" in prose(STEM)
    assert is_about(after("decide-promise").need, 1 / 2)


def test_should_claims_stay_rare_both_limits_rise() -> None:
    assert "Should claims stay rare although they are easy, both limits rise" in prose(STEM)
    cells = after("decide-tell")
    rare = relationship.separating_payouts(cells.gain, cells.rate / 5, cells.gain, cells.careless / 5)
    assert rare.low > cells.telling.low
    assert rare.high > cells.telling.high


def test_at_todays_volume_make_and_buy_are_close_to_a_draw() -> None:
    assert "At today's volume make and buy are close to a draw." in prose(STEM)
    cells = after("line-cost")
    assert is_about(cells.inside, cells.quote + cells.dealing)


def test_a_ninth_of_the_deliveries_makes_nearly_half_of_the_cost_and_a_fifth_more_bottles_pay() -> None:
    late = after("bands-figure").late
    assert "a ninth of the deliveries, nearly half of the cost" in prose(STEM)
    assert round(1 / late["deliveries"]) == 9
    assert is_nearly(late["payout"], 1 / 2)
    assert "unless somebody expects a fifth more bottles" in prose(STEM)
    assert is_about(after("lens-numbers").more / 100, 1 / 5)
