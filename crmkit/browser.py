"""In the browser, packages that are fetched when something imports them.

Before it runs a cell, Pyodide loads what the cell imports. What this package or pandas import only when they
are called, it does not see; and to load all of that beforehand would double what a student waits for.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import pyodide_js
from js import URL, XMLHttpRequest


def fetch_on_import() -> None:
    """Let an import of any package in Pyodide's list fetch it, if it is not there yet."""
    sys.meta_path.append(_OnDemand())


class _OnDemand(MetaPathFinder):
    """Asked when nobody else knows a module: installs the package that has it, and whatever that needs."""

    def __init__(self) -> None:
        self._packages: dict[str, dict[str, Any]] = pyodide_js.lockfile.packages.to_py()
        self._owners = {module: name for name, entry in self._packages.items() for module in entry["imports"]}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, once its package is installed; None if there is no such package."""
        name = self._owners.get(fullname)
        if name is None or _is_loaded(name):
            return None
        self._install(name)
        importlib.invalidate_caches()
        return PathFinder.find_spec(fullname, path)

    def _install(self, name: str) -> None:
        if _is_loaded(name):
            return
        entry = self._packages[name]
        for needed in entry["depends"]:
            self._install(needed)
        wheel = _fetched(entry["file_name"])
        if hashlib.sha256(wheel).hexdigest() != entry["sha256"]:
            raise ImportError(f"{name} did not arrive whole; reload the page and try again")
        zipfile.ZipFile(io.BytesIO(wheel)).extractall(sysconfig.get_path("purelib"))
        # So that Pyodide does not load it a second time for a cell that imports it.
        setattr(pyodide_js.loadedPackages, name, "default channel")


def _is_loaded(name: str) -> bool:
    return hasattr(pyodide_js.loadedPackages, name)


def _fetched(file: str) -> bytes:
    """Return a file beside Pyodide's list of packages. It blocks, for an import cannot wait for a promise."""
    address = URL.new(file, pyodide_js.lockfileBaseUrl).href
    request = XMLHttpRequest.new()
    request.open("GET", address, False)
    request.responseType = "arraybuffer"
    request.send()
    if request.status != 200:
        raise ImportError(f"{file} cannot be fetched ({request.status}); is the connection up?")
    content: bytes = request.response.to_bytes()
    return content
