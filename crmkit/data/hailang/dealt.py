"""A dairy for the capstone: some of the tables, in a folder, with truths that stand in no book."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from crmkit.data.database import VARIABLE as CACHE
from crmkit.data.hailang.dairy import Dairy, simulate
from crmkit.data.hailang.dictionary import PACKAGE, SOURCE
from crmkit.data.hailang.redraw import redraw
from crmkit.data.hailang.tables import table_of
from crmkit.data.package import Package, Table
from crmkit.data.writer import write_package

TABLES = (
    "zones",
    "routes",
    "carriers",
    "products",
    "promotions",
    "subscribers",
    "complaints",
    "route_months",
    "sales_monthly",
    "sku_monthly",
    "competitor_moves",
    "promo_assign",
    "survey",
    "fence_trial",
    "price_panel",
)
"""What the capstone uses; the tables with a row for each account and month would be most of the bytes."""

PRACTICE_SEED = 2004
"""Seed of the dairy on which everybody may practise."""


def another_dairy(seed: int) -> Dairy:
    """Simulate the dairy of a seed, with truths that are drawn from the seed, too."""
    return simulate(seed, redraw(seed))


def write(folder: Path, seed: int) -> Package:
    """Write a dairy's tables into `folder/hailang`; what is written does not tell the seed.

    Parameters
    ----------
    folder
        Where to write; made if it is not there.
    seed
        Seed of all tables and of the truths in them.

    Returns
    -------
    Package
        What was written, about 2 MB.
    """
    dairy = another_dairy(seed)
    package = replace(
        PACKAGE, tables=tuple(_without_seed(table) for table in PACKAGE.tables if table.name in TABLES)
    )
    pieces = {name: (lambda name=name: [table_of(dairy, name)]) for name in TABLES}
    return write_package(package, pieces, folder / PACKAGE.name)


def _without_seed(table: Table) -> Table:
    # Whoever knows the seed can ask this package for the truths.
    kept = tuple(key for key in table.foreign_keys if key.table in TABLES)
    return replace(table, source=SOURCE.replace(", seed {seed}", ""), foreign_keys=kept)


def practice() -> Path:
    """Return the folder of the practice dairy, which is simulated when it is first asked for."""
    return Path(_practice().name)


@cache
def _practice() -> TemporaryDirectory[str]:
    # Kept until Python ends, and then removed.
    chosen = os.environ.get(CACHE)
    if chosen:
        Path(chosen).mkdir(parents=True, exist_ok=True)
    folder = TemporaryDirectory(prefix="crmkit-", dir=chosen)
    write(Path(folder.name), PRACTICE_SEED)
    return folder
