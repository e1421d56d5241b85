"""Who the accounts of a block are: household or institution, who pays and who drinks, how they pay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.data.hailang.dairy import FIRST_ACCOUNT, MONTH_NAMES, Dairy, month_names
from crmkit.data.hailang.truth import TRUTH, stream

CHANNELS = ("carrier cash", "prepaid card", "bank")
CASH, CARD, BANK = range(len(CHANNELS))
PERSONS = np.array(["parent", "grandparent", "child", "office"], dtype=object)
PARENT, GRANDPARENT, CHILD, OFFICE = range(len(PERSONS))
PATTERNS = np.array(["standing", "weekday", "irregular"], dtype=object)
STANDING, WEEKDAY, IRREGULAR = range(len(PATTERNS))


@dataclass(frozen=True)
class Subscribers:
    """The accounts of one block in the order of their numbers; each array has one value an account."""

    index: np.ndarray  # index of the account in the whole dairy
    box: np.ndarray
    route: np.ndarray  # 0-based
    tier: np.ndarray
    institution: np.ndarray
    channel: np.ndarray
    pattern: np.ndarray
    payer: np.ndarray
    decider: np.ndarray
    user: np.ndarray
    phone_known: np.ndarray

    def place(self, account: np.ndarray) -> np.ndarray:
        """Return where accounts of the block stand in these arrays, by their index in the whole dairy."""
        return np.searchsorted(self.index, account)


def routes_of(block: int) -> np.ndarray:
    """Return the 0-based routes of a block: every 20th."""
    routes = np.arange(TRUTH.routes)
    return routes[(routes + 1) % TRUTH.blocks == block % TRUTH.blocks]


def boxes_of(block: int) -> np.ndarray:
    """Return the boxes of a block."""
    first = routes_of(block)[:, None] * TRUTH.boxes_per_route
    return (first + np.arange(TRUTH.boxes_per_route)).ravel()


def subscribers(dairy: Dairy, block: int) -> Subscribers:
    """Draw who the accounts of a block are.

    The shares that are planted exactly (T14, T18) are exact in each block, up to one account.
    """
    generator = stream(dairy.seed, "subscribers", block)
    route = dairy.accounts.box // TRUTH.boxes_per_route
    (index,) = np.nonzero((route + 1) % TRUTH.blocks == block % TRUTH.blocks)
    box = dairy.accounts.box[index]
    tier = dairy.tier_of_box[box]
    size = len(index)

    shares = np.array([tier.institutions for tier in TRUTH.tiers])
    institution = generator.random(size) < shares[tier]
    by_bank, by_card = generator.random((2, size))
    channel = np.where(
        institution,
        np.where(by_bank < 0.8, BANK, CARD),
        np.where(by_bank < 0.05, BANK, np.where(by_card < 0.10, CARD, CASH)),
    )
    now_and_then = generator.random(size) < 0.3
    pattern = np.where(institution, WEEKDAY, np.where(now_and_then, IRREGULAR, STANDING))

    (households,) = np.nonzero(~institution)
    phone_known = institution.copy()
    phone_known[generator.permutation(households)[: round(dairy.truth.phone_known * len(households))]] = True

    # A household buys for its own grown-ups, or else a parent or grandparent buys for somebody else.
    own = generator.random(size) < 0.6
    payer = np.where(institution, OFFICE, np.where(own, PARENT, GRANDPARENT))
    user = payer.copy()
    different = generator.permutation(households)[: round(dairy.truth.payer_is_not_user * size)]
    for_child = generator.random(size) < 0.7
    other = np.where(for_child, CHILD, np.where(payer == PARENT, GRANDPARENT, PARENT))
    user[different] = other[different]
    user_decides = generator.random(size) < 0.25
    decider = np.where(user_decides & (user != CHILD), user, payer)
    return Subscribers(
        index, box, route[index], tier, institution, channel, pattern, payer, decider, user, phone_known
    )


def subscribers_table(dairy: Dairy, block: int) -> pd.DataFrame:
    """Return the table `subscribers`."""
    people = subscribers(dairy, block)
    joined, left = dairy.accounts.joined[people.index], dairy.accounts.left[people.index]
    return pd.DataFrame(
        {
            "account_id": people.index + FIRST_ACCOUNT,
            "route_id": people.route + 1,
            "zone_id": dairy.zone_of_route[people.route] + 1,
            "type": np.where(people.institution, "institution", "household").astype(object),
            "tier_true": np.array([tier.name for tier in TRUTH.tiers], dtype=object)[people.tier],
            "payer": PERSONS[people.payer],
            "decider": PERSONS[people.decider],
            "user": PERSONS[people.user],
            "join_month": MONTH_NAMES[joined],
            "leave_month": month_names(left),
            "phone_known_to_firm": people.phone_known.astype(np.int64),
            "need_pattern": PATTERNS[people.pattern],
            "spend_class": _thirds(dairy.usual_bottles[people.box]),
        }
    )


def _thirds(bottles: np.ndarray) -> np.ndarray:
    low, high = np.quantile(bottles, [1 / 3, 2 / 3])
    return np.where(bottles >= high, "high", np.where(bottles >= low, "medium", "low")).astype(object)
