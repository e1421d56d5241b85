"""Sizes and power of two-armed tests against statsmodels, published values and brute force."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import proportion

from crmkit.models import experiment, value

PAIRS = [(0.10, 0.12), (0.5, 0.6), (0.02, 0.015), (0.9, 0.8), (0.3, 0.7)]

# The z test: pooled (in models/value.py) and not


def test_120_of_1_000_against_150_of_1_000_has_z_1_963_and_p_0_0496():
    # Exercise E9.2
    pooled = value.difference_in_proportions(120, 1_000, 150, 1_000)
    assert round(pooled.z, 3) == 1.963
    assert round(pooled.p_value, 4) == 0.0496


def test_without_pooling_the_same_test_divides_by_the_root_of_each_arms_own_variance():
    test = experiment.unpooled_z_test(120, 1_000, 150, 1_000)
    assert test.z == pytest.approx(0.03 / math.sqrt((0.12 * 0.88 + 0.15 * 0.85) / 1_000))
    assert test.p_value == pytest.approx(2 * stats.norm.sf(test.z))


@pytest.mark.parametrize(
    "counts", [(120, 1_000, 150, 1_000), (30, 200, 18, 260), (1, 50, 7, 60), (5, 9, 5, 9)]
)
def test_the_unpooled_test_is_walds_of_statsmodels(counts):
    control_events, control_trials, treated_events, treated_trials = counts
    theirs = proportion.test_proportions_2indep(
        treated_events, treated_trials, control_events, control_trials, method="wald", compare="diff"
    )
    ours = experiment.unpooled_z_test(*counts)
    assert (ours.z, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))


@pytest.mark.parametrize("treated", range(130, 180, 5))
def test_the_unpooled_test_rejects_where_the_interval_of_the_difference_excludes_zero(treated):
    interval = value.difference_in_proportions(120, 1_000, treated, 1_000)
    rejects = experiment.unpooled_z_test(120, 1_000, treated, 1_000).p_value < 0.05
    assert rejects == (interval.low > 0)


def test_in_arms_of_equal_size_the_unpooled_z_is_never_closer_to_zero():
    # p̄ q̄ is at least the mean of p₁ q₁ and p₂ q₂, since p q is concave.
    for events in range(10, 90, 10):
        pooled = value.difference_in_proportions(40, 100, events, 100).z
        assert abs(experiment.unpooled_z_test(40, 100, events, 100).z) >= abs(pooled)


# Sample size


def test_from_10_to_12_percent_with_power_80_percent_takes_3_841_per_arm_or_3_839_unpooled():
    # Exercise E9.3
    assert experiment.sample_size_per_arm(0.10, 0.12) == 3_841
    assert experiment.sample_size_per_arm(0.10, 0.12, pooled=False) == 3_839


@pytest.mark.parametrize(("rate_1", "rate_2"), PAIRS)
@pytest.mark.parametrize(("power", "significance"), [(0.8, 0.05), (0.9, 0.05), (0.95, 0.01), (0.5, 0.1)])
def test_the_pooled_size_is_that_of_statsmodels(rate_1, rate_2, power, significance):
    theirs = proportion.samplesize_proportions_2indep_onetail(
        rate_1 - rate_2, rate_2, power, alpha=significance
    )
    ours = experiment.sample_size_per_arm(rate_1, rate_2, power=power, significance=significance)
    assert ours == math.ceil(theirs)


@pytest.mark.parametrize(("rate_1", "rate_2"), PAIRS)
def test_the_unpooled_size_is_the_closed_form_in_z_1_96_and_0_84(rate_1, rate_2):
    closed = (1.959964 + 0.841621) ** 2 * (rate_1 * (1 - rate_1) + rate_2 * (1 - rate_2))
    ours = experiment.sample_size_per_arm(rate_1, rate_2, pooled=False)
    assert ours == math.ceil(closed / (rate_1 - rate_2) ** 2)


@pytest.mark.parametrize(("rate_1", "rate_2"), PAIRS)
def test_the_size_does_not_depend_on_the_order_of_the_arms_or_on_which_outcome_is_counted(rate_1, rate_2):
    size = experiment.sample_size_per_arm(rate_1, rate_2)
    assert experiment.sample_size_per_arm(rate_2, rate_1) == size
    assert experiment.sample_size_per_arm(1 - rate_1, 1 - rate_2) == size


def test_half_the_difference_takes_about_four_times_the_customers():
    # Around 50% the variance hardly changes, so that n goes with 1 / δ².
    sizes = [experiment.sample_size_per_arm(0.5 - d / 2, 0.5 + d / 2) for d in (0.04, 0.02)]
    assert sizes[1] / sizes[0] == pytest.approx(4, rel=0.002)


# Power


@pytest.mark.parametrize(("rate_1", "rate_2"), PAIRS)
@pytest.mark.parametrize("per_arm", [10, 200, 5_000])
@pytest.mark.parametrize("significance", [0.05, 0.20])
def test_the_power_of_the_pooled_test_is_that_of_statsmodels(rate_1, rate_2, per_arm, significance):
    theirs = proportion.power_proportions_2indep(
        rate_1 - rate_2, rate_2, per_arm, alpha=significance, return_results=False
    )
    ours = experiment.power_of_test(rate_1, rate_2, per_arm, significance=significance)
    assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize(("rate_1", "rate_2"), PAIRS)
def test_the_sample_size_is_the_first_to_reach_its_power(rate_1, rate_2, pooled):
    size = experiment.sample_size_per_arm(rate_1, rate_2, power=0.8, pooled=pooled)
    assert experiment.power_of_test(rate_1, rate_2, size, pooled=pooled) >= 0.8
    assert experiment.power_of_test(rate_1, rate_2, size - 1, pooled=pooled) < 0.8


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("significance", [0.01, 0.05, 0.2])
def test_without_a_difference_the_power_is_the_significance(significance, pooled):
    power = experiment.power_of_test(0.3, 0.3, 700, significance=significance, pooled=pooled)
    assert power == pytest.approx(significance)


def test_power_grows_with_the_customers_and_with_the_difference():
    by_size = [experiment.power_of_test(0.2, 0.23, n) for n in (50, 200, 800, 3_200)]
    by_difference = [experiment.power_of_test(0.2, 0.2 + d, 800) for d in (0, 0.01, 0.03, 0.06)]
    assert by_size == sorted(by_size)
    assert by_difference == sorted(by_difference)


def test_so_many_simulated_tests_are_significant_as_the_power_says():
    random, runs = np.random.default_rng(9), 4_000
    control, treated = random.binomial(900, 0.20, runs), random.binomial(900, 0.25, runs)
    tests = [value.difference_in_proportions(a, 900, b, 900) for a, b in zip(control, treated, strict=True)]
    found = np.mean([test.p_value < 0.05 for test in tests])
    power = experiment.power_of_test(0.20, 0.25, 900)
    assert found == pytest.approx(power, abs=4 * math.sqrt(power * (1 - power) / runs))


# What a test of a given size can find


@pytest.mark.parametrize(("rate", "per_arm"), [(0.1, 3_841), (0.05, 500), (0.5, 60), (0.9, 2_000)])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_smallest_rise_that_a_size_finds_needs_that_size(rate, per_arm, power):
    rise = experiment.smallest_detectable_rise(rate, per_arm, power=power)
    assert experiment.sample_size_per_arm(rate, rate + rise, power=power) == pytest.approx(per_arm, abs=1)


def test_3_841_per_arm_find_a_rise_of_two_points_from_10_percent():
    assert experiment.smallest_detectable_rise(0.10, 3_841) == pytest.approx(0.02, abs=1e-6)


# Looking again and again


@pytest.mark.parametrize(
    ("looks", "published"), [(1, 0.05), (2, 0.083), (4, 0.126), (5, 0.142), (10, 0.193), (20, 0.248)]
)
def test_repeated_looks_raise_the_false_alarms_as_armitage_and_others_tabulated(looks, published):
    # armitage1969, for normal data; the R package gsDesign tests itself against halves of them, one-sided.
    assert round(experiment.false_alarm_rate(looks), 3) == published


def test_two_looks_are_the_corners_of_a_bivariate_normal():
    # The two z statistics correlate by √(1/2): half of the customers are in both.
    b = stats.norm.isf(0.05)
    both = stats.multivariate_normal(cov=[[1, math.sqrt(0.5)], [math.sqrt(0.5), 1]])
    inside = both.cdf([b, b], lower_limit=[-b, -b])
    assert experiment.false_alarm_rate(2, significance=0.10) == pytest.approx(1 - inside, abs=1e-5)


def test_so_many_simulated_peekers_raise_an_alarm():
    runs = 40_000
    sums = np.random.default_rng(5).normal(size=(runs, 8)).cumsum(axis=1)
    alarms = (np.abs(sums) > stats.norm.isf(0.025) * np.sqrt(np.arange(1, 9))).any(axis=1).mean()
    rate = experiment.false_alarm_rate(8)
    assert alarms == pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / runs))


def test_looks_that_share_customers_alarm_less_often_than_separate_tests():
    for looks in (2, 5, 20):
        assert 0.05 < experiment.false_alarm_rate(looks) < 1 - 0.95**looks


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: experiment.unpooled_z_test(0, 10, 10, 10), "take the pooled test"),
        (lambda: experiment.unpooled_z_test(11, 10, 1, 10), "from 0 to the 10 trials, got 11"),
        (lambda: experiment.unpooled_z_test(1, 0, 1, 10), "trials must be a whole number, at least 1"),
        (lambda: experiment.sample_size_per_arm(0.1, 0.1), "both rates are 0.1"),
        (lambda: experiment.sample_size_per_arm(10, 12), "rate_1 is a share between 0 and 1, got 10"),
        (lambda: experiment.sample_size_per_arm(0.1, 1), "rate_2 is a share between 0 and 1, got 1"),
        (lambda: experiment.sample_size_per_arm(0.1, 0.2, power=0.05), "between the significance, 0.05, and"),
        (lambda: experiment.sample_size_per_arm(0.1, 0.2, power=80), "got 80"),
        (lambda: experiment.sample_size_per_arm(0.1, 0.2, significance=0), "significance is a share"),
        (lambda: experiment.power_of_test(0.1, math.nan, 10), "rate_2 is a share between 0 and 1, got nan"),
        (lambda: experiment.power_of_test(0.1, 0.2, 10.5), "per_arm must be a whole number"),
        (lambda: experiment.smallest_detectable_rise(0.9, 5), "too few to find even a rise from 0.9 to 1"),
        (lambda: experiment.smallest_detectable_rise(0, 5), "rate is a share between 0 and 1"),
        (lambda: experiment.false_alarm_rate(0), "looks must be a whole number, at least 1, got 0"),
        (lambda: experiment.false_alarm_rate(3, significance=5), "significance is a share"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
