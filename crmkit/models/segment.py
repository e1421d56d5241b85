"""Customers told apart: how unequal they are, tiers, RFM, buying patterns, clusters, and definitions.

Shares are fractions throughout: 20% of the customers is 0.20. "Value" is what a customer brings in one
period, such as revenue or contribution, in a unit of the caller's choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import vq
from scipy.stats import rankdata

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Names: TypeAlias = NDArray[np.str_]
Case = TypeVar("Case")

# --- Concentration -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LorenzCurve:
    """Cumulative shares of the customers, smallest first, and of the value that they bring.

    Both arrays run from 0 to 1; between two points the curve is straight.
    """

    customers: Floats
    value: Floats

    @property
    def gini(self) -> float:
        """The Gini coefficient: G = 1 − Σ pᵢ · (Lᵢ + Lᵢ₋₁), twice the area between curve and diagonal."""
        return float(1 - np.diff(self.customers) @ (self.value[1:] + self.value[:-1]))

    def top_share(self, share: float) -> float:
        """Return the share of the value that the largest customers bring: s(q) = 1 − L(1 − q)."""
        _require_share(share=share)
        return float(1 - np.interp(1 - share, self.customers, self.value))


def lorenz_curve(value: ArrayLike, customers: ArrayLike | None = None) -> LorenzCurve:
    """Return the Lorenz curve of single customers or, where their numbers are given, of groups.

    Groups are ordered by value per customer, whatever their order in the input.

    Parameters
    ----------
    value : what each customer, or each group as a whole, brings, 0 or more and not all 0.
    customers : number of customers in each group, or the group's share of them, above 0.

    Returns
    -------
    The curve, with one point more than there are customers or groups.

    Raises
    ------
    ValueError : a negative or missing value, nothing but zeros, a group without customers, or lengths that
        differ.

    Source: lorenz1905.
    """
    values = _column("value", value)
    sizes = np.ones_like(values) if customers is None else _column("customers", customers)
    _require_same_length(value=values, customers=sizes)
    if (values < 0).any():
        raise ValueError("value must be 0 or more in every row: with losses, shares of the total mislead")
    if not values.any():
        raise ValueError("value is 0 in every row, so there is no total to have a share of")
    if not (sizes > 0).all():
        raise ValueError("customers must be above 0 in every group")
    order = np.argsort(values / sizes, kind="stable")
    return LorenzCurve(_cumulative_shares(sizes[order]), _cumulative_shares(values[order]))


def gini(value: ArrayLike) -> float:
    """Return the Gini coefficient of single customers: G = 2 · Σ i · x₍ᵢ₎ / (n · Σ x) − (n + 1) / n.

    It is 0 where all bring the same and (n − 1) / n where one brings everything.

    Parameters
    ----------
    value : what each customer brings, 0 or more and not all 0.

    Returns
    -------
    Pure number, from 0 to below 1.

    Raises
    ------
    ValueError : a negative or missing value, or nothing but zeros.

    Source: gini1912.
    """
    return lorenz_curve(value).gini


def grouped_gini(customers: ArrayLike, value: ArrayLike) -> float:
    """Return the Gini coefficient between groups: G = 1 − Σ pᵢ · (Lᵢ + Lᵢ₋₁).

    It treats the customers of a group as equal, so it is at most the coefficient of the single customers.

    Parameters
    ----------
    customers : number of customers in each group, or the group's share of them, above 0.
    value : what each group brings, or its share of the total, 0 or more and not all 0.

    Returns
    -------
    Pure number, from 0 to below 1.

    Raises
    ------
    ValueError : a negative or missing number, nothing but zeros, or lengths that differ.

    Source: gini1912.
    """
    return lorenz_curve(value, customers).gini


def top_share(value: ArrayLike, share: float) -> float:
    """Return the share of the value that the largest customers bring: s(q) = 1 − L(1 − q).

    Where q · n is not whole, the customer at the border counts in part.

    Parameters
    ----------
    value : what each customer brings, 0 or more and not all 0.
    share : share q of the customers, from 0 to 1.

    Returns
    -------
    Share of the total value, at least `share`.

    Raises
    ------
    ValueError : a negative or missing value, nothing but zeros, or a share outside [0, 1].

    Source: lorenz1905.
    """
    return lorenz_curve(value).top_share(share)


# --- The Pareto distribution -------------------------------------------------------------------------


def pareto_alpha(share: float, value_share: float) -> float:
    """Return the exponent of the Pareto distribution with a given top share: α = 1 / (1 − ln s / ln q).

    Parameters
    ----------
    share : share q of the customers, the largest ones, 0 < q < 1.
    value_share : share s of the value that they bring, q ≤ s < 1.

    Returns
    -------
    Exponent above 1; `math.inf` where all bring the same (s = q).

    Raises
    ------
    ValueError : a share outside its range.

    Source: newman2005.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be above 0 and below 1, got {share}")
    if not share <= value_share < 1:
        raise ValueError(
            f"the largest {share:.1%} bring at least {share:.1%} of the value and less than all of it, got "
            f"a value_share of {value_share}"
        )
    slope = math.log(value_share) / math.log(share)  # 1 − 1 / α
    return math.inf if slope == 1 else 1 / (1 - slope)


def pareto_top_share(share: float, alpha: float) -> float:
    """Return the share of the value that the largest customers bring: s(q) = q^(1 − 1/α).

    Parameters
    ----------
    share : share q of the customers, from 0 to 1.
    alpha : exponent above 1; `math.inf` means that all bring the same.

    Returns
    -------
    Share of the total value.

    Raises
    ------
    ValueError : a share outside [0, 1], or an exponent of 1 or less, where the mean is infinite.

    Source: newman2005.
    """
    _require_share(share=share)
    _require_exponent(alpha)
    return share ** (1 - 1 / alpha)


def pareto_gini(alpha: float) -> float:
    """Return the Gini coefficient of a Pareto distribution: G = 1 / (2α − 1).

    Parameters
    ----------
    alpha : exponent above 1; `math.inf` means that all bring the same.

    Returns
    -------
    Pure number, from 0 to below 1.

    Raises
    ------
    ValueError : an exponent of 1 or less, where the mean is infinite.

    Source: gini1912, for the coefficient; newman2005, for the distribution.
    """
    _require_exponent(alpha)
    return 1 / (2 * alpha - 1)


# --- Tiers -------------------------------------------------------------------------------------------

PYRAMID: dict[str, float] = {"VIP": 0.01, "major": 0.04, "ordinary": 0.15, "small": 0.80}
"""The customer pyramid of curry2000, largest customers first: shares of the active customers.

The course's names for its Top, Large, Medium and Small. A convention, not a law: nothing makes 1% special.
"""


def assign_tiers(value: ArrayLike, shares: Mapping[str, float] = PYRAMID) -> Names:
    """Return each customer's tier, by rank: the largest fill the first tier, and so on.

    A tier ends at the rank n · (share of all tiers so far), rounded to the nearest whole customer and up
    from a half. Of equal customers the one listed first ranks first.

    Parameters
    ----------
    value : what each customer brings; losses are negative.
    shares : share of the customers in each tier, largest customers first; they add up to 1.

    Returns
    -------
    Names of tiers, in the order of the customers.

    Raises
    ------
    ValueError : a missing value, no tier, a share that is not positive, or shares that do not add up to 1.

    Source: curry2000.
    """
    values = _column("value", value)
    if not shares or not all(share > 0 for share in shares.values()):
        raise ValueError("shares must name at least one tier, and every share must be above 0")
    if not math.isclose(math.fsum(shares.values()), 1):
        raise ValueError(f"the shares of the tiers add up to {math.fsum(shares.values()):g}, not to 1")
    # Rounding first to 9 places keeps a half that is not exact in binary a half.
    ends = np.floor(np.round(len(values) * np.cumsum(list(shares.values())), 9) + 0.5)
    rank = np.empty(len(values), dtype=int)
    rank[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return np.array(list(shares))[np.searchsorted(ends, rank, side="right")]


def tier_changes(value: ArrayLike, other: ArrayLike, shares: Mapping[str, float] = PYRAMID) -> int:
    """Return how many customers change their tier where a second value ranks them.

    Parameters
    ----------
    value, other : two values of each customer, such as revenue and profit.
    shares : share of the customers in each tier, largest customers first; they add up to 1.

    Returns
    -------
    Number of customers whose tiers differ.

    Raises
    ------
    ValueError : lengths that differ, a missing value, or shares that do not add up to 1.

    Source: curry2000.
    """
    values, others = _column("value", value), _column("other", other)
    _require_same_length(value=values, other=others)
    return int((assign_tiers(values, shares) != assign_tiers(others, shares)).sum())


# --- RFM ---------------------------------------------------------------------------------------------


def quintile_scores(values: ArrayLike, *, smallest_best: bool = False) -> Integers:
    """Return each customer's score from 1 (worst fifth) to 5 (best fifth): 1 + ⌊5 · (r − ½) / n⌋.

    r is the rank, 1 for the worst. Equal values have the same score: r is their mean rank. So with many
    equal values the five groups are unequal, and a score may be given to nobody.

    Parameters
    ----------
    values : one a customer.
    smallest_best : whether a small value is good, as for the time since the last purchase.

    Returns
    -------
    Whole numbers from 1 to 5.

    Raises
    ------
    ValueError : a missing value, or no customer.

    Source: bult1995, for the use of RFM groups; the rule for ties is the course's own.
    """
    column = _column("values", values)
    twice_the_rank = np.rint(2 * rankdata(-column if smallest_best else column)).astype(np.int64)
    return 1 + 5 * (twice_the_rank - 1) // (2 * len(column))


def rfm_scores(recency: ArrayLike, frequency: ArrayLike, monetary: ArrayLike) -> pd.DataFrame:
    """Return each customer's scores for recency, frequency and monetary value, and the combined code.

    Each column is cut into fifths of all customers, on its own. The other usage, to cut frequency within
    the fifths of recency, gives other codes.

    Parameters
    ----------
    recency : time since the last purchase; the shorter, the better.
    frequency : number of purchases.
    monetary : money spent.

    Returns
    -------
    One row a customer, with the index of `recency` if it has one: R, F, M (1 to 5, 5 is best) and code, a
    text such as "543".

    Raises
    ------
    ValueError : a missing value, or lengths that differ.

    Source: bult1995, chen2012.
    """
    columns = {"recency": recency, "frequency": frequency, "monetary": monetary}
    _require_same_length(**{name: _column(name, values) for name, values in columns.items()})
    index = recency.index if isinstance(recency, pd.Series) else None
    scores = pd.DataFrame(
        {
            "R": quintile_scores(recency, smallest_best=True),
            "F": quintile_scores(frequency),
            "M": quintile_scores(monetary),
        },
        index=index,
    )
    code = 100 * scores["R"] + 10 * scores["F"] + scores["M"]
    return scores.assign(code=code.astype(str))


# --- Buying patterns ---------------------------------------------------------------------------------


def coefficient_of_variation(values: ArrayLike) -> float:
    """Return the standard deviation over the mean: CV = σ / μ.

    Of the times between purchases it tells how regular they are: 0 for a fixed rhythm, in the long run 1
    for purchases at random times (a Poisson process).

    Parameters
    ----------
    values : 0 or more and not all 0; the standard deviation is that of the values themselves (over n).

    Returns
    -------
    Pure number, 0 or more.

    Raises
    ------
    ValueError : a negative or missing value, or nothing but zeros.

    Source: wedel2000, for purchase behaviour as a basis of segments.
    """
    column = _column("values", values)
    if (column < 0).any() or not column.any():
        raise ValueError("values must be 0 or more in every row, and not all 0")
    return float(column.std() / column.mean())


def purchase_patterns(
    customer: ArrayLike, date: ArrayLike, quantity: ArrayLike, *, bulk_from: float, regular_to: float
) -> pd.DataFrame:
    """Return how each customer buys: in bulk or odd lots, and at regular or random times.

    Size and timing are two bases, so each customer has a label on both. All purchases of one day are one.
    Timing needs two gaps: with fewer than three purchases it is "unknown".

    Parameters
    ----------
    customer : label of the customer, one a purchase.
    date : day of the purchase, as text "1999-09-30" or as dates.
    quantity : units bought, 0 or more.
    bulk_from : units; a customer whose mean purchase is at least this buys in bulk.
    regular_to : a customer whose gaps have at most this coefficient of variation buys regularly.

    Returns
    -------
    One row a customer: purchases, mean_quantity (units), gap_cv (missing below three purchases), size
    ("bulk", "odd-lot") and timing ("regular", "random", "unknown").

    Raises
    ------
    ValueError : lengths that differ, a quantity that is negative or missing, or a limit that is not positive.

    Source: wedel2000, for purchase behaviour as a basis of segments.
    """
    require.positive(bulk_from=bulk_from, regular_to=regular_to)
    units = _column("quantity", quantity)
    if (units < 0).any():
        raise ValueError("quantity must be 0 or more in every row")
    labels = np.asarray(customer)
    days = pd.DatetimeIndex(pd.to_datetime(np.asarray(date))).normalize()
    _require_same_length(customer=labels, date=days, quantity=units)
    rows = pd.DataFrame({"customer": labels, "day": days, "quantity": units})
    purchases = rows.groupby(["customer", "day"], as_index=False)["quantity"].sum()
    purchases["gap"] = purchases.groupby("customer")["day"].diff().dt.days
    groups = purchases.groupby("customer")
    each = groups["quantity"].agg(purchases="size", mean_quantity="mean")
    spread = groups["gap"].std(ddof=0) / groups["gap"].mean()
    each["gap_cv"] = spread.where(each["purchases"] >= 3)
    each["size"] = np.where(each["mean_quantity"] >= bulk_from, "bulk", "odd-lot")
    timing = np.where(each["gap_cv"] <= regular_to, "regular", "random")
    each["timing"] = np.where(each["gap_cv"].isna(), "unknown", timing)
    return each


# --- Clusters ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clusters:
    """Where the centres are, the number of the nearest centre of each point, and how far the points lie.

    `within` is the sum of the squared distances of all points to their nearest centre.
    """

    centres: Floats
    labels: Integers
    within: float


def k_means_steps(points: ArrayLike, centres: ArrayLike) -> list[Clusters]:
    """Return the steps of k-means (Lloyd's algorithm) from given centres until no point changes its cluster.

    A step moves each centre to the mean of its points and assigns each point to the nearest centre. A
    centre without points stays where it is.

    Parameters
    ----------
    points : one row a customer, one column a variable, in comparable units (such as z-scores).
    centres : one row a cluster, with the same columns.

    Returns
    -------
    The start and each step; the last one is settled.

    Raises
    ------
    ValueError : shapes that do not fit, or a missing value.

    Source: lloyd1982.
    """
    rows, places = _matrix("points", points), _matrix("centres", centres)
    if rows.shape[1] != places.shape[1]:
        raise ValueError(f"points have {rows.shape[1]} columns and centres {places.shape[1]}")
    steps = [_assigned(rows, places)]
    while len(steps) < 2 or (steps[-1].labels != steps[-2].labels).any():
        last = steps[-1]
        means = last.centres.copy()
        for cluster in np.unique(last.labels):
            means[cluster] = rows[last.labels == cluster].mean(axis=0)
        steps.append(_assigned(rows, means))
    return steps


def k_means(points: ArrayLike, clusters: int, *, starts: int = 20, seed: int = 0) -> Clusters:
    """Return the best of several runs of k-means, each from different points drawn as first centres.

    k-means settles in a local minimum, so one start is not enough. Clusters are numbered by the first
    column of their centres, lowest first.

    Parameters
    ----------
    points : one row a customer, one column a variable, in comparable units (such as z-scores).
    clusters : how many, at least 1 and at most the number of different points.
    starts : how many runs, at least 1.
    seed : of the draws; the same seed gives the same result.

    Returns
    -------
    The run with the smallest sum of squared distances.

    Raises
    ------
    ValueError : a missing value, more clusters than different points, or no start.

    Source: lloyd1982.
    """
    rows = _matrix("points", points)
    different = np.unique(rows, axis=0)
    if not 1 <= clusters <= len(different):
        raise ValueError(f"clusters must be from 1 to {len(different)} different points, got {clusters}")
    if starts < 1:
        raise ValueError(f"starts must be at least 1, got {starts}")
    rng = np.random.default_rng(seed)
    runs = (
        k_means_steps(rows, rng.choice(different, clusters, replace=False, shuffle=False))[-1]
        for _ in range(starts)
    )
    best = min(runs, key=lambda run: run.within)
    order = np.lexsort(best.centres.T[::-1])
    return Clusters(best.centres[order], np.argsort(order)[best.labels], best.within)


def _assigned(points: Floats, centres: Floats) -> Clusters:
    labels, distances = vq(points, centres)
    return Clusters(centres, labels.astype(np.int64), float(distances @ distances))


def adjusted_rand_index(one: ArrayLike, other: ArrayLike) -> float:
    """Return how far two groupings of the same customers agree, beyond chance.

    ARI = (Σ C(nᵢⱼ, 2) − E) / ((Σ C(aᵢ, 2) + Σ C(bⱼ, 2)) / 2 − E), with E = Σ C(aᵢ, 2) · Σ C(bⱼ, 2) / C(n, 2):
    nᵢⱼ customers are in group i of one and j of the other, aᵢ and bⱼ are the sizes of the groups.

    Parameters
    ----------
    one, other : label of each customer's group; only who is grouped with whom counts, not the names.

    Returns
    -------
    1 for the same grouping, 0 on average for groupings by chance; it can be negative.

    Raises
    ------
    ValueError : lengths that differ, or fewer than two customers.

    Source: hubert1985.
    """
    first, second = np.asarray(one), np.asarray(other)
    _require_same_length(one=first, other=second)
    if len(first) < 2:
        raise ValueError("two groupings can be compared from two customers on")
    rows, columns = (np.unique(labels, return_inverse=True)[1] for labels in (first, second))
    table = np.zeros((rows.max() + 1, columns.max() + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    together, in_one, in_other, all_pairs = (
        int((counts * (counts - 1) // 2).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum(keepdims=True))
    )
    by_chance = in_one * in_other / all_pairs
    most = (in_one + in_other) / 2
    # Both put everybody together, or everybody apart: the same grouping.
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


# --- Definitions of segments -------------------------------------------------------------------------


@dataclass(frozen=True)
class MeceCheck(Generic[Case]):
    """Cases that several segments claim, each with their names, and cases that no segment claims.

    A list of cases can show that definitions are not mutually exclusive or not collectively exhaustive; it
    cannot show that they are, unless it holds every case there is.
    """

    overlaps: tuple[tuple[Case, tuple[str, ...]], ...]
    gaps: tuple[Case, ...]

    @property
    def is_mece(self) -> bool:
        """Whether each case of the list is in exactly one segment."""
        return not self.overlaps and not self.gaps


def check_mece(segments: Mapping[str, Callable[[Case], Any]], cases: Iterable[Case]) -> MeceCheck[Case]:
    """Return which cases are in several of the segments, and which in none.

    Parameters
    ----------
    segments : name of each segment and its rule, a function that says whether a case belongs to it.
    cases : the cases to try, such as ages or customers.

    Returns
    -------
    The overlaps and the gaps, in the order of the cases.

    Raises
    ------
    ValueError : no segment, or no case.

    Source: wedel2000, for what segments must be; the check is the course's own.
    """
    tried = list(cases)
    if not segments or not tried:
        raise ValueError("give at least one segment and one case to try")
    claims = [tuple(name for name, rule in segments.items() if rule(case)) for case in tried]
    return MeceCheck(
        overlaps=tuple((case, names) for case, names in zip(tried, claims, strict=True) if len(names) > 1),
        gaps=tuple(case for case, names in zip(tried, claims, strict=True) if not names),
    )


# --- The customer value matrix -----------------------------------------------------------------------

VALUE_MATRIX: dict[tuple[bool, bool], str] = {
    (True, True): "keep and grow",
    (True, False): "keep",
    (False, True): "grow",
    (False, False): "serve simply",
}
"""The cell of the customer value matrix for (high value, high potential); the names are the course's own."""


def value_matrix(
    value: ArrayLike, potential: ArrayLike, *, value_from: float, potential_from: float
) -> Names:
    """Return each customer's cell in the customer value matrix (客户价值矩阵): value today × potential.

    Parameters
    ----------
    value : what each customer brings today; losses are negative.
    potential : what each customer could bring on top.
    value_from, potential_from : a value or a potential of at least this is high.

    Returns
    -------
    Names of cells, as in `VALUE_MATRIX`, in the order of the customers.

    Raises
    ------
    ValueError : lengths that differ, or a missing value.

    Source: the course's reading of a grid in common use; its origin is not known.
    """
    values, potentials = _column("value", value), _column("potential", potential)
    _require_same_length(value=values, potential=potentials)
    high = zip(values >= value_from, potentials >= potential_from, strict=True)
    return np.array([VALUE_MATRIX[bool(much), bool(more)] for much, more in high])


# --- What an input must be ---------------------------------------------------------------------------


def _column(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise ValueError(f"{name} must be a finite number in every row, got {numbers[row]} in row {row}")
    return numbers


def _matrix(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 2 or not numbers.size:
        raise ValueError(f"{name} must have rows and columns, got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be a finite number in every row and column")
    return numbers


def _cumulative_shares(amounts: Floats) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    return sums / sums[-1]


def _require_same_length(**columns: Any) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"the columns must be as long as each other, got rows: {found}")


def _require_share(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must be from 0 to 1, got {share}")


def _require_exponent(alpha: float) -> None:
    if not alpha > 1:
        raise ValueError(f"alpha must be above 1, or the mean is infinite, got {alpha}")
