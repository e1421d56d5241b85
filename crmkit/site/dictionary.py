"""Write the page of the data dictionary and its diagram: `python -m crmkit.site.dictionary [--check]`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from crmkit.data import Catalogue, load
from crmkit.data.catalogue import About
from crmkit.data.database import schema
from crmkit.data.diagram import draw
from crmkit.data.package import Package, Table, read_packages

PAGE = "data-dictionary.md"
DIAGRAMS = {"hailang": "assets/hailang-er.svg"}

INTRODUCTION = """\
% Written by `python -m crmkit.site.dictionary` from the data packages. Do not edit.

# Data dictionary

All tables of the course, column by column.

## Load a table

A table has the name of its package, a dot and its own name. It comes as a pandas data frame.

```python
from crmkit import load

deliveries = load("hailang.deliveries_daily")
load.about("hailang.deliveries_daily")  # what this page says about the table
```

Months and days are text, `1999-09` and `1999-09-17`: they sort and group as they stand. An empty cell is a
missing value; the meaning of the column says why it is missing.

## Query the database

The tables of a package also come as one SQLite database, as a CRM system would keep them: with primary and
foreign keys, and with rules for what a column may hold. The first call builds it in a few seconds; later ones
only open it. It can be read, not changed.

```python
import pandas as pd

database = load.database("hailang")
query = (
    "SELECT grade, COUNT(*) AS accounts FROM subscribers "
    "JOIN routes USING (route_id) GROUP BY grade"
)
pd.read_sql(query, database)
```

How a table is defined is in the database, too: `SELECT sql FROM sqlite_master WHERE name = 'orders_monthly'`.

## Get a damaged file back

Each file is compared with its recorded size and SHA-256 when it is loaded. If one is missing, cut off or
edited, the error names it; the other tables can still be loaded. In a checkout, get the file back with git;
elsewhere, install `crmkit` again.

```bash
git checkout -- datasets/hailang/complaints.csv
```
"""


def pages(catalogue: Catalogue) -> dict[str, str]:
    """Write the page and its pictures.

    Parameters
    ----------
    catalogue
        The tables to describe.

    Returns
    -------
    dict
        The text of each file by its path below the course's folder.
    """
    packages = read_packages(catalogue.folder)
    sections = [_package(package, catalogue) for package in packages]
    pictures = {DIAGRAMS[package.name]: draw(package) for package in packages if package.name in DIAGRAMS}
    return {PAGE: "\n".join([INTRODUCTION, *sections]), **pictures}


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` list those that differ and return 1 if any does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    parser.add_argument("--folder", type=Path, default=load.folder.parent, help="the course's folder")
    options = parser.parse_args(arguments)

    stale = []
    for name, text in pages(Catalogue(options.folder / load.folder.name)).items():
        path = options.folder / name
        if path.is_file() and path.read_bytes() == text.encode():
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
    for name in stale:
        print(f"{'differs' if options.check else 'wrote'}: {name}")
    return 1 if options.check and stale else 0


def _package(package: Package, catalogue: Catalogue) -> str:
    with closing(catalogue.database(package.name)) as database:
        rows = {
            table.name: database.execute(f'SELECT COUNT(*) FROM "{table.name}"').fetchone()[0]
            for table in schema(package)
        }
    parts = [
        f"({package.name})=",
        f"## {markdown(package.title)}",
        "",
        markdown(package.description),
        "",
        f"- Package `{package.name}`, version {package.version}",
        f"- Licence: {markdown(package.licence)}",
        "",
    ]
    if package.simulated:
        made = "; ".join(sorted({table.source for table in package.tables}))
        parts += [":::{admonition} Simulated", f"{made[:1].upper()}{markdown(made[1:])}.", ":::", ""]
    if package.name in DIAGRAMS:
        parts += [_figure(DIAGRAMS[package.name]), ""]
    parts += [*_overview(package, rows), ""]
    parts += [_table(package, table, rows[table.name]) for table in schema(package)]
    return "\n".join(parts)


def _figure(picture: str) -> str:
    # Inside the page, not as a picture: so it takes the page's colours, and its boxes are links.
    return f"""\
The lines lead from a foreign key to the primary key that it repeats; each box is a link to its table below.

```{{raw}} html
<div class="crmkit-diagram" tabindex="0" role="region" aria-label="Diagram of the tables; scroll sideways">
```
```{{raw}} html
:file: {picture}
```
```{{raw}} html
</div>
```"""


def _overview(package: Package, rows: dict[str, int]) -> Iterator[str]:
    yield from _grid("crmkit-overview", "table", "what it holds", "rows", "file")
    for table in schema(package):
        link = f"{{ref}}`{table.name} <{package.name}.{table.name}>`"
        yield _line(link, markdown(table.title), f"{rows[table.name]:,}", _file(package, table))
    yield ":::"


def _table(package: Package, table: Table, rows: int) -> str:
    return "\n".join(
        [
            f"({package.name}.{table.name})=",
            f"### {markdown(f'{table.name} · {table.title}')}",
            "",
            markdown(table.description),
            "",
            *(f"- {fact}" for fact in _facts(package, table, rows)),
            "",
            *_columns(About(package, table)),
            "",
        ]
    )


def _facts(package: Package, table: Table, rows: int) -> Iterator[str]:
    """Say how large a table is, what its keys are, and where its numbers come from."""
    if table in package.tables:
        yield f'`load("{package.name}.{table.name}")`: {rows:,} rows; file: {_file(package, table)}'
    else:
        yield f'In `load.database("{package.name}")` only: {rows:,} rows'
    if table.primary_key:
        yield f"Primary key: {', '.join(f'`{name}`' for name in table.primary_key)}"
    if table.foreign_keys:
        keys = (
            f"`{key.column}` of {{ref}}`{key.table} <{package.name}.{key.table}>`"
            for key in table.foreign_keys
        )
        yield f"Foreign keys: {', '.join(keys)}"
    if not package.simulated:
        cited = f" {{cite}}`{table.citation}`" if table.citation else ""
        link = f" <{table.source_url}>" if table.source_url else ""
        yield f"Source: {markdown(table.source)}{cited}{link}"
    if table.wheel_file:
        source, requirement = markdown(table.wheel_file.source), table.wheel_file.requirement
        yield f"Read from {source}, which is installed with `pip install --no-deps {requirement}`"


def _columns(about: About) -> Iterator[str]:
    # The meaning comes second: on a phone it is what stands beside the name.
    yield from _grid("crmkit-columns", "column", "meaning", "Chinese", "type", "unit", "range")
    for row, column in zip(about.rows, about.table.columns, strict=True):
        name, kind, unit, span, title_zh, meaning = map(markdown, row)
        kind += "" if column.required else ", may be empty"
        yield _line(f"`{name}`", meaning, title_zh, kind, unit, span)
    yield ":::"


def _grid(style: str, *headings: str) -> Iterator[str]:
    yield from (":::{table}", f":class: {style}", _line(*headings), _line(*["---"] * len(headings)))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _file(package: Package, table: Table) -> str:
    if table not in package.tables:
        return "in the database only"
    if table.wheel_file:
        return f"{_size(table.wheel_file.bytes)}, not shipped"
    return _size(table.bytes)


def _size(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def markdown(text: str) -> str:
    """Return plain text so that Markdown shows it as it is."""
    return re.sub(r"([\\`*|<$\[])", r"\\\1", text)


if __name__ == "__main__":
    sys.exit(main())
