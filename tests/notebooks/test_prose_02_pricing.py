"""Numbers that the prose of chapter 02 states are those that the models and the data give."""

from __future__ import annotations

import pytest
from prose import prose

from crmkit import load
from crmkit.models import pricing

STEM = "02-pricing"
# The dairy of the pricing chapter: yuan a bottle, yuan a month.
PRICE, RIVAL, COST, FIXED = 1.80, 1.62, 1.20, 1_500_000
SMALL = load("hailang.price_panel").query("tier == 'small'")
ELASTICITY = pricing.estimate_elasticity(SMALL["price"], SMALL["bottles"], SMALL["zone_id"]).elasticity
NEEDED = pricing.break_even_sales_change(RIVAL / PRICE - 1, (PRICE - COST) / PRICE)
EXPECTED = pricing.quantity_change(RIVAL / PRICE - 1, ELASTICITY)
MILK = load("published.food_elasticity").set_index("category")["elasticity"]["milk"]


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ("the rival's 1.62 against Hailang's 1.80 is {:.0f}", 100 * RIVAL / PRICE),
        (
            "A mark-up of 25% is a margin of {:.0%}",
            pricing.lerner_index(pricing.markup_price(1, markup=0.25), 1),
        ),
        ("the unit cost is $1.20 + 1.5/3 = {:.2f}$", pricing.unit_cost(COST, FIXED, 3_000_000)),
        ("$Q = F/(P-VC) = {:.1f}$ million", pricing.break_even_quantity(FIXED, PRICE, COST) / 1e6),
        ("(-150/925)/(0.20/1.90) = {:.2f}$", pricing.arc_elasticity(1.80, 1000, 2.00, 850)),
        ("that would be {:.0f} bottles per yuan", (850 - 1000) / (2.00 - 1.80)),
        (r"1.20 \cdot (-3)/(-2) = {:.2f}$", pricing.optimal_price(COST, -3)),
        (
            r"$0.10/(0.50-0.10) = {:.0f}\%$ more sales",
            100 * pricing.break_even_sales_change(-0.10, 0.50),
        ),
        ("under it {:.0%} needed", NEEDED),
        ("needed, {:.0%} expected", EXPECTED),
    ],
)
def test_the_pricing_chapter_states_what_the_models_give(states: str, number: float) -> None:
    assert states.format(number) in prose(STEM)


def test_the_cut_brings_less_than_half_of_what_it_needs_as_the_chapter_says() -> None:
    assert "brings less than half of the bottles that it needs" in prose(STEM)
    assert EXPECTED < NEEDED / 2


def test_the_small_customers_are_the_most_sensitive_as_the_chapter_says() -> None:
    panel = load("hailang.price_panel")
    by_tier = {
        tier: pricing.estimate_elasticity(rows["price"], rows["bottles"], rows["zone_id"]).elasticity
        for tier, rows in panel.groupby("tier")
    }
    assert min(by_tier, key=by_tier.__getitem__) == "small"


def test_milk_as_a_category_is_inelastic_and_the_small_customers_are_not() -> None:
    assert -1 < MILK < 0
    assert ELASTICITY < -1
    assert round(pricing.quantity_change(0.10, MILK), 4) == -0.0547
