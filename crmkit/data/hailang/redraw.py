"""The truths of another dairy, drawn from its seed, so that its numbers stand in no book."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crmkit.data.hailang.truth import TRUTH, PlantedTruths, stream

ELASTICITIES = {
    "VIP": (-0.5, -0.1),
    "major": (-0.9, -0.5),
    "ordinary": (-1.4, -0.9),
    "small": (-2.2, -1.5),
}
"""Range of the price elasticity of each tier: the smaller the account, the more elastic, as in `TRUTH`."""

PROMISING = {"ordinary": (0.05, 0.09), "small": (0.025, 0.045)}
"""Tiers in which a gift may work, and the range of what it then adds to the share that responds."""

ANNOYED = (-0.04, -0.02)
"""Range of what the gift does to the other of the two. On VIP accounts it has no effect."""


def redraw(seed: int) -> PlantedTruths:
    """Draw the truths of a dairy: what its accounts, products and trials should tell an analyst.

    Parameters
    ----------
    seed
        Seed of all tables of the dairy; `simulate(seed, redraw(seed))` has its truths planted.

    Returns
    -------
    PlantedTruths
        `TRUTH` with other effects of an exit, a rival, prices, fads, gifts and the fence, and with the
        rival in other zones. What else is planted stays.
    """
    generator = stream(seed, "truths")

    def between(low: float, high: float, decimals: int = 2) -> float:
        return round(float(generator.uniform(low, high)), decimals)

    exit_hazard_ratio, rival_churn = between(2.5, 5.5), between(1.5, 2.4)
    decay = between(0.08, 0.18, 3)
    takeaway = between(0.24, 0.40)
    takeaway_fenced = round(takeaway * between(0.30, 0.60), 3)
    elasticities = {tier: between(*limits) for tier, limits in ELASTICITIES.items()}
    works_in = list(PROMISING)[int(generator.integers(len(PROMISING)))]
    effects = {
        tier: between(*(limits if tier == works_in else ANNOYED), 3) for tier, limits in PROMISING.items()
    }
    rival_zones = np.sort(generator.permutation(TRUTH.zones)[: len(TRUTH.rival_zones)] + 1)
    return replace(
        TRUTH,
        exit_hazard_ratio=exit_hazard_ratio,
        rival_churn=rival_churn,
        rival_zones=tuple(rival_zones.tolist()),
        takeaway=takeaway,
        takeaway_fenced=takeaway_fenced,
        tiers=tuple(replace(tier, price_elasticity=elasticities[tier.name]) for tier in TRUTH.tiers),
        skus=tuple(replace(sku, decay=decay) if sku.concept_hype else sku for sku in TRUTH.skus),
        promotions=tuple(replace(gift, effect=effects.get(gift.tier, 0.0)) for gift in TRUTH.promotions),
    )
