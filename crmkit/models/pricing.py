"""Prices: from cost, from demand, for segments and quantities, against rivals, and what data say of them.

Shares are fractions throughout: a margin of 20% is 0.20, a price cut of 10% is −0.10. Money is in one
currency of the caller's choice; "per period" means the period in which quantities are counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- Cost-based prices -------------------------------------------------------------------------------


def unit_cost(variable_cost: float, fixed_cost: float, quantity: float) -> float:
    """Return the full cost of one unit: UC = VC + F / Q.

    Parameters
    ----------
    variable_cost : money per unit, 0 or more.
    fixed_cost : money per period, 0 or more.
    quantity : units expected to be sold per period, above 0.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a cost is negative or the quantity is not positive.

    Source: kotler2016.
    """
    require.not_negative(variable_cost=variable_cost, fixed_cost=fixed_cost)
    require.positive(quantity=quantity)
    return variable_cost + fixed_cost / quantity


def break_even_quantity(fixed_cost: float, price: float, variable_cost: float) -> float:
    """Return the quantity whose contribution covers the fixed cost: Q = F / (P − VC).

    Parameters
    ----------
    fixed_cost : money per period, 0 or more.
    price, variable_cost : money per unit, 0 or more; the price must exceed the variable cost.

    Returns
    -------
    Units per period.

    Raises
    ------
    ValueError : a negative amount, or a price that leaves no contribution margin.

    Source: kotler2016.
    """
    require.not_negative(fixed_cost=fixed_cost, price=price, variable_cost=variable_cost)
    if price <= variable_cost:
        raise ValueError(
            f"a price of {price} leaves no contribution margin over a variable cost of {variable_cost}, "
            "so no quantity breaks even"
        )
    return fixed_cost / (price - variable_cost)


def cost_plus_price(unit_cost: float, *, margin: float) -> float:
    """Return the price that leaves a margin on the price: P = UC / (1 − m).

    Parameters
    ----------
    unit_cost : money per unit, 0 or more.
    margin : share of the price, 0 ≤ m < 1.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a negative cost or a margin outside [0, 1).

    Source: kotler2016.
    """
    require.not_negative(unit_cost=unit_cost)
    if not 0 <= margin < 1:
        raise ValueError(f"margin is a share of the price, from 0 to below 1, got {margin}")
    return unit_cost / (1 - margin)


def markup_price(unit_cost: float, *, markup: float) -> float:
    """Return the price that adds a mark-up on cost: P = UC · (1 + k).

    Parameters
    ----------
    unit_cost : money per unit, 0 or more.
    markup : share of the unit cost, 0 or more.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a negative cost or mark-up.

    Source: kotler2016.
    """
    require.not_negative(unit_cost=unit_cost, markup=markup)
    return unit_cost * (1 + markup)


# --- Elasticity and the best price -------------------------------------------------------------------


def arc_elasticity(price_1: float, quantity_1: float, price_2: float, quantity_2: float) -> float:
    """Return the elasticity between two points, on midpoint bases: ε = (ΔQ / Q̄) / (ΔP / P̄).

    Parameters
    ----------
    price_1, price_2 : money per unit, above 0 and different.
    quantity_1, quantity_2 : units per period, 0 or more and not both 0.

    Returns
    -------
    Elasticity, a pure number; negative where demand falls as the price rises.

    Raises
    ------
    ValueError : prices that are equal or not positive, quantities that are negative or both 0.

    Source: nagle2018.
    """
    require.positive(price_1=price_1, price_2=price_2)
    require.not_negative(quantity_1=quantity_1, quantity_2=quantity_2)
    if price_1 == price_2:
        raise ValueError(f"the two prices are both {price_1}; an elasticity needs a price that changed")
    if quantity_1 == quantity_2 == 0:
        raise ValueError("both quantities are 0; an elasticity needs some sales")
    relative_quantity = (quantity_2 - quantity_1) / ((quantity_1 + quantity_2) / 2)
    relative_price = (price_2 - price_1) / ((price_1 + price_2) / 2)
    return relative_quantity / relative_price


def quantity_change(price_change: float, elasticity: float) -> float:
    """Return the relative change of quantity at constant elasticity: (1 + Δp)^ε − 1.

    Parameters
    ----------
    price_change : share of the old price, above −1.
    elasticity : pure number, usually negative.

    Returns
    -------
    Share of the old quantity.

    Raises
    ------
    ValueError : a price change of −1 or less, which leaves no price.

    Source: bijmolt2005; andreyeva2010 gives elasticities of food.
    """
    _require_price_is_left(price_change)
    return (1 + price_change) ** elasticity - 1


def optimal_price(marginal_cost: float, elasticity: float) -> float:
    """Return the price of highest profit at constant elasticity: P* = MC · ε / (1 + ε).

    Parameters
    ----------
    marginal_cost : money per unit, 0 or more.
    elasticity : pure number below −1.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a negative cost, or an elasticity of −1 or more, where no price is highest in profit.

    Source: varian1989.
    """
    require.not_negative(marginal_cost=marginal_cost)
    if not elasticity < -1:
        raise ValueError(
            f"at an elasticity of {elasticity} every price rise adds to profit, so no finite price is best; "
            "the elasticity must be below −1"
        )
    return marginal_cost * elasticity / (1 + elasticity)


def lerner_index(price: float, marginal_cost: float) -> float:
    """Return the margin on price over marginal cost: L = (P − MC) / P, equal to −1/ε at the best price.

    Parameters
    ----------
    price : money per unit, above 0.
    marginal_cost : money per unit, 0 or more.

    Returns
    -------
    Share of the price; negative below marginal cost.

    Raises
    ------
    ValueError : a price that is not positive or a negative cost.

    Source: varian1989.
    """
    require.positive(price=price)
    require.not_negative(marginal_cost=marginal_cost)
    return (price - marginal_cost) / price


# --- Discounts and credit ----------------------------------------------------------------------------


def break_even_sales_change(price_change: float, margin: float) -> float:
    """Return the change of sales that keeps the contribution the same: ΔQ/Q = −Δp / (m + Δp).

    Parameters
    ----------
    price_change : share of the old price, above −1.
    margin : contribution margin, share of the old price, 0 < m ≤ 1.

    Returns
    -------
    Share of the old quantity; `math.inf` where the cut eats the whole margin.

    Raises
    ------
    ValueError : a price change of −1 or less, or a margin outside (0, 1].

    Source: nagle2018.
    """
    _require_price_is_left(price_change)
    _require_contribution_margin(margin)
    if price_change < 0 and (-price_change >= margin or math.isclose(-price_change, margin)):
        return math.inf
    return -price_change / (margin + price_change)


def contribution_change(price_change: float, margin: float, sales_change: float) -> float:
    """Return the relative change of contribution: (1 + ΔQ/Q) · (m + Δp) / m − 1.

    Parameters
    ----------
    price_change : share of the old price, above −1.
    margin : contribution margin, share of the old price, 0 < m ≤ 1.
    sales_change : share of the old quantity, −1 or more.

    Returns
    -------
    Share of the old contribution; below −1 where each unit is now sold at a loss.

    Raises
    ------
    ValueError : a change that leaves no price or negative sales, or a margin outside (0, 1].

    Source: nagle2018.
    """
    _require_price_is_left(price_change)
    _require_contribution_margin(margin)
    if not sales_change >= -1:
        raise ValueError(f"sales cannot fall by more than all of them, got a sales change of {sales_change}")
    return (1 + sales_change) * (margin + price_change) / margin - 1


def credit_rate(discount: float, discount_days: float, net_days: float, *, compound: bool) -> float:
    """Return the yearly rate of a forgone cash discount: i = d / (1 − d) for net − discount days.

    Simple: i · 365 / days. Compound: (1 + i)^(365 / days) − 1.

    Parameters
    ----------
    discount : share of the invoice, 0 < d < 1.
    discount_days : days in which the discount holds, 0 or more.
    net_days : days in which the full invoice is due, above `discount_days`.
    compound : whether the rate is effective (compounded) or nominal (simple).

    Returns
    -------
    Share per year of 365 days.

    Raises
    ------
    ValueError : a discount outside (0, 1), or days that leave no time between discount and due date.

    Source: kotler2016, for the terms "2/10, net 30".
    """
    if not 0 < discount < 1:
        raise ValueError(f"discount is a share of the invoice between 0 and 1, got {discount}")
    require.not_negative(discount_days=discount_days)
    if not net_days > discount_days:
        raise ValueError(f"net_days ({net_days}) must be more than discount_days ({discount_days})")
    rate = discount / (1 - discount)
    periods = 365 / (net_days - discount_days)
    return (1 + rate) ** periods - 1 if compound else rate * periods


# --- Linear demand, surplus and segments -------------------------------------------------------------


@dataclass(frozen=True)
class LinearDemand:
    """Demand that falls in a straight line: Q = intercept − slope · P, never below 0.

    Parameters
    ----------
    intercept : units per period at a price of 0, above 0.
    slope : units per period lost for each unit of money on the price, above 0.

    Raises
    ------
    ValueError : an intercept or slope that is not positive.

    Source: varian1989.
    """

    intercept: float
    slope: float

    def __post_init__(self) -> None:
        require.positive(intercept=self.intercept, slope=self.slope)

    @property
    def choke_price(self) -> float:
        """The price at which nobody buys any more: intercept / slope."""
        return self.intercept / self.slope

    def quantity(self, price: float) -> float:
        """Return the units bought per period at a price of 0 or more."""
        require.not_negative(price=price)
        return max(0.0, self.intercept - self.slope * price)


def consumer_surplus(demand: LinearDemand, price: float) -> float:
    """Return what buyers would have paid beyond what they pay: CS = Q(P)² / (2 · slope).

    Parameters
    ----------
    demand : the market's demand.
    price : money per unit, 0 or more.

    Returns
    -------
    Money per period.

    Raises
    ------
    ValueError : a negative price.

    Source: varian1989.
    """
    return demand.quantity(price) ** 2 / (2 * demand.slope)


def producer_surplus(demand: LinearDemand, price: float, unit_cost: float) -> float:
    """Return what the seller earns over a constant unit cost: PS = (P − c) · Q(P).

    Parameters
    ----------
    demand : the market's demand.
    price, unit_cost : money per unit, 0 or more.

    Returns
    -------
    Money per period; negative below cost.

    Raises
    ------
    ValueError : a negative price or cost.

    Source: varian1989.
    """
    require.not_negative(unit_cost=unit_cost)
    return (price - unit_cost) * demand.quantity(price)


def deadweight_loss(demand: LinearDemand, price: float, unit_cost: float) -> float:
    """Return the surplus that nobody gets: CS(c) − [CS(P) + PS(P)], or ½ · slope · (P − c)² while P sells.

    Parameters
    ----------
    demand : the market's demand.
    price, unit_cost : money per unit, 0 or more.

    Returns
    -------
    Money per period, 0 or more; 0 where the price equals the cost.

    Raises
    ------
    ValueError : a negative price or cost.

    Source: varian1989.
    """
    surplus = consumer_surplus(demand, price) + producer_surplus(demand, price, unit_cost)
    return consumer_surplus(demand, unit_cost) - surplus


def best_price(demand: LinearDemand, marginal_cost: float) -> float:
    """Return the price of highest profit, where MR = MC: P* = (choke price + MC) / 2.

    Parameters
    ----------
    demand : the market's demand.
    marginal_cost : money per unit, 0 or more and below the choke price.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a negative cost, or one at which no price sells at a profit.

    Source: varian1989.
    """
    require.not_negative(marginal_cost=marginal_cost)
    if marginal_cost >= demand.choke_price:
        raise ValueError(
            f"nobody pays more than {demand.choke_price}, so a marginal cost of {marginal_cost} leaves "
            "no price with a profit"
        )
    return (demand.choke_price + marginal_cost) / 2


def segment_prices(demands: Sequence[LinearDemand], marginal_cost: float) -> list[float]:
    """Return each segment's own best price (third degree), where MR₁ = MR₂ = … = MC.

    Parameters
    ----------
    demands : one demand a segment, at least one.
    marginal_cost : money per unit, 0 or more and below each choke price.

    Returns
    -------
    Money per unit, in the order of the segments.

    Raises
    ------
    ValueError : no segment, or one that cannot be served at a profit.

    Source: pigou1920, varian1989.
    """
    _require_segments(demands)
    return [best_price(demand, marginal_cost) for demand in demands]


def uniform_price(demands: Sequence[LinearDemand], marginal_cost: float) -> float:
    """Return the one price of highest total profit: argmax Σ (P − MC) · Qᵢ(P).

    It may leave out a weak segment, where serving only the strong ones pays more.

    Parameters
    ----------
    demands : one demand a segment, at least one.
    marginal_cost : money per unit, 0 or more and below the highest choke price.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : no segment, or none that can be served at a profit.

    Source: varian1989.
    """
    _require_segments(demands)
    strongest_first = sorted(demands, key=lambda demand: -demand.choke_price)
    # Profit is concave between two choke prices and its slope jumps up at each one, so its peak is the
    # best price for the one, two, … strongest segments pooled.
    candidates = [best_price(strongest_first[0], marginal_cost)]
    for count in range(2, len(strongest_first) + 1):
        pooled = _pooled(strongest_first[:count])
        if marginal_cost < pooled.choke_price:
            candidates.append(best_price(pooled, marginal_cost))
    return max(candidates, key=lambda price: sum(producer_surplus(d, price, marginal_cost) for d in demands))


def _pooled(demands: Sequence[LinearDemand]) -> LinearDemand:
    return LinearDemand(sum(d.intercept for d in demands), sum(d.slope for d in demands))


# --- Menus of plans ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """A two-part tariff: T(q) = A + p · q.

    Parameters
    ----------
    name : what the customer reads on the menu.
    fee : money per period, 0 or more.
    price_per_unit : money per unit, 0 or more.

    Raises
    ------
    ValueError : a negative fee or price.

    Source: varian1989.
    """

    name: str
    fee: float
    price_per_unit: float

    def __post_init__(self) -> None:
        require.not_negative(fee=self.fee, price_per_unit=self.price_per_unit)

    def bill(self, quantity: float) -> float:
        """Return the money paid for a quantity in one period."""
        require.not_negative(quantity=quantity)
        return self.fee + self.price_per_unit * quantity


@dataclass(frozen=True)
class PlanChoice:
    """What a customer takes from a menu: the plan (or none), units per period, net surplus in money."""

    plan: Plan | None
    quantity: float
    surplus: float

    def profit(self, unit_cost: float) -> float:
        """Return what the seller earns per period over a constant unit cost: T(q) − c · q."""
        return 0.0 if self.plan is None else self.plan.bill(self.quantity) - unit_cost * self.quantity


def choose_plan(plans: Sequence[Plan], demand: LinearDemand) -> PlanChoice:
    """Return the plan with the highest net surplus, CS(p) − A, if any is not negative (self-selection).

    Parameters
    ----------
    plans : the menu; of two equally good plans the one listed first is taken.
    demand : the customer's own demand.

    Returns
    -------
    The plan, or None where buying nothing is better, with its quantity and net surplus.

    Raises
    ------
    ValueError : an empty menu.

    Source: varian1989.
    """
    if not plans:
        raise ValueError("the menu is empty; give at least one plan")
    choice = PlanChoice(plan=None, quantity=0.0, surplus=0.0)
    for plan in plans:
        quantity = demand.quantity(plan.price_per_unit)
        surplus = consumer_surplus(demand, plan.price_per_unit) - plan.fee
        better = surplus >= 0 if choice.plan is None else surplus > choice.surplus
        if quantity > 0 and better:
            choice = PlanChoice(plan, quantity, surplus)
    return choice


# --- Predation ---------------------------------------------------------------------------------------


def predation_cash_flows(
    monthly_loss: float, loss_months: int, monthly_gain: float, gain_months: int, monthly_rate: float
) -> Floats:
    """Return today's value of each month's cash: −loss · δᵗ, then gain · δᵗ, with δ = 1 / (1 + i).

    Cash comes at the end of each month: the first loss is discounted by one month.

    Parameters
    ----------
    monthly_loss, monthly_gain : money per month, 0 or more.
    loss_months, gain_months : whole months, at least 1: how long the price war and the gain last.
    monthly_rate : share per month, 0 or more.

    Returns
    -------
    Array of `loss_months + gain_months` amounts of money.

    Raises
    ------
    ValueError : a negative amount or rate, or months that are not whole and positive.

    Source: areeda1975.
    """
    require.not_negative(monthly_loss=monthly_loss, monthly_gain=monthly_gain, monthly_rate=monthly_rate)
    _require_whole(loss_months=loss_months, gain_months=gain_months)
    cash = np.repeat([-monthly_loss, monthly_gain], [int(loss_months), int(gain_months)])
    return cash / (1 + monthly_rate) ** np.arange(1, len(cash) + 1)


def predation_npv(
    monthly_loss: float, loss_months: int, monthly_gain: float, gain_months: int, monthly_rate: float
) -> float:
    """Return the net present value of a price war: NPV = Σ δᵗ · gain − Σ δᵗ · loss.

    Parameters
    ----------
    monthly_loss, monthly_gain : money per month, 0 or more.
    loss_months, gain_months : whole months, at least 1.
    monthly_rate : share per month, 0 or more.

    Returns
    -------
    Money of today.

    Raises
    ------
    ValueError : a negative amount or rate, or months that are not whole and positive.

    Source: areeda1975.
    """
    return float(
        predation_cash_flows(monthly_loss, loss_months, monthly_gain, gain_months, monthly_rate).sum()
    )


def recoupment_gain(monthly_loss: float, loss_months: int, gain_months: int, monthly_rate: float) -> float:
    """Return the smallest monthly gain that recoups the loss (NPV = 0): Σ δᵗ · loss / Σ δᵗ.

    Parameters
    ----------
    monthly_loss : money per month, 0 or more.
    loss_months, gain_months : whole months, at least 1.
    monthly_rate : share per month, 0 or more.

    Returns
    -------
    Money per month.

    Raises
    ------
    ValueError : a negative amount or rate, or months that are not whole and positive.

    Source: areeda1975.
    """
    lost = -predation_npv(monthly_loss, loss_months, 0, gain_months, monthly_rate)
    worth_of_one = predation_npv(0, loss_months, 1, gain_months, monthly_rate)
    return lost / worth_of_one


def below_average_variable_cost(price: float, average_variable_cost: float) -> bool:
    """Return whether a price fails the cost test for predation: P < AVC.

    Parameters
    ----------
    price, average_variable_cost : money per unit, 0 or more.

    Returns
    -------
    True where each unit sold loses cash.

    Raises
    ------
    ValueError : a negative price or cost.

    Source: areeda1975.
    """
    require.not_negative(price=price, average_variable_cost=average_variable_cost)
    return price < average_variable_cost


# --- Estimates from data -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Estimate:
    """An estimated elasticity, its standard error (same unit) and the number of observations."""

    elasticity: float
    standard_error: float
    observations: int


def estimate_elasticity(price: ArrayLike, quantity: ArrayLike, groups: ArrayLike | None = None) -> Estimate:
    """Return the least-squares elasticity of ln Q = a + ε · ln P, with one intercept a group if given.

    With `groups` it is the within (fixed-effects) estimator: each group's means are taken out of both
    logs, and the residual variance has N − G − 1 degrees of freedom for G groups.

    Parameters
    ----------
    price : money per unit, all above 0, one a row.
    quantity : units per period, all above 0, one a row.
    groups : label of each row's group, for instance its zone.

    Returns
    -------
    The elasticity with its classical standard error.

    Raises
    ------
    ValueError : lengths that differ, values that are not positive, too few rows, or a price that never
        changes (within a group).

    Source: bijmolt2005.
    """
    log_price, log_quantity = _logs("price", price), _logs("quantity", quantity)
    labels = np.zeros(len(log_price)) if groups is None else np.asarray(groups)
    if not len(log_price) == len(log_quantity) == len(labels):
        raise ValueError(
            f"price, quantity and groups must have as many rows as each other, got {len(log_price)}, "
            f"{len(log_quantity)} and {len(labels)}"
        )
    codes = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(codes)
    freedom = len(codes) - len(sizes) - 1
    if freedom < 1:
        raise ValueError(f"{len(codes)} rows in {len(sizes)} group(s) are too few for an estimate")

    def within(values: Floats) -> Floats:
        return values - (np.bincount(codes, weights=values) / sizes)[codes]

    x, y = within(log_price), within(log_quantity)
    if np.abs(x).max() < 1e-12:
        raise ValueError("the price never changes (within a group), so no elasticity can be estimated")
    elasticity = (x @ y) / (x @ x)
    residuals = y - elasticity * x
    standard_error = math.sqrt((residuals @ residuals) / freedom / (x @ x))
    return Estimate(float(elasticity), standard_error, len(codes))


@dataclass(frozen=True)
class Lift:
    """A relative difference between two arms of a test, all as shares: 0.08 is 8%.

    `low` and `high` bound the 95% interval; it is not symmetric, since it is computed on logs.
    """

    lift: float
    standard_error: float
    low: float
    high: float


def log_lift(control: ArrayLike, treated: ArrayLike) -> Lift:
    """Return the lift of the treated over the control arm: exp(mean ln treated − mean ln control) − 1.

    The interval is Welch's (variances may differ) on the logs. The standard error is carried over to
    the lift: (1 + lift) · SE of the difference.

    Parameters
    ----------
    control, treated : sales of each unit of an arm, all above 0, at least two an arm.

    Returns
    -------
    The lift with its standard error and 95% interval.

    Raises
    ------
    ValueError : fewer than two values in an arm, a value that is not positive, or arms that do not vary.

    Source: anderson2003, for price endings.
    """
    logs = [_logs("control", control), _logs("treated", treated)]
    if min(len(arm) for arm in logs) < 2:
        raise ValueError("each arm needs at least two values")
    variances = [float(arm.var(ddof=1)) / len(arm) for arm in logs]
    variance = sum(variances)
    if variance == 0:
        raise ValueError("neither arm varies, so no interval can be given")
    freedom = variance**2 / sum(v**2 / (len(arm) - 1) for v, arm in zip(variances, logs, strict=True))
    difference = float(logs[1].mean() - logs[0].mean())
    half_width = float(stdtrit(freedom, 0.975)) * math.sqrt(variance)
    return Lift(
        lift=math.expm1(difference),
        standard_error=math.exp(difference) * math.sqrt(variance),
        low=math.expm1(difference - half_width),
        high=math.expm1(difference + half_width),
    )


# --- What an input must be ---------------------------------------------------------------------------


def _logs(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {numbers.shape}")
    if not (np.isfinite(numbers) & (numbers > 0)).all():
        raise ValueError(f"{name} must be above 0 in every row: only such numbers have a logarithm")
    return np.log(numbers)


def _require_whole(**months: float) -> None:
    for name, count in months.items():
        if not (count >= 1 and float(count).is_integer()):
            raise ValueError(f"{name} must be a whole number of months, at least 1, got {count}")


def _require_price_is_left(price_change: float) -> None:
    if not -1 < price_change < math.inf:
        raise ValueError(f"a price change of {price_change} leaves no price; it must be above −1 (−100%)")


def _require_contribution_margin(margin: float) -> None:
    if not 0 < margin <= 1:
        raise ValueError(f"margin is a share of the price, above 0 and at most 1, got {margin}")


def _require_segments(demands: Sequence[LinearDemand]) -> None:
    if not demands:
        raise ValueError("no segment is given; give at least one demand")
