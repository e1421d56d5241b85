"""The two price experiments of the simulated dairy. Each stands alone: no other table depends on it.

Values are rounded well above the last bit, so that every platform writes the same file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.data.hailang.truth import SEED, TRUTH, PlantedTruths, stream


def price_panel(seed: int = SEED, truth: PlantedTruths = TRUTH) -> pd.DataFrame:
    """Simulate the price experiment: price and quantity by month, zone and tier.

    bottles = share of the zone × bottles_per_day × (price / list_price)^price_elasticity × season × noise

    Parameters
    ----------
    seed
        Seed of all tables.
    truth
        What is planted; months, zones and tiers are those of `TRUTH`.

    Returns
    -------
    pandas.DataFrame
        One row a month, zone and tier, 36 × 20 × 4 = 2,880 rows: month, zone_id, tier, income_index,
        price (yuan/bottle), bottles (bottles/day, mean of the month).
    """
    generator = stream(seed, "price_panel")
    households, income_index = zone_demand(seed)
    tiers = truth.tiers
    shape = (TRUTH.months, TRUTH.zones, len(tiers))

    income = income_index / 100
    level = truth.list_price * income**truth.income_elasticity_of_price
    lowest, highest = np.log1p([-truth.price_experiment, truth.price_experiment])
    # Rounded before demand responds: the customer sees the price that the table shows.
    price = np.round(level[:, None] * np.exp(generator.uniform(lowest, highest, shape)), 2)

    demand = households * income**truth.income_elasticity_of_demand
    at_list_price = np.outer(demand / demand.sum(), [tier.bottles_per_day for tier in tiers])
    response = (price / truth.list_price) ** np.array([tier.price_elasticity for tier in tiers])
    noise = np.exp(generator.standard_normal(shape) * [tier.noise_sd for tier in tiers])

    months = pd.period_range(truth.first_month, periods=TRUTH.months, freq="M")
    season = 1 + truth.season * np.cos(2 * np.pi * (months.month.to_numpy() - 1) / 12)
    bottles = at_list_price * response * season[:, None, None] * noise

    names = [tier.name for tier in tiers]
    panel = pd.MultiIndex.from_product(
        [months.strftime("%Y-%m"), range(1, TRUTH.zones + 1), names], names=["month", "zone_id", "tier"]
    ).to_frame(index=False)
    panel["income_index"] = np.broadcast_to(income_index[:, None], shape).ravel()
    panel["price"] = price.ravel()
    panel["bottles"] = np.round(bottles.ravel(), 1)
    return panel


def charm_test(seed: int = SEED) -> pd.DataFrame:
    """Simulate the test of a price ending in 9: routes drawn by lot pay 1.80 or 1.79.

    Parameters
    ----------
    seed
        Seed of all tables.

    Returns
    -------
    pandas.DataFrame
        One row a route, 120 rows: route_id, arm ("1.80" or "1.79"), price (yuan/bottle), accounts,
        bottles_before and bottles_after (bottles per account per day, the month before and the month of
        the test).
    """
    generator = stream(seed, "charm_test")
    routes = 2 * TRUTH.charm_routes_per_arm
    charm = generator.permutation(np.repeat([False, True], TRUTH.charm_routes_per_arm))
    fewest, most = TRUTH.charm_accounts
    accounts = generator.integers(fewest, most, routes, endpoint=True)
    # A route's own level is in both months: that is why before and after beat after alone.
    usual = np.log(TRUTH.charm_bottles) + TRUTH.charm_route_sd * generator.standard_normal(routes)
    before, after = usual + TRUTH.charm_noise_sd * generator.standard_normal((2, routes))
    after += np.log1p(TRUTH.charm_growth) + np.where(charm, np.log1p(TRUTH.charm_lift), 0)
    price = np.where(charm, TRUTH.charm_price, TRUTH.list_price)
    return pd.DataFrame(
        {
            "route_id": np.arange(1, routes + 1),
            "arm": [f"{yuan:.2f}" for yuan in price],
            "price": price,
            "accounts": accounts,
            "bottles_before": np.round(np.exp(before), 3),
            "bottles_after": np.round(np.exp(after), 3),
        }
    )


def zone_demand(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the households, relative to the typical zone, and the income index of zones 1 to 20.

    Even steps in logs, dealt to the zones by lot, and not free draws: so every seed has the same spread of
    income and with it the same trap.
    """
    generator = stream(seed, "zones")
    steps = np.linspace(-1, 1, TRUTH.zones)
    households = np.exp(TRUTH.household_spread * generator.permutation(steps))
    income_index = np.round(100 * np.exp(TRUTH.income_spread * generator.permutation(steps)), 1)
    return households, income_index
