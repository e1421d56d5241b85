"""What is planted in the simulated tables: the truths T1 to T20, and how random numbers are drawn.

Every table is drawn from its own child stream of one seed, so a new table leaves the others as they are.
If the shipped seed makes an unlucky draw of a new table, give that table another stream number; do not
change the seed, because the known answers of the exercises come with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEED = 1996
STREAMS = {
    "zones": 0,
    "price_panel": 1,
    "charm_test": 2,
    "zone_details": 3,
    "routes": 4,
    "carriers": 5,
    "boxes": 6,
    "months": 28,
    "bottles": 8,
    "skus": 48,
    "subscribers": 10,
    "payments": 11,
    "complaints": 12,
    "deliveries": 13,
    "time_study": 14,
    "promo_assign": 15,
    "survey": 16,
    "fence_trial": 17,
    "truths": 18,
}


def stream(seed: int, table: str, block: int | None = None) -> np.random.Generator:
    """Return the random numbers of one table, or of one block of it.

    Only `random`, `standard_normal`, `uniform`, `integers` and `permutation` are drawn from it: these have
    kept their streams over the versions of NumPy.
    """
    return np.random.default_rng([seed, STREAMS[table], *([] if block is None else [block])])


@dataclass(frozen=True)
class Tier:
    """A customer tier and its demand: quantity ∝ price^elasticity, with noise in log quantity."""

    name: str
    bottles_per_day: int  # T5: all zones together, at the list price
    price_elasticity: float  # T8
    noise_sd: float  # of log quantity in the price experiment, for one zone in one month
    boxes_per_route: int  # T4: milk boxes of the 200 on each route
    spread: float  # of log bottles a day between the accounts of the tier
    institutions: float  # share of the accounts that are canteens, schools and offices


@dataclass(frozen=True)
class Promotion:
    """A promotion tried on accounts drawn by lot (T10)."""

    promo_id: str
    tier: str
    accounts_per_arm: int
    response: float  # share of the control arm that responds
    effect: float  # added to it by the promotion


@dataclass(frozen=True)
class Sku:
    """A product. `share` is its part of all bottles at its launch; it decays by `decay` a month (T9)."""

    sku: str
    name_zh: str
    name_en: str
    family: str
    list_price: float  # yuan a bottle
    unit_var_cost: float  # yuan a bottle: milk, bottle, energy; the delivery person's commission not included
    launch: int = 0  # months after the first
    share: float = 0.0  # 0: takes what the others leave
    decay: float = 0.01
    noise_sd: float = 0.02  # of the log share, for one month

    @property
    def functional(self) -> bool:
        """Whether it belongs to the 双叉 series."""
        return self.family == "functional"

    @property
    def concept_hype(self) -> bool:
        """Whether it was launched on a health or beauty concept."""
        return self.family == "hyped"


@dataclass(frozen=True)
class Activity:
    """An activity and its cost pool. Accounts use minutes of it, or, if `driver` is empty, nobody does."""

    activity: str
    name_zh: str
    driver: str
    rate: float = 0.0  # yuan a minute of practical capacity
    used: float = 0.0  # share of the practical capacity that the accounts use


FAD = {"family": "hyped", "list_price": 2.0, "unit_var_cost": 1.45, "decay": 0.12, "noise_sd": 0.08}


@dataclass(frozen=True)
class PlantedTruths:
    """What an analysis of the simulated tables should find. Money is in yuan.

    Dairies may differ in effects, rates and the zones with a rival, never in months, zones, routes, boxes,
    tiers and products: of these there is one set, `TRUTH`'s.

    The noise of each tier is such that the within-zone estimator's standard errors are about
    .058, .034, .019 and .010.
    """

    first_month: str = "1996-10"  # T2
    months: int = 36
    zones: int = 20
    list_price: float = 1.80  # yuan a bottle, in the two price experiments

    tiers: tuple[Tier, ...] = (
        Tier("VIP", 18_000, -0.3, 0.135, 2, 0.30, 1.0),
        Tier("major", 17_000, -0.6, 0.079, 8, 0.25, 0.5),
        Tier("ordinary", 30_000, -1.0, 0.044, 30, 0.25, 0.1),
        Tier("small", 35_000, -1.6, 0.023, 160, 0.30, 0.0),
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

    # The dairy at its list prices: 400 routes of 200 milk boxes. Boxes are opened over the first months;
    # a box whose account leaves is given to the next on the waiting list in the month after.
    routes: int = 400
    blocks: int = 20  # a block is every 20th route; the shipped sample is one of them
    sample_block: int = 10
    opened_at_once: float = 0.40  # share of the boxes that have an account in the first month
    opening_months: int = 21  # the first month in which all of them have been opened
    households_per_account: float = 4.0
    income_elasticity_of_bottles: float = 0.4
    account_noise_sd: float = 0.10  # of log bottles, for one account in one month

    churn: float = 0.015  # T6: share of accounts that leave in a month, nothing special having happened
    exit_hazard_ratio: float = 4.0  # T6: in the months after their delivery person has left
    exit_months: int = 3
    carrier_exit_per_year: float = 0.25  # T7: probability
    exit_reasons: tuple[tuple[str, float], ...] = (
        ("rival", 0.45),
        ("pay", 0.25),
        ("family", 0.2),
        ("other", 0.1),
    )

    complaints_per_month: float = 0.04  # of an account
    complaint_months: int = 3  # how long a complaint is remembered
    reaches_firm: float = 0.40  # the others stay with the delivery person
    resolved: tuple[float, float] = (0.60, 0.95)  # share if the firm does not hear of it, and if it does
    within_24_hours: float = 0.60  # of those resolved
    unresolved_hazard_ratio: float = 2.5  # T12
    fast_hazard_ratio: float = 0.9  # T12: resolved within 24 hours
    slow_hazard_ratio: float = 1.3  # resolved later

    phone_known: float = 0.08  # T14: of households; all institutions are known
    payer_is_not_user: float = 0.45  # T18
    cash_leakage: float = 0.021  # T15: of what is due in cash to the delivery person
    leakage_spread: float = 0.8  # of the leakage rate between routes, a share of its mean

    rival_zones: tuple[int, ...] = (3, 7, 12)
    rival_month: int = 24  # T16: months after the first
    rival_acquisition: float = 0.6
    rival_churn: float = 1.8

    # T20: compact routes lose fewer accounts, and their carriers were sent to the training first.
    grades: tuple[str, ...] = ("compact", "mixed", "scattered")
    grade_churn: tuple[float, ...] = (0.758, 1.0, 1.242)
    grade_trained: tuple[float, ...] = (0.8, 0.5, 0.2)  # probability
    training_effect: float = 0.85  # hazard ratio

    skus: tuple[Sku, ...] = (
        Sku("F1", "双叉奶", "Shuangcha milk", "functional", 2.0, 1.35),
        Sku("F2", "双叉低脂奶", "Shuangcha low-fat milk", "functional", 2.0, 1.35),
        Sku("F3", "双叉儿童奶", "Shuangcha children's milk", "functional", 2.0, 1.35),
        Sku("M1", "鲜牛奶", "fresh milk", "milk", 1.6, 1.10, share=0.14),
        Sku("M2", "低脂奶", "low-fat milk", "milk", 1.6, 1.10, share=0.05),
        Sku("M3", "甜牛奶", "sweetened milk", "milk", 1.6, 1.10, share=0.05),
        Sku("M4", "早餐奶", "breakfast milk", "milk", 1.6, 1.10, share=0.04, launch=2),
        Sku("M5", "巧克力奶", "chocolate milk", "milk", 1.6, 1.10, share=0.03, launch=4),
        Sku("M6", "核桃奶", "walnut milk", "milk", 1.6, 1.10, share=0.03, launch=6),
        Sku("Y1", "酸奶", "yogurt", "yogurt", 1.8, 1.20, share=0.07),
        Sku("Y2", "草莓酸奶", "strawberry yogurt", "yogurt", 1.8, 1.20, share=0.04, launch=3),
        Sku("D1", "果味奶饮料", "fruit-flavoured milk drink", "drink", 1.5, 0.95, share=0.03),
        Sku("D2", "橙味奶饮料", "orange milk drink", "drink", 1.5, 0.95, share=0.02, launch=5),
        Sku("H1", "高钙奶", "high-calcium milk", launch=5, share=0.06, **FAD),  # type: ignore[arg-type]
        Sku("H2", "芦荟奶", "aloe milk", launch=12, share=0.06, **FAD),  # type: ignore[arg-type]
        Sku("H3", "丽人奶", "Liren milk", launch=18, share=0.06, **FAD),  # type: ignore[arg-type]
    )
    functional_shares: tuple[float, ...] = (0.60, 0.25, 0.15)

    commission: float = 0.25  # yuan a bottle to the delivery person
    profit_per_bottle: float = 0.10  # yuan, of the whole dairy in the month of the time study
    activities: tuple[Activity, ...] = (
        Activity("order taking", "接单", "minutes of order changes", 0.20, 0.88),
        Activity("doorstep delivery", "上门配送", "minutes at the door and on the stairs", 0.12, 0.93),
        Activity("cash collection", "上门收款", "minutes of collecting money", 0.16, 0.90),
        Activity("bottle return", "空瓶回收", "minutes of collecting empty bottles", 0.10, 0.91),
        Activity("complaint handling", "投诉处理", "minutes of dealing with complaints", 0.25, 0.80),
        Activity("account visits", "客户拜访", "minutes of visits and calls", 0.30, 0.85),
        Activity("depot and cold chain", "站点与冷链", ""),
        Activity("hiring and training", "招聘与培训", ""),
        Activity("advertising", "广告宣传", ""),
        Activity("administration", "行政管理", ""),
    )
    unprofitable: float = 0.30  # T13: of accounts
    whale_peak: float = 1.40  # T13: profit of the profitable accounts, over the profit of all
    account_profit: float = 0.45  # of the margin after commission; the rest pays for minutes used

    promotions: tuple[Promotion, ...] = (
        Promotion("P22", "VIP", 400, 0.30, 0.0),
        Promotion("P23", "ordinary", 2_000, 0.15, 0.05),
        Promotion("P24", "small", 7_000, 0.20, -0.02),
    )

    spoilage_slope: float = 0.8  # T19: of the log odds, per hour above 4 °C
    spoilage_intercept: float = -5.5
    warm_hours: float = 0.9  # mean hours above 4 °C
    on_time: float = 0.94
    on_time_in_the_storm: float = 0.78
    storm: int = 17  # September 1999
    in_full: float = 0.975

    # T17: routes whose delivery person leaves for a rival, in the year after the 36 months.
    fence_routes_per_arm: int = 60
    takeaway: float = 0.30  # share of the accounts that go with the delivery person
    takeaway_fenced: float = 0.12  # where the lot said "fence", whether or not each account took part
    fence_uptake: float = 0.75
    fence_icc: float = 0.05  # correlation of two accounts of a route

    survey_respondents: int = 1_200
    expectation: float = 5.6  # mean of the 22 items, scale 1 to 7
    service_gaps: tuple[tuple[str, int, float], ...] = (  # dimension, items, perception − expectation
        ("tangibles", 4, -0.2),
        ("reliability", 5, -1.1),
        ("responsiveness", 4, -0.9),
        ("assurance", 4, -0.3),
        ("empathy", 5, -0.5),
    )
    extra_service: float = 0.4  # share of respondents who got advice or another extra service
    service_to_trust: float = 0.8  # points of trust
    trust_to_bottles: float = 0.6  # bottles a week per point of trust
    service_to_bottles: float = 0.2  # bottles a week at the same trust

    @property
    def boxes_per_route(self) -> int:
        """Milk boxes of a route."""
        return sum(tier.boxes_per_route for tier in self.tiers)


TRUTH = PlantedTruths()
