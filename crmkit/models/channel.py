"""Channels: how concentrated one is, what hangs on one link, who leaves when it breaks, and how fads fade.

Shares, probabilities and rates are fractions: 25% is 0.25. A rate belongs to one period of the caller's
choice; only the Herfindahl–Hirschman index has a scale of its own, up to 10,000.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats: TypeAlias = NDArray[np.float64]
Node: TypeAlias = Hashable

# --- How concentrated --------------------------------------------------------------------------------


def herfindahl(amounts: ArrayLike) -> float:
    """Return the Herfindahl–Hirschman index of amounts: HHI = 10,000 · Σ sᵢ², sᵢ the share of each.

    It is 10,000 where one has everything, and 10,000 / n where n have equal shares.

    Parameters
    ----------
    amounts : what each has (accounts, bottles, money), 0 or more, in any unit.

    Returns
    -------
    Index above 0 and up to 10,000.

    Raises
    ------
    ValueError : an amount that is not 0 or more, or nothing to share.

    Source: hirschman1964.
    """
    held = _column("amounts", amounts)
    if held.min() < 0 or held.sum() == 0:
        raise ValueError("amounts must be 0 or more, and at least one above 0")
    shares = held / held.sum()
    return float(10_000 * (shares @ shares))


def effective_number(amounts: ArrayLike) -> float:
    """Return how many equal ones would be as concentrated: n* = 1 / Σ sᵢ² = 10,000 / HHI.

    Parameters
    ----------
    amounts : what each has, 0 or more, in any unit.

    Returns
    -------
    Number, at least 1 and at most that of the amounts above 0.

    Raises
    ------
    ValueError : an amount that is not 0 or more, or nothing to share.

    Source: hirschman1964.
    """
    return 10_000 / herfindahl(amounts)


# --- What hangs on one link --------------------------------------------------------------------------


def cut_off(links: Iterable[tuple[Node, Node]], source: Node, removed: Node) -> set[Node]:
    """Return the nodes that the source no longer reaches once a node is gone.

    Parameters
    ----------
    links : pairs of nodes that are joined; goods, money or news may go either way.
    source : where the channel begins.
    removed : the node that drops out; it is not among those cut off.

    Returns
    -------
    The nodes, none if another path reaches all that the source reached before.

    Raises
    ------
    ValueError : a source or a removed node that no link mentions, or the source itself removed.
    """
    neighbours = _neighbours(links)
    for role, node in (("source", source), ("removed", removed)):
        if node not in neighbours:
            raise ValueError(f"{role} is {node!r}, which no link mentions")
    if removed == source:
        raise ValueError(f"{removed!r} is the source: without it there is no channel")
    lost = _reached(neighbours, source, set()) - _reached(neighbours, source, {removed})
    return lost - {removed}


def cut_vertices(links: Iterable[tuple[Node, Node]], source: Node) -> set[Node]:
    """Return the single points of failure: nodes without which the source no longer reaches some other.

    Parameters
    ----------
    links : pairs of nodes that are joined.
    source : where the channel begins; it is not counted.

    Returns
    -------
    The nodes, none if there is a second path to everybody.

    Raises
    ------
    ValueError : a source that no link mentions.
    """
    pairs = list(links)
    nodes = {node for pair in pairs for node in pair} | {source}
    return {node for node in nodes - {source} if cut_off(pairs, source, node)}


def _neighbours(links: Iterable[tuple[Node, Node]]) -> dict[Node, set[Node]]:
    found: dict[Node, set[Node]] = {}
    for one, other in links:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _reached(neighbours: dict[Node, set[Node]], source: Node, gone: set[Node]) -> set[Node]:
    seen, ahead = {source}, deque([source])
    while ahead:
        new = neighbours[ahead.popleft()] - seen - gone
        seen |= new
        ahead.extend(new)
    return seen


def expected_accounts_lost(accounts: float, exit_probability: float, takeaway: float) -> float:
    """Return the accounts that a year of exits costs: N · P(exit) · P(taken away | exit).

    Parameters
    ----------
    accounts : accounts served, 0 or more.
    exit_probability : chance that a delivery person leaves within the year.
    takeaway : share of the accounts that goes when theirs leaves.

    Returns
    -------
    Number of accounts a year.

    Raises
    ------
    ValueError : negative accounts, or a probability outside [0, 1].
    """
    if not 0 <= accounts < math.inf:
        raise ValueError(f"accounts must be 0 or more, got {accounts}")
    for name, share in (("exit_probability", exit_probability), ("takeaway", takeaway)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is a fraction from 0 to 1, got {share}")
    return accounts * exit_probability * takeaway


# --- Who leaves when it breaks -----------------------------------------------------------------------


@dataclass(frozen=True)
class RateRatio:
    """A ratio of two rates with its confidence interval from `low` to `high`."""

    ratio: float
    low: float
    high: float


def rate_ratio(
    exposed_events: float,
    exposed_time: float,
    other_events: float,
    other_time: float,
    confidence: float = 0.95,
) -> RateRatio:
    """Return how many times as often it happens to the exposed: (a / T₁) / (b / T₀).

    The interval is that of the logarithm, ln RR ± z · √(1/a + 1/b). It takes events as independent; where
    a whole round leaves for one reason, the true interval is wider.

    Parameters
    ----------
    exposed_events, exposed_time : events a, above 0, and the time T₁ in which they could have happened, such
        as accounts times months.
    other_events, other_time : the same for those not exposed.
    confidence : share between 0 and 1.

    Returns
    -------
    The ratio and its interval.

    Raises
    ------
    ValueError : no events or no time on one side, or a confidence outside (0, 1).

    Source: rothman2008.
    """
    return mantel_haenszel_rate_ratio(
        [exposed_events], [exposed_time], [other_events], [other_time], confidence
    )


def mantel_haenszel_rate_ratio(
    exposed_events: ArrayLike,
    exposed_time: ArrayLike,
    other_events: ArrayLike,
    other_time: ArrayLike,
    confidence: float = 0.95,
) -> RateRatio:
    """Return one rate ratio from comparisons within strata: Σ aᵢ T₀ᵢ / Tᵢ over Σ bᵢ T₁ᵢ / Tᵢ.

    Only like is compared with like, so what differs between strata cannot pass for an effect. The variance
    of the logarithm is Σ (aᵢ + bᵢ) T₁ᵢ T₀ᵢ / Tᵢ² over the product of both sums; with one stratum it is
    1/a + 1/b.

    Parameters
    ----------
    exposed_events, exposed_time : events aᵢ of the exposed, 0 or more, and their time T₁ᵢ, one a stratum.
    other_events, other_time : the same for the others, bᵢ and T₀ᵢ; Tᵢ = T₁ᵢ + T₀ᵢ.
    confidence : share between 0 and 1.

    Returns
    -------
    The common ratio and its interval.

    Raises
    ------
    ValueError : columns of different lengths, negative entries, a stratum without time, no stratum with
        events on either side to compare, or a confidence outside (0, 1).

    Source: greenland1985.
    """
    names = ("exposed_events", "exposed_time", "other_events", "other_time")
    given = (exposed_events, exposed_time, other_events, other_time)
    columns = {name: _column(name, values) for name, values in zip(names, given, strict=True)}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError(f"{', '.join(names)} need one row a stratum each")
    for name, column in columns.items():
        if column.min() < 0:
            raise ValueError(f"{name} must be 0 or more in every stratum")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share between 0 and 1, got {confidence}")
    a, exposed, b, other = columns.values()
    time = exposed + other
    if time.min() == 0:
        raise ValueError("a stratum without any time has nothing to compare; leave it out")
    above, below = float((a * other / time).sum()), float((b * exposed / time).sum())
    if above == 0 or below == 0:
        raise ValueError("a rate ratio needs events and time on both sides of at least one stratum")
    variance = float(((a + b) * exposed * other / time**2).sum()) / (above * below)
    ratio, width = above / below, math.exp(float(ndtri((1 + confidence) / 2)) * math.sqrt(variance))
    return RateRatio(ratio, ratio / width, ratio * width)


# --- How fads fade -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decay:
    """Exponential decay v(t) = v₀ · e^(−k t) from a level `start` at a rate `rate` per period."""

    start: float
    rate: float

    def at(self, time: ArrayLike) -> Floats:
        """Return the level after a time or times."""
        return self.start * np.exp(-self.rate * np.asarray(time, dtype=float))

    @property
    def half_life(self) -> float:
        """The time in which the level halves."""
        return half_life(self.rate)


def half_life(rate: float) -> float:
    """Return the time in which something that decays at a constant rate halves: ln 2 / k.

    Parameters
    ----------
    rate : k per period, above 0, of the continuous decay e^(−k t).

    Returns
    -------
    Time, in periods.

    Raises
    ------
    ValueError : a rate that is not positive: what does not fade never halves.
    """
    if not 0 < rate < math.inf:
        raise ValueError(f"rate must be above 0, got {rate}: what does not fade never halves")
    return math.log(2) / rate


def fit_decay(time: ArrayLike, level: ArrayLike) -> Decay:
    """Return the exponential decay that fits best in logarithms: least squares of ln v = ln v₀ − k t.

    Parameters
    ----------
    time : periods since the start, at least two different ones.
    level : sales or a share of them at each time, above 0.

    Returns
    -------
    The fitted decay; its rate is negative where the level grows.

    Raises
    ------
    ValueError : columns of different lengths, a level that is not positive, or fewer than two times.
    """
    times, levels = _column("time", time), _column("level", level)
    if len(times) != len(levels):
        raise ValueError(f"time has {len(times)} rows, level has {len(levels)}")
    if levels.min() <= 0:
        raise ValueError("level must be above 0 in every row: the logarithm of 0 does not exist")
    if len(np.unique(times)) < 2:
        raise ValueError("a decay needs levels at two times or more")
    slope, intercept = np.polyfit(times, np.log(levels), 1)
    return Decay(start=float(np.exp(intercept)), rate=float(-slope))


def launches_level(decay: Decay, launched: ArrayLike, time: ArrayLike) -> Floats:
    """Return what products launched one after another sell together: Σ v(t − tⱼ) over tⱼ ≤ t.

    All fade alike. If one is launched every T periods, the mean of the sum nears v₀ / (k T).

    Parameters
    ----------
    decay : how each product fades from its launch on.
    launched : time tⱼ of each launch.
    time : times at which the sum is wanted.

    Returns
    -------
    Array of levels, one for each time, in the unit of the decay's start.

    Raises
    ------
    ValueError : launches or times that are no column of numbers.
    """
    starts, times = _column("launched", launched), _column("time", time)
    ages = times[:, None] - starts
    return np.where(ages >= 0, decay.at(np.maximum(ages, 0)), 0.0).sum(axis=1)


# --- What an input must be ---------------------------------------------------------------------------


def _column(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be a finite number in every row; fill or drop the missing ones first")
    return numbers
