"""Costs by customer: time-driven activity-based costing, the whale curve, and the total cost of a system.

Money is in one currency of the caller's choice; minutes, quantities and costs are of the same period.
Weighted scores of systems are `mix.weighted_scores`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- Time-driven activity-based costing --------------------------------------------------------------


def capacity_cost_rate(cost: float, practical_minutes: float) -> float:
    """Return what a minute of work costs: r = cost of the capacity supplied / its practical minutes.

    Parameters
    ----------
    cost : money per period for people, rooms, machines and whatever else the work takes, 0 or more.
    practical_minutes : minutes per period in which work can really be done, above 0: without breaks,
        training and the like, but with idle time.

    Returns
    -------
    Money per minute.

    Raises
    ------
    ValueError : a negative cost or minutes that are not positive.

    Source: kaplan2004.
    """
    require.not_negative(cost=cost)
    require.positive(practical_minutes=practical_minutes)
    return cost / practical_minutes


def minutes_used(quantities: pd.DataFrame, unit_minutes: Mapping[str, float]) -> pd.DataFrame:
    """Return the minutes that each customer used of each activity: t_ij = t_j · q_ij.

    Parameters
    ----------
    quantities : one row a customer, one column an activity: how often it was done, 0 or more. A whole
        department is a table with one row.
    unit_minutes : minutes that each activity takes once, 0 or more.

    Returns
    -------
    Minutes, in the rows and columns of `quantities`.

    Raises
    ------
    ValueError : a missing or negative quantity, negative minutes, or activities that do not match.

    Source: kaplan2004.
    """
    return _times(quantities, unit_minutes, "quantities", "unit_minutes")


def time_driven_costs(minutes: pd.DataFrame, rates: float | Mapping[str, float]) -> pd.DataFrame:
    """Return what each customer cost in each activity: c_ij = r_j · t_ij.

    Sum the rows for the cost of a customer, the columns for the cost of an activity.

    Parameters
    ----------
    minutes : one row a customer, one column an activity, 0 or more.
    rates : the `capacity_cost_rate`, one for all activities or one for each, money per minute.

    Returns
    -------
    Money, in the rows and columns of `minutes`.

    Raises
    ------
    ValueError : missing or negative minutes, a negative rate, or activities that do not match.

    Source: kaplan2004.
    """
    by_activity = dict.fromkeys(minutes.columns, rates) if isinstance(rates, float | int) else rates
    return _times(minutes, by_activity, "minutes", "rates")


@dataclass(frozen=True)
class CapacityUse:
    """What became of the capacity supplied: minutes and money that customers used, and the rest.

    The rest is negative where people worked beyond the practical capacity.
    """

    used_minutes: float
    unused_minutes: float
    used_cost: float
    unused_cost: float
    utilisation: float


def capacity_use(cost: float, practical_minutes: float, used_minutes: float) -> CapacityUse:
    """Return the used and the unused capacity, in minutes and in money: unused cost = r · (T − Σ t).

    The unused part belongs to no customer: it is a question for those who decide on the capacity.

    Parameters
    ----------
    cost : money per period for the capacity supplied, 0 or more.
    practical_minutes : minutes per period in which work can really be done, above 0.
    used_minutes : minutes per period that customers used, 0 or more.

    Returns
    -------
    Minutes, money, and the share of the practical capacity that was used.

    Raises
    ------
    ValueError : a negative amount, or a practical capacity that is not positive.

    Source: kaplan2004.
    """
    rate = capacity_cost_rate(cost, practical_minutes)
    require.not_negative(used_minutes=used_minutes)
    unused = practical_minutes - used_minutes
    return CapacityUse(
        used_minutes=used_minutes,
        unused_minutes=unused,
        used_cost=rate * used_minutes,
        unused_cost=rate * unused,
        utilisation=used_minutes / practical_minutes,
    )


# --- The whale curve ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulative profit of customers, from the most to the least profitable; it begins with no customer.

    `share_of_customers` goes from 0 to 1, `cumulative_profit` from 0 to the total, in money.
    """

    share_of_customers: Floats
    cumulative_profit: Floats

    @property
    def total(self) -> float:
        """The profit of all customers, money."""
        return float(self.cumulative_profit[-1])

    @property
    def peak(self) -> float:
        """The profit of those who earn any, money: what the others take is the peak less the total."""
        return float(self.cumulative_profit.max())

    @property
    def peak_position(self) -> float:
        """The share of customers that earn a profit, where the curve turns down or runs level."""
        return float(self.share_of_customers[self.cumulative_profit.argmax()])

    @property
    def peak_share(self) -> float:
        """The peak as a multiple of the total: 1.5 where the peak is 150% of the profit.

        Raises
        ------
        ValueError : the customers together earn no profit, so that nothing is a share of it.
        """
        if self.total <= 0:
            raise ValueError(
                f"all customers together earn {self.total}: without a profit the peak is no share of it; "
                "compare `peak` and `total` in money"
            )
        return self.peak / self.total


def whale_curve(profits: ArrayLike) -> WhaleCurve:
    """Return the cumulative profit of customers ranked by their profit: Π(k) = Σ of the k largest.

    Parameters
    ----------
    profits : money earned on each customer, one column, negative for a loss.

    Returns
    -------
    The curve, one point longer than the column.

    Raises
    ------
    ValueError : not one column with at least one row, or a value that is not a finite number.

    Source: kaplan2001.
    """
    values = np.asarray(profits, dtype=float)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"profits must be one column with at least one row, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("profits must be finite numbers in every row; one is missing or infinite")
    ranked = np.sort(values)[::-1]
    return WhaleCurve(
        share_of_customers=np.arange(values.size + 1) / values.size,
        cumulative_profit=np.concatenate([[0.0], ranked.cumsum()]),
    )


# --- Total cost of ownership -------------------------------------------------------------------------


def total_cost_of_ownership(initial: float, yearly: ArrayLike, discount_rate: float) -> float:
    """Return the present value of all that a system costs: TCO = C₀ + Σ C_t / (1 + i)^t.

    Parameters
    ----------
    initial : money paid at the start, 0 or more: licences, set-up, data, training.
    yearly : money paid at the end of each year, one column, 0 or more; what it costs to leave the system
        belongs into the last year. No row is a system for no year.
    discount_rate : share per year, above −1.

    Returns
    -------
    Money of today.

    Raises
    ------
    ValueError : a negative cost, not one column, or a rate that leaves no discount factor.

    Source: ellram1995.
    """
    require.not_negative(initial=initial)
    costs = np.asarray(yearly, dtype=float)
    if costs.ndim != 1:
        raise ValueError(f"yearly must be one column, a cost for each year, got shape {costs.shape}")
    if not (np.isfinite(costs) & (costs >= 0)).all():
        raise ValueError("yearly must be 0 or more in every year; one cost is negative or missing")
    if not -1 < discount_rate < math.inf:
        raise ValueError(f"discount_rate is a share per year above −1, got {discount_rate}")
    years = np.arange(1, costs.size + 1)
    return initial + float((costs / (1 + discount_rate) ** years).sum())


# --- What an input must be ---------------------------------------------------------------------------


def _times(table: pd.DataFrame, factors: Mapping[str, float], what: str, by: str) -> pd.DataFrame:
    """Return the table with each column multiplied by its factor."""
    by_column = dict(factors)
    values = table.to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"{what} must be 0 or more in every cell; write 0 where there was none")
    odd = sorted(str(name) for name in set(by_column) ^ set(table.columns))
    if odd:
        raise ValueError(
            f"{what} and {by} must name the same activities; only one of them has {', '.join(odd)}"
        )
    require.not_negative(**{f"{by}[{name!r}]": factor for name, factor in by_column.items()})
    return table * pd.Series(by_column, dtype=float)[table.columns]
