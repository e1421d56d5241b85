"""Write `datasets/` from the simulation and the typed tables: `python -m crmkit.data.build [--check]`."""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from crmkit.data import hailang, published
from crmkit.data.package import DESCRIPTOR, Column, Table, data_folder

SOURCES = ((hailang.PACKAGE, hailang.tables), (published.PACKAGE, published.tables))


def build() -> dict[str, bytes]:
    """Make every file of `datasets/`.

    Returns
    -------
    dict
        The bytes of each file by its path below `datasets/`; the same on every run and platform.
    """
    files: dict[str, bytes] = {}
    for package, tables in SOURCES:
        data = tables()
        csv = {table.name: _csv(data[table.name], table) for table in package.tables}
        files |= {f"{package.name}/{table.path}": csv[table.name] for table in package.tables}
        described = tuple(_described(table, data[table.name], csv[table.name]) for table in package.tables)
        files[f"{package.name}/{DESCRIPTOR}"] = replace(package, tables=described).to_json().encode()
    return files


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` list those that differ and return 1 if any does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    parser.add_argument("--folder", type=Path, default=data_folder(Path(__file__).parents[1]))
    options = parser.parse_args(arguments)

    stale = []
    for name, content in build().items():
        path = options.folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name in stale:
        print(f"{'differs' if options.check else 'wrote'}: datasets/{name}")
    return 1 if options.check and stale else 0


def _csv(data: pd.DataFrame, table: Table) -> bytes:
    declared = [column.name for column in table.columns]
    if list(data.columns) != declared:
        raise ValueError(f"{table.name}: the data have columns {list(data.columns)}, declared are {declared}")
    return data.to_csv(index=False, lineterminator="\n").encode()


def _described(table: Table, data: pd.DataFrame, csv: bytes) -> Table:
    """Return the table with what is known once its file is written."""
    return replace(
        table,
        columns=tuple(_ranged(column, data[column.name]) for column in table.columns),
        bytes=len(csv),
        sha256=hashlib.sha256(csv).hexdigest(),
    )


def _ranged(column: Column, values: pd.Series) -> Column:
    if column.type == "string":
        return column
    # `tolist` gives Python's own numbers, which JSON can write.
    low, high = values.dropna().agg(["min", "max"]).tolist()
    return replace(column, minimum=low, maximum=high)


if __name__ == "__main__":
    sys.exit(main())
