"""The student's wheel: of `crmkit` what a notebook imports, with the tables and the keys.

Written by hand rather than by a build tool, so that the same checkout gives the same bytes everywhere and
what is only for instructors stays out.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from crmkit import __version__

NOT_FOR_STUDENTS = (
    "cli.py",
    "notebook.py",
    "capstone/deal.py",
    "data/build.py",
    "exercise/question.py",
    "exercise/release.py",
    "exercise/validate.py",
    "grading/",
    "site/",
)
"""What students' notebooks never import, below `crmkit/`."""

NAME = f"crmkit-{__version__}-py3-none-any.whl"
_INFO = f"crmkit-{__version__}.dist-info"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_TAG = "Wheel-Version: 1.0\nGenerator: crmkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(root: Path, folder: Path) -> Path:
    """Write the student's wheel into a folder and return its path.

    The bytes depend on nothing but the package, `datasets/` and `pyproject.toml`.

    Parameters
    ----------
    root : the project's folder.
    folder : where the wheel goes; made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    files = [*_contents(root), (f"{_INFO}/METADATA", _metadata(root)), (f"{_INFO}/WHEEL", _TAG.encode())]
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files)
    files.append((f"{_INFO}/RECORD", f"{record}{_INFO}/RECORD,,\n".encode()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return path


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    package = root / "crmkit"
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if path.is_file() and path.suffix != ".pyc" and not name.startswith(NOT_FOR_STUDENTS):
            yield f"crmkit/{name}", path.read_bytes()
    datasets = root / "datasets"
    for path in sorted(datasets.rglob("*")):
        if path.is_file():
            yield f"crmkit/datasets/{path.relative_to(datasets).as_posix()}", path.read_bytes()


def _metadata(root: Path) -> bytes:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {__version__}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {requirement}" for requirement in project["dependencies"]),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
