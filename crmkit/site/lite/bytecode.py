"""Pyodide's packages with their bytecode: in the browser, compiling pandas takes longer than to fetch it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crmkit.site.lite.distribution import Pins, sha256_of
from crmkit.site.lite.packages import package_list
from crmkit.site.npm import program

STANDARD_LIBRARY = "python_stdlib.zip"

AS_THEY_ARE = ("pygments",)
"""Packages of hundreds of modules, of which few are ever imported; bytecode is larger than its source."""

_DRIVER = Path(__file__).with_name("recompile.mjs")
_SCRIPT = Path(__file__).with_name("recompile.py")


def with_bytecode(pins: Pins, folder: Path, cache: Path) -> tuple[Pins, Path]:
    """Return the pins and the folder of the same Pyodide, with bytecode in the place of sources.

    Parameters
    ----------
    pins : what Pyodide consists of.
    folder : where its files are.
    cache : the folder in which the result is kept, under a name that depends on all that it is made from.

    Raises
    ------
    RuntimeError : node is not on the machine, or Pyodide cannot be run by it.
    """
    compiled = cache / "bytecode" / f"pyodide-{_digest_of(folder)}"
    if not compiled.is_dir():
        with TemporaryDirectory(dir=cache) as draft:
            files = Path(shutil.copytree(folder, Path(draft, "files")))
            _recompile(pins, folder, files)
            compiled.parent.mkdir(exist_ok=True)
            files.rename(compiled)
        for stale in compiled.parent.iterdir():
            if stale != compiled:
                shutil.rmtree(stale)
    wheels = tuple(replace(wheel, sha256=sha256_of(compiled / wheel.file)) for wheel in pins.wheels)
    return replace(pins, wheels=wheels), compiled


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256(folder.name.encode())
    for source in (_DRIVER, _SCRIPT, Path(__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _recompile(pins: Pins, folder: Path, target: Path) -> None:
    python = "python" + pins.info["python"].rpartition(".")[0]
    archives = {STANDARD_LIBRARY: f"/lib/{python.replace('.', '')}.zip"}
    for wheel in pins.wheels:
        if wheel.name not in AS_THEY_ARE:
            archives[wheel.file] = f"/lib/{python}/site-packages"
    command = [str(program("node")), str(_DRIVER), str(folder), str(target), str(_SCRIPT)]
    given = json.dumps({"list": package_list(replace(pins, wheels=()), ()), "archives": archives})
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Pyodide could not compile its packages:\n{done.stderr.strip()[-2000:]}")
