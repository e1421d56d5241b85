"""Each formula of the evidence chapter against arithmetic, a closed form, or an independent library."""

import math
import random
from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from crmkit.models import evidence

# Growth: adopters 100 → 180, others 100 → 150

ADOPTERS_AND_OTHERS = (100, 180, 100, 150)


def test_before_and_after_alone_the_adopters_grew_by_80_percent():
    assert evidence.relative_growth(100, 180) == pytest.approx(0.80)


def test_the_difference_in_differences_is_30_units():
    # (180 − 100) − (150 − 100)
    assert evidence.difference_in_differences(*ADOPTERS_AND_OTHERS) == 30


def test_the_growth_relative_to_the_others_is_20_percent():
    # 180 / 150 − 1, since both groups start at 100
    assert evidence.relative_difference_in_differences(*ADOPTERS_AND_OTHERS) == pytest.approx(0.20)


def test_without_the_treatment_the_adopters_would_stand_where_the_others_are_if_both_start_level():
    assert evidence.counterfactual(100, 100, 150) == 150


def test_groups_that_start_level_agree_on_the_amount_and_the_percentage():
    amount = evidence.difference_in_differences(*ADOPTERS_AND_OTHERS)
    share = evidence.relative_difference_in_differences(*ADOPTERS_AND_OTHERS)
    assert amount / evidence.counterfactual(100, 100, 150) == pytest.approx(share)


def test_groups_that_start_apart_cannot_be_parallel_in_amounts_and_in_percentages():
    # 200 → 300 and 100 → 150: both grew by half, but by 100 and by 50.
    assert evidence.relative_difference_in_differences(200, 300, 100, 150) == pytest.approx(0)
    assert evidence.difference_in_differences(200, 300, 100, 150) == 50


def test_what_lifts_both_groups_alike_cancels():
    for lift in (-40, 0, 25.5):
        assert evidence.difference_in_differences(120, 150 + lift, 90, 95 + lift) == pytest.approx(25)
    for factor in (0.5, 1.7):
        growth = evidence.relative_difference_in_differences(120, 150 * factor, 90, 95 * factor)
        assert growth == pytest.approx((150 / 120) / (95 / 90) - 1)


def test_the_difference_in_differences_is_the_interaction_of_a_regression():
    draws = np.random.default_rng(5)
    treated, after = np.array(list(product((0, 1), (0, 1))) * 25).T
    sales = 90 + 30 * treated + 12 * after + 7 * treated * after + draws.normal(0, 5, 100)
    design = sm.add_constant(np.column_stack([treated, after, treated * after]))
    means = [sales[(treated == t) & (after == a)].mean() for t, a in ((1, 0), (1, 1), (0, 0), (0, 1))]
    assert evidence.difference_in_differences(*means) == pytest.approx(sm.OLS(sales, design).fit().params[3])


def test_the_relative_one_is_the_difference_in_differences_of_logs():
    t0, t1, c0, c1 = 120.0, 171.0, 95.0, 103.0
    logs = evidence.difference_in_differences(*(math.log(mean) for mean in (t0, t1, c0, c1)))
    assert evidence.relative_difference_in_differences(t0, t1, c0, c1) == pytest.approx(math.expm1(logs))


# Totals: 100,000 bottles a day are 36,500,000 a year; a profit of 2 to 9 million yuan


@pytest.mark.parametrize(("profit", "per_bottle"), [(2_000_000, 0.0548), (9_000_000, 0.2466)])
def test_a_bottle_of_100_000_a_day_earns_5_to_25_fen(profit, per_bottle):
    assert profit / 36_500_000 == pytest.approx(per_bottle, abs=0.00005)
    assert evidence.implied_unit_profit(profit, 100_000) == pytest.approx(profit / 36_500_000)


def test_the_implied_unit_profit_times_all_units_is_the_profit():
    assert evidence.implied_unit_profit(-1.2e6, 48_000, days=313) * 48_000 * 313 == pytest.approx(-1.2e6)


def test_fewer_bottles_or_days_imply_more_profit_on_each():
    assert evidence.implied_unit_profit(3e6, 50_000) > evidence.implied_unit_profit(3e6, 60_000)
    assert evidence.implied_unit_profit(3e6, 50_000, days=300) > evidence.implied_unit_profit(3e6, 50_000)


def test_20_000_guests_for_two_nights_fill_27_percent_of_400_rooms():
    # 40,000 of 400 · 365 = 146,000 room nights, one guest to a room
    assert evidence.occupancy_rate(20_000, 2, 400) == pytest.approx(40_000 / 146_000)
    assert round(evidence.occupancy_rate(20_000, 2, 400), 3) == 0.274


def test_guests_who_share_a_room_fill_half_as_many():
    alone = evidence.occupancy_rate(20_000, 2, 400)
    assert evidence.occupancy_rate(20_000, 2, 400, guests_per_room=2) == pytest.approx(alone / 2)


def test_a_hotel_with_one_guest_in_each_room_each_night_is_full():
    assert evidence.occupancy_rate(guests=365, nights_per_guest=1, rooms=1) == 1
    assert evidence.occupancy_rate(guests=0, nights_per_guest=1, rooms=1) == 0


# Shares


@pytest.mark.parametrize("confidence", [0.80, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "cases"), [(0, 7), (1, 1), (9, 10), (21, 30), (300, 1_000), (64, 64)])
def test_the_wilson_interval_is_that_of_scipy_and_statsmodels(successes, cases, confidence):
    found = evidence.wilson_interval(successes, cases, confidence)
    of_scipy = stats.binomtest(successes, cases).proportion_ci(confidence, method="wilson")
    of_statsmodels = proportion_confint(successes, cases, alpha=1 - confidence, method="wilson")
    assert (found.low, found.high) == pytest.approx((of_scipy.low, of_scipy.high), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(of_statsmodels, abs=1e-12)


def test_where_all_are_successes_the_interval_ends_at_n_over_n_plus_z_squared():
    # Closed form of the low end for p̂ = 1; the familiar 1.96² = 3.84.
    for cases in (1, 8, 50):
        interval = evidence.wilson_interval(cases, cases)
        assert interval.high == 1
        assert interval.low == pytest.approx(cases / (cases + stats.norm.ppf(0.975) ** 2))


def test_successes_and_failures_mirror_each_other():
    wins, losses = evidence.wilson_interval(7, 40), evidence.wilson_interval(33, 40)
    assert (wins.low, wins.high) == pytest.approx((1 - losses.high, 1 - losses.low))


def test_ten_thousand_times_the_cases_give_about_a_hundredth_of_the_width():
    few, many = evidence.wilson_interval(90, 100), evidence.wilson_interval(900_000, 1_000_000)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(100, rel=0.02)


def test_the_ends_are_where_a_score_test_just_rejects():
    interval = evidence.wilson_interval(27, 90)
    for true in (interval.low, interval.high):
        score = (27 / 90 - true) / math.sqrt(true * (1 - true) / 90)
        assert abs(score) == pytest.approx(stats.norm.ppf(0.975))


def test_if_all_answered_the_share_is_the_share():
    bounds = evidence.nonresponse_bounds(0.9, 1)
    assert (bounds.low, bounds.high) == pytest.approx((0.9, 0.9))


def test_the_bounds_are_reached_when_all_the_silent_agree_with_each_other():
    # 200 asked, 80 answered, 60 of them satisfied: 60/200 to (60 + 120)/200.
    bounds = evidence.nonresponse_bounds(60 / 80, 80 / 200)
    assert (bounds.low, bounds.high) == pytest.approx((0.30, 0.90))


def test_the_bounds_are_as_wide_as_the_share_of_the_silent():
    for share in (0, 0.4, 1):
        bounds = evidence.nonresponse_bounds(share, 0.25)
        assert bounds.high - bounds.low == pytest.approx(0.75)


# Noisy text


def double(text, doubled):
    return "".join(letter * 2 if again else letter for letter, again in zip(text, doubled, strict=True))


@pytest.mark.parametrize("text", ["", "a", "so", "good coffee", "8000 bees", "zzz", "天天向上", "一\n\n二"])
def test_a_fully_doubled_text_comes_back_whole_true_doubles_included(text):
    assert evidence.collapse_pairs(double(text, [True] * len(text))) == text


def test_random_texts_come_back_whole():
    draws = random.Random(4)
    for _ in range(200):
        text = "".join(draws.choices("abb 00,", k=20))
        assert evidence.collapse_pairs(double(text, [True] * 20)) == text


@pytest.mark.parametrize("length", range(1, 7))
def test_a_run_comes_back_right_exactly_if_at_most_one_of_it_was_missed(length):
    for doubled in product((True, False), repeat=length):
        restored = evidence.collapse_pairs(double("e" * length, doubled))
        assert len(restored) == math.ceil((length + sum(doubled)) / 2)
        assert (restored == "e" * length) == (doubled.count(False) <= 1)


def test_a_true_double_tripled_by_noise_keeps_two():
    assert evidence.collapse_pairs("天天天") == "天天"


def test_pairs_in_a_clean_text_are_lost():
    assert evidence.collapse_pairs("good coffee") == "god cofe"


def test_collapsing_runs_removes_the_noise_and_the_true_doubles():
    assert evidence.collapse_runs("ccooffffeeee") == "cofe"
    assert evidence.collapse_runs("11,,110000") == "1,10"


def test_collapsing_runs_twice_changes_nothing_more():
    text = evidence.collapse_runs("mmmilk  for 11000")
    assert text == "milk for 10"
    assert evidence.collapse_runs(text) == text


# Lists: the seven P of the services mix (booms1981), one named twice and one forgotten

SEVEN_P = ["Product", "Price", "Place", "Promotion", "People", "Process", "Physical Evidence"]
LISTED = ["Product", "Price", "Place", "Promotion", "People", "Process", "Place"]


def test_a_list_of_seven_that_names_place_twice_lacks_physical_evidence():
    assert len(LISTED) == len(SEVEN_P)
    assert evidence.repeated_items(LISTED) == ["Place"]
    assert evidence.missing_items(LISTED, SEVEN_P) == ["Physical Evidence"]
    assert set(evidence.missing_items(LISTED, SEVEN_P)) == set(SEVEN_P) - set(LISTED)


def test_a_complete_list_lacks_and_repeats_nothing_in_whatever_order():
    assert evidence.missing_items(reversed(SEVEN_P), SEVEN_P) == []
    assert evidence.repeated_items(reversed(SEVEN_P)) == []


def test_items_come_in_order_and_once():
    assert evidence.repeated_items(["b", "a", "b", "a", "b", "c"]) == ["b", "a"]
    assert evidence.missing_items(["a"], ["c", "b", "c", "a"]) == ["c", "b"]


def test_an_item_spelled_in_another_way_is_missing():
    assert evidence.missing_items(["place"], ["Place"]) == ["Place"]


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: evidence.relative_growth(0, 5), "before must be above 0, got 0"),
        (lambda: evidence.relative_growth(5, -1), "after must be 0 or more, got -1"),
        (lambda: evidence.counterfactual(math.nan, 1, 1), "treated_before must be a finite number, got nan"),
        (lambda: evidence.difference_in_differences(1, math.inf, 1, 1), "treated_after must be a finite"),
        (lambda: evidence.difference_in_differences(1, 1, 1, math.nan), "control_after must be a finite"),
        (lambda: evidence.relative_difference_in_differences(1, 1, 0, 1), "control_before must be above 0"),
        (lambda: evidence.implied_unit_profit(math.nan, 1), "profit must be a finite number"),
        (lambda: evidence.implied_unit_profit(1e6, 0), "units_per_day must be above 0, got 0"),
        (lambda: evidence.implied_unit_profit(1e6, 1, days=367), "at most 366, the days of a year, got 367"),
        (lambda: evidence.occupancy_rate(-1, 1, 1), "guests must be 0 or more, got -1"),
        (lambda: evidence.occupancy_rate(1, 1, 0), "rooms must be above 0, got 0"),
        (lambda: evidence.occupancy_rate(1, 1, 1, guests_per_room=0), "guests_per_room must be above 0"),
        (lambda: evidence.occupancy_rate(1, 1, 1, days=0), "days must be above 0"),
        (lambda: evidence.wilson_interval(0, 0), "cases must be a whole number, at least 1, got 0"),
        (lambda: evidence.wilson_interval(1, 2.5), "cases must be a whole number"),
        (lambda: evidence.wilson_interval(11, 10), "successes must be a whole number from 0 to 10, got 11"),
        (lambda: evidence.wilson_interval(0.9, 10), "successes must be a whole number from 0 to 10, got 0.9"),
        (lambda: evidence.wilson_interval(9, 10, 95), "confidence is a share between 0 and 1, got 95"),
        (lambda: evidence.nonresponse_bounds(90, 0.5), "share is a fraction from 0 to 1, got 90"),
        (lambda: evidence.nonresponse_bounds(0.9, 0), "above 0 and at most 1, got 0"),
        (lambda: evidence.repeated_items("Place"), "items must be a list of strings, got the one string"),
        (lambda: evidence.missing_items(["Place"], "Place"), "required must be a list of strings"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
