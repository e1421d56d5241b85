"""Promotion: how advertising lingers, whom to mail, what a sales promotion adds and what it costs.

Shares are fractions: a response of 4% is 0.04. Money is in one currency of the caller's choice; a margin is
the contribution margin of one response or one unit, in money.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- Advertising: adstock ----------------------------------------------------------------------------


def adstock(exposure: ArrayLike, carry_over: float) -> Floats:
    """Return the advertising still at work in each period: A_t = x_t + λ · A_(t−1).

    Parameters
    ----------
    exposure : advertising of each period (contacts, rating points or money), 0 or more, in order.
    carry_over : share λ that is left one period later, 0 ≤ λ < 1.

    Returns
    -------
    Adstock of each period, in the unit of the exposure.

    Raises
    ------
    ValueError : exposures that are negative or missing, or a carry-over outside [0, 1).

    Source: broadbent1979.
    """
    _require_carry_over(carry_over)
    contacts = _column("exposure", exposure)
    return np.array(list(accumulate(contacts, lambda stock, contact: contact + carry_over * stock)))


def adstock_total(exposure: float, carry_over: float) -> float:
    """Return what one burst adds up to over all periods: x · (1 + λ + λ² + …) = x / (1 − λ).

    Parameters
    ----------
    exposure : advertising of the burst (contacts, rating points or money), 0 or more.
    carry_over : share λ that is left one period later, 0 ≤ λ < 1.

    Returns
    -------
    Total adstock, in the unit of the exposure; for an exposure of 1, the multiplier.

    Raises
    ------
    ValueError : a negative exposure or a carry-over outside [0, 1).

    Source: broadbent1979.
    """
    _require_carry_over(carry_over)
    require.not_negative(exposure=exposure)
    return exposure / (1 - carry_over)


def half_life(carry_over: float) -> float:
    """Return the periods until half of a burst is left: ln 0.5 / ln λ.

    Parameters
    ----------
    carry_over : share λ that is left one period later, 0 ≤ λ < 1.

    Returns
    -------
    Periods, not necessarily whole; 0 where nothing is carried over.

    Raises
    ------
    ValueError : a carry-over outside [0, 1).

    Source: broadbent1979.
    """
    _require_carry_over(carry_over)
    return math.log(0.5) / math.log(carry_over) if carry_over > 0 else 0.0


# --- Direct promotion: cost and response -------------------------------------------------------------


def cost_per_thousand(cost: float, contacts: float) -> float:
    """Return the cost of a thousand contacts: CPM = 1000 · cost / contacts.

    Parameters
    ----------
    cost : money spent on a medium, 0 or more.
    contacts : people reached, each counted as often as reached, above 0.

    Returns
    -------
    Money per thousand contacts.

    Raises
    ------
    ValueError : a negative cost or no contact.

    Source: kotler2016.
    """
    require.not_negative(cost=cost)
    require.positive(contacts=contacts)
    return 1000 * cost / contacts


def cost_per_response(cost: float, responses: float) -> float:
    """Return the cost of one response: cost / responses.

    Parameters
    ----------
    cost : money spent on a medium or a mailing, 0 or more.
    responses : orders, calls or other answers that it brought, above 0.

    Returns
    -------
    Money per response.

    Raises
    ------
    ValueError : a negative cost or no response.

    Source: kotler2016.
    """
    require.not_negative(cost=cost)
    require.positive(responses=responses)
    return cost / responses


def break_even_response(contact_cost: float, margin: float) -> float:
    """Return the response at which a contact pays for itself: ρ = c / m.

    Parameters
    ----------
    contact_cost : money for one contact, 0 or more.
    margin : contribution of one response in money, before the cost of contacts, above 0.

    Returns
    -------
    Share of the contacted; above 1 where not even a response by everybody would pay.

    Raises
    ------
    ValueError : a negative cost or a margin that is not positive.

    Source: bult1995.
    """
    require.not_negative(contact_cost=contact_cost)
    require.positive(margin=margin)
    return contact_cost / margin


# --- Direct promotion: whom to contact ---------------------------------------------------------------


def rank_groups(score: ArrayLike, responded: ArrayLike, groups: int = 10) -> pd.DataFrame:
    """Return customers and responders in groups of equal size, from the highest score to the lowest.

    Customers with the same score share their responders evenly, so the order of the rows does not matter.

    Parameters
    ----------
    score : one number a customer; a higher one promises a likelier response.
    responded : 1 or True for each customer who responded, otherwise 0 or False.
    groups : number of groups, at least 1 and at most the number of customers; 10 gives deciles.

    Returns
    -------
    One row a group, numbered from 1: columns `customers` and `responders` (fractions where scores tie).

    Raises
    ------
    ValueError : columns of different lengths, a missing score, an answer other than 0 and 1, or a number
        of groups that does not fit.

    Source: piatetsky1999.
    """
    table = _scored(score, responded)
    if not (1 <= groups <= len(table) and float(groups).is_integer()):
        raise ValueError(f"groups must be a whole number from 1 to the {len(table)} customers, got {groups}")
    parts = np.array_split(table["responded"].to_numpy(), int(groups))
    return pd.DataFrame(
        {"customers": [len(part) for part in parts], "responders": [part.sum() for part in parts]},
        index=pd.RangeIndex(1, int(groups) + 1, name="group"),
    )


def gains_table(customers: ArrayLike, responders: ArrayLike) -> pd.DataFrame:
    """Return the gains and the lift of groups ranked best first: lift = group's response / overall response.

    Parameters
    ----------
    customers : customers in each group, above 0; the group with the best score comes first.
    responders : responders in each group, from 0 to all its customers, at least one overall.

    Returns
    -------
    One row a group, numbered from 1: `customers`, `responders`, `response_rate`, `lift`, and for this group
    and all better ones `cumulative_customers` and `gain` (shares of all customers and of all responders)
    and `cumulative_lift` (the second over the first).

    Raises
    ------
    ValueError : columns of different lengths, counts that cannot be, or no responder at all.

    Source: piatetsky1999.
    """
    counted, answered = _counts(customers, responders)
    if answered.sum() == 0:
        raise ValueError("nobody responded, so there is no response to be lifted")
    share = counted.cumsum() / counted.sum()
    gain = answered.cumsum() / answered.sum()
    rate = answered / counted
    return pd.DataFrame(
        {
            "customers": np.asarray(customers),
            "responders": np.asarray(responders),
            "response_rate": rate,
            "lift": rate * counted.sum() / answered.sum(),
            "cumulative_customers": share,
            "gain": gain,
            "cumulative_lift": gain / share,
        },
        index=pd.RangeIndex(1, len(counted) + 1, name="group"),
    )


def top_decile_lift(score: ArrayLike, responded: ArrayLike) -> float:
    """Return how many times likelier the tenth with the highest scores responds than the average customer.

    Parameters
    ----------
    score : one number a customer, at least ten customers.
    responded : 1 or True for each customer who responded, otherwise 0 or False.

    Returns
    -------
    Ratio; 1 where the score tells nothing, at most 10 if the groups are of equal size.

    Raises
    ------
    ValueError : as in `rank_groups` and `gains_table`.

    Source: piatetsky1999.
    """
    deciles = rank_groups(score, responded, groups=10)
    return float(gains_table(deciles["customers"], deciles["responders"])["lift"].iloc[0])


def mailing_profit(
    customers: ArrayLike, responders: ArrayLike, *, contact_cost: float, margin: float
) -> Floats:
    """Return the profit of contacting the first 0, 1, 2, … groups: Π_k = m · Σ responders − c · Σ customers.

    Parameters
    ----------
    customers, responders : counts of each group, the group with the best score first.
    contact_cost : money for one contact, 0 or more.
    margin : contribution of one response in money, above 0.

    Returns
    -------
    Array of one amount more than there are groups; the first, for no contact at all, is 0.

    Raises
    ------
    ValueError : columns of different lengths, counts that cannot be, a negative cost or no margin.

    Source: bult1995.
    """
    counted, answered = _counts(customers, responders)
    require.not_negative(contact_cost=contact_cost)
    require.positive(margin=margin)
    return np.concatenate([[0.0], np.cumsum(margin * answered - contact_cost * counted)])


def best_depth(customers: ArrayLike, responders: ArrayLike, *, contact_cost: float, margin: float) -> int:
    """Return how many groups to contact for the highest profit, the fewest if several numbers are as good.

    For a score that ranks well, these are the groups whose response exceeds the break-even response.

    Parameters
    ----------
    customers, responders : counts of each group, the group with the best score first.
    contact_cost : money for one contact, 0 or more.
    margin : contribution of one response in money, above 0.

    Returns
    -------
    Number of groups, from 0.

    Raises
    ------
    ValueError : as in `mailing_profit`.

    Source: bult1995.
    """
    return int(mailing_profit(customers, responders, contact_cost=contact_cost, margin=margin).argmax())


# --- Sales promotion: baseline, lift and profit ------------------------------------------------------


def baseline_sales(sales: ArrayLike, promoted: ArrayLike) -> Floats:
    """Return what would have been sold without promotion: the straight line through the other periods.

    Parameters
    ----------
    sales : units of each period, 0 or more, in order.
    promoted : True or 1 for each period with a promotion, at least two without.

    Returns
    -------
    Baseline units of each period, promoted or not.

    Raises
    ------
    ValueError : columns of different lengths, negative sales, or fewer than two periods to go by.

    Source: abraham1987, for the idea; theirs is smoothed and adjusted for much else.
    """
    units, is_promoted = _column("sales", sales), np.asarray(promoted).astype(bool)
    _require_same_rows(sales=units, promoted=is_promoted)
    periods = np.arange(len(units))
    if (~is_promoted).sum() < 2:
        raise ValueError("a baseline needs at least two periods without a promotion")
    slope, start = np.polyfit(periods[~is_promoted], units[~is_promoted], deg=1)
    return start + slope * periods


def promotional_lift(sales: ArrayLike, promoted: ArrayLike) -> float:
    """Return by which share promoted periods exceed their baseline: Σ(sales − baseline) / Σ baseline.

    Parameters
    ----------
    sales : units of each period, 0 or more, in order.
    promoted : True or 1 for each period with a promotion, at least one; at least two without.

    Returns
    -------
    Share of the baseline; negative where less was sold than without the promotion.

    Raises
    ------
    ValueError : as in `baseline_sales`, no promoted period, or a baseline that is not positive.

    Source: abraham1987.
    """
    baseline = baseline_sales(sales, promoted)
    during = np.asarray(promoted).astype(bool)
    expected = baseline[during].sum()
    if not expected > 0:
        raise ValueError("the promoted periods have no baseline above 0 to compare with")
    return float(np.asarray(sales, dtype=float)[during].sum() / expected - 1)


def promotion_profit(
    baseline: float,
    lift: float,
    *,
    margin: float,
    discount: float,
    fixed_cost: float = 0,
    borrowed: float = 0,
) -> float:
    """Return what a price promotion earns beyond no promotion: Π = ℓQ · (m − d) − Q · d − b · ℓQ · m − F.

    Additional units earn the margin less the discount; the discount is also given on all that would have
    sold anyway; and each unit bought ahead is missing later, at the full margin.

    Parameters
    ----------
    baseline : units that would have sold without the promotion, Q, above 0.
    lift : additional units as a share of the baseline, ℓ, −1 or more.
    margin : contribution of a unit at the regular price, m, in money, above 0.
    discount : money off each unit, d, 0 or more.
    fixed_cost : money for the promotion itself, such as leaflets, F, 0 or more.
    borrowed : share of the additional units that customers only bought ahead, b, from 0 to 1.

    Returns
    -------
    Money; negative where the promotion costs more than it brings.

    Raises
    ------
    ValueError : an amount or a share outside its range.

    Source: vanheerde2003, for where additional units come from.
    """
    require.positive(baseline=baseline, margin=margin)
    require.not_negative(discount=discount, fixed_cost=fixed_cost)
    if not -1 <= lift < math.inf:
        raise ValueError(f"sales cannot fall by more than all of them, got a lift of {lift}")
    if not 0 <= borrowed <= 1:
        raise ValueError(f"borrowed is a share of the additional units, from 0 to 1, got {borrowed}")
    additional = lift * baseline
    missing_later = borrowed * max(additional, 0.0)
    return additional * (margin - discount) - baseline * discount - missing_later * margin - fixed_cost


# --- What an input must be ---------------------------------------------------------------------------


def _column(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {numbers.shape}")
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise ValueError(f"{name} must be a number, 0 or more, in every row")
    return numbers


def _scored(score: ArrayLike, responded: ArrayLike) -> pd.DataFrame:
    scores, answers = np.asarray(score, dtype=float), _column("responded", responded)
    _require_same_rows(score=scores, responded=answers)
    if np.isnan(scores).any():
        raise ValueError("every customer needs a score; at least one is missing")
    if not np.isin(answers, (0, 1)).all():
        raise ValueError("responded must be 0 or 1 (or False or True) in every row")
    table = pd.DataFrame({"score": scores, "responded": answers})
    table["responded"] = table.groupby("score")["responded"].transform("mean")
    return table.sort_values("score", ascending=False, kind="stable")


def _counts(customers: ArrayLike, responders: ArrayLike) -> tuple[Floats, Floats]:
    counted, answered = _column("customers", customers), _column("responders", responders)
    _require_same_rows(customers=counted, responders=answered)
    if not (counted > 0).all():
        raise ValueError("every group must have a customer")
    if not (answered <= counted + 1e-9).all():
        raise ValueError("no group can have more responders than customers")
    return counted, answered


def _require_same_rows(**columns: NDArray[Any]) -> None:
    (one, first), (other, second) = columns.items()
    if first.shape != second.shape:
        raise ValueError(f"{one} and {other} must have equally many rows, got {first.size} and {second.size}")


def _require_carry_over(carry_over: float) -> None:
    if not 0 <= carry_over < 1:
        raise ValueError(
            f"carry_over is the share left after one period, from 0 to below 1, got {carry_over}; at 1 an "
            "advert would work for ever"
        )
