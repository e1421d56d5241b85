"""Services: waiting lines and the staff they need, blueprints, quality gaps, deliveries and freshness.

Shares and probabilities are fractions throughout: 80% is 0.80. Rates and times are in one unit of the
caller's choice: with arrivals per hour, waits come out in hours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- Little's law ------------------------------------------------------------------------------------


def little_number(arrival_rate: float, time: float) -> float:
    """Return the mean number in a system in the long run: L = λ · W.

    It holds for any system in which what goes in comes out, whatever varies: a queue, a store, a firm.

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    time : mean time that one of them stays, in the same unit of time, 0 or more.

    Returns
    -------
    Number of customers (or bottles, or orders).

    Raises
    ------
    ValueError : a negative or infinite rate or time.

    Source: little1961.
    """
    _require_not_negative(arrival_rate=arrival_rate, time=time)
    return arrival_rate * time


def little_time(number: float, arrival_rate: float) -> float:
    """Return the mean time that one stays in a system in the long run: W = L / λ.

    Parameters
    ----------
    number : mean number in the system, 0 or more.
    arrival_rate : arrivals per unit of time, above 0.

    Returns
    -------
    Time, in the unit of the rate.

    Raises
    ------
    ValueError : a negative number, or a rate that is not positive.

    Source: little1961.
    """
    _require_not_negative(number=number)
    require.positive(arrival_rate=arrival_rate)
    return number / arrival_rate


# --- One server --------------------------------------------------------------------------------------


def utilisation(arrival_rate: float, service_rate: float, servers: int = 1) -> float:
    """Return the work that arrives for each server: ρ = λ / (c · μ), the share of time it is busy.

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that one busy server finishes per unit of time, above 0.
    servers : whole number, at least 1.

    Returns
    -------
    Pure number; at 1 or more the line grows without end.

    Raises
    ------
    ValueError : a rate out of range, or servers that are not whole and positive.

    Source: erlang1918.
    """
    _require_rates(arrival_rate, service_rate)
    _require_whole(servers=servers)
    return arrival_rate / (servers * service_rate)


def mm1_wait(arrival_rate: float, service_rate: float) -> float:
    """Return the mean wait in line at one server (M/M/1): Wq = λ / (μ · (μ − λ)).

    Arrivals are a Poisson process, service times exponential, nobody leaves the line.

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that the busy server finishes per unit of time, above 0.

    Returns
    -------
    Time, in the unit of the rates; `math.inf` where arrivals are as fast as the server.

    Raises
    ------
    ValueError : a rate out of range.

    Source: erlang1918.
    """
    return utilisation(arrival_rate, service_rate) * mm1_time(arrival_rate, service_rate)


def mm1_time(arrival_rate: float, service_rate: float) -> float:
    """Return the mean time in line and in service at one server (M/M/1): W = 1 / (μ − λ) = Wq + 1/μ.

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that the busy server finishes per unit of time, above 0.

    Returns
    -------
    Time, in the unit of the rates; `math.inf` where arrivals are as fast as the server.

    Raises
    ------
    ValueError : a rate out of range.

    Source: erlang1918.
    """
    _require_rates(arrival_rate, service_rate)
    if arrival_rate >= service_rate:
        return math.inf
    return 1 / (service_rate - arrival_rate)


def lindley_waits(gaps: ArrayLike, services: ArrayLike) -> Floats:
    """Return each customer's wait in line at one server: Wₙ₊₁ = max(0, Wₙ + Sₙ − Aₙ₊₁).

    First come, first served, and the first finds an empty shop. The times may be measured or simulated.

    Parameters
    ----------
    gaps : time from the arrival before to this one, 0 or more, one a customer; the first is not used.
    services : service time of each customer, 0 or more, in the same unit and as many.

    Returns
    -------
    Array of waits, one a customer, in the same unit.

    Raises
    ------
    ValueError : columns that are empty, of different lengths, or hold a negative or missing time.

    Source: lindley1952.
    """
    arrivals, work = _column("gaps", gaps), _column("services", services)
    if len(arrivals) != len(work):
        raise ValueError(
            f"gaps and services must be as many as each other, got {len(arrivals)} and {len(work)}"
        )
    # Unrolled, the recursion says how far the walk of S − A stands above its lowest point so far.
    walk = np.concatenate([[0.0], np.cumsum(work[:-1] - arrivals[1:])])
    return walk - np.minimum.accumulate(walk)


# --- Several servers ---------------------------------------------------------------------------------


def erlang_b(load: float, servers: int) -> float:
    """Return the share of calls lost where nobody can wait (Erlang B).

    B = (aᶜ / c!) / Σₖ₌₀ᶜ aᵏ / k!, computed by B(0) = 1, B(c) = a · B(c − 1) / (c + a · B(c − 1)), which
    stays exact for thousands of servers.

    Parameters
    ----------
    load : offered load a = λ / μ in erlangs, 0 or more.
    servers : whole number c, at least 1.

    Returns
    -------
    Probability.

    Raises
    ------
    ValueError : a negative load, or servers that are not whole and positive.

    Source: erlang1918.
    """
    _require_not_negative(load=load)
    _require_whole(servers=servers)
    lost = 1.0
    for count in range(1, int(servers) + 1):
        lost = load * lost / (count + load * lost)
    return lost


def erlang_c(load: float, servers: int) -> float:
    """Return the share of customers who have to wait (Erlang C): C = B / (1 − ρ · (1 − B)), ρ = a / c.

    Parameters
    ----------
    load : offered load a = λ / μ in erlangs, 0 or more.
    servers : whole number c, at least 1.

    Returns
    -------
    Probability; 1 where the load is as large as the staff, since then the line never ends.

    Raises
    ------
    ValueError : a negative load, or servers that are not whole and positive.

    Source: erlang1918.
    """
    lost = erlang_b(load, servers)
    if load >= servers:
        return 1.0
    return lost / (1 - load / servers * (1 - lost))


def mmc_wait(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Return the mean wait in one line before several servers (M/M/c): Wq = C / (c · μ − λ).

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that one busy server finishes per unit of time, above 0.
    servers : whole number, at least 1.

    Returns
    -------
    Time, in the unit of the rates; `math.inf` where arrivals are as fast as all servers.

    Raises
    ------
    ValueError : a rate out of range, or servers that are not whole and positive.

    Source: erlang1918.
    """
    if utilisation(arrival_rate, service_rate, servers) >= 1:
        return math.inf
    waiting = erlang_c(arrival_rate / service_rate, servers)
    return waiting / (servers * service_rate - arrival_rate)


def service_level(arrival_rate: float, service_rate: float, servers: int, within: float) -> float:
    """Return the share of customers served within a time (M/M/c): 1 − C · exp(−(c · μ − λ) · t).

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that one busy server finishes per unit of time, above 0.
    servers : whole number, at least 1.
    within : longest wait that still counts, in the unit of the rates, 0 or more.

    Returns
    -------
    Probability; 0 where arrivals are as fast as all servers.

    Raises
    ------
    ValueError : a rate or time out of range, or servers that are not whole and positive.

    Source: erlang1918.
    """
    _require_not_negative(within=within)
    if utilisation(arrival_rate, service_rate, servers) >= 1:
        return 0.0
    waiting = erlang_c(arrival_rate / service_rate, servers)
    return 1 - waiting * math.exp(-(servers * service_rate - arrival_rate) * within)


def smallest_staff(arrival_rate: float, service_rate: float, *, within: float, target: float) -> int:
    """Return the smallest number of servers that reaches a service level (M/M/c).

    Parameters
    ----------
    arrival_rate : arrivals per unit of time, 0 or more.
    service_rate : customers that one busy server finishes per unit of time, above 0.
    within : longest wait that still counts, in the unit of the rates, 0 or more.
    target : share of customers to be served within that time, above 0 and below 1.

    Returns
    -------
    Whole number, at least 1.

    Raises
    ------
    ValueError : a rate or time out of range, or a target that is not between 0 and 1.

    Source: erlang1918.
    """
    _require_rates(arrival_rate, service_rate)
    if not 0 < target < 1:
        raise ValueError(f"target is a share of customers between 0 and 1, got {target}")
    can_cope = math.floor(arrival_rate / service_rate) + 1
    return next(
        servers
        for servers in itertools.count(can_cope)
        if service_level(arrival_rate, service_rate, servers, within) >= target
    )


# --- Blueprints --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a service blueprint.

    Parameters
    ----------
    name : what is done.
    minutes : working time for one customer, above 0.
    failure_rate : share of customers for whom it goes wrong, from 0 to 1.
    staff : people who do this step side by side, whole number, at least 1.

    Raises
    ------
    ValueError : a time, share or staff out of range; the message names the step.

    Source: shostack1984.
    """

    name: str
    minutes: float
    failure_rate: float
    staff: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.minutes < math.inf:
            raise ValueError(f"step {self.name!r}: minutes must be above 0, got {self.minutes}")
        if not 0 <= self.failure_rate <= 1:
            raise ValueError(
                f"step {self.name!r}: failure_rate is a share from 0 to 1, got {self.failure_rate}"
            )
        if not (self.staff >= 1 and float(self.staff).is_integer()):
            raise ValueError(
                f"step {self.name!r}: staff must be a whole number, at least 1, got {self.staff}"
            )

    @property
    def capacity(self) -> float:
        """Customers that this step can serve per hour: 60 · staff / minutes."""
        return 60 * self.staff / self.minutes


def total_minutes(steps: Sequence[Step]) -> float:
    """Return the working time for one customer over all steps: Σ minutes, without any waiting in between.

    Parameters
    ----------
    steps : the blueprint, at least one step.

    Returns
    -------
    Minutes.

    Raises
    ------
    ValueError : no step.

    Source: shostack1984.
    """
    _require_steps(steps)
    return sum(step.minutes for step in steps)


def rolled_yield(steps: Sequence[Step]) -> float:
    """Return the share of customers for whom every step goes right: Π (1 − failure rate).

    Failures at different steps are taken to be independent.

    Parameters
    ----------
    steps : the blueprint, at least one step.

    Returns
    -------
    Share of customers.

    Raises
    ------
    ValueError : no step.

    Source: shostack1984, for the points at which a service can fail.
    """
    _require_steps(steps)
    return math.prod(1 - step.failure_rate for step in steps)


def bottleneck(steps: Sequence[Step]) -> Step:
    """Return the step with the smallest capacity, which no other step can make up for.

    Parameters
    ----------
    steps : the blueprint, at least one step; of two equally slow ones the first is taken.

    Returns
    -------
    The step; its `capacity` is that of the whole service, in customers per hour.

    Raises
    ------
    ValueError : no step.

    Source: shostack1984, for the times of the steps.
    """
    _require_steps(steps)
    return min(steps, key=lambda step: step.capacity)


# --- Quality as customers see it ---------------------------------------------------------------------


def servqual_gaps(
    expectations: ArrayLike, perceptions: ArrayLike, dimensions: Sequence[str]
) -> dict[str, float]:
    """Return the gap of each dimension of service quality, P̄ − Ē over its items and all respondents.

    Parameters
    ----------
    expectations : one row a respondent, one column an item, on the scale of the survey (1 to 7 in the
        original); negatively worded items already reversed.
    perceptions : the same for the service as received.
    dimensions : the dimension of each item, in the order of the columns.

    Returns
    -------
    Points of the scale for each dimension, in order of first appearance; negative where the service
    falls short of what was expected.

    Raises
    ------
    ValueError : tables of different shapes, a missing answer, or labels that do not fit the items.

    Source: parasuraman1988.
    """
    expected, perceived = _answers("expectations", expectations), _answers("perceptions", perceptions)
    if expected.shape != perceived.shape:
        raise ValueError(
            f"expectations and perceptions must have the same shape, got {expected.shape} and "
            f"{perceived.shape}"
        )
    if len(dimensions) != expected.shape[1]:
        raise ValueError(
            f"{len(dimensions)} dimensions are given for {expected.shape[1]} items; give one an item"
        )
    gaps = (perceived - expected).mean(axis=0)
    labels = np.asarray(dimensions)
    return {name: float(gaps[labels == name].mean()) for name in dict.fromkeys(dimensions)}


# --- Deliveries --------------------------------------------------------------------------------------


def otif_rate(on_time: ArrayLike, in_full: ArrayLike) -> float:
    """Return the share of deliveries that came on time *and* in full (OTIF).

    Parameters
    ----------
    on_time, in_full : one a delivery, true or false (or 1 or 0).

    Returns
    -------
    Share of deliveries.

    Raises
    ------
    ValueError : columns that are empty, of different lengths, or hold anything but true and false.
    """
    timely, complete = _flags("on_time", on_time), _flags("in_full", in_full)
    if len(timely) != len(complete):
        raise ValueError(
            f"on_time and in_full must be as many as each other, got {len(timely)} and {len(complete)}"
        )
    return float((timely & complete).mean())


def spoilage_probability(hours: ArrayLike, *, intercept: float, slope: float) -> Floats:
    """Return the probability that a bottle has spoiled: 1 / (1 + exp(−(intercept + slope · hours))).

    Parameters
    ----------
    hours : hours above 4 °C, 0 or more, of any shape.
    intercept : log-odds of a bottle that was never above 4 °C.
    slope : log-odds that each hour adds, above 0.

    Returns
    -------
    Probabilities, of the shape of `hours`.

    Raises
    ------
    ValueError : negative or missing hours, or a slope that is not positive.
    """
    require.positive(slope=slope)
    exposure = np.asarray(hours, dtype=float)
    if not (np.isfinite(exposure) & (exposure >= 0)).all():
        raise ValueError("hours must be 0 or more for every bottle")
    return expit(intercept + slope * exposure)


def spoilage_hours(probability: float, *, intercept: float, slope: float) -> float:
    """Return the hours above 4 °C at which that share of bottles has spoiled: (logit p − intercept) / slope.

    Parameters
    ----------
    probability : share of bottles, between the share at 0 hours and 1.
    intercept : log-odds of a bottle that was never above 4 °C.
    slope : log-odds that each hour adds, above 0.

    Returns
    -------
    Hours, 0 or more.

    Raises
    ------
    ValueError : a share that is exceeded from the start or never reached, or a slope that is not positive.
    """
    require.positive(slope=slope)
    at_start = float(expit(intercept))
    if not at_start <= probability < 1:
        raise ValueError(
            f"a share of {probability} cannot be asked for: it is {at_start:.4g} at 0 hours and stays below 1"
        )
    return float((logit(probability) - intercept) / slope)


# --- What an input must be ---------------------------------------------------------------------------


def _column(name: str, values: ArrayLike) -> Floats:
    times = np.asarray(values, dtype=float)
    if times.ndim != 1 or not times.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {times.shape}")
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError(f"{name} must be 0 or more in every row")
    return times


def _flags(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    flags = np.asarray(values)
    if flags.ndim != 1 or not flags.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {flags.shape}")
    if not np.isin(flags, (0, 1)).all():
        raise ValueError(f"{name} must be true or false (1 or 0) in every row")
    return flags.astype(bool)


def _answers(name: str, values: ArrayLike) -> Floats:
    answers = np.asarray(values, dtype=float)
    if answers.ndim != 2 or not answers.size:
        raise ValueError(f"{name} must have one row a respondent and one column an item, got {answers.shape}")
    missing = np.argwhere(~np.isfinite(answers))
    if len(missing):
        row, item = missing[0]
        raise ValueError(f"{name}: respondent {row} has no answer to item {item} (both counted from 0)")
    return answers


def _require_not_negative(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not 0 <= amount < math.inf:
            raise ValueError(f"{name} must be 0 or more and finite, got {amount}")


def _require_rates(arrival_rate: float, service_rate: float) -> None:
    _require_not_negative(arrival_rate=arrival_rate)
    require.positive(service_rate=service_rate)


def _require_whole(**counts: float) -> None:
    for name, count in counts.items():
        if not (1 <= count < math.inf and float(count).is_integer()):
            raise ValueError(f"{name} must be a whole number, at least 1, got {count}")


def _require_steps(steps: Sequence[Step]) -> None:
    if not steps:
        raise ValueError("the blueprint has no step; give at least one")
