"""Build the site: MathJax, baked widgets, Jupyter Book, pictures into place."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crmkit.site import mathjax
from crmkit.site.bake import Progress, bake, quiet
from crmkit.site.contents import documents, widgets_shown
from crmkit.site.widget_html import FRAMES

T = TypeVar("T")

COMPLAINTS = ("WARNING", "ERROR", "threw an exception")
"""What a line of Jupyter Book's log holds if it says what is wrong."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class BuildError(RuntimeError):
    """The site could not be built; the message says what to mend."""


@dataclass(frozen=True)
class Site:
    """A built site."""

    folder: Path
    pages: int
    widgets: int
    seconds: float


def build(root: Path, *, progress: Progress = quiet) -> Site:
    """Build the site into `_build/html`; what has not changed since the last build is kept.

    Parameters
    ----------
    root : the project's folder, with `_config.yml` and `_toc.yml`.
    progress : told each step when it is done, with its seconds, and how far baking is.

    Raises
    ------
    BuildError : a step failed, or Jupyter Book warned of anything.
    """
    started = time.monotonic()
    site = root / "_build" / "html"
    pages = _step("contents read", progress, lambda: documents(root))
    version = _step("MathJax", progress, lambda: mathjax.install(root))
    _step(f"MathJax {version} copied", progress, lambda: mathjax.copy(root, site / "_static"))
    shown = _step("widgets found", progress, lambda: widgets_shown(root))
    baked = _step("widgets baked", progress, lambda: bake(shown, root / ".cache/widgets", progress=progress))
    _step("pages", progress, lambda: _jupyter_book(root))
    _step("pictures copied", progress, lambda: _copy_frames(baked, site / FRAMES))
    _step("pictures checked", progress, lambda: _check_frames(site, pages, root))
    return Site(site, len(pages), len(shown), time.monotonic() - started)


def _step(name: str, progress: Progress, act: Callable[[], T]) -> T:
    started = time.monotonic()
    try:
        result = act()
    except (LookupError, OSError, RuntimeError) as error:
        raise BuildError(f"site build failed at step “{name}”: {error}") from error
    progress(f"{name} ({time.monotonic() - started:.1f} s)")
    return result


def _jupyter_book(root: Path) -> None:
    log = root / "_build" / "build.log"
    log.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(root)]
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            [*command, "-W", "-n", "--keep-going"],
            cwd=root,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode == 0:
        return
    # Sphinx warns only of what it reads: were the warned-of pages kept, the next build would pass.
    shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
    lines = _COLOUR.sub("", log.read_text(encoding="utf-8")).splitlines()
    complaints = [line for line in lines if any(word in line for word in COMPLAINTS)] or lines[-20:]
    raise RuntimeError("\n".join(["Jupyter Book is not content:", *complaints, f"(the whole log: {log})"]))


def _copy_frames(baked: Iterable[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    wanted = {folder.name: folder for folder in baked}
    for stale in target.iterdir():
        if stale.name not in wanted:
            shutil.rmtree(stale)
    for name, folder in wanted.items():
        if not (target / name).is_dir():
            partial = target / f".{name}"
            shutil.copytree(folder, partial, dirs_exist_ok=True)
            partial.rename(target / name)


def _check_frames(site: Path, documents: Iterable[Path], root: Path) -> None:
    # Someone who edits a widget while the site is being built would get pages without pictures.
    for document in documents:
        page = (site / document.relative_to(root)).with_suffix(".html")
        for folder in re.findall(r'data-frames="[^"]*/([^/"]+)/"', page.read_text(encoding="utf-8")):
            if not (site / FRAMES / folder).is_dir():
                raise RuntimeError(f"{folder} is not baked: its source changed during the build; build again")
