"""All tables of the dairy by name: those of the whole dairy, and those of the accounts of one block."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from crmkit.data.hailang import accounts, company
from crmkit.data.hailang.dairy import Dairy, simulate
from crmkit.data.hailang.experiments import charm_test, price_panel
from crmkit.data.hailang.subscribers import subscribers_table
from crmkit.data.hailang.time_study import time_study
from crmkit.data.hailang.truth import SEED, TRUTH

OF_THE_DAIRY: dict[str, Callable[[Dairy], pd.DataFrame]] = {
    "zones": company.zones,
    "carriers": company.carriers,
    "products": company.products,
    "promotions": company.promotions,
    "cost_pools": company.cost_pools,
    "route_months": company.route_months,
    "sales_monthly": company.sales_monthly,
    "sku_monthly": company.sku_monthly,
    "competitor_moves": company.competitor_moves,
    "promo_assign": company.promo_assign,
    "fence_trial": company.fence_trial,
    "price_panel": lambda dairy: price_panel(dairy.seed, dairy.truth),
    "charm_test": lambda dairy: charm_test(dairy.seed),
}
OF_A_BLOCK: dict[str, Callable[[Dairy, int], pd.DataFrame]] = {
    "subscribers": subscribers_table,
    "orders_monthly": accounts.orders_monthly,
    "payments": accounts.payments,
    "deliveries_daily": accounts.deliveries_daily,
    "complaints": accounts.complaints,
    "time_study": time_study,
    "survey": accounts.survey,
}


def table_of(dairy: Dairy, name: str, block: int = TRUTH.sample_block) -> pd.DataFrame:
    """Return a table of a dairy: of all of it, or of the accounts of one block of 20 routes."""
    if name == "routes":
        return company.routes(dairy, [block])
    return OF_THE_DAIRY[name](dairy) if name in OF_THE_DAIRY else OF_A_BLOCK[name](dairy, block)


def tables(seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Simulate every table at the shipped scale, by name.

    Parameters
    ----------
    seed
        Seed of all tables; another seed gives another dairy with the same planted truths.
    """
    dairy = simulate(seed)
    return {name: table_of(dairy, name) for name in ("routes", *OF_THE_DAIRY, *OF_A_BLOCK)}
