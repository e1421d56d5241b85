"""Survival, its comparison and its projection against published values, lifelines and statsmodels."""

import math

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from crmkit.data import load
from crmkit.models import survival
from crmkit.models.survival import ShiftedBetaGeometric, SurvivalCurve

# Kaplan–Meier: the remissions of freireich1963, a table in many textbooks, and random durations.


@pytest.fixture(scope="module")
def remission() -> pd.DataFrame:
    return load("published.remission")


def curve(remission: pd.DataFrame, arm: str) -> SurvivalCurve:
    patients = remission[remission["arm"] == arm]
    return survival.kaplan_meier(patients["weeks"], patients["relapsed"])


@pytest.fixture(scope="module")
def durations() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Durations with many ties, who left, and one of three groups with different rates."""
    rng = np.random.default_rng(7)
    group = rng.integers(0, 3, 300)
    time = np.ceil(rng.exponential(8 + 4 * group))
    end = rng.integers(1, 20, 300)
    return np.minimum(time, end), (time <= end).astype(int), group


def test_remissions_under_6_mp_last_as_the_textbooks_print(remission: pd.DataFrame):
    kept = curve(remission, "6-MP")
    assert kept.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert kept.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert kept.at([6, 10, 23]).round(3).tolist() == [0.857, 0.753, 0.448]


def test_half_the_placebo_patients_relapsed_by_week_8_and_half_of_the_others_by_week_23(
    remission: pd.DataFrame,
):
    assert curve(remission, "placebo").median == 8
    assert curve(remission, "6-MP").median == 23


def test_without_censoring_the_curve_is_the_share_left(remission: pd.DataFrame):
    weeks = remission.loc[remission["arm"] == "placebo", "weeks"]
    placebo = curve(remission, "placebo")
    assert placebo.at([0, 4, 8, 22, 23]) == pytest.approx([(weeks > t).mean() for t in (0, 4, 8, 22, 23)])


def test_greenwoods_standard_error_by_hand():
    # Of 4, one leaves at 1, one is censored at 2, one leaves at 3: S = 3/4, then 3/8.
    kept = survival.kaplan_meier([1, 2, 3, 5], [1, 0, 1, 0])
    assert kept.survival == pytest.approx([3 / 4, 3 / 8])
    first, second = 1 / (4 * 3), 1 / (2 * 1)
    expected = [3 / 4 * math.sqrt(first), 3 / 8 * math.sqrt(first + second)]
    assert kept.standard_error == pytest.approx(expected)


def test_without_censoring_greenwood_is_the_binomial_standard_error(remission: pd.DataFrame):
    placebo = curve(remission, "placebo")
    share = placebo.survival[:-1]
    assert placebo.standard_error[:-1] == pytest.approx(np.sqrt(share * (1 - share) / 21))


def test_curve_and_limits_are_those_of_lifelines(durations):
    time, left, _ = durations
    ours = survival.kaplan_meier(time, left)
    theirs = KaplanMeierFitter().fit(time, left)
    assert ours.survival == pytest.approx(theirs.survival_function_at_times(ours.time).to_numpy())
    assert ours.median == theirs.median_survival_time_
    limits = theirs.confidence_interval_.loc[ours.time].to_numpy().T
    assert np.array(ours.interval()) == pytest.approx(limits)


def test_standard_errors_are_those_of_statsmodels(durations):
    time, left, _ = durations
    theirs = SurvfuncRight(time, left)
    assert survival.kaplan_meier(time, left).standard_error == pytest.approx(theirs.surv_prob_se)


def test_wider_confidence_is_a_wider_interval_within_0_and_1(durations):
    kept = survival.kaplan_meier(durations[0], durations[1])
    low, high = kept.interval(0.99)
    narrow_low, narrow_high = kept.interval(0.90)
    assert (low < narrow_low).all()
    assert (narrow_high < high).all()
    assert (low > 0).all()
    assert (high < 1).all()


def test_a_curve_that_stays_above_one_half_has_no_median():
    assert survival.kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median == math.inf


def test_a_curve_that_reaches_one_half_exactly_has_its_median_there():
    # 1 − 1/10, nine more of ten: ten equal steps, whose product misses 0.5 by rounding.
    assert survival.kaplan_meier(range(1, 11), [1] * 10).median == 5


@pytest.mark.parametrize(
    ("duration", "event", "message"),
    [
        ([1, 2], [1], "columns of the same length"),
        ([], [], "columns of the same length"),
        ([1, -2], [1, 1], "duration must be 0 or more"),
        ([1, math.nan], [1, 1], "duration must be 0 or more"),
        ([1, 2], [1, 2], "event must be 1"),
        ([1, 2], [0, 0], "every duration is censored"),
    ],
)
def test_durations_that_make_no_curve_are_refused(duration, event, message):
    with pytest.raises(ValueError, match=message):
        survival.kaplan_meier(duration, event)


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        survival.kaplan_meier([1, 2], [1, 0]).interval(confidence)


# Log-rank


def test_the_log_rank_statistic_of_the_remissions_is_16_79(remission: pd.DataFrame):
    test = survival.log_rank(remission["weeks"], remission["relapsed"], remission["arm"])
    assert round(test.statistic, 2) == 16.79
    assert test.degrees_of_freedom == 1
    assert test.groups == ("6-MP", "placebo")
    assert test.observed.tolist() == [9, 21]
    assert test.expected.sum() == pytest.approx(30)
    # Textbooks print 19.3 and 10.7.
    assert test.expected.round(1).tolist() == [19.3, 10.7]


def test_log_rank_by_hand():
    # Group a leaves at 1 and 3, group b at 2 and is censored at 4. At risk before: 4, 3, 2; of a: 2, 1, 1.
    test = survival.log_rank([1, 3, 2, 4], [1, 1, 1, 0], ["a", "a", "b", "b"])
    expected = 2 / 4 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert test.expected == pytest.approx([expected, 3 - expected])
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance)


@pytest.mark.parametrize("groups", [2, 3])
def test_log_rank_is_that_of_lifelines_and_of_statsmodels(durations, groups: int):
    chosen = durations[2] < groups
    time, left, group = (column[chosen] for column in durations)
    ours = survival.log_rank(time, left, group)
    lifelines = multivariate_logrank_test(time, group, left)
    assert ours.degrees_of_freedom == groups - 1
    assert (ours.statistic, ours.p_value) == pytest.approx((lifelines.test_statistic, lifelines.p_value))
    assert (ours.statistic, ours.p_value) == pytest.approx(survdiff(time, left, group))


def test_groups_that_leave_alike_do_not_differ():
    test = survival.log_rank([1, 2, 3] * 2, [1, 1, 0] * 2, ["a"] * 3 + ["b"] * 3)
    assert test.statistic == pytest.approx(0)
    assert test.p_value == pytest.approx(1)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (["a", "b"], "group has 2 rows"),
        (["a", "a", "a"], "in one group"),
        (["a", "b", "b"], "not at risk together"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(group, message):
    with pytest.raises(ValueError, match=message):
        survival.log_rank([1, 2, 3], [0, 1, 1], group)


# sBG: fader2007


def survivors(segment: str, years: int) -> np.ndarray:
    retention = load("published.retention")
    return retention.loc[retention["segment"] == segment, "surviving"].to_numpy()[: years + 1] / 100


@pytest.mark.parametrize(
    ("segment", "projected", "actual"), [("High End", 0.378, 0.394), ("Regular", 0.170, 0.173)]
)
def test_seven_years_project_the_twelfth(segment: str, projected: float, actual: float):
    model = survival.fit_shifted_beta_geometric(survivors(segment, 7))
    assert model.survival(12).round(3) == projected
    assert survivors(segment, 12)[-1].round(3) == actual


def test_the_log_likelihood_of_high_end_is_the_one_of_appendix_b():
    # fader2007 gives −1.611 for one customer.
    assert round(survival.fit_shifted_beta_geometric(survivors("High End", 7)).log_likelihood, 3) == -1.611


def test_counts_and_shares_give_one_model_and_log_likelihoods_in_proportion():
    shares = survivors("Regular", 7)
    of_shares = survival.fit_shifted_beta_geometric(shares)
    of_counts = survival.fit_shifted_beta_geometric(1000 * shares)
    assert (of_counts.alpha, of_counts.beta) == pytest.approx((of_shares.alpha, of_shares.beta), rel=1e-5)
    assert of_counts.log_likelihood == pytest.approx(1000 * of_shares.log_likelihood)


def test_a_fit_gives_back_the_parameters_of_its_own_curve():
    model = survival.fit_shifted_beta_geometric(ShiftedBetaGeometric(0.9, 2.5).survival(np.arange(9)))
    assert (model.alpha, model.beta) == pytest.approx((0.9, 2.5), rel=1e-4)


def test_survival_is_the_product_of_retention():
    model = ShiftedBetaGeometric(0.668, 3.806)
    assert model.survival(0) == 1
    assert model.survival(np.arange(1, 13)) == pytest.approx(np.cumprod(model.retention(np.arange(1, 13))))


def test_retention_rises_from_the_mean_probability_of_staying():
    model = ShiftedBetaGeometric(0.704, 1.182)
    retention = model.retention(np.arange(1, 20))
    assert retention[0] == pytest.approx(1.182 / (0.704 + 1.182))
    assert (np.diff(retention) > 0).all()


def test_customers_who_are_all_alike_leave_at_a_constant_rate():
    alike = ShiftedBetaGeometric(2e8, 8e8)
    assert alike.retention([1, 5, 20]) == pytest.approx(0.8)
    assert alike.survival(5) == pytest.approx(0.8**5, rel=1e-6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 0.8], "two or more periods"),
        ([1, 0.8, 0.9], "must fall"),
        ([1, 0.8, math.nan], "must fall"),
        ([1, 1, 1], "some must leave"),
        ([1, 0.5, 0], "some must stay"),
        ([1, 0.9, 0.5, 0.1], "do not rise"),
    ],
)
def test_survivors_that_have_no_fit_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        survival.fit_shifted_beta_geometric(values)


@pytest.mark.parametrize("parameters", [(0, 1), (1, -1), (math.inf, 1)])
def test_a_parameter_that_is_not_positive_is_refused(parameters):
    with pytest.raises(ValueError, match="must be above 0"):
        ShiftedBetaGeometric(*parameters)
