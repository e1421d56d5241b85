"""A dairy of one's own: another seed, at the shipped scale or in full, written to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from crmkit.data.hailang.company import routes
from crmkit.data.hailang.dairy import Dairy, simulate
from crmkit.data.hailang.dictionary import PACKAGE, SOURCE
from crmkit.data.hailang.tables import OF_A_BLOCK, OF_THE_DAIRY
from crmkit.data.hailang.truth import SEED, TRUTH
from crmkit.data.package import Package
from crmkit.data.writer import Pieces, write_package

SCALES = {"sample": "csv", "full": "parquet"}
"""The file format of each scale."""


def pieces_of(seed: int, scale: str) -> Mapping[str, Pieces]:
    """Return every table of a dairy in pieces: in full, the accounts come in 20 blocks of 20 routes.

    Parameters
    ----------
    seed
        Seed of all tables.
    scale
        "sample" for one block, as shipped; "full" for all 80,000 accounts.
    """
    blocks = [TRUTH.sample_block] if scale == "sample" else list(range(1, TRUTH.blocks + 1))

    def whole(table: Callable[[Dairy], pd.DataFrame]) -> Iterator[pd.DataFrame]:
        yield table(simulate(seed))

    def by_block(table: Callable[[Dairy, int], pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for block in blocks:
            yield table(simulate(seed), block)

    return (
        {name: partial(whole, table) for name, table in OF_THE_DAIRY.items()}
        | {"routes": lambda: [routes(simulate(seed), blocks)]}
        | {name: partial(by_block, table) for name, table in OF_A_BLOCK.items()}
    )


def number_of_pieces(scale: str) -> int:
    """Return how many pieces a build has, for its progress bar."""
    blocks = 1 if scale == "sample" else TRUTH.blocks
    return len(OF_THE_DAIRY) + 1 + blocks * len(OF_A_BLOCK)


def build(
    folder: Path,
    scale: str = "sample",
    seed: int = SEED,
    on_piece: Callable[[str], None] = lambda table: None,
) -> Package:
    """Write a dairy into `folder/hailang`; `Catalogue(folder)` loads its tables.

    Parameters
    ----------
    folder
        Where to write. Tables of an earlier build are replaced, each when its successor is whole.
    scale
        "sample": accounts of 20 routes, CSV, about 12 MB. "full": all 80,000 accounts, Parquet.
    seed
        Any whole number ≥ 0: another seed gives another dairy with the same planted truths.
    on_piece
        Called with the name of the table after each piece, `number_of_pieces(scale)` times.

    Returns
    -------
    Package
        What was written.
    """
    described = []
    for table in PACKAGE.tables:
        title = table.title if scale == "sample" else table.title.replace(" (1 in 20)", "")
        described.append(replace(table, title=title, source=SOURCE.format(seed=seed)))
    package = replace(PACKAGE, tables=tuple(described))
    return write_package(package, pieces_of(seed, scale), folder / PACKAGE.name, SCALES[scale], on_piece)
