"""Customer value: what an offer is worth and costs to its customer, and what a promise costs its seller.

Rates are fractions throughout: a return rate of 20% is 0.20. Money is in one currency of the caller's
choice, and the value and the costs of one offer are for the same period.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv, ndtr, ndtri

from crmkit.models import require

# --- Customer delivered value ------------------------------------------------------------------------


def total_customer_value(
    *, product: float, services: float = 0, personnel: float = 0, image: float = 0
) -> float:
    """Return all that an offer is worth to a customer: TCV = product + services + personnel + image.

    Parameters
    ----------
    product, services, personnel, image : money, 0 or more. What annoys a customer is a psychic cost, not
        a negative value.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a negative value.

    Source: kotler2016.
    """
    parts = {"product": product, "services": services, "personnel": personnel, "image": image}
    require.not_negative(**parts)
    return sum(parts.values())


def total_customer_cost(
    *,
    money: float,
    time: float = 0,
    energy: float = 0,
    psychic: float = 0,
    risk: float = 0,
    choice: float = 0,
) -> float:
    """Return all that an offer costs a customer: TCC = money + time + energy + psychic + risk + choice.

    The first four are Kotler's. Risk and choice are the course's two additions; who counts them must not
    count the same worry again as a psychic cost.

    Parameters
    ----------
    money : the price and whatever else is paid, 0 or more.
    time : money, 0 or more: hours · value of an hour.
    energy, psychic : money, 0 or more: physical effort, and worry or annoyance.
    risk : money, 0 or more: the `expected_loss`.
    choice : money, 0 or more: what it takes to compare and decide.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a negative cost.

    Source: kotler2016; zeithaml1988 for costs beyond money, bauer1960 for risk.
    """
    parts = {
        "money": money,
        "time": time,
        "energy": energy,
        "psychic": psychic,
        "risk": risk,
        "choice": choice,
    }
    require.not_negative(**parts)
    return sum(parts.values())


def customer_delivered_value(total_value: float, total_cost: float) -> float:
    """Return what an offer leaves its customer: CDV = TCV − TCC.

    Parameters
    ----------
    total_value, total_cost : money, 0 or more.

    Returns
    -------
    Money; negative where the offer costs more than it is worth.

    Raises
    ------
    ValueError : a negative value or cost.

    Source: kotler2016.
    """
    require.not_negative(total_value=total_value, total_cost=total_cost)
    return total_value - total_cost


def expected_loss(probabilities: Sequence[float], losses: Sequence[float]) -> float:
    """Return the risk cost of what may go wrong: Σ pₖ · Lₖ.

    Parameters
    ----------
    probabilities : chance of each mishap, from 0 to 1.
    losses : money that each mishap costs the customer, 0 or more, as many as probabilities.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a probability outside [0, 1], a negative loss, or lists of different length.

    Source: bauer1960, jacoby1972, for the kinds of loss.
    """
    if len(probabilities) != len(losses):
        raise ValueError(
            f"each mishap needs a probability and a loss, got {len(probabilities)} and {len(losses)}"
        )
    for probability, loss in zip(probabilities, losses, strict=True):
        require.share(probability=probability)
        require.not_negative(loss=loss)
    return sum(p * loss for p, loss in zip(probabilities, losses, strict=True))


# --- The value of time -------------------------------------------------------------------------------


def generalised_cost(fare: float, hours: float, value_of_time: float) -> float:
    """Return the cost of a trip with its time: GC = f + VOT · t.

    Parameters
    ----------
    fare : money, 0 or more.
    hours : from door to door, 0 or more.
    value_of_time : money per hour, 0 or more.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError : a negative amount.

    Source: becker1965.
    """
    require.not_negative(fare=fare, hours=hours, value_of_time=value_of_time)
    return fare + value_of_time * hours


def break_even_value_of_time(fare_1: float, hours_1: float, fare_2: float, hours_2: float) -> float:
    """Return the value of an hour at which two trips cost the same: VOT = Δf / Δt.

    Whoever values an hour more takes the faster trip.

    Parameters
    ----------
    fare_1, fare_2 : money, 0 or more.
    hours_1, hours_2 : from door to door, 0 or more and different.

    Returns
    -------
    Money per hour.

    Raises
    ------
    ValueError : a negative amount, equal times, or a trip that is both dearer and slower.

    Source: becker1965.
    """
    require.not_negative(fare_1=fare_1, hours_1=hours_1, fare_2=fare_2, hours_2=hours_2)
    if hours_1 == hours_2:
        raise ValueError(
            f"both trips take {hours_1} hours, so the value of time does not decide between them"
        )
    value = (fare_2 - fare_1) / (hours_1 - hours_2)
    if value < 0:
        raise ValueError(
            f"trip {1 if fare_1 > fare_2 else 2} is both dearer and slower, so no value of time makes the "
            "two cost the same"
        )
    return value


# --- Free trials and guarantees ----------------------------------------------------------------------


def profit_per_trial(return_rate: float, margin: float, loss: float) -> float:
    """Return the expected profit of one trial: (1 − r) · m − r · L.

    Parameters
    ----------
    return_rate : share of trials that end in a return, from 0 to 1.
    margin : money earned on a trial that is kept, above 0.
    loss : money lost on a trial that is returned, 0 or more.

    Returns
    -------
    Money; negative where trials lose.

    Raises
    ------
    ValueError : a rate outside [0, 1], a margin that is not positive, or a negative loss.

    Source: davis1995; moorthy1995 for what the promise signals.
    """
    require.share(return_rate=return_rate)
    require.positive(margin=margin)
    require.not_negative(loss=loss)
    return (1 - return_rate) * margin - return_rate * loss


def break_even_return_rate(margin: float, loss: float) -> float:
    """Return the share of returns at which trials neither earn nor lose: r* = m / (m + L).

    Parameters
    ----------
    margin : money earned on a trial that is kept, above 0.
    loss : money lost on a trial that is returned, 0 or more.

    Returns
    -------
    Share of trials, above 0 and at most 1.

    Raises
    ------
    ValueError : a margin that is not positive or a negative loss.

    Source: davis1995.
    """
    require.positive(margin=margin)
    require.not_negative(loss=loss)
    return margin / (margin + loss)


# --- What a count of returns can prove ---------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a rate; both ends are shares."""

    low: float
    high: float


def exact_upper_bound(events: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact upper bound of a rate: the p at which P(X ≤ events) = 1 − confidence.

    With no event it is 1 − (1 − confidence)^(1 / trials), which the rule of three approximates.

    Parameters
    ----------
    events, trials : whole numbers, 0 ≤ events ≤ trials and at least one trial.
    confidence : between 0 and 1.

    Returns
    -------
    Share of trials.

    Raises
    ------
    ValueError : counts that are not such numbers, or a confidence outside (0, 1).

    Source: clopper1934; hanley1983 for no event.
    """
    require.counts(events, trials)
    require.confidence(confidence)
    return 1.0 if events == trials else float(betaincinv(events + 1, trials - events, confidence))


def clopper_pearson(events: int, trials: int, confidence: float = 0.95) -> Interval:
    """Return the two-sided exact interval of a rate: each tail holds (1 − confidence) / 2.

    Its upper end lies above the one-sided bound of the same confidence: with no event in n trials at 95%
    about 3.7/n, not 3/n.

    Parameters
    ----------
    events, trials : whole numbers, 0 ≤ events ≤ trials and at least one trial.
    confidence : between 0 and 1.

    Returns
    -------
    The two ends, as shares of the trials.

    Raises
    ------
    ValueError : counts that are not such numbers, or a confidence outside (0, 1).

    Source: clopper1934.
    """
    require.confidence(confidence)
    one_sided = (1 + confidence) / 2
    # The lower end of a rate is one minus the upper end of its complement.
    return Interval(
        low=1 - exact_upper_bound(trials - events, trials, one_sided),
        high=exact_upper_bound(events, trials, one_sided),
    )


def rule_of_three(trials: int) -> float:
    """Return the quick 95% upper bound of a rate after no event at all: 3 / n.

    It is close to the exact bound from about 30 trials, and never below it.

    Parameters
    ----------
    trials : whole number, at least 3, so that the bound is a share.

    Returns
    -------
    Share of trials.

    Raises
    ------
    ValueError : fewer than 3 trials, or not a whole number.

    Source: hanley1983.
    """
    require.counts(0, trials)
    if trials < 3:
        raise ValueError(f"the rule of three needs at least 3 trials, got {trials}; take exact_upper_bound")
    return 3 / trials


# --- Two arms of a trial -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ProportionDifference:
    """Treated minus control, as shares, with its interval, and the test of no difference."""

    difference: float
    low: float
    high: float
    z: float
    p_value: float


def difference_in_proportions(
    control_events: int,
    control_trials: int,
    treated_events: int,
    treated_trials: int,
    confidence: float = 0.95,
) -> ProportionDifference:
    """Return the difference p₂ − p₁ of two rates with its interval and two-sided z test.

    The test pools the arms, z = (p₂ − p₁) / √(p̄ q̄ (1/n₁ + 1/n₂)); the interval does not, with the
    standard error √(p₁ q₁ / n₁ + p₂ q₂ / n₂). Both are normal approximations: each arm should have at
    least five events and five trials without one.

    Parameters
    ----------
    control_events, control_trials : whole numbers, the events among the trials of the control arm.
    treated_events, treated_trials : the same for the treated arm.
    confidence : of the interval, between 0 and 1.

    Returns
    -------
    The difference, its interval, z and the two-sided p-value.

    Raises
    ------
    ValueError : counts that are no counts, arms that together have no event or nothing else, or a
        confidence outside (0, 1).

    Source: newcombe1998, which has better intervals for small samples.
    """
    require.counts(control_events, control_trials)
    require.counts(treated_events, treated_trials)
    require.confidence(confidence)
    p1, p2 = control_events / control_trials, treated_events / treated_trials
    pooled = (control_events + treated_events) / (control_trials + treated_trials)
    if pooled in (0, 1):
        raise ValueError("all trials of both arms ended alike, so a z test cannot compare them")
    z = (p2 - p1) / math.sqrt(pooled * (1 - pooled) * (1 / control_trials + 1 / treated_trials))
    standard_error = math.sqrt(p1 * (1 - p1) / control_trials + p2 * (1 - p2) / treated_trials)
    half_width = float(ndtri((1 + confidence) / 2)) * standard_error
    return ProportionDifference(
        difference=p2 - p1,
        low=p2 - p1 - half_width,
        high=p2 - p1 + half_width,
        z=z,
        p_value=2 * float(ndtr(-abs(z))),
    )


# --- How many options --------------------------------------------------------------------------------


def value_of_comparing_all(options: int, spread: float, search_cost: float) -> float:
    """Return what a chooser nets who examines every option and takes the best: s · n / (n + 1) − c · n.

    Options are worth anything from 0 to s, each equally likely and independent of the others.

    Parameters
    ----------
    options : whole number n, at least 1.
    spread : money s by which the best conceivable option beats the worst, above 0.
    search_cost : money c that it costs to examine one option, 0 or more.

    Returns
    -------
    Expected money; negative where walking away is better.

    Raises
    ------
    ValueError : fewer than one option, a spread that is not positive, or a negative cost.

    Source: stigler1961, for a search of fixed size.
    """
    _require_options(options)
    require.positive(spread=spread)
    require.not_negative(search_cost=search_cost)
    return spread * options / (options + 1) - search_cost * options


def best_number_to_compare(spread: float, search_cost: float) -> int:
    """Return the number of options that nets most when all are examined: the largest n with s / (n² + n) > c.

    The n-th option adds s / (n² + n) to the expected best and costs c to examine. Of two numbers that net
    the same, the smaller one is returned.

    Parameters
    ----------
    spread : money s by which the best conceivable option beats the worst, above 0.
    search_cost : money c that it costs to examine one option, above 0.

    Returns
    -------
    Whole number; 0 where not even one option is worth examining.

    Raises
    ------
    ValueError : a spread or cost that is not positive.

    Source: stigler1961, for a search of fixed size.
    """
    require.positive(spread=spread, search_cost=search_cost)
    root = (math.sqrt(1 + 4 * spread / search_cost) - 1) / 2
    return math.ceil(root - 1e-9) - 1  # where n and n − 1 net the same, rounding must not decide


def reservation_value(spread: float, search_cost: float) -> float:
    """Return how good an option must be to stop looking, where c = E[max(X − z, 0)]: z = s − √(2 · s · c).

    Parameters
    ----------
    spread : money s by which the best conceivable option beats the worst, above 0.
    search_cost : money c that it costs to examine one option, from 0 to s / 2.

    Returns
    -------
    Money, from 0 to `spread`.

    Raises
    ------
    ValueError : a spread that is not positive, or a cost that is negative or above s / 2, the mean worth.

    Source: weitzman1979.
    """
    require.positive(spread=spread)
    require.not_negative(search_cost=search_cost)
    if search_cost > spread / 2:
        raise ValueError(
            f"an option is worth {spread / 2} on average, so at a search cost of {search_cost} not even one "
            "is worth examining"
        )
    return spread - math.sqrt(2 * spread * search_cost)


def value_of_stopping_early(options: int, spread: float, search_cost: float) -> float:
    """Return what a chooser nets who stops at the first option that is good enough.

    V(n) = z − s / (n + 1) · (z / s)^(n + 1) with the reservation value z. It never falls as options are
    added: whoever may stop need not look at them.

    Parameters
    ----------
    options : whole number n, at least 1.
    spread : money s by which the best conceivable option beats the worst, above 0.
    search_cost : money c that it costs to examine one option, from 0 to s / 2.

    Returns
    -------
    Expected money, 0 or more.

    Raises
    ------
    ValueError : fewer than one option, a spread that is not positive, or a cost outside [0, s / 2].

    Source: weitzman1979.
    """
    _require_options(options)
    good_enough = reservation_value(spread, search_cost)
    return good_enough - spread / (options + 1) * (good_enough / spread) ** (options + 1)


# --- Communication -----------------------------------------------------------------------------------


def preference_match_rate(preferred: Sequence[str], used: Sequence[str]) -> float:
    """Return the share of customers who are reached by the channel they prefer.

    Parameters
    ----------
    preferred : the channel that each customer prefers, for instance "phone"; at least one customer.
    used : the channel by which each of them is reached, in the same order.

    Returns
    -------
    Share of customers, from 0 to 1.

    Raises
    ------
    ValueError : no customer, lists of different length, or a channel that is missing.

    Source: payne2005, for the mix of channels as a process of CRM.
    """
    if not len(preferred) == len(used) > 0:
        raise ValueError(
            "preferred and used must have one channel for each of at least one customer, "
            f"got {len(preferred)} and {len(used)}"
        )
    pairs = list(zip(preferred, used, strict=True))
    for row, channels in enumerate(pairs):
        # A missing channel equals no other, so it would pass silently for a mismatch.
        if not all(isinstance(channel, str) for channel in channels):
            raise ValueError(f"row {row} has no channel; leave such customers out and say how many they are")
    return sum(want == get for want, get in pairs) / len(pairs)


# --- What an input must be ---------------------------------------------------------------------------


def _require_options(options: int) -> None:
    if not (options >= 1 and float(options).is_integer()):
        raise ValueError(f"options must be a whole number, at least 1, got {options}")
