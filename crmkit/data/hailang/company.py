"""The tables of the whole dairy: its places, people and products, what it sold, and its trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from crmkit.data.hailang.dairy import (
    DAYS,
    FIRST_ACCOUNT,
    MONTH_NAMES,
    STILL,
    Dairy,
    discounts,
    month_names,
)
from crmkit.data.hailang.experiments import zone_demand
from crmkit.data.hailang.time_study import minutes_used
from crmkit.data.hailang.truth import TRUTH, stream

GIFT_MONTH = TRUTH.rival_month - 1
"""The gifts were tried when all boxes were taken and no rival had come."""


def zones(dairy: Dairy) -> pd.DataFrame:
    """Return the delivery zones."""
    generator = stream(dairy.seed, "zone_details")
    relative, income_index = zone_demand(dairy.seed)
    households = relative / relative.sum() * TRUTH.routes * TRUTH.boxes_per_route
    zone_id = np.arange(1, TRUTH.zones + 1)
    entry = np.where(np.isin(zone_id, dairy.truth.rival_zones), dairy.truth.rival_month, STILL)
    return pd.DataFrame(
        {
            "zone_id": zone_id,
            "households": np.round(households * TRUTH.households_per_account, -1).astype(np.int64),
            "distance_km": np.round(generator.uniform(2, 18, TRUTH.zones), 1),
            "density": np.round(generator.uniform(1_500, 9_000, TRUTH.zones), -1).astype(np.int64),
            "income_index": income_index,
            "rival_entry_month": month_names(entry),
        }
    )


def routes(dairy: Dairy, blocks: Sequence[int]) -> pd.DataFrame:
    """Return the routes; those of the blocks are marked as the sample."""
    route_id = np.arange(1, TRUTH.routes + 1)
    return pd.DataFrame(
        {
            "route_id": route_id,
            "zone_id": dairy.zone_of_route + 1,
            "grade": np.array(TRUTH.grades, dtype=object)[dairy.grade_of_route],
            "boxes": TRUTH.boxes_per_route,
            "in_sample": np.isin(route_id % TRUTH.blocks, np.array(blocks) % TRUTH.blocks).astype(np.int64),
        }
    )


def carriers(dairy: Dairy) -> pd.DataFrame:
    """Return everybody who has delivered."""
    generator = stream(dairy.seed, "carriers", block=0)
    people = dairy.carriers
    left = people.exit != STILL
    reasons, shares = zip(*dairy.truth.exit_reasons, strict=True)
    drawn = np.searchsorted(np.cumsum(shares)[:-1], generator.random(len(left)))
    return pd.DataFrame(
        {
            "carrier_id": np.arange(1, len(left) + 1),
            "route_id": people.route + 1,
            "start_month": MONTH_NAMES[people.start],
            "exit_month": month_names(people.exit),
            "exit_reason": np.array([*reasons, None], dtype=object)[np.where(left, drawn, len(reasons))],
            "pay_base": np.round(generator.uniform(280, 420, len(left)), -1),
            "commission": dairy.truth.commission,
            "deposit": 100.0 * generator.integers(2, 6, len(left)),
            "trained": people.trained.astype(np.int64),
        }
    )


def products(dairy: Dairy) -> pd.DataFrame:
    """Return the products."""
    return pd.DataFrame(
        {
            "sku": [sku.sku for sku in dairy.truth.skus],
            "name_zh": [sku.name_zh for sku in dairy.truth.skus],
            "name_en": [sku.name_en for sku in dairy.truth.skus],
            "family": [sku.family for sku in dairy.truth.skus],
            "functional": [int(sku.functional) for sku in dairy.truth.skus],
            "concept_hype": [int(sku.concept_hype) for sku in dairy.truth.skus],
            "launch_month": [MONTH_NAMES[sku.launch] for sku in dairy.truth.skus],
            "list_price": [sku.list_price for sku in dairy.truth.skus],
            "unit_var_cost": [sku.unit_var_cost for sku in dairy.truth.skus],
        }
    )


def promotions(dairy: Dairy) -> pd.DataFrame:
    """Return the promotions: a discount a month for one tier, then the gifts drawn by lot."""
    gift_cost = dict(zip((gift.tier for gift in dairy.truth.promotions), (6.0, 3.0, 2.0), strict=True))
    rows = []
    for month, shares in enumerate(discounts()):
        rows += [
            (month, tier.name, share, 0.0) for tier, share in zip(TRUTH.tiers, shares, strict=True) if share
        ]
    rows += [(GIFT_MONTH, gift.tier, 0.0, gift_cost[gift.tier]) for gift in dairy.truth.promotions]
    return pd.DataFrame(
        {
            "promo_id": [f"P{number:02}" for number in range(1, len(rows) + 1)],
            "kind": ["discount" if discount else "gift" for _, _, discount, _ in rows],
            "tier": [tier for _, tier, _, _ in rows],
            "start": [f"{MONTH_NAMES[month]}-01" for month, *_ in rows],
            "end": [f"{MONTH_NAMES[month]}-{DAYS[month]}" for month, *_ in rows],
            "discount": [discount for _, _, discount, _ in rows],
            "gift_cost": [cost for *_, cost in rows],
        }
    )


def route_months(dairy: Dairy) -> pd.DataFrame:
    """Return accounts served, joined and lost by month and route."""
    accounts = dairy.accounts
    route = accounts.box // TRUTH.boxes_per_route
    left = accounts.left != STILL
    shape = (TRUTH.months, TRUTH.routes)
    return pd.DataFrame(
        {
            "month": np.repeat(MONTH_NAMES, TRUTH.routes),
            "route_id": np.tile(np.arange(1, TRUTH.routes + 1), TRUTH.months),
            "carrier_id": dairy.carriers.of.ravel() + 1,
            "accounts": (dairy.occupant != STILL).reshape(*shape, -1).sum(axis=2).ravel(),
            "joined": _count(accounts.joined, route, shape).ravel(),
            "left": _count(accounts.left[left], route[left], shape).ravel(),
            "after_exit": dairy.carriers.after_exit.astype(np.int64).ravel(),
        }
    )


def sales_monthly(dairy: Dairy) -> pd.DataFrame:
    """Return accounts, bottles and revenue by month, zone and tier."""
    tiers = len(TRUTH.tiers)
    cell = dairy.zone_of_box * tiers + dairy.tier_of_box
    shape = (TRUTH.months, TRUTH.zones * tiers)
    accounts, bottles, fen = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for month in range(TRUTH.months):
        np.add.at(accounts[month], cell, dairy.occupant[month] != STILL)
        np.add.at(bottles[month], cell, dairy.bottles[month])
        np.add.at(fen[month], cell, dairy.bottles[month] * dairy.price[month])
    names = [tier.name for tier in TRUTH.tiers]
    return pd.DataFrame(
        {
            "month": np.repeat(MONTH_NAMES, shape[1]),
            "days": np.repeat(DAYS.astype(np.int64), shape[1]),
            "zone_id": np.tile(np.repeat(np.arange(1, TRUTH.zones + 1), tiers), TRUTH.months),
            "tier": np.tile(np.array(names, dtype=object), TRUTH.months * TRUTH.zones),
            "accounts": accounts.ravel(),
            "bottles": bottles.ravel(),
            "revenue": fen.ravel() / 100,
        }
    )


def sku_monthly(dairy: Dairy) -> pd.DataFrame:
    """Return bottles by month and product, from each product's launch."""
    sold = [
        np.bincount(dairy.sku[month], weights=dairy.bottles[month], minlength=len(dairy.truth.skus))
        for month in range(TRUTH.months)
    ]
    table = pd.DataFrame(
        {
            "month": np.repeat(MONTH_NAMES, len(dairy.truth.skus)),
            "days": np.repeat(DAYS.astype(np.int64), len(dairy.truth.skus)),
            "sku": np.tile(np.array([sku.sku for sku in dairy.truth.skus], dtype=object), TRUTH.months),
            "bottles": np.concatenate(sold).astype(np.int64),
        }
    )
    return table[table["bottles"] > 0].reset_index(drop=True)


def competitor_moves(dairy: Dairy) -> pd.DataFrame:
    """Return the moves of competitors: three entries, and small moves that change nothing."""
    entry = dairy.truth.rival_month
    first, second, third = dairy.truth.rival_zones
    moves = [
        (4, 15, "price cut", 0.05),
        (9, 2, "poach", 1),
        (13, 18, "price cut", 0.10),
        (17, 9, "poach", 1),
        (21, 5, "price cut", 0.05),
        (entry, first, "entry", 12),
        (entry, second, "entry", 15),
        (entry, third, "entry", 10),
        (entry + 2, 16, "price cut", 0.10),
        (entry + 4, second, "poach", 2),
        (entry + 7, 11, "poach", 1),
        (entry + 9, 20, "price cut", 0.05),
    ]
    return pd.DataFrame(
        {
            "move_id": np.arange(1, len(moves) + 1),
            "month": [MONTH_NAMES[month] for month, *_ in moves],
            "zone_id": [zone for _, zone, _, _ in moves],
            "move": [move for _, _, move, _ in moves],
            "size": [float(size) for *_, size in moves],
            "unit": ["yuan/bottle" if move == "price cut" else "delivery people" for _, _, move, _ in moves],
        }
    )


def cost_pools(dairy: Dairy) -> pd.DataFrame:
    """Return the cost pools of the last month, such that the dairy earns what is planted on a bottle."""
    used = sum(study.sum(axis=0) for study in (minutes_used(dairy, block) for block in range(TRUTH.blocks)))
    month = TRUTH.months - 1
    margin = np.array(
        [
            round(100 * (sku.list_price - sku.unit_var_cost - dairy.truth.commission))
            for sku in dairy.truth.skus
        ]
    )
    contribution = int((dairy.bottles[month] * margin[dairy.sku[month]]).sum()) / 100
    profit = dairy.truth.profit_per_bottle * int(dairy.bottles[month].sum())

    timed = [activity for activity in dairy.truth.activities if activity.driver]
    capacity = [round(minutes / activity.used, -3) for activity, minutes in zip(timed, used, strict=True)]
    cost = [round(activity.rate * minutes, 2) for activity, minutes in zip(timed, capacity, strict=True)]
    rest = contribution - profit - sum(cost)
    sustaining = [round(share * rest, 2) for share in (0.40, 0.15, 0.20)]
    sustaining.append(round(rest - sum(sustaining), 2))
    return pd.DataFrame(
        {
            "activity": [activity.activity for activity in dairy.truth.activities],
            "activity_zh": [activity.name_zh for activity in dairy.truth.activities],
            "driver": [activity.driver or None for activity in dairy.truth.activities],
            "cost": [*cost, *sustaining],
            "practical_capacity": np.array([*capacity, 0, 0, 0, 0], dtype=np.int64),
        }
    )


def promo_assign(dairy: Dairy) -> pd.DataFrame:
    """Return the accounts of the three gift promotions, half of them treated by lot."""
    generator = stream(dairy.seed, "promo_assign")
    parts = []
    for gift in dairy.truth.promotions:
        tier = [tier.name for tier in TRUTH.tiers].index(gift.tier)
        served = dairy.occupant[GIFT_MONTH]
        candidates = generator.permutation(np.nonzero((dairy.tier_of_box == tier) & (served != STILL))[0])
        drawn = served[candidates[: 2 * gift.accounts_per_arm]]
        treated = np.arange(len(drawn)) < gift.accounts_per_arm
        responded = generator.random(len(drawn)) < gift.response + gift.effect * treated
        part = pd.DataFrame(
            {
                "promo_id": gift.promo_id,
                "account_id": drawn.astype(np.int64) + FIRST_ACCOUNT,
                "tier": gift.tier,
                "treated": treated.astype(np.int64),
                "responded": responded.astype(np.int64),
            }
        )
        parts.append(part.sort_values("account_id"))
    return pd.concat(parts, ignore_index=True)


def fence_trial(dairy: Dairy) -> pd.DataFrame:
    """Return the trial of the fence, a row a route; accounts of a route are alike, as the ICC says."""
    generator = stream(dairy.seed, "fence_trial")
    arm_size = dairy.truth.fence_routes_per_arm
    chosen = np.sort(generator.permutation(TRUTH.routes)[: 2 * arm_size])
    fenced = generator.permutation(np.arange(2 * arm_size) < arm_size)
    accounts = (dairy.occupant[-1] != STILL).reshape(TRUTH.routes, -1).sum(axis=1)[chosen]
    mean = np.where(fenced, dairy.truth.takeaway_fenced, dairy.truth.takeaway)
    # A beta distribution with a + b = 1/ICC − 1 gives two accounts of a route the correlation ICC.
    concentration = 1 / dairy.truth.fence_icc - 1
    chance = stats.beta.ppf(generator.random(len(chosen)), mean * concentration, (1 - mean) * concentration)
    uptake, loss = generator.random((2, len(chosen), TRUTH.boxes_per_route))
    exists = np.arange(TRUTH.boxes_per_route)[None, :] < accounts[:, None]
    return pd.DataFrame(
        {
            "route_id": chosen + 1,
            "arm": np.where(fenced, "fence", "control").astype(object),
            "accounts": accounts,
            "accounts_fenced": ((uptake < dairy.truth.fence_uptake) & exists & fenced[:, None]).sum(axis=1),
            "accounts_lost": ((loss < chance[:, None]) & exists).sum(axis=1),
        }
    )


def _count(month: np.ndarray, route: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return np.bincount(month * shape[1] + route, minlength=shape[0] * shape[1]).reshape(shape)
