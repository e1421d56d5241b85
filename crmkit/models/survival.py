"""Survival where leaving is seen: censored durations, groups compared, and retention projected.

A duration is the time for which a customer was observed, in a unit of the caller's choice. It ends in an
event if the customer left, and is censored if the customer was still there when observation stopped. Shares
and probabilities are fractions throughout: 80% is 0.80.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize
from scipy.special import betaln, chdtrc, ndtri

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- One curve from censored durations ---------------------------------------------------------------


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan–Meier curve: one row for each time at which somebody left.

    `at_risk` counts who was still observed just before the time, `events` who left at it. `survival` holds
    from the time on until the next one; `standard_error` is Greenwood's, not a number once nobody is left.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    standard_error: Floats

    def at(self, time: ArrayLike) -> Floats:
        """Return the share still there at a time or times; the last step is carried on past the data."""
        steps = np.searchsorted(self.time, np.asarray(time, dtype=float), side="right")
        return np.concatenate([[1.0], self.survival])[steps]

    @property
    def median(self) -> float:
        """The first time at which half or fewer are left, `math.inf` where the curve stays above one half."""
        reached = self.survival <= 0.5 + 1e-12  # a product of fractions may miss one half by its last bit
        return float(self.time[reached.argmax()]) if reached.any() else math.inf

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Return the lower and the upper limit of the survival at each time.

        They are computed on ln(−ln S), so that they stay between 0 and 1; at S = 0 they are not a number.

        Parameters
        ----------
        confidence : share, 0 < confidence < 1.

        Returns
        -------
        Two arrays as long as `time`.

        Raises
        ------
        ValueError : a confidence outside (0, 1).
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is a share between 0 and 1, got {confidence}")
        z = ndtri((1 + confidence) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_survival = np.log(self.survival)
            width = np.exp(z * self.standard_error / np.abs(self.survival * log_survival))
            return np.exp(log_survival * width), np.exp(log_survival / width)


def kaplan_meier(duration: ArrayLike, event: ArrayLike) -> SurvivalCurve:
    """Return the survival of censored durations: S(t) = Π (1 − dᵢ / nᵢ) over the times tᵢ ≤ t of events.

    The standard error is Greenwood's: S(t) · √Σ dᵢ / (nᵢ · (nᵢ − dᵢ)). Who is censored at the time of an
    event is at risk at it.

    Parameters
    ----------
    duration : time for which each customer was observed, 0 or more, one a row.
    event : 1 or True where the customer left at its end, 0 or False where it is censored.

    Returns
    -------
    The curve, one row for each time of an event.

    Raises
    ------
    ValueError : lengths that differ, a duration that is not 0 or more, an event other than 0 and 1, or no
        event at all.

    Source: kaplan1958.
    """
    durations, left = _durations(duration, event)
    if not left.any():
        raise ValueError("every duration is censored: nobody left, so there is no step to estimate")
    time, counts = np.unique(durations[left], return_counts=True)
    at_risk, events = _at_risk(durations, time), counts.astype(float)
    survival = np.cumprod(1 - events / at_risk, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        standard_error = survival * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    return SurvivalCurve(time, at_risk, events, survival, standard_error)


# --- Groups compared ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogRankTest:
    """A log-rank test: χ², its degrees of freedom and p-value, and the counts that it compares.

    `observed` counts the events of each group of `groups`, `expected` those that it would have had if all
    groups left at one rate.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    groups: tuple[Hashable, ...]
    observed: Floats
    expected: Floats


def log_rank(duration: ArrayLike, event: ArrayLike, group: ArrayLike) -> LogRankTest:
    """Return the test that groups leave at the same rate at all times: χ² = (O − E)ᵀ V⁻¹ (O − E).

    At a time with d events among n at risk, a group with nⱼ at risk expects d · nⱼ / n of them, with the
    hypergeometric variance d · (n − d) / (n − 1) · nⱼ / n · (1 − nⱼ / n).

    Parameters
    ----------
    duration : time for which each customer was observed, 0 or more, one a row.
    event : 1 or True where the customer left at its end, 0 or False where it is censored.
    group : label of each row's group.

    Returns
    -------
    The test, with the groups in sorted order and one degree of freedom fewer than groups.

    Raises
    ------
    ValueError : lengths that differ, a duration that is not 0 or more, an event other than 0 and 1, fewer
        than two groups, or no time of an event at which two groups were at risk.

    Source: mantel1966.
    """
    durations, left = _durations(duration, event)
    labels, codes = np.unique(np.asarray(group), return_inverse=True)
    if len(codes) != len(durations):
        raise ValueError(f"group has {len(codes)} rows, duration has {len(durations)}")
    if len(labels) < 2:
        raise ValueError("all rows are in one group; a comparison needs two or more")
    time, events = np.unique(durations[left], return_counts=True)
    at_risk = np.array([_at_risk(durations[codes == code], time) for code in range(len(labels))])
    observed = np.bincount(codes[left], minlength=len(labels)).astype(float)

    total = at_risk.sum(axis=0)
    share = at_risk / total
    expected = (share * events).sum(axis=1)
    # With one customer at risk there is no variance, and the usual factor is 0/0.
    factor = events * (total - events) / np.maximum(total - 1, 1)
    covariance = np.diag((share * factor).sum(axis=1)) - (share * factor) @ share.T

    # The differences sum to 0, so the last group adds nothing.
    difference, freedom = (observed - expected)[:-1], len(labels) - 1
    if np.linalg.matrix_rank(covariance[:-1, :-1]) < freedom:
        raise ValueError("the groups were not at risk together when somebody left, so they do not compare")
    statistic = float(difference @ np.linalg.solve(covariance[:-1, :-1], difference))
    p_value = float(chdtrc(freedom, statistic))
    return LogRankTest(statistic, freedom, p_value, tuple(labels.tolist()), observed, expected)


# --- Retention projected -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Customers who each leave with a constant probability, which is beta distributed among them (sBG).

    Parameters
    ----------
    alpha, beta : parameters of the beta distribution of the probability of leaving in a period, above 0.
    log_likelihood : of the data that the parameters were fitted to, if they were.

    Raises
    ------
    ValueError : a parameter that is not positive.

    Source: fader2007.
    """

    alpha: float
    beta: float
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        require.positive(alpha=self.alpha, beta=self.beta)

    def survival(self, period: ArrayLike) -> Floats:
        """Return the share still there after a period or periods: S(t) = B(α, β + t) / B(α, β)."""
        periods = np.asarray(period, dtype=float)
        return np.exp(betaln(self.alpha, self.beta + periods) - betaln(self.alpha, self.beta))

    def retention(self, period: ArrayLike) -> Floats:
        """Return who stays of those there before period 1, 2, …: rₜ = (β + t − 1) / (α + β + t − 1).

        It rises although nobody changes: those who leave easily leave first.
        """
        stayed = self.beta + np.asarray(period, dtype=float) - 1
        return stayed / (self.alpha + stayed)


def fit_shifted_beta_geometric(survivors: ArrayLike) -> ShiftedBetaGeometric:
    """Return the sBG model of highest likelihood: ln L = Σ (Sₜ₋₁ − Sₜ) · ln P(T = t) + Sₖ · ln S(k).

    Here P(T = t) = B(α + 1, β + t − 1) / B(α, β).

    Parameters
    ----------
    survivors : customers there at the start and after 1, 2, … k periods, none more than the one before.
        Shares give the same parameters, and a log-likelihood per customer.

    Returns
    -------
    The fitted model with its log-likelihood.

    Raises
    ------
    ValueError : fewer than three values, a rise or a negative value, nobody or everybody lost, or a
        retention that does not rise, to which no distribution of the probability fits best.

    Source: fader2007.
    """
    left = np.asarray(survivors, dtype=float)
    if left.ndim != 1 or len(left) < 3:
        raise ValueError("survivors needs the customers at the start and after two or more periods")
    lost = -np.diff(left)
    if not (np.isfinite(left).all() and (lost >= 0).all() and left[-1] >= 0):
        raise ValueError("survivors must fall or stay from period to period, and never be negative")
    if not 0 < left[-1] < left[0]:
        raise ValueError("survivors must end between 0 and their start: some must leave and some must stay")
    period = np.arange(1, len(left))

    def log_likelihood(logs: Floats) -> float:
        alpha, beta = np.exp(logs)
        log_left = betaln(alpha + 1, beta + period - 1) - betaln(alpha, beta)
        log_stayed = betaln(alpha, beta + period[-1]) - betaln(alpha, beta)
        return float(lost @ log_left + left[-1] * log_stayed)

    found = optimize.minimize(
        lambda logs: -log_likelihood(logs) / left[0],
        x0=[0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 2000},
    )
    if not found.success or np.abs(found.x).max() > math.log(1e6):
        raise ValueError(
            "the retention rates of these survivors do not rise as the sBG model says, so no finite alpha "
            "and beta fit best"
        )
    alpha, beta = np.exp(found.x).tolist()
    return ShiftedBetaGeometric(alpha, beta, log_likelihood(found.x))


# --- What an input must be ---------------------------------------------------------------------------


def _durations(duration: ArrayLike, event: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    durations, events = np.asarray(duration, dtype=float), np.asarray(event, dtype=float)
    if durations.ndim != 1 or durations.shape != events.shape or not durations.size:
        raise ValueError(
            f"duration and event must be columns of the same length, got shapes {durations.shape} "
            f"and {events.shape}"
        )
    if not (np.isfinite(durations) & (durations >= 0)).all():
        raise ValueError("duration must be 0 or more in every row")
    if not np.isin(events, [0, 1]).all():
        raise ValueError("event must be 1 (left) or 0 (censored) in every row")
    return durations, events == 1


def _at_risk(durations: Floats, time: Floats) -> Floats:
    """Count the durations that reach each time."""
    return (len(durations) - np.searchsorted(np.sort(durations), time, side="left")).astype(float)
