"""Ask for each address outside of the book that it links to, through Sphinx's linkcheck.

Addresses within the book are tested on the built pages, by `tests/site/test_links.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

FOLDER = "links"
"""The folder of `_build` for the check; Jupyter Book would write into the folder that is published."""

REFUSALS = ("401 ", "403 ", "429 ")
"""How the answer begins of a server that is there and does not talk to programs."""

FOR_GOOD = (301, 308)

RESOLVERS = ("https://doi.org/", "https://hdl.handle.net/")
"""These addresses lead on by design."""


class State(Enum):
    """What became of an address."""

    WORKING = "working"
    MOVED = "moved for good"
    REFUSED = "refused programs"
    DEAD = "dead"


@dataclass(frozen=True)
class Link:
    """An address that the book links to.

    Parameters
    ----------
    file : the source that has the link, from the project's folder on.
    line : the line there; in a notebook as Sphinx counts.
    address : where it leads.
    state : what became of it.
    answer : the new address of what moved, or why it is dead; else empty.
    """

    file: str
    line: int
    address: str
    state: State
    answer: str


def check_links(root: Path) -> list[Link]:
    """Ask for each address once and return what became of it, in the order of file and line.

    Parameters
    ----------
    root : the project's folder, with `_config.yml`, which has the settings, and `_toc.yml`.

    Raises
    ------
    RuntimeError : Jupyter Book could not read the book.
    """
    output = root / "_build" / FOLDER
    output.mkdir(parents=True, exist_ok=True)
    found = output / "_build" / "html" / "output.json"
    found.unlink(missing_ok=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(root)]
    command += ["--builder", "linkcheck", "--path-output", str(output)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    # Jupyter Book fails if a link does; whether the check came to its end, the file says.
    if not found.is_file():
        raise RuntimeError(f"Jupyter Book could not check the links: {(done.stderr or done.stdout)[-2000:]}")
    rows = [json.loads(line) for line in found.read_text(encoding="utf-8").splitlines()]
    links = [link for row in rows if (link := _link(row))]
    return sorted(links, key=lambda link: (link.file, link.line, link.address))


def _link(row: dict[str, str | int]) -> Link | None:
    address, status, info = str(row["uri"]), row["status"], str(row["info"])
    if not address.startswith(("http:", "https:")) or status in ("ignored", "unchecked", "local"):
        return None
    state, answer = State.WORKING, ""
    if status == "broken" and info.startswith(REFUSALS):
        state = State.REFUSED
    elif status in ("broken", "timeout"):
        state, answer = State.DEAD, info
    elif status == "redirected" and row["code"] in FOR_GOOD and not address.startswith(RESOLVERS):
        state, answer = State.MOVED, info
    return Link(str(row["filename"]), int(row["lineno"]), address, state, answer)
