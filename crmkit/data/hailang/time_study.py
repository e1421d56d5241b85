"""The time study: minutes that each account used in the last month, such that T13 holds in each block."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.data.hailang.dairy import FIRST_ACCOUNT, STILL, Dairy
from crmkit.data.hailang.subscribers import CASH, boxes_of, subscribers
from crmkit.data.hailang.truth import TRUTH, stream

MONTH = TRUTH.months - 1
TIMED = [activity for activity in TRUTH.activities if activity.driver]
NEAR_ZERO = 0.20  # yuan: no account comes so close to it that rounded minutes could change the sign


def minutes_used(dairy: Dairy, block: int) -> np.ndarray:
    """Return minutes by account and activity.

    Costs come first: the dearest 30% of the accounts lose money, and both sides are scaled to the planted
    whale curve. The minutes then are what these costs buy.

    Returns
    -------
    numpy.ndarray
        Minutes in the last month, accounts served × timed activities, rounded to 0.1.
    """
    generator = stream(dairy.seed, "time_study", block)
    boxes = _boxes(dairy, block)
    size = len(boxes)
    sku = dairy.sku[MONTH, boxes]
    per_bottle = np.array(
        [sku.list_price - sku.unit_var_cost - dairy.truth.commission for sku in dairy.truth.skus]
    )
    margin = dairy.bottles[MONTH, boxes] * per_bottle[sku]

    people = subscribers(dairy, block)
    place = people.place(dairy.occupant[MONTH, boxes])
    cash = people.channel[place] == CASH
    complained = np.isin(
        dairy.occupant[MONTH, boxes], dairy.complaints.account[dairy.complaints.month == MONTH]
    )
    scattered = dairy.grade_of_route[people.route[place]] == len(TRUTH.grades) - 1
    demanding = generator.random(size) < 0.03

    # Small, scattered, paying in cash, complaining, demanding: what makes an account dear to serve.
    small = -np.log(margin)
    dear = small + 0.8 * cash + 0.6 * scattered + 1.5 * complained + 6.0 * demanding
    order = np.argsort(-(dear + generator.standard_normal(size)), kind="stable")
    loses = np.zeros(size, dtype=bool)
    loses[order[: round(dairy.truth.unprofitable * size)]] = True

    total = dairy.truth.account_profit * margin.sum()
    profit = np.empty(size)
    kept = margin[~loses] * generator.uniform(0.5, 0.85, (~loses).sum())
    profit[~loses] = _scaled(kept, dairy.truth.whale_peak * total)
    lost = np.sqrt(margin[loses]) * generator.uniform(0.1, 1.0, loses.sum())
    profit[loses] = -_scaled(lost, (dairy.truth.whale_peak - 1) * total)

    weight = np.column_stack(
        [
            np.full(size, 0.15),
            np.full(size, 1.0) + 0.3 * scattered,
            np.where(cash, 0.6, 0.0),
            np.full(size, 0.25),
            np.where(complained, 1.0, 0.0),
            np.where(demanding, 2.0, 0.1),
        ]
    )
    weight *= np.exp(0.3 * generator.standard_normal(weight.shape))
    cost = (margin - profit)[:, None] * weight / weight.sum(axis=1, keepdims=True)
    return np.round(cost / [activity.rate for activity in TIMED], 1)


def time_study(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return the table `time_study`, a row for each activity that an account used."""
    minutes = minutes_used(dairy, block)
    account = dairy.occupant[MONTH, _boxes(dairy, block)].astype(np.int64) + FIRST_ACCOUNT
    names = np.array([activity.activity for activity in TIMED], dtype=object)
    row, column = np.nonzero(minutes)
    table = pd.DataFrame(
        {"account_id": account[row], "activity": names[column], "minutes": minutes[row, column]}
    )
    return table.sort_values("account_id", kind="stable", ignore_index=True)


def _boxes(dairy: Dairy, block: int) -> np.ndarray:
    boxes = boxes_of(block)
    return boxes[dairy.occupant[MONTH, boxes] != STILL]


def _scaled(amounts: np.ndarray, total: float) -> np.ndarray:
    """Scale amounts so that they add up to a total and none is nearer to zero than NEAR_ZERO."""
    return NEAR_ZERO + amounts * (total - NEAR_ZERO * len(amounts)) / amounts.sum()
