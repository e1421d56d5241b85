"""Loans: the equal payment that repays one, what it costs, and what is still owed.

A rate is a share per period: 6% a year, paid monthly, is 0.06 / 12 a month. Payments come at the end of
each period.
"""

from __future__ import annotations

import math


def annuity_payment(principal: float, rate: float, periods: int) -> float:
    """Return the equal payment that repays a loan: PMT = L · r / (1 − (1 + r)⁻ⁿ), or L / n without interest.

    Parameters
    ----------
    principal : money lent, above 0.
    rate : share per period, 0 or more.
    periods : number of payments, whole, at least 1.

    Returns
    -------
    Money per period.

    Raises
    ------
    ValueError : a principal, rate or number of payments out of range.
    """
    _require_loan(principal, rate, periods)
    return principal / _value_of_one_a_period(rate, periods)


def total_interest(principal: float, rate: float, periods: int) -> float:
    """Return the interest paid over the whole life of a loan: n · PMT − L.

    Parameters
    ----------
    principal : money lent, above 0.
    rate : share per period, 0 or more.
    periods : number of payments, whole, at least 1.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a principal, rate or number of payments out of range.
    """
    return periods * annuity_payment(principal, rate, periods) - principal


def balance_after(principal: float, rate: float, periods: int, paid: int) -> float:
    """Return what is owed after k payments, the value of the others: PMT · (1 − (1 + r)⁻⁽ⁿ⁻ᵏ⁾) / r.

    Parameters
    ----------
    principal : money lent, above 0.
    rate : share per period, 0 or more.
    periods : number of payments agreed, whole, at least 1.
    paid : number of payments made, whole, from 0 to `periods`.

    Returns
    -------
    Money, right after the last payment made.

    Raises
    ------
    ValueError : a principal, rate or number of payments out of range.
    """
    payment = annuity_payment(principal, rate, periods)
    if not (0 <= paid <= periods and float(paid).is_integer()):
        raise ValueError(f"paid must be a whole number from 0 to {periods}, got {paid}")
    return payment * _value_of_one_a_period(rate, periods - paid)


def _value_of_one_a_period(rate: float, periods: int) -> float:
    """Return what one unit of money at the end of each period is worth today: (1 − (1 + r)⁻ⁿ) / r."""
    if rate == 0:
        return float(periods)
    # Written so that it stays exact for tiny rates, where 1 − (1 + r)⁻ⁿ would cancel.
    return -math.expm1(-periods * math.log1p(rate)) / rate


def _require_loan(principal: float, rate: float, periods: int) -> None:
    if not 0 < principal < math.inf:
        raise ValueError(f"principal must be above 0, got {principal}")
    if not 0 <= rate < math.inf:
        raise ValueError(f"rate is a share per period, 0 or more, got {rate}")
    if not (1 <= periods < math.inf and float(periods).is_integer()):
        raise ValueError(f"periods must be a whole number, at least 1, got {periods}")
