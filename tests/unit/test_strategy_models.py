"""Growth decomposition, the acquisition and retention optimum, and classical scaling."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from scipy.spatial import procrustes
from sklearn.manifold import ClassicalMDS

from crmkit.data import load
from crmkit.models import lifetime, positioning, strategy
from crmkit.models.strategy import ResponseCurve


def sales(*rows):
    return pd.DataFrame(rows, columns=["customer", "product", "revenue"])


BEFORE = sales(("Li", "milk", 50.0), ("Wang", "milk", 30.0), ("Zhao", "yogurt", 20.0))
AFTER = sales(
    ("Li", "milk", 45.0),
    ("Li", "cheese", 10.0),
    ("Zhao", "milk", 25.0),  # an existing product that is new to her
    ("Chen", "yogurt", 12.0),
    ("Chen", "cheese", 8.0),
)


# The growth matrix


def test_each_sale_is_booked_in_its_field():
    growth = strategy.decompose_growth(BEFORE, AFTER)
    assert growth.lost == 30  # Wang
    assert growth.stayed == (45 + 25) - (50 + 20)
    assert growth.loyalty == -30
    assert (growth.extension, growth.acquisition, growth.diversification) == (10, 12, 8)
    assert growth.total == growth.after - growth.before == 0


def test_fields_are_named_in_the_order_of_the_matrix():
    assert strategy.decompose_growth(BEFORE, AFTER).fields.to_dict() == dict(
        zip(strategy.FIELDS, [-30, 10, 12, 8], strict=True)
    )


def test_the_same_period_twice_has_no_growth_in_any_field():
    assert not strategy.decompose_growth(BEFORE, BEFORE).fields.any()


def test_a_firm_that_loses_everybody_loses_all_as_loyalty():
    growth = strategy.decompose_growth(BEFORE, AFTER.iloc[:0])
    assert growth.loyalty == growth.total == -100


@pytest.mark.parametrize(("first", "second"), [("1997-09", "1998-09"), ("1998-09", "1999-09")])
def test_the_dairys_fields_add_up_to_its_growth(first, second):
    orders = load("hailang.orders_monthly").rename(columns={"account_id": "customer", "sku": "product"})
    orders["revenue"] = orders["bottles"] * orders["price_paid"]
    months = [orders[orders["month"] == month] for month in (first, second)]
    growth = strategy.decompose_growth(*months)
    assert growth.total == pytest.approx(months[1]["revenue"].sum() - months[0]["revenue"].sum(), abs=1e-6)
    launched = load("hailang.products").set_index("sku")["launch_month"]
    new = months[1]["product"].map(launched) > first
    assert growth.extension + growth.diversification == pytest.approx(months[1]["revenue"][new].sum())


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (BEFORE.drop(columns="product"), AFTER, r"before needs .* add \['product'\]"),
        (BEFORE.iloc[:0], AFTER, "before has no sales"),
        (BEFORE, sales(("Li", "milk", -1.0)), "after has revenue that is negative"),
        (BEFORE, sales(("Li", "milk", math.nan)), "after has revenue that is negative or no number"),
    ],
)
def test_sales_that_cannot_be_decomposed_are_refused(before, after, says):
    with pytest.raises(ValueError, match=says):
        strategy.decompose_growth(before, after)


# Winning and keeping


def test_the_known_optimum_of_acquisition():
    # ln(0.05 · 0.4 · 100) / 0.05 = ln 2 / 0.05; half of the ceiling; 0.2 · 100 − A*
    curve = ResponseCurve(ceiling=0.4, slope=0.05)
    best = curve.best_spend(100)
    assert best == pytest.approx(13.863, abs=0.0005)
    assert curve.rate(best) == pytest.approx(0.20)
    assert curve.rate(best) * 100 - best == pytest.approx(6.137, abs=0.0005)


def test_the_curve_starts_at_its_floor_and_ends_at_its_ceiling():
    curve = ResponseCurve(0.6, 0.1, floor=0.2)
    assert curve.rate([0, math.log(2) / 0.1, 1e6]) == pytest.approx([0.2, 0.4, 0.6])


def test_a_curve_goes_through_the_managers_point():
    curve = ResponseCurve.through(spend=20, rate=0.3, ceiling=0.5, floor=0.1)
    assert curve.rate([0, 20]) == pytest.approx([0.1, 0.3])
    assert curve.slope == pytest.approx(math.log(2) / 20)


def test_nothing_is_spent_where_the_first_yuan_brings_less_than_a_yuan():
    # k c m = 0.05 · 0.4 · 50 = 1
    curve = ResponseCurve(0.4, 0.05)
    assert curve.best_spend(49.9) == 0
    assert curve.best_spend(50.1) > 0
    assert curve.best_spend(0) == 0


def test_at_the_best_spending_a_yuan_more_brings_a_yuan():
    curve = ResponseCurve(0.3, 0.02, floor=0.05)
    best = curve.best_spend(400)
    slope = (curve.rate(best + 1e-4) - curve.rate(best - 1e-4)) / 2e-4
    assert slope * 400 == pytest.approx(1, rel=1e-5)


def test_the_value_after_the_first_period_is_the_published_formula():
    # r′ = r / (1 + d): (m − R/r) · r′ / (1 − r′)
    curve = ResponseCurve(0.9, 0.1)
    r = 0.9 * (1 - math.exp(-0.1 * 12))
    r_dash = r / 1.2
    assert strategy.value_after_first(curve, 12, 60, 0.2) == pytest.approx(
        (60 - 12 / r) * r_dash / (1 - r_dash)
    )


def test_without_retention_spending_the_value_is_the_lifetime_value():
    curve = ResponseCurve(0.9, 0.1, floor=0.7)
    assert strategy.value_after_first(curve, 0, 60, 0.2) == pytest.approx(
        lifetime.customer_lifetime_value(60, 0.7, 0.2)
    )


def test_the_value_is_a_sum_of_yearly_flows():
    curve = ResponseCurve(0.8, 0.05, floor=0.5)
    r = float(curve.rate(10))
    flows = sum(r ** (year - 1) * (r * 100 - 10) / 1.1**year for year in range(1, 400))
    assert strategy.value_after_first(curve, 10, 100, 0.1) == pytest.approx(flows)


def test_the_best_allocation_is_that_of_a_search_over_both_spendings():
    win, keep = ResponseCurve(0.25, 0.04), ResponseCurve(0.85, 0.06, floor=0.4)
    best = strategy.best_allocation(win, keep, margin=80, discount=0.1)

    def loss(spends):
        a = 0.25 * (1 - math.exp(-0.04 * spends[0]))
        r = 0.4 + 0.45 * (1 - math.exp(-0.06 * spends[1]))
        return -(a * (80 + (80 * r - spends[1]) / (1.1 - r)) - spends[0])

    found = optimize.minimize(loss, [10, 10], bounds=[(0, None)] * 2)
    assert [best.acquisition_spend, best.retention_spend] == pytest.approx(found.x, abs=0.02)
    assert best.equity == pytest.approx(-found.fun, abs=1e-4)


def test_customer_equity_is_rate_times_value_less_spending():
    win, keep = ResponseCurve(0.4, 0.05), ResponseCurve(0.8, 0.1)
    made = strategy.customer_equity(
        win, keep, acquisition_spend=10, retention_spend=0, margin=100, discount=0.1
    )
    # Who is not kept at all brings one margin.
    assert made.retention_rate == 0
    assert made.customer_value == 100
    assert made.equity == pytest.approx(0.4 * (1 - math.exp(-0.5)) * 100 - 10)


def test_better_keeping_raises_what_may_be_spent_on_winning():
    win = ResponseCurve(0.25, 0.04)
    spends = [
        strategy.best_allocation(win, ResponseCurve(0.9, 0.06, floor), margin=80, discount=0.1)
        for floor in (0, 0.4, 0.8)
    ]
    assert spends[0].acquisition_spend < spends[1].acquisition_spend < spends[2].acquisition_spend


def test_a_margin_of_nothing_is_worth_no_spending():
    best = strategy.best_allocation(ResponseCurve(0.4, 0.1), ResponseCurve(0.8, 0.1), margin=0, discount=0.1)
    assert (best.acquisition_spend, best.retention_spend, best.equity) == (0, 0, 0)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ResponseCurve(1.2, 0.1), "0 ≤ floor < ceiling ≤ 1"),
        (lambda: ResponseCurve(0.4, 0.1, floor=0.4), "floor 0.4 and ceiling 0.4"),
        (lambda: ResponseCurve(0.4, 0), "slope must be above 0"),
        (lambda: ResponseCurve.through(0, 0.2, 0.4), "spend must be above 0"),
        (lambda: ResponseCurve.through(5, 0.4, 0.4), "between floor 0.0 and ceiling 0.4, got 0.4"),
        (lambda: ResponseCurve(0.4, 0.1).rate(-1), "spending must be 0 or more"),
        (lambda: ResponseCurve(0.4, 0.1).best_spend(-1), "value must be 0 or more"),
        (lambda: strategy.value_after_first(ResponseCurve(1, 1), 50, 9, 0), "above 0 if everybody stays"),
        (
            lambda: strategy.best_allocation(
                ResponseCurve(0.4, 0.1), ResponseCurve(0.8, 0.1), margin=-1, discount=0.1
            ),
            "margin must be 0 or more",
        ),
    ],
)
def test_spending_out_of_range_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Perceptual maps

TRIANGLE = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]])


def test_the_triangle_of_3_4_and_5_has_its_known_eigenvalues():
    # Their sum is that of the squared distances over n, 50 / 3; their product is n times the squared area
    # of the triangle times 4 / n², so 4 · 6² / 3 = 48: the roots of λ² − 50 λ / 3 + 48.
    found = positioning.classical_scaling(TRIANGLE).eigenvalues
    root = math.sqrt((25 / 3) ** 2 - 48)
    assert found == pytest.approx([25 / 3 + root, 25 / 3 - root, 0], abs=1e-12)
    assert found == pytest.approx([12.964, 3.702, 0], abs=0.001)


def test_a_triangle_is_drawn_exactly_in_two_dimensions_and_not_in_one():
    plane, line = (positioning.classical_scaling(TRIANGLE, dimensions) for dimensions in (2, 1))
    assert plane.distances == pytest.approx(TRIANGLE)
    assert plane.share == 1
    assert positioning.stress(TRIANGLE, plane.coordinates) == pytest.approx(0, abs=1e-9)
    assert line.share == pytest.approx(12.964 / (12.964 + 3.702), abs=1e-4)
    assert positioning.stress(TRIANGLE, line.coordinates) > 0.1


def test_points_of_the_plane_come_back_turned_or_mirrored():
    points = np.random.default_rng(8).normal(size=(7, 2))
    distances = positioning.attribute_distances(points)
    found = positioning.classical_scaling(distances)
    assert procrustes(points, found.coordinates)[2] == pytest.approx(0, abs=1e-12)
    assert found.eigenvalues[2:] == pytest.approx(0)


def test_the_map_is_that_of_scikit_learn():
    distances = positioning.attribute_distances(np.random.default_rng(3).normal(size=(6, 4)))
    theirs = ClassicalMDS(n_components=2, metric="precomputed").fit_transform(distances)
    ours = positioning.classical_scaling(distances).coordinates
    assert procrustes(theirs, ours)[2] == pytest.approx(0, abs=1e-12)


def test_distances_that_no_map_can_hold_have_a_negative_eigenvalue():
    # From A to C it is farther than by way of B.
    found = positioning.classical_scaling([[0, 1, 5], [1, 0, 1], [5, 1, 0]])
    assert found.eigenvalues[-1] < 0
    assert np.isfinite(found.coordinates).all()


def test_a_weight_of_four_stretches_an_attribute_twofold():
    assert positioning.attribute_distances([[0, 0], [3, 4]])[0, 1] == 5
    assert positioning.attribute_distances([[0, 0], [3, 2]], weights=[1, 4])[0, 1] == 5
    assert positioning.attribute_distances([[0, 0], [3, 2]], weights=[1, 0])[0, 1] == 3


def test_stress_is_that_of_its_definition():
    # One pair: 2 on the map, 3 given.
    assert positioning.stress([[0, 3], [3, 0]], [[0.0], [2.0]]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: positioning.classical_scaling([[0, 1, 2]]), "square table"),
        (lambda: positioning.classical_scaling([[0, 1], [2, 0]]), "from i to j as from j to i"),
        (lambda: positioning.classical_scaling([[1, 1], [1, 1]]), "from itself is 0"),
        (lambda: positioning.classical_scaling(TRIANGLE, 4), "dimensions must be from 1 to 3"),
        (lambda: positioning.attribute_distances([1, 2]), "table of numbers"),
        (lambda: positioning.attribute_distances([[1, 2], [3, 4]], [1]), "give 2 weights"),
        (lambda: positioning.stress(TRIANGLE, [[0.0], [1.0]]), "a row for each row"),
        (lambda: positioning.stress(TRIANGLE, [[1.0]] * 3), "all points of the map coincide"),
    ],
)
def test_tables_that_are_no_distances_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
