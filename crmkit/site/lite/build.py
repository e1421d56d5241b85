"""Build the browser edition into the site: JupyterLite, Pyodide, the student's wheel and the notebooks."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.site.lite import bytecode, distribution, packages, wheel
from crmkit.site.lite.distribution import Pins, Wheel, sha256_of
from crmkit.site.lite.notebooks import handouts

FOLDER = "lite"
"""The browser edition's folder in the site."""

TITLE = "CRM in Practice"
ICON = "static/favicons/favicon.ico"
APPS = ("notebooks", "tree")
EXTENSIONS = (packages.KERNEL, "@jupyter-widgets/jupyterlab-manager")
STAMP = "built-from.txt"
"""Says what the folder was built from, so that a build without a change does nothing."""

AUTOSAVE_SECONDS = 3
# Nothing here asks another server, and nothing that a student types waits long to be kept.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": AUTOSAVE_SECONDS},
}


def build(root: Path, target: Path) -> bool:
    """Build the browser edition unless the folder already holds just that; return whether it was built.

    Parameters
    ----------
    root : the project's folder; what is fetched is kept in its `.cache/lite`.
    target : the folder of the site that gets it.

    Raises
    ------
    RuntimeError : a package cannot be fetched or is not the pinned one, or JupyterLite cannot be built.
    """
    cache = root.resolve() / ".cache/lite"
    pins = distribution.read_pins()
    pins, pyodide = bytecode.with_bytecode(pins, distribution.assemble(pins, cache), cache)
    given = handouts(root)
    with TemporaryDirectory(dir=cache) as folder:
        draft = Path(folder)
        own = wheel.build_wheel(root, draft)
        stamp = _stamp(own, given)
        if (target / STAMP).is_file() and (target / STAMP).read_text(encoding="utf-8") == stamp:
            return False
        # Browsers keep what is in it: another content has another address.
        place = f"static/{pyodide.name}"
        lock = _write_packages(pins, pyodide, own, draft / "packages")
        for path, handout in given.items():
            file = draft / "contents" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            # Not as nbformat writes it, each text as a list of lines: JupyterLite shows the commas between.
            file.write_text(json.dumps(handout, ensure_ascii=False), encoding="utf-8")
        built = _jupyter_lite(draft, f"./{place}/pyodide.mjs", f"./{place}/{lock.name}")
        shutil.copytree(draft / "packages", built / place)
        shutil.copy(own, built / "static")
        early = _early(pins)
        for app in APPS:
            _finish(built / app / "index.html", [f"../{place}/{name}" for name in early])
        (built / STAMP).write_text(stamp, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(built, target)
    return True


def _stamp(own: Path, given: dict[str, NotebookNode]) -> str:
    digest = hashlib.sha256()
    for part in (sha256_of(own), *(version(name) for name in _MAKERS)):
        digest.update(part.encode() + b"\0")
    for path, handout in given.items():
        digest.update(f"{path}\0{notebook.to_text(handout)}\0".encode())
    for source in sorted(path for path in Path(__file__).parent.iterdir() if path.is_file()):
        digest.update(source.read_bytes())
    return f"{digest.hexdigest()}\n"


_MAKERS = ("jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyterlab-widgets")


def _write_packages(pins: Pins, pyodide: Path, own: Path, target: Path) -> Path:
    """Write the folder that Pyodide loads itself and packages from; return its list of packages."""
    shutil.copytree(pyodide, target)
    added = []
    for kernel_wheel, path in packages.kernel_wheels():
        shutil.copy(path, target)
        added.append(kernel_wheel)
    # Its content changes under the same name, and a browser may have kept the old one: so the address does.
    sha256 = sha256_of(own)
    folder = target / f"crmkit-{sha256[:12]}"
    folder.mkdir()
    shutil.copy(own, folder)
    name, number = own.name.split("-")[:2]
    file = f"{folder.name}/{own.name}"
    added.append(Wheel(name, number, file, sha256, (name,), packages.CRMKIT_NEEDS))
    text = packages.package_list(pins, added)
    lock = target / f"packages-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    lock.write_text(text, encoding="utf-8")
    return lock


def _early(pins: Pins) -> list[str]:
    """Return the largest files that a kernel needs; they can come while JupyterLite itself starts."""
    needed = {"ipython", "jedi", "numpy", "pandas", "pygments"}
    files = [name for name in pins.files if name != "pyodide.mjs"]
    return files + [wheel.file for wheel in pins.wheels if wheel.name in needed]


def _jupyter_lite(draft: Path, pyodide_url: str, lock_url: str) -> Path:
    """Run JupyterLite's own build; return the folder that it wrote."""
    project, built = draft / "project", draft / "built"
    project.mkdir()
    kernel = {
        "pyodideUrl": pyodide_url,
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"lockFileURL": lock_url, "packages": packages.AT_START},
    }
    configuration = {
        "LiteBuildConfig": {
            "apps": APPS,
            "cache_dir": str(draft / "cache"),
            "contents": [str(draft / "contents")],
            "federated_extensions": [str(packages.LABEXTENSIONS / name) for name in EXTENSIONS],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_libarchive": True,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(built),
        }
    }
    page = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": TITLE,
            "appUrl": "./tree",
            "faviconUrl": f"./{ICON}",
            "litePluginSettings": {f"{packages.KERNEL}:kernel": kernel},
        },
    }
    for name, content in (
        ("jupyter_lite_config.json", configuration),
        ("jupyter-lite.json", page),
        ("overrides.json", SETTINGS),
    ):
        (project / name).write_text(json.dumps(content), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    said = subprocess.STDOUT
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=said, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"JupyterLite cannot be built:\n{done.stdout.strip()[-2000:]}")
    return built


def _finish(page: Path, early: list[str]) -> None:
    """Give a page its title and icon, let it run only what it came with, and fetch some files early."""
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = " ".join(f"'sha256-{_base64_digest(script)}'" for script in inline)
    policy = "; ".join(
        (
            "default-src 'self'",
            # Pyodide compiles WebAssembly, and Jupyter's schemas are compiled to functions.
            f"script-src 'self' 'unsafe-eval' {hashes}",
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
        )
    )
    head = "\n    ".join(
        (
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            # Before a script sets one, the browser would ask the host for one.
            f'<link rel="icon" href="../{ICON}">',
            *(f'<link rel="prefetch" href="{address}">' for address in early),
        )
    )
    text = re.sub(r"<title>.*?</title>", f"<title>{TITLE}</title>", text, count=1)
    page.write_text(text.replace("<head>", f"<head>\n    {head}", 1), encoding="utf-8")


def _base64_digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
