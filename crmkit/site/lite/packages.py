"""The list by which Pyodide finds packages, and what a kernel loads at its start."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmkit.site.lite.distribution import Pins, Wheel, sha256_of

KERNEL = "@jupyterlite/pyodide-kernel-extension"
LABEXTENSIONS = Path(sys.prefix, "share/jupyter/labextensions")
"""Where pip puts the browser's half of a Jupyter package."""

# Loaded together, in one go, before the first cell. Whatever the kernel needs and does not find here it
# would look up one by one.
AT_START = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", "crmkit")

CRMKIT_NEEDS = ("ipywidgets", "numpy", "pandas")
"""What is loaded with `crmkit` at once; it fetches the rest on import (see `crmkit.browser`)."""


def kernel_wheels() -> tuple[tuple[Wheel, Path], ...]:
    """Return the wheels that come with the installed Pyodide kernel, with their files.

    Raises
    ------
    RuntimeError : the package jupyterlite-pyodide-kernel is not installed.
    """
    needs = {"piplite": ("micropip",), "pyodide-kernel": ("ipython",), "ipykernel": ()}
    folder = LABEXTENSIONS / KERNEL / "static/pypi"
    found = []
    for name, depends in needs.items():
        module = name.replace("-", "_")
        paths = sorted(folder.glob(f"{module}-*.whl"))
        if not paths:
            raise RuntimeError(
                f"no wheel of {name} in {folder}; install jupyterlite-pyodide-kernel, as `make` does"
            )
        path = paths[-1]
        version = path.name.split("-")[1]
        found.append((Wheel(name, version, path.name, sha256_of(path), (module,), depends), path))
    return tuple(found)


def package_list(pins: Pins, wheels: Iterable[Wheel]) -> str:
    """Return Pyodide's list of packages, `pyodide-lock.json`, as text.

    Parameters
    ----------
    pins : the packages of others.
    wheels : those that are added.
    """
    packages = {wheel.name: _entry(wheel) for wheel in (*pins.wheels, *wheels)}
    return json.dumps({"info": pins.info, "packages": packages})


def _entry(wheel: Wheel) -> dict[str, Any]:
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.file,
        "sha256": wheel.sha256,
        "imports": wheel.imports,
        "depends": wheel.depends,
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }
