"""What a shipped table is: a Frictionless data package, read from and written to `datapackage.json`.

A folder of `datasets/` is one package. Its `datapackage.json` says for every table where the file is,
how many bytes and which sha256 it has, and what each column means.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DESCRIPTOR = "datapackage.json"
FRICTIONLESS = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class DataFileError(OSError):
    """A shipped file is missing, truncated or edited."""


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
class Table:
    """One table: what it holds, where its numbers come from, and the file that carries it.

    `citation` is a BibTeX key, empty for numbers made up for the course. `bytes` and `sha256` are set when
    the file is written. `primary_key` names the columns that tell one row from all others.
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
        return {
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
            "bytes": self.bytes,
            "hash": f"sha256:{self.sha256}",
            "schema": schema,
        }

    @classmethod
    def from_descriptor(cls, resource: dict[str, Any]) -> Table:
        """Return the table that a Frictionless resource describes."""
        source = resource["sources"][0]
        schema = resource["schema"]
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
            format=resource["format"],
            bytes=resource["bytes"],
            sha256=resource["hash"].removeprefix("sha256:"),
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
