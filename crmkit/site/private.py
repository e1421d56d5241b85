"""What must not be published: the instructor's guide, the chapters' notes for instructors, the solutions.

It is looked for by its content, whatever the file: a page, a search index, a notebook, a wheel.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath

import crmkit
from crmkit import notebook
from crmkit.exercise.validate import solution_lines
from crmkit.site.contents import documents
from crmkit.site.course import INSTRUCTOR

FOLDERS = ("instructor", "solutions")
"""Folders of the course of which no file is public."""

WORDS = 6
"""So many words in a row, without any mark between them, are enough to know a text by."""

# A text keeps these on its way to a page, whatever the page does with its marks.
_PHRASE = re.compile(rf"\b[A-Za-z]+(?: [A-Za-z]+){{{WORDS - 1},}}\b")
_WORD = re.compile(r"[a-z]+")
_INLINE = re.compile(r"</?(?:a|b|code|em|i|span|strong)\b[^>]*>")
_TAG = re.compile(r"<[^>]+>")
_SETTING = re.compile(r"^ *(before|class|after|S\d):", re.MULTILINE)  # a directive's keys are not shown

Words = tuple[str, ...]


@dataclass(frozen=True)
class Private:
    """What to look for.

    Parameters
    ----------
    phrases : runs of words, by the first six of each.
    lines : lines of solutions, without space, quotes and commas around them.
    """

    phrases: dict[Words, tuple[Words, ...]]
    lines: frozenset[str]


def private(root: Path) -> Private:
    """Return what a course keeps from its readers, without what stands in a public source as well.

    Parameters
    ----------
    root : the course's folder.

    Raises
    ------
    NotebookError : a notebook cannot be read.
    """
    hidden = [_SETTING.sub("", page.read_text(encoding="utf-8")) for page in (root / INSTRUCTOR).glob("*.md")]
    # Students have the package, too.
    public = [module.read_text(encoding="utf-8") for module in Path(crmkit.__file__).parent.rglob("*.py")]
    for document in documents(root):
        if document.suffix == ".ipynb":
            for cell in notebook.read(document).cells:
                kept = INSTRUCTOR in cell.metadata.get("tags", ())
                (hidden if kept else public).append(cell.source)
        else:
            public.append(document.read_text(encoding="utf-8"))
    text = "\n".join(public)
    runs = {tuple(phrase.lower().split()) for each in hidden for phrase in _PHRASE.findall(each)}
    secret = Private(_by_beginning(runs), frozenset(map(_bare, _solution_lines(root))))
    known = frozenset(found_in(text, secret))
    return Private(
        _by_beginning(run for run in runs if " ".join(run) not in known),
        frozenset(line for line in secret.lines if line not in known),
    )


def search(site: Path, secret: Private) -> Iterator[tuple[str, str]]:
    """Yield each file of a site that holds something private, with what it holds first.

    Parameters
    ----------
    site : the folder to be published.
    secret : what to look for.
    """
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if not path.is_file():
            continue
        if folder := next((part for part in PurePath(name).parts[:-1] if part in FOLDERS), None):
            yield name, f"a file of {folder}/"
            continue
        for inner, text in _texts(name, path.read_bytes()):
            if found := next(found_in(text, secret), None):
                yield inner, found


def found_in(text: str, secret: Private) -> Iterator[str]:
    """Yield the private phrases and lines that a text holds."""
    words = _WORD.findall(text.lower())
    for start, first in enumerate(zip(*(words[at:] for at in range(WORDS)), strict=False)):
        for run in secret.phrases.get(first, ()):
            if tuple(words[start : start + len(run)]) == run:
                yield " ".join(run)
    for line in text.splitlines():
        if (bare := _bare(line)) in secret.lines:
            yield bare


def _solution_lines(root: Path) -> Iterator[str]:
    for path in sorted((root / "solutions").glob("*.ipynb")):
        exercise = root / "exercises" / path.name
        if exercise.is_file():
            yield from solution_lines(notebook.read(path), notebook.read(exercise))


def _by_beginning(runs: Iterable[Words]) -> dict[Words, tuple[Words, ...]]:
    found: dict[Words, tuple[Words, ...]] = {}
    for run in runs:
        found[run[:WORDS]] = (*found.get(run[:WORDS], ()), run)
    return found


def _bare(line: str) -> str:
    return line.strip(" \t\",'")


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield a file's texts with their names: of an archive each member's, of a picture none."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _texts(f"{name}/{member}", archive.read(member))
    elif content.startswith(b"# Sphinx inventory"):
        yield name, zlib.decompress(content.partition(b"zlib.\n")[2]).decode()
    elif b"\0" not in content[:8192]:
        text = content.decode(errors="ignore")
        if name.endswith(".html"):
            text = html.unescape(_TAG.sub(" ", _INLINE.sub("", text)))
        # Notebooks and scripts hold texts as strings.
        yield name, text.replace("\\n", "\n").replace('\\"', '"')
