"""How a new product spreads: the Bass model of first purchases, who goes on buying, stages of the life cycle.

Time is counted in periods of the caller's choice, usually years, from the launch at 0; p, q and rates are
per period. Adopters are given as shares of the market potential, all who will ever try the product.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Labels: TypeAlias = NDArray[np.str_]

# --- First purchases ---------------------------------------------------------------------------------


def cumulative_share(time: ArrayLike, p: float, q: float) -> Floats:
    """Return the share that has adopted: F(t) = (1 − e^(−(p + q)t)) / (1 + (q / p) · e^(−(p + q)t)).

    Parameters
    ----------
    time : periods since the launch, 0 or more.
    p : coefficient of innovation, above 0: adoption that owes nothing to other adopters.
    q : coefficient of imitation, 0 or more: adoption that grows with the share of adopters.

    Returns
    -------
    Shares of the market potential, one a time.

    Raises
    ------
    ValueError : a time before the launch, a p that is not positive or a negative q.

    Source: bass1969.
    """
    _require_bass(p, q)
    faded = np.exp(-(p + q) * _times(time))
    return (1 - faded) / (1 + q / p * faded)


def adoption_rate(time: ArrayLike, p: float, q: float) -> Floats:
    """Return the share that adopts per period: f(t) = (p + q · F(t)) · (1 − F(t)).

    The part p · (1 − F) adopts on its own account, the part q · F · (1 − F) follows others.

    Parameters
    ----------
    time : periods since the launch, 0 or more.
    p : coefficient of innovation, above 0.
    q : coefficient of imitation, 0 or more.

    Returns
    -------
    Shares of the market potential per period, one a time.

    Raises
    ------
    ValueError : a time before the launch, a p that is not positive or a negative q.

    Source: bass1969.
    """
    adopted = cumulative_share(time, p, q)
    return (p + q * adopted) * (1 - adopted)


def peak_time(p: float, q: float) -> float:
    """Return when most adopt: t* = ln(q / p) / (p + q), or 0 if q ≤ p.

    Parameters
    ----------
    p : coefficient of innovation, above 0.
    q : coefficient of imitation, 0 or more.

    Returns
    -------
    Periods since the launch; 0 where imitation is too weak and adoption falls from the start.

    Raises
    ------
    ValueError : a p that is not positive or a negative q.

    Source: bass1969.
    """
    _require_bass(p, q)
    return math.log(q / p) / (p + q) if q > p else 0.0


def peak_rate(p: float, q: float) -> float:
    """Return the highest adoption per period: f(t*) = (p + q)² / (4q), or p if q ≤ p.

    Parameters
    ----------
    p : coefficient of innovation, above 0.
    q : coefficient of imitation, 0 or more.

    Returns
    -------
    Share of the market potential per period.

    Raises
    ------
    ValueError : a p that is not positive or a negative q.

    Source: bass1969.
    """
    _require_bass(p, q)
    return (p + q) ** 2 / (4 * q) if q > p else p


def simulate_adopters(market: int, p: float, q: float, periods: int, *, seed: int) -> Counts:
    """Return one random course of adoption: n_t ~ Binomial(M − N, p + q · N / M), N adopters before.

    Each household that has not adopted decides once a period, so a period should be short beside the
    time to the peak.

    Parameters
    ----------
    market : households that will ever try the product, M, at least 1.
    p, q : coefficients of innovation (above 0) and imitation (0 or more), together at most 1.
    periods : whole periods to simulate, at least 1.
    seed : the same seed gives the same course.

    Returns
    -------
    New adopters of each period, whole numbers.

    Raises
    ------
    ValueError : counts that are not whole and positive, or coefficients that are no probability.

    Source: bass1969, in its discrete form.
    """
    _require_bass(p, q)
    require.whole(market=market, periods=periods)
    if p + q > 1:
        raise ValueError(
            f"p + q is the probability that the last household adopts within a period, at most 1, got "
            f"{p + q:g}; take shorter periods with smaller p and q"
        )
    random = np.random.default_rng(seed)
    adopters = np.zeros(int(periods), dtype=np.int64)
    before = 0
    for period in range(int(periods)):
        adopters[period] = random.binomial(market - before, p + q * before / market)
        before += int(adopters[period])
    return adopters


# --- Those who go on buying --------------------------------------------------------------------------


def buying_share(time: ArrayLike, p: float, q: float, retention: float) -> Floats:
    """Return the share that still buys, if each period keeps r of the buyers: U(t) = ∫ f(s) · r^(t − s) ds.

    Those who stop do not come back, but go on counting among the adopters whom others imitate.

    Parameters
    ----------
    time : periods since the launch, 0 or more.
    p : coefficient of innovation, above 0.
    q : coefficient of imitation, 0 or more.
    retention : share of the buyers that is left one period later, 0 < r ≤ 1.

    Returns
    -------
    Shares of the market potential, one a time; the cumulative share where nobody stops.

    Raises
    ------
    ValueError : a time before the launch, a p that is not positive, a negative q or a retention outside
        (0, 1].

    Source: libai2009, for attrition in diffusion; this simple version is the course's own.
    """
    if not 0 < retention <= 1:
        raise ValueError(
            f"retention is the share that stays a period, above 0 and at most 1, got {retention}"
        )
    times = _times(time)
    if retention == 1:
        return cumulative_share(times, p, q)
    stopping = -math.log(retention)
    course = solve_ivp(
        lambda t, share: adoption_rate(t, p, q) - stopping * share,
        (0.0, max(float(times.max()), 1.0)),
        [0.0],
        method="DOP853",
        dense_output=True,
        rtol=1e-9,
        atol=1e-12,
    )
    # When next to nobody is left, the solver's error may fall below 0.
    return np.maximum(course.sol(times.ravel())[0], 0.0).reshape(times.shape)


STAGES = ("introduction", "growth", "maturity", "decline")


def life_cycle_stages(sales: ArrayLike, *, take_off: float = 0.10, plateau: float = 0.90) -> Labels:
    """Return each period's stage of the life cycle, read off a finished course of sales.

    Maturity lasts from the first to the last period in which sales are at least `plateau` of their peak,
    decline comes after it, growth before it from `take_off` of the peak on, introduction before that.
    The stages are the literature's, the two thresholds are a convention of this course.

    Parameters
    ----------
    sales : units per period, or any other measure, 0 or more and not always 0; one a period, in order.
    take_off, plateau : shares of the peak, 0 < take_off < plateau ≤ 1.

    Returns
    -------
    One of `STAGES` a period.

    Raises
    ------
    ValueError : sales that are negative or always 0, or thresholds out of order.

    Source: levitt1965, for the stages.
    """
    course = np.asarray(sales, dtype=float)
    if course.ndim != 1 or not course.size or not (np.isfinite(course) & (course >= 0)).all():
        raise ValueError("sales must be one column of numbers, 0 or more, with at least one row")
    if not 0 < take_off < plateau <= 1:
        raise ValueError(f"take_off ({take_off}) and plateau ({plateau}) must be shares, the first smaller")
    peak = course.max()
    if peak == 0:
        raise ValueError("sales are always 0, so there is no life cycle to divide")
    mature = np.flatnonzero(course >= plateau * peak)
    taken_off = np.flatnonzero(course >= take_off * peak)
    starts = [0, taken_off[0], mature[0], mature[-1] + 1]
    return np.repeat(STAGES, np.diff([*starts, len(course)]))


# --- What an input must be ---------------------------------------------------------------------------


def _times(time: ArrayLike) -> Floats:
    times = np.asarray(time, dtype=float)
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("time is counted from the launch, so every time must be 0 or more")
    return times


def _require_bass(p: float, q: float) -> None:
    if not 0 < p < math.inf:
        raise ValueError(f"p must be above 0, or nobody would be the first to adopt, got {p}")
    if not 0 <= q < math.inf:
        raise ValueError(f"q must be 0 or more, got {q}")
