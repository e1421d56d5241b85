"""MathJax on our own origin: fetched by npm at the pinned version, the needed part copied to the site."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

# The bundle, its fonts, and the TeX extensions that it loads by itself when a formula needs one.
NEEDED = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")


def install(root: Path) -> str:
    """Install MathJax into `node_modules` unless it is there at the pinned version; return the version.

    Parameters
    ----------
    root : the project's folder, with `package.json` and `package-lock.json`.

    Raises
    ------
    RuntimeError : npm is not on the machine, or cannot install.
    """
    pinned: str = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]["mathjax"]
    if _installed(root) != pinned:
        _npm_ci(root)
        if _installed(root) != pinned:
            raise RuntimeError(
                f"npm installed MathJax {_installed(root)}, but package.json asks for {pinned}"
            )
    return pinned


def copy(root: Path, static: Path) -> None:
    """Copy the needed part of MathJax into `mathjax/` of the site's static folder."""
    for name in NEEDED:
        source, target = root / "node_modules/mathjax/es5" / name, static / "mathjax" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)


def _installed(root: Path) -> str | None:
    package = root / "node_modules/mathjax/package.json"
    if not package.is_file():
        return None
    version: str = json.loads(package.read_text(encoding="utf-8"))["version"]
    return version


def _npm_ci(root: Path) -> None:
    # The extra `crmkit[node]` puts npm beside the Python that runs this, which need not be on the path.
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise RuntimeError("npm is needed to fetch MathJax; install Node.js, or: pip install 'crmkit[node]'")
    # What only the tests need (axe-core) is theirs to fetch.
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"`npm ci` failed in {root}:\n{done.stderr.strip()}")
