"""Measuring a service: control charts of a share, the Net Promoter Score, and how many to ask.

Shares are fractions throughout: 20% is 0.20. The Net Promoter Score alone is in points, from −100 to 100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrc, ndtri

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

# --- Control charts of a share -----------------------------------------------------------------------


@dataclass(frozen=True)
class ControlLimits:
    """Between which shares a sample of a stable process falls nearly always."""

    lower: float
    upper: float


def p_chart_limits(centre: float, size: int, *, sigmas: float = 3) -> ControlLimits:
    """Return the control limits of a share: p̄ ± 3 √(p̄ q̄ / n), cut at 0 and 1.

    Parameters
    ----------
    centre : the share p̄ when the process is stable, between 0 and 1.
    size : cases n in one sample, a whole number, at least 1.
    sigmas : standard errors from the centre to a limit, above 0.

    Returns
    -------
    The two limits, as shares.

    Raises
    ------
    ValueError : a centre, size or number of standard errors out of range.

    Source: shewhart1931.
    """
    _require_chart(centre, sigmas)
    _require_size(size)
    lower, upper = _limits(centre, np.array([float(size)]), sigmas)
    return ControlLimits(lower=float(lower[0]), upper=float(upper[0]))


@dataclass(frozen=True)
class PChart:
    """A control chart of a share: one value a sample, and where the samples are out of control."""

    centre: float
    shares: Floats
    lower: Floats
    upper: Floats
    out_of_control: Flags


def p_chart(
    defects: ArrayLike, sizes: ArrayLike, *, centre: float | None = None, sigmas: float = 3
) -> PChart:
    """Return the control chart of a share over samples, which may differ in size.

    A sample is out of control if its share lies beyond a limit, not if it lies on it.

    Parameters
    ----------
    defects : cases in each sample that have the fault, one column of whole numbers.
    sizes : cases in each sample, one column as long as `defects`, or one number for all.
    centre : the share when the process is stable, between 0 and 1; without it, that of all samples
        together, Σ defects / Σ sizes.
    sigmas : standard errors from the centre to a limit, above 0.

    Returns
    -------
    The chart; all its columns are as long as `defects`.

    Raises
    ------
    ValueError : counts that are no counts, columns that do not match, a centre or number of standard
        errors out of range, or no centre given where all cases are alike.

    Source: shewhart1931.
    """
    counts = _column("defects", defects)
    samples = np.asarray(sizes, dtype=float)
    if samples.ndim == 0:
        samples = np.full(counts.shape, float(samples))
    samples = _column("sizes", samples)
    if counts.size != samples.size:
        raise ValueError(f"defects has {counts.size} rows and sizes {samples.size}; each sample needs both")
    if not (samples >= 1).all() or not (counts <= samples).all():
        raise ValueError("each sample needs at least one case and at most as many defects as cases")
    if centre is None:
        centre = float(counts.sum() / samples.sum())
        if centre in (0, 1):
            raise ValueError("all cases of all samples are alike, so they set no limits; give the centre")
    _require_chart(centre, sigmas)
    lower, upper = _limits(centre, samples, sigmas)
    low_count, high_count = _count_limits(centre, samples, sigmas)
    return PChart(
        centre=centre,
        shares=counts / samples,
        lower=lower,
        upper=upper,
        out_of_control=(counts < low_count) | (counts > high_count),
    )


def runs_on_one_side(values: ArrayLike, centre: float, *, length: int = 9) -> Flags:
    """Return which values end a run of so many in a row on the same side of the centre.

    A stable process does that rarely: nine on one side have a chance of 2 · 0.5⁹, about 0.4%, at any
    place. A value on the centre itself breaks a run.

    Parameters
    ----------
    values : one column in the order of time.
    centre : the level to compare with, in the unit of the values.
    length : values in a run that count as a signal, a whole number, at least 2.

    Returns
    -------
    One flag a value: whether it and the `length` − 1 before it lie on the same side.

    Raises
    ------
    ValueError : not one column of finite numbers, or a length below 2.

    Source: nelson1984, test 2.
    """
    column = _numbers("values", values)
    if not (length >= 2 and float(length).is_integer()):
        raise ValueError(f"length must be a whole number, at least 2, got {length}")
    signals = np.zeros(column.size, dtype=bool)
    run, last = 0, 0.0
    for place, side in enumerate(np.sign(column - centre)):
        run = run + 1 if side == last and side != 0 else int(side != 0)
        last = side
        signals[place] = run >= length
    return signals


def signal_probability(rate: float, centre: float, size: int, *, sigmas: float = 3) -> float:
    """Return the chance that one sample falls out of control, exactly: P(X/n > UCL) + P(X/n < LCL).

    X is binomial with the true rate. On average 1 / this chance samples pass until the first signal; at
    the centre itself it is the chance of a false alarm.

    Parameters
    ----------
    rate : the true share when the sample is taken, from 0 to 1.
    centre : the share p̄ from which the limits come, between 0 and 1.
    size : cases n in one sample, a whole number, at least 1.
    sigmas : standard errors from the centre to a limit, above 0.

    Returns
    -------
    Probability.

    Raises
    ------
    ValueError : a rate, centre, size or number of standard errors out of range.

    Source: shewhart1931.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate is a share from 0 to 1, got {rate}")
    _require_chart(centre, sigmas)
    _require_size(size)
    low, high = (int(count[0]) for count in _count_limits(centre, np.array([float(size)]), sigmas))
    below = float(bdtr(low - 1, size, rate)) if low > 0 else 0.0
    above = float(bdtrc(high, size, rate)) if high < size else 0.0
    return below + above


def _limits(centre: float, sizes: Floats, sigmas: float) -> tuple[Floats, Floats]:
    width = sigmas * np.sqrt(centre * (1 - centre) / sizes)
    return np.maximum(centre - width, 0), np.minimum(centre + width, 1)


def _count_limits(centre: float, sizes: Floats, sigmas: float) -> tuple[Floats, Floats]:
    """Return the fewest and the most defects that are still in control."""
    lower, upper = _limits(centre, sizes, sigmas)
    # Rounding must not put a count that lies on a limit beyond it.
    return np.ceil(lower * sizes - 1e-9), np.floor(upper * sizes + 1e-9)


# --- The Net Promoter Score --------------------------------------------------------------------------


@dataclass(frozen=True)
class RecommendationCounts:
    """How many would recommend a firm (9 or 10 of 10), how many might (7 or 8), and the others."""

    promoters: int
    passives: int
    detractors: int


def count_recommendations(ratings: ArrayLike) -> RecommendationCounts:
    """Return how many answers are those of promoters (9–10), passives (7–8) and detractors (0–6).

    Parameters
    ----------
    ratings : how likely each customer is to recommend the firm, one column of whole numbers, 0 to 10.

    Returns
    -------
    The three counts.

    Raises
    ------
    ValueError : not one column, or an answer that is not a whole number from 0 to 10.

    Source: reichheld2003.
    """
    answers = _column("ratings", ratings)
    if (answers > 10).any():
        raise ValueError("ratings must be whole numbers from 0 to 10; one is above 10")
    promoters, detractors = int((answers >= 9).sum()), int((answers <= 6).sum())
    return RecommendationCounts(promoters, answers.size - promoters - detractors, detractors)


@dataclass(frozen=True)
class NetPromoterScore:
    """A score in points, from −100 to 100, with its standard error and interval, in points as well."""

    score: float
    standard_error: float
    low: float
    high: float


def net_promoter_score(
    promoters: int, passives: int, detractors: int, confidence: float = 0.95
) -> NetPromoterScore:
    """Return the Net Promoter Score, 100 (p − d), with its standard error 100 √((p + d − (p − d)²) / n).

    The interval is score ± z · standard error, cut at ±100. It is too narrow for few answers, and has no
    width at all where everybody is of one kind; adjusted intervals are in the source.

    Parameters
    ----------
    promoters, passives, detractors : whole numbers, 0 or more and not all 0.
    confidence : of the interval, between 0 and 1.

    Returns
    -------
    Points: the score, its standard error, and its interval.

    Raises
    ------
    ValueError : counts that are no counts or all 0, or a confidence outside (0, 1).

    Source: rocks2016; reichheld2003 for the score.
    """
    counts = {"promoters": promoters, "passives": passives, "detractors": detractors}
    for name, count in counts.items():
        if not (0 <= count < math.inf and float(count).is_integer()):
            raise ValueError(f"{name} must be a whole number, 0 or more, got {count}")
    answers = sum(counts.values())
    if answers == 0:
        raise ValueError("nobody answered: a score needs at least one promoter, passive or detractor")
    require.confidence(confidence)
    p, d = promoters / answers, detractors / answers
    # For one kind only the variance is 0, which rounding may miss.
    standard_error = 100 * math.sqrt(max(p + d - (p - d) ** 2, 0) / answers)
    half_width = float(ndtri((1 + confidence) / 2)) * standard_error
    score = 100 * (promoters - detractors) / answers
    return NetPromoterScore(
        score=score,
        standard_error=standard_error,
        low=max(score - half_width, -100.0),
        high=min(score + half_width, 100.0),
    )


# --- How many to ask ---------------------------------------------------------------------------------


def survey_sample_size(
    margin: float, *, share: float = 0.5, confidence: float = 0.95, population: float = math.inf
) -> int:
    """Return how many must answer for a share ± margin: n₀ = z² p q / e², and n = n₀ / (1 + (n₀ − 1) / N).

    Those who answer must be a simple random sample: no number makes up for the silent.

    Parameters
    ----------
    margin : half the width of the interval, a share between 0 and 1.
    share : the share that is expected, between 0 and 1; 0.5 is the most cautious.
    confidence : of the interval, between 0 and 1.
    population : customers N from whom the sample is drawn, at least 1; infinite if they are very many.

    Returns
    -------
    Answers, rounded up.

    Raises
    ------
    ValueError : a margin, share, confidence or population out of range.

    Source: cochran1977.
    """
    for name, value in (("margin", margin), ("share", share)):
        if not 0 < value < 1:
            raise ValueError(f"{name} is a share between 0 and 1, got {value}")
    require.confidence(confidence)
    if not population >= 1:
        raise ValueError(f"population must be at least 1, got {population}")
    from_many = (float(ndtri((1 + confidence) / 2)) / margin) ** 2 * share * (1 - share)
    return math.ceil(from_many / (1 + (from_many - 1) / population) - 1e-9)


# --- What an input must be ---------------------------------------------------------------------------


def _numbers(name: str, values: ArrayLike) -> Floats:
    column = np.asarray(values, dtype=float)
    if column.ndim != 1 or not column.size:
        raise ValueError(f"{name} must be one column with at least one row, got shape {column.shape}")
    if not np.isfinite(column).all():
        raise ValueError(f"{name} must be finite numbers in every row; one is missing or infinite")
    return column


def _column(name: str, counts: ArrayLike) -> Floats:
    column = _numbers(name, counts)
    if (column < 0).any() or (column % 1 != 0).any():
        raise ValueError(f"{name} must be whole numbers, 0 or more, in every row")
    return column


def _require_size(size: int) -> None:
    if not (size >= 1 and float(size).is_integer()):
        raise ValueError(f"size must be a whole number, at least 1, got {size}")


def _require_chart(centre: float, sigmas: float) -> None:
    if not 0 < centre < 1:
        raise ValueError(f"centre is a share between 0 and 1, got {centre}")
    if not 0 < sigmas < math.inf:
        raise ValueError(f"sigmas must be above 0, got {sigmas}")
