"""The readers' index of concepts: where each is taught, and which term of the glossary it is.

`chapters/concept-index.csv` has the names under which readers look, and the concepts of the course that each
stands for; `chapters/concepts.csv` has the place in a chapter where a concept is taught. The other terms of
the glossary are added where a chapter introduces them, in bold or with their Chinese name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import nbformat
from docutils.nodes import make_id

from crmkit.site.course import CHAPTERS, INSTRUCTOR, Chapter
from crmkit.site.search import chinese_names

INDEX = Path(CHAPTERS, "concept-index.csv")
PLACES = Path(CHAPTERS, "concepts.csv")
GLOSSARY = Path("glossary.md")

_TERM = re.compile(r"^(\S.*)\n  (\S.*)$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,4} (.+)$")
_LABEL = re.compile(r"^\(([\w:.-]+)\)=$")


@dataclass(frozen=True)
class Section:
    """A section of a chapter, without the sections in it.

    Parameters
    ----------
    heading : as it stands in the notebook.
    anchors : what links can lead to: the heading's slug first, then labels.
    text : its Markdown.
    """

    heading: str
    anchors: tuple[str, ...]
    text: str


Book = Mapping[str, Sequence[Section]]
"""The sections of each chapter, by its stem."""

Place = tuple[str, str, str]
"""A chapter's stem, an anchor in it, and the heading there."""


@dataclass(frozen=True)
class Entry:
    """A concept as readers look for it.

    Parameters
    ----------
    name : in English.
    chinese : its Chinese name; may be empty.
    term : the term of the glossary; empty if it is none.
    places : where it is taught, in the order of the chapters.
    """

    name: str
    chinese: str
    term: str
    places: tuple[Place, ...]


def read_entries(root: Path, chapters: Iterable[Chapter]) -> list[Entry]:
    """Return the index in alphabetical order.

    Parameters
    ----------
    root : the project's folder.
    chapters : the chapters of the book; places in others are left out, and what is taught nowhere.

    Raises
    ------
    ValueError : the index names a concept that no chapter teaches, or a chapter lacks a place.
    """
    book = {each.stem: sections_of(root / CHAPTERS / f"{each.stem}.ipynb") for each in chapters}
    terms = glossary_terms((root / GLOSSARY).read_text(encoding="utf-8"))
    entries = {
        name: Entry(name, chinese or " / ".join(terms.get(name, ())), name if name in terms else "", places)
        for name, chinese, places in _indexed(root, book)
    }
    for term, names in terms.items():
        if term not in entries and (place := introduced(term, names, book)):
            entries[term] = Entry(term, " / ".join(names), term, (place,))
    return sorted((entry for entry in entries.values() if entry.places), key=lambda entry: entry.name.lower())


def _indexed(
    root: Path, book: Mapping[str, Sequence[Section]]
) -> Iterator[tuple[str, str, tuple[Place, ...]]]:
    taught: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(root / PLACES):
        taught.setdefault(row["concept"], []).append((row["chapter"], row["anchor"]))
    for row in _rows(root / INDEX):
        concepts = row["concepts"].split()
        if unknown := [concept for concept in concepts if concept not in taught]:
            raise ValueError(
                f"{INDEX}: {row['name']!r} stands for {', '.join(unknown)}: not in {PLACES.name}"
            )
        places = sorted({place for concept in concepts for place in taught[concept]})
        found = tuple(_place(stem, anchor, book[stem]) for stem, anchor in places if stem in book)
        yield row["name"], row["chinese"], found


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _place(stem: str, anchor: str, sections: Iterable[Section]) -> Place:
    for section in sections:
        if anchor in section.anchors:
            return stem, anchor, section.heading
    raise ValueError(f"{PLACES}: {stem} has no place {anchor!r}; give a label or the slug of a heading")


def sections_of(notebook: Path) -> list[Section]:
    """Return the sections of a chapter, as readers see them."""
    cells = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4).cells
    sections: list[Section] = []
    heading, anchors, lines = "", list[str](), list[str]()
    waiting: list[str] = []  # labels belong to what follows them
    for cell in cells:
        if cell.cell_type != "markdown" or INSTRUCTOR in cell.metadata.get("tags", ()):
            continue
        for line in cell.source.splitlines():
            if label := _LABEL.match(line):
                waiting.append(label[1])
            elif found := _HEADING.match(line):
                sections.append(Section(heading, tuple(anchors), "\n".join(lines)))
                heading, anchors, lines = found[1], [make_id(found[1]), *waiting], []
                waiting = []
            elif line.strip():
                anchors += waiting
                waiting = []
                lines.append(line)
    return [*sections, Section(heading, tuple(anchors), "\n".join(lines))][1:]


def glossary_terms(glossary: str) -> dict[str, list[str]]:
    """Return the Chinese names of each term, by the term.

    Parameters
    ----------
    glossary : the source of the glossary's page.
    """
    return {term: chinese_names(meaning.replace("*", "")) for term, meaning in _TERM.findall(glossary)}


def introduced(term: str, chinese: Iterable[str], book: Book) -> Place | None:
    """Return the first place that has a term in bold, or else its Chinese name; None if there is none."""
    bold = re.compile(rf"\*\*{re.escape(term)}s?\*\*", re.IGNORECASE)
    named = re.compile("|".join(map(re.escape, chinese)) or "(?!)")
    for pattern in (bold, named):
        for stem, sections in book.items():
            for section in sections:
                if pattern.search(section.text):
                    return stem, section.anchors[-1], section.heading
    return None


def concept_index(entries: Sequence[Entry], chapters: Iterable[Chapter]) -> str:
    """Return the index as Markdown, a section for each letter, for a page in the project's folder.

    Parameters
    ----------
    entries : the concepts, in alphabetical order.
    chapters : the chapters of the book.
    """
    numbers = {chapter.stem: chapter.number for chapter in chapters}
    lines = [f"{len(entries)} concepts, each with the sections that teach it.", ""]
    for letter, group in groupby(entries, key=lambda entry: _letter(entry.name)):
        lines += [f"## {letter}", "", *(_entry(entry, numbers) for entry in group), ""]
    return "\n".join(lines)


def _letter(name: str) -> str:
    return name[0].upper() if name[0].isalpha() else "0–9"


def _entry(entry: Entry, numbers: Mapping[str, str]) -> str:
    chinese = f" ({entry.chinese})" if entry.chinese else ""
    places = ", ".join(
        f'<a href="{CHAPTERS}/{stem}.html#{anchor}">{numbers[stem]} · {heading}</a>'
        for stem, anchor, heading in entry.places
    )
    definition = f" · {{term}}`definition <{entry.term}>`" if entry.term else ""
    return f"- **{entry.name}**{chinese}: {places}{definition}"
