"""The tables of single accounts, a block of 20 routes at a time: orders, payments, deliveries, complaints."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.data.hailang.dairy import (
    DAYS,
    FIRST_ACCOUNT,
    MONTH_NAMES,
    STILL,
    Dairy,
    discount_numbers,
    share_out,
)
from crmkit.data.hailang.subscribers import BANK, CASH, CHANNELS, IRREGULAR, WEEKDAY, boxes_of, subscribers
from crmkit.data.hailang.truth import TRUTH, stream

LAST = TRUTH.months - 1
WEEKEND = pd.date_range(f"{MONTH_NAMES[LAST]}-01", periods=DAYS[LAST]).day_of_week.to_numpy() >= 5
SKUS = np.array([sku.sku for sku in TRUTH.skus], dtype=object)
WARMEST = 8.0
"""Longest time above 4 °C, in hours: the round ends then."""


def orders_monthly(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return what each account ordered in each month that it was served."""
    boxes = boxes_of(block)
    month, column = np.nonzero(dairy.occupant[:, boxes] != STILL)
    box = boxes[column]
    promo = discount_numbers()[month, dairy.tier_of_box[box]]
    names = np.array([None, *(f"P{number:02}" for number in range(1, promo.max() + 1))], dtype=object)
    return pd.DataFrame(
        {
            "month": MONTH_NAMES[month],
            "account_id": dairy.occupant[month, box].astype(np.int64) + FIRST_ACCOUNT,
            "sku": SKUS[dairy.sku[month, box]],
            "bottles": dairy.bottles[month, box],
            "price_paid": dairy.price[month, box] / 100,
            "promo_id": names[promo],
        }
    ).sort_values(["month", "account_id"], ignore_index=True)


def payments(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return what each account owed and what reached the dairy.

    Of the cash, exactly the planted share is missing: from one payment in ten, and more on some routes.
    """
    generator = stream(dairy.seed, "payments", block)
    people = subscribers(dairy, block)
    boxes = boxes_of(block)
    month, column = np.nonzero(dairy.occupant[:, boxes] != STILL)
    box = boxes[column]
    account = dairy.occupant[month, box].astype(np.int64)
    channel = people.channel[people.place(account)]
    due = dairy.bottles[month, box] * dairy.price[month, box]

    cash = channel == CASH
    route_rate = 1 + dairy.truth.leakage_spread * generator.uniform(-1, 1, TRUTH.routes)
    short, how_much = generator.random((2, len(due)))
    weight = np.where(
        cash & (short < 0.1), np.round(due * (0.1 + how_much) * route_rate[dairy.route_of_box[box]]), 0
    )
    missing = share_out(weight.astype(np.int64), round(dairy.truth.cash_leakage * int(due[cash].sum())))

    mean_days = np.where(channel == BANK, 10.0, np.where(cash, 3.0, 0.0))
    days_late = np.floor(-mean_days * np.log1p(-generator.random(len(due)))).astype(np.int64)
    return pd.DataFrame(
        {
            "month": MONTH_NAMES[month],
            "account_id": account + FIRST_ACCOUNT,
            "channel": np.array(CHANNELS, dtype=object)[channel],
            "due": due / 100,
            "paid": (due - missing) / 100,
            "days_late": days_late,
        }
    ).sort_values(["month", "account_id"], ignore_index=True)


def deliveries_daily(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return the deliveries of the last month, a row for each account and day with milk."""
    generator = stream(dairy.seed, "deliveries", block)
    people = subscribers(dairy, block)
    boxes = boxes_of(block)
    boxes = boxes[dairy.occupant[LAST, boxes] != STILL]
    account = dairy.occupant[LAST, boxes].astype(np.int64)
    pattern = people.pattern[people.place(account)]

    shape = (len(boxes), len(WEEKEND))
    phase, mood = generator.random((len(boxes), 1)), generator.random(shape)
    wanted = np.ones(shape)
    wanted[pattern == WEEKDAY] = np.where(WEEKEND, 0.0, 1.0)
    wanted[pattern == IRREGULAR] = -np.log1p(-mood[pattern == IRREGULAR])
    wanted /= wanted.sum(axis=1, keepdims=True)
    # Rounded before the whole bottles are counted: the last bit of a sum must not decide about a bottle.
    ends = np.round(np.cumsum(wanted, axis=1) * dairy.bottles[LAST, boxes][:, None] + phase, 6)
    bottles = np.diff(np.floor(ends).astype(np.int64), prepend=0, axis=1)

    order = np.argsort(account, kind="stable")
    account, bottles = account[order], bottles[order]
    sku = SKUS[dairy.sku[LAST, boxes[order]]]
    day, row = np.nonzero(bottles.T)
    timely, full, warm, turned = generator.random((4, len(day)))
    on_time = np.where(day + 1 == dairy.truth.storm, dairy.truth.on_time_in_the_storm, dairy.truth.on_time)
    hours = np.round(np.minimum(-dairy.truth.warm_hours * np.log1p(-warm), WARMEST), 1)
    odds = np.exp(dairy.truth.spoilage_intercept + dairy.truth.spoilage_slope * hours)
    return pd.DataFrame(
        {
            "date": np.array([f"{MONTH_NAMES[LAST]}-{d + 1:02}" for d in range(len(WEEKEND))], dtype=object)[
                day
            ],
            "account_id": account[row] + FIRST_ACCOUNT,
            "sku": sku[row],
            "bottles": bottles[row, day],
            "on_time": (timely < on_time).astype(np.int64),
            "in_full": (full < dairy.truth.in_full).astype(np.int64),
            "hours_above_4C": hours,
            "spoiled": (turned < odds / (1 + odds)).astype(np.int64),
        }
    )


def complaints(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return every complaint of the block's accounts."""
    generator = stream(dairy.seed, "complaints", block)
    every = dairy.complaints
    route = dairy.accounts.box[every.account] // TRUTH.boxes_per_route
    (mine,) = np.nonzero((route + 1) % TRUTH.blocks == block % TRUTH.blocks)
    month, resolved, reached = every.month[mine], every.resolved[mine], every.reached_firm[mine]
    day_of, kind_of, quick, slow, given = generator.random((5, len(mine)))
    day = 1 + np.floor(day_of * DAYS[month]).astype(np.int64)
    kinds = np.array(["late", "short", "spoiled", "billing", "attitude"], dtype=object)
    hours = np.where(every.fast[mine], 0.5 + 23 * quick, 24.5 - 40 * np.log1p(-slow))
    return pd.DataFrame(
        {
            "complaint_id": mine + 1,
            "date": [f"{MONTH_NAMES[m]}-{d:02}" for m, d in zip(month, day, strict=True)],
            "account_id": every.account[mine] + FIRST_ACCOUNT,
            "type": kinds[np.searchsorted([0.35, 0.55, 0.70, 0.85], kind_of)],
            "reached_firm": reached.astype(np.int64),
            "hours_to_resolve": np.where(resolved, np.round(hours, 1), np.nan),
            "compensation": np.where(resolved & reached, 2.0 * np.floor(4 * given), 0.0),
        }
    )


def survey(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return the answers of accounts drawn by lot from those served in the last month."""
    generator = stream(dairy.seed, "survey", block)
    served = dairy.occupant[LAST, boxes_of(block)]
    drawn = np.sort(generator.permutation(served[served != STILL])[: dairy.truth.survey_respondents])
    size = len(drawn)
    items = [gap for _, count, gap in dairy.truth.service_gaps for _ in range(count)]

    person = 0.4 * generator.standard_normal((size, 1))
    expected = dairy.truth.expectation + person + 0.6 * generator.standard_normal((size, len(items)))
    felt = 0.5 * generator.standard_normal((size, 1))
    perceived = dairy.truth.expectation + np.array(items) + person + felt
    perceived = perceived + 0.6 * generator.standard_normal(perceived.shape)

    service = generator.random(size) < dairy.truth.extra_service
    trust = 4.2 + dairy.truth.service_to_trust * service + 0.8 * generator.standard_normal(size)
    effect = dairy.truth.trust_to_bottles * trust + dairy.truth.service_to_bottles * service
    bottles = 6.0 + effect + 1.5 * generator.standard_normal(size)
    mood = felt[:, 0] + 0.5 * (trust - 4.5)
    nps = 7.2 + 2.0 * mood + 1.2 * generator.standard_normal(size)
    csat = 3.6 + 0.7 * mood + 0.5 * generator.standard_normal(size)
    columns = {
        "account_id": drawn.astype(np.int64) + FIRST_ACCOUNT,
        "nps": _scale(nps, 0, 10),
        "csat": _scale(csat, 1, 5),
        "extra_service": service.astype(np.int64),
        "trust": np.round(np.clip(trust, 1, 7), 1),
        "intended_bottles": np.round(np.maximum(bottles, 0), 1),
    }
    for prefix, answers in (("e", expected), ("p", perceived)):
        columns |= {f"{prefix}{i + 1}": _scale(answers[:, i], 1, 7) for i in range(len(items))}
    return pd.DataFrame(columns)


def _scale(values: np.ndarray, lowest: int, highest: int) -> np.ndarray:
    return np.clip(np.round(values), lowest, highest).astype(np.int64)
