"""The history of the simulated dairy: who delivered where, who had which milk box, and what was ordered.

Everything here is an array over the whole dairy, by month, route, milk box or account; the tables are
written from it. The same seed gives the same history on every platform: chances are compared with uniform
numbers, and bottles are shared out in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from crmkit.data.hailang.experiments import zone_demand
from crmkit.data.hailang.truth import SEED, TRUTH, PlantedTruths, stream

MONTHS = pd.period_range(TRUTH.first_month, periods=TRUTH.months, freq="M")
MONTH_NAMES = MONTHS.strftime("%Y-%m").to_numpy().astype(object)
DAYS = MONTHS.days_in_month.to_numpy()
LAST_YEAR = slice(TRUTH.months - 12, TRUTH.months)
FIRST_ACCOUNT = 100_001
TIER_OF_BOX = np.repeat(np.arange(len(TRUTH.tiers)), [tier.boxes_per_route for tier in TRUTH.tiers])
"""Tier of each box of a route; every route has the same."""

FIRST_DISCOUNT, DISCOUNTS = 2, 21
"""First month with a discount, and how many months in a row have one; each is for one tier."""

STILL = -1
"""Stands for a month that has not come: the account is still served, the delivery person still at work."""


@dataclass(frozen=True)
class Carriers:
    """Delivery people in the order of their numbers; months count from the first."""

    route: np.ndarray
    start: np.ndarray
    exit: np.ndarray  # last month of work, or STILL
    trained: np.ndarray
    of: np.ndarray  # months × routes: who delivered
    after_exit: np.ndarray  # months × routes: whether somebody left in the months before


@dataclass(frozen=True)
class Accounts:
    """Accounts in the order of their numbers; months count from the first."""

    box: np.ndarray
    joined: np.ndarray  # first month of service
    left: np.ndarray  # last month of service, or STILL

    def served(self, month: int) -> np.ndarray:
        """Return which accounts are served in a month, as an array of booleans."""
        return (self.joined <= month) & ((self.left == STILL) | (self.left >= month))


@dataclass(frozen=True)
class Complaints:
    """Complaints in the order of their numbers."""

    month: np.ndarray
    account: np.ndarray
    reached_firm: np.ndarray
    resolved: np.ndarray
    fast: np.ndarray  # within 24 hours, if resolved at all


@dataclass(frozen=True)
class Dairy:
    """The whole dairy, month by month."""

    seed: int
    truth: PlantedTruths
    zone_of_route: np.ndarray  # 0-based
    grade_of_route: np.ndarray  # index of TRUTH.grades
    carriers: Carriers
    accounts: Accounts
    complaints: Complaints
    usual_bottles: np.ndarray  # boxes: bottles a day that an account of the box orders as a rule
    occupant: np.ndarray  # months × boxes: index of the account, or STILL for an empty box
    bottles: np.ndarray  # months × boxes: bottles of the month, 0 in an empty box
    sku: np.ndarray  # months × boxes: index of TRUTH.skus
    price: np.ndarray  # months × boxes: fen a bottle

    @property
    def route_of_box(self) -> np.ndarray:
        """Return the index of each box's route."""
        return np.arange(self.occupant.shape[1]) // TRUTH.boxes_per_route

    @property
    def tier_of_box(self) -> np.ndarray:
        """Return the index of each box's tier."""
        return np.tile(TIER_OF_BOX, TRUTH.routes)

    @property
    def zone_of_box(self) -> np.ndarray:
        """Return the index of each box's zone."""
        return self.zone_of_route[self.route_of_box]


@lru_cache(maxsize=1)
def simulate(seed: int = SEED, truth: PlantedTruths = TRUTH) -> Dairy:
    """Simulate the 36 months of a dairy.

    Parameters
    ----------
    seed
        Seed of all tables; another seed gives another dairy with the same planted truths.
    truth
        What is planted. Months, zones, routes, boxes, tiers and products are those of `TRUTH`.

    Returns
    -------
    Dairy
        400 routes with 80,000 milk boxes.
    """
    zone_of_route = _zones_of_routes(seed)
    grade_of_route = _grades(seed)
    carriers = _carriers(seed, truth, grade_of_route)
    chance = _chance_to_leave(truth, grade_of_route, carriers)
    accounts, complaints, occupant = _accounts(seed, truth, chance, _rival(truth, zone_of_route))
    rate = _bottles_a_day(seed, truth, zone_of_route)
    bottles = _bottles(seed, truth, rate, occupant)
    sku = _choose_skus(seed, truth, rate)
    return Dairy(
        seed=seed,
        truth=truth,
        zone_of_route=zone_of_route,
        grade_of_route=grade_of_route,
        carriers=carriers,
        accounts=accounts,
        complaints=complaints,
        usual_bottles=rate,
        occupant=occupant,
        bottles=bottles,
        sku=sku,
        price=_prices(truth, sku),
    )


def discounts() -> np.ndarray:
    """Return the discount of each month and tier, a share of the list price."""
    shares = np.array([0.0, *((0.05, 0.10, 0.15)[i % 3] for i in range(DISCOUNTS))])
    return shares[discount_numbers()]


def month_names(months: np.ndarray) -> np.ndarray:
    """Return months as text, such as 1996-10, and None for STILL."""
    return np.array([*MONTH_NAMES, None], dtype=object)[months]


def discount_numbers() -> np.ndarray:
    """Return the number of the discount by month and tier, from 1, and 0 where there is none."""
    numbers = np.zeros((TRUTH.months, len(TRUTH.tiers)), dtype=np.int64)
    for i in range(DISCOUNTS):
        numbers[FIRST_DISCOUNT + i, i % len(TRUTH.tiers)] = i + 1
    return numbers


def share_out(weights: np.ndarray, total: int) -> np.ndarray:
    """Share a whole number out in proportion to whole weights: the parts are whole and add up exactly.

    Parameters
    ----------
    weights
        Whole numbers ≥ 0, shape (n,), not all 0; weights × total must stay below 2^63.
    total
        What is shared out.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape (n,), each less than 1 from its exact share.
    """
    ends = np.cumsum(weights, dtype=np.int64) * total // int(weights.sum())
    return np.diff(ends, prepend=0)


def _zones_of_routes(seed: int) -> np.ndarray:
    households, _ = zone_demand(seed)
    parts = share_out(np.round(households * 1e6).astype(np.int64), TRUTH.routes)
    return np.repeat(np.arange(TRUTH.zones), parts.astype(np.intp))  # 32 bits wide in the browser


def _grades(seed: int) -> np.ndarray:
    """Deal the grades to the routes by lot, evenly within each block, so that each block is a fair sample."""
    generator = stream(seed, "routes")
    per_block = TRUTH.routes // TRUTH.blocks
    grades = np.empty((per_block, TRUTH.blocks), dtype=np.int64)
    for block in range(TRUTH.blocks):
        grades[:, block] = generator.permutation(np.arange(per_block) % len(TRUTH.grades))
    return grades.ravel()


def _carriers(seed: int, truth: PlantedTruths, grade_of_route: np.ndarray) -> Carriers:
    generator = stream(seed, "carriers")
    chance = 1 - (1 - truth.carrier_exit_per_year) ** (1 / 12)
    exits = generator.random((TRUTH.months, TRUTH.routes)) < chance
    # A place for the training is drawn in every month, but only used when somebody starts.
    trainable = generator.random((TRUTH.months, TRUTH.routes))
    trained = trainable < np.array(truth.grade_trained)[grade_of_route]

    starts = np.vstack([np.ones((1, TRUTH.routes), dtype=bool), exits[:-1]])
    month, route = np.nonzero(starts)
    number = np.full(starts.shape, STILL)
    number[month, route] = np.arange(len(month))
    # Numbers grow with the month, so the largest so far is who delivers now.
    of = np.maximum.accumulate(number, axis=0)
    exit_month = np.full(len(month), STILL)
    last_month, last_route = np.nonzero(exits)
    exit_month[of[last_month, last_route]] = last_month

    after_exit = np.zeros_like(exits)
    for months_ago in range(1, truth.exit_months + 1):
        after_exit[months_ago:] |= exits[:-months_ago]
    return Carriers(route, month, exit_month, trained[month, route], of, after_exit)


def _chance_to_leave(truth: PlantedTruths, grade_of_route: np.ndarray, carriers: Carriers) -> np.ndarray:
    """Return the chance that an account without a recent complaint leaves, months × routes, no rival there.

    The constant is such that accounts leave at the rate `churn` on average over grades, training and
    complaints, in months when nothing else happens.
    """
    grade = np.array(truth.grade_churn)
    trained = np.array(truth.grade_trained)
    by_grade = grade * (trained * truth.training_effect + 1 - trained)
    usual = by_grade[grade_of_route].mean() * _mean_complaint_factor(truth)
    training = np.where(carriers.trained[carriers.of], truth.training_effect, 1.0)
    exit_effect = np.where(carriers.after_exit, truth.exit_hazard_ratio, 1.0)
    return truth.churn / usual * grade[grade_of_route] * training * exit_effect


def _mean_complaint_factor(truth: PlantedTruths) -> float:
    """Return the factor of remembered complaints, mean over accounts and months.

    Whoever has reason to complain leaves sooner and is followed by somebody who has none yet. So the shares
    of accounts by what they remember are followed from month to month.
    """
    silent, heard = truth.resolved
    resolved = silent * (1 - truth.reaches_firm) + heard * truth.reaches_firm
    fast = truth.within_24_hours
    outcomes = np.array([resolved * fast, resolved * (1 - fast), 1 - resolved])
    factors = np.array([truth.fast_hazard_ratio, truth.slow_hazard_ratio, truth.unresolved_hazard_ratio])
    none, means = 1.0, []
    remembered = np.zeros((truth.complaint_months, len(factors)))  # by months since
    for _ in range(TRUTH.months):
        mean = none + (remembered * factors).sum()
        means.append(mean)
        none_stay = none * (1 - truth.churn / mean)
        stay = remembered * (1 - truth.churn / mean * factors)
        complaining = truth.complaints_per_month * (none_stay + stay.sum())
        calm = 1 - truth.complaints_per_month
        remembered = np.vstack([complaining * outcomes, calm * stay[:-1]])
        none = 1 - remembered.sum()
    return float(np.mean(means))


def _rival(truth: PlantedTruths, zone_of_route: np.ndarray) -> np.ndarray:
    """Return where a rival delivers, months × routes."""
    there = np.isin(zone_of_route + 1, truth.rival_zones)
    return (np.arange(TRUTH.months) >= truth.rival_month)[:, None] & there


def _opening_months(truth: PlantedTruths) -> np.ndarray:
    """Return the month in which each box gets its first account: nearly the same on every route.

    So growth is a matter of the calendar month alone, and zones can be compared with each other.
    """
    months = np.empty((TRUTH.routes, TRUTH.boxes_per_route), dtype=np.int64)
    # Each route begins its row of boxes elsewhere: its two VIP accounts do not come in the same month as
    # all others' do. Steps of the golden ratio never bunch.
    phase = (np.arange(TRUTH.routes) * (np.sqrt(5) - 1) / 2 % 1)[:, None]
    for tier in range(len(truth.tiers)):
        boxes = np.flatnonzero(tier == TIER_OF_BOX)
        place = (np.arange(len(boxes)) + phase) / len(boxes)
        later = (place - truth.opened_at_once) / (1 - truth.opened_at_once)
        months[:, boxes] = np.ceil(np.maximum(later, 0) * (truth.opening_months - 1))
    return months.ravel()


def _accounts(
    seed: int, truth: PlantedTruths, chance: np.ndarray, rival: np.ndarray
) -> tuple[Accounts, Complaints, np.ndarray]:
    """Let accounts join, complain and leave, month by month."""
    generator = stream(seed, "months")
    per_route = TRUTH.boxes_per_route
    boxes = TRUTH.routes * per_route
    opening = _opening_months(truth)
    now = np.full(boxes, STILL)
    occupant = np.empty((TRUTH.months, boxes), dtype=np.int32)
    factor, remembered_until = np.ones(boxes), np.full(boxes, STILL)
    joined_box: list[np.ndarray] = []
    joined_month: list[np.ndarray] = []
    departures: list[tuple[int, np.ndarray]] = []
    complaints: list[np.ndarray] = []
    number_of_accounts = 0
    would_leave, waiting = np.zeros(boxes), np.zeros(TRUTH.routes, dtype=np.int64)
    typical = _mean_complaint_factor(truth)

    for month in range(TRUTH.months):
        keys, thinned = generator.random((2, boxes))
        free = (now == STILL) & (opening < month)
        # On the waiting list there is one household for each account that would have left without a rival.
        # A rival serves some of them; so accounts lost to it do not make the dairy win more new ones.
        waiting += (thinned < truth.rival_acquisition * would_leave).reshape(-1, per_route).sum(axis=1)
        order = np.argsort(np.where(free, keys, 2.0).reshape(-1, per_route), axis=1)
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(per_route)[None, :], axis=1)
        first_in_line = (place < waiting[:, None]).ravel()
        joining = (opening == month) | (free & (first_in_line | ~np.repeat(rival[month], per_route)))
        waiting = np.where(rival[month], np.maximum(waiting - free.reshape(-1, per_route).sum(axis=1), 0), 0)
        (new,) = np.nonzero(joining)
        now[new] = np.arange(number_of_accounts, number_of_accounts + len(new))
        number_of_accounts += len(new)
        joined_box.append(new)
        joined_month.append(np.full(len(new), month))
        factor[new], remembered_until[new] = 1.0, STILL
        occupant[month] = now

        leaving_draw, complaint_draw, reached, resolved, fast = generator.random((5, boxes))
        served = now != STILL
        memory = np.where(served, np.where(remembered_until >= month, factor, 1.0), typical)
        would_leave = np.repeat(chance[month], per_route) * memory
        at_risk = would_leave * np.where(np.repeat(rival[month], per_route), truth.rival_churn, 1.0)

        complaining = served & (complaint_draw < truth.complaints_per_month)
        reached = reached < truth.reaches_firm
        resolved = resolved < np.where(reached, truth.resolved[1], truth.resolved[0])
        fast = fast < truth.within_24_hours
        outcome = np.where(fast, truth.fast_hazard_ratio, truth.slow_hazard_ratio)
        factor[complaining] = np.where(resolved, outcome, truth.unresolved_hazard_ratio)[complaining]
        remembered_until[complaining] = month + truth.complaint_months
        (who,) = np.nonzero(complaining)
        complaints.append(
            np.stack([np.full(len(who), month), now[who], reached[who], resolved[who], fast[who]])
        )

        (gone,) = np.nonzero(served & (leaving_draw < at_risk))
        departures.append((month, now[gone]))
        now[gone] = STILL

    left = np.full(number_of_accounts, STILL)
    for month, accounts in departures:
        left[accounts] = month
    month_of, account, was_reached, was_resolved, was_fast = np.concatenate(complaints, axis=1)
    return (
        Accounts(np.concatenate(joined_box), np.concatenate(joined_month), left),
        Complaints(month_of, account, was_reached == 1, was_resolved == 1, was_fast == 1),
        occupant,
    )


def _bottles_a_day(seed: int, truth: PlantedTruths, zone_of_route: np.ndarray) -> np.ndarray:
    """Return the usual bottles a day of each box: more in richer zones, and spread within a tier."""
    generator = stream(seed, "boxes")
    _, income_index = zone_demand(seed)
    income = (income_index / 100) ** truth.income_elasticity_of_bottles
    of_box = np.repeat(income[zone_of_route], TRUTH.boxes_per_route)
    spread = np.array([tier.spread for tier in truth.tiers])[np.tile(TIER_OF_BOX, TRUTH.routes)]
    rate = of_box * np.exp(spread * generator.standard_normal(len(of_box)))
    for index, tier in enumerate(truth.tiers):
        mine = np.tile(TIER_OF_BOX, TRUTH.routes) == index
        rate[mine] *= tier.bottles_per_day / rate[mine].sum()
    return rate


def _bottles(seed: int, truth: PlantedTruths, rate: np.ndarray, occupant: np.ndarray) -> np.ndarray:
    """Return bottles by month and box: exactly the planted volume of each tier in the last year."""
    generator = stream(seed, "bottles")
    tier_of_box = np.tile(TIER_OF_BOX, TRUTH.routes)
    elasticity = np.array([tier.price_elasticity for tier in truth.tiers])
    season = 1 + truth.season * np.cos(2 * np.pi * (MONTHS.month.to_numpy() - 1) / 12)
    response = ((1 - discounts()) ** elasticity)[:, tier_of_box]
    thousandths = np.empty(occupant.shape, dtype=np.int64)
    for month in range(TRUTH.months):
        noise = np.exp(truth.account_noise_sd * generator.standard_normal(len(rate)))
        wanted = rate * DAYS[month] * season[month] * response[month] * noise
        thousandths[month] = np.where(occupant[month] == STILL, 0, np.round(1000 * wanted))

    bottles = np.zeros_like(thousandths)
    for index, tier in enumerate(truth.tiers):
        (mine,) = np.nonzero(tier_of_box == index)
        planted = tier.bottles_per_day * int(DAYS[LAST_YEAR].sum())
        weights = thousandths[LAST_YEAR, mine]
        bottles[LAST_YEAR, mine] = share_out(weights.ravel(), planted).reshape(weights.shape)
        # The same scale before, so that the last year is no break.
        for month in range(LAST_YEAR.start):
            weights = thousandths[month, mine]
            total = round(int(weights.sum()) * planted / int(thousandths[LAST_YEAR, mine].sum()))
            bottles[month, mine] = share_out(weights, total)
    return bottles


def _choose_skus(seed: int, truth: PlantedTruths, rate: np.ndarray) -> np.ndarray:
    """Return the product by month and box.

    The boxes of a tier stand in a row by lot, each as wide as its bottles. Every ordinary product owns a
    stretch of the row, as wide as its largest share; those at the far end of the stretch change to the
    functional series when the share falls. So the tiers buy the same mix, and pay the same mean price.
    """
    generator = stream(seed, "skus")
    tier_of_box = np.tile(TIER_OF_BOX, TRUTH.routes)
    place = np.empty(len(rate))
    for index in range(len(truth.tiers)):
        row = generator.permutation(np.nonzero(tier_of_box == index)[0])
        ends = np.cumsum(rate[row])
        place[row] = (ends - rate[row] / 2) / ends[-1]

    months = np.arange(TRUTH.months)
    functional = [i for i, sku in enumerate(truth.skus) if sku.functional]
    favourite = np.searchsorted(np.cumsum(truth.functional_shares), generator.random(len(rate)))
    chosen = np.tile(np.array(functional)[favourite].astype(np.int8), (TRUTH.months, 1))
    start = 0.0
    for index, sku in enumerate(truth.skus):
        if sku.functional:
            continue
        noise = np.exp(sku.noise_sd * generator.standard_normal(TRUTH.months))
        share = np.where(
            months < sku.launch, 0, sku.share * np.exp(-sku.decay * (months - sku.launch)) * noise
        )
        inside = (place >= start) & (place < start + share.max())
        if sku.concept_hype:
            inside &= tier_of_box > 1  # only ordinary and small households follow fads
        (boxes,) = np.nonzero(inside)
        buys = place[boxes][None, :] - start < share[:, None]
        chosen[:, boxes] = np.where(buys, index, chosen[:, boxes])
        start += share.max()
    return chosen


def _prices(truth: PlantedTruths, sku: np.ndarray) -> np.ndarray:
    """Return fen a bottle by month and box: the list price less the discount of the month."""
    list_price = np.array([product.list_price for product in truth.skus])
    tier_of_box = np.tile(TIER_OF_BOX, TRUTH.routes)
    return np.round(100 * list_price[sku] * (1 - discounts()[:, tier_of_box])).astype(np.int64)
