"""The six widgets of the pricing chapter: what they say, how many frames they have, that texts fit."""

import re

import numpy as np
import pytest
from widget_checks import sample

from crmkit.models import pricing
from crmkit.models.pricing import LinearDemand, Plan
from crmkit.widgets import find, style
from crmkit.widgets import pricing as chapter
from crmkit.widgets.widget import MAX_FRAMES

NAMES = (
    "demand_and_surplus",
    "two_segments",
    "quantity_tiers",
    "charm_price",
    "predation",
    "discount_break_even",
)
WIDGETS = [find(f"pricing.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


# How many


@each_widget
def test_a_widget_has_at_most_600_frames(widget):
    assert 100 <= len(list(widget.frames())) <= MAX_FRAMES == 600


def test_the_chapter_bakes_at_most_1500_frames():
    assert sum(len(list(widget.frames())) for widget in WIDGETS) <= 1_500


# What the captions say


KNOWN_WAR = {"monthly_loss": 0.3, "monthly_gain": 0.2, "gain_months": 24}


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        (chapter.demand_and_surplus, {}, "households gain 5,000 yuan, the dairy earns 4,000 yuan"),
        (chapter.demand_and_surplus, {}, "deadweight loss of 800 yuan"),
        (chapter.demand_and_surplus, {}, "most at 2.60 yuan"),
        (
            chapter.two_segments,
            {"price": 50, "families_limit": 60},
            "earns 1,800 yuan: 1,500 from offices and 300 from families",
        ),
        (
            chapter.two_segments,
            {"price": 50, "families_limit": 60},
            "With 60 yuan for offices and 40 yuan for families",
        ),
        (chapter.two_segments, {"price": 50, "families_limit": 60}, "earn 2,000 yuan"),
        (chapter.quantity_tiers, {}, "heavy household takes the card and buys 50 bottles"),
        (chapter.quantity_tiers, {}, "light household pays per bottle and buys 15 bottles"),
        (chapter.quantity_tiers, {}, "47.00 yuan a month, against 44.00 yuan"),
        (chapter.charm_price, {}, "the true lift is 8%. The interval includes zero"),
        (chapter.predation, KNOWN_WAR, "+0.394 million yuan at 1% a month"),
        (chapter.predation, KNOWN_WAR, "at least 0.179 million"),
        (chapter.predation, KNOWN_WAR, "unlawful in many places"),
        (chapter.discount_break_even, {}, "breaks even at +33.3% of sales"),
        (chapter.discount_break_even, {}, "wins 17.6%, a change of −7.4%"),
        (chapter.discount_break_even, {}, "sales change by +23.5%: the dairy gives up 25.0%"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_first_caption_answers_a_question_of_the_exercise():
    assert "2,000" not in chapter.two_segments.caption()
    assert "0.394" not in chapter.predation.caption()


def test_a_card_too_cheap_is_taken_by_both_and_costs_profit():
    caption = chapter.quantity_tiers.caption(fee=5)
    assert caption.count("takes the card") == 2
    assert "30.62 yuan a month, against 44.00" in caption


def test_a_cut_of_the_whole_margin_never_breaks_even():
    assert "never breaks even" in chapter.discount_break_even.caption(price_change=-20, margin=20)


def test_a_price_below_cost_is_a_loss():
    assert "the dairy loses 1,500 yuan" in chapter.demand_and_surplus.caption(price=1.0)


def test_a_price_war_with_a_rival_back_in_six_months_is_not_plausible():
    assert "recoupment is not plausible" in chapter.predation.caption(gain_months=6)


@pytest.mark.parametrize("widget", [w for w in WIDGETS if w is not chapter.discount_break_even])
def test_invented_data_is_called_simulated(widget):
    assert "simulated" in widget.caption()


def test_one_in_twenty_tests_without_a_lift_is_a_false_alarm():
    frames = [frame for frame in chapter.charm_price.frames() if frame["true_lift"] == 0]
    alarms = sum("excludes zero" in chapter.charm_price.caption(**frame) for frame in frames)
    assert alarms / len(frames) == 0.05


def test_a_lift_of_8_percent_shows_in_few_tests_of_20_routes_and_in_all_of_200():
    def shown(routes):
        captions = [chapter.charm_price.caption(routes=routes, draw=draw) for draw in range(1, 9)]
        return sum("excludes zero" in caption for caption in captions)

    assert (shown(20), shown(60), shown(200)) == (2, 6, 8)


def amounts_of_surplus(price, unit_cost):
    zone = chapter.ZONE
    return [
        price,
        unit_cost,
        zone.quantity(price),
        pricing.consumer_surplus(zone, price),
        abs(pricing.producer_surplus(zone, price, unit_cost)),
        pricing.deadweight_loss(zone, price, unit_cost),
        pricing.best_price(zone, unit_cost),
    ]


def amounts_of_segments(price, families_limit):
    demands, cost = [LinearDemand(100, 1), LinearDemand(families_limit, 1)], 20
    own = pricing.segment_prices(demands, cost)
    profits = [pricing.producer_surplus(d, price, cost) for d in demands]
    best = sum(pricing.producer_surplus(d, p, cost) for d, p in zip(demands, own, strict=True))
    return [price, sum(profits), *profits, pricing.uniform_price(demands, cost), *own, best]


def amounts_of_tiers(fee, card_price):
    menu = [chapter.PER_BOTTLE, Plan("card", fee, card_price)]
    heavy, light = (pricing.choose_plan(menu, d) for d in (chapter.HEAVY, chapter.LIGHT))
    profit = heavy.profit(chapter.BOTTLE_COST) + light.profit(chapter.BOTTLE_COST)
    return [fee, card_price, 2.0, heavy.quantity, light.quantity, profit, 44.0]


def amounts_of_charm(routes, true_lift, draw):
    luck = np.random.default_rng([chapter.SEED, draw]).normal(0, chapter.ROUTE_SPREAD, (2, 200))
    control, treated = np.exp(luck[:, : int(routes)])
    lift = pricing.log_lift(control, treated * (1 + true_lift / 100))
    shares = [100 * lift.lift, 95, 100 * lift.low, 100 * lift.high]
    return [draw, routes, 2.0, routes, 1.99, *shares, true_lift]


def amounts_of_predation(monthly_loss, monthly_gain, gain_months):
    npv = pricing.predation_npv(monthly_loss, 12, monthly_gain, gain_months, 0.01)
    needed = pricing.recoupment_gain(monthly_loss, 12, gain_months, 0.01)
    return [monthly_loss, 12, monthly_gain, gain_months, npv, 1, needed]


def amounts_of_discount(price_change, margin, elasticity):
    change, share = price_change / 100, margin / 100
    needed = pricing.break_even_sales_change(change, share)
    expected = pricing.quantity_change(change, elasticity)
    contribution = pricing.contribution_change(change, share, expected)
    if change < 0:
        given_up = (1 - (share + change) / share, (1 + contribution) - (share + change) / share)
    else:
        given_up = (-expected, (1 + contribution) - (1 + expected))
    shares = [needed] * bool(np.isfinite(needed)) + [elasticity / 100, expected, *given_up, contribution]
    return [price_change, margin, *(100 * share for share in shares)]


AMOUNTS = (
    amounts_of_surplus,
    amounts_of_segments,
    amounts_of_tiers,
    amounts_of_charm,
    amounts_of_predation,
    amounts_of_discount,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_models_own_rounded(widget, amounts):
    for frame in sample(widget, 15):
        caption = widget.caption(**frame)
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show


def test_a_zero_is_printed_without_a_sign():
    assert style.number(-0.0004, "+.1%") == "0.0%"
    assert style.number(-0.394, "+.3f") == "−0.394"
    assert style.number(12_345.6) == "12,346"
