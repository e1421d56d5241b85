"""Numbers that the prose of chapter 04 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from prose import assert_offered, in_words, is_about, prose, run
from scipy import stats

from crmkit import load
from crmkit.models import value
from crmkit.widgets import value as play
from crmkit.widgets.widget import Widget

STEM = "04-4c"
# A crate of yoghurt: 40 minutes of an evening at 15 yuan an hour.
WORTH = value.total_customer_value(product=70, services=12, personnel=5, image=3)
COST = value.total_customer_cost(money=48, time=15 * 40 / 60, energy=4, psychic=3)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ("texts that date the 4C by the book are {} years late", in_words(1993 - 1990)),
        ("is worth {:.0f} yuan to a household (product 70, services 12, personnel 5, image 3)", WORTH),
        (
            "It costs 48 yuan, 40 minutes of an evening valued at 15 yuan an hour, an effort of 4 and a "
            "worry of 3. So $TCC = 48 + 10 + 4 + 3 = {:.0f}$",
            COST,
        ),
        ("$CDV = {:.0f}$ yuan", value.customer_delivered_value(WORTH, COST)),
        ("By price alone it would be {:.0f}.", WORTH - 48),
        ("go through the {} customers", in_words(len(play.HOUSEHOLDS))),
        (
            "a coach takes 3 hours for 30 yuan, a train 1.5 hours for 75. So $w^* = 45/1.5 = {0:.0f}$ yuan "
            "an hour: who takes the train values the hour above {0:.0f} yuan",
            value.break_even_value_of_time(30, 3, 75, 1.5),
        ),
        (
            r"$m = 45$ and $L = 105$ yuan give $r^* = 45/150 = {:.0f}\%$",
            100 * value.break_even_return_rate(45, 105),
        ),
        (
            "If one in ten sends a good maker's milk back, a trial earns him "
            r"$0.9 \cdot 45 - 0.1 \cdot 105 = {:.0f}$ yuan",
            value.profit_per_trial(0.1, 45, 105),
        ),
        ("If half send a bad maker's back, it loses him {:.0f}.", -value.profit_per_trial(0.5, 45, 105)),
        ("Of these {:.1%} did not come", 66 / (502 / 2)),
        ("did not come, of the others {:.1%}", 100 / (502 / 2)),
        ("What exactly do the {} further households buy", 500 - 20),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("{} invented households", "match", lambda c: in_words(len(c.wanted)).capitalize()),
        (
            "what the dairy hears: {} complaints out of five",
            "task",
            lambda c: in_words(5 * c.heard / c.made),
        ),
        ("Only the rival's {} zones are left", "reach", lambda c: in_words(len(c.with_rival))),
        ("a top-up takes {} minutes", "card", lambda c: c.top_up),
        ("with a chance of {:.0%} a year", "card", lambda c: 12 * c.chance),
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
            'choose "at the door by 6:00" and go through',
            play.four_p_four_c,
            {"decision": {"at the door by 6:00, not 7:30"}},
        ),
        ('then "one monthly bill"', play.four_p_four_c, {"decision": {"one monthly bill, no coins"}}),
        ("set the value of an hour to 0", play.total_cost, {"value_of_hour": {0}}),
        ("let 9% of deliveries fail", play.total_cost, {"missed": {9}}),
        (
            "keep 400 km and cut the hours on the ground from 2.5 to 1.5",
            play.value_of_an_hour,
            {"distance": {400}, "ground": {1.5, 2.5}},
        ),
        (
            "drop meals, lounges, seats and hubs",
            play.strategy_canvas,
            {"comforts": {"none"}, "hubs": {"none"}},
        ),
        (
            "raise the effort a look takes from 0.1 to 0.4 yuan",
            play.number_of_options,
            {"search_cost": {0.1, 0.4}},
        ),
        (
            "with 20 households, find the highest share returned",
            play.free_trial,
            {"trials": {"20 households", "500 households"}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_four_out_of_five_customers_are_small_and_all_in_the_table_are_households() -> None:
    sales = load("hailang.sales_monthly").query("month == '1999-09'").groupby("tier")["accounts"].sum()
    assert "a small household, the kind that four out of five customers are" in prose(STEM)
    assert sales["small"] / sales.sum() == pytest.approx(4 / 5, abs=0.005)
    cells = after("setup")
    assert (cells.accounts.loc[cells.small.index, "type"] == "household").all()


def test_most_pay_cash_and_card_and_bank_take_no_time_at_the_door() -> None:
    assert "Paying in cash takes time; card and bank take none *at the door*." in prose(STEM)
    home = after("home").home
    assert (home["channel"] == "carrier cash").mean() > 4 / 5
    assert (home.loc[home["channel"] != "carrier cash", "cash collection"] == 0).all()
    assert home.loc[home["channel"] == "carrier cash", "cash collection"].mean() > 0


def test_deliveries_fail_about_alike_in_every_channel() -> None:
    assert "Deliveries fail about alike, as they should" in prose(STEM)
    cells = after("home")
    mornings = cells.mornings.merge(cells.home[["channel"]], on="account_id")
    for failure in cells.mishaps:
        table = pd.crosstab(mornings["channel"], mornings[failure])
        assert stats.chi2_contingency(table).pvalue > 0.05


def test_the_expected_loss_is_the_risk_that_was_counted_afterwards() -> None:
    assert "counted afterwards in place of beforehand" in prose(STEM)
    cells = after("risk")
    assert cells.loss * cells.a_month == pytest.approx(cells.cost["risk"].mean())


def test_most_wait_a_little_and_a_quarter_very_long() -> None:
    assert "the quarter at the end of the figure does" in prose(STEM)
    cells = after("wait-figure")
    assert cells.levels[0.5] < cells.wait.mean() / 2
    assert cells.levels[0.75] > 1.5 * cells.wait.mean()


def test_a_change_of_place_is_felt_as_a_cost_by_two_of_three_and_one_of_price_as_convenience() -> None:
    def felt(decision: str, customer: str) -> tuple[str, ...]:
        caption = play.four_p_four_c.caption(decision=decision, customer=customer)
        return re.search(r"brings ([+−]).* yuan as ([\w ]+),", caption).groups()

    early, bill = "at the door by 6:00, not 7:30", "one monthly bill, no coins"
    assert [felt(early, customer) for customer in play.HOUSEHOLDS] == [
        ("+", "Convenience"),
        ("−", "Cost"),
        ("−", "Cost"),
    ]
    assert {felt(bill, customer) for customer in play.HOUSEHOLDS} == {("+", "Convenience")}


def test_hailang_has_sixteen_products() -> None:
    assert f"Hailang has {in_words(len(load('hailang.products')))} products" in prose(STEM)


def test_the_rule_of_three_is_close_to_the_exact_bound() -> None:
    assert "rates up to about $3/n$ remain plausible, with 95% confidence" in prose(STEM)
    for trials in (30, 150, 1_000):
        assert is_about(value.rule_of_three(trials), value.exact_upper_bound(0, trials))


def test_none_of_30_leaves_a_bound_near_a_tenth_well_below_the_break_even() -> None:
    assert "The bound is near 10%, well below the break-even" in prose(STEM)
    bound = value.exact_upper_bound(0, 30)
    assert is_about(bound, 0.10)
    assert bound < after("trial-sum").r_star / 3


def test_in_the_other_direction_it_is_worse() -> None:
    assert "In the other direction it is worse." in prose(STEM)
    assert after("reach").known / len(after("reach").gone) < after("task").heard / after("task").made / 2


def test_the_counts_of_the_reminder_trial_split_its_502_patients_equally() -> None:
    assert "drew lots among 502 patients: half got" in prose(STEM)
    assert after("reminder").effect.difference == pytest.approx((66 - 100) / (502 / 2))


def test_card_holders_leave_no_less_often_as_far_as_the_records_show() -> None:
    assert "They do not, as far as these records show." in prose(STEM)
    assert after("loyalty").gap.low < 0 < after("loyalty").gap.high


def test_elsewhere_every_box_is_filled_and_as_many_join_as_leave() -> None:
    assert "Elsewhere a waiting list fills every box within a month, as many join as leave." in prose(STEM)
    assert after("boxes-figure").at_end[False] == 0
    elsewhere = after("flow").flow.loc[False]
    assert elsewhere["joined"] / elsewhere["left"] == pytest.approx(1, abs=0.01)


def test_a_paid_month_leaves_next_to_nothing_after_its_minutes() -> None:
    assert "a paid month that leaves next to nothing never repays a free one" in prose(STEM)
    assert 0 < after("minutes-cost").left_over < 0.01 * after("setup").bill


def test_the_card_saves_the_dairy_money_and_many_households_are_better_off_with_cash() -> None:
    assert "Many households are better off with cash" in prose(STEM)
    cells = after("card")
    assert (cells.collecting + cells.lost_cash).mean() > 0
    assert (cells.gain <= 0).mean() > 2 / 5
    assert cells.longest > cells.gain.mean() > 0


def test_if_a_fifth_send_it_back_the_offer_needs_well_over_twice_the_joiners() -> None:
    cells = after("anyway")
    assert "If a fifth send it back, it has to bring well over twice as many joiners as today." in prose(STEM)
    extra = cells.bill / value.profit_per_trial(0.20, cells.margin, cells.free_month)
    assert 2.25 < 1 + extra < 3
