"""A package's tables as one SQLite database: a small CRM with keys and rules, behind `load.database`.

The database is written from the package's own description: what a column may hold there is what its
`datapackage.json` says. It is built once for each content and kept in a cache folder; that folder can be
deleted at any time.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.data.catalogue import Catalogue
from crmkit.data.package import (
    DESCRIPTOR,
    Column,
    DataFileError,
    ForeignKey,
    Package,
    Table,
    read_packages,
)

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

VARIABLE = "CRMKIT_CACHE"
SQL_TYPES = {"string": "TEXT", "date": "TEXT", "yearmonth": "TEXT", "integer": "INTEGER", "number": "REAL"}
SHAPES = {
    "yearmonth": "[0-9][0-9][0-9][0-9]-[01][0-9]",
    "date": "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]",
}
STRICT_SINCE = (3, 37)  # an older SQLite, as in some clusters' Python 3.11, stores any type in any column
ROLES = ("payer", "decider", "user")
ABANDONED = 3600  # seconds after which an unfinished file has no process that writes it


class UnknownPackageError(LookupError):
    """There is no package of that name."""


def connect(folder: Path, name: str) -> sqlite3.Connection:
    """Open a package as a database, and build it first if its content has not been built before.

    Parameters
    ----------
    folder
        A `datasets/` folder.
    name
        Name of a package, such as `"hailang"`.

    Returns
    -------
    sqlite3.Connection
        Read-only; foreign keys are on. Where no folder can be written to, the database is in memory.

    Raises
    ------
    UnknownPackageError
        If there is no package of that name.
    DataFileError
        If a table's file is missing, truncated or edited, or breaks a rule of its own description.
    ImportError
        If this Python has no `sqlite3`.
    """
    try:
        import sqlite3
    except ImportError as error:
        raise ImportError(
            "load.database needs Python's module sqlite3, which is missing here; "
            "load(name) gives the same tables one by one."
        ) from error

    package = _find(read_packages(folder), name)
    try:
        file = cache_folder() / f"{package.name}-{_content(folder, package)}.sqlite"
        if not file.is_file():
            _build(file, folder, package)
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    except DataFileError:
        raise
    except (OSError, RuntimeError, sqlite3.OperationalError):  # no home, no place, or a full one
        connection = sqlite3.connect(":memory:")
        _fill(connection, folder, package)
        connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def cache_folder() -> Path:
    """Return where databases are kept: `$CRMKIT_CACHE`, or `crmkit` in the platform's folder for caches.

    Raises
    ------
    RuntimeError
        If the user has no home folder.
    """
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared, "crmkit")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local", "crmkit", "Cache")
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/crmkit"
    return Path.home() / ".cache/crmkit"


def schema(package: Package) -> tuple[Table, ...]:
    """List the tables of a package's database.

    Parameters
    ----------
    package
        The package.

    Returns
    -------
    tuple of Table
        The package's own; and after a table that says who pays, decides and uses, one of the contacts.
    """
    tables: list[Table] = []
    for table in package.tables:
        tables.append(table)
        if {"account_id", "phone_known_to_firm", *ROLES} <= {column.name for column in table.columns}:
            tables.append(_contacts(table))
    return tuple(tables)


def create_table(table: Table, strict: bool = True) -> str:
    """Return the SQL that makes a table, with the meaning of each column as a comment.

    Parameters
    ----------
    table
        The table. Columns that are required are NOT NULL; `rule` says which values they may have.
    strict
        Whether SQLite is to refuse a value of another type than the column's.
    """
    lines = []
    for column in table.columns:
        null = " NOT NULL" if column.required else ""
        check = f" CHECK ({condition})" if (condition := rule(column)) else ""
        lines.append((f"{_quoted(column.name)} {SQL_TYPES[column.type]}{null}{check}", _meaning(column)))
    if table.primary_key:
        lines.append((f"PRIMARY KEY ({_listed(table.primary_key)})", ""))
    for key in table.foreign_keys:
        there = f"{_quoted(key.table)} ({_quoted(key.column)})"
        lines.append((f"FOREIGN KEY ({_quoted(key.column)}) REFERENCES {there}", ""))
    ends = [","] * (len(lines) - 1) + [""]
    body = "".join(f"  {clause}{end}{comment}\n" for (clause, comment), end in zip(lines, ends, strict=True))
    return f"CREATE TABLE {_quoted(table.name)} ( -- {table.title}\n{body}){' STRICT' if strict else ''}"


def rule(column: Column) -> str:
    """Return the condition that SQL asks of a column's values, or "" for none.

    The options, the shape of a date or month, the ends of a scale ("1 to 7", "0 or 1"), and for other
    quantities, which have a unit, that they are not negative unless some are. The largest value that
    happens to be in the data is no rule.
    """
    name = _quoted(column.name)
    if column.options:
        return f"{name} IN ({', '.join(_literal(option) for option in column.options)})"
    if column.type in SHAPES:
        return f"{name} GLOB {_literal(SHAPES[column.type])}"
    if scale := re.fullmatch(r"(\d+) (or|to) (\d+)", column.unit):
        low, word, high = scale.groups()
        return f"{name} IN ({low}, {high})" if word == "or" else f"{name} BETWEEN {low} AND {high}"
    if column.unit and isinstance(column.minimum, int | float) and column.minimum >= 0:
        return f"{name} >= 0"
    return ""


def create_indexes(table: Table) -> list[str]:
    """Return the SQL that makes the indexes of a table.

    There is one for each foreign key and each date or month, unless the primary key begins with it.
    """
    keys = [key.column for key in table.foreign_keys]
    times = [column.name for column in table.columns if column.type in SHAPES]
    return [
        f"CREATE INDEX {_quoted(f'{table.name}_{name}')} ON {_quoted(table.name)} ({_quoted(name)})"
        for name in dict.fromkeys([*keys, *times])
        if name not in table.primary_key[:1]
    ]


def _find(packages: Iterable[Package], name: str) -> Package:
    found = {package.name: package for package in packages}
    if isinstance(name, str) and name in found:
        return found[name]
    nearest = difflib.get_close_matches(str(name).lower(), found, n=1, cutoff=0.4)
    guess = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise UnknownPackageError(f"There is no package {name!r}.{guess} Packages: {', '.join(found)}.")


def _content(folder: Path, package: Package) -> str:
    """Return a digest of what the database is made of: the tables' digests, and the SQL."""
    digest = hashlib.sha256((folder / package.name / DESCRIPTOR).read_bytes())
    digest.update("\0".join([*_create(package), *_derive(package), *_index(package)]).encode())
    return digest.hexdigest()[:16]


def _build(file: Path, folder: Path, package: Package) -> None:
    """Write the database under a name of its own, and give it its real name when it is complete."""
    import sqlite3

    file.parent.mkdir(parents=True, exist_ok=True)
    for left in file.parent.glob("*.partial"):
        with suppress(OSError):  # another process has cleared it away, or still writes it
            if time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
    partial = file.with_name(f"{file.stem}-{secrets.token_hex(4)}.partial")
    try:
        with closing(sqlite3.connect(partial)) as connection:
            _fill(connection, folder, package)
        try:
            partial.replace(file)
        except PermissionError:  # Windows, where another process has built the same file and reads it
            if not file.is_file():
                raise
    finally:
        partial.unlink(missing_ok=True)


def _fill(connection: sqlite3.Connection, folder: Path, package: Package) -> None:
    """Create and fill all tables in one transaction."""
    import sqlite3

    # A catalogue of its own: one that was used before may remember tables that have since been replaced.
    load = Catalogue(folder)
    connection.isolation_level = None
    # No way back is needed: whoever fails here throws the file away.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN")
    for statement in _create(package):
        connection.execute(statement)
    for table in package.tables:
        data = load(f"{package.name}.{table.name}")
        marks = ", ".join("?" * len(table.columns))
        try:
            connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", _rows(data))
        except sqlite3.IntegrityError as error:
            raise _broken(package, table, str(error)) from error
    for statement in (*_derive(package), *_index(package)):
        connection.execute(statement)
    for child, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        table = next(table for table in package.tables if table.name == child)
        raise _broken(package, table, f"a key of {parent} that {parent} does not have")
    connection.execute("COMMIT")


def _broken(package: Package, table: Table, how: str) -> DataFileError:
    file = f"{package.name}/{table.path}"
    return DataFileError(f"datasets/{file} breaks a rule of its {DESCRIPTOR}: {how}. Mend one of the two.")


def _rows(data: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    # Lists hold Python's own numbers, which is what sqlite3 stores; for it None is an empty cell.
    columns = (
        values.astype(object).where(values.notna(), None) if values.hasnans else values
        for _, values in data.items()
    )
    return zip(*(values.tolist() for values in columns), strict=True)


def _create(package: Package) -> list[str]:
    import sqlite3

    strict = sqlite3.sqlite_version_info >= STRICT_SINCE
    return [create_table(table, strict) for table in schema(package)]


def _index(package: Package) -> list[str]:
    return [statement for table in schema(package) for statement in create_indexes(table)]


def _contacts(accounts: Table) -> Table:
    """Return the table of the persons who pay, decide and use."""
    column = {column.name: column for column in accounts.columns}
    phone = column["phone_known_to_firm"]

    def role(name: str, title: str, title_zh: str, meaning: str) -> Column:
        meaning = f"Whether the person {meaning}: 1 = yes, 0 = no"
        return Column(name, "integer", title, title_zh, meaning, unit="0 or 1", minimum=0, maximum=1)

    return Table(
        name="contacts",
        title="Contacts",
        description=(
            "One row for each person who pays, decides or uses: one to three of an account. The database "
            f"makes it from the table {accounts.name}."
        ),
        source=accounts.source,
        columns=(
            Column("contact_id", "integer", "Contact", "联系人编号", "Number of the contact"),
            column["account_id"],
            Column(
                "person",
                "string",
                "Person",
                "人物",
                "Who the contact is in the account",
                options=column["payer"].options,
            ),
            role("is_payer", "Payer", "是否付款者", "pays"),
            role("is_decider", "Decider", "是否决策者", "decides"),
            role("is_user", "User", "是否使用者", "drinks the milk"),
            replace(phone, description=f"The same for all contacts of an account. {phone.description}"),
        ),
        primary_key=("contact_id",),
        foreign_keys=(ForeignKey("account_id", accounts.name),),
    )


def _derive(package: Package) -> list[str]:
    """Return the SQL that fills what is in the database only."""
    derived = (table for table in schema(package) if table not in package.tables)
    return [_insert_contacts(table.foreign_keys[0].table) for table in derived]


def _insert_contacts(accounts: str) -> str:
    persons = " UNION ".join(f'SELECT account_id, "{role}" AS person FROM "{accounts}"' for role in ROLES)
    has = ", ".join(f'"{role}" = person' for role in ROLES)
    return (
        f"INSERT INTO contacts SELECT row_number() OVER (ORDER BY account_id, person), account_id, person, "
        f'{has}, phone_known_to_firm FROM ({persons}) JOIN "{accounts}" USING (account_id) ORDER BY 1'
    )


def _meaning(column: Column) -> str:
    text = " ".join(column.description.split())
    return f" -- {text}" + (f" [{column.unit}]" if column.unit else "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_quoted(name) for name in names)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
