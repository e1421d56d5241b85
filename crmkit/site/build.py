"""Build the site: KaTeX, baked widgets, Jupyter Book, pictures into place, the browser edition.

The instructor's edition is another book: the same pages and the instructor's guide, in a folder of its own,
so that nothing of the guide can be in the folder that is published.
"""

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

import yaml  # type: ignore[import-untyped]

from crmkit.site import address, formulas, npm
from crmkit.site.bake import Progress, bake, quiet
from crmkit.site.contents import documents, widgets_shown
from crmkit.site.lite import build as browser_edition
from crmkit.site.widget_html import FRAMES

T = TypeVar("T")

TOC = "_toc.yml"
GUIDE = "instructor"
"""The folder of the guide's pages; its table of contents is one part of the book's."""

PUBLIC = "_build/html"
"""Where the public site is built, in the course's folder; the other edition's lies in a folder of its own."""

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


@dataclass(frozen=True)
class _Edition:
    """Which pages make the book, and where Jupyter Book puts its folder `_build`."""

    toc: Path
    output: Path

    @property
    def site(self) -> Path:
        return self.output / PUBLIC

    @property
    def log(self) -> Path:
        return self.output / "_build" / "build.log"


def build(
    root: Path,
    *,
    instructor: bool = False,
    lite: bool = True,
    base_url: str | None = None,
    progress: Progress = quiet,
) -> Site:
    """Build the site; what has not changed since the last build is kept.

    The public site goes into `_build/html`, the instructor's edition into `_build/instructor/_build/html`.

    Parameters
    ----------
    root : the project's folder, with `_config.yml` and `_toc.yml`.
    instructor : build the instructor's edition, with the pages of `instructor/`, instead of the public site.
    lite : bring the browser edition up to date, too; the instructor's edition has none.
    base_url : the address at which the site will be published; without it the pages name none.
    progress : told each step when it is done, with its seconds, and how far baking is.

    Raises
    ------
    AddressError : the address is none, or is given for the instructor's edition, which has none.
    BuildError : a step failed, or Jupyter Book warned of anything.
    """
    if base_url is not None:
        base_url = address.checked(base_url)
        if instructor:
            raise address.AddressError("the instructor's edition is not published: leave out its address")
    started = time.monotonic()
    edition, pages = _step("contents read", progress, lambda: _contents(root, instructor))
    site = edition.site
    _step("npm packages", progress, lambda: npm.install(root))
    _step("KaTeX copied", progress, lambda: formulas.copy(root, site / "_static"))
    shown = _step("widgets found", progress, lambda: widgets_shown(pages, root))
    baked = _step("widgets baked", progress, lambda: bake(shown, root / ".cache/widgets", progress=progress))
    _step("pages", progress, lambda: _jupyter_book(root, edition, base_url))
    address.write_index(site, base_url, (page.relative_to(root).with_suffix("").as_posix() for page in pages))
    _step("pictures copied", progress, lambda: _copy_frames(baked, site / FRAMES))
    _step("pictures checked", progress, lambda: _check_frames(site, pages, root))
    in_browser = site / browser_edition.FOLDER
    if lite and not instructor:
        _step("browser edition", progress, lambda: browser_edition.build(root, in_browser))
    elif not instructor and not in_browser.is_dir():
        progress("no browser edition: its buttons lead nowhere until the site is built with it")
    return Site(site, len(pages), len(shown), time.monotonic() - started)


def _contents(root: Path, instructor: bool) -> tuple[_Edition, list[Path]]:
    edition = _edition(root, instructor)
    return edition, documents(root, edition.toc)


def _edition(root: Path, instructor: bool) -> _Edition:
    if not instructor:
        return _Edition(root / TOC, root)
    output = root / "_build" / GUIDE
    contents = yaml.safe_load((root / TOC).read_text(encoding="utf-8"))
    contents["parts"].append(yaml.safe_load((root / GUIDE / TOC).read_text(encoding="utf-8")))
    text = yaml.safe_dump(contents, allow_unicode=True, sort_keys=False)
    output.mkdir(parents=True, exist_ok=True)
    toc = output / TOC
    if not toc.is_file() or toc.read_text(encoding="utf-8") != text:
        toc.write_text(text, encoding="utf-8")
    return _Edition(toc, output)


def _step(name: str, progress: Progress, act: Callable[[], T]) -> T:
    started = time.monotonic()
    try:
        result = act()
    except (LookupError, OSError, RuntimeError) as error:
        raise BuildError(f"site build failed at step “{name}”: {error}") from error
    progress(f"{name} ({time.monotonic() - started:.1f} s)")
    return result


def _jupyter_book(root: Path, edition: _Edition, base_url: str | None) -> None:
    log = edition.log
    log.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(root)]
    command += ["--toc", str(edition.toc), "--path-output", str(edition.output)]
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            [*command, "-W", "-n", "--keep-going"],
            cwd=root,
            env=address.environment(base_url),
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode == 0:
        return
    # Sphinx warns only of what it reads: were the warned-of pages kept, the next build would pass.
    shutil.rmtree(log.parent / ".doctrees", ignore_errors=True)
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
