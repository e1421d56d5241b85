"""Other dairies for the tests of the capstone, and what the solution says of them."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

from crmkit.data.hailang import dealt
from crmkit.exercise import question as declaring

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "solutions" / "12-capstone.ipynb"


@dataclass(frozen=True)
class Declared:
    answer: Any
    tolerance: Any


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def answers_in(folder: Path) -> dict[str, Declared]:
    """Run the solution's answer cells in a folder, which may have a dairy; return what they declare."""
    found: dict[str, Declared] = {}

    def note(name: str, answer: Any, *, tolerance: Any = None, **_: Any) -> None:
        found[name] = Declared(answer, tolerance)

    variables: dict[str, Any] = {}
    cells = nbformat.read(SOLUTION, as_version=4).cells
    original, declaring.question = declaring.question, note  # type: ignore[assignment]
    try:
        with inside(folder), contextlib.redirect_stdout(io.StringIO()):
            for cell in cells:
                if cell.cell_type == "code" and not cell.source.startswith(("check(", "progress(")):
                    exec(compile(cell.source, f"cell {cell.id}", "exec"), variables)
    finally:
        declaring.question = original
    return found


def answers_on(seed: int) -> dict[str, Declared]:
    """Return what the solution declares on the dairy of a seed."""
    with TemporaryDirectory() as folder:
        dealt.write(Path(folder, "dairy"), seed)
        return answers_in(Path(folder))
