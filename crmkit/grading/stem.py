"""Which exercise a notebook is for: by its name, else by the cells that only one exercise has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unicodedata import normalize

from crmkit.grading.handed import NOTEBOOK
from crmkit.grading.layout import is_stem

WORD = re.compile(r"[a-z]+|\d+")
# `(1)`, `-Copy1`, `_v2`, `-2`, `副本`, `final`, at the end of a name.
NUMBERED = re.compile(
    r"(?:[\s._-]*\((\d{1,3})\)|[\s._-]*(?:copy|副本)[\s._-]*(\d{0,3})|[\s._-]+v(?:er(?:sion)?)?\.?\s?(\d{1,3})"
    r"|[\s._-]+(\d{1,3}))$"
)
FINAL = re.compile(r"[\s._-]*(?:\bfinal|_final|最终版?|终稿|定稿)$")
SEPARATORS = " ._-()+,，"
# The keys under which a notebook's cell says which cell it is, as written in the file.
MARK = re.compile(rb'"(?:id|grade_id|question)"\s*:\s*"([A-Za-z0-9_-]{1,64})"')


@dataclass(frozen=True)
class Name:
    """What a notebook's name says.

    Parameters
    ----------
    stems : the exercises that it names; more than one is no answer.
    rest : what is left without exercise and version, where a student may be named.
    whole : the same with the version, which may belong to the student's id.
    version : whether it is called final, and its number; the greater, the newer.
    """

    stems: frozenset[str]
    rest: str
    whole: str
    version: tuple[bool, int]


@dataclass(frozen=True)
class Exercises:
    """The released exercises, and the marks by which their cells are known.

    Parameters
    ----------
    marks : for each stem, its cells' ids and questions.
    """

    marks: dict[str, frozenset[str]]

    def named(self, file: str) -> Name:
        """Return what a notebook's file name says, however the student renamed it."""
        text = normalize("NFKC", NOTEBOOK.sub("", file)).casefold()
        stems = frozenset(stem for stem in self.marks if _place(stem, text))
        rest = text
        for stem in sorted(stems, key=len, reverse=True):
            if place := _place(stem, rest):
                rest = f"{rest[: place[0]]}\0{rest[place[1] :]}"
        version, short = _version(rest)
        return Name(stems, _trimmed(short), _trimmed(rest), version)

    def of(self, content: bytes) -> frozenset[str]:
        """Return the exercises of which a notebook has cells that no other exercise has.

        The marks are looked for in the bytes, so that a damaged notebook is recognised and one made to be
        hard to read costs nothing.
        """
        found = {match[1].decode() for match in MARK.finditer(content)}
        return frozenset(stem for stem, own in self._own.items() if own & found)

    @cached_property
    def _own(self) -> dict[str, frozenset[str]]:
        others = {stem: [m for other, m in self.marks.items() if other != stem] for stem in self.marks}
        return {stem: marks.difference(*others[stem]) for stem, marks in self.marks.items()}


def _place(stem: str, text: str) -> tuple[int, int] | None:
    """Return where a text names a stem: the same letters and digits, with or without separators."""
    parts = [re.escape(word) for word in WORD.findall(stem.casefold())]
    pattern = r"(?<!\d)" if parts[0].isdigit() else r"(?<![a-z])"
    pattern += r"[\s._-]*".join(parts)
    pattern += r"(?!\d)" if parts[-1].isdigit() else r"(?![a-z])"
    found = re.search(pattern, text)
    return found.span() if found else None


def _trimmed(text: str) -> str:
    return text.replace("\0", " ").strip(SEPARATORS)


def _version(text: str) -> tuple[tuple[bool, int], str]:
    final, number = False, None
    while True:
        if found := NUMBERED.search(text):
            said = next((group for group in found.groups() if group is not None), "")
            number = int(said or 1) if number is None else number
        elif found := FINAL.search(text):
            final = True
        else:
            return (final, number or 0), text
        text = text[: found.start()]


def read(folder: Path) -> Exercises:
    """Return the exercises in a folder; a notebook there that cannot be read is known by its name alone."""
    paths = sorted(path for path in folder.glob("*.ipynb") if is_stem(path.stem))
    return Exercises({path.stem: frozenset(_marks(path)) for path in paths})


def _marks(path: Path) -> Iterator[str]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            details = cell.get("metadata", {})
            yield from _texts(
                cell.get("id"),
                details.get("nbgrader", {}).get("grade_id"),
                details.get("crmkit", {}).get("question"),
            )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _texts(*values: Any) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))
