"""MyST's roles as plain text, for Jupyter's own Markdown, which does not know them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pybtex.database import Entry, Person, parse_file

_CITATION = re.compile(r"\{cite:([pt])\}`([^`]+)`")
_REFERENCE = re.compile(r"\{ref\}`([^`<]*?)\s*<[^`>]+>`")
_LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
_ROLE = re.compile(r"\{[\w:-]+\}`[^`]*`")


def plain(markdown: str, bibliography: Path) -> str:
    """Return Markdown with citations by author and year, references as their text, and no labels.

    Parameters
    ----------
    markdown : what a cell holds.
    bibliography : the BibTeX file with the works that it cites.

    Raises
    ------
    LookupError : a cited work is not in the bibliography, or there is a role that has no plain text.
    """
    works = _works(bibliography)
    text = _CITATION.sub(lambda found: _cited(works, found[1], found[2].split(",")), markdown)
    text = _LABEL.sub("", _REFERENCE.sub(r"\1", text))
    if left := _ROLE.search(text):
        raise LookupError(f"{left[0]} has no plain text; teach it to {__name__}")
    return text


def _cited(works: Mapping[str, tuple[str, str]], form: str, keys: list[str]) -> str:
    found = [works[key.strip()] for key in keys if key.strip() in works]
    if len(found) < len(keys):
        raise LookupError(f"one of the cited works {', '.join(keys)} is not in the bibliography")
    if form == "t":
        return "; ".join(f"{authors} ({year})" for authors, year in found)
    return f"({'; '.join(f'{authors}, {year}' for authors, year in found)})"


@cache
def _works(bibliography: Path) -> Mapping[str, tuple[str, str]]:
    entries = parse_file(str(bibliography)).entries
    return {key: (_authors(entry), str(entry.fields.get("year", "n.d."))) for key, entry in entries.items()}


def _authors(entry: Entry) -> str:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_name(person) for person in people]
    if not names:
        return str(entry.fields.get("organization", entry.fields["title"]))
    if len(names) > 2 or "others" in names:
        return f"{names[0]} et al."
    return " and ".join(names)


def _name(person: Person) -> str:
    parts = [*person.rich_prelast_names, *person.rich_last_names]
    return " ".join(str(part) for part in parts)
