"""Tables by name: `load(name)` gives the data, `load.about(name)` says what it means."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from crmkit.data.package import (
    Column,
    DataFileError,
    Package,
    Table,
    data_folder,
    read_packages,
    restore,
    verified,
)

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

# A date stays text: "1996-10" sorts and groups as it stands, and reads the same in every pandas.
DTYPES = {"string": "str", "date": "str", "yearmonth": "str", "integer": "int64", "number": "float64"}
HEADINGS = ("column", "type", "unit", "range", "Chinese", "meaning")
DAIRY = "dairy"
"""Folder beside the notebook with a dairy of one's own, for the capstone."""


class UnknownTableError(LookupError):
    """There is no table of that name."""


@dataclass(frozen=True)
class About:
    """What a table is: shown as text in a terminal and as HTML in a notebook."""

    package: Package
    table: Table

    @property
    def name(self) -> str:
        """The name that `load` takes."""
        return f"{self.package.name}.{self.table.name}"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and text of what is said above the columns."""
        table = self.table
        reference = ", ".join(part for part in (table.source_url, table.citation) if part)
        source = table.source + (f" [{reference}]" if reference else "")
        return (
            ("simulated" if self.package.simulated else "source", source),
            *([("read from", table.wheel_file.source)] if table.wheel_file else []),
            ("licence", self.package.licence),
            ("version", self.package.version),
        )

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The columns as text, in the order of `HEADINGS`."""
        return [
            (column.name, column.type, column.unit, _range(column), column.title_zh, column.description)
            for column in self.table.columns
        ]

    def __repr__(self) -> str:
        cells = [HEADINGS, *self.rows]
        widths = [max(_width(row[i]) for row in cells) for i in range(len(HEADINGS))]
        grid = ["  ".join(_pad(*pair) for pair in zip(row, widths, strict=True)).rstrip() for row in cells]
        facts = [f"{label}: {text}" for label, text in self.facts]
        return "\n".join([f"{self.name} · {self.table.title}", self.table.description, *facts, "", *grid])

    def _repr_html_(self) -> str:
        facts = "".join(f"<li><b>{label}</b> {escape(text)}</li>" for label, text in self.facts)
        head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        body = "".join(
            f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(kind)}</td>'
            f"<td>{escape(unit)}</td><td>{escape(span)}</td>"
            f'<td lang="zh">{escape(title_zh)}</td><td>{escape(meaning)}</td></tr>'
            for name, kind, unit, span, title_zh, meaning in self.rows
        )
        title = f"<code>{escape(self.name)}</code> · {escape(self.table.title)}"
        return (
            f'<div class="crmkit-about"><p><b>{title}</b>'
            f"<br>{escape(self.table.description)}</p><ul>{facts}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


class Catalogue:
    """The tables of one data folder.

    Parameters
    ----------
    folder
        The folder.
    name
        What errors call it.
    remedy
        What errors say of how to get a file back; if empty, where the course's own files come from.
    """

    def __init__(self, folder: Path, name: str = "datasets", remedy: str = "") -> None:
        self.folder = folder
        self._name = name
        self._remedy = remedy

    def __call__(self, name: str) -> pd.DataFrame:
        """Load a table by name.

        Parameters
        ----------
        name
            Such as `"hailang.price_panel"`; `load.names()` lists them all.

        Returns
        -------
        pandas.DataFrame
            A fresh copy: changing it changes nothing for the next load. `load.about(name)` gives units.

        Raises
        ------
        UnknownTableError
            If there is no table of that name.
        DataFileError
            If the table's file is missing, truncated or edited, or comes with a Python package that is not
            installed.
        """
        # Here, not at the top: `import crmkit.data` stays fast for those who only want names.
        import pandas as pd

        from crmkit.data import real

        about = self.about(name)
        if about.table.wheel_file:
            return real.read(name, about.table.wheel_file)
        path = self._verified(about)
        if about.table.format == "parquet":
            return pd.read_parquet(path)
        return pd.read_csv(
            path,
            dtype={column.name: DTYPES[column.type] for column in about.table.columns},
            # A category may be called "NA" or "None"; only an empty cell is missing.
            keep_default_na=False,
            na_values=[""],
        )

    def __repr__(self) -> str:
        return f"load(name): a table of {', '.join(self.names())}"

    def names(self) -> list[str]:
        """List the names of all tables, sorted."""
        return sorted(self._entries)

    def about(self, name: str) -> About:
        """Say what a table is: its source or "simulated" stamp, licence, version and columns.

        Parameters
        ----------
        name
            Such as `"hailang.price_panel"`.

        Returns
        -------
        About
            Shows itself as text and as HTML.

        Raises
        ------
        UnknownTableError
            If there is no table of that name.
        """
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            raise UnknownTableError(self._no_such_table(name)) from None

    def database(self, name: str) -> sqlite3.Connection:
        """Open the tables of a package as a read-only SQLite database: a small CRM with keys and rules.

        Parameters
        ----------
        name
            Name of a package, such as `"hailang"`.

        Returns
        -------
        sqlite3.Connection
            For `pandas.read_sql(query, load.database("hailang"))`. The first call builds the database.

        Raises
        ------
        UnknownPackageError
            If there is no package of that name.
        DataFileError
            If a table's file is missing, truncated or edited.
        """
        from crmkit.data import database

        return database.connect(self.folder, name)

    def dairy(self) -> Catalogue:
        """Give the capstone's dairy: one's own if a folder `dairy/` is here, else the practice dairy.

        Returns
        -------
        Catalogue
            The dairy's tables, by the same names: `load.dairy()("hailang.zones")`. The practice dairy is
            simulated by the first call, which takes some seconds.

        Raises
        ------
        DataFileError
            If the folder `dairy/` is not complete.
        """
        own = Path.cwd() / DAIRY
        if own.is_dir():
            dairy = Catalogue(own, DAIRY, f"Copy the folder {DAIRY}/ again from what you were given.")
            dairy.names()
            return dairy
        from crmkit.data.hailang.dealt import practice

        return Catalogue(practice())

    @cached_property
    def _entries(self) -> dict[str, About]:
        try:
            packages = read_packages(self.folder)
        except DataFileError:
            if not self._remedy:
                raise
            raise DataFileError(f"The folder {self._name}/ is not complete. {self._remedy}") from None
        entries = [About(package, table) for package in packages for table in package.tables]
        return {about.name: about for about in entries}

    def _no_such_table(self, name: object) -> str:
        names = self.names()
        nearest = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.4)
        guess = f" Did you mean {nearest[0]!r}?" if nearest else ""
        return f"There is no table {name!r}.{guess} Tables: {', '.join(names)}."

    def _verified(self, about: About) -> Path:
        """Return the path of a table's file once its bytes are known to be the shipped ones."""
        table, file = about.table, f"{about.package.name}/{about.table.path}"
        remedy = self._remedy or restore(file)
        return verified(self.folder / file, table.bytes, table.sha256, f"{self._name}/{file}", remedy)


def _range(column: Column) -> str:
    if column.options:
        return ", ".join(column.options)
    if column.minimum is None:
        return ""
    if isinstance(column.minimum, str):
        return f"{column.minimum} to {column.maximum}"
    return f"{column.minimum:,} to {column.maximum:,}".replace("-", "−")


def _width(text: str) -> int:
    # A Chinese character is two columns wide in a terminal.
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


load = Catalogue(data_folder(Path(__file__).parents[1]))
