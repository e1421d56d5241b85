"""Control charts, the Net Promoter Score and survey sizes against published values and brute force."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from crmkit.models import control

# Control limits of a share (shewhart1931)


def test_around_2_percent_samples_of_250_have_their_upper_limit_at_0_0466_and_no_lower_one():
    # Exercise E9.6
    limits = control.p_chart_limits(0.02, 250)
    assert round(limits.upper, 4) == 0.0466
    assert limits.lower == 0


def test_a_textbooks_ten_samples_of_200_are_in_control_between_0_0822_and_0_2378():
    # "An Introduction to Business Statistics", example 16.6: 320 defects in 2,000 items.
    defects = [40, 44, 22, 34, 24, 32, 28, 32, 34, 30]
    chart = control.p_chart(defects, 200)
    assert chart.centre == 0.16
    assert chart.upper == pytest.approx([0.2378] * 10, abs=5e-5)
    assert chart.lower == pytest.approx([0.0822] * 10, abs=5e-5)
    assert not chart.out_of_control.any()


def test_samples_of_different_size_have_limits_of_their_own():
    # p̄ = 60 / 1,000 = 0.06: limits 0.06 ± 3 √(0.0564 / n); 16 of 100 lie above 0.1312, 24 of 400 do not.
    chart = control.p_chart([16, 24, 20], [100, 400, 500])
    assert chart.upper == pytest.approx([0.06 + 3 * math.sqrt(0.0564 / n) for n in (100, 400, 500)])
    assert chart.lower == pytest.approx(
        [0, 0.06 - 3 * math.sqrt(0.0564 / 400), 0.06 - 3 * math.sqrt(0.0564 / 500)]
    )
    assert chart.out_of_control.tolist() == [True, False, False]
    assert chart.shares.tolist() == [0.16, 0.06, 0.04]


def test_a_given_centre_is_not_moved_by_the_samples():
    assert control.p_chart([0, 0, 0], 50, centre=0.04).centre == 0.04


def test_limits_narrow_with_the_root_of_the_size():
    widths = [control.p_chart_limits(0.5, n).upper - 0.5 for n in (100, 400)]
    assert widths[0] / widths[1] == pytest.approx(2)


def test_limits_are_never_outside_0_and_1():
    assert control.p_chart_limits(0.98, 20).upper == 1
    assert control.p_chart_limits(0.02, 20).lower == 0


def test_a_sample_on_its_limit_is_in_control_and_one_more_defect_is_out():
    # 0.5 ± 3 · √(0.25 / 100) = 0.35 and 0.65
    chart = control.p_chart([35, 65, 34, 66], 100, centre=0.5)
    assert chart.out_of_control.tolist() == [False, False, True, True]


def test_wider_limits_raise_fewer_alarms():
    defects = np.random.default_rng(1).binomial(200, 0.1, 400)
    alarms = [control.p_chart(defects, 200, sigmas=sigmas).out_of_control.sum() for sigmas in (1, 2, 3)]
    assert alarms[0] > alarms[1] > alarms[2]


# How often a chart signals


@pytest.mark.parametrize(("centre", "size"), [(0.02, 250), (0.04, 400), (0.5, 100), (0.9, 30), (0.001, 5)])
@pytest.mark.parametrize("rate", [0.0, 0.02, 0.06, 0.5, 1.0])
def test_the_chance_of_a_signal_is_the_sum_of_the_binomial_outside_the_limits(rate, centre, size):
    counts = np.arange(size + 1)
    out = control.p_chart(counts, size, centre=centre).out_of_control
    by_hand = stats.binom.pmf(counts, size, rate)[out].sum()
    assert control.signal_probability(rate, centre, size) == pytest.approx(by_hand, abs=1e-12)


def test_large_samples_give_the_normal_false_alarms_of_27_in_10_000():
    assert control.signal_probability(0.5, 0.5, 10**6) == pytest.approx(2 * stats.norm.sf(3), rel=0.02)


def test_a_chart_whose_lower_limit_is_0_cannot_see_an_improvement():
    assert control.p_chart_limits(0.02, 250).lower == 0
    assert control.signal_probability(0.0, 0.02, 250) == 0


# Runs on one side (nelson1984)


def test_nine_in_a_row_on_one_side_are_a_signal_at_the_ninth():
    values = [1, -1] + [2] * 10
    assert control.runs_on_one_side(values, 0).tolist() == [False] * 10 + [True, True]


def test_a_value_on_the_centre_or_on_the_other_side_breaks_a_run():
    for breaker in (0, -1):
        values = [1] * 8 + [breaker] + [1] * 8
        assert not control.runs_on_one_side(values, 0).any()


def test_a_process_that_stays_on_its_centre_gives_no_signal():
    assert not control.runs_on_one_side([0.04] * 40, 0.04).any()


def test_runs_below_count_like_runs_above():
    values = np.random.default_rng(2).normal(size=500)
    above = control.runs_on_one_side(values, 0, length=4)
    assert (control.runs_on_one_side(-values, 0, length=4) == above).all()
    by_hand = [i >= 3 and abs(np.sign(values[i - 3 : i + 1]).sum()) == 4 for i in range(500)]
    assert above.tolist() == by_hand


# Net Promoter Score


def test_90_promoters_60_passives_and_50_detractors_score_20_with_a_standard_error_of_5_74():
    # Exercise E9.4
    score = control.net_promoter_score(90, 60, 50)
    assert score.score == pytest.approx(20)
    assert round(score.standard_error, 2) == 5.74
    assert (score.low, score.high) == pytest.approx((20 - 1.959964 * 5.744563, 20 + 1.959964 * 5.744563))


@pytest.mark.parametrize("counts", [(90, 60, 50), (3, 0, 9), (1, 400, 2), (0, 5, 5)])
def test_the_score_is_the_mean_of_plus_and_minus_100_and_its_error_that_of_a_mean(counts):
    answers = np.repeat([100, 0, -100], counts)
    score = control.net_promoter_score(*counts)
    assert score.score == pytest.approx(answers.mean())
    assert score.standard_error == pytest.approx(answers.std() / math.sqrt(answers.size))


def test_the_same_score_is_less_certain_the_fewer_are_passive():
    lukewarm, split = control.net_promoter_score(30, 160, 10), control.net_promoter_score(110, 0, 90)
    assert lukewarm.score == split.score == pytest.approx(10)
    assert split.standard_error > 2 * lukewarm.standard_error


def test_without_passives_the_interval_is_twice_that_of_a_share():
    score = control.net_promoter_score(70, 0, 30, confidence=0.90)
    low, high = proportion_confint(70, 100, alpha=0.10, method="normal")
    assert (score.low, score.high) == pytest.approx((100 * (2 * low - 1), 100 * (2 * high - 1)))


def test_where_all_are_promoters_the_interval_claims_too_much():
    score = control.net_promoter_score(3, 0, 0)
    assert (score.score, score.standard_error, score.low, score.high) == (100, 0, 100, 100)


def test_an_interval_does_not_leave_the_scale():
    assert control.net_promoter_score(9, 1, 0).high == 100
    assert control.net_promoter_score(0, 1, 9).low == -100


def test_nine_and_ten_are_promoters_seven_and_eight_passives_and_the_others_detractors():
    # reichheld2003
    counts = control.count_recommendations(range(11))
    assert (counts.promoters, counts.passives, counts.detractors) == (2, 2, 7)


# How many to ask (cochran1977)

KREJCIE_AND_MORGAN = {
    220: 140, 230: 144, 240: 148, 250: 152, 1_000: 278, 1_200: 291, 1_300: 297, 1_400: 302, 1_500: 306,
}  # fmt: skip
"""Published table of sample sizes for ±5 points at 95% (Educational and Psychological Measurement, 1970)."""


@pytest.mark.parametrize(("population", "published"), KREJCIE_AND_MORGAN.items())
def test_survey_sizes_are_those_of_krejcie_and_morgan_who_round_to_the_nearest(population, published):
    assert control.survey_sample_size(0.05, population=population) - published in (0, 1)


def test_5_points_at_95_percent_take_385_answers_from_very_many_customers():
    # 1.96² · 0.25 / 0.05² = 384.15
    assert control.survey_sample_size(0.05) == 385
    assert control.survey_sample_size(0.05, population=10**9) == 385


@pytest.mark.parametrize("population", [2, 30, 60, 250, 10_000])
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_margin_of_a_sample_without_replacement_is_just_reached(population, share):
    def margin(size):
        # The variance of a share shrinks by (N − n) / (N − 1) when nobody is asked twice.
        left = (population - size) / (population - 1)
        return 1.959964 * math.sqrt(share * (1 - share) / size * left)

    size = control.survey_sample_size(0.05, share=share, population=population)
    assert margin(size) <= 0.05 < margin(size - 1)


def test_half_the_margin_takes_four_times_the_answers():
    assert control.survey_sample_size(0.01) == pytest.approx(4 * control.survey_sample_size(0.02), abs=4)


def test_no_more_are_asked_than_there_are():
    for population in (1, 5, 60):
        assert control.survey_sample_size(0.001, population=population) == population


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_interval_of_a_survey_of_that_size_is_as_wide_as_wanted(share):
    size = control.survey_sample_size(0.03, share=share, confidence=0.9)
    low, high = proportion_confint(share * size, size, alpha=0.1, method="normal")
    assert (high - low) / 2 == pytest.approx(0.03, rel=2e-3)
    assert (high - low) / 2 <= 0.03


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: control.p_chart_limits(2, 250), "centre is a share between 0 and 1, got 2"),
        (lambda: control.p_chart_limits(0.02, 0), "size must be a whole number, at least 1, got 0"),
        (lambda: control.p_chart_limits(0.02, 250, sigmas=0), "sigmas must be above 0"),
        (lambda: control.p_chart([1, 2], [10, 10, 10]), "2 rows and sizes 3"),
        (lambda: control.p_chart([11], [10]), "at most as many defects as cases"),
        (lambda: control.p_chart([0], [0]), "at least one case"),
        (lambda: control.p_chart([0, 0], 10), "they set no limits; give the centre"),
        (lambda: control.p_chart([0.5], 10), "defects must be whole numbers, 0 or more"),
        (lambda: control.p_chart([], []), "at least one row"),
        (lambda: control.signal_probability(2, 0.1, 10), "rate is a share from 0 to 1, got 2"),
        (lambda: control.signal_probability(0.1, 0.1, 1.5), "size must be a whole number"),
        (lambda: control.runs_on_one_side([1, math.nan], 0), "finite numbers in every row"),
        (lambda: control.runs_on_one_side([1, 2], 0, length=1), "length must be a whole number, at least 2"),
        (lambda: control.net_promoter_score(0, 0, 0), "nobody answered"),
        (lambda: control.net_promoter_score(0.45, 0.3, 0.25), "promoters must be a whole number"),
        (
            lambda: control.net_promoter_score(1, 1, -1),
            "detractors must be a whole number, 0 or more, got -1",
        ),
        (lambda: control.net_promoter_score(1, 1, 1, confidence=95), "between 0 and 1, got 95"),
        (lambda: control.count_recommendations([3, 11]), "one is above 10"),
        (lambda: control.count_recommendations([3, 7.5]), "ratings must be whole numbers"),
        (lambda: control.survey_sample_size(5), "margin is a share between 0 and 1, got 5"),
        (lambda: control.survey_sample_size(0.05, share=1), "share is a share between 0 and 1, got 1"),
        (lambda: control.survey_sample_size(0.05, population=0), "population must be at least 1, got 0"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
