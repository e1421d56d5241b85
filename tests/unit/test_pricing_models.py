"""Each pricing formula against a published value, a closed form, or an independent computation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

from crmkit.models import pricing
from crmkit.models.pricing import LinearDemand, Plan

# Cost-based prices: the toaster maker of Kotler and Keller (kotler2016): variable cost 10, fixed cost
# 300,000, 50,000 toasters expected.


def test_the_toaster_costs_16():
    assert pricing.unit_cost(variable_cost=10, fixed_cost=300_000, quantity=50_000) == 16


def test_a_margin_of_20_percent_on_the_toasters_price_is_a_price_of_20():
    assert pricing.cost_plus_price(16, margin=0.20) == pytest.approx(20)


def test_the_toaster_breaks_even_at_30_000():
    assert pricing.break_even_quantity(fixed_cost=300_000, price=20, variable_cost=10) == 30_000


def test_a_markup_of_25_percent_on_cost_is_a_margin_of_20_percent_on_price():
    assert pricing.markup_price(16, markup=0.25) == pytest.approx(pricing.cost_plus_price(16, margin=0.20))


# Elasticity


def test_arc_elasticity_uses_midpoints():
    # (10, 100) → (12, 80): (−20/90) / (2/11) = −11/9
    assert pricing.arc_elasticity(10, 100, 12, 80) == pytest.approx(-11 / 9)
    assert round(pricing.arc_elasticity(10, 100, 12, 80), 3) == -1.222


def test_arc_elasticity_is_the_same_in_both_directions():
    assert pricing.arc_elasticity(12, 80, 10, 100) == pytest.approx(pricing.arc_elasticity(10, 100, 12, 80))


def test_milk_ten_percent_dearer_sells_5_47_percent_less():
    # Mean elasticity of milk −0.59 (andreyeva2010); 1.1^−0.59 − 1
    assert round(pricing.quantity_change(0.10, -0.59), 4) == -0.0547


@pytest.mark.parametrize(("elasticity", "price"), [(-2, 2.40), (-4, 1.60)])
def test_the_best_price_at_marginal_cost_1_20(elasticity, price):
    assert pricing.optimal_price(1.20, elasticity) == pytest.approx(price)


@pytest.mark.parametrize("elasticity", [-1.1, -1.6, -2, -5])
def test_the_lerner_index_at_the_best_price_is_minus_one_over_the_elasticity(elasticity):
    assert pricing.lerner_index(pricing.optimal_price(1.3, elasticity), 1.3) == pytest.approx(-1 / elasticity)


@pytest.mark.parametrize("elasticity", [-1.5, -2.5, -4])
def test_no_other_price_beats_the_best_one_at_constant_elasticity(elasticity):
    found = optimize.minimize_scalar(
        lambda price: -(price - 1.2) * price**elasticity, bounds=(1.2, 20), options={"xatol": 1e-9}
    )
    assert pricing.optimal_price(1.2, elasticity) == pytest.approx(found.x, rel=1e-5)


@pytest.mark.parametrize("elasticity", [-1, -0.59, 0.5, math.nan])
def test_inelastic_demand_has_no_best_price_and_the_error_says_why(elasticity):
    with pytest.raises(ValueError, match="every price rise adds to profit"):
        pricing.optimal_price(1.2, elasticity)


# Discounts and credit


def test_a_cut_of_10_percent_at_a_margin_of_40_percent_needs_a_third_more_sales():
    # Nagle and Müller (nagle2018): 0.10 / (0.40 − 0.10)
    assert pricing.break_even_sales_change(-0.10, 0.40) == pytest.approx(1 / 3)


def test_a_rise_of_10_percent_at_a_margin_of_40_percent_can_lose_a_fifth_of_sales():
    assert pricing.break_even_sales_change(0.10, 0.40) == pytest.approx(-0.20)


@pytest.mark.parametrize(("price_change", "margin"), [(-0.4, 0.4), (-0.3, 0.1 + 0.2), (-0.5, 0.4)])
def test_a_cut_that_eats_the_margin_never_breaks_even(price_change, margin):
    assert pricing.break_even_sales_change(price_change, margin) == math.inf


@pytest.mark.parametrize("price_change", [-0.2, -0.05, 0.0, 0.1])
def test_the_break_even_sales_change_leaves_the_contribution_unchanged(price_change):
    sales_change = pricing.break_even_sales_change(price_change, 0.35)
    assert pricing.contribution_change(price_change, 0.35, sales_change) == pytest.approx(0)


def test_the_contribution_falls_7_4_percent_when_the_cut_sells_23_5_percent_more():
    # 0.9^−2 = 1.2346 times as many at 0.30 instead of 0.40: 0.9259
    sales_change = pricing.quantity_change(-0.10, -2)
    assert pricing.contribution_change(-0.10, 0.40, sales_change) == pytest.approx(0.3 / 0.81 / 0.4 - 1)


def test_forgoing_2_10_net_30_costs_37_24_percent_simple_and_44_59_percent_effective():
    # 2/98 for 20 days, 18.25 times a year (terms as in kotler2016)
    assert round(pricing.credit_rate(0.02, 10, 30, compound=False), 4) == 0.3724
    assert round(pricing.credit_rate(0.02, 10, 30, compound=True), 4) == 0.4459


# Linear demand and surplus


def test_surpluses_are_the_areas_under_the_demand_curve():
    demand, price, cost = LinearDemand(10_000, 2_500), 2.0, 1.2
    steps = np.linspace(price, demand.choke_price, 20_001)
    area = np.trapezoid([demand.quantity(p) for p in steps], steps)
    assert pricing.consumer_surplus(demand, price) == pytest.approx(area) == pytest.approx(5_000)
    assert pricing.producer_surplus(demand, price, cost) == pytest.approx(0.8 * 5_000)
    assert pricing.deadweight_loss(demand, price, cost) == pytest.approx(0.5 * 0.8 * 2_000)


@pytest.mark.parametrize("price", [0.0, 0.6, 1.2, 2.6, 3.9])
def test_the_deadweight_loss_is_half_the_slope_times_the_squared_gap_to_cost(price):
    demand = LinearDemand(10_000, 2_500)
    assert pricing.deadweight_loss(demand, price, 1.2) == pytest.approx(0.5 * 2_500 * (price - 1.2) ** 2)


def test_a_price_above_the_choke_price_loses_the_whole_surplus():
    demand = LinearDemand(10_000, 2_500)
    assert demand.quantity(5) == 0
    assert pricing.deadweight_loss(demand, 5, 1.2) == pricing.consumer_surplus(demand, 1.2)


# Segments: Q₁ = 100 − P, Q₂ = 60 − P, MC = 20

OFFICES, FAMILIES = LinearDemand(100, 1), LinearDemand(60, 1)


def total_profit(demands, prices, cost):
    return sum(pricing.producer_surplus(d, p, cost) for d, p in zip(demands, prices, strict=True))


def test_segment_prices_are_60_and_40_and_earn_2000():
    prices = pricing.segment_prices([OFFICES, FAMILIES], 20)
    assert prices == [60, 40]
    assert total_profit([OFFICES, FAMILIES], prices, 20) == 2_000


def test_one_price_for_both_is_50_and_earns_1800():
    price = pricing.uniform_price([OFFICES, FAMILIES], 20)
    assert price == 50
    assert total_profit([OFFICES, FAMILIES], [price] * 2, 20) == 1_800


def test_one_price_serves_only_the_strong_market_where_that_pays_more():
    # Both could be served at (148/2 + 20) / 2 = 47 for 27 · 54 = 1458; 60 earns 1600 from offices alone.
    weak = LinearDemand(48, 1)
    assert total_profit([OFFICES, weak], [47] * 2, 20) == 1_458
    assert pricing.uniform_price([OFFICES, weak], 20) == 60
    assert total_profit([OFFICES, weak], [60] * 2, 20) == 1_600


def test_a_segment_that_cannot_be_served_at_a_profit_does_not_move_the_one_price():
    assert pricing.uniform_price([OFFICES, LinearDemand(15, 1)], 20) == 60


@pytest.mark.parametrize("seed", range(20))
def test_no_other_single_price_beats_the_uniform_price(seed):
    random = np.random.default_rng(seed)
    demands = [LinearDemand(*random.uniform((20, 0.2), (200, 3))) for _ in range(3)]
    cost = 0.5 * max(d.choke_price for d in demands)
    (found,) = optimize.brute(
        lambda price: -total_profit(demands, [float(price[0])] * 3, cost),
        [(cost, max(d.choke_price for d in demands))],
        Ns=2_001,
        finish=optimize.fmin,
        disp=False,
    )
    assert pricing.uniform_price(demands, cost) == pytest.approx(found, rel=1e-3)


# Menus


def test_the_heavy_household_takes_the_card_and_the_light_one_pays_per_bottle():
    menu = [Plan("per bottle", 0, 2.0), Plan("card", 20, 1.5)]
    heavy = pricing.choose_plan(menu, LinearDemand(80, 20))
    light = pricing.choose_plan(menu, LinearDemand(30, 7.5))
    # Heavy: 50²/40 − 20 = 42.5 with the card and 40²/40 = 40 without.
    # Light: 18.75²/15 − 20 = 3.4 with the card and 15²/15 = 15 without.
    assert (heavy.plan, heavy.quantity, heavy.surplus) == (menu[1], 50, 42.5)
    assert (light.plan, light.quantity, light.surplus) == (menu[0], 15, 15)
    assert heavy.profit(1.2) == pytest.approx(20 + 0.3 * 50)
    assert light.profit(1.2) == pytest.approx(0.8 * 15)


def test_the_most_profitable_single_plan_sells_at_cost_and_takes_the_surplus_as_fee():
    # Two-part tariff for one kind of buyer (varian1989): p = c, A = CS(c).
    demand, cost = LinearDemand(80, 20), 1.2
    fee = pricing.consumer_surplus(demand, cost)
    best = pricing.choose_plan([Plan("two-part", fee, cost)], demand).profit(cost)
    for price in np.linspace(0.8, 3.8, 31):
        plan = Plan("other", pricing.consumer_surplus(demand, price), float(price))
        assert pricing.choose_plan([plan], demand).profit(cost) <= best + 1e-9


def test_a_plan_that_leaves_no_surplus_is_taken_and_one_that_costs_more_is_not():
    demand = LinearDemand(80, 20)
    assert pricing.choose_plan([Plan("card", 40, 2.0)], demand).surplus == 0
    too_dear = pricing.choose_plan([Plan("card", 40.01, 2.0)], demand)
    assert (too_dear.plan, too_dear.quantity, too_dear.profit(1.2)) == (None, 0, 0)


def test_of_two_equally_good_plans_the_first_listed_is_taken():
    menu = [Plan("one", 0, 2.0), Plan("two", 0, 2.0)]
    assert pricing.choose_plan(menu, LinearDemand(80, 20)).plan is menu[0]


def test_nobody_takes_a_plan_above_the_choke_price():
    assert pricing.choose_plan([Plan("per bottle", 0, 4.5)], LinearDemand(80, 20)).plan is None


# Predation: lose 0.3 m a month for 12 months, then gain for 24, at 1% a month


def annuity(months, rate=0.01):
    return (1 - (1 + rate) ** -months) / rate


def test_the_price_war_is_worth_0_394_million():
    npv = pricing.predation_npv(0.3, 12, 0.2, 24, 0.01)
    assert npv == pytest.approx(0.2 * (annuity(36) - annuity(12)) - 0.3 * annuity(12))
    assert round(npv, 3) == 0.394


def test_the_smallest_gain_that_recoups_is_0_1791_million():
    gain = pricing.recoupment_gain(0.3, 12, 24, 0.01)
    assert round(gain, 4) == 0.1791
    assert pricing.predation_npv(0.3, 12, gain, 24, 0.01) == pytest.approx(0)


def test_the_first_loss_is_discounted_by_one_month_and_the_first_gain_comes_after_the_last_loss():
    flows = pricing.predation_cash_flows(1, 2, 3, 1, 0.10)
    assert flows == pytest.approx([-1 / 1.1, -1 / 1.21, 3 / 1.331])


def test_only_a_price_under_average_variable_cost_fails_the_cost_test():
    assert pricing.below_average_variable_cost(1.10, 1.20)
    assert not pricing.below_average_variable_cost(1.20, 1.20)


# Estimates from data


def panel(seed=7, zones=12, months=30, elasticity=-1.6):
    """Prices that follow each zone's level of demand, so that pooling the zones is biased."""
    random = np.random.default_rng(seed)
    zone = np.repeat(np.arange(zones), months)
    level = random.normal(0, 0.5, zones)[zone]
    log_price = 0.6 + 0.4 * level + random.uniform(-0.15, 0.15, zones * months)
    log_quantity = 8 + level + elasticity * log_price + random.normal(0, 0.08, zones * months)
    return np.exp(log_price), np.exp(log_quantity), zone


def test_the_pooled_estimate_and_its_error_are_those_of_statsmodels():
    price, quantity, _ = panel()
    oracle = sm.OLS(np.log(quantity), sm.add_constant(np.log(price))).fit()
    estimate = pricing.estimate_elasticity(price, quantity)
    assert estimate.elasticity == pytest.approx(oracle.params[1])
    assert estimate.standard_error == pytest.approx(oracle.bse[1])
    assert estimate.observations == oracle.nobs == 360


@pytest.mark.parametrize("labels", [lambda zone: zone, lambda zone: np.array([f"zone {z}" for z in zone])])
def test_the_within_estimate_and_its_error_are_those_of_statsmodels_with_dummies(labels):
    price, quantity, zone = panel()
    keep = np.random.default_rng(1).random(len(zone)) < 0.8  # groups of unequal size
    price, quantity, zone = price[keep], quantity[keep], zone[keep]
    dummies = (zone[:, None] == np.unique(zone)).astype(float)
    oracle = sm.OLS(np.log(quantity), np.column_stack([np.log(price), dummies])).fit()
    estimate = pricing.estimate_elasticity(price, quantity, labels(zone))
    assert estimate.elasticity == pytest.approx(oracle.params[0])
    assert estimate.standard_error == pytest.approx(oracle.bse[0])


def test_groups_recover_the_true_elasticity_where_pooling_does_not():
    price, quantity, zone = panel()
    pooled = pricing.estimate_elasticity(price, quantity)
    within = pricing.estimate_elasticity(price, quantity, zone)
    assert abs(within.elasticity + 1.6) < 2 * within.standard_error
    assert abs(pooled.elasticity + 1.6) > 5 * pooled.standard_error


def test_exact_constant_elasticity_is_estimated_exactly():
    price = np.array([1.0, 1.5, 2.0, 3.0])
    estimate = pricing.estimate_elasticity(price, 40 * price**-0.59)
    assert estimate.elasticity == pytest.approx(-0.59)
    assert estimate.standard_error == pytest.approx(0, abs=1e-12)


def test_the_interval_of_a_lift_is_welchs_on_the_logs():
    random = np.random.default_rng(3)
    control, treated = np.exp(random.normal(3, 0.2, 40)), np.exp(random.normal(3.1, 0.4, 25))
    welch = stats.ttest_ind(np.log(treated), np.log(control), equal_var=False)
    interval = welch.confidence_interval(0.95)
    lift = pricing.log_lift(control, treated)
    assert lift.lift == pytest.approx(np.exp(np.log(treated).mean() - np.log(control).mean()) - 1)
    assert (lift.low, lift.high) == pytest.approx((math.expm1(interval.low), math.expm1(interval.high)))
    assert lift.standard_error == pytest.approx((1 + lift.lift) * math.log1p(lift.lift) / welch.statistic)


def test_a_lift_does_not_depend_on_the_unit_of_sales():
    control, treated = np.array([8.0, 9.0, 12.0]), np.array([9.0, 11.0, 12.5])
    bottles, crates = pricing.log_lift(control, treated), pricing.log_lift(control / 24, treated / 24)
    assert (bottles.lift, bottles.low) == pytest.approx((crates.lift, crates.low))


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: pricing.unit_cost(10, 300_000, 0), "quantity must be above 0, got 0"),
        (lambda: pricing.unit_cost(-1, 300_000, 1), "variable_cost must be 0 or more, got -1"),
        (lambda: pricing.unit_cost(math.nan, 1, 1), "variable_cost must be 0 or more, got nan"),
        (lambda: pricing.break_even_quantity(300_000, 10, 10), "no contribution margin"),
        (lambda: pricing.cost_plus_price(16, margin=1), "from 0 to below 1, got 1"),
        (lambda: pricing.cost_plus_price(16, margin=20), "from 0 to below 1, got 20"),
        (lambda: pricing.markup_price(16, markup=-0.1), "markup must be 0 or more"),
        (lambda: pricing.arc_elasticity(10, 100, 10, 80), "a price that changed"),
        (lambda: pricing.arc_elasticity(10, 0, 12, 0), "needs some sales"),
        (lambda: pricing.quantity_change(-1, -2), "leaves no price"),
        (lambda: pricing.lerner_index(0, 1), "price must be above 0"),
        (lambda: pricing.break_even_sales_change(-0.1, 0), "above 0 and at most 1, got 0"),
        (lambda: pricing.break_even_sales_change(-0.1, 40), "above 0 and at most 1, got 40"),
        (lambda: pricing.contribution_change(0.1, 0.4, -1.5), "fall by more than all"),
        (lambda: pricing.credit_rate(2, 10, 30, compound=True), "between 0 and 1, got 2"),
        (lambda: pricing.credit_rate(0.02, 30, 30, compound=True), "must be more than discount_days"),
        (lambda: LinearDemand(100, 0), "slope must be above 0"),
        (lambda: OFFICES.quantity(-1), "price must be 0 or more"),
        (lambda: pricing.producer_surplus(OFFICES, 50, -1), "unit_cost must be 0 or more"),
        (lambda: pricing.best_price(FAMILIES, 60), "nobody pays more than 60"),
        (lambda: pricing.segment_prices([OFFICES, FAMILIES], 70), "nobody pays more than 60"),
        (lambda: pricing.segment_prices([], 20), "no segment is given"),
        (lambda: pricing.uniform_price([], 20), "no segment is given"),
        (lambda: pricing.uniform_price([OFFICES, FAMILIES], 100), "nobody pays more than 100"),
        (lambda: Plan("card", -1, 1), "fee must be 0 or more"),
        (lambda: Plan("card", 1, 1).bill(-1), "quantity must be 0 or more"),
        (lambda: pricing.choose_plan([], OFFICES), "the menu is empty"),
        (lambda: pricing.predation_npv(0.3, 12.5, 0.2, 24, 0.01), "loss_months must be a whole number"),
        (lambda: pricing.recoupment_gain(0.3, 12, 0, 0.01), "gain_months must be a whole number"),
        (lambda: pricing.predation_npv(-0.3, 12, 0.2, 24, 0.01), "monthly_loss must be 0 or more"),
        (lambda: pricing.below_average_variable_cost(1, -1), "average_variable_cost must be 0 or more"),
        (lambda: pricing.estimate_elasticity([1, 2, 3], [1, 2]), "as many rows as each other"),
        (lambda: pricing.estimate_elasticity([1, 2, 0], [1, 2, 3]), "price must be above 0 in every row"),
        (lambda: pricing.estimate_elasticity([1, 2], [3, 4]), "2 rows in 1 group"),
        (lambda: pricing.estimate_elasticity([2, 2, 2], [3, 4, 5]), "the price never changes"),
        (lambda: pricing.estimate_elasticity([1, 1, 2, 2], [3, 4, 5, 6], [0, 0, 1, 1]), "never changes"),
        (lambda: pricing.estimate_elasticity([], []), "at least one row"),
        (lambda: pricing.log_lift([1], [2, 3]), "at least two values"),
        (lambda: pricing.log_lift([1, -1], [2, 3]), "control must be above 0"),
        (lambda: pricing.log_lift([2, 2], [3, 3]), "neither arm varies"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
