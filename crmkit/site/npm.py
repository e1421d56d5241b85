"""What the site takes from npm: installed by npm itself, at the pinned versions, into `node_modules`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

MODULES = "node_modules"


def install(root: Path) -> None:
    """Install the packages of `package.json` unless they are there at the pinned versions.

    Parameters
    ----------
    root : the project's folder, with `package.json` and `package-lock.json`.

    Raises
    ------
    RuntimeError : npm is not on the machine, or cannot install.
    """
    pinned: dict[str, str] = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if _installed(root, pinned) == pinned:
        return
    # What only the tests need (axe-core) is theirs to fetch.
    command = [str(program("npm")), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"`npm ci` failed in {root}:\n{done.stderr.strip()}")
    if (there := _installed(root, pinned)) != pinned:
        raise RuntimeError(f"npm installed {there}, but package.json asks for {pinned}")


def program(name: str) -> Path:
    """Return where `node` or `npm` is.

    Raises
    ------
    RuntimeError : it is not on the machine.
    """
    # The extra `crmkit[node]` puts both beside the Python that runs this, which need not be on the path.
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise RuntimeError(
            f"{name} is needed to build the site; install Node.js, or: pip install 'crmkit[node]'"
        )
    return Path(found)


def _installed(root: Path, names: dict[str, str]) -> dict[str, str | None]:
    return {name: _version(root / MODULES / name / "package.json") for name in names}


def _version(package: Path) -> str | None:
    if not package.is_file():
        return None
    version: str = json.loads(package.read_text(encoding="utf-8"))["version"]
    return version
