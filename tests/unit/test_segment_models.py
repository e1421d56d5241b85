"""Each formula of segmentation against known answers, closed forms, scikit-learn and pandas."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from crmkit.data import load
from crmkit.models import segment

TIER_SHARES = [0.01, 0.04, 0.15, 0.80]
"""Of the customers: the pyramid of curry2000."""


@pytest.fixture(scope="module")
def cdnow() -> pd.Series:
    """What each of the 23,570 customers of fader2001 spent in all, US dollars."""
    return load("real.cdnow").groupby("customer_id")["dollars"].sum()


# Concentration


def test_tiers_with_40_25_15_20_percent_of_the_revenue_have_a_gini_of_7035():
    # Smallest first: 1 − .8·.20 − .15·(.20 + .35) − .04·(.35 + .60) − .01·(.60 + 1.00)
    by_hand = 1 - 0.8 * 0.20 - 0.15 * 0.55 - 0.04 * 0.95 - 0.01 * 1.60
    assert segment.grouped_gini(TIER_SHARES, [0.40, 0.25, 0.15, 0.20]) == pytest.approx(by_hand)
    assert round(by_hand, 4) == 0.7035


def test_tiers_with_18_17_30_35_percent_of_the_revenue_have_a_gini_of_4930():
    by_hand = 1 - 0.8 * 0.35 - 0.15 * (0.35 + 0.65) - 0.04 * (0.65 + 0.82) - 0.01 * 1.82
    assert segment.grouped_gini(TIER_SHARES, [0.18, 0.17, 0.30, 0.35]) == pytest.approx(by_hand)
    assert round(by_hand, 4) == 0.4930


def test_the_gini_of_groups_takes_numbers_and_money_in_any_order():
    accounts, revenue = [64_000, 800, 12_000, 3_200], [35_000, 18_000, 30_000, 17_000]
    assert segment.grouped_gini(accounts, revenue) == pytest.approx(0.4930)


def test_single_cdnow_customers_have_a_gini_of_6346(cdnow: pd.Series):
    assert round(segment.gini(cdnow), 4) == 0.6346


def test_the_top_1_5_and_20_percent_of_cdnow_bring_15_9_36_7_and_67_8_percent(cdnow: pd.Series):
    shares = [segment.top_share(cdnow, share) for share in (0.01, 0.05, 0.20)]
    assert [round(100 * share, 1) for share in shares] == [15.9, 36.7, 67.8]


def test_the_gini_is_the_formula_on_sorted_values():
    rng = np.random.default_rng(3)
    value = rng.lognormal(3, 1, 500)
    x, n = np.sort(value), len(value)
    expected = 2 * (np.arange(1, n + 1) * x).sum() / (n * x.sum()) - (n + 1) / n
    assert segment.gini(value) == pytest.approx(expected)


def test_the_gini_is_half_the_mean_difference_between_two_customers_over_the_mean():
    value = np.array([3.0, 0.0, 7.0, 2.0, 8.0])
    mean_difference = np.abs(value[:, None] - value).mean()
    assert segment.gini(value) == pytest.approx(mean_difference / (2 * value.mean()))


def test_equal_customers_have_a_gini_of_0_and_one_who_brings_all_of_1_less_1_in_n():
    assert segment.gini([5, 5, 5, 5]) == pytest.approx(0)
    assert segment.gini([0, 0, 0, 9]) == pytest.approx(3 / 4)


def test_the_gini_of_groups_of_one_is_that_of_single_customers(cdnow: pd.Series):
    few = cdnow.to_numpy()[:200]
    assert segment.grouped_gini(np.ones(200), few) == pytest.approx(segment.gini(few))


def test_grouping_hides_the_inequality_within_the_groups(cdnow: pd.Series):
    tiers = pd.Series(segment.assign_tiers(cdnow), index=cdnow.index)
    grouped = cdnow.groupby(tiers).agg(["size", "sum"])
    between = segment.grouped_gini(grouped["size"], grouped["sum"])
    assert 0.5 < between < segment.gini(cdnow)


def test_the_lorenz_curve_runs_from_0_to_1_below_the_diagonal_and_bends_up():
    curve = segment.lorenz_curve([4, 1, 3, 2])
    assert curve.customers == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert curve.value == pytest.approx([0, 0.1, 0.3, 0.6, 1])
    assert (np.diff(curve.value, n=2) >= 0).all()
    # By trapezoids: 1 − 2 · area
    assert curve.gini == pytest.approx(1 - 2 * integrate.trapezoid(curve.value, curve.customers))


def test_a_customer_at_the_border_of_the_top_counts_in_part():
    # Of 10, 5, 5: the top half is the first and half of the second.
    assert segment.top_share([5, 10, 5], 0.5) == pytest.approx(12.5 / 20)
    assert segment.top_share([5, 10, 5], 0) == 0
    assert segment.top_share([5, 10, 5], 1) == 1


@pytest.mark.parametrize(
    ("value", "customers", "says"),
    [
        ([1, -2], None, "value must be 0 or more"),
        ([0, 0], None, "value is 0 in every row"),
        ([1, math.nan], None, "value must be a finite number in every row, got nan in row 1"),
        ([], None, "at least one row"),
        ([1, 2], [1, 0], "customers must be above 0 in every group"),
        ([1, 2], [1], "rows: value 2, customers 1"),
    ],
)
def test_what_has_no_lorenz_curve_is_refused(value, customers, says):
    with pytest.raises(ValueError, match=says):
        segment.lorenz_curve(value, customers)


def test_a_top_share_in_percent_is_refused():
    with pytest.raises(ValueError, match="share must be from 0 to 1, got 20"):
        segment.top_share([1, 2], 20)


# The Pareto distribution


def test_80_20_means_an_alpha_of_1_1610_and_a_gini_of_7565():
    alpha = segment.pareto_alpha(0.2, 0.8)
    assert alpha == pytest.approx(math.log(5) / math.log(4))  # 1.1610
    assert round(alpha, 4) == 1.1610
    assert round(segment.pareto_gini(alpha), 4) == 0.7565


def test_80_20_means_that_the_top_1_percent_bring_52_8_and_the_top_5_percent_66_0():
    alpha = segment.pareto_alpha(0.2, 0.8)
    shares = [segment.pareto_top_share(share, alpha) for share in (0.01, 0.05)]
    assert [round(100 * share, 1) for share in shares] == [52.8, 66.0]


def test_the_rule_holds_again_within_the_top():
    alpha = segment.pareto_alpha(0.2, 0.8)
    assert segment.pareto_top_share(0.2**3, alpha) == pytest.approx(0.8**3)


@pytest.mark.parametrize("alpha", [1.2, 2.0, 5.0])
def test_top_share_and_gini_are_those_of_scipys_distribution(alpha):
    pareto = stats.pareto(alpha)
    border = pareto.isf(0.1)
    above = integrate.quad(lambda x: x * pareto.pdf(x), border, math.inf)[0]
    assert segment.pareto_top_share(0.1, alpha) == pytest.approx(above / pareto.mean(), rel=1e-6)
    # E|X − Y| / (2 · mean) = ∫ F (1 − F) dx / mean, plus nothing below the smallest value
    spread = integrate.quad(lambda x: pareto.cdf(x) * pareto.sf(x), 1, math.inf)[0]
    assert segment.pareto_gini(alpha) == pytest.approx(spread / pareto.mean(), rel=1e-6)


def test_alpha_gives_back_the_top_share_that_it_came_from():
    for share, value_share in ((0.2, 0.5), (0.05, 0.9), (0.5, 0.501)):
        alpha = segment.pareto_alpha(share, value_share)
        assert segment.pareto_top_share(share, alpha) == pytest.approx(value_share)


def test_where_all_bring_the_same_alpha_is_infinite_and_the_gini_0():
    assert segment.pareto_alpha(0.2, 0.2) == math.inf
    assert segment.pareto_gini(math.inf) == 0
    assert segment.pareto_top_share(0.3, math.inf) == pytest.approx(0.3)


def test_a_larger_top_share_means_a_smaller_alpha():
    alphas = [segment.pareto_alpha(0.2, value_share) for value_share in (0.3, 0.5, 0.7, 0.9)]
    assert alphas == sorted(alphas, reverse=True)


def test_large_samples_have_the_gini_of_the_distribution():
    value = stats.pareto(3).rvs(200_000, random_state=1)
    assert segment.gini(value) == pytest.approx(segment.pareto_gini(3), abs=0.005)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: segment.pareto_alpha(0.2, 0.1), "the largest 20.0% bring at least 20.0%"),
        (lambda: segment.pareto_alpha(0.2, 1), "less than all of it, got a value_share of 1"),
        (lambda: segment.pareto_alpha(20, 80), "share must be above 0 and below 1, got 20"),
        (lambda: segment.pareto_gini(1), "alpha must be above 1, or the mean is infinite, got 1"),
        (lambda: segment.pareto_top_share(0.2, 0.9), "alpha must be above 1"),
        (lambda: segment.pareto_top_share(2, 1.5), "share must be from 0 to 1, got 2"),
    ],
)
def test_what_no_pareto_distribution_has_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Tiers


def test_a_hundred_customers_make_1_4_15_and_80():
    tiers = segment.assign_tiers(np.arange(100))
    assert pd.Series(tiers).value_counts().to_dict() == {"VIP": 1, "major": 4, "ordinary": 15, "small": 80}
    assert tiers[99] == "VIP"
    assert set(tiers[95:99]) == {"major"}
    assert set(tiers[:80]) == {"small"}


def test_a_border_within_a_customer_is_rounded_up_from_a_half():
    # Of 50: the borders are 0.5, 2.5 and 10, so 1 VIP, 2 major, 7 ordinary. Of 30: 0.3, 1.5 and 6.
    def counts(customers):
        return [int((segment.assign_tiers(np.arange(customers)) == tier).sum()) for tier in segment.PYRAMID]

    assert counts(50) == [1, 2, 7, 40]
    assert counts(30) == [0, 2, 4, 24]


def test_of_equal_customers_the_one_listed_first_ranks_first():
    halves = {"upper": 0.5, "lower": 0.5}
    assert segment.assign_tiers([7, 7, 7, 7], halves).tolist() == ["upper", "upper", "lower", "lower"]


def test_three_equal_tiers_are_the_thirds_of_pandas():
    value = np.random.default_rng(5).lognormal(0, 1, 999)
    thirds = pd.qcut(value, 3, labels=["low", "medium", "high"])
    ours = segment.assign_tiers(value, {"high": 1 / 3, "medium": 1 / 3, "low": 1 / 3})
    assert (ours == np.asarray(thirds)).all()


def test_tiers_of_the_dairys_accounts_rank_the_largest_first():
    orders = load("hailang.orders_monthly")
    month = orders[orders["month"] == "1999-09"]
    tiers = segment.assign_tiers(month["bottles"])
    bounds = month["bottles"].groupby(tiers).agg(["min", "max"]).loc[list(segment.PYRAMID)]
    assert (bounds["min"].to_numpy()[:-1] >= bounds["max"].to_numpy()[1:]).all()


def test_tier_changes_are_counted_by_hand():
    # Two tiers of two. Ranked by spend a, b | c, d; by profit a, c | b, d: b and c change.
    spend, profit = [40, 30, 20, 10], [9, 2, 5, -1]
    assert segment.tier_changes(spend, profit, {"upper": 0.5, "lower": 0.5}) == 2


def test_no_tier_changes_where_the_second_value_rises_with_the_first():
    value = np.random.default_rng(8).lognormal(3, 1, 300)
    assert segment.tier_changes(value, np.log(value) - 7) == 0


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"top": 1, "large": 4, "rest": 95}, "the shares of the tiers add up to 100, not to 1"),
        ({"top": 0.2, "rest": 0.7}, "add up to 0.9, not to 1"),
        ({"top": 0, "rest": 1}, "every share must be above 0"),
        ({}, "at least one tier"),
    ],
)
def test_shares_that_are_no_pyramid_are_refused(shares, says):
    with pytest.raises(ValueError, match=says):
        segment.assign_tiers([1, 2, 3], shares)


def test_two_rankings_of_different_customers_are_refused():
    with pytest.raises(ValueError, match="rows: value 2, other 3"):
        segment.tier_changes([1, 2], [1, 2, 3])


# RFM


def test_without_ties_the_scores_are_the_quintiles_of_pandas():
    value = np.random.default_rng(2).permutation(500).astype(float)
    expected = pd.qcut(value, 5, labels=False) + 1
    assert (segment.quintile_scores(value) == expected).all()
    assert (segment.quintile_scores(value, smallest_best=True) == 6 - expected).all()


def test_equal_values_have_the_score_of_their_mean_rank():
    # Six of ten bought once: ranks 1 to 6, mean 3.5, so 1 + ⌊5 · 3 / 10⌋ = 2. Nobody has a 1.
    scores = segment.quintile_scores([1, 1, 1, 1, 1, 1, 2, 3, 4, 5])
    assert scores.tolist() == [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]


def test_if_all_are_equal_all_score_3():
    assert segment.quintile_scores([7] * 12).tolist() == [3] * 12


def test_the_order_of_the_customers_does_not_matter():
    value = np.random.default_rng(4).integers(1, 9, 200)
    mixed = np.random.default_rng(5).permutation(200)
    assert (segment.quintile_scores(value)[mixed] == segment.quintile_scores(value[mixed])).all()


def test_the_best_customer_is_555_and_recency_counts_backwards():
    days, orders, money = [3, 10, 20, 40, 90], [9, 7, 5, 3, 1], [500, 60, 70, 80, 20]
    scores = segment.rfm_scores(days, orders, money)
    assert scores["code"].tolist() == ["555", "442", "333", "224", "111"]


def test_scores_keep_the_customers_names():
    customers = pd.DataFrame(
        {"days": [1, 2, 3, 4, 5], "orders": [5, 4, 3, 2, 1], "money": [1, 1, 1, 1, 9]}, index=list("edcba")
    )
    scores = segment.rfm_scores(customers["days"], customers["orders"], customers["money"])
    assert scores.index.tolist() == list("edcba")
    # Four equal ranks 1 to 4, mean 2.5: 1 + ⌊5 · 2 / 5⌋ = 3
    assert scores.loc["e"].tolist() == [5, 5, 3, "553"]


def test_cdnow_has_125_codes_at_most_and_fifths_of_the_spend(cdnow: pd.Series):
    purchases = load("real.cdnow")
    last = pd.to_datetime(purchases.groupby("customer_id")["date"].max())
    days = (pd.Timestamp("1998-06-30") - last).dt.days
    scores = segment.rfm_scores(days, purchases.groupby("customer_id").size(), cdnow)
    assert scores["code"].str.fullmatch("[1-5]{3}").all()
    # Spend is nearly free of ties, so its groups are fifths.
    assert scores["M"].value_counts(normalize=True).to_numpy() == pytest.approx(0.2, abs=0.01)
    # More than half bought only once: nobody has the score 1, and most have a 2.
    assert scores["F"].value_counts().idxmax() == 2
    assert 1 not in scores["F"].to_numpy()


def test_scores_of_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="rows: recency 2, frequency 2, monetary 1"):
        segment.rfm_scores([1, 2], [1, 2], [1])
    with pytest.raises(ValueError, match="monetary must be a finite number in every row, got nan in row 0"):
        segment.rfm_scores([1], [1], [math.nan])


# Buying patterns


def test_a_fixed_rhythm_has_a_coefficient_of_variation_of_0_and_random_times_of_1():
    assert segment.coefficient_of_variation([7, 7, 7]) == 0
    gaps = np.random.default_rng(1).exponential(9, 100_000)
    assert segment.coefficient_of_variation(gaps) == pytest.approx(1, abs=0.02)
    assert segment.coefficient_of_variation(gaps) == pytest.approx(stats.variation(gaps))


def test_working_days_have_a_coefficient_of_variation_of_4_sevenths():
    # Gaps 1, 1, 1, 1, 3: mean 7/5, variance (4 · 0.16 + 2.56) / 5 = 16/25, so 0.8 / 1.4
    assert segment.coefficient_of_variation([1, 1, 1, 1, 3]) == pytest.approx(4 / 7)


@pytest.mark.parametrize(("gaps", "says"), [([0, 0], "not all 0"), ([1, -1], "0 or more"), ([], "one row")])
def test_gaps_without_a_coefficient_of_variation_are_refused(gaps, says):
    with pytest.raises(ValueError, match=says):
        segment.coefficient_of_variation(gaps)


def purchases() -> pd.DataFrame:
    days = {
        "canteen": ["1999-09-06", "1999-09-13", "1999-09-20", "1999-09-27"],
        "fair": ["1999-03-01", "1999-03-02", "1999-09-09"],
        "family": ["1999-09-01", "1999-09-03", "1999-09-05"],
        "passer-by": ["1999-07-02", "1999-07-03", "1999-09-28"],
        "newcomer": ["1999-09-01", "1999-09-08"],
    }
    units = {"canteen": 200, "fair": 400, "family": 2, "passer-by": 1, "newcomer": 3}
    rows = [(name, day, units[name]) for name, list_of_days in days.items() for day in list_of_days]
    return pd.DataFrame(rows, columns=["customer", "date", "quantity"])


def test_each_of_the_four_patterns_is_a_size_and_a_timing():
    rows = purchases().sample(frac=1, random_state=3)
    patterns = segment.purchase_patterns(
        rows["customer"], rows["date"], rows["quantity"], bulk_from=50, regular_to=0.5
    )
    labels = patterns[["size", "timing"]].agg(" ".join, axis=1).to_dict()
    assert labels == {
        "canteen": "bulk regular",
        "fair": "bulk random",
        "family": "odd-lot regular",
        "passer-by": "odd-lot random",
        "newcomer": "odd-lot unknown",
    }


def test_the_gaps_of_a_customer_are_measured_as_by_hand():
    rows = purchases()
    patterns = segment.purchase_patterns(
        rows["customer"], rows["date"], rows["quantity"], bulk_from=50, regular_to=0.5
    )
    assert patterns.loc["fair", "gap_cv"] == pytest.approx(segment.coefficient_of_variation([1, 191]))
    assert math.isnan(patterns.loc["newcomer", "gap_cv"])
    assert patterns["purchases"].to_dict() == {
        "canteen": 4,
        "fair": 3,
        "family": 3,
        "newcomer": 2,
        "passer-by": 3,
    }


def test_all_purchases_of_one_day_are_one():
    times = ["1999-09-01 08:00", "1999-09-01 17:00", "1999-09-03 08:00", "1999-09-05 08:00"]
    patterns = segment.purchase_patterns(["a"] * 4, times, [30, 30, 60, 60], bulk_from=60, regular_to=0.1)
    assert patterns.loc["a"].tolist() == [3, 60, 0, "bulk", "regular"]


def test_limits_belong_to_the_named_side():
    # Gaps 1 and 3: 1 / 2.
    days = ["1999-09-01", "1999-09-02", "1999-09-05"]
    patterns = segment.purchase_patterns([1, 1, 1], days, [4, 4, 4], bulk_from=4, regular_to=0.5)
    assert patterns.loc[1, ["size", "timing"]].tolist() == ["bulk", "regular"]


def test_purchases_that_cannot_be_coded_are_refused():
    with pytest.raises(ValueError, match="rows: customer 2, date 1, quantity 2"):
        segment.purchase_patterns([1, 1], ["1999-09-01"], [1, 1], bulk_from=2, regular_to=1)
    with pytest.raises(ValueError, match="quantity must be 0 or more"):
        segment.purchase_patterns([1], ["1999-09-01"], [-1], bulk_from=2, regular_to=1)
    with pytest.raises(ValueError, match="bulk_from must be above 0, got 0"):
        segment.purchase_patterns([1], ["1999-09-01"], [1], bulk_from=0, regular_to=1)


# Clusters


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    """Four groups of 60 points in the plane that touch each other, in this order."""
    rng = np.random.default_rng(11)
    places = np.array([[0, 0], [4, 0], [0, 4], [4, 4]])
    return np.concatenate([place + rng.normal(0, 0.9, (60, 2)) for place in places])


@pytest.mark.parametrize("clusters", [1, 2, 4, 7])
def test_the_best_run_is_as_tight_as_that_of_scikit_learn(points, clusters):
    theirs = KMeans(clusters, n_init=30, random_state=0).fit(points)
    ours = segment.k_means(points, clusters, starts=30)
    assert ours.within == pytest.approx(theirs.inertia_, rel=0.002)


def test_from_the_same_centres_the_run_is_that_of_scikit_learn(points):
    start = points[[0, 1, 2, 3]]  # all four in one group
    theirs = KMeans(4, init=start, n_init=1, algorithm="lloyd", tol=0).fit(points)
    settled = segment.k_means_steps(points, start)[-1]
    assert settled.centres == pytest.approx(theirs.cluster_centers_)
    assert (settled.labels == theirs.labels_).all()
    assert settled.within == pytest.approx(theirs.inertia_)


def test_each_step_is_tighter_and_the_last_centres_are_the_means_of_their_points(points):
    steps = segment.k_means_steps(points, points[[0, 1, 2, 3]])
    within = [step.within for step in steps]
    assert within == sorted(within, reverse=True)
    assert len(steps) > 3
    means = [points[steps[-1].labels == cluster].mean(axis=0) for cluster in range(4)]
    assert steps[-1].centres == pytest.approx(np.array(means))


def test_one_step_by_hand():
    # Centres 0 and 3: points 0, 1 go to the first, 4, 5 to the second; means 0.5 and 4.5.
    steps = segment.k_means_steps([[0.0], [1.0], [4.0], [5.0]], [[0.0], [3.0]])
    assert steps[0].labels.tolist() == [0, 0, 1, 1]
    assert steps[0].within == pytest.approx(0 + 1 + 1 + 4)
    assert steps[-1].centres.ravel().tolist() == [0.5, 4.5]
    assert steps[-1].within == pytest.approx(4 * 0.25)
    assert len(steps) == 2


def test_one_cluster_has_the_variance_of_the_points(points):
    assert segment.k_means(points, 1).within == pytest.approx(points.var(axis=0).sum() * len(points))


def test_as_many_clusters_as_points_leave_nothing_within():
    settled = segment.k_means([[1, 1], [2, 5], [9, 9], [1, 1]], 3)
    assert settled.within == 0
    assert settled.centres.tolist() == [[1, 1], [2, 5], [9, 9]]
    assert settled.labels.tolist() == [0, 1, 2, 0]


def test_the_numbers_of_the_clusters_do_not_depend_on_the_seed(points):
    one, other = (segment.k_means(points, 4, seed=seed) for seed in (1, 2))
    assert (one.labels == other.labels).all()
    assert (np.diff(one.centres[:, 0]) > 0).all()


def test_a_centre_without_points_stays_where_it_is():
    settled = segment.k_means_steps([[0.0], [1.0]], [[0.0], [1.0], [50.0]])[-1]
    assert settled.centres.ravel().tolist() == [0, 1, 50]


def test_clusters_find_the_groups_again(points):
    groups = np.repeat(["a", "b", "c", "d"], 60)
    assert segment.adjusted_rand_index(groups, segment.k_means(points, 4).labels) > 0.9


def test_units_decide_the_clusters_until_the_columns_are_standardised(points):
    # In thousandths the first column outweighs the second, so the two clusters are left and right.
    stretched = points * [1_000, 1]
    left = points[:, 0] < 2
    assert segment.adjusted_rand_index(left, segment.k_means(stretched, 2).labels) > 0.9
    standard = stats.zscore(stretched)
    assert standard == pytest.approx(stats.zscore(points))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: segment.k_means([[1], [1], [2]], 3), "clusters must be from 1 to 2 different points, got 3"),
        (lambda: segment.k_means([[1], [2]], 0), "got 0"),
        (lambda: segment.k_means([[1], [2]], 1, starts=0), "starts must be at least 1, got 0"),
        (lambda: segment.k_means([1, 2, 3], 1), r"points must have rows and columns, got shape \(3,\)"),
        (lambda: segment.k_means([[1], [math.nan]], 1), "points must be a finite number"),
        (lambda: segment.k_means_steps([[1, 2]], [[1]]), "points have 2 columns and centres 1"),
    ],
)
def test_what_cannot_be_clustered_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("seed", range(5))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    one = rng.integers(0, 4, 60)
    other = np.where(rng.random(60) < 0.6, one, rng.integers(0, 6, 60))
    assert segment.adjusted_rand_index(one, other) == pytest.approx(adjusted_rand_score(one, other))


def test_the_adjusted_rand_index_of_a_published_pair_is_1_sixth():
    # Documentation of the R package partitionComparison: {0, 0, 0, 1, 1} and {0, 0, 1, 1, 1}
    assert segment.adjusted_rand_index([0, 0, 0, 1, 1], [0, 0, 1, 1, 1]) == pytest.approx(1 / 6)


def test_names_of_groups_do_not_matter():
    assert segment.adjusted_rand_index(["x", "x", "y"], [7, 7, 3]) == 1


def test_by_chance_the_adjusted_rand_index_is_0_on_average():
    rng = np.random.default_rng(1)
    draws = [segment.adjusted_rand_index(*rng.integers(0, 3, (2, 50))) for _ in range(200)]
    assert np.mean(draws) == pytest.approx(0, abs=3 * np.std(draws) / 200**0.5)


@pytest.mark.parametrize("labels", [[1, 1, 1], [1, 2, 3]])
def test_the_same_trivial_grouping_twice_agrees(labels):
    assert segment.adjusted_rand_index(labels, labels) == 1


def test_groupings_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="rows: one 2, other 3"):
        segment.adjusted_rand_index([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="from two customers on"):
        segment.adjusted_rand_index([1], [1])


# Definitions of segments

LIFE_STAGES = {
    "young": lambda age: 18 <= age < 35,
    "mature": lambda age: 35 <= age < 60,
    "40 and over": lambda age: age >= 40,
}
"""As in the course's source: three names of women's ages whose limits nobody compared."""


def test_mature_and_40_and_over_overlap_and_minors_are_left_out():
    check = segment.check_mece(LIFE_STAGES, [16, 20, 38, 45, 70])
    assert check.overlaps == ((45, ("mature", "40 and over")),)
    assert check.gaps == (16,)
    assert not check.is_mece


def test_limits_that_meet_are_mece():
    thirds = {"low": lambda x: x < 3, "medium": lambda x: 3 <= x < 8, "high": lambda x: x >= 8}
    check = segment.check_mece(thirds, range(12))
    assert check.is_mece
    assert check.overlaps == check.gaps == ()


def test_cases_may_be_customers_with_several_properties():
    rules = {"canteens": lambda c: c["type"] == "institution", "large": lambda c: c["bottles"] > 10}
    canteen, family = {"type": "institution", "bottles": 40}, {"type": "household", "bottles": 1}
    check = segment.check_mece(rules, [canteen, family])
    assert check.overlaps == ((canteen, ("canteens", "large")),)
    assert check.gaps == (family,)


def test_a_check_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one segment and one case"):
        segment.check_mece({}, [1])
    with pytest.raises(ValueError, match="at least one segment and one case"):
        segment.check_mece(LIFE_STAGES, [])


def test_the_value_matrix_has_four_cells_and_limits_count_as_high():
    cells = segment.value_matrix([50, 50, 10, 10], [30, 5, 30, 5], value_from=50, potential_from=30)
    assert cells.tolist() == ["keep and grow", "keep", "grow", "serve simply"]


def test_a_value_matrix_of_columns_that_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="rows: value 2, potential 1"):
        segment.value_matrix([1, 2], [1], value_from=1, potential_from=1)
