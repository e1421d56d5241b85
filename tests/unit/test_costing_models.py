"""Costs by customer against the known answers, closed forms and sums written out."""

import math

import numpy as np
import pandas as pd
import pytest

from crmkit import load
from crmkit.models import costing

# Time-driven activity-based costing


def department():
    """Return exercise E9.5: quantities, minutes for each activity, cost, and practical capacity."""
    activities = load("published.tdabc_activities").set_index("activity")
    values = load("published.tdabc_department").set_index("item")["value"]
    quantities = activities["quantity"].to_frame().T
    return quantities, activities["minutes"].to_dict(), values["expenses"], values["practical capacity"]


def test_a_minute_of_the_department_of_the_exercise_costs_0_80():
    _, _, cost, capacity = department()
    assert costing.capacity_cost_rate(cost, capacity) == pytest.approx(0.80)


def test_the_department_of_the_exercise_used_578_600_minutes_that_cost_462_880():
    quantities, unit_minutes, cost, capacity = department()
    minutes = costing.minutes_used(quantities, unit_minutes)
    costs = costing.time_driven_costs(minutes, costing.capacity_cost_rate(cost, capacity))
    assert minutes.to_numpy().sum() == 578_600
    assert costs.to_numpy().sum() == pytest.approx(462_880)


def test_what_the_department_did_not_use_is_121_400_minutes_and_97_120_and_nobodys():
    _, _, cost, capacity = department()
    use = costing.capacity_use(cost, capacity, 578_600)
    assert use.unused_minutes == 121_400
    assert use.unused_cost == pytest.approx(97_120)
    assert round(use.utilisation, 2) == 0.83
    assert use.used_cost + use.unused_cost == pytest.approx(cost)


ORDERS = pd.DataFrame({"order": [10, 0, 4], "call": [1, 6, 0]}, index=["shop", "canteen", "school"])


def test_each_customer_costs_its_minutes_times_the_rate_summed_by_row_and_by_column():
    # shop: 10 · 5 + 1 · 20 = 70 minutes; canteen: 6 · 20 = 120; school: 4 · 5 = 20. At 1.50 a minute.
    minutes = costing.minutes_used(ORDERS, {"call": 20, "order": 5})
    costs = costing.time_driven_costs(minutes, 1.5)
    assert costs.sum(axis=1).to_dict() == {"shop": 105.0, "canteen": 180.0, "school": 30.0}
    assert costs.sum().to_dict() == {"order": 105.0, "call": 210.0}


def test_activities_of_different_people_have_rates_of_their_own():
    minutes = costing.minutes_used(ORDERS, {"order": 5, "call": 20})
    for rates in ({"call": 2.0, "order": 1.0}, pd.Series({"order": 1.0, "call": 2.0})):
        costs = costing.time_driven_costs(minutes, rates)
        assert costs.loc["shop"].to_dict() == {"order": 50.0, "call": 40.0}
        assert costs.sum(axis=1).to_dict() == {"shop": 90.0, "canteen": 240.0, "school": 20.0}


def test_fewer_customers_do_not_make_a_minute_dearer():
    # Dividing by the minutes used would raise the rate as customers leave; practical capacity does not move.
    half = costing.capacity_use(9_000, 6_000, 2_000)
    full = costing.capacity_use(9_000, 6_000, 6_000)
    assert half.used_cost / half.used_minutes == full.used_cost / full.used_minutes == 1.5
    assert (half.unused_cost, full.unused_cost) == (6_000, 0)


def test_overtime_is_a_negative_unused_capacity():
    use = costing.capacity_use(9_000, 6_000, 6_600)
    assert (use.unused_minutes, use.unused_cost) == (-600, pytest.approx(-900))
    assert use.utilisation == pytest.approx(1.1)


# The whale curve


def test_a_whale_curve_rises_while_customers_earn_and_falls_while_they_lose():
    curve = costing.whale_curve([-20, 50, 0, 30, -10])
    assert curve.cumulative_profit.tolist() == [0, 50, 80, 80, 70, 50]
    assert curve.share_of_customers.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert (curve.total, curve.peak) == (50, 80)
    assert curve.peak_share == pytest.approx(1.6)
    assert curve.peak_position == pytest.approx(0.4)


@pytest.mark.parametrize(("best", "worst"), [(10, 2), (3, 1), (5, 4)])
def test_profits_that_fall_in_a_straight_line_peak_at_a_square_over_a_difference_of_squares(best, worst):
    # From a to −b: total n (a − b) / 2, peak n a² / (2 (a + b)), so peak / total = a² / (a² − b²).
    curve = costing.whale_curve(np.linspace(best, -worst, 200_001))
    assert curve.peak_share == pytest.approx(best**2 / (best**2 - worst**2), rel=1e-4)
    assert curve.peak_position == pytest.approx(best / (best + worst), abs=1e-5)


def test_the_order_of_the_customers_does_not_matter():
    profits = np.random.default_rng(3).normal(1, 4, 300)
    curve, sorted_curve = costing.whale_curve(profits), costing.whale_curve(np.sort(profits))
    assert curve.cumulative_profit == pytest.approx(sorted_curve.cumulative_profit)


def test_the_peak_is_the_profit_of_those_above_zero_and_the_end_is_everybodys():
    profits = np.random.default_rng(4).normal(1, 4, 300)
    curve = costing.whale_curve(profits)
    assert curve.peak == pytest.approx(profits[profits > 0].sum())
    assert curve.peak_position == pytest.approx((profits > 0).mean())
    assert curve.total == pytest.approx(profits.sum())


def test_without_losers_the_curve_ends_at_its_peak_of_100_percent():
    curve = costing.whale_curve([4, 1, 2])
    assert (curve.peak_share, curve.peak_position) == (1, 1)


def test_customers_who_all_lose_have_their_peak_before_the_first():
    curve = costing.whale_curve([-4, -1])
    assert (curve.peak, curve.peak_position, curve.total) == (0, 0, -5)


@pytest.mark.parametrize("profits", [[5, -5], [1, -4]])
def test_without_a_profit_in_all_the_peak_is_no_share_of_it(profits):
    with pytest.raises(ValueError, match="without a profit the peak is no share of it"):
        _ = costing.whale_curve(profits).peak_share


# Total cost of ownership


def test_costs_are_discounted_from_the_end_of_their_year():
    # 100 + 55 / 1.1 + 121 / 1.21 = 100 + 50 + 100
    assert costing.total_cost_of_ownership(100, [55, 121], 0.10) == pytest.approx(250)


@pytest.mark.parametrize("rate", [0.02, 0.08, 0.25])
@pytest.mark.parametrize("years", [1, 5, 12])
def test_equal_yearly_costs_are_an_annuity(rate, years):
    annuity = 40 * (1 - (1 + rate) ** -years) / rate
    assert costing.total_cost_of_ownership(7, [40] * years, rate) == pytest.approx(7 + annuity)


def test_without_discounting_costs_add_up():
    assert costing.total_cost_of_ownership(10, [1, 2, 3], 0) == 16
    assert costing.total_cost_of_ownership(10, [], 0.05) == 10


def test_a_higher_rate_favours_the_system_that_is_paid_for_later():
    def bought_less_rented(rate):
        bought = costing.total_cost_of_ownership(100, [10] * 5, rate)
        return bought - costing.total_cost_of_ownership(0, [31] * 5, rate)

    assert bought_less_rented(0) < 0 < bought_less_rented(0.15)


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: costing.capacity_cost_rate(100, 0), "practical_minutes must be above 0, got 0"),
        (lambda: costing.capacity_cost_rate(-1, 10), "cost must be 0 or more, got -1"),
        (lambda: costing.capacity_use(100, 10, -1), "used_minutes must be 0 or more"),
        (lambda: costing.minutes_used(ORDERS, {"order": 5}), "only one of them has call"),
        (lambda: costing.minutes_used(ORDERS, {"order": 5, "call": -2}), r"unit_minutes\['call'\] must be 0"),
        (lambda: costing.minutes_used(-ORDERS, {"order": 5, "call": 2}), "quantities must be 0 or more"),
        (
            lambda: costing.time_driven_costs(ORDERS.replace(0, math.nan), 1.0),
            "minutes must be 0 or more in every cell; write 0 where there was none",
        ),
        (lambda: costing.time_driven_costs(ORDERS, -1.0), r"rates\['order'\] must be 0 or more"),
        (lambda: costing.time_driven_costs(ORDERS, {"order": 1.0, "visit": 1.0}), "has call, visit"),
        (lambda: costing.whale_curve([]), "at least one row"),
        (lambda: costing.whale_curve([[1, 2]]), "one column"),
        (lambda: costing.whale_curve([1, math.nan]), "finite numbers in every row"),
        (lambda: costing.total_cost_of_ownership(-1, [1], 0.1), "initial must be 0 or more"),
        (lambda: costing.total_cost_of_ownership(1, [1, -1], 0.1), "yearly must be 0 or more in every year"),
        (lambda: costing.total_cost_of_ownership(1, 5, 0.1), "a cost for each year"),
        (lambda: costing.total_cost_of_ownership(1, [1], -1), "above −1, got -1"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
