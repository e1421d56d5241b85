"""Numbers that the prose of chapter 01 states are those that the models, the data and the widgets give."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from prose import assert_offered, in_tex, in_words, is_about, prose, run

from crmkit import load
from crmkit.models import diffusion, mix, pricing, promotion
from crmkit.models.mix import Offer
from crmkit.widgets import mix as play
from crmkit.widgets.widget import Widget

STEM = "01-4p"
GIFT = Offer("gift", cost=0, margin=12, retention=0.90)
SERVICE = Offer("service", cost=8, margin=11, retention=0.95)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def price_list(family: str, column: str) -> float:
    """Return what all products of a family have in common, in yuan a bottle."""
    products = after("attributes").products
    (amount,) = products.loc[products["family"] == family, column].round(2).unique()
    return amount


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"with $m=12$, $r=0.90$, $c=0$, is worth $12 \cdot {:.3f}/0.10", 1 - 0.90**6),
        ("/0.10 = {:.0f}$ yuan", GIFT.value(6)),
        (r"with $m=11$, $r=0.95$, $c=8$, is worth $11 \cdot {:.3f}/0.05", 1 - 0.95**6),
        ("/0.05 - 8 = {:.0f}$", SERVICE.value(6)),
        ("$36{{,}}000/0.30 = {}$ bottles", in_tex(pricing.break_even_quantity(36_000, 2.00, 1.70))),
        (r"for $p=0.01$ and $q=0.39$ a year: $t^* = \ln {:.0f}/0.40", 0.39 / 0.01),
        ("/0.40 = {:.1f}$ years", diffusion.peak_time(0.01, 0.39)),
        ("ratings 8 and 5 with weights 3 and 1 give $(24+5)/4 = {:.2f}$", np.average([8, 5], weights=[3, 1])),
        (r"for $\lambda=0.5$: {:.0f} contacts", promotion.adstock_total(1, 0.5)),
        (r"for $\lambda=0.5$: 2 contacts, {:.0f} week", promotion.half_life(0.5)),
        ("to spread {} contacts evenly", in_words(play.CONTACTS)),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("has {:,} yuan for one thing", "setup", lambda c: c.budget),
        ("What must {:,} yuan achieve", "decide", lambda c: c.budget),
        ("Hailang's {} lines", "attributes", lambda c: in_words(c.products["family"].nunique())),
        (r"$0.30 - {:.2f} \cdot 0.40$", "first-buyers", lambda c: 1 - c.won),
        ("{} households said how they want", "channel-tests", lambda c: c.told.to_numpy().sum()),
        (
            "{} households in a hundred have a card",
            "cost-to-serve-table",
            lambda c: in_words(100 * c.channels.loc["prepaid card", "households"]).capitalize(),
        ),
        ("For {} months, one tier after the other", "lift-code", lambda c: c.offers["start"].nunique()),
        ("A response of {:.0%} hid that", "uplift-table", lambda c: c.gifts.loc["small", "gift"]),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        ("look one month ahead, then two years", play.relationship_dial, {"months": {1, 24}}),
        (
            "Then let all of the planned gain in retention come true, then none",
            play.relationship_dial,
            {"effect": {"as planned", "none"}},
        ),
        ("set imitation to 0, then to 0.60", play.life_cycle, {"q": {0, 0.60}}),
        ("Afterwards let nobody stop", play.life_cycle, {"stopping": {0}}),
        (
            'raise the weight of "convenient" for young families, then for pensioners',
            play.channel_scorecard,
            {"criterion": {"convenient"}, "customers": {"young families", "pensioners"}},
        ),
        (
            'choose "a drip" and ask for 1.0 contact to be remembered, then for 1.5',
            play.adstock,
            {"schedule": {"a drip"}, "needed": {1.0, 1.5}},
        ),
        (
            "at a margin of 16 yuan, rank by last order, by the whole history, and not at all",
            play.gains,
            {"margin": {16}, "ranked_by": {"last order", "whole history", "no score"}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_budget_buys_the_gift_for_each_ordinary_customer() -> None:
    (cost,) = load("hailang.promotions").query("kind == 'gift' and tier == 'ordinary'")["gift_cost"]
    sales = load("hailang.sales_monthly").query("month == '1999-09' and tier == 'ordinary'")
    assert "a gift worth 3 yuan for each ordinary customer" in prose(STEM)
    assert cost == 3
    assert is_about(cost * sales["accounts"].sum(), after("setup").budget)
    assert cost * sales["accounts"].sum() <= after("setup").budget


def test_the_transaction_wins_over_six_months_and_loses_further_ahead() -> None:
    assert "The transaction wins. Now look further:" in prose(STEM)
    assert GIFT.value(6) > SERVICE.value(6)
    for months in (12, 24):
        assert GIFT.value(months) < SERVICE.value(months)


def test_a_function_leaves_the_dairy_more_of_its_price_than_a_concept_does() -> None:
    for family, dearer, costlier, kept in (("functional", 0.40, 0.25, 0.15), ("hyped", 0.40, 0.35, 0.05)):
        over_plain_milk = {
            column: price_list(family, column) - price_list("milk", column)
            for column in ("list_price", "unit_var_cost", "contribution")
        }
        assert list(over_plain_milk.values()) == pytest.approx([dearer, costlier, kept])
    said = (
        "both charge 0.40 more. The first costs 0.25 more to make, the second 0.35: the dairy keeps 0.15 of a"
    )
    assert f"{said} function and 0.05 of a concept." in prose(STEM)


def test_without_the_commission_one_finds_about_half_of_the_break_even() -> None:
    assert "Forget the commission, and you find about half:" in prose(STEM)
    right, wrong = (pricing.break_even_quantity(36_000, 2.00, cost) for cost in (1.45 + 0.25, 1.45))
    assert after("break-even-code").commission == 0.25
    assert is_about(wrong / right, 1 / 2)


def test_liren_milk_sold_more_than_twice_the_break_even_in_a_quarter() -> None:
    assert "Liren milk sold more than twice the 120,000 in a quarter." in prose(STEM)
    assert after("setup").liren.head(3).sum() > 2 * 120_000


def test_a_step_of_price_and_a_step_of_cost_take_the_same_off_each_cup() -> None:
    start, price, cost = (
        play.break_even.start,
        play.break_even.controls["price"],
        play.break_even.controls["variable_cost"],
    )
    assert "Both take 0.40 off each cup." in prose(STEM)
    assert price.step == cost.step == 0.40
    assert round(start["price"] - price.step, 10) in price.values
    assert round(start["variable_cost"] + cost.step, 10) in cost.values


def test_liren_milk_ate_shuangcha_milk_whose_price_it_had() -> None:
    assert "Liren milk got the price of Shuangcha milk, and its buyers came from there." in prose(STEM)
    cells = after("first-buyers")
    names = cells.products.loc[cells.launch["before"].dropna().unique(), "name_en"]
    assert names.str.startswith("Shuangcha").all()
    assert price_list("hyped", "list_price") == price_list("functional", "list_price")


def test_a_bottle_of_liren_milk_loses_even_if_all_new_accounts_came_for_it() -> None:
    cells = after("first-buyers")
    assert "here that is negative, even if all new accounts came for Liren's sake" in prose(STEM)
    assert cells.net == pytest.approx(0.30 - (1 - cells.won) * 0.40)
    assert cells.net < 0


def test_each_concept_milk_goes_downhill_from_its_first_month() -> None:
    assert "from the first month it goes downhill" in prose(STEM)
    shares = after("life-figure").sold.query("sku in ['H1', 'H2', 'H3']").groupby("sku")["share"]
    for _, share in shares:
        assert share.iloc[0] == share.max()
        assert share.iloc[6] < share.iloc[0] * 2 / 3


def test_maturity_is_90_per_cent_of_the_highest_month_or_more() -> None:
    assert "(maturity is 90% of the highest month or more)" in prose(STEM)
    stages = diffusion.life_cycle_stages([5, 89, 90, 100, 90, 89])
    assert list(stages[1:]) == ["growth", "maturity", "maturity", "maturity", "decline"]


def test_the_later_a_complaint_is_settled_the_more_complainers_are_gone() -> None:
    assert "Quality attracts, and it keeps." in prose(STEM)
    cells = after("quality-code")
    gone = cells.complaints.groupby(cells.settled)["gone"].mean()
    assert gone["in a day"] < gone["later"] < gone["never"]


def test_delivery_people_live_largely_on_commission() -> None:
    assert "its delivery people live largely on commission" in prose(STEM)
    carriers, routes = load("hailang.carriers"), load("hailang.routes")
    bottles = load("hailang.sales_monthly").query("month == '1999-09'")["bottles"].sum()
    commission = carriers["commission"].mean() * bottles / len(routes)
    assert commission > 2 * carriers["pay_base"].mean()


def test_one_household_in_twenty_is_sampled() -> None:
    assert "For the sampled households, one in twenty" in prose(STEM)
    assert load("hailang.routes")["in_sample"].mean() == 1 / 20


def test_cash_loses_money_and_satisfaction_is_the_same_within_a_tenth_of_a_point() -> None:
    assert "Cash loses money on its way; money paid in advance cannot be lost there." in prose(STEM)
    channels = after("cost-to-serve-table").channels
    assert channels.loc["carrier cash", "missing"] > 1
    assert channels.loc["prepaid card", "missing"] == 0
    assert "Satisfaction (1 to 5) is the same within a tenth of a point" in prose(STEM)
    assert channels["csat"].max() - channels["csat"].min() < 0.1


def test_every_schedule_spreads_the_same_twelve_contacts() -> None:
    assert [sum(plan) for plan in play.SCHEDULES.values()] == [12] * len(play.SCHEDULES)


def test_television_has_the_cheapest_contacts_and_the_dearest_orders() -> None:
    assert "Television has the cheapest contacts and the dearest orders." in prose(STEM)
    media = after("media-code").media
    assert media["per thousand"].idxmin() == "television"
    assert media["per order"].idxmax() == "television"


def test_the_discounts_were_5_10_and_15_per_cent_in_one_tier_a_month() -> None:
    offers = after("lift-code").offers
    assert "had a month at 5%, 10% or 15% off" in prose(STEM)
    assert set(offers["discount"]) == {0.05, 0.10, 0.15}
    assert offers["start"].is_unique


def test_no_tier_comes_near_the_lift_that_its_discounts_need() -> None:
    assert "Not one tier comes near." in prose(STEM)
    cells = after("lift-code")
    for tier, part in cells.sales.groupby("tier"):
        mine = cells.offers[cells.offers["tier"] == tier]
        lift = promotion.promotional_lift(part["rate"], part["month"].isin(mine["start"].str[:7]))
        discount = cells.price * mine["discount"].mean()
        assert lift * (cells.margin - discount) < discount / 4


def test_in_every_tier_far_more_enlarged_their_order_than_the_gift_needs() -> None:
    assert "In every tier, far more enlarged their order after the gift." in prose(STEM)
    costs = load("hailang.promotions").query("kind == 'gift'").set_index("tier")["gift_cost"]
    needed = costs / after("response").value
    assert (after("uplift-table").gifts["gift"] > 5 * needed).all()


def test_gifts_help_in_one_tier_and_harm_in_another() -> None:
    gifts = after("uplift-table").gifts
    assert gifts.index[gifts["low"] > 0].tolist() == ["ordinary"]
    assert gifts.index[gifts["high"] < 0].tolist() == ["small"]
    assert "Small customers who got a gift enlarged their orders *less* often." in prose(STEM)


def test_a_bottle_a_day_pays_for_the_gift_and_half_a_bottle_is_too_little() -> None:
    cells = after("decide")
    assert "half a bottle is too little" in prose(STEM)
    assert cells.value / 2 < cells.likely < cells.value


def test_the_counter_pays_if_one_cash_household_in_twenty_moves_and_more_pay_by_card_already() -> None:
    assert (
        "if one cash household in twenty moves at once, even if not a minute of collecting is saved"
        in prose(STEM)
    )
    cells = after("decide")
    saved = cells.cash["missing"]  # not a minute of collecting is saved
    must_move = cells.budget / (saved * mix.months_kept(round(cells.stay, 2), 12)) / cells.payers
    assert is_about(must_move, 1 / 20)
    assert must_move < 1 / 20
    assert "and more than that many pay by card already" in prose(STEM)
    paid_by_card = cells.by_channel.size()["prepaid card"] / cells.by_channel.size()["carrier cash"]
    assert paid_by_card > must_move
