"""Lifetimes and lifetime value where leaving is not seen: who still buys, how often, how much, for how long.

A customer's history is three numbers. `frequency` counts the repeat purchases, the first one not included;
`recency` is the time from the first purchase to the last, 0 without a repeat; `age` is the time from the
first purchase to the end of observation. Times are in one unit of the caller's choice, weeks in the
published fits. Every model's methods take numbers or arrays and return arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize
from scipy.special import betaln, expit, exprel, gammaln, hyp2f1

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- Histories from transactions ---------------------------------------------------------------------


def purchase_histories(
    customer: ArrayLike,
    date: ArrayLike,
    spend: ArrayLike,
    *,
    end: str,
    holdout_end: str = "",
    days_per_period: float = 7,
) -> pd.DataFrame:
    """Return each customer's history up to the end of the calibration, and the purchases after it.

    All transactions of one day are one purchase. Who first buys after `end` is left out.

    Parameters
    ----------
    customer : label of the customer, one a transaction.
    date : day of the transaction, as text "1997-09-30" or as dates.
    spend : money of the transaction.
    end : last day of the calibration.
    holdout_end : last day of the holdout, empty for no holdout.
    days_per_period : days in the unit of time of the result, 7 for weeks.

    Returns
    -------
    One row a customer: frequency (repeat purchases), recency and age (periods), monetary_value (money per
    repeat purchase, 0 without one), and with a holdout also holdout_frequency (purchases in it).

    Raises
    ------
    ValueError : lengths that differ, a spend that is not finite, a period that is not positive, a holdout
        that ends before it begins, or nobody who bought by `end`.

    Source: fader2005, fader2005b.
    """
    require.positive(days_per_period=days_per_period)
    last_day = pd.Timestamp(end)
    labels, amounts = np.asarray(customer), np.asarray(spend, dtype=float)
    days = pd.DatetimeIndex(pd.to_datetime(np.asarray(date))).normalize()
    if not len(labels) == len(days) == len(amounts):
        raise ValueError(
            f"customer, date and spend must be as long as each other, got {len(labels)}, {len(days)} and "
            f"{len(amounts)} rows"
        )
    if not np.isfinite(amounts).all():
        raise ValueError("spend must be a finite amount of money in every row")
    transactions = pd.DataFrame({"customer": labels, "day": days, "spend": amounts})
    purchases = transactions.groupby(["customer", "day"], as_index=False)["spend"].sum()
    seen = purchases[purchases["day"] <= last_day]
    if seen.empty:
        raise ValueError(f"nobody bought by {end}, so there is no history")

    each = seen.groupby("customer")["day"].agg(["min", "max", "size"])
    repeat = seen[seen["day"] > seen["customer"].map(each["min"])]
    histories = pd.DataFrame(
        {
            "frequency": each["size"] - 1,
            "recency": (each["max"] - each["min"]).dt.days / days_per_period,
            "age": (last_day - each["min"]).dt.days / days_per_period,
            "monetary_value": repeat.groupby("customer")["spend"].mean().reindex(each.index, fill_value=0.0),
        }
    )
    if holdout_end:
        if pd.Timestamp(holdout_end) <= last_day:
            raise ValueError(f"the holdout ends on {holdout_end}, which is not after {end}")
        later = purchases[(purchases["day"] > last_day) & (purchases["day"] <= pd.Timestamp(holdout_end))]
        histories["holdout_frequency"] = later.groupby("customer").size().reindex(each.index, fill_value=0)
    return histories


# --- BG/NBD: may leave after any purchase --------------------------------------------------------------


@dataclass(frozen=True)
class BGNBD:
    """Customers who buy at random while active, and may leave after each purchase (BG/NBD).

    The rate of buying is gamma distributed among customers, the probability of leaving after a purchase
    beta distributed.

    Parameters
    ----------
    r, alpha : shape, and rate in units of time, of the distribution of the rate of buying, above 0.
    a, b : parameters of the distribution of the probability of leaving, above 0.
    log_likelihood : of the data that the parameters were fitted to, if they were.

    Raises
    ------
    ValueError : a parameter that is not positive.

    Source: fader2005.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        require.positive(r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    def log_likelihoods(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return each customer's log-likelihood: ln[A₁ · A₂ · (A₃ + A₄)], with A₄ = 0 without a repeat.

        A₁ = Γ(r + x) · αʳ / Γ(r), A₂ = Γ(a + b) · Γ(b + x) / (Γ(b) · Γ(a + b + x)),
        A₃ = (α + T)^−(r + x), A₄ = a / (b + x − 1) · (α + tₓ)^−(r + x).

        Raises
        ------
        ValueError : a history that cannot be.
        """
        x, t_x, t = _history(frequency, recency, age)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        buying = gammaln(r + x) - gammaln(r) + r * math.log(alpha) - (r + x) * np.log(alpha + t)
        staying = betaln(a, b + x) - betaln(a, b)
        return buying + staying + np.logaddexp(0, self._log_odds_left(x, t_x, t))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability that a customer is still active: 1 / (1 + A₄ / A₃); 1 without a repeat.

        Raises
        ------
        ValueError : a history that cannot be.
        """
        return expit(-self._log_odds_left(*_history(frequency, recency, age)))

    def expected_purchases(self, time: ArrayLike) -> Floats:
        """Return the repeat purchases of a new customer in a time t: E[X(t)].

        (a + b − 1) / (a − 1) · [1 − (α / (α + t))ʳ · ₂F₁(r, b; a + b − 1; t / (α + t))]

        Raises
        ------
        ValueError : a negative time.
        """
        return self._purchases_if_alive(_times(time), np.zeros(()), np.zeros(()))

    def conditional_purchases(
        self, time: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """Return the purchases to expect of a customer in the next time t: E[Y(t) | x, tₓ, T].

        It is the probability of being active times what an active customer buys, from
        E[X(t)] with r + x for r, α + T for α and b + x for b.

        Raises
        ------
        ValueError : a negative time or a history that cannot be.
        """
        x, t_x, t = _history(frequency, recency, age)
        return self.probability_alive(x, t_x, t) * self._purchases_if_alive(_times(time), x, t)

    def _log_odds_left(self, x: Floats, t_x: Floats, t: Floats) -> Floats:
        # Without a repeat nobody can have left; any valid x keeps the unused logarithm quiet.
        repeat = np.maximum(x, 1)
        odds = np.log((self.alpha + t) / (self.alpha + t_x)) * (self.r + x)
        return np.where(x > 0, math.log(self.a) - np.log(self.b + repeat - 1) + odds, -np.inf)

    def _purchases_if_alive(self, time: Floats, x: Floats, age: Floats) -> Floats:
        # Euler's transformation of ₂F₁: the published form overflows for those who bought very often.
        # Where a = 1 or a + b = 1 the formula is 0/0, and its limit is as good as a neighbour's value.
        a = self.a + 1e-8 if min(abs(self.a - 1), abs(self.a + self.b - 1)) < 1e-8 else self.a
        share = (self.alpha + age) / (self.alpha + age + time)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + x - 1, 1 - share)
        return (a + self.b + x - 1) / (a - 1) * (1 - share ** (a - 1) * series)


def fit_bg_nbd(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, customers: ArrayLike = 1) -> BGNBD:
    """Return the BG/NBD model of highest likelihood.

    Parameters
    ----------
    frequency, recency, age : each customer's history, one a row.
    customers : how many customers have the history of each row.

    Returns
    -------
    The fitted model with its log-likelihood.

    Raises
    ------
    ValueError : a history that cannot be, nobody who bought again, or data to which no finite parameters
        fit best.

    Source: fader2005.
    """
    x, t_x, t, number = _patterns(frequency, recency, age, customers)
    start = {"r": 1.0, "alpha": _mean(t, number), "a": 1.0, "b": 1.0}
    return BGNBD(**_fit(lambda p: BGNBD(**p).log_likelihoods(x, t_x, t), number, start))


# --- Pareto/NBD: may leave at any time ---------------------------------------------------------------


@dataclass(frozen=True)
class ParetoNBD:
    """Customers who buy at random while active, and may leave at any time (Pareto/NBD).

    The rate of buying and the rate of leaving are gamma distributed among customers.

    Parameters
    ----------
    r, alpha : shape, and rate in units of time, of the distribution of the rate of buying, above 0.
    s, beta : the same of the rate of leaving, above 0.
    log_likelihood : of the data that the parameters were fitted to, if they were.

    Raises
    ------
    ValueError : a parameter that is not positive.

    Source: schmittlein1987; fader2005 for the estimates.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        require.positive(r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    def log_likelihoods(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return each customer's log-likelihood: still active at T, or left between tₓ and T.

        Γ(r + x) / Γ(r) · αʳ · βˢ · (A + I), with A = (α + T)^−(r + x) · (β + T)^−s and
        I = s · ∫ (α + τ)^−(r + x) · (β + τ)^−(s + 1) dτ for τ from tₓ to T.

        Raises
        ------
        ValueError : a history that cannot be.
        """
        x, t_x, t = _history(frequency, recency, age)
        r, s = self.r, self.s
        constant = gammaln(r + x) - gammaln(r) + r * math.log(self.alpha) + s * math.log(self.beta)
        active = -(r + x) * np.log(self.alpha + t) - s * np.log(self.beta + t)
        return constant + np.logaddexp(active, self._log_left(x, t_x, t))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability that a customer is still active: the active part of the likelihood.

        Raises
        ------
        ValueError : a history that cannot be.
        """
        x, t_x, t = _history(frequency, recency, age)
        active = -(self.r + x) * np.log(self.alpha + t) - self.s * np.log(self.beta + t)
        return expit(active - self._log_left(x, t_x, t))

    def expected_purchases(self, time: ArrayLike) -> Floats:
        """Return the repeat purchases of a new customer in a time t: E[X(t)].

        r · β / (α · (s − 1)) · [1 − (β / (β + t))^(s − 1)]

        Raises
        ------
        ValueError : a negative time.
        """
        return self._purchases_if_alive(_times(time), np.zeros(()), np.zeros(()))

    def conditional_purchases(
        self, time: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """Return the purchases to expect of a customer in the next time t: E[Y(t) | x, tₓ, T].

        It is the probability of being active times E[X(t)] with r + x for r, α + T for α and β + T for β.

        Raises
        ------
        ValueError : a negative time or a history that cannot be.
        """
        x, t_x, t = _history(frequency, recency, age)
        return self.probability_alive(x, t_x, t) * self._purchases_if_alive(_times(time), x, t)

    def _log_left(self, x: Floats, t_x: Floats, t: Floats) -> Floats:
        """Return ln of s · ∫ (α + τ)^−(r + x) · (β + τ)^−(s + 1) dτ from tₓ to T."""
        from_last, from_end = self._log_tail(x, t_x), self._log_tail(x, t)
        with np.errstate(divide="ignore"):
            # Rounding may put the tail from T above the one from tₓ where the two are the same time.
            difference = np.log(-np.expm1(np.minimum(from_end - from_last, 0)))
        return math.log(self.s) - np.log(self.r + self.s + x) + from_last + difference

    def _log_tail(self, x: Floats, u: Floats) -> Floats:
        """Return ln of (r + s + x) · ∫ (α + τ)^−(r + x) · (β + τ)^−(s + 1) dτ from u on.

        It is Euler's transformation of the published ₂F₁, whose first argument grows with x until it
        overflows. Here it is 1, and the powers are logarithms.
        """
        alpha, beta, shape, left = self.alpha, self.beta, self.r + x, self.s + 1
        if alpha >= beta:
            series = hyp2f1(1, shape, shape + left, (alpha - beta) / (alpha + u))
            return -shape * np.log(alpha + u) - (left - 1) * np.log(beta + u) + np.log(series)
        series = hyp2f1(1, left, shape + left, (beta - alpha) / (beta + u))
        return (1 - shape) * np.log(alpha + u) - left * np.log(beta + u) + np.log(series)

    def _purchases_if_alive(self, time: Floats, x: Floats, age: Floats) -> Floats:
        # exprel(y) = (eʸ − 1) / y, so that s = 1 is no special case.
        growth = np.log1p(time / (self.beta + age))
        active_time = (self.beta + age) * growth * exprel((1 - self.s) * growth)
        return (self.r + x) / (self.alpha + age) * active_time


def fit_pareto_nbd(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, customers: ArrayLike = 1
) -> ParetoNBD:
    """Return the Pareto/NBD model of highest likelihood.

    Parameters
    ----------
    frequency, recency, age : each customer's history, one a row.
    customers : how many customers have the history of each row.

    Returns
    -------
    The fitted model with its log-likelihood.

    Raises
    ------
    ValueError : a history that cannot be, nobody who bought again, or data to which no finite parameters
        fit best.

    Source: schmittlein1987, fader2005.
    """
    x, t_x, t, number = _patterns(frequency, recency, age, customers)
    start = {"r": 1.0, "alpha": _mean(t, number), "s": 1.0, "beta": _mean(t, number)}
    return ParetoNBD(**_fit(lambda p: ParetoNBD(**p).log_likelihoods(x, t_x, t), number, start))


# --- BG/BB: may buy or pause in each period ------------------------------------------------------------


@dataclass(frozen=True)
class BGBB:
    """Customers who, in each period while active, buy or pause, and may leave between periods (BG/BB).

    Both probabilities are beta distributed among customers. Here `recency` is the number of the last period
    with a purchase, 0 without one, and `periods` counts the periods observed.

    Parameters
    ----------
    alpha, beta : parameters of the distribution of the probability of buying in a period, above 0.
    gamma, delta : parameters of the distribution of the probability of leaving before a period, above 0.
    log_likelihood : of the data that the parameters were fitted to, if they were.

    Raises
    ------
    ValueError : a parameter that is not positive.

    Source: fader2010.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        require.positive(alpha=self.alpha, beta=self.beta, gamma=self.gamma, delta=self.delta)

    def log_likelihoods(self, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike) -> Floats:
        """Return each customer's log-likelihood: active in all n periods, or left after period tₓ.

        [B(α + x, β + n − x) · B(γ, δ + n) + Σ B(α + x, β + tₓ − x + i) · B(γ + 1, δ + tₓ + i)] /
        [B(α, β) · B(γ, δ)], with i from 0 to n − tₓ − 1.

        Raises
        ------
        ValueError : a history that cannot be.
        """
        x, t_x, n = _whole_history(frequency, recency, periods)
        pauses = np.arange(max(0, int(np.max(n - t_x, initial=0))))
        end = t_x[..., None] + pauses
        left = self._log_bought(x[..., None], end) + betaln(self.gamma + 1, self.delta + end)
        left = np.where(end < n[..., None], left - betaln(self.gamma, self.delta), -np.inf)
        active = self._log_bought(x, n) + self._log_active(n)
        return np.logaddexp.reduce(np.concatenate([active[..., None], left], axis=-1), axis=-1)

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike) -> Floats:
        """Return the probability that a customer is still active in the period after the last one observed.

        Raises
        ------
        ValueError : a history that cannot be.
        """
        x, t_x, n = _whole_history(frequency, recency, periods)
        return np.exp(self._log_bought(x, n) + self._log_active(n + 1) - self.log_likelihoods(x, t_x, n))

    def expected_purchases(self, periods: ArrayLike) -> Floats:
        """Return the purchases of a new customer in n periods: α / (α + β) · Σ B(γ, δ + t) / B(γ, δ).

        Raises
        ------
        ValueError : a number of periods that is not whole or is negative.
        """
        return (
            self.alpha
            / (self.alpha + self.beta)
            * self._active_periods(np.zeros(()), _whole("periods", periods))
        )

    def conditional_purchases(
        self, ahead: ArrayLike, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike
    ) -> Floats:
        """Return the purchases to expect in the periods ahead from a customer with a history.

        B(α + x + 1, β + n − x) / B(α, β) · Σ B(γ, δ + t) / B(γ, δ) / L, with t from n + 1 to n + ahead.

        Raises
        ------
        ValueError : periods that are not whole or are negative, or a history that cannot be.
        """
        x, t_x, n = _whole_history(frequency, recency, periods)
        weight = np.exp(self._log_bought(x, n) - self.log_likelihoods(x, t_x, n))
        chance = (self.alpha + x) / (self.alpha + self.beta + n)
        return weight * chance * self._active_periods(n, _whole("ahead", ahead))

    def _log_bought(self, x: Floats, n: Floats) -> Floats:
        """Return ln of the probability of x purchases, in given ones of n periods, while active."""
        return betaln(self.alpha + x, self.beta + n - x) - betaln(self.alpha, self.beta)

    def _log_active(self, n: Floats) -> Floats:
        return betaln(self.gamma, self.delta + n) - betaln(self.gamma, self.delta)

    def _active_periods(self, n: Floats, ahead: Floats) -> Floats:
        """Return the number of periods among n + 1 … n + ahead in which a new customer is active."""
        first, last = np.broadcast_arrays(n.astype(int), (n + ahead).astype(int))
        active = np.exp(self._log_active(np.arange(1.0, np.max(last, initial=0) + 1)))
        total = np.concatenate([[0.0], np.cumsum(active)])
        return total[last] - total[first]


def fit_bg_bb(frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike, customers: ArrayLike = 1) -> BGBB:
    """Return the BG/BB model of highest likelihood.

    Parameters
    ----------
    frequency, recency, periods : each customer's history in whole periods, one a row.
    customers : how many customers have the history of each row.

    Returns
    -------
    The fitted model with its log-likelihood.

    Raises
    ------
    ValueError : a history that cannot be, nobody who bought, or data to which no finite parameters fit best.

    Source: fader2010.
    """
    _whole_history(frequency, recency, periods)
    x, t_x, n, number = _patterns(frequency, recency, periods, customers)
    start = {"alpha": 1.0, "beta": 1.0, "gamma": 1.0, "delta": 1.0}
    return BGBB(**_fit(lambda p: BGBB(**p).log_likelihoods(x, t_x, n), number, start))


# --- Gamma-Gamma: how much a purchase is worth ---------------------------------------------------------


@dataclass(frozen=True)
class GammaGamma:
    """Customers whose spend varies from purchase to purchase around a mean that differs among them.

    It is to be used with a model of purchases, of which it takes the mean spend to be independent.

    Parameters
    ----------
    p : shape of the distribution of one customer's spend, above 0.
    q, gamma : shape, and rate in money, of the distribution of its scale among customers, above 0.
    log_likelihood : of the data that the parameters were fitted to, if they were.

    Raises
    ------
    ValueError : a parameter that is not positive.

    Source: fader2013.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        require.positive(p=self.p, q=self.q, gamma=self.gamma)

    def log_likelihoods(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Floats:
        """Return the log-likelihood of each customer's mean spend z̄ in x purchases.

        Γ(px + q) / (Γ(px) · Γ(q)) · γ^q · z̄^(px − 1) · x^(px) / (γ + x · z̄)^(px + q)

        Raises
        ------
        ValueError : a frequency below 1 or a mean spend that is not positive.
        """
        x, mean = _spend(frequency, monetary_value)
        if not ((x >= 1) & (mean > 0)).all():
            raise ValueError("only customers with a repeat purchase and a spend above 0 can be used")
        px = self.p * x
        powers = self.q * math.log(self.gamma) + (px - 1) * np.log(mean) + px * np.log(x)
        return powers - betaln(px, self.q) - (px + self.q) * np.log(self.gamma + x * mean)

    @property
    def expected_spend(self) -> float:
        """Mean spend of all customers per purchase: E[M] = p · γ / (q − 1), `math.inf` for q of 1 or less."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else math.inf

    def conditional_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Floats:
        """Return the mean spend to expect of a customer: E[M | x, z̄] = p · (γ + x · z̄) / (p · x + q − 1).

        It lies between the mean of all and the customer's own, and nearer to the latter the more purchases
        it has. Without a purchase it is the mean of all.

        Raises
        ------
        ValueError : a negative frequency or spend.
        """
        x, mean = _spend(frequency, monetary_value)
        weight = self.p * x + self.q - 1
        with np.errstate(divide="ignore"):
            return np.where(weight > 0, self.p * (self.gamma + x * mean) / np.maximum(weight, 0), np.inf)


def fit_gamma_gamma(frequency: ArrayLike, monetary_value: ArrayLike, customers: ArrayLike = 1) -> GammaGamma:
    """Return the Gamma-Gamma model of highest likelihood.

    Parameters
    ----------
    frequency : each customer's number of repeat purchases, 1 or more, one a row.
    monetary_value : each customer's mean spend per repeat purchase, above 0.
    customers : how many customers each row stands for.

    Returns
    -------
    The fitted model with its log-likelihood.

    Raises
    ------
    ValueError : a customer without a repeat purchase or without spend, or data to which no finite
        parameters fit best.

    Source: fader2013.
    """
    x, mean = _spend(frequency, monetary_value)
    number = _customers(customers, x)
    start = {"p": 1.0, "q": 2.0, "gamma": _mean(mean, number)}
    return GammaGamma(**_fit(lambda p: GammaGamma(**p).log_likelihoods(x, mean), number, start))


# --- The value of a customer ---------------------------------------------------------------------------


def customer_lifetime_value(margin: float, retention: float, discount: float) -> float:
    """Return a customer's value at constant margin and retention: CLV = m · r / (1 + d − r).

    The first margin comes after one period, from those who stayed; a margin that comes at once is to be
    added.

    Parameters
    ----------
    margin : money per period.
    retention : share of the customers that stay from one period to the next, 0 ≤ r ≤ 1.
    discount : share per period, 0 or more, and above 0 if everybody stays.

    Returns
    -------
    Money of today.

    Raises
    ------
    ValueError : a margin that is not finite, a retention outside [0, 1], a negative discount, or no
        discount with full retention, where the value has no limit.

    Source: gupta2003.
    """
    if not math.isfinite(margin):
        raise ValueError(f"margin must be a finite amount of money, got {margin}")
    _require_rates(retention, discount)
    return margin * retention / (1 + discount - retention)


def retention_elasticity(retention: float, discount: float) -> float:
    """Return the elasticity of CLV to retention: (∂CLV / ∂r) · r / CLV = (1 + d) / (1 + d − r).

    Parameters
    ----------
    retention : share of the customers that stay from one period to the next, 0 ≤ r ≤ 1.
    discount : share per period, 0 or more, and above 0 if everybody stays.

    Returns
    -------
    Elasticity, a pure number, 1 or more.

    Raises
    ------
    ValueError : as in `customer_lifetime_value`.

    Source: gupta2003.
    """
    _require_rates(retention, discount)
    return (1 + discount) / (1 + discount - retention)


# --- The highest likelihood ----------------------------------------------------------------------------

LIMIT = 12.0  # how far the logarithm of a parameter may go from its start: a factor of 160,000


def _fit(
    log_likelihoods: Callable[[dict[str, float]], Floats], customers: Floats, start: dict[str, float]
) -> dict[str, float]:
    """Return the parameters of highest likelihood, by name, with the log-likelihood among them."""

    def parameters(logs: Floats) -> dict[str, float]:
        return dict(zip(start, np.exp(logs).tolist(), strict=True))

    def total(logs: Floats) -> float:
        return float(customers @ log_likelihoods(parameters(logs)))

    # Logarithms keep the parameters positive; the mean keeps the steps alike for few and many customers.
    first = np.log(list(start.values()))
    found = optimize.minimize(
        lambda logs: -total(logs) / customers.sum(),
        first,
        jac="3-point",
        method="L-BFGS-B",
        bounds=[(value - LIMIT, value + LIMIT) for value in first],
        options={"ftol": 1e-15, "gtol": 1e-8},
    )
    runaway = [name for name, step in zip(start, found.x - first, strict=True) if abs(step) > LIMIT - 1]
    if runaway:
        raise ValueError(
            f"the likelihood rises without end in {' and '.join(runaway)}: these customers are too few or "
            "too alike for an estimate"
        )
    return parameters(found.x) | {"log_likelihood": total(found.x)}


def _mean(values: Floats, customers: Floats) -> float:
    return float(np.average(values, weights=customers))


def _patterns(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, customers: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the distinct histories and how many customers have each: fewer rows, faster fits."""
    history = np.column_stack(np.atleast_1d(*_history(frequency, recency, age)))
    number = _customers(customers, history[:, 0])
    if not (history[:, 0] @ number > 0):
        raise ValueError("nobody bought again, so nothing is known of the time between purchases")
    distinct, codes = np.unique(history, axis=0, return_inverse=True)
    x, t_x, t = distinct.T
    return x, t_x, t, np.bincount(codes.ravel(), weights=number).astype(float)


# --- What an input must be -----------------------------------------------------------------------------


def _history(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x, t_x, t = _columns(frequency=frequency, recency=recency, age=age)
    if not ((x >= 0) & (x == np.floor(x))).all():
        raise ValueError("frequency must be a whole number of repeat purchases, 0 or more")
    if not ((t_x >= 0) & (t_x <= t)).all():
        raise ValueError("recency must be from 0 to the age: it runs from the first purchase to the last")
    if not ((x > 0) == (t_x > 0)).all():
        raise ValueError("recency must be 0 without a repeat purchase and above 0 with one")
    return x, t_x, t


def _whole_history(
    frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    x, t_x, n = _history(frequency, recency, periods)
    if not ((t_x == np.floor(t_x)) & (n == np.floor(n)) & (x <= t_x)).all():
        raise ValueError("recency and periods must be whole, and frequency at most one purchase a period")
    return x, t_x, n


def _spend(frequency: ArrayLike, monetary_value: ArrayLike) -> tuple[Floats, Floats]:
    x, mean = _columns(frequency=frequency, monetary_value=monetary_value)
    if not ((x >= 0) & (mean >= 0)).all():
        raise ValueError("frequency and monetary_value must be 0 or more")
    return x, mean


def _columns(**values: ArrayLike) -> list[Floats]:
    """Return the values as numbers of one shape."""
    given = [np.asarray(value, dtype=float) for value in values.values()]
    try:
        columns = np.broadcast_arrays(*given)
    except ValueError:
        shapes = ", ".join(str(column.shape) for column in given)
        raise ValueError(f"{', '.join(values)} must be as long as each other, got shapes {shapes}") from None
    for name, column in zip(values, columns, strict=True):
        if not np.isfinite(column).all():
            raise ValueError(f"{name} must be a finite number in every row")
    return list(columns)


def _customers(customers: ArrayLike, rows: Floats) -> Floats:
    number = np.broadcast_to(np.asarray(customers, dtype=float), rows.shape)
    if not ((number >= 0).all() and number.sum() > 0):
        raise ValueError("customers must count 0 or more in each row, and somebody in all")
    return number


def _times(time: ArrayLike) -> Floats:
    times = np.asarray(time, dtype=float)
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("time must be 0 or more")
    return times


def _whole(name: str, value: ArrayLike) -> Floats:
    numbers = np.asarray(value, dtype=float)
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise ValueError(f"{name} must be a whole number, 0 or more")
    return numbers


def _require_rates(retention: float, discount: float) -> None:
    if not 0 <= retention <= 1:
        raise ValueError(f"retention is a share of the customers, from 0 to 1, got {retention}")
    if not 0 <= discount < math.inf:
        raise ValueError(f"discount must be 0 or more, got {discount}")
    if discount == 0 and retention == 1:
        raise ValueError("if everybody stays and money later is worth as much as now, the value has no limit")
