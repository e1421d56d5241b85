"""Fences around accounts: what a trial by route shows, what a fence is worth, and when it becomes a trap.

A fence (围栏战术) is this course's own reading of a term that its source leaves open: a bounded set of
accounts gets a direct contact with the firm, a second person who can serve it, and benefits tied to the
firm, so that a departing delivery person cannot take it along. Rates are fractions throughout: 20% is
0.20. Money is in one currency of the caller's choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from crmkit.models import require

Floats: TypeAlias = NDArray[np.float64]

# --- A trial in which whole groups are drawn by lot --------------------------------------------------


@dataclass(frozen=True)
class ClusterTrial:
    """What a trial by clusters shows: the shares of the two arms, their difference, and how sure it is.

    `naive_error` is the standard error for accounts drawn one by one, `standard_error` the right one.
    """

    control_rate: float
    treated_rate: float
    standard_error: float
    naive_error: float
    clusters: int

    @property
    def effect(self) -> float:
        """The effect of being assigned to the treatment: treated less control, a share."""
        return self.treated_rate - self.control_rate

    @property
    def design_effect(self) -> float:
        """How many times the variance is that of a trial with accounts drawn one by one."""
        return (self.standard_error / self.naive_error) ** 2

    def interval(self, confidence: float = 0.95, *, naive: bool = False) -> tuple[float, float]:
        """Return the normal interval of the effect, by the right standard error or by the naive one.

        Raises
        ------
        ValueError : a confidence outside (0, 1).
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is a share between 0 and 1, got {confidence}")
        error = self.naive_error if naive else self.standard_error
        margin = float(ndtri((1 + confidence) / 2)) * error
        return self.effect - margin, self.effect + margin


def cluster_trial(treated: ArrayLike, accounts: ArrayLike, events: ArrayLike) -> ClusterTrial:
    """Return the intention-to-treat effect of a trial in which the lot fell on clusters, such as routes.

    The effect is the difference between the arms' shares of accounts, p_a = Σ e_j / Σ n_j, over all
    accounts of the clusters assigned, whether or not each took part. Its cluster-robust variance is
    c Σ_a Σ_j (e_j − p_a n_j)² / N_a², with c = G / (G − 1) · (N − 1) / (N − 2) for G clusters and N
    accounts: the variance of the slope of a regression of the accounts on their arm.

    Parameters
    ----------
    treated : one flag a cluster: whether the lot assigned it to the treatment.
    accounts : accounts of each cluster, whole, at least 1.
    events : how many of them had the event, whole, from 0 to `accounts`.

    Returns
    -------
    The arms' shares and the two standard errors; the naive one is √(N / (N − 2) · Σ_a p_a q_a n̄_a) of the
    regression with independent errors of equal variance.

    Raises
    ------
    ValueError : columns of different length, counts that are no counts, or an arm with fewer than two
        clusters.

    Source: cameron2015.
    """
    arm = np.asarray(treated, dtype=float)
    sizes, lost = _counts("accounts", accounts), _counts("events", events)
    if not arm.shape == sizes.shape == lost.shape:
        raise ValueError(
            f"treated, accounts and events must have a row for each cluster, got {arm.shape}, {sizes.shape} "
            f"and {lost.shape}"
        )
    if not np.isin(arm, (0, 1)).all():
        raise ValueError("treated must be 0 or 1 in every row")
    if (sizes < 1).any() or (lost > sizes).any():
        raise ValueError("accounts must be at least 1 and events at most accounts in every row")
    if min(arm.sum(), (1 - arm).sum()) < 2:
        raise ValueError("each arm needs at least two clusters; one cannot show how much clusters differ")
    total, clusters = sizes.sum(), len(sizes)
    rates, scores, squares, inverse = [], 0.0, 0.0, 0.0
    for side in (0, 1):
        n, e = sizes[arm == side], lost[arm == side]
        rate = e.sum() / n.sum()
        rates.append(float(rate))
        scores += float(((e - rate * n) ** 2).sum() / n.sum() ** 2)
        squares += float(n.sum() * rate * (1 - rate))
        inverse += float(1 / n.sum())
    if squares == 0:
        raise ValueError("in each arm all accounts ended alike, so that nothing shows how they vary")
    small_sample = clusters / (clusters - 1) * (total - 1) / (total - 2)
    return ClusterTrial(
        control_rate=rates[0],
        treated_rate=rates[1],
        standard_error=math.sqrt(small_sample * scores),
        naive_error=math.sqrt(squares / (total - 2) * inverse),
        clusters=clusters,
    )


def design_effect(cluster_size: float, correlation: float) -> float:
    """Return how many times clusters raise the variance of a mean: 1 + (m − 1) ρ.

    Parameters
    ----------
    cluster_size : accounts m of a cluster, the same for all, at least 1.
    correlation : intracluster correlation ρ, from 0 to 1: of the outcomes of two accounts of a cluster.

    Returns
    -------
    Ratio, 1 if accounts of a cluster are no more alike than others.

    Raises
    ------
    ValueError : a size below 1 or a correlation outside [0, 1].

    Source: kish1965.
    """
    if not 1 <= cluster_size < math.inf:
        raise ValueError(f"cluster_size must be at least 1, got {cluster_size}")
    require.share(correlation=correlation)
    return 1 + (cluster_size - 1) * correlation


def complier_effect(effect: float, uptake: float) -> float:
    """Return the effect on those who took part because they were asked: ITT / uptake.

    It holds if nobody of the control arm could take part, and if being asked does nothing by itself.

    Parameters
    ----------
    effect : intention-to-treat effect, a share, any sign.
    uptake : share of the accounts of the treated arm that took part, above 0 and at most 1.

    Returns
    -------
    Share.

    Raises
    ------
    ValueError : an uptake outside (0, 1].

    Source: angrist1996.
    """
    if not 0 < uptake <= 1:
        raise ValueError(f"uptake is a share above 0 and at most 1, got {uptake}")
    return effect / uptake


# --- What a fence is worth ---------------------------------------------------------------------------


def accounts_saved(exit_rate: float, takeaway: float, takeaway_fenced: float) -> float:
    """Return the share of accounts that a fence keeps in a year: P(exit) · (takeaway − takeaway fenced).

    Parameters
    ----------
    exit_rate : chance in a year that an account's delivery person leaves, 0 to 1, of the kind of exit that
        the two takeaways are about.
    takeaway : share of the accounts that go along at such an exit, without a fence.
    takeaway_fenced : the same with a fence.

    Returns
    -------
    Share of the fenced accounts a year; negative where the fence drives them away.

    Raises
    ------
    ValueError : a share outside [0, 1].
    """
    require.share(exit_rate=exit_rate, takeaway=takeaway, takeaway_fenced=takeaway_fenced)
    return exit_rate * (takeaway - takeaway_fenced)


def fence_worth(saved: float, monthly_margin: float, months_kept: float) -> float:
    """Return what a fence is worth for each fenced account and year, and may at most cost: Δp · m · T.

    Parameters
    ----------
    saved : share of the accounts that it keeps in a year, see `accounts_saved`.
    monthly_margin : money that a kept account contributes a month.
    months_kept : months that it then stays, 0 or more; they are not discounted.

    Returns
    -------
    Money per fenced account and year.

    Raises
    ------
    ValueError : a share outside [−1, 1], a margin that is not finite or a negative time.
    """
    _require_saved(saved)
    require.finite(monthly_margin=monthly_margin)
    require.not_negative(months_kept=months_kept)
    return saved * monthly_margin * months_kept


def payback_months(cost: float, saved: float, monthly_margin: float) -> float:
    """Return how many months kept accounts must stay until a fence has paid: C / (Δp · m).

    Parameters
    ----------
    cost : money per fenced account and year, 0 or more.
    saved : share of the accounts that it keeps in a year, see `accounts_saved`.
    monthly_margin : money that a kept account contributes a month.

    Returns
    -------
    Months; infinite where what is kept earns nothing and the fence costs something.

    Raises
    ------
    ValueError : a negative cost, a share outside [−1, 1] or a margin that is not finite.
    """
    require.not_negative(cost=cost)
    gain = fence_worth(saved, monthly_margin, 1)
    if cost == 0:
        return 0.0
    return cost / gain if gain > 0 else math.inf


def break_even_exit_rate(cost: float, effect: float, monthly_margin: float, months_kept: float) -> float:
    """Return the yearly chance of an exit from which on a fence pays: C / (Δtakeaway · m · T).

    Parameters
    ----------
    cost : money per fenced account and year, 0 or more.
    effect : takeaway without the fence less takeaway with it, above 0 and at most 1.
    monthly_margin : money that a kept account contributes a month, above 0.
    months_kept : months that it then stays, above 0.

    Returns
    -------
    Chance a year; above 1 where no chance is high enough.

    Raises
    ------
    ValueError : a negative cost, or an effect, margin or time that is not positive.
    """
    require.not_negative(cost=cost)
    if not 0 < effect <= 1:
        raise ValueError(f"effect is a share above 0 and at most 1, got {effect}")
    require.positive(monthly_margin=monthly_margin, months_kept=months_kept)
    return cost / (effect * monthly_margin * months_kept)


def second_path_gain(worth: ArrayLike, cost: float) -> Floats:
    """Return the gain from a second path for the k accounts where it is worth most: Σ (worth − cost).

    Parameters
    ----------
    worth : money per year that a second path is worth at each account, one column.
    cost : money per account and year, 0 or more.

    Returns
    -------
    Money per year for k = 0 … n, one point longer than the column. It rises as long as the next account
    is worth its cost, so its peak is where to stop.

    Raises
    ------
    ValueError : not one column of finite numbers, or a negative cost.
    """
    require.not_negative(cost=cost)
    values = np.asarray(worth, dtype=float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError("worth must be one column of finite numbers, at least one")
    return np.concatenate([[0.0], np.cumsum(np.sort(values)[::-1] - cost)])


# --- Switching costs ---------------------------------------------------------------------------------


def switching_threshold(benefit: float, lost_on_leaving: float, months: float) -> float:
    """Return how much a month a rival must offer before a customer leaves: b + S / T.

    The customer leaves if the rival's monthly advantage, over the months T that he looks ahead, is more
    than what he gives up: (d − b) T > S. Nothing is discounted.

    Parameters
    ----------
    benefit : money a month that staying brings and leaving ends, such as points; any sign.
    lost_on_leaving : money that leaving costs once, such as a forfeited deposit, 0 or more.
    months : months that the customer looks ahead, above 0.

    Returns
    -------
    Money per month.

    Raises
    ------
    ValueError : a benefit that is not finite, a negative loss or months that are not positive.

    Source: klemperer1987.
    """
    require.finite(benefit=benefit)
    require.not_negative(lost_on_leaving=lost_on_leaving)
    require.positive(months=months)
    return benefit + lost_on_leaving / months


def worth_of_joining(benefit: float, lost_on_leaving: float, leaving: float, months: float) -> float:
    """Return what a fence is worth to a customer before he signs, over T months: b T − P(leave) S.

    Parameters
    ----------
    benefit : money a month that it brings to those who stay; any sign.
    lost_on_leaving : money that leaving costs once, 0 or more.
    leaving : chance that the customer has to leave within those months, for whatever reason, 0 to 1; it
        happens at the end of them.
    months : months, above 0.

    Returns
    -------
    Money; negative where the fence is a trap, which those who see through it do not enter.

    Raises
    ------
    ValueError : a benefit that is not finite, a negative loss, a chance outside [0, 1] or months that are
        not positive.

    Source: klemperer1987, whose customers foresee that they will be locked in.
    """
    require.finite(benefit=benefit)
    require.not_negative(lost_on_leaving=lost_on_leaving)
    require.share(leaving=leaving)
    require.positive(months=months)
    return benefit * months - leaving * lost_on_leaving


# --- Uplift: whom a promotion moves ------------------------------------------------------------------


def uplift_table(group: ArrayLike, treated: ArrayLike, responded: ArrayLike) -> pd.DataFrame:
    """Return the uplift of each group of a trial drawn by lot: P(y | T) − P(y | C).

    Parameters
    ----------
    group : one label a customer, known before the trial.
    treated, responded : one flag a customer, 0 or 1.

    Returns
    -------
    One row a group, in order of first appearance, with columns `customers`, `without` and `with_it` (the
    shares that responded), `uplift` and its `standard_error`, not pooled.

    Raises
    ------
    ValueError : columns of different length, flags that are none, or a group without one of the arms.

    Source: radcliffe2011.
    """
    trial = pd.DataFrame({"group": np.asarray(group), "treated": _flags("treated", treated)})
    answers = _flags("responded", responded)
    if len(answers) != len(trial):
        raise ValueError(f"treated has {len(trial)} rows, responded {len(answers)}; give one a customer")
    trial["responded"] = answers
    arms = trial.groupby(["group", "treated"], sort=False)["responded"].agg(["mean", "size"]).unstack()
    if arms.isna().any(axis=None) or arms.shape[1] < 4:
        raise ValueError("every group needs customers with the promotion and without; one has an arm only")
    share, size = arms["mean"], arms["size"]
    variance = (share * (1 - share) / size).sum(axis=1)
    table = pd.DataFrame(
        {
            "customers": size.sum(axis=1).astype(int),
            "without": share[0.0],
            "with_it": share[1.0],
            "uplift": share[1.0] - share[0.0],
            "standard_error": np.sqrt(variance),
        }
    )
    return table.loc[list(dict.fromkeys(trial["group"]))]


def uplift_curve(score: ArrayLike, treated: ArrayLike, responded: ArrayLike, groups: int = 10) -> Floats:
    """Return the extra responses if the best-scored g of G equal groups get the promotion, g = 0 … G.

    Among the N_g customers with the highest scores, the trial shows a difference between its arms; the
    curve is N_g · (P(y | T) − P(y | C)): the responses that promoting to all N_g would cause.

    Parameters
    ----------
    score : one number a customer, the higher the sooner the promotion; equal scores keep the file's order.
    treated, responded : one flag a customer, 0 or 1.
    groups : whole number G, at least 1.

    Returns
    -------
    Responses, G + 1 of them, the first 0.

    Raises
    ------
    ValueError : columns of different length, flags that are none, or so many groups that the first lacks
        one of the arms.

    Source: radcliffe2011, with the promotion given to all of the group and not to the treated half.
    """
    if not (groups >= 1 and float(groups).is_integer()):
        raise ValueError(f"groups must be a whole number, at least 1, got {groups}")
    scores = np.asarray(score, dtype=float)
    arm, answers = _flags("treated", treated), _flags("responded", responded)
    if not scores.shape == arm.shape == answers.shape:
        raise ValueError(
            f"score, treated and responded must have a row for each customer, got {scores.shape}, "
            f"{arm.shape} and {answers.shape}"
        )
    order = np.argsort(-scores, kind="stable")
    arm, answers = arm[order], answers[order]
    curve = [0.0]
    for ends in np.round(np.arange(1, groups + 1) / groups * len(scores)).astype(int):
        with_it = arm[:ends] == 1
        if with_it.all() or not with_it.any():
            raise ValueError(f"the first {ends} customers lack one of the arms; take fewer groups")
        uplift = answers[:ends][with_it].mean() - answers[:ends][~with_it].mean()
        curve.append(float(ends * uplift))
    return np.array(curve)


# --- What an input must be ---------------------------------------------------------------------------


def _counts(name: str, values: ArrayLike) -> Floats:
    counts = np.asarray(values, dtype=float)
    if counts.ndim != 1 or not (counts >= 0).all() or (counts != np.round(counts)).any():
        raise ValueError(f"{name} must be one column of whole numbers, 0 or more")
    return counts


def _flags(name: str, values: ArrayLike) -> Floats:
    flags = np.asarray(values, dtype=float)
    if flags.ndim != 1 or not np.isin(flags, (0, 1)).all():
        raise ValueError(f"{name} must be one column of 0 and 1")
    return flags


def _require_saved(saved: float) -> None:
    if not -1 <= saved <= 1:
        raise ValueError(f"saved is a share from -1 to 1, got {saved}")
