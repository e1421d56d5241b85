"""Each formula on relationships against a closed form, arithmetic, or an independent computation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from crmkit.models import relationship
from crmkit.models.relationship import Profile

# The four Rs as a profile


def test_the_score_is_the_mean_level_and_weights_shift_it():
    levels = Profile(1, 2, 3, 4)
    assert relationship.profile_score(levels) == 2.5
    # (1·1 + 1·2 + 1·3 + 3·4) / 6
    assert relationship.profile_score(levels, weights=Profile(1, 1, 1, 3)) == pytest.approx(3)


def test_the_distance_is_the_root_mean_square_of_the_gaps():
    # Gaps 1, 0, −2, 2: √(9 / 4)
    assert relationship.profile_distance(Profile(3, 2, 1, 4), Profile(2, 2, 3, 2)) == pytest.approx(1.5)


def test_the_distance_counts_only_what_has_a_weight():
    desired, actual = Profile(3, 2, 1, 4), Profile(2, 2, 3, 2)
    assert relationship.profile_distance(desired, actual, Profile(0, 1, 0, 0)) == 0
    assert relationship.profile_distance(desired, actual, Profile(0, 0, 5, 0)) == pytest.approx(2)


def test_a_level_too_many_is_as_far_as_a_level_too_few():
    plan = Profile(2, 2, 2, 2)
    over, under = Profile(3, 2, 2, 2), Profile(1, 2, 2, 2)
    assert relationship.profile_distance(plan, over) == relationship.profile_distance(plan, under) == 0.5


def test_only_relative_weights_matter():
    desired, actual = Profile(3, 2, 1, 4), Profile(2, 2, 3, 2)
    small, large = Profile(1, 2, 3, 4), Profile(10, 20, 30, 40)
    assert relationship.profile_distance(desired, actual, small) == pytest.approx(
        relationship.profile_distance(desired, actual, large)
    )


# Guarantees


def test_a_payout_of_150_for_2_percent_of_10_000_units_costs_3_a_unit_and_30_000_in_all():
    assert relationship.guarantee_cost(0.02, 150) == pytest.approx(3.00)
    assert relationship.guarantee_cost(0.02, 150, units=10_000) == pytest.approx(30_000)


def test_a_guarantee_costs_nothing_if_nothing_fails_and_the_whole_payout_if_everything_does():
    assert relationship.guarantee_cost(0, 150, units=10_000) == 0
    assert relationship.guarantee_cost(1, 150) == 150


def test_the_guarantee_cost_is_the_mean_of_binomial_claims():
    assert relationship.guarantee_cost(0.03, 80, units=500) == pytest.approx(
        80 * stats.binom(500, 0.03).mean()
    )


def test_a_gain_of_6_with_failures_of_2_and_12_percent_separates_above_50_and_up_to_300():
    telling = relationship.separating_payouts(6, 0.02, 6, 0.12)
    assert (telling.low, telling.high) == (pytest.approx(50), pytest.approx(300))
    assert not telling.is_empty
    assert 50 not in telling
    assert 50.01 in telling
    assert 300 in telling
    assert 300.01 not in telling


@pytest.mark.parametrize("payout", [0, 20, 49.9, 60, 125, 180, 299, 301, 900])
def test_a_payout_separates_just_when_the_good_can_and_the_bad_cannot_afford_it(payout):
    good_can = 9 - 0.03 * payout >= 0
    bad_can = 7 - 0.11 * payout >= 0
    assert (payout in relationship.separating_payouts(9, 0.03, 7, 0.11)) == (good_can and not bad_can)


def test_sellers_that_fail_equally_often_cannot_be_told_apart():
    assert relationship.separating_payouts(6, 0.05, 6, 0.05).is_empty


def test_a_bad_seller_that_gains_more_for_its_risk_leaves_no_payout_that_tells():
    # 20 / 0.10 = 200 is more than 6 / 0.05 = 120.
    assert relationship.separating_payouts(6, 0.05, 20, 0.10).is_empty


def test_a_good_seller_that_never_fails_can_promise_anything():
    telling = relationship.separating_payouts(6, 0, 6, 0.12)
    assert (telling.low, telling.high) == (pytest.approx(50), math.inf)
    assert 1e9 in telling


def test_a_bad_seller_that_never_fails_is_never_deterred():
    assert relationship.separating_payouts(6, 0.02, 6, 0).is_empty


def test_the_ends_of_the_range_do_not_suffer_from_binary_fractions():
    assert 0.7 / 0.07 < 10  # in binary
    assert 10 in relationship.separating_payouts(0.7, 0.07, 0.7, 0.21)
    assert 10 not in relationship.separating_payouts(6, 0.02, 0.7, 0.07)


# Make or buy


def test_making_at_0_80_instead_of_buying_at_1_10_pays_above_800_000_units():
    assert relationship.make_or_buy_volume(240_000, unit_cost=0.80, price=1.10) == pytest.approx(800_000)


def test_transaction_costs_lower_the_volume_at_which_making_pays():
    # 240,000 / (1.10 + 0.10 − 0.80)
    assert relationship.make_or_buy_volume(240_000, 0.80, 1.10, 0.10) == pytest.approx(600_000)


def test_both_cost_the_same_at_the_break_even_volume_and_making_is_cheaper_above_it():
    volume = relationship.make_or_buy_volume(90_000, 2.00, 3.20, 0.45)

    def saving(quantity):
        return relationship.buy_cost(quantity, 3.20, 0.45) - relationship.make_cost(quantity, 90_000, 2.00)

    assert saving(volume) == pytest.approx(0, abs=1e-6)
    assert saving(0.9 * volume) < 0 < saving(1.1 * volume)


@pytest.mark.parametrize("cost", [(0.80, 0.80, 0), (0.80, 0.60, 0), (0.30, 0.10, 0.20)])
def test_making_never_pays_where_a_unit_from_outside_costs_no_more(cost):
    unit_cost, price, transaction_cost = cost
    assert relationship.make_or_buy_volume(240_000, unit_cost, price, transaction_cost) == math.inf


def test_without_a_fixed_cost_making_pays_from_the_first_unit():
    assert relationship.make_or_buy_volume(0, 0.80, 1.10) == 0


# Extra roles


def test_without_extra_roles_the_value_is_the_margin_multiple():
    # Gupta and Lehmann (gupta2003): r / (1 + d − r) is 2.667 at r = 0.8 and d = 0.1
    (value,) = relationship.role_ladder_values(1, 0.2, role_cost=0, churn_cut=0, roles=0, discount_rate=0.1)
    assert round(value, 3) == 2.667


def test_each_rung_is_worth_the_sum_of_its_discounted_margins():
    values = relationship.role_ladder_values(26, 0.04, 2, 0.25, 3, 0.01)
    for extra, value in enumerate(values):
        retention = 1 - 0.04 * 0.75**extra
        months = np.arange(1, 5_000)
        margins = (26 - 2 * extra) * (retention / 1.01) ** months
        assert value == pytest.approx(margins.sum())


def test_a_free_role_that_keeps_customers_always_pays_and_one_that_keeps_nobody_never_does():
    assert (np.diff(relationship.role_ladder_values(26, 0.04, 0, 0.2, 5, 0.01)) > 0).all()
    assert (np.diff(relationship.role_ladder_values(26, 0.04, 1, 0, 5, 0.01)) < 0).all()


def test_the_best_rung_is_no_lower_for_a_customer_with_a_higher_margin():
    best = [
        relationship.role_ladder_values(margin, 0.015, 2, 0.2, 5, 0.01).argmax()
        for margin in range(2, 120, 2)
    ]
    assert (np.diff(best) >= 0).all()
    assert (best[0], best[-1]) == (0, 5)


def test_roles_that_cost_more_than_the_margin_make_the_value_negative():
    assert relationship.role_ladder_values(6, 0.04, 4, 0.2, 2, 0.01)[-1] < 0


# Trust: the repeated prisoner's dilemma (axelrod1984), T, R, P = 5, 3, 1

GAME = {"temptation": 5, "reward": 3, "punishment": 1}


def worth(game, factor):
    keep = relationship.cooperation_value(reward=game["reward"], discount_factor=factor)
    cheat = relationship.defection_value(
        temptation=game["temptation"], punishment=game["punishment"], discount_factor=factor
    )
    return keep, cheat


def test_payoffs_of_5_3_1_need_a_discount_factor_of_a_half():
    assert relationship.threshold_discount_factor(**GAME) == 0.5


@pytest.mark.parametrize("payoffs", [(5, 3, 1), (9, 5, 3), (140, 60, 40), (2, 1, -3)])
def test_at_the_threshold_keeping_and_cheating_are_worth_the_same_and_above_it_keeping_is_worth_more(payoffs):
    game = dict(zip(GAME, payoffs, strict=True))
    threshold = relationship.threshold_discount_factor(**game)
    keep, cheat = worth(game, threshold)
    assert keep == pytest.approx(cheat)
    for factor in (threshold - 0.01, threshold + 0.01):
        keep, cheat = worth(game, factor)
        assert (keep > cheat) == (factor > threshold)


def test_a_larger_temptation_or_a_milder_punishment_raises_the_threshold():
    def threshold(**changed):
        return relationship.threshold_discount_factor(**GAME | changed)

    assert threshold(temptation=6) > threshold()
    assert threshold(punishment=2) > threshold()
    assert threshold(reward=4) < threshold()


def test_no_profitable_deviation_from_grim_trigger_exists_above_the_threshold():
    # One-shot deviations in any later period: cooperate for k periods, then cheat.
    keep, _ = worth(GAME, 0.6)
    for k in range(30):
        later = relationship.cooperation_value(reward=3, discount_factor=0.6, periods=k) if k else 0
        _, cheat = worth(GAME, 0.6)
        assert later + 0.6**k * cheat < keep


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("periods", [1, 2, 7])
def test_the_first_payoffs_add_up_as_a_play_of_grim_trigger_does(factor, periods):
    weights = factor ** np.arange(periods)
    kept, cheated = np.full(periods, 3.0), np.array([5.0, *[1.0] * (periods - 1)])
    assert relationship.cooperation_value(reward=3, discount_factor=factor, periods=periods) == pytest.approx(
        weights @ kept
    )
    assert relationship.defection_value(
        temptation=5, punishment=1, discount_factor=factor, periods=periods
    ) == pytest.approx(weights @ cheated)


def test_without_a_future_only_the_first_payoff_counts():
    assert worth(GAME, 0) == (3, 5)


def test_all_payoffs_are_the_limit_of_many():
    many = relationship.cooperation_value(reward=3, discount_factor=0.9, periods=400)
    assert relationship.cooperation_value(reward=3, discount_factor=0.9) == pytest.approx(many) == 30


def test_the_discount_factor_is_the_retention_rate_without_interest_and_less_with_it():
    assert relationship.discount_factor(0.7) == 0.7
    assert relationship.discount_factor(0.7, 0.10) == pytest.approx(7 / 11)
    assert relationship.discount_factor(1, 0.25) == pytest.approx(0.8)


# Reciprocity

ACTUAL, PREDICTED = [120, 80, 45, 60, 300], [100, 90, 40, 60, 250]


def test_residual_revenue_is_actual_less_predicted():
    assert relationship.residual_revenue(ACTUAL, PREDICTED).tolist() == [20, -10, 5, 0, 50]


def test_unexpected_revenue_adds_up_only_those_who_brought_more():
    assert relationship.unexpected_revenue(ACTUAL, PREDICTED) == 75


def test_nobody_above_the_prediction_is_no_unexpected_revenue():
    assert relationship.unexpected_revenue([1, 2, 3], [1, 3, 3]) == 0


def test_luck_alone_brings_the_positive_part_of_a_normal_variable():
    half_normal = stats.norm(0, 10).expect(lambda x: x, lb=0)
    assert relationship.unexpected_revenue_by_luck(400, 10) == pytest.approx(400 * half_normal)


def test_luck_alone_brings_about_that_in_a_simulation():
    residuals = np.random.default_rng(5).normal(0, 10, 20_000)
    found = relationship.unexpected_revenue(100 + residuals, np.full(20_000, 100))
    # The positive part has a standard deviation of σ · √(1/2 − 1/(2π)).
    error = 10 * math.sqrt((0.5 - 0.5 / math.pi) * 20_000)
    assert abs(found - relationship.unexpected_revenue_by_luck(20_000, 10)) < 3 * error


def test_a_certain_forecast_leaves_nothing_to_luck():
    assert relationship.unexpected_revenue_by_luck(400, 0) == 0


def test_the_repeated_share_follows_those_who_brought_more_at_first():
    # Above at first: 20, 5 and 50, 75 in all; later they bring 10, −5 and 25.
    assert relationship.repeated_share([20, -10, 5, 0, 50], [10, 99, -5, 99, 25]) == pytest.approx(0.4)


def test_a_lasting_habit_comes_again_and_luck_does_not():
    random = np.random.default_rng(11)
    habit = random.normal(0, 10, 20_000)
    luck, later_luck = random.normal(0, 10, (2, 20_000))
    assert relationship.repeated_share(habit, habit) == 1
    assert relationship.repeated_share(luck, later_luck) == pytest.approx(0, abs=0.05)
    # Of the sum of two equal variances half is habit.
    assert relationship.repeated_share(habit + luck, habit + later_luck) == pytest.approx(0.5, abs=0.05)


# Mediation

TRUE_A, TRUE_B, TRUE_DIRECT = 0.6, 0.5, 0.2


def customers(count=400, seed=3):
    random = np.random.default_rng(seed)
    value = random.normal(50, 10, count)
    trust = 5 + TRUE_A * value + random.normal(0, 8, count)
    revenue = 20 + TRUE_DIRECT * value + TRUE_B * trust + random.normal(0, 6, count)
    return value, trust, revenue


def test_the_paths_and_sobels_error_are_those_of_two_regressions_of_statsmodels():
    value, trust, revenue = customers()
    first = sm.OLS(trust, sm.add_constant(value)).fit()
    second = sm.OLS(revenue, sm.add_constant(np.column_stack([value, trust]))).fit()
    found = relationship.mediation(value, trust, revenue)
    assert (found.a, found.direct, found.b) == pytest.approx((first.params[1], *second.params[1:]))
    variance = (second.params[2] * first.bse[1]) ** 2 + (first.params[1] * second.bse[2]) ** 2
    assert found.standard_error == pytest.approx(math.sqrt(variance))


def test_indirect_and_direct_effect_add_up_to_the_slope_without_the_mediator():
    value, trust, revenue = customers()
    found = relationship.mediation(value, trust, revenue)
    assert found.indirect + found.direct == found.total
    assert found.total == pytest.approx(stats.linregress(value, revenue).slope)


def test_the_planted_indirect_effect_is_recovered():
    found = relationship.mediation(*customers(2_000))
    assert abs(found.indirect - TRUE_A * TRUE_B) < 2 * found.standard_error
    assert found.direct == pytest.approx(TRUE_DIRECT, abs=0.05)


def test_sobels_error_is_the_spread_of_the_indirect_effect_over_many_samples():
    found = [relationship.mediation(*customers(200, seed)) for seed in range(400)]
    spread = np.std([one.indirect for one in found])
    # A standard deviation from 400 samples has a relative error of 1/√800 = 3.5%.
    assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.1)


def test_a_mediator_without_effect_leaves_the_whole_effect_direct():
    x = np.array([1.0, 2, 3, 4, 5, 6])
    m = np.array([1.0, -1, 1, 1, -1, 1])
    found = relationship.mediation(x, m, 3 * x + 1)
    assert (found.b, found.direct, found.indirect) == pytest.approx((0, 3, 0), abs=1e-12)


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Profile(1, 2, -1, 3), "risk must be 0 or more, got -1"),
        (lambda: Profile(1, 2, math.nan, 3), "risk must be 0 or more, got nan"),
        (lambda: relationship.profile_score(Profile(1, 1, 1, 1), Profile(0, 0, 0, 0)), "are all 0"),
        (lambda: relationship.guarantee_cost(2, 150), "failure_rate is a share, from 0 to 1, got 2"),
        (lambda: relationship.guarantee_cost(0.02, -1), "payout must be 0 or more, got -1"),
        (lambda: relationship.guarantee_cost(0.02, 1, units=-5), "units must be 0 or more, got -5"),
        (lambda: relationship.separating_payouts(-6, 0.1, 6, 0.2), "good_gain must be 0 or more"),
        (lambda: relationship.separating_payouts(6, 0.1, 6, 12), "bad_failure_rate is a share"),
        (lambda: relationship.make_cost(-1, 1, 1), "quantity must be 0 or more"),
        (lambda: relationship.buy_cost(1, 1, -1), "transaction_cost must be 0 or more"),
        (lambda: relationship.make_or_buy_volume(-1, 1, 2), "fixed_cost must be 0 or more"),
        (lambda: relationship.role_ladder_values(26, 4, 1, 0.2, 5, 0.01), "churn_rate is a share"),
        (
            lambda: relationship.role_ladder_values(26, 0.04, 1, 0.2, 2.5, 0.01),
            "whole number, .* got 2.5",
        ),
        (lambda: relationship.role_ladder_values(26, 0.04, 1, 0.2, 5, 0), "discount_rate must be above 0"),
        (lambda: relationship.discount_factor(1.1), "retention_rate is a share"),
        (lambda: relationship.discount_factor(0.9, -0.1), "interest_rate must be 0 or more"),
        (
            lambda: relationship.threshold_discount_factor(temptation=3, reward=3, punishment=1),
            "temptation > reward > punishment, got 3, 3 and 1",
        ),
        (
            lambda: relationship.threshold_discount_factor(temptation=5, reward=3, punishment=math.nan),
            "temptation > reward > punishment",
        ),
        (lambda: relationship.cooperation_value(reward=3, discount_factor=1), "no finite sum"),
        (
            lambda: relationship.cooperation_value(reward=3, discount_factor=0.5, periods=0),
            "at least 1, got 0",
        ),
        (
            lambda: relationship.defection_value(temptation=5, punishment=1, discount_factor=-0.1),
            "from 0 to below 1, got -0.1",
        ),
        (lambda: relationship.residual_revenue([1, 2], [1]), "actual has 2 and predicted has 1"),
        (lambda: relationship.residual_revenue([1, math.nan], [1, 2]), "actual must be a finite number"),
        (lambda: relationship.unexpected_revenue([], []), "at least one row"),
        (lambda: relationship.unexpected_revenue_by_luck(10, -1), "standard_deviation must be 0 or more"),
        (lambda: relationship.repeated_share([0, -1], [5, 5]), "no first residual is above 0"),
        (lambda: relationship.repeated_share([1, 2], [5]), "first has 2 and later has 1"),
        (lambda: relationship.mediation([1, 2, 3], [1, 2, 4], [1, 2, 3]), "3 customers are too few"),
        (lambda: relationship.mediation([2] * 5, [1, 2, 4, 3, 1], range(5)), "the same for every customer"),
        (lambda: relationship.mediation([1, 2, 3, 4], [2, 4, 6, 8], [1, 3, 2, 5]), "only repeats the cause"),
        (lambda: relationship.mediation([1, 2, 3, 4], [7, 7, 7, 7], [1, 3, 2, 5]), "is constant"),
        (lambda: relationship.mediation([1, 2, 3, 4], [7, 1, 7], [1, 3, 2, 5]), "mediator has 3"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
