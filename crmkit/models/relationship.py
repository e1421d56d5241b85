"""Relationships: what a guarantee costs and tells, when trust holds, what to make or buy, what comes back.

Shares are fractions throughout: a failure rate of 2% is 0.02. Money is in one currency of the caller's
choice. The four Rs are role, responsibility, risk and reciprocity.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- The four Rs as a profile ------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """One number for each of the four Rs: its level on the firm's own scale, or its weight.

    Parameters
    ----------
    role, responsibility, risk, reciprocity : 0 or more, all four on the same scale.

    Raises
    ------
    ValueError : a number that is negative or not finite.
    """

    role: float
    responsibility: float
    risk: float
    reciprocity: float

    def __post_init__(self) -> None:
        require.not_negative(**vars(self))


def profile_score(levels: Profile, weights: Profile | None = None) -> float:
    """Return the weighted mean level of the four Rs: Σ wᵢ · xᵢ / Σ wᵢ.

    Levels are ranks that somebody has judged: the mean takes for granted that one level more is worth the
    same on every R.

    Parameters
    ----------
    levels : the level of each R.
    weights : the weight of each R, not all 0; all the same if none are given.

    Returns
    -------
    A level, between the lowest and the highest of the four.

    Raises
    ------
    ValueError : weights that are all 0.

    Source: none; the course's own measure, not a published scale.
    """
    weight = _weights(weights)
    return float(weight @ np.array(astuple(levels)))


def profile_distance(desired: Profile, actual: Profile, weights: Profile | None = None) -> float:
    """Return how far two profiles lie apart, as a root mean square: √(Σ wᵢ · (dᵢ − aᵢ)² / Σ wᵢ).

    It does not say in which direction: a level too many counts as much as a level too few.

    Parameters
    ----------
    desired, actual : the level of each R, on the same scale.
    weights : the weight of each R, not all 0; all the same if none are given.

    Returns
    -------
    Levels; 0 only where every R that has a weight is as desired.

    Raises
    ------
    ValueError : weights that are all 0.

    Source: none; the course's own measure, not a published scale.
    """
    gaps = np.array(astuple(desired)) - np.array(astuple(actual))
    return math.sqrt(_weights(weights) @ gaps**2)


def _weights(weights: Profile | None) -> Floats:
    weight = np.array(astuple(weights or Profile(1, 1, 1, 1)), dtype=float)
    if not weight.any():
        raise ValueError("the weights of the four Rs are all 0; give at least one of them a weight")
    return weight / weight.sum()


# --- Responsibility and risk: guarantees -------------------------------------------------------------


def guarantee_cost(failure_rate: float, payout: float, *, units: float = 1) -> float:
    """Return the expected cost of a guarantee, for one unit or for several: n · φ · M.

    Parameters
    ----------
    failure_rate : share of units on which the guarantee is claimed, 0 ≤ φ ≤ 1.
    payout : money paid for each claim, 0 or more.
    units : units sold under the guarantee, 0 or more.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a failure rate outside [0, 1], or a negative amount.

    Source: grossman1981.
    """
    _require_share(failure_rate=failure_rate)
    require.not_negative(payout=payout, units=units)
    return units * failure_rate * payout


@dataclass(frozen=True)
class PayoutRange:
    """The payouts M of a guarantee with low < M ≤ high; none at all where `high` is not above `low`."""

    low: float
    high: float

    @property
    def is_empty(self) -> bool:
        """Whether no payout lies in the range."""
        return self.high <= self.low

    def __contains__(self, payout: float) -> bool:
        # In binary 0.7 / 0.07 is a little less than 10; the end of that range is 10 all the same.
        is_above = payout > self.low and not math.isclose(payout, self.low)
        return is_above and (payout <= self.high or math.isclose(payout, self.high))


def separating_payouts(
    good_gain: float, good_failure_rate: float, bad_gain: float, bad_failure_rate: float
) -> PayoutRange:
    """Return the payouts that only the good seller can afford to promise: π_L / φ_L < M ≤ π_H / φ_H.

    A seller whom buyers believe to be good gains π a unit and pays M on a share φ of units. The guarantee
    tells good from bad where π_H − φ_H · M ≥ 0 > π_L − φ_L · M.

    Parameters
    ----------
    good_gain, bad_gain : money per unit that being believed adds, before the guarantee's cost, 0 or more.
    good_failure_rate, bad_failure_rate : share of units on which the guarantee is claimed, in [0, 1].

    Returns
    -------
    The range of payouts, open at its low and closed at its high end.

    Raises
    ------
    ValueError : a negative gain, or a failure rate outside [0, 1].

    Source: spence1973, grossman1981.
    """
    require.not_negative(good_gain=good_gain, bad_gain=bad_gain)
    _require_share(good_failure_rate=good_failure_rate, bad_failure_rate=bad_failure_rate)
    return PayoutRange(
        low=_highest_payout(bad_gain, bad_failure_rate), high=_highest_payout(good_gain, good_failure_rate)
    )


def _highest_payout(gain: float, failure_rate: float) -> float:
    """Return the payout at which a seller is just as well off without the guarantee."""
    return gain / failure_rate if failure_rate > 0 else math.inf


# --- Role: make or buy -------------------------------------------------------------------------------


def make_cost(quantity: float, fixed_cost: float, unit_cost: float) -> float:
    """Return what a volume costs in-house: F + c_in · Q.

    Parameters
    ----------
    quantity : units per period, 0 or more.
    fixed_cost : money per period, 0 or more.
    unit_cost : money per unit, 0 or more.

    Returns
    -------
    Money per period.

    Raises
    ------
    ValueError : a negative amount.

    Source: williamson1979.
    """
    require.not_negative(quantity=quantity, fixed_cost=fixed_cost, unit_cost=unit_cost)
    return fixed_cost + unit_cost * quantity


def buy_cost(quantity: float, price: float, transaction_cost: float = 0) -> float:
    """Return what a volume costs from outside, dealing with the supplier included: (p + t) · Q.

    Parameters
    ----------
    quantity : units per period, 0 or more.
    price : money per unit that the supplier quotes, 0 or more.
    transaction_cost : money per unit for finding, contracting, checking and correcting, 0 or more.

    Returns
    -------
    Money per period.

    Raises
    ------
    ValueError : a negative amount.

    Source: williamson1979.
    """
    require.not_negative(quantity=quantity, price=price, transaction_cost=transaction_cost)
    return (price + transaction_cost) * quantity


def make_or_buy_volume(
    fixed_cost: float, unit_cost: float, price: float, transaction_cost: float = 0
) -> float:
    """Return the volume above which making is cheaper than buying: Q* = F / (c_out − c_in), c_out = p + t.

    Parameters
    ----------
    fixed_cost : money per period that making costs at any volume, 0 or more.
    unit_cost : money per unit made in-house, 0 or more.
    price : money per unit that the supplier quotes, 0 or more.
    transaction_cost : money per unit for dealing with the supplier, 0 or more.

    Returns
    -------
    Units per period; `math.inf` where a unit from outside costs no more than one made in-house.

    Raises
    ------
    ValueError : a negative amount.

    Source: williamson1979.
    """
    require.not_negative(
        fixed_cost=fixed_cost, unit_cost=unit_cost, price=price, transaction_cost=transaction_cost
    )
    outside_cost = price + transaction_cost
    if outside_cost <= unit_cost or math.isclose(outside_cost, unit_cost):
        return math.inf
    return fixed_cost / (outside_cost - unit_cost)


# --- Role: how much service for whom -----------------------------------------------------------------


def role_ladder_values(
    margin: float, churn_rate: float, role_cost: float, churn_cut: float, roles: int, discount_rate: float
) -> Floats:
    """Return a customer's lifetime value with 0, 1, … extra roles: CLV_k = m_k · r_k / (1 + d − r_k).

    Each further role costs the same and takes away the same share of the churn that is left, so that
    m_k = m − k · c and r_k = 1 − churn · (1 − cut)^k. That is an assumption to be tested, not a law. The
    first margin comes after one period.

    Parameters
    ----------
    margin : money per period that the customer brings without extra roles, 0 or more.
    churn_rate : share of such customers lost per period without extra roles, 0 to 1.
    role_cost : money per period for each extra role, 0 or more.
    churn_cut : share of the remaining churn that each role takes away, 0 to 1.
    roles : the highest number of extra roles, whole, 0 or more.
    discount_rate : share per period, above 0.

    Returns
    -------
    Array of `roles + 1` amounts of money; negative where the roles cost more than the margin.

    Raises
    ------
    ValueError : a negative amount, a share outside [0, 1], roles that are not whole, or no discounting.

    Source: gupta2003.
    """
    require.not_negative(margin=margin, role_cost=role_cost)
    _require_share(churn_rate=churn_rate, churn_cut=churn_cut)
    if not (roles >= 0 and float(roles).is_integer()):
        raise ValueError(f"roles must be a whole number, 0 or more, got {roles}")
    require.positive(discount_rate=discount_rate)
    extra = np.arange(int(roles) + 1)
    retention = 1 - churn_rate * (1 - churn_cut) ** extra
    return (margin - role_cost * extra) * retention / (1 + discount_rate - retention)


# --- Trust: the repeated prisoner's dilemma ----------------------------------------------------------


def discount_factor(retention_rate: float, interest_rate: float = 0) -> float:
    """Return what a payoff of the next period is worth now: δ = r / (1 + i).

    The future counts only if there is one: the chance that the relationship goes on discounts it as
    interest does.

    Parameters
    ----------
    retention_rate : chance that the relationship lasts another period, 0 ≤ r ≤ 1.
    interest_rate : share per period, 0 or more.

    Returns
    -------
    A share, from 0 to 1.

    Raises
    ------
    ValueError : a chance outside [0, 1], or a negative interest rate.

    Source: axelrod1984.
    """
    _require_share(retention_rate=retention_rate)
    require.not_negative(interest_rate=interest_rate)
    return retention_rate / (1 + interest_rate)


def threshold_discount_factor(*, temptation: float, reward: float, punishment: float) -> float:
    """Return the smallest discount factor at which cooperation lasts: δ* = (T − R) / (T − P).

    Both sides play grim trigger: cooperate until the other side cheats once, then never again.

    Parameters
    ----------
    temptation : payoff T of cheating a partner who cooperates.
    reward : payoff R each period while both cooperate, below T.
    punishment : payoff P each period after cooperation has ended, below R.

    Returns
    -------
    A share, between 0 and 1.

    Raises
    ------
    ValueError : payoffs that are not in the order T > R > P of a prisoner's dilemma.

    Source: axelrod1984.
    """
    _require_dilemma(temptation, reward, punishment)
    return (temptation - reward) / (temptation - punishment)


def cooperation_value(*, reward: float, discount_factor: float, periods: float = math.inf) -> float:
    """Return the present value of cooperating: R / (1 − δ), or the first n payoffs of it.

    Parameters
    ----------
    reward : payoff R each period while both cooperate.
    discount_factor : share δ that a payoff keeps when it comes a period later, 0 ≤ δ < 1.
    periods : how many payoffs are added up, at least 1; it is not an end that the players know of.

    Returns
    -------
    Payoff of today; the first one is not discounted.

    Raises
    ------
    ValueError : a discount factor outside [0, 1), or less than one period.

    Source: axelrod1984.
    """
    return reward * _annuity(discount_factor, periods)


def defection_value(
    *, temptation: float, punishment: float, discount_factor: float, periods: float = math.inf
) -> float:
    """Return the present value of cheating against grim trigger: T + δ · P / (1 − δ), or its first n payoffs.

    Parameters
    ----------
    temptation : payoff T of the one period in which the partner still cooperates.
    punishment : payoff P of every later period.
    discount_factor : share δ that a payoff keeps when it comes a period later, 0 ≤ δ < 1.
    periods : how many payoffs are added up, at least 1; it is not an end that the players know of.

    Returns
    -------
    Payoff of today; the first one is not discounted.

    Raises
    ------
    ValueError : a discount factor outside [0, 1), or less than one period.

    Source: axelrod1984.
    """
    return temptation + punishment * (_annuity(discount_factor, periods) - 1)


def _annuity(discount_factor: float, periods: float) -> float:
    """Return the value of one a period, the first one now: (1 − δⁿ) / (1 − δ)."""
    if not 0 <= discount_factor < 1:
        raise ValueError(
            f"discount_factor must be from 0 to below 1, got {discount_factor}: "
            "payoffs that never lose value add up to no finite sum"
        )
    if not periods >= 1:
        raise ValueError(f"periods must be at least 1, got {periods}")
    return float((1 - discount_factor**periods) / (1 - discount_factor))


# --- Reciprocity: what comes back --------------------------------------------------------------------


def residual_revenue(actual: ArrayLike, predicted: ArrayLike) -> Floats:
    """Return what each customer brought beyond the prediction: actual − predicted.

    Parameters
    ----------
    actual, predicted : money per customer, in the same order.

    Returns
    -------
    Money, one a customer; negative where less came than was predicted.

    Raises
    ------
    ValueError : lengths that differ, no customer, or an amount that is missing.

    Source: gouldner1960, for the norm; the measure is the difference that it names.
    """
    came, expected = _column("actual", actual), _column("predicted", predicted)
    _require_same_length(actual=came, predicted=expected)
    return came - expected


def unexpected_revenue(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the revenue beyond prediction of all who brought more: Σ max(0, actual − predicted).

    Those who brought less are left out, so the sum is above 0 even where nobody is loyal: compare it with
    `unexpected_revenue_by_luck`.

    Parameters
    ----------
    actual, predicted : money per customer, in the same order.

    Returns
    -------
    Money, 0 or more.

    Raises
    ------
    ValueError : lengths that differ, no customer, or an amount that is missing.

    Source: none; the content of the term in the course's own sources.
    """
    return float(np.maximum(residual_revenue(actual, predicted), 0).sum())


def unexpected_revenue_by_luck(customers: float, standard_deviation: float) -> float:
    """Return the unexpected revenue to be expected from luck alone: n · σ / √(2π).

    It is the mean positive part of a normal residual around a prediction that is right on average.

    Parameters
    ----------
    customers : how many, 0 or more.
    standard_deviation : money per customer, of actual around predicted revenue, 0 or more.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a negative amount.

    Source: none; the mean of a half-normal variable.
    """
    require.not_negative(customers=customers, standard_deviation=standard_deviation)
    return customers * standard_deviation / math.sqrt(2 * math.pi)


def repeated_share(first: ArrayLike, later: ArrayLike) -> float:
    """Return the share of unexpected revenue that the same customers bring again: Σ⁺ later / Σ⁺ first.

    Σ⁺ runs over the customers whose first residual is above 0. Luck does not come again (the share is
    about 0); a lasting habit does (about 1).

    Parameters
    ----------
    first, later : residual revenue of each customer in two periods, in the same order.

    Returns
    -------
    A share; negative where those customers later brought less than predicted.

    Raises
    ------
    ValueError : lengths that differ, an amount that is missing, or no residual above 0 at first.

    Source: none; regression to the mean.
    """
    before, after = _column("first", first), _column("later", later)
    _require_same_length(first=before, later=after)
    above = before > 0
    if not above.any():
        raise ValueError("no first residual is above 0, so there is no unexpected revenue to come again")
    return float(after[above].sum() / before[above].sum())


# --- From value to trust to return: mediation --------------------------------------------------------


@dataclass(frozen=True)
class Mediation:
    """An effect split into what runs through a mediator and what does not, per unit of the cause.

    `a` is the effect of the cause on the mediator; `b` that of the mediator on the outcome at the same
    cause; `direct` (c′) that of the cause on the outcome at the same mediator. `standard_error` belongs to
    the indirect effect.
    """

    a: float
    b: float
    direct: float
    standard_error: float

    @property
    def indirect(self) -> float:
        """The effect that runs through the mediator: a · b."""
        return self.a * self.b

    @property
    def total(self) -> float:
        """The whole effect of the cause on the outcome: a · b + c′."""
        return self.indirect + self.direct


def mediation(cause: ArrayLike, mediator: ArrayLike, outcome: ArrayLike) -> Mediation:
    """Return the least-squares split of an effect: M = i₁ + a · X and Y = i₂ + c′ · X + b · M.

    The standard error of a · b is Sobel's: √(b² · SE_a² + a² · SE_b²), good in large samples. The split
    is causal only if nothing else moves the mediator and the outcome together.

    Parameters
    ----------
    cause, mediator, outcome : one number a customer each, in the same order, at least four customers.

    Returns
    -------
    The three paths and the standard error of the indirect effect.

    Raises
    ------
    ValueError : lengths that differ, fewer than four customers, a missing number, a cause that does not
        vary, or a mediator that is constant or only repeats the cause.

    Source: sobel1982; morgan1994 for trust as the mediator.
    """
    x, m, y = _column("cause", cause), _column("mediator", mediator), _column("outcome", outcome)
    _require_same_length(cause=x, mediator=m, outcome=y)
    if len(x) < 4:
        raise ValueError(f"{len(x)} customers are too few for a mediation; it takes at least 4")
    x, m, y = x - x.mean(), m - m.mean(), y - y.mean()
    if _is_nothing(x, cause):
        raise ValueError("the cause is the same for every customer, so it has no effect to split")
    (a,), (a_error,), unexplained = _least_squares([x], m)
    if _is_nothing(unexplained, mediator):
        raise ValueError(
            "the mediator is constant or only repeats the cause, so no effect of its own can be found"
        )
    (direct, b), (_, b_error), _ = _least_squares([x, m], y)
    return Mediation(a, b, direct, standard_error=math.hypot(b * a_error, a * b_error))


def _least_squares(causes: list[Floats], outcome: Floats) -> tuple[list[float], list[float], Floats]:
    """Return coefficients, standard errors and residuals of centred columns; the intercept is counted."""
    design = np.column_stack(causes)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    residuals = outcome - design @ coefficients
    variance = residuals @ residuals / (len(outcome) - len(causes) - 1)
    return coefficients.tolist(), np.sqrt(variance * np.diag(inverse)).tolist(), residuals


def _is_nothing(deviations: Floats, values: ArrayLike) -> bool:
    """Return whether deviations are no more than rounding errors of the values that they came from."""
    return bool(np.abs(deviations).max() <= 1e-10 * np.abs(np.asarray(values, dtype=float)).max())


# --- What an input must be ---------------------------------------------------------------------------


def _column(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be a finite number in every row; fill or drop the missing ones first")
    return numbers


def _require_same_length(**columns: Floats) -> None:
    lengths = [len(column) for column in columns.values()]
    if len(set(lengths)) > 1:
        found = " and ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise ValueError(f"every customer needs a row in each column: {found}")


def _require_share(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is a share, from 0 to 1, got {share}")


def _require_dilemma(temptation: float, reward: float, punishment: float) -> None:
    if not math.inf > temptation > reward > punishment > -math.inf:
        raise ValueError(
            "a prisoner's dilemma needs temptation > reward > punishment, got "
            f"{temptation}, {reward} and {punishment}"
        )
