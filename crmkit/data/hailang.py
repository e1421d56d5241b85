"""The Hailang dairy, simulated: what is planted in the data, and the data.

Every table is drawn from its own child stream of one seed, so a new table leaves the others as they are.
If the shipped seed makes an unlucky draw of a new table, give that table another stream number; do not
change the seed, because the known answers of the exercises come with it.

Values are rounded well above the last bit, so that every platform writes the same file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.data.package import Column, Package, Table

SEED = 1996
STREAMS = {"zones": 0, "price_panel": 1, "charm_test": 2}


@dataclass(frozen=True)
class Tier:
    """A customer tier and its demand: quantity ∝ price^elasticity, with noise in log quantity."""

    name: str
    bottles_per_day: int  # all zones together, at the list price
    price_elasticity: float  # T8
    noise_sd: float  # of log quantity, for one zone in one month


@dataclass(frozen=True)
class PlantedTruths:
    """What an analysis of the simulated tables should find. Money is in yuan.

    The noise of each tier is such that the within-zone estimator's standard errors are about
    .058, .034, .019 and .010.
    """

    first_month: str = "1996-10"  # T2
    months: int = 36
    zones: int = 20
    list_price: float = 1.80  # yuan a bottle

    tiers: tuple[Tier, ...] = (
        Tier("VIP", 18_000, -0.3, 0.135),
        Tier("major", 17_000, -0.6, 0.079),
        Tier("ordinary", 30_000, -1.0, 0.044),
        Tier("small", 35_000, -1.6, 0.023),
    )
    price_experiment: float = 0.15  # prices are log-uniform within ±15% of the zone's level
    season: float = 0.01  # demand is 1% above its mean in January, 1% below in July

    # Why a regression without zone effects misleads: a richer zone pays a slightly higher price and buys
    # far more. Both are powers of income_index / 100.
    income_spread: float = 0.25  # of log income, from the typical zone to the richest
    household_spread: float = 0.30  # of log households, likewise
    income_elasticity_of_price: float = 0.3
    income_elasticity_of_demand: float = 1.5

    charm_routes_per_arm: int = 60
    charm_price: float = 1.79  # yuan a bottle
    charm_lift: float = 0.08  # T11: all of the effect on quantity, the 0.01 yuan included
    charm_growth: float = 0.02  # of both arms, from the month before to the month of the test
    charm_bottles: float = 1.25  # per account per day, the typical route
    charm_route_sd: float = 0.15  # of log bottles, between routes
    charm_noise_sd: float = 0.03  # of log bottles, between the months of one route
    charm_accounts: tuple[int, int] = (180, 220)  # fewest and most accounts of a route


TRUTH = PlantedTruths()


def price_panel(seed: int = SEED) -> pd.DataFrame:
    """Simulate the price experiment: price and quantity by month, zone and tier.

    bottles = share of the zone × bottles_per_day × (price / list_price)^price_elasticity × season × noise

    Parameters
    ----------
    seed
        Seed of all tables.

    Returns
    -------
    pandas.DataFrame
        One row a month, zone and tier, 36 × 20 × 4 = 2,880 rows: month, zone_id, tier, income_index,
        price (yuan/bottle), bottles (bottles/day, mean of the month).
    """
    generator = _stream(seed, "price_panel")
    households, income_index = _zones(seed)
    tiers = TRUTH.tiers
    shape = (TRUTH.months, TRUTH.zones, len(tiers))

    income = income_index / 100
    level = TRUTH.list_price * income**TRUTH.income_elasticity_of_price
    lowest, highest = np.log1p([-TRUTH.price_experiment, TRUTH.price_experiment])
    # Rounded before demand responds: the customer sees the price that the table shows.
    price = np.round(level[:, None] * np.exp(generator.uniform(lowest, highest, shape)), 2)

    demand = households * income**TRUTH.income_elasticity_of_demand
    at_list_price = np.outer(demand / demand.sum(), [tier.bottles_per_day for tier in tiers])
    response = (price / TRUTH.list_price) ** np.array([tier.price_elasticity for tier in tiers])
    noise = np.exp(generator.standard_normal(shape) * [tier.noise_sd for tier in tiers])

    months = pd.period_range(TRUTH.first_month, periods=TRUTH.months, freq="M")
    season = 1 + TRUTH.season * np.cos(2 * np.pi * (months.month.to_numpy() - 1) / 12)
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
    generator = _stream(seed, "charm_test")
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


def tables(seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Simulate every table of `PACKAGE`, by name."""
    return {"price_panel": price_panel(seed), "charm_test": charm_test(seed)}


def _stream(seed: int, table: str) -> np.random.Generator:
    return np.random.default_rng([seed, STREAMS[table]])


def _zones(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the households, relative to the typical zone, and the income index of zones 1 to 20.

    Even steps in logs, dealt to the zones by lot, and not free draws: so every seed has the same spread of
    income and with it the same trap.
    """
    generator = _stream(seed, "zones")
    steps = np.linspace(-1, 1, TRUTH.zones)
    households = np.exp(TRUTH.household_spread * generator.permutation(steps))
    income_index = np.round(100 * np.exp(TRUTH.income_spread * generator.permutation(steps)), 1)
    return households, income_index


_SOURCE = f"made up for this course by crmkit.data.hailang, seed {SEED}; no real firm, customer or sale"
_PRICE = Column(
    "price", "number", "Price", "单价", "Price that the customers of the row paid", unit="yuan/bottle"
)

PACKAGE = Package(
    name="hailang",
    title="Hailang dairy, home delivery of milk (simulated)",
    description=(
        "A simulated dairy in Chengdu that delivers milk to 80,000 accounts. Effects of known size are "
        "planted in the tables, so that an estimate can be compared with the truth."
    ),
    version="1.0.0",
    licence="MIT",
    simulated=True,
    tables=(
        Table(
            name="price_panel",
            title="Price experiment by month, zone and tier",
            description=(
                "For 36 months the price of every zone and tier was drawn by lot within ±15% of the "
                "zone's price level. Zones differ in income, price level and demand."
            ),
            source=_SOURCE,
            columns=(
                Column("month", "yearmonth", "Month", "月份", "Calendar month, YYYY-MM"),
                Column("zone_id", "integer", "Zone", "片区编号", "Number of the delivery zone"),
                Column(
                    "tier",
                    "string",
                    "Tier",
                    "客户层级",
                    "Customer tier, from the largest accounts to the smallest",
                    options=tuple(tier.name for tier in TRUTH.tiers),
                ),
                Column(
                    "income_index",
                    "number",
                    "Income index",
                    "收入指数",
                    "Household income of the zone, the same in all months",
                    unit="typical zone = 100",
                ),
                _PRICE,
                Column(
                    "bottles",
                    "number",
                    "Bottles a day",
                    "日均瓶数",
                    "Bottles delivered a day to the tier in the zone, mean of the month",
                    unit="bottles/day",
                ),
            ),
        ),
        Table(
            name="charm_test",
            title="Test of a price ending in 9",
            description=(
                "120 delivery routes were drawn by lot to keep the price of 1.80 yuan (control) or to pay "
                "1.79 yuan for one month."
            ),
            source=_SOURCE,
            columns=(
                Column("route_id", "integer", "Route", "线路编号", "Number of the delivery route"),
                Column(
                    "arm",
                    "string",
                    "Arm",
                    "试验组",
                    "Price that the lot gave the route, as text; 1.80 is the control",
                    options=(f"{TRUTH.list_price:.2f}", f"{TRUTH.charm_price:.2f}"),
                ),
                _PRICE,
                Column("accounts", "integer", "Accounts", "订户数", "Accounts on the route", unit="accounts"),
                Column(
                    "bottles_before",
                    "number",
                    "Bottles before",
                    "试验前每户日均瓶数",
                    "Bottles per account per day in the month before the test, at 1.80 yuan",
                    unit="bottles/account/day",
                ),
                Column(
                    "bottles_after",
                    "number",
                    "Bottles after",
                    "试验期每户日均瓶数",
                    "Bottles per account per day in the month of the test",
                    unit="bottles/account/day",
                ),
            ),
        ),
    ),
)
