"""Write `datasets/` from the simulation and the typed tables: `python -m crmkit.data.build [--check]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from crmkit.data import hailang, published, real
from crmkit.data.package import data_folder
from crmkit.data.writer import write_package

SOURCES = (
    (hailang.PACKAGE, hailang.tables),
    (published.PACKAGE, published.tables),
    (real.PACKAGE, real.tables),
)


def build(folder: Path) -> None:
    """Write every file of `datasets/` into a folder; the same bytes on every run and platform."""
    for package, tables in SOURCES:
        pieces = {name: (lambda data=data: [data]) for name, data in tables().items()}
        write_package(package, pieces, folder / package.name)


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` list those that differ and return 1 if any does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    parser.add_argument("--folder", type=Path, default=data_folder(Path(__file__).parents[1]))
    options = parser.parse_args(arguments)

    stale = []
    with TemporaryDirectory() as fresh:
        build(Path(fresh))
        for source in sorted(path for path in Path(fresh).rglob("*") if path.is_file()):
            name = source.relative_to(fresh)
            path = options.folder / name
            content = source.read_bytes()
            if path.is_file() and path.read_bytes() == content:
                continue
            stale.append(name.as_posix())
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    for written in stale:
        print(f"{'differs' if options.check else 'wrote'}: datasets/{written}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
