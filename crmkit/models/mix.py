"""The marketing mix as a decision: what a product contributes, how far ahead to look, which channel wins.

Break-even volume is `pricing.break_even_quantity`. Money is in one currency of the caller's choice; shares
are fractions: a retention of 97% is 0.97.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from crmkit.models import require

# --- Product and price: contribution -----------------------------------------------------------------


def contribution_margin(price: float, variable_cost: float) -> float:
    """Return what one unit contributes to fixed cost and profit: CM = P − VC.

    Parameters
    ----------
    price, variable_cost : money per unit, 0 or more.

    Returns
    -------
    Money per unit; negative below variable cost.

    Raises
    ------
    ValueError : a negative price or cost.

    Source: kotler2016.
    """
    require.not_negative(price=price, variable_cost=variable_cost)
    return price - variable_cost


def break_even_revenue(fixed_cost: float, price: float, variable_cost: float) -> float:
    """Return the revenue whose contribution covers the fixed cost: R = F / (1 − VC / P).

    Parameters
    ----------
    fixed_cost : money per period, 0 or more.
    price, variable_cost : money per unit, 0 or more; the price must exceed the variable cost.

    Returns
    -------
    Money per period.

    Raises
    ------
    ValueError : a negative amount, or a price that leaves no contribution margin.

    Source: kotler2016.
    """
    require.not_negative(fixed_cost=fixed_cost)
    if contribution_margin(price, variable_cost) <= 0:
        raise ValueError(
            f"a price of {price} leaves no contribution margin over a variable cost of {variable_cost}, "
            "so no revenue breaks even"
        )
    return fixed_cost / (1 - variable_cost / price)


def profit(quantity: float, price: float, variable_cost: float, fixed_cost: float) -> float:
    """Return the profit at a volume: Π = (P − VC) · Q − F.

    Parameters
    ----------
    quantity : units per period, 0 or more.
    price, variable_cost : money per unit, 0 or more.
    fixed_cost : money per period, 0 or more.

    Returns
    -------
    Money per period; negative below the break-even.

    Raises
    ------
    ValueError : a negative amount.

    Source: kotler2016.
    """
    require.not_negative(quantity=quantity, fixed_cost=fixed_cost)
    return contribution_margin(price, variable_cost) * quantity - fixed_cost


def margin_of_safety(quantity: float, break_even_quantity: float) -> float:
    """Return by which share sales may fall before a loss: MS = (Q − Q_BE) / Q.

    Parameters
    ----------
    quantity : units per period that are planned or sold, above 0.
    break_even_quantity : units per period, 0 or more.

    Returns
    -------
    Share of the quantity; negative where the plan itself is a loss.

    Raises
    ------
    ValueError : a quantity that is not positive or a negative break-even.

    Source: kotler2016.
    """
    require.not_negative(break_even_quantity=break_even_quantity)
    if not 0 < quantity < math.inf:
        raise ValueError(f"quantity must be above 0, got {quantity}")
    return 1 - break_even_quantity / quantity


# --- Transaction or relationship ---------------------------------------------------------------------


def months_kept(retention: float, months: int) -> float:
    """Return the months in which a customer buys, on average, within a horizon: Σ r^t = (1 − r^H) / (1 − r).

    The first month is certain; each later one comes with probability r if the one before came.

    Parameters
    ----------
    retention : probability of staying from one month to the next, 0 ≤ r ≤ 1.
    months : the horizon H in whole months, 0 or more.

    Returns
    -------
    Months, at most the horizon.

    Raises
    ------
    ValueError : a retention that is no probability, or a horizon that is negative or not whole.

    Source: gupta2003, for a customer's value at constant retention.
    """
    if not 0 <= retention <= 1:
        raise ValueError(f"retention is a probability from 0 to 1, got {retention}")
    if not (months >= 0 and float(months).is_integer()):
        raise ValueError(f"months must be a whole number, 0 or more, got {months}")
    return float(months) if retention == 1 else (1 - retention**months) / (1 - retention)


@dataclass(frozen=True)
class Offer:
    """One way to win and serve a customer.

    Parameters
    ----------
    name : what it is called.
    cost : money spent once for each customer won, 0 or more.
    margin : money contributed per month by a customer who buys.
    retention : probability of staying from one month to the next, 0 to 1.

    Raises
    ------
    ValueError : a negative cost or a retention that is no probability.

    Source: gronroos1994, for the two ends, transaction and relationship.
    """

    name: str
    cost: float
    margin: float
    retention: float

    def __post_init__(self) -> None:
        require.not_negative(cost=self.cost)
        months_kept(self.retention, 0)

    def value(self, months: int) -> float:
        """Return what a customer won this way is worth in so many months: V = m · Σ r^t − cost."""
        return self.margin * months_kept(self.retention, months) - self.cost


# --- Place: the channel scorecard --------------------------------------------------------------------


def weighted_scores(ratings: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Return each alternative's weighted score: S_i = Σ w_j · r_ij / Σ w_j.

    Parameters
    ----------
    ratings : one row an alternative, one column a criterion, all on one scale where more is better.
    weights : importance of each criterion, 0 or more and not all 0; they need not add up to 1.

    Returns
    -------
    Scores on the scale of the ratings, in the order of the rows.

    Raises
    ------
    ValueError : no alternative, a missing rating, criteria and weights that do not match, or weights that
        are negative or all 0.

    Source: edwards1977.
    """
    return (ratings @ _shares(ratings, weights)).rename("score")


def winner_by_weight(ratings: pd.DataFrame, weights: Mapping[str, float], criterion: str) -> pd.DataFrame:
    """Return who wins as one criterion's weight goes from 0 to 1 and the others keep their proportions.

    Each score is a straight line in that weight, S_i(w) = w · r_i + (1 − w) · (score on the others), so
    the winners follow from where the lines cross.

    Parameters
    ----------
    ratings : one row an alternative, one column a criterion, all on one scale where more is better.
    weights : importance of each criterion, 0 or more; the others' must not all be 0.
    criterion : the column whose weight is varied.

    Returns
    -------
    One row a stretch with one winner: columns `low`, `high` (weights, from 0 to 1) and `winner`. Where
    two are equal throughout, the one listed first wins.

    Raises
    ------
    ValueError : as in `weighted_scores`, or an unknown criterion.

    Source: edwards1977.
    """
    if criterion not in ratings.columns:
        raise ValueError(f"no criterion {criterion!r} in the ratings; they have {', '.join(ratings.columns)}")
    at_one = weighted_scores(ratings, {name: float(name == criterion) for name in ratings.columns}).to_numpy()
    at_zero = weighted_scores(ratings, {**weights, criterion: 0.0}).to_numpy()
    slope = at_one - at_zero
    crossings = {0.0, 1.0}
    for one in range(len(slope)):
        for other in range(one):
            if slope[one] != slope[other]:
                weight = (at_zero[other] - at_zero[one]) / (slope[one] - slope[other])
                crossings.update([float(weight)] if 0 < weight < 1 else [])
    edges = sorted(crossings)
    stretches: list[dict[str, object]] = []
    for low, high in pairwise(edges):
        scores = at_zero + slope * (low + high) / 2
        # Rounding must not make a difference between two lines that are the same.
        winner = ratings.index[np.argmax(scores >= scores.max() - 1e-12)]
        if stretches and stretches[-1]["winner"] == winner:
            stretches[-1]["high"] = high
        else:
            stretches.append({"low": low, "high": high, "winner": winner})
    return pd.DataFrame(stretches)


# --- What an input must be ---------------------------------------------------------------------------


def _shares(ratings: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    given = pd.Series(dict(weights), dtype=float)
    if ratings.empty or ratings.isna().to_numpy().any():
        raise ValueError("ratings must have at least one row and one column, and no rating may be missing")
    if set(given.index) != set(ratings.columns):
        odd = sorted(str(name) for name in set(given.index) ^ set(ratings.columns))
        raise ValueError(
            f"weights and ratings must name the same criteria; only one of them has {', '.join(odd)}"
        )
    if not (np.isfinite(given) & (given >= 0)).all() or given.sum() == 0:
        raise ValueError("weights must be 0 or more, and at least one above 0")
    return given / given.sum()
