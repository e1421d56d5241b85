"""Write the tables of a data package into a folder, piece by piece, and describe what was written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pandas as pd

from crmkit.data.package import DESCRIPTOR, MEDIA_TYPES, Column, Package, Table

UNFINISHED = ".part"
"""Ending of a file that is being written. A file without it is whole."""

Pieces = Callable[[], Iterable[pd.DataFrame]]
"""Gives a table piece by piece, so that it need not fit into memory."""


def write_package(
    package: Package,
    tables: Mapping[str, Pieces],
    folder: Path,
    format: str = "csv",
    on_piece: Callable[[str], None] = lambda table: None,
) -> Package:
    """Write a package's tables and its `datapackage.json`.

    The description is removed first and written last: a folder that has one is complete.

    Parameters
    ----------
    package
        What the tables mean.
    tables
        The pieces of each table, by name.
    folder
        Where to write; made if it is not there. Files of the same names are replaced.
    format
        "csv" or "parquet".
    on_piece
        Called with the name of the table after each piece.

    Returns
    -------
    Package
        The package with ranges, sizes and sha256 of what was written.

    Raises
    ------
    ValueError
        If a table does not have the columns that the package declares.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(f"*{UNFINISHED}"):
        left_over.unlink()
    (folder / DESCRIPTOR).unlink(missing_ok=True)
    described = tuple(
        _write_table(replace(table, format=format), tables[table.name], folder, on_piece)
        for table in package.tables
    )
    package = replace(package, tables=described)
    for table in described:  # of an earlier build at another scale
        for other in MEDIA_TYPES.keys() - {format}:
            (folder / replace(table, format=other).path).unlink(missing_ok=True)
    with _finished(folder / DESCRIPTOR) as file:
        file.write(package.to_json().encode())
    return package


def _write_table(table: Table, pieces: Pieces, folder: Path, on_piece: Callable[[str], None]) -> Table:
    if table.wheel_file:
        # The file is another package's: it is described, not written.
        for piece in pieces():
            table = _widened(table, piece)
        return table
    with _finished(folder / table.path) as file:
        write = (_csv_writer if table.format == "csv" else _parquet_writer)(file)
        for piece in pieces():
            table = _widened(table, piece)
            write(piece)
            on_piece(table.name)
        write(None)
    path = folder / table.path
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return replace(table, bytes=path.stat().st_size, sha256=sha256)


@contextmanager
def _finished(path: Path) -> Iterator[IO[bytes]]:
    """Open a file under an unfinished name, and give it its own name once it is whole."""
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            yield file
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _csv_writer(file: IO[bytes]) -> Callable[[pd.DataFrame | None], None]:
    first = True

    def write(piece: pd.DataFrame | None) -> None:
        nonlocal first
        if piece is not None:
            file.write(piece.to_csv(index=False, header=first, lineterminator="\n").encode())
            first = False

    return write


def _parquet_writer(file: IO[bytes]) -> Callable[[pd.DataFrame | None], None]:
    # Here, not at the top: only the full scale needs pyarrow.
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: Any = None

    def write(piece: pd.DataFrame | None) -> None:
        nonlocal writer
        if piece is None:
            writer.close()
            return
        # The first piece may have nothing but empty cells where a later one has text.
        schema = writer.schema if writer else _schema(piece)
        if writer is None:
            writer = pq.ParquetWriter(file, schema, compression="zstd")
        writer.write_table(pa.Table.from_pandas(piece, schema=schema, preserve_index=False))

    return write


def _schema(piece: pd.DataFrame) -> Any:
    import pyarrow as pa

    kinds = {"int64": pa.int64(), "float64": pa.float64()}
    return pa.schema([(name, kinds.get(str(dtype), pa.string())) for name, dtype in piece.dtypes.items()])


def _widened(table: Table, piece: pd.DataFrame) -> Table:
    """Widen the ranges of the table's columns by one more piece, which must have those columns."""
    declared = [column.name for column in table.columns]
    if list(piece.columns) != declared:
        raise ValueError(
            f"{table.name}: the data have columns {list(piece.columns)}, declared are {declared}"
        )
    return replace(table, columns=tuple(_ranged(column, piece[column.name]) for column in table.columns))


def _ranged(column: Column, values: pd.Series) -> Column:
    """Widen the column's range by the values of one more piece."""
    values = values.dropna()
    if column.type == "string" or values.empty:
        return column
    # `tolist` gives Python's own numbers, which JSON can write.
    seen = [
        *values.agg(["min", "max"]).tolist(),
        *(x for x in (column.minimum, column.maximum) if x is not None),
    ]
    return replace(column, minimum=min(seen), maximum=max(seen))
