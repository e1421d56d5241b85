"""The fence against the known answers, statsmodels' cluster-robust errors, closed forms and limits."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from crmkit import load
from crmkit.data.hailang.truth import TRUTH
from crmkit.models import fence

# A trial by clusters


def accounts_one_by_one(treated, accounts, events):
    """Regress the accounts on their arm: the slope, its naive and its cluster-robust error."""
    outcome = np.concatenate([[1] * e + [0] * (n - e) for n, e in zip(accounts, events, strict=True)])
    design = sm.add_constant(np.repeat(treated, accounts).astype(float))
    routes = np.repeat(np.arange(len(accounts)), accounts)
    naive = sm.OLS(outcome, design).fit()
    robust = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": routes})
    return robust.params[1], naive.bse[1], robust.bse[1], robust.conf_int()[1]


def trial_data():
    trial = load("hailang.fence_trial")
    return (trial["arm"] == "fence").astype(int), trial["accounts"], trial["accounts_lost"]


SMALL = ([1, 1, 0, 0, 0], [10, 30, 20, 5, 25], [2, 9, 12, 1, 20])


@pytest.mark.parametrize("data", [SMALL, trial_data()], ids=["five clusters", "the dairy's trial"])
def test_effect_and_errors_are_those_that_statsmodels_computes_from_single_accounts(data):
    slope, naive, robust, interval = accounts_one_by_one(*(np.asarray(column) for column in data))
    found = fence.cluster_trial(*data)
    assert found.effect == pytest.approx(slope)
    assert found.naive_error == pytest.approx(naive)
    assert found.standard_error == pytest.approx(robust)
    assert found.interval() == pytest.approx(tuple(interval))


def test_the_planted_effect_lies_within_two_cluster_robust_errors():
    found = fence.cluster_trial(*trial_data())
    assert abs(found.effect - (TRUTH.takeaway_fenced - TRUTH.takeaway)) < 2 * found.standard_error
    assert abs(found.control_rate - TRUTH.takeaway) < 2 * found.standard_error
    assert found.clusters == 2 * TRUTH.fence_routes_per_arm


def test_the_design_effect_of_the_trial_is_about_that_of_kish():
    found = fence.cluster_trial(*trial_data())
    expected = fence.design_effect(trial_data()[1].mean(), TRUTH.fence_icc)
    assert found.design_effect == pytest.approx(expected, rel=0.3)


def test_the_naive_interval_is_narrower_by_the_root_of_the_design_effect():
    found = fence.cluster_trial(*trial_data())
    right, naive = (np.ptp(found.interval(naive=naive)) for naive in (False, True))
    assert (right / naive) ** 2 == pytest.approx(found.design_effect)


def test_clusters_of_one_account_need_no_correction_to_speak_of():
    generator = np.random.default_rng(1)
    arm = np.repeat([0, 1], 2_000)
    events = (generator.random(4_000) < np.where(arm == 1, 0.2, 0.4)).astype(int)
    found = fence.cluster_trial(arm, np.ones(4_000), events)
    assert found.design_effect == pytest.approx(1, abs=0.01)


def test_95_of_100_intervals_by_clusters_hold_the_truth_and_far_fewer_naive_ones():
    generator = np.random.default_rng(2)
    arm, size, held = np.repeat([0, 1], 60), np.full(120, 195), {False: 0, True: 0}
    mean = np.where(arm == 1, 0.12, 0.30)
    for _ in range(400):
        rates = generator.beta(19 * mean, 19 * (1 - mean))  # 1 / (19 + 1) = .05, the ICC of a beta-binomial
        trial = fence.cluster_trial(arm, size, generator.binomial(195, rates))
        for naive in held:
            low, high = trial.interval(naive=naive)
            held[naive] += low < -0.18 < high
    assert 0.91 < held[False] / 400 < 0.98
    assert held[True] / 400 < 0.6


def test_kish_by_hand():
    # 1 + (41 − 1) · 0.05 = 3
    assert fence.design_effect(41, 0.05) == pytest.approx(3)
    assert fence.design_effect(1, 0.9) == 1
    assert fence.design_effect(200, 0) == 1
    assert fence.design_effect(200, 1) == 200


def test_the_effect_on_those_who_take_part_is_the_effect_over_the_share_that_does():
    # Of 100 asked 80 take part, and 20 of these stay who would have left.
    assert fence.complier_effect(-0.20, 0.80) == pytest.approx(-0.25)
    assert fence.complier_effect(0.1, 1) == 0.1


# What a fence is worth


def test_the_fence_of_the_exercise_saves_4_5_percent_and_is_worth_7_186_yuan():
    saved = fence.accounts_saved(0.25, 0.30, 0.12)
    margin = 0.35 * 1.25 * 365 / 12
    assert saved == pytest.approx(0.045)
    assert round(margin, 3) == 13.307
    assert round(fence.fence_worth(saved, margin, 12), 3) == 7.186


def test_a_fence_that_costs_what_it_is_worth_is_paid_back_when_the_kept_accounts_leave():
    worth = fence.fence_worth(0.03, 20, 9)
    assert fence.payback_months(worth, 0.03, 20) == pytest.approx(9)
    assert fence.payback_months(0, 0.0, 20) == 0
    assert fence.payback_months(1, 0.0, 20) == math.inf
    assert fence.payback_months(1, 0.03, -2) == math.inf


def test_at_the_break_even_exit_rate_a_fence_is_worth_what_it_costs():
    rate = fence.break_even_exit_rate(2.0, 0.2, 10, 12)
    assert fence.fence_worth(fence.accounts_saved(rate, 0.5, 0.3), 10, 12) == pytest.approx(2.0)
    assert fence.break_even_exit_rate(0, 0.2, 10, 12) == 0


def test_a_fence_is_worth_nothing_where_nobody_leaves_and_less_than_nothing_where_it_annoys():
    assert fence.accounts_saved(0, 0.3, 0.1) == 0
    assert fence.fence_worth(fence.accounts_saved(0.3, 0.1, 0.2), 10, 12) == pytest.approx(-3.6)


def test_second_paths_go_where_they_are_worth_most_first_and_the_peak_is_where_worth_falls_below_cost():
    # 9 − 4, then 5 − 4, then 1 − 4
    gain = fence.second_path_gain([1, 9, 5], 4)
    assert gain.tolist() == [0, 5, 6, 3]
    assert fence.second_path_gain([1, 9, 5], 0).argmax() == 3
    assert fence.second_path_gain([1, 9, 5], 10).argmax() == 0


# Switching costs


def test_at_the_threshold_a_customer_gains_as_much_by_leaving_as_by_staying():
    for benefit, once, months in ((2, 30, 6), (0, 24, 12), (-1, 0, 3)):
        offer = fence.switching_threshold(benefit, once, months)
        assert offer * months - once == pytest.approx(benefit * months)


def test_what_is_lost_once_weighs_less_the_further_a_customer_looks_ahead():
    thresholds = [fence.switching_threshold(1, 30, months) for months in (1, 3, 12, 1e9)]
    assert thresholds[:3] == [31, 11, 3.5]
    assert thresholds[3] == pytest.approx(1)


def test_who_will_surely_leave_does_not_enter_a_trap():
    assert fence.worth_of_joining(2, 30, 0, 12) == 24
    assert fence.worth_of_joining(2, 30, 1, 12) == -6


# Uplift


def test_uplift_by_hand():
    # a: 2 of 4 with, 1 of 4 without; b: 0 of 2 and 1 of 2
    group = list("aaaaaaaabbbb")
    treated = [1] * 4 + [0] * 4 + [1, 1, 0, 0]
    responded = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    table = fence.uplift_table(group, treated, responded)
    assert table["uplift"].to_dict() == {"a": 0.25, "b": -0.5}
    assert table["customers"].to_dict() == {"a": 8, "b": 4}
    assert table.loc["a", "standard_error"] == pytest.approx(math.sqrt(0.25 / 4 + 0.1875 / 4))


def test_the_planted_uplifts_lie_within_two_standard_errors():
    trial = load("hailang.promo_assign")
    table = fence.uplift_table(trial["tier"], trial["treated"], trial["responded"])
    for gift in TRUTH.promotions:
        row = table.loc[gift.tier]
        assert abs(row["uplift"] - gift.effect) < 2 * row["standard_error"]


def test_the_curve_ends_at_the_uplift_of_all_and_is_steepest_for_those_with_the_highest_score():
    generator = np.random.default_rng(3)
    kind, treated = generator.permuted(np.repeat([0, 1], 10_000)), generator.integers(0, 2, 20_000)
    responded = generator.random(20_000) < 0.1 + 0.1 * kind * treated
    best, worst = (fence.uplift_curve(score, treated, responded, 4) for score in (kind, -kind))
    whole = fence.uplift_table(np.zeros(20_000), treated, responded)["uplift"].iloc[0]
    assert best[-1] == worst[-1] == pytest.approx(20_000 * whole)
    # Half of the customers gain 0.1, the others nothing.
    assert best[2] == pytest.approx(1_000, abs=150)
    assert worst[2] == pytest.approx(0, abs=150)
    assert best[0] == 0


# What cannot be


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fence.cluster_trial([0, 1], [5, 5], [1]), "a row for each cluster"),
        (lambda: fence.cluster_trial([0, 0, 1, 2], [5] * 4, [1] * 4), "0 or 1"),
        (lambda: fence.cluster_trial([0, 0, 1, 1], [5] * 4, [6, 1, 1, 1]), "events at most accounts"),
        (lambda: fence.cluster_trial([0, 0, 0, 1], [5] * 4, [1] * 4), "at least two clusters"),
        (lambda: fence.cluster_trial([0, 0, 1, 1], [5] * 4, [0] * 4), "ended alike"),
        (lambda: fence.cluster_trial([0, 0, 1, 1], [5.5] * 4, [1] * 4), "whole numbers"),
        (lambda: fence.cluster_trial(*SMALL).interval(1), "confidence"),
        (lambda: fence.design_effect(0, 0.1), "cluster_size"),
        (lambda: fence.design_effect(10, 1.1), "correlation"),
        (lambda: fence.complier_effect(0.1, 0), "uptake"),
        (lambda: fence.accounts_saved(25, 0.3, 0.12), "exit_rate"),
        (lambda: fence.fence_worth(4.5, 10, 12), "saved"),
        (lambda: fence.fence_worth(0.1, math.nan, 12), "monthly_margin"),
        (lambda: fence.fence_worth(0.1, 1, -1), "months_kept"),
        (lambda: fence.payback_months(-1, 0.1, 1), "cost"),
        (lambda: fence.break_even_exit_rate(1, 0, 1, 1), "effect"),
        (lambda: fence.break_even_exit_rate(1, 0.1, 0, 1), "monthly_margin"),
        (lambda: fence.second_path_gain([], 1), "worth"),
        (lambda: fence.switching_threshold(1, -1, 1), "lost_on_leaving"),
        (lambda: fence.switching_threshold(math.inf, 1, 1), "benefit"),
        (lambda: fence.switching_threshold(1, 1, 0), "months"),
        (lambda: fence.worth_of_joining(1, 1, 2, 1), "leaving"),
        (lambda: fence.uplift_table(["a", "a"], [1, 0], [1]), "one a customer"),
        (lambda: fence.uplift_table(["a", "b"], [1, 0], [1, 0]), "one has an arm only"),
        (lambda: fence.uplift_curve([1, 2], [1, 0], [1]), "a row for each customer"),
        (lambda: fence.uplift_curve([1, 2], [1, 0], [1, 0], 2), "fewer groups"),
        (lambda: fence.uplift_curve([1, 2], [1, 0], [1, 3]), "responded"),
        (lambda: fence.uplift_curve([1, 2], [1, 0], [1, 0], 0), "groups"),
    ],
)
def test_an_error_names_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
