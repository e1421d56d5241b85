"""Each formula of customer value against a published value, a closed form, or an independent computation."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from crmkit.models import value
from crmkit.quick import find

# Customer delivered value (kotler2016)


def test_an_offer_worth_20_000_at_a_price_of_16_000_delivers_4_000():
    total_value = value.total_customer_value(product=14_000, services=3_000, personnel=1_000, image=2_000)
    assert total_value == 20_000
    assert value.customer_delivered_value(total_value, value.total_customer_cost(money=16_000)) == 4_000


@pytest.mark.parametrize("kind", ["time", "energy", "psychic", "risk", "choice"])
def test_each_further_cost_is_subtracted_from_the_delivered_value(kind):
    total_cost = value.total_customer_cost(money=16_000, **{kind: 700})
    assert value.customer_delivered_value(20_000, total_cost) == 4_000 - 700


def test_the_customers_costs_are_six_and_the_producers_cost_is_none_of_them():
    costs = dict.fromkeys(("money", "time", "energy", "psychic", "risk", "choice"), 1.0)
    assert value.total_customer_cost(**costs) == 6
    with pytest.raises(TypeError, match="production"):
        value.total_customer_cost(**costs, production=1.0)


def test_an_offer_that_costs_more_than_it_is_worth_delivers_a_negative_value():
    assert value.customer_delivered_value(90, 100) == -10


def test_the_risk_cost_weighs_each_loss_by_its_chance():
    # 2% of a loss of 500 and 10% of a loss of 30: 10 + 3
    assert value.expected_loss([0.02, 0.10], [500, 30]) == pytest.approx(13)
    assert value.expected_loss([], []) == 0


# The value of time


def test_fares_of_60_and_100_for_4_and_1_5_hours_break_even_at_16_an_hour():
    assert value.break_even_value_of_time(60, 4, 100, 1.5) == 16


@pytest.mark.parametrize("value_of_time", [0, 8, 16, 40])
def test_above_the_break_even_value_of_time_the_faster_trip_costs_less(value_of_time):
    slow, fast = value.generalised_cost(60, 4, value_of_time), value.generalised_cost(100, 1.5, value_of_time)
    assert np.sign(slow - fast) == np.sign(value_of_time - 16)


def test_the_order_of_the_two_trips_does_not_matter():
    assert value.break_even_value_of_time(100, 1.5, 60, 4) == value.break_even_value_of_time(60, 4, 100, 1.5)


def test_at_equal_fares_everybody_takes_the_faster_trip():
    assert value.break_even_value_of_time(80, 4, 80, 1.5) == 0


# Guarantees and free trials


def test_a_margin_of_600_and_a_loss_of_400_stand_returns_of_60_percent():
    assert value.break_even_return_rate(margin=600, loss=400) == 0.6
    assert value.profit_per_trial(0.6, margin=600, loss=400) == pytest.approx(0)


def test_a_trial_earns_the_margin_when_none_returns_and_loses_the_loss_when_all_do():
    assert value.profit_per_trial(0, margin=600, loss=400) == 600
    assert value.profit_per_trial(1, margin=600, loss=400) == -400


def test_returns_that_cost_nothing_can_be_stood_at_any_rate():
    assert value.break_even_return_rate(margin=50, loss=0) == 1


@pytest.mark.parametrize("loss", [1, 40, 900])
def test_the_break_even_return_rate_is_the_root_of_the_profit(loss):
    root = optimize.brentq(lambda rate: value.profit_per_trial(rate, margin=75, loss=loss), 0, 1)
    assert value.break_even_return_rate(75, loss) == pytest.approx(root)


# What a count of returns can prove


def test_no_return_in_300_trials_leaves_up_to_0_994_percent():
    assert value.exact_upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))
    assert round(100 * value.exact_upper_bound(0, 300), 3) == 0.994
    assert value.rule_of_three(300) == 0.01


@pytest.mark.parametrize("trials", [3, 30, 100, 1_000])
def test_the_rule_of_three_is_never_below_the_exact_bound_and_closes_in_on_it(trials):
    # With k = −ln 0.05 < 3 the exact bound is 1 − exp(−k / n), which lies between k / (n + k) and k / n.
    exact, k = value.exact_upper_bound(0, trials), -math.log(0.05)
    assert k / (trials + k) < exact < k / trials < value.rule_of_three(trials)
    if trials >= 30:
        assert value.rule_of_three(trials) / exact < 1.06


@pytest.mark.parametrize(("events", "trials"), [(0, 1), (0, 20), (1, 20), (6, 20), (19, 20), (37, 400)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_at_the_upper_bound_so_few_events_are_as_unlikely_as_the_confidence_says(events, trials, confidence):
    bound = value.exact_upper_bound(events, trials, confidence)
    assert stats.binom.cdf(events, trials, bound) == pytest.approx(1 - confidence)


@pytest.mark.parametrize(("events", "trials"), [(0, 10), (3, 10), (10, 10), (1, 250), (120, 1_000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_two_sided_interval_is_that_of_statsmodels_and_scipy(events, trials, confidence):
    interval = value.clopper_pearson(events, trials, confidence)
    ends = (interval.low, interval.high)
    assert ends == pytest.approx(proportion_confint(events, trials, 1 - confidence, method="beta"))
    oracle = stats.binomtest(events, trials).proportion_ci(confidence, method="exact")
    assert ends == pytest.approx((oracle.low, oracle.high))


def test_all_events_leave_any_higher_rate_possible_and_none_any_lower():
    assert value.exact_upper_bound(12, 12) == 1
    assert value.clopper_pearson(12, 12).high == 1
    assert value.clopper_pearson(0, 12).low == 0


def test_the_two_sided_interval_reaches_higher_than_the_one_sided_bound():
    # After no event: 1 − 0.025^(1/n) against 1 − 0.05^(1/n)
    assert value.clopper_pearson(0, 300).high == pytest.approx(1 - 0.025 ** (1 / 300))
    assert value.clopper_pearson(0, 300).high > value.exact_upper_bound(0, 300)


def test_the_exact_bound_covers_the_true_rate_at_least_as_often_as_it_says():
    for rate in (0.01, 0.08, 0.3, 0.77):
        covering = [events for events in range(41) if value.exact_upper_bound(events, 40) >= rate]
        assert stats.binom.pmf(covering, 40, rate).sum() >= 0.95


# Two arms: 120 of 1,000 against 150 of 1,000


def test_150_of_1_000_against_120_of_1_000_has_z_1_963_and_p_0_0496():
    found = value.difference_in_proportions(120, 1_000, 150, 1_000)
    assert found.difference == pytest.approx(0.03)
    assert round(found.z, 3) == 1.963
    assert round(found.p_value, 4) == 0.0496


@pytest.mark.parametrize("counts", [(120, 1_000, 150, 1_000), (40, 90, 12, 60), (7, 25, 7, 50)])
def test_the_z_test_and_its_interval_are_those_of_statsmodels(counts):
    control, control_trials, treated, treated_trials = counts
    found = value.difference_in_proportions(*counts, confidence=0.9)
    z, p_value = proportions_ztest([treated, control], [treated_trials, control_trials])
    assert (found.z, found.p_value) == pytest.approx((z, p_value))
    interval = confint_proportions_2indep(
        treated, treated_trials, control, control_trials, method="wald", alpha=0.1
    )
    assert (found.low, found.high) == pytest.approx(interval)


def test_exchanging_the_arms_turns_the_sign_and_nothing_else():
    found = value.difference_in_proportions(40, 90, 12, 60)
    other = value.difference_in_proportions(12, 60, 40, 90)
    assert (other.difference, other.z) == pytest.approx((-found.difference, -found.z))
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    assert other.p_value == pytest.approx(found.p_value)


# How many options


@pytest.mark.parametrize("options", [1, 2, 7, 30])
def test_comparing_all_nets_the_mean_of_the_best_less_what_it_costs_to_look(options):
    best, _ = integrate.quad(lambda worth: worth * options * worth ** (options - 1) / 8**options, 0, 8)
    assert value.value_of_comparing_all(options, 8, 0.2) == pytest.approx(best - 0.2 * options)


@pytest.mark.parametrize(("spread", "cost"), [(8, 0.2), (16, 0.1), (4, 0.4), (2, 1), (12, 0.4), (1, 0.9)])
def test_no_other_number_of_options_nets_more_and_no_smaller_one_as_much_when_all_are_compared(spread, cost):
    best = value.best_number_to_compare(spread, cost)
    nets = [0.0] + [value.value_of_comparing_all(n, spread, cost) for n in range(1, 60)]
    assert nets[best] == pytest.approx(max(nets))
    assert all(net < nets[best] - 1e-9 for net in nets[:best])


def test_of_two_equally_good_numbers_of_options_the_smaller_is_best():
    # 12 / (4 · 5) = 0.6 and 12 / (5 · 6) = 0.4: the fifth option adds just what it costs.
    assert value.best_number_to_compare(12, 0.4) == 4
    assert value.value_of_comparing_all(5, 12, 0.4) == pytest.approx(value.value_of_comparing_all(4, 12, 0.4))


def test_at_the_reservation_value_one_more_look_gains_just_what_it_costs():
    good_enough = value.reservation_value(8, 0.2)
    gain, _ = integrate.quad(lambda worth: (worth - good_enough) / 8, good_enough, 8)
    assert gain == pytest.approx(0.2)


@pytest.mark.parametrize("options", [1, 2, 5, 12])
def test_stopping_early_nets_what_backward_induction_nets(options):
    spread, cost = 8.0, 0.3
    worth = np.linspace(0, spread, 4_001)
    keep = worth.copy()  # net of the future with `worth` in hand and no option left
    for _ in range(options):
        # The best in hand after one more look is max(worth, X), with X uniform.
        beyond = integrate.cumulative_trapezoid(keep, worth, initial=0)
        look = (worth * keep + beyond[-1] - beyond) / spread - cost
        keep = np.maximum(worth, look)
    assert value.value_of_stopping_early(options, spread, cost) == pytest.approx(keep[0], abs=1e-5)


@pytest.mark.parametrize("cost", [0.0, 0.1, 0.7, 2.0])
def test_whoever_stops_early_never_loses_by_one_more_option(cost):
    nets = [value.value_of_stopping_early(options, 8, cost) for options in range(1, 60)]
    assert all(later >= earlier for earlier, later in itertools.pairwise(nets))
    assert nets[-1] <= value.reservation_value(8, cost)


def test_whoever_stops_early_nets_at_least_as_much_as_whoever_compares_all():
    for options in range(1, 40):
        assert value.value_of_stopping_early(options, 8, 0.2) >= value.value_of_comparing_all(options, 8, 0.2)


def test_looking_for_free_makes_the_two_choosers_alike():
    assert value.value_of_stopping_early(9, 8, 0) == pytest.approx(value.value_of_comparing_all(9, 8, 0))
    assert value.reservation_value(8, 0) == 8


# Communication


def test_the_match_rate_counts_the_customers_reached_as_they_prefer():
    preferred = ["phone", "text", "text", "door", "phone"]
    used = ["phone", "phone", "text", "text", "phone"]
    assert value.preference_match_rate(preferred, used) == 3 / 5
    assert value.preference_match_rate(pd.Series(preferred), pd.Series(used)) == 3 / 5


# Quick questions


def test_the_right_quick_answers_are_those_worked_out_by_hand():
    right = [question.answer.text for question in find("value").questions]
    assert right[0] == "54 yuan"  # 150 − 60 − 1.5 · 24
    assert right[1] == "Place and convenience"  # lauterborn1990
    assert right[2] == "35%"  # 70 / (70 + 130)
    assert right[3] == "It is at most 4.9%"  # 0.951^60 = 0.049
    assert right[4].startswith("On average no effect, with large differences")  # scheibehenne2010


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: value.total_customer_value(product=-1), "product must be 0 or more, got -1"),
        (lambda: value.total_customer_value(product=1, image=math.nan), "image must be 0 or more, got nan"),
        (lambda: value.total_customer_cost(money=10, time=-2), "time must be 0 or more, got -2"),
        (lambda: value.customer_delivered_value(10, -1), "total_cost must be 0 or more"),
        (lambda: value.expected_loss([0.1], [3, 4]), "a probability and a loss, got 1 and 2"),
        (lambda: value.expected_loss([10], [3]), "probability is a share from 0 to 1, got 10"),
        (lambda: value.expected_loss([0.1], [-3]), "loss must be 0 or more, got -3"),
        (lambda: value.generalised_cost(10, -1, 5), "hours must be 0 or more, got -1"),
        (lambda: value.break_even_value_of_time(60, 2, 100, 2), "both trips take 2 hours"),
        (lambda: value.break_even_value_of_time(60, 2, 100, 3), "trip 2 is both dearer and slower"),
        (lambda: value.break_even_value_of_time(100, 3, 60, 2), "trip 1 is both dearer and slower"),
        (lambda: value.profit_per_trial(60, 600, 400), "return_rate is a share from 0 to 1, got 60"),
        (lambda: value.profit_per_trial(0.1, 0, 400), "margin must be above 0"),
        (lambda: value.break_even_return_rate(600, -1), "loss must be 0 or more"),
        (lambda: value.break_even_return_rate(0, 0), "margin must be above 0, got 0"),
        (lambda: value.exact_upper_bound(0, 0), "trials must be a whole number, at least 1, got 0"),
        (
            lambda: value.exact_upper_bound(5, 4),
            "events must be a whole number from 0 to the 4 trials, got 5",
        ),
        (lambda: value.exact_upper_bound(0.5, 4), "events must be a whole number"),
        (lambda: value.exact_upper_bound(0, 10, 95), "confidence is a share between 0 and 1, got 95"),
        (lambda: value.clopper_pearson(0, 10, 1), "confidence is a share between 0 and 1, got 1"),
        (lambda: value.rule_of_three(2), "at least 3 trials, got 2"),
        (lambda: value.rule_of_three(2.5), "trials must be a whole number"),
        (lambda: value.difference_in_proportions(0, 10, 0, 12), "ended alike"),
        (lambda: value.difference_in_proportions(10, 10, 12, 12), "ended alike"),
        (lambda: value.difference_in_proportions(11, 10, 1, 12), "from 0 to the 10 trials, got 11"),
        (
            lambda: value.value_of_comparing_all(0, 8, 0.2),
            "options must be a whole number, at least 1, got 0",
        ),
        (lambda: value.value_of_comparing_all(3, 0, 0.2), "spread must be above 0, got 0"),
        (lambda: value.best_number_to_compare(8, 0), "search_cost must be above 0, got 0"),
        (lambda: value.value_of_stopping_early(3, 8, 5), "worth 4.0 on average"),
        (lambda: value.value_of_stopping_early(1.5, 8, 1), "options must be a whole number"),
        (lambda: value.preference_match_rate(["phone"], []), "got 1 and 0"),
        (lambda: value.preference_match_rate([], []), "at least one customer"),
        (lambda: value.preference_match_rate(["phone", None], ["phone", "text"]), "row 1 has no channel"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
