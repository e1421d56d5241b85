"""Concentration, single points of failure, rate ratios and decay, against closed forms and other packages."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from crmkit.models import channel
from crmkit.models.channel import Decay

# Concentration


@pytest.mark.parametrize(
    ("amounts", "index", "equals"),
    [
        ([40, 30, 20, 10], 3_000, 10 / 3),  # 0.16 + 0.09 + 0.04 + 0.01
        ([1] * 400, 25, 400),  # 400 equal delivery people, seen from the dairy
        ([1], 10_000, 1),  # and seen from the door
        ([5, 0, 5, 0], 5_000, 2),
    ],
)
def test_the_index_and_the_effective_number_are_the_known_ones(amounts, index, equals):
    assert channel.herfindahl(amounts) == pytest.approx(index)
    assert channel.effective_number(amounts) == pytest.approx(equals)


def test_the_index_does_not_depend_on_the_unit():
    assert channel.herfindahl([0.4, 0.6]) == pytest.approx(channel.herfindahl([2_000, 3_000]))


def test_the_index_of_unequal_shares_is_that_of_equal_ones_times_one_plus_cv_squared():
    amounts = np.array([3.0, 8.0, 1.0, 6.0, 2.0])
    cv = amounts.std() / amounts.mean()
    assert channel.herfindahl(amounts) == pytest.approx(10_000 / 5 * (1 + cv**2))


def test_a_merger_raises_the_index_by_twice_the_product_of_the_shares():
    before, after = channel.herfindahl([50, 30, 20]), channel.herfindahl([50, 50])
    assert after - before == pytest.approx(10_000 * 2 * 0.3 * 0.2)


@pytest.mark.parametrize("amounts", [[], [0, 0], [1, -1], [1, math.nan], [[1, 2]]])
def test_amounts_that_cannot_be_shared_are_refused(amounts):
    with pytest.raises(ValueError, match="amounts"):
        channel.herfindahl(amounts)


# Single points of failure

LINE = [("dairy", "depot"), ("depot", "A"), ("depot", "B"), ("A", "1"), ("A", "2"), ("B", "3")]


def test_on_a_single_line_everybody_in_between_is_a_point_of_failure():
    assert channel.cut_vertices(LINE, "dairy") == {"depot", "A", "B"}


def test_without_a_delivery_person_the_households_of_the_round_are_cut_off():
    assert channel.cut_off(LINE, "dairy", "A") == {"1", "2"}
    assert channel.cut_off(LINE, "dairy", "depot") == {"A", "B", "1", "2", "3"}
    assert channel.cut_off(LINE, "dairy", "3") == set()


def test_a_second_path_takes_the_power_from_the_first():
    assert channel.cut_off([*LINE, ("dairy", "1")], "dairy", "A") == {"2"}
    second = [*LINE, ("dairy", "1"), ("dairy", "2")]
    assert channel.cut_vertices(second, "dairy") == {"depot", "B"}


def test_a_ring_has_no_point_of_failure():
    ring = [(i, (i + 1) % 6) for i in range(6)]
    assert channel.cut_vertices(ring, 0) == set()


def test_links_work_in_both_directions_and_what_was_never_reached_is_not_cut_off():
    turned = [(b, a) for a, b in LINE]
    assert channel.cut_off(turned, "dairy", "A") == {"1", "2"}
    assert channel.cut_off([*LINE, ("rival", "9")], "dairy", "A") == {"1", "2"}


@pytest.mark.parametrize(("source", "removed", "says"), [("x", "A", "source"), ("dairy", "x", "removed")])
def test_a_node_that_no_link_mentions_is_refused(source, removed, says):
    with pytest.raises(ValueError, match=says):
        channel.cut_off(LINE, source, removed)


def test_the_source_cannot_be_removed():
    with pytest.raises(ValueError, match="without it there is no channel"):
        channel.cut_off(LINE, "dairy", "dairy")


# What exits cost


def test_a_year_of_exits_costs_accounts_times_two_probabilities():
    assert channel.expected_accounts_lost(80_000, 0.25, 0.30) == pytest.approx(6_000)
    assert channel.expected_accounts_lost(80_000, 0.25, 0) == 0


@pytest.mark.parametrize("wrong", [(-1, 0.2, 0.3), (100, 1.2, 0.3), (100, 0.2, -0.1), (math.inf, 0.2, 0.3)])
def test_accounts_and_probabilities_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must be 0 or more|from 0 to 1"):
        channel.expected_accounts_lost(*wrong)


# Rate ratios


def test_a_rate_ratio_and_its_interval_are_those_of_a_poisson_regression():
    a, t1, b, t0 = (
        41,
        28_010,
        15,
        19_017,
    )
    counts, design = [a, b], sm.add_constant([1.0, 0.0])
    fit = sm.GLM(counts, design, family=sm.families.Poisson(), offset=np.log([t1, t0])).fit()
    found = channel.rate_ratio(a, t1, b, t0)
    assert found.ratio == pytest.approx(math.exp(fit.params[1]))
    assert [found.low, found.high] == pytest.approx(np.exp(fit.conf_int()[1]), rel=1e-6)


def test_a_rate_ratio_by_hand():
    found = channel.rate_ratio(60, 1_000, 30, 2_000)
    assert found.ratio == pytest.approx(4)
    spread = stats.norm.ppf(0.95) * math.sqrt(1 / 60 + 1 / 30)
    ninety = channel.rate_ratio(60, 1_000, 30, 2_000, confidence=0.90)
    assert math.log(ninety.high / 4) == pytest.approx(spread)
    assert ninety.low * ninety.high == pytest.approx(16)


def test_swapping_the_sides_turns_the_ratio_upside_down():
    one, other = channel.rate_ratio(60, 1_000, 30, 2_000), channel.rate_ratio(30, 2_000, 60, 1_000)
    assert other.ratio == pytest.approx(1 / one.ratio)
    assert other.low == pytest.approx(1 / one.high)


def test_strata_take_out_what_differs_between_them():
    # The exposed have half the rate in both strata; most of them are where little happens.
    events_1, time_1 = [80, 40], [8_000, 1_000]
    events_0, time_0 = [20, 320], [1_000, 4_000]
    crude = channel.rate_ratio(120, 9_000, 340, 5_000)
    within = channel.mantel_haenszel_rate_ratio(events_1, time_1, events_0, time_0)
    assert within.ratio == pytest.approx(0.5)
    assert crude.ratio < 0.25


def test_the_common_ratio_is_close_to_that_of_a_poisson_regression_with_strata():
    rng = np.random.default_rng(4)
    time_1, time_0 = rng.integers(2_000, 9_000, 8), rng.integers(2_000, 9_000, 8)
    rates = rng.uniform(0.01, 0.04, 8)
    a, b = rng.poisson(1.7 * rates * time_1), rng.poisson(rates * time_0)
    design = np.column_stack([np.repeat([1, 0], 8), np.vstack([np.eye(8)] * 2)])
    offset = np.log([*time_1, *time_0])
    fit = sm.GLM([*a, *b], design, family=sm.families.Poisson(), offset=offset).fit()
    found = channel.mantel_haenszel_rate_ratio(a, time_1, b, time_0)
    assert math.log(found.ratio) == pytest.approx(fit.params[0], abs=0.3 * fit.bse[0])
    width = math.log(found.high / found.low) / (2 * stats.norm.ppf(0.975))
    assert width == pytest.approx(fit.bse[0], rel=0.02)


def test_a_stratum_with_only_one_side_adds_nothing():
    alone = channel.mantel_haenszel_rate_ratio([30], [500], [20], [900])
    with_empty = channel.mantel_haenszel_rate_ratio([30, 7], [500, 80], [20, 0], [900, 0])
    assert with_empty == alone


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (([1, 2], [9], [1], [9]), "one row a stratum"),
        (([-1], [9], [1], [9]), "0 or more"),
        (([0], [9], [1], [9]), "events and time on both sides"),
        (([1], [9], [1], [0]), "events and time on both sides"),
        (([1, 0], [9, 0], [1, 0], [9, 0]), "without any time"),
    ],
)
def test_what_cannot_be_compared_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        channel.mantel_haenszel_rate_ratio(*wrong)


def test_a_confidence_is_a_share():
    with pytest.raises(ValueError, match="between 0 and 1"):
        channel.rate_ratio(5, 10, 5, 10, confidence=95)


# Decay


def test_the_half_life_of_twelve_percent_a_month_is_5_8_months():
    assert channel.half_life(0.12) == pytest.approx(5.776, abs=0.0005)
    assert Decay(start=8, rate=0.12).at(channel.half_life(0.12)) == pytest.approx(4)
    assert Decay(1, 0.01).half_life == pytest.approx(69.3, abs=0.05)


def test_what_does_not_fade_never_halves():
    for rate in (0, -0.1, math.nan):
        with pytest.raises(ValueError, match="never halves"):
            channel.half_life(rate)


def test_a_decay_without_noise_is_found_again():
    months = np.arange(18)
    found = channel.fit_decay(months, 0.06 * np.exp(-0.12 * months))
    assert (found.start, found.rate) == pytest.approx((0.06, 0.12))


def test_a_decay_with_noise_is_the_line_through_the_logarithms():
    rng = np.random.default_rng(1)
    months = np.arange(24)
    level = 500 * np.exp(-0.05 * months + rng.normal(0, 0.1, 24))
    line = stats.linregress(months, np.log(level))
    found = channel.fit_decay(months, level)
    assert (math.log(found.start), -found.rate) == pytest.approx((line.intercept, line.slope))


def test_growth_has_a_negative_rate():
    assert channel.fit_decay([0, 1], [1, 2]).rate == pytest.approx(-math.log(2))


@pytest.mark.parametrize(
    ("time", "level", "says"),
    [([0, 1], [1], "rows"), ([0, 1], [1, 0], "above 0"), ([2, 2], [1, 3], "two times")],
)
def test_a_decay_that_cannot_be_fitted_is_refused(time, level, says):
    with pytest.raises(ValueError, match=says):
        channel.fit_decay(time, level)


def test_launches_add_up_from_their_own_start():
    decay = Decay(start=6, rate=math.log(2))
    assert channel.launches_level(decay, [0, 2], [0, 1, 2, 3]) == pytest.approx([6, 3, 1.5 + 6, 0.75 + 3])
    assert channel.launches_level(decay, [5], [0, 4]) == pytest.approx([0, 0])


def test_launches_without_end_settle_at_a_mean_of_start_over_rate_times_interval():
    decay, interval = Decay(start=6, rate=0.1), 12
    cycle = np.arange(600, 612, 0.001)
    level = channel.launches_level(decay, np.arange(0, 700, interval), cycle)
    assert level.mean() == pytest.approx(6 / (0.1 * 12), rel=1e-3)
