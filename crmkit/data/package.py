"""What a shipped table is: a Frictionless data package, read from and written to `datapackage.json`.

A folder of `datasets/` is one package. Its `datapackage.json` says for every table where the file is,
how many bytes and which sha256 it has, and what each column means. The file may also be one of another,
installed Python package: data that the course may read but not ship.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DESCRIPTOR = "datapackage.json"
FRICTIONLESS = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class DataFileError(OSError):
    """A table's file is missing, truncated or edited."""


class NotInstalledError(DataFileError):
    """A table's file comes with a Python package that is not installed."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `type` is a Frictionless type: string, integer, number, date or yearmonth. `options` lists the values of
    a column that has only a few. A column that is not `required` may be empty, and its description says what
    that means. `minimum` and `maximum` are set from the data when the file is written.
    """

    name: str
    type: str
    title: str
    title_zh: str
    description: str
    unit: str = ""
    options: tuple[str, ...] = ()
    required: bool = True
    minimum: float | str | None = None
    maximum: float | str | None = None

    def descriptor(self) -> dict[str, Any]:
        """Return the column as a Frictionless field."""
        constraints: dict[str, Any] = {"required": self.required}
        if self.options:
            constraints["enum"] = list(self.options)
        if self.minimum is not None:
            constraints |= {"minimum": self.minimum, "maximum": self.maximum}
        return {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "title_zh": self.title_zh,
            "description": self.description,
            "unit": self.unit,
            "constraints": constraints,
        }

    @classmethod
    def from_descriptor(cls, field: dict[str, Any]) -> Column:
        """Return the column that a Frictionless field describes."""
        constraints = field["constraints"]
        return cls(
            name=field["name"],
            type=field["type"],
            title=field["title"],
            title_zh=field["title_zh"],
            description=field["description"],
            unit=field["unit"],
            options=tuple(constraints.get("enum", ())),
            required=constraints["required"],
            minimum=constraints.get("minimum"),
            maximum=constraints.get("maximum"),
        )


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values are keys of another table of the same package, which has the column, too."""

    column: str
    table: str

    def descriptor(self) -> dict[str, Any]:
        """Return the key as Frictionless writes it."""
        return {"fields": [self.column], "reference": {"resource": self.table, "fields": [self.column]}}


@dataclass(frozen=True)
class WheelFile:
    """A file that pip installs with another Python package: never shipped, only read.

    `requirement` names that package and its version as pip takes them; `path` begins with the name that
    Python imports. Nothing is imported, though, so neither the package nor what it needs has to work.
    """

    requirement: str
    path: str
    bytes: int
    sha256: str

    @property
    def source(self) -> str:
        """The file and where it is, in words."""
        return f"{self.path} of the Python package {self.requirement.replace('==', ' ')}"

    def verified(self, table: str) -> Path:
        """Find the file.

        Parameters
        ----------
        table
            Name of the table that is read from it, for the error.

        Returns
        -------
        Path
            The file, once its bytes are known to be right.

        Raises
        ------
        NotInstalledError
            If the package is not installed.
        DataFileError
            If the file is missing, truncated or edited.
        """
        package, _, rest = self.path.partition("/")
        spec = find_spec(package)
        # A module of that name that is no folder is somebody else's.
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            raise NotInstalledError(
                f"The table {table} is {self.source}, which is not installed. "
                f"Install it with `pip install --no-deps {self.requirement}`."
            )
        # Without --no-deps pip would also replace numpy and pandas.
        restore = f"Restore it with `pip install --force-reinstall --no-deps {self.requirement}`."
        return verified(Path(folders[0], rest), self.bytes, self.sha256, self.source, restore)

    def descriptor(self) -> dict[str, Any]:
        """Return the file as a property of a Frictionless resource, which has none of this kind itself."""
        return {
            "requirement": self.requirement,
            "path": self.path,
            "bytes": self.bytes,
            "hash": f"sha256:{self.sha256}",
        }

    @classmethod
    def from_descriptor(cls, file: dict[str, Any]) -> WheelFile:
        """Return the file that `descriptor` describes."""
        return cls(
            requirement=file["requirement"],
            path=file["path"],
            bytes=file["bytes"],
            sha256=file["hash"].removeprefix("sha256:"),
        )


@dataclass(frozen=True)
class Table:
    """One table: what it holds, where its numbers come from, and the file that carries it.

    `citation` is a BibTeX key, empty for numbers made up for the course. `bytes` and `sha256` are set when
    the file is written; a table with a `wheel_file` has no file of its own. `primary_key` names the columns
    that tell one row from all others.
    """

    name: str
    title: str
    description: str
    source: str
    columns: tuple[Column, ...]
    source_url: str = ""
    citation: str = ""
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    wheel_file: WheelFile | None = None
    format: str = "csv"
    bytes: int = 0
    sha256: str = ""

    @property
    def path(self) -> str:
        """The file's name inside its package's folder."""
        return f"{self.name}.{self.format}"

    def descriptor(self, simulated: bool) -> dict[str, Any]:
        """Return the table as a Frictionless resource."""
        source = {"title": self.source} | ({"path": self.source_url} if self.source_url else {})
        schema: dict[str, Any] = {
            "fields": [column.descriptor() for column in self.columns],
            "missingValues": [""],
        }
        if self.primary_key:
            schema["primaryKey"] = list(self.primary_key)
        if self.foreign_keys:
            schema["foreignKeys"] = [key.descriptor() for key in self.foreign_keys]
        file: dict[str, Any] = {"bytes": self.bytes, "hash": f"sha256:{self.sha256}"}
        if self.wheel_file:
            file = {"wheel_file": self.wheel_file.descriptor()}
        return file | {
            "name": self.name,
            "type": "table",
            "path": self.path,
            "format": self.format,
            "mediatype": MEDIA_TYPES[self.format],
            "encoding": "utf-8",
            "title": self.title,
            "description": self.description,
            "simulated": simulated,
            "citation": self.citation,
            "sources": [source],
            "schema": schema,
        }

    @classmethod
    def from_descriptor(cls, resource: dict[str, Any]) -> Table:
        """Return the table that a Frictionless resource describes."""
        source = resource["sources"][0]
        schema = resource["schema"]
        file = resource.get("wheel_file")
        return cls(
            name=resource["name"],
            title=resource["title"],
            description=resource["description"],
            source=source["title"],
            source_url=source.get("path", ""),
            citation=resource["citation"],
            columns=tuple(Column.from_descriptor(field) for field in schema["fields"]),
            primary_key=tuple(schema.get("primaryKey", ())),
            foreign_keys=tuple(
                ForeignKey(key["fields"][0], key["reference"]["resource"])
                for key in schema.get("foreignKeys", ())
            ),
            wheel_file=WheelFile.from_descriptor(file) if file else None,
            format=resource["format"],
            bytes=0 if file else resource["bytes"],
            sha256="" if file else resource["hash"].removeprefix("sha256:"),
        )


@dataclass(frozen=True)
class Package:
    """The tables of one folder of `datasets/`, with what they have in common."""

    name: str
    title: str
    description: str
    version: str
    licence: str
    simulated: bool
    tables: tuple[Table, ...]

    def to_json(self) -> str:
        """Return the package as the text of its `datapackage.json`: sorted keys, so that a diff is small."""
        sources = {table.source: table.source_url for table in self.tables}
        descriptor = {
            "$schema": FRICTIONLESS,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "version": self.version,
            "licenses": [{"name": self.licence}],
            "simulated": self.simulated,
            "sources": [{"title": title} | ({"path": url} if url else {}) for title, url in sources.items()],
            "resources": [table.descriptor(self.simulated) for table in self.tables],
        }
        return json.dumps(descriptor, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Package:
        """Return the package that the text of a `datapackage.json` describes."""
        descriptor = json.loads(text)
        return cls(
            name=descriptor["name"],
            title=descriptor["title"],
            description=descriptor["description"],
            version=descriptor["version"],
            licence=descriptor["licenses"][0]["name"],
            simulated=descriptor["simulated"],
            tables=tuple(Table.from_descriptor(resource) for resource in descriptor["resources"]),
        )


def data_folder(package: Path) -> Path:
    """Find the shipped tables.

    Parameters
    ----------
    package
        Folder of the installed `crmkit`.

    Returns
    -------
    Path
        `datasets/` inside the package, where a wheel carries it; else `datasets/` beside it, as in a
        checkout.
    """
    inside = package / "datasets"
    return inside if inside.is_dir() else package.parent / "datasets"


def restore(file: str) -> str:
    """Say how to get a shipped file back; `file` is its path below `datasets/`."""
    return f"Restore it with `git checkout -- datasets/{file}` in a checkout, or reinstall crmkit."


def verified(path: Path, size: int, sha256: str, name: str, restore: str) -> Path:
    """Return a file's path once its bytes are known to be right.

    Parameters
    ----------
    path
        The file.
    size, sha256
        How many bytes it has, and their sha256 in hexadecimal.
    name, restore
        What an error calls the file, and what it says of how to get it back.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    DataFileError
        If the file is missing, truncated or edited.
    """
    if not path.is_file():
        raise DataFileError(f"{name} is missing. {restore}")
    stat = path.stat()
    if stat.st_size != size:
        raise DataFileError(
            f"{name} was truncated or edited: it has {stat.st_size:,} bytes, not {size:,}. {restore}"
        )
    if _sha256(path, stat.st_mtime_ns) != sha256:
        raise DataFileError(f"{name} was edited: its sha256 is wrong. {restore}")
    return path


@cache
def _sha256(path: Path, mtime_ns: int) -> str:
    # The time of change is part of the key, so a file is hashed once and again after every edit.
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_packages(folder: Path) -> tuple[Package, ...]:
    """Read every package of a data folder.

    Parameters
    ----------
    folder
        A `datasets/` folder: one folder a package, each with a `datapackage.json`.

    Returns
    -------
    tuple of Package
        In the order of their names.

    Raises
    ------
    DataFileError
        If there is no package, or if a `datapackage.json` cannot be read.
    """
    descriptors = sorted(folder.glob(f"*/{DESCRIPTOR}"))
    if not descriptors:
        raise DataFileError(
            "The folder datasets/ with the course's tables is missing or empty. "
            "Restore it with `git checkout -- datasets` in a checkout, or reinstall crmkit."
        )
    packages = []
    for path in descriptors:
        try:
            packages.append(Package.from_json(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            file = f"{path.parent.name}/{DESCRIPTOR}"
            raise DataFileError(f"datasets/{file} was truncated or edited. {restore(file)}") from error
    return tuple(packages)
