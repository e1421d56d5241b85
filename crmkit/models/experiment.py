"""Experiments with two arms: how many customers they need, and what a test of a given size can find.

The comparison itself is `value.difference_in_proportions`, whose z test pools the arms; the test that does
not pool them is here. Rates are fractions throughout: 20% is 0.20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from crmkit.models import require

# --- The test that does not pool ---------------------------------------------------------------------


@dataclass(frozen=True)
class ZTest:
    """A z statistic and its two-sided p-value."""

    z: float
    p_value: float


def unpooled_z_test(
    control_events: int, control_trials: int, treated_events: int, treated_trials: int
) -> ZTest:
    """Return the z test with each arm's own variance: z = (p₂ − p₁) / √(p₁ q₁ / n₁ + p₂ q₂ / n₂).

    It agrees with the unpooled interval of the difference: that excludes zero where this test rejects.
    The pooled test, in `value.difference_in_proportions`, is the usual one.

    Parameters
    ----------
    control_events, control_trials : whole numbers, the events among the trials of the control arm.
    treated_events, treated_trials : the same for the treated arm.

    Returns
    -------
    z and the two-sided p-value.

    Raises
    ------
    ValueError : counts that are no counts, or arms in neither of which the trials ended differently.

    Source: newcombe1998, whose method 1 is the interval that belongs to this test.
    """
    require.counts(control_events, control_trials)
    require.counts(treated_events, treated_trials)
    p1, p2 = control_events / control_trials, treated_events / treated_trials
    variance = p1 * (1 - p1) / control_trials + p2 * (1 - p2) / treated_trials
    if variance == 0:
        raise ValueError(
            "in each arm all trials ended alike, so the unpooled variance is 0; take the pooled test"
        )
    z = (p2 - p1) / math.sqrt(variance)
    return ZTest(z=z, p_value=2 * float(ndtr(-abs(z))))


# --- Size and power ----------------------------------------------------------------------------------


def sample_size_per_arm(
    rate_1: float, rate_2: float, *, power: float = 0.80, significance: float = 0.05, pooled: bool = True
) -> int:
    """Return the customers that each arm needs: n = [z_{α/2} √(2 p̄ q̄) + z_β √(p₁ q₁ + p₂ q₂)]² / (p₁ − p₂)².

    Not pooled, p₁ q₁ + p₂ q₂ stands in both roots: n = (z_{α/2} + z_β)² (p₁ q₁ + p₂ q₂) / (p₁ − p₂)².
    The test is two-sided and the arms are equal; there is no correction for continuity.

    Parameters
    ----------
    rate_1, rate_2 : the rates of the two arms, different and between 0 and 1.
    power : chance to find that difference, between `significance` and 1.
    significance : chance of a false alarm where there is no difference, between 0 and 1.
    pooled : whether the test will pool the arms' variance, which is usual.

    Returns
    -------
    Customers per arm, rounded up.

    Raises
    ------
    ValueError : rates that are equal or not between 0 and 1, or a power or significance out of range.

    Source: fleiss1980, before its correction for continuity.
    """
    _require_rates(rate_1=rate_1, rate_2=rate_2)
    _require_errors(power, significance)
    if rate_1 == rate_2:
        raise ValueError(
            f"both rates are {rate_1}: no number of customers shows a difference that is not there"
        )
    null, alternative = _spreads(rate_1, rate_2, pooled)
    root = _critical(significance) * null + float(ndtri(power)) * alternative
    size = (root / (rate_1 - rate_2)) ** 2
    return math.ceil(size - 1e-9 * size)  # a whole number must not be rounded up for its last digit


def power_of_test(
    rate_1: float, rate_2: float, per_arm: int, *, significance: float = 0.05, pooled: bool = True
) -> float:
    """Return the chance that a two-sided z test with n customers per arm finds a difference.

    Both tails count: Φ((|δ| √n − z σ₀) / σ₁) + Φ((−|δ| √n − z σ₀) / σ₁), where δ = p₂ − p₁, z = z_{α/2},
    σ₀ = √(2 p̄ q̄) and σ₁ = √(p₁ q₁ + p₂ q₂); not pooled, σ₀ = σ₁. Without a difference it is α.

    Parameters
    ----------
    rate_1, rate_2 : the true rates of the two arms, between 0 and 1.
    per_arm : customers in each arm, a whole number, at least 1.
    significance : chance of a false alarm where there is no difference, between 0 and 1.
    pooled : whether the test pools the arms' variance, which is usual.

    Returns
    -------
    Probability.

    Raises
    ------
    ValueError : rates not between 0 and 1, a number of customers that is none, or a significance out of
        range.

    Source: fleiss1980.
    """
    _require_rates(rate_1=rate_1, rate_2=rate_2)
    _require_significance(significance)
    require.whole(per_arm=per_arm)
    null, alternative = _spreads(rate_1, rate_2, pooled)
    shift = abs(rate_2 - rate_1) * math.sqrt(per_arm)
    reach = _critical(significance) * null
    return float(ndtr((shift - reach) / alternative) + ndtr((-shift - reach) / alternative))


def smallest_detectable_rise(
    rate: float, per_arm: int, *, power: float = 0.80, significance: float = 0.05
) -> float:
    """Return the rise of a rate that n customers per arm find with the given power, by the pooled test.

    It is the p₂ − p₁ at which the formula of `sample_size_per_arm` gives n.

    Parameters
    ----------
    rate : the rate of the control arm, between 0 and 1.
    per_arm : customers in each arm, a whole number, at least 1.
    power : chance to find the rise, between `significance` and 1.
    significance : chance of a false alarm where there is no rise, between 0 and 1.

    Returns
    -------
    Share, to be added to `rate`.

    Raises
    ------
    ValueError : a rate, number, power or significance out of range, or so few customers that not even a
        rise to 100% would be found.

    Source: fleiss1980.
    """
    _require_rates(rate=rate)
    _require_errors(power, significance)
    require.whole(per_arm=per_arm)

    def surplus(rise: float) -> float:
        null, alternative = _spreads(rate, rate + rise, pooled=True)
        needed = _critical(significance) * null + float(ndtri(power)) * alternative
        return rise * math.sqrt(per_arm) - needed

    # The needed length is a concave function of the rise, so the surplus changes its sign only once.
    if surplus(1 - rate) < 0:
        raise ValueError(
            f"{per_arm} customers per arm are too few to find even a rise from {rate} to 1; take more"
        )
    return float(brentq(surplus, 0, 1 - rate))


def false_alarm_rate(looks: int, *, significance: float = 0.05) -> float:
    """Return the chance that a test without any effect is significant at one look or another.

    Someone tests after each of k equal batches of customers and stops at the first |z| > z_{α/2}. The sums
    Sᵢ of independent normal batches go on as long as |Sᵢ| ≤ z_{α/2} √i; the density of the sums that do is
    integrated from look to look.

    Parameters
    ----------
    looks : whole number k, at least 1.
    significance : at which each look is tested, between 0 and 1.

    Returns
    -------
    Probability, equal to `significance` for one look.

    Raises
    ------
    ValueError : fewer than one look, or a significance out of range.

    Source: armitage1969.
    """
    require.whole(looks=looks)
    _require_significance(significance)
    critical = _critical(significance)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    sums, going_on = np.zeros(1), np.ones(1)
    for look in range(1, int(looks) + 1):
        limit = critical * math.sqrt(look)
        reached = limit * nodes
        steps = reached[:, None] - sums[None, :]
        density = np.exp(-(steps**2) / 2) / math.sqrt(2 * math.pi) @ going_on
        sums, going_on = reached, limit * weights * density
    return 1 - float(going_on.sum())


def _spreads(rate_1: float, rate_2: float, pooled: bool) -> tuple[float, float]:
    """Return σ₀ and σ₁: √n times the standard error of the difference, without and with one."""
    mean = (rate_1 + rate_2) / 2
    alternative = math.sqrt(rate_1 * (1 - rate_1) + rate_2 * (1 - rate_2))
    return (math.sqrt(2 * mean * (1 - mean)) if pooled else alternative), alternative


def _critical(significance: float) -> float:
    return -float(ndtri(significance / 2))


# --- What an input must be ---------------------------------------------------------------------------


def _require_rates(**rates: float) -> None:
    for name, rate in rates.items():
        if not 0 < rate < 1:
            raise ValueError(f"{name} is a share between 0 and 1, got {rate}")


def _require_significance(significance: float) -> None:
    if not 0 < significance < 1:
        raise ValueError(f"significance is a share between 0 and 1, got {significance}")


def _require_errors(power: float, significance: float) -> None:
    _require_significance(significance)
    if not significance < power < 1:
        raise ValueError(f"power is a share between the significance, {significance}, and 1, got {power}")
