"""Evidence: what a claim of growth, a total or a share says once it is checked; noisy text and lists.

Shares are fractions throughout: 20% is 0.20. Money is in one currency of the caller's choice.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtri

from crmkit.models import require

# --- Growth, and how much of it is due to something ---------------------------------------------------


def relative_growth(before: float, after: float) -> float:
    """Return the growth as a share of the start: g = (after − before) / before.

    Parameters
    ----------
    before : any unit, above 0.
    after : the same unit, 0 or more.

    Returns
    -------
    Share of `before`; negative where it shrank.

    Raises
    ------
    ValueError : a start that is not positive or a negative end.
    """
    require.positive(before=before)
    require.not_negative(after=after)
    return (after - before) / before


def counterfactual(treated_before: float, control_before: float, control_after: float) -> float:
    """Return where the treated would be had they changed as the controls did: T₀ + (C₁ − C₀).

    That both groups would have changed by the same amount is the assumption of parallel trends. It
    cannot be seen; earlier periods in which the groups moved together make it more plausible.

    Parameters
    ----------
    treated_before : mean of the treated before the treatment, any unit.
    control_before, control_after : means of the controls before and after it, the same unit.

    Returns
    -------
    Mean in the same unit.

    Raises
    ------
    ValueError : a mean that is not a finite number.

    Source: wooldridge2010.
    """
    require.finite(treated_before=treated_before, control_before=control_before, control_after=control_after)
    return treated_before + (control_after - control_before)


def difference_in_differences(
    treated_before: float, treated_after: float, control_before: float, control_after: float
) -> float:
    """Return the change of the treated beyond that of the controls: (T₁ − T₀) − (C₁ − C₀).

    It is the effect of the treatment if trends are parallel, see `counterfactual`.

    Parameters
    ----------
    treated_before, treated_after : means of the treated before and after the treatment, any unit.
    control_before, control_after : means of the controls at the same times, the same unit.

    Returns
    -------
    Amount in the same unit.

    Raises
    ------
    ValueError : a mean that is not a finite number.

    Source: wooldridge2010.
    """
    require.finite(treated_after=treated_after)
    return treated_after - counterfactual(treated_before, control_before, control_after)


def relative_difference_in_differences(
    treated_before: float, treated_after: float, control_before: float, control_after: float
) -> float:
    """Return the growth of the treated beyond that of the controls: (T₁ / T₀) / (C₁ / C₀) − 1.

    It is the difference in differences of the logarithms, as a share. It takes both groups to grow by
    the same percentage without the treatment, where `difference_in_differences` takes the same amount.
    Groups that start level can do both; groups that start apart cannot.

    Parameters
    ----------
    treated_before, treated_after : means of the treated before and after the treatment, above 0.
    control_before, control_after : means of the controls at the same times, above 0.

    Returns
    -------
    Share of what the treated would have without the treatment.

    Raises
    ------
    ValueError : a mean that is not positive.

    Source: wooldridge2010.
    """
    require.positive(
        treated_before=treated_before,
        treated_after=treated_after,
        control_before=control_before,
        control_after=control_after,
    )
    return (treated_after / treated_before) / (control_after / control_before) - 1


# --- Totals that must fit each other ------------------------------------------------------------------


def implied_unit_profit(profit: float, units_per_day: float, days: float = 365) -> float:
    """Return the profit on one unit that a yearly profit and a daily volume imply: Π / (days · q).

    Parameters
    ----------
    profit : money per year, negative for a loss.
    units_per_day : units sold on a day of sale, above 0.
    days : days of sale a year, above 0 and at most 366.

    Returns
    -------
    Money per unit.

    Raises
    ------
    ValueError : a profit that is not finite, a volume that is not positive, or days beyond a year.
    """
    require.finite(profit=profit)
    require.positive(units_per_day=units_per_day)
    _require_days_of_a_year(days)
    return profit / (days * units_per_day)


def occupancy_rate(
    guests: float, nights_per_guest: float, rooms: float, *, guests_per_room: float = 1, days: float = 365
) -> float:
    """Return the share of a hotel's room nights that are sold: guests · nights / (per room · rooms · days).

    Parameters
    ----------
    guests : stays per year, 0 or more; who comes twice counts twice.
    nights_per_guest : nights per stay, above 0.
    rooms : rooms of the hotel, above 0.
    guests_per_room : guests who share a room, above 0.
    days : days per year on which the hotel is open, above 0 and at most 366.

    Returns
    -------
    Share of the room nights; above 1 where the guests do not fit.

    Raises
    ------
    ValueError : an amount that is not positive, negative guests, or days beyond a year.
    """
    require.not_negative(guests=guests)
    require.positive(nights_per_guest=nights_per_guest, rooms=rooms, guests_per_room=guests_per_room)
    _require_days_of_a_year(days)
    return guests * nights_per_guest / guests_per_room / (rooms * days)


# --- Shares of few, and of those who answered ---------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """A range of shares from `low` to `high`, as fractions."""

    low: float
    high: float


def wilson_interval(successes: int, cases: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion: (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n).

    Unlike p̂ ± z √(p̂(1 − p̂)/n) it stays between 0 and 1 and does not shrink to nothing where all or
    none of the cases are successes.

    Parameters
    ----------
    successes : whole number from 0 to `cases`.
    cases : whole number, at least 1: a random sample of those about whom the share is to speak.
    confidence : share of such intervals that hold the true proportion, between 0 and 1.

    Returns
    -------
    The interval, as shares.

    Raises
    ------
    ValueError : cases or successes that are not such numbers, or a confidence outside (0, 1).

    Source: wilson1927.
    """
    if not (cases >= 1 and float(cases).is_integer()):
        raise ValueError(f"cases must be a whole number, at least 1, got {cases}")
    if not (0 <= successes <= cases and float(successes).is_integer()):
        raise ValueError(f"successes must be a whole number from 0 to {cases}, got {successes}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share between 0 and 1, got {confidence}")
    z = float(ndtri((1 + confidence) / 2))
    share = successes / cases
    spread = z * math.sqrt(share * (1 - share) / cases + (z / cases) ** 2 / 4)
    low, high = ((share + z**2 / (2 * cases) + side * spread) / (1 + z**2 / cases) for side in (-1, 1))
    # Rounding must not push the ends past 0 and 1, where the formula has them exactly.
    return Interval(0.0 if successes == 0 else low, 1.0 if successes == cases else high)


def nonresponse_bounds(share: float, response_rate: float) -> Interval:
    """Return what a share may be among all who were asked, if only some answered: p · r to p · r + (1 − r).

    The lower end is reached if all the silent are against, the upper if all are in favour. No
    assumption is made about them, and more answers at the same rate do not bring the ends closer.

    Parameters
    ----------
    share : share in favour among those who answered, 0 to 1.
    response_rate : share of those asked who answered, above 0 and at most 1.

    Returns
    -------
    The bounds, as shares.

    Raises
    ------
    ValueError : a share outside [0, 1] or a response rate outside (0, 1].

    Source: horowitz1998.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is a fraction from 0 to 1, got {share}")
    if not 0 < response_rate <= 1:
        raise ValueError(f"response_rate is a fraction above 0 and at most 1, got {response_rate}")
    low = share * response_rate
    return Interval(low, low + 1 - response_rate)


# --- Noisy text ---------------------------------------------------------------------------------------


def collapse_pairs(text: str) -> str:
    """Return the text with each pair of identical neighbours made one, once, from the left: (.)\\1 → \\1.

    It undoes a noise that doubles characters. A run of k characters of which d were doubled is k + d
    long and comes back as ⌈(k + d) / 2⌉, so it is right if at most one of the run was missed.

    Parameters
    ----------
    text : any text; all characters count, blanks and digits too.

    Returns
    -------
    The shorter text.
    """
    return re.sub(r"(.)\1", r"\1", text, flags=re.DOTALL)


def collapse_runs(text: str) -> str:
    """Return the text with each run of identical characters made one: (.)\\1+ → \\1.

    It removes all doubling, that which belongs to the text included: "committee" loses three letters,
    1,100 becomes 1,10.

    Parameters
    ----------
    text : any text; all characters count, blanks and digits too.

    Returns
    -------
    The shorter text.
    """
    return re.sub(r"(.)\1+", r"\1", text, flags=re.DOTALL)


# --- Lists that must be complete ----------------------------------------------------------------------


def repeated_items(items: Iterable[str]) -> list[str]:
    """Return the items that a list names more than once, each once, in the order of the list.

    Parameters
    ----------
    items : the list; "Place" and "place" are two different items.

    Returns
    -------
    The repeated items, none if the list repeats nothing.

    Raises
    ------
    ValueError : one string in place of a list.
    """
    _require_list(items=items)
    return [item for item, count in Counter(items).items() if count > 1]


def missing_items(items: Iterable[str], required: Iterable[str]) -> list[str]:
    """Return the required items that a list lacks, each once, in the order of `required`.

    Parameters
    ----------
    items : the list to check.
    required : what it must name, for instance the standard list; spelled in the same way.

    Returns
    -------
    The missing items, none if the list is complete.

    Raises
    ------
    ValueError : one string in place of a list.
    """
    _require_list(items=items, required=required)
    present = set(items)
    return [item for item in dict.fromkeys(required) if item not in present]


# --- What an input must be ----------------------------------------------------------------------------


def _require_days_of_a_year(days: float) -> None:
    if not 0 < days <= 366:
        raise ValueError(f"days must be above 0 and at most 366, the days of a year, got {days}")


def _require_list(**lists: Iterable[str]) -> None:
    for name, items in lists.items():
        if isinstance(items, str):
            raise ValueError(
                f"{name} must be a list of strings, got the one string {items!r}; put it into [ ]"
            )
