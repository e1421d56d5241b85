"""Adstock, direct mail and sales promotion against known answers, closed forms and counting by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import signal, stats

from crmkit.models import pricing, promotion

# Adstock


def test_at_a_carry_over_of_60_percent_the_multiplier_is_2_5_and_the_half_life_1_357():
    # Exercise E1.3: 1 / (1 − 0.6) and ln 0.5 / ln 0.6
    assert promotion.adstock_total(1, 0.6) == pytest.approx(2.5)
    assert promotion.half_life(0.6) == pytest.approx(math.log(0.5) / math.log(0.6))
    assert round(promotion.half_life(0.6), 3) == 1.357


def test_adstock_adds_what_is_left_of_the_week_before():
    # 10, 0.5·10 + 0, 0.5·5 + 4, 0.5·6.5
    assert promotion.adstock([10, 0, 4, 0], 0.5) == pytest.approx([10, 5, 6.5, 3.25])


@pytest.mark.parametrize("carry_over", [0.0, 0.3, 0.85])
def test_adstock_is_the_recursive_filter_of_scipy(carry_over):
    exposure = np.random.default_rng(4).uniform(0, 9, 60)
    assert promotion.adstock(exposure, carry_over) == pytest.approx(
        signal.lfilter([1], [1, -carry_over], exposure)
    )


def test_without_carry_over_adstock_is_the_exposure_and_has_no_half_life():
    assert promotion.adstock([3, 0, 2], 0).tolist() == [3, 0, 2]
    assert promotion.adstock_total(7, 0) == 7
    assert promotion.half_life(0) == 0


@pytest.mark.parametrize("carry_over", [0.2, 0.6, 0.9])
def test_a_burst_adds_up_to_the_multiplier(carry_over):
    burst = [8.0] + [0.0] * 400
    assert promotion.adstock(burst, carry_over).sum() == pytest.approx(promotion.adstock_total(8, carry_over))


@pytest.mark.parametrize("carry_over", [0.2, 0.6, 0.9])
def test_steady_advertising_settles_at_the_multiplier(carry_over):
    assert promotion.adstock([1.0] * 400, carry_over)[-1] == pytest.approx(1 / (1 - carry_over))


@pytest.mark.parametrize("weeks", [1, 2, 5])
def test_the_half_life_is_when_half_of_a_burst_is_left(weeks):
    carry_over = 0.5 ** (1 / weeks)
    assert promotion.half_life(carry_over) == pytest.approx(weeks)
    assert promotion.adstock([1.0] + [0.0] * weeks, carry_over)[-1] == pytest.approx(0.5)


def test_how_a_budget_is_spread_does_not_change_its_total():
    burst, drip = np.zeros(300), np.zeros(300)
    burst[0], drip[:12] = 12, 1
    totals = [promotion.adstock(plan, 0.7).sum() for plan in (burst, drip)]
    assert totals == pytest.approx([12 / 0.3] * 2)


# Cost and response


def test_a_leaflet_of_half_a_yuan_with_a_margin_of_12_needs_4_17_percent():
    # Exercise E1.4
    assert promotion.break_even_response(0.50, 12) == pytest.approx(1 / 24)
    assert round(promotion.break_even_response(0.50, 12), 4) == 0.0417


def test_a_contact_dearer_than_the_margin_can_never_pay():
    assert promotion.break_even_response(30, 12) == 2.5


def test_media_are_compared_by_the_cost_of_a_thousand_contacts_and_of_one_response():
    # 4,500 yuan for 60,000 readers of whom 90 order: 75 a thousand, 50 an order
    assert promotion.cost_per_thousand(4_500, 60_000) == 75
    assert promotion.cost_per_response(4_500, 90) == 50


def test_at_the_break_even_response_the_cost_of_a_response_is_its_margin():
    responses = promotion.break_even_response(0.8, 15) * 10_000
    assert promotion.cost_per_response(0.8 * 10_000, responses) == pytest.approx(15)


# Gains

CUSTOMERS = [200, 200, 200, 200, 200]
RESPONDERS = [40, 24, 16, 12, 8]  # 100 of 1,000: 10% overall


def test_gains_and_lift_are_what_one_counts_by_hand():
    table = promotion.gains_table(CUSTOMERS, RESPONDERS)
    assert table["response_rate"].tolist() == pytest.approx([0.20, 0.12, 0.08, 0.06, 0.04])
    assert table["lift"].tolist() == pytest.approx([2.0, 1.2, 0.8, 0.6, 0.4])
    assert table["cumulative_customers"].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert table["gain"].tolist() == pytest.approx([0.40, 0.64, 0.80, 0.92, 1.00])
    assert table["cumulative_lift"].tolist() == pytest.approx([2.0, 1.6, 4 / 3, 1.15, 1.0])
    assert table.index.tolist() == [1, 2, 3, 4, 5]


def test_the_lift_of_unequal_groups_averages_to_1_weighted_by_their_size():
    table = promotion.gains_table([50, 150, 300], [20, 30, 15])
    assert np.average(table["lift"], weights=table["customers"]) == pytest.approx(1)
    assert table["cumulative_lift"].iloc[-1] == pytest.approx(1)


def test_groups_run_from_the_highest_score_to_the_lowest():
    groups = promotion.rank_groups([0.1, 0.9, 0.5, 0.7], [0, 1, 0, 1], groups=2)
    assert groups["customers"].tolist() == [2, 2]
    assert groups["responders"].tolist() == [2, 0]


def test_groups_differ_by_one_customer_at_most():
    groups = promotion.rank_groups(np.arange(23), np.ones(23), groups=10)
    assert groups["customers"].tolist() == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]


def test_a_score_that_tells_nothing_lifts_nothing():
    answers = np.arange(1_000) < 70  # all responders at the top of the list
    groups = promotion.rank_groups(np.zeros(1_000), answers)
    table = promotion.gains_table(groups["customers"], groups["responders"])
    assert table["lift"].tolist() == pytest.approx([1.0] * 10)
    assert table["gain"].tolist() == pytest.approx(np.arange(1, 11) / 10)


def test_the_order_of_the_rows_does_not_matter_even_with_ties():
    random = np.random.default_rng(8)
    score, answers = random.integers(0, 7, 500), random.random(500) < 0.2
    shuffled = random.permutation(500)
    one, other = (
        promotion.rank_groups(score, answers),
        promotion.rank_groups(score[shuffled], answers[shuffled]),
    )
    pd.testing.assert_frame_equal(one, other)


def test_a_perfect_score_lifts_the_top_decile_to_one_over_the_response():
    answers = np.arange(1_000) < 200  # 20% respond, so all of the top tenth do: lift 5
    assert promotion.top_decile_lift(answers, answers) == pytest.approx(5)
    # With 4% respondents the top tenth holds them all: lift 10, the most there can be.
    assert promotion.top_decile_lift(-np.arange(1_000.0), np.arange(1_000) < 40) == pytest.approx(10)


def test_the_area_under_the_gains_curve_is_that_of_the_rank_statistic():
    # Mann and Whitney's U over its maximum is the probability that a responder outranks another customer.
    # With one customer a group, the area under the gains curve is (1 − r)·AUC + r/2 for a response of r.
    random = np.random.default_rng(9)
    answers = random.random(400) < 0.25
    score = random.normal(size=400) + answers
    auc = stats.mannwhitneyu(score[answers], score[~answers]).statistic / (answers.sum() * (~answers).sum())
    groups = promotion.rank_groups(score, answers, groups=400)
    table = promotion.gains_table(groups["customers"], groups["responders"])
    area = np.trapezoid([0, *table["gain"]], [0, *table["cumulative_customers"]])
    response = answers.mean()
    assert area == pytest.approx((1 - response) * auc + response / 2)


# How deep to mail


def test_the_profit_of_each_depth_is_margin_times_responders_less_cost_times_customers():
    # Cost 1, margin 12: 12·40 − 200 = 280; 12·64 − 400 = 368; 12·80 − 600 = 360; 304; 200
    profit = promotion.mailing_profit(CUSTOMERS, RESPONDERS, contact_cost=1, margin=12)
    assert profit.tolist() == pytest.approx([0, 280, 368, 360, 304, 200])
    assert promotion.best_depth(CUSTOMERS, RESPONDERS, contact_cost=1, margin=12) == 2


@pytest.mark.parametrize("margin", [4, 6, 9, 14, 20, 40])
def test_it_pays_to_mail_exactly_the_groups_above_the_break_even_response(margin):
    # bult1995: contact while the expected return exceeds the cost
    needed = promotion.break_even_response(1, margin)
    rates = promotion.gains_table(CUSTOMERS, RESPONDERS)["response_rate"]
    assert (
        promotion.best_depth(CUSTOMERS, RESPONDERS, contact_cost=1, margin=margin) == (rates > needed).sum()
    )


def test_where_even_the_best_group_is_below_the_break_even_nobody_is_mailed():
    assert promotion.best_depth(CUSTOMERS, RESPONDERS, contact_cost=3, margin=12) == 0


# Sales promotion


def test_the_baseline_is_the_trend_of_the_other_weeks():
    promoted = np.array([0, 0, 1, 0, 1, 0], dtype=bool)
    sales = 100 + 4 * np.arange(6) + np.where(promoted, 50, 0)
    assert promotion.baseline_sales(sales, promoted) == pytest.approx(100 + 4 * np.arange(6))
    # 100 additional units over a baseline of 108 + 116
    assert promotion.promotional_lift(sales, promoted) == pytest.approx(100 / 224)


def test_no_effect_is_no_lift():
    assert promotion.promotional_lift([50, 50, 50, 50], [0, 1, 0, 0]) == pytest.approx(0)


def test_a_promotion_earns_on_additional_units_and_pays_on_all_the_others():
    # 400 more at 0.60 − 0.20, less 1,000 · 0.20, less 30
    profit = promotion.promotion_profit(1_000, 0.40, margin=0.60, discount=0.20, fixed_cost=30)
    assert profit == pytest.approx(400 * 0.40 - 200 - 30)


def test_units_bought_ahead_are_missed_later_at_the_full_margin():
    free, borrowed = (
        promotion.promotion_profit(1_000, 0.80, margin=0.60, discount=0.20, borrowed=share)
        for share in (0, 0.25)
    )
    assert free - borrowed == pytest.approx(0.25 * 800 * 0.60)


@pytest.mark.parametrize(("margin", "discount"), [(0.60, 0.20), (0.60, 0.05), (1.5, 1.0)])
def test_without_other_costs_it_breaks_even_where_a_price_cut_does(margin, discount):
    # The same arithmetic as pricing.break_even_sales_change, with margin and discount as shares of a price.
    price = 4.0
    lift = pricing.break_even_sales_change(-discount / price, margin / price)
    assert promotion.promotion_profit(500, lift, margin=margin, discount=discount) == pytest.approx(0)


def test_a_promotion_that_moves_nothing_costs_its_discount():
    assert promotion.promotion_profit(1_000, 0, margin=0.6, discount=0.1) == pytest.approx(-100)


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: promotion.adstock([1, -1], 0.5), "exposure must be a number, 0 or more"),
        (lambda: promotion.adstock([1, math.nan], 0.5), "exposure must be a number"),
        (lambda: promotion.adstock([], 0.5), "at least one row"),
        (lambda: promotion.adstock([1], 1), "work for ever"),
        (lambda: promotion.adstock_total(1, 60), "from 0 to below 1, got 60"),
        (lambda: promotion.adstock_total(-1, 0.5), "exposure must be 0 or more"),
        (lambda: promotion.half_life(-0.1), "from 0 to below 1, got -0.1"),
        (lambda: promotion.cost_per_thousand(100, 0), "contacts must be above 0"),
        (lambda: promotion.cost_per_response(100, 0), "responses must be above 0"),
        (lambda: promotion.break_even_response(0.5, 0), "margin must be above 0"),
        (lambda: promotion.break_even_response(-0.5, 12), "contact_cost must be 0 or more"),
        (lambda: promotion.rank_groups([1, 2], [0, 1], groups=3), "from 1 to the 2 customers, got 3"),
        (lambda: promotion.rank_groups([1, 2, 3], [0, 1], groups=2), "equally many rows, got 3 and 2"),
        (lambda: promotion.rank_groups([1, math.nan], [0, 1], groups=2), "at least one is missing"),
        (lambda: promotion.rank_groups([1, 2], [0, 3], groups=2), "must be 0 or 1"),
        (lambda: promotion.gains_table([10, 10], [0, 0]), "nobody responded"),
        (lambda: promotion.gains_table([10, 10], [11, 0]), "more responders than customers"),
        (lambda: promotion.gains_table([10, 0], [1, 0]), "every group must have a customer"),
        (lambda: promotion.gains_table([10, 10], [1]), "equally many rows, got 2 and 1"),
        (lambda: promotion.mailing_profit([10], [1], contact_cost=1, margin=0), "margin must be above 0"),
        (lambda: promotion.baseline_sales([1, 2, 3], [1, 1, 0]), "at least two periods without"),
        (lambda: promotion.baseline_sales([1, 2, 3], [0, 0]), "equally many rows, got 3 and 2"),
        (lambda: promotion.promotional_lift([5, 5, 5], [0, 0, 0]), "no baseline above 0"),
        (lambda: promotion.promotion_profit(0, 1, margin=1, discount=0), "baseline must be above 0"),
        (lambda: promotion.promotion_profit(10, -2, margin=1, discount=0), "fall by more than all"),
        (lambda: promotion.promotion_profit(10, 1, margin=1, discount=0, borrowed=25), "from 0 to 1, got 25"),
    ],
)
def test_impossible_input_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as refused:
        call()
    assert "\n" not in str(refused.value)
