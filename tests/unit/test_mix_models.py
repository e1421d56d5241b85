"""Contribution, horizon and channel scores against known answers and brute force."""

import math

import numpy as np
import pandas as pd
import pytest

from crmkit.models import mix, pricing
from crmkit.models.mix import Offer

# Contribution and break-even


def test_the_dairy_breaks_even_at_2_500_000_bottles_which_are_4_5_million_yuan():
    # Exercise E1.1: price 1.80, variable cost 1.20, fixed cost 1.5 million
    assert mix.contribution_margin(1.80, 1.20) == pytest.approx(0.60)
    assert pricing.break_even_quantity(1_500_000, 1.80, 1.20) == pytest.approx(2_500_000)
    assert mix.break_even_revenue(1_500_000, 1.80, 1.20) == pytest.approx(4_500_000)


@pytest.mark.parametrize(("fixed", "price", "cost"), [(300_000, 20, 10), (60_000, 3.2, 1.4), (0, 5, 1)])
def test_break_even_revenue_is_break_even_volume_times_price_and_earns_nothing(fixed, price, cost):
    volume = pricing.break_even_quantity(fixed, price, cost)
    assert mix.break_even_revenue(fixed, price, cost) == pytest.approx(volume * price)
    assert mix.profit(volume, price, cost, fixed) == pytest.approx(0, abs=1e-9)


def test_each_unit_beyond_the_break_even_earns_its_contribution():
    # The toaster of kotler2016: price 20, variable cost 10, fixed cost 300,000, break-even 30,000
    assert mix.profit(50_000, 20, 10, 300_000) == 10 * (50_000 - 30_000)
    assert mix.profit(0, 20, 10, 300_000) == -300_000


def test_the_toaster_may_lose_40_percent_of_its_sales_before_it_makes_a_loss():
    assert mix.margin_of_safety(50_000, 30_000) == pytest.approx(0.40)
    assert mix.margin_of_safety(30_000, 30_000) == 0
    assert mix.margin_of_safety(20_000, 30_000) == pytest.approx(-0.50)


def test_without_a_variable_cost_the_break_even_revenue_is_the_fixed_cost():
    assert mix.break_even_revenue(80_000, 4, 0) == 80_000


# Transaction or relationship


@pytest.mark.parametrize(("retention", "months"), [(0.9, 12), (0.97, 1), (0.5, 5), (0.0, 6), (0.99, 0)])
def test_months_kept_is_the_sum_of_the_probabilities_to_be_there(retention, months):
    assert mix.months_kept(retention, months) == pytest.approx(sum(retention**t for t in range(months)))


def test_who_never_leaves_stays_for_the_whole_horizon():
    assert mix.months_kept(1, 24) == 24


def test_with_an_endless_horizon_a_customer_stays_one_over_the_churn():
    # Geometric series: 1 / (1 − 0.95) = 20 months
    assert mix.months_kept(0.95, 1_000) == pytest.approx(20)


def test_the_first_month_is_worth_the_margin_less_the_cost():
    assert Offer("gift", cost=12, margin=18, retention=0.9).value(1) == 6
    assert Offer("gift", cost=12, margin=18, retention=0.9).value(0) == -12


def test_looking_far_enough_ahead_the_better_retention_wins_although_it_costs_more():
    # 18 · (1 + .9) = 34.2 beats 16 · (1 + .97) − 5 = 26.52; for ever 18/.1 = 180 loses to 16/.03 − 5 = 528.3
    sale, bond = Offer("sale", 0, 18, 0.90), Offer("bond", 5, 16, 0.97)
    assert (sale.value(2), bond.value(2)) == pytest.approx((34.2, 26.52))
    assert (sale.value(2_000), bond.value(2_000)) == pytest.approx((180, 16 / 0.03 - 5))


# The channel scorecard

RATINGS = pd.DataFrame(
    {"convenient": [8, 5, 3], "informative": [2, 6, 9], "cheap": [3, 6, 7]},
    index=["carrier", "phone", "website"],
)
WEIGHTS = {"convenient": 5, "informative": 3, "cheap": 2}


def test_a_score_is_the_weighted_mean_of_the_ratings():
    # carrier (8·5 + 2·3 + 3·2)/10 = 5.2; phone (25 + 18 + 12)/10 = 5.5; website (15 + 27 + 14)/10 = 5.6
    assert mix.weighted_scores(RATINGS, WEIGHTS).to_dict() == pytest.approx(
        {"carrier": 5.2, "phone": 5.5, "website": 5.6}
    )


def test_only_the_proportions_of_the_weights_count_and_their_order_does_not():
    shares = {"cheap": 0.2, "informative": 0.3, "convenient": 0.5}
    assert mix.weighted_scores(RATINGS, shares).tolist() == pytest.approx(
        mix.weighted_scores(RATINGS, WEIGHTS).tolist()
    )


def test_a_criterion_without_weight_does_not_count():
    scores = mix.weighted_scores(RATINGS, {"convenient": 1, "informative": 0, "cheap": 0})
    assert scores.tolist() == [8, 5, 3]


def test_the_winner_changes_where_two_score_lines_cross():
    # On informative and cheap at 3 : 2, carrier has 2.4, phone 6, website 8.2.
    # website = phone: 8.2 − 5.2w = 6 − w, w = 2.2/4.2; phone = carrier: 6 − w = 2.4 + 5.6w, w = 3.6/6.6
    table = mix.winner_by_weight(RATINGS, WEIGHTS, "convenient")
    assert table["winner"].tolist() == ["website", "phone", "carrier"]
    assert table["low"].tolist() == pytest.approx([0, 2.2 / 4.2, 3.6 / 6.6])
    assert table["high"].tolist() == pytest.approx([2.2 / 4.2, 3.6 / 6.6, 1])


@pytest.mark.parametrize("seed", range(15))
def test_the_stretches_agree_with_scoring_at_every_weight(seed):
    random = np.random.default_rng(seed)
    ratings = pd.DataFrame(random.uniform(1, 10, (5, 4)), columns=list("abcd"), index=list("vwxyz"))
    weights = dict(zip("abcd", random.uniform(0.5, 5, 4), strict=True))
    table = mix.winner_by_weight(ratings, weights, "b")
    assert table["low"].tolist() == [0, *table["high"].tolist()[:-1]]
    assert table["high"].iloc[-1] == 1
    rest = sum(value for name, value in weights.items() if name != "b")
    for share in random.uniform(0, 1, 40):
        scores = mix.weighted_scores(ratings, weights | {"b": rest * share / (1 - share)})
        (stretch,) = table[(table["low"] <= share) & (share < table["high"])].itertuples()
        assert stretch.winner == scores.idxmax()


def test_a_channel_best_in_everything_wins_at_every_weight():
    ratings = RATINGS.copy()
    ratings.loc["dream"] = 10
    table = mix.winner_by_weight(ratings, WEIGHTS, "cheap")
    assert table.to_dict("records") == [{"low": 0, "high": 1, "winner": "dream"}]


def test_of_two_equal_channels_the_first_listed_wins():
    ratings = pd.DataFrame({"a": [0.1 + 0.2, 0.3], "b": [5, 5]}, index=["first", "second"])
    assert mix.winner_by_weight(ratings, {"a": 1, "b": 1}, "a")["winner"].tolist() == ["first"]
    swapped = ratings.iloc[::-1]
    assert mix.winner_by_weight(swapped, {"a": 1, "b": 1}, "a")["winner"].tolist() == ["second"]


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mix.contribution_margin(-1, 1), "price must be 0 or more, got -1"),
        (lambda: mix.contribution_margin(1, math.nan), "variable_cost must be 0 or more, got nan"),
        (lambda: mix.break_even_revenue(100, 2, 2), "no revenue breaks even"),
        (lambda: mix.break_even_revenue(-100, 2, 1), "fixed_cost must be 0 or more"),
        (lambda: mix.profit(-1, 2, 1, 0), "quantity must be 0 or more"),
        (lambda: mix.margin_of_safety(0, 10), "quantity must be above 0, got 0"),
        (lambda: mix.margin_of_safety(10, math.inf), "break_even_quantity must be 0 or more"),
        (lambda: mix.months_kept(97, 12), "a probability from 0 to 1, got 97"),
        (lambda: mix.months_kept(0.9, 1.5), "whole number, 0 or more, got 1.5"),
        (lambda: mix.months_kept(0.9, -1), "whole number, 0 or more, got -1"),
        (lambda: Offer("gift", -1, 10, 0.9), "cost must be 0 or more"),
        (lambda: Offer("gift", 1, 10, 1.2), "a probability from 0 to 1"),
        (
            lambda: mix.weighted_scores(RATINGS, {"convenient": 1, "cheap": 1}),
            "only one of them has informative",
        ),
        (lambda: mix.weighted_scores(RATINGS, WEIGHTS | {"fast": 1}), "only one of them has fast"),
        (lambda: mix.weighted_scores(RATINGS, dict.fromkeys(RATINGS, 0)), "at least one above 0"),
        (lambda: mix.weighted_scores(RATINGS, WEIGHTS | {"cheap": -1}), "0 or more"),
        (lambda: mix.weighted_scores(RATINGS.iloc[:0], WEIGHTS), "at least one row"),
        (lambda: mix.weighted_scores(RATINGS.where(RATINGS > 2), WEIGHTS), "no rating may be missing"),
        (lambda: mix.winner_by_weight(RATINGS, WEIGHTS, "fast"), "they have convenient, informative, cheap"),
        (
            lambda: mix.winner_by_weight(
                RATINGS, {"convenient": 1, "informative": 0, "cheap": 0}, "convenient"
            ),
            "at least one above 0",
        ),
    ],
)
def test_impossible_input_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as refused:
        call()
    assert "\n" not in str(refused.value)
