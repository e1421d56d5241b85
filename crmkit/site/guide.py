"""The pages of the instructor's guide that are made from the chapters, as Markdown.

What a chapter's notes say is written once, in the chapter; a lesson plan and the map of concepts take
titles and minutes from there, too. The links are relative: the guide lies in a folder beside the chapters.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmkit.site.course import CHAPTERS, Chapter

EXERCISES = "exercises"

_SHARE = re.compile(r"^(?P<part>.+?)\s+(?P<minutes>\d+)(?P<aside> \(.+\))?$")
_QUESTION = re.compile(r"\((\d+)\) (?=\*)")


def notes_of(chapters: Sequence[Chapter]) -> str:
    """Return a section for each chapter: its minutes part by part, what to discuss, what to draw.

    Parameters
    ----------
    chapters : the chapters of the book.
    """
    return "\n".join(line for chapter in chapters for line in _notes(chapter))


def _notes(chapter: Chapter) -> Iterator[str]:
    yield from (f"(guide-{chapter.number})=", f"## {chapter.number} · {chapter.title}", "")
    yield from (f"{_links(chapter)}: {_minutes(chapter)}", "")
    for name, text in chapter.notes.items():
        if name.startswith("Minutes"):
            yield from _timetable(text)
        elif name == "Discuss":
            yield from _questions(text)
        else:
            yield from (f"**{name}.** {text}" if name else text, "")


def _links(chapter: Chapter) -> str:
    exercise = f" and [exercise](../{EXERCISES}/{chapter.stem}.ipynb)" if chapter.has_exercise else ""
    return f"[Chapter](../{CHAPTERS}/{chapter.stem}.ipynb){exercise}"


def _minutes(chapter: Chapter) -> str:
    if chapter.project_hours:
        return f"{chapter.minutes} minutes, and {chapter.project_hours} hours of the student's own work."
    alone = f", and {chapter.exercise_minutes} for the exercise" if chapter.exercise_minutes else ""
    return f"{chapter.minutes} minutes{alone}, for a student alone."


def _timetable(text: str) -> Iterator[str]:
    """Show “Decision 5 · cost 8. In a class of 90, …” as a table of minutes and the advice after it."""
    first, _, rest = text.partition(". ")
    shares = [_SHARE.match(part.strip()) for part in first.rstrip(".").split(" · ")]
    if None in shares:
        yield from (f"**Minutes.** {text}", "")
        return
    found = [share for share in shares if share]
    total = sum(int(share["minutes"]) for share in found)
    yield from (f"**In class: {total} minutes**", "", ":::{table}", ":class: crmkit-timetable", "")
    yield from ("| part | minutes |", "| --- | --- |")
    for share in found:
        part = share["part"] + (share["aside"] or "")
        yield f"| {part[:1].upper()}{part[1:]} | {share['minutes']} |"
    yield from (":::", "")
    if rest:
        yield from (rest, "")


def _questions(text: str) -> Iterator[str]:
    """Show “(1) *Question?* Good answers … (2) …” as a list."""
    before, *pairs = _QUESTION.split(text)
    yield from (f"**To discuss**{': ' if before.strip() else ''}{before.strip()}", "")
    for number, body in zip(pairs[::2], pairs[1::2], strict=True):
        yield f"{number}. {body.strip()}"
    yield ""


Lesson = Mapping[str, str]
"""What happens before, in and after a class."""

LESSON = ("before", "class", "after")


def lesson_plan(lessons: Mapping[str, Lesson], chapters: Sequence[Chapter]) -> str:
    """Return the plan of a term, a chapter a week.

    Parameters
    ----------
    lessons : by the chapter's stem, what students do before class, what happens in it, and what after.
    chapters : the chapters of the book; a lesson on another one says that it is still to come.

    Raises
    ------
    ValueError : a lesson lacks one of its three parts, or a chapter has no lesson.
    """
    known = {chapter.stem: chapter for chapter in chapters}
    if missing := [stem for stem in known if stem not in lessons]:
        raise ValueError(f"the plan has no lesson for {', '.join(missing)}")
    lines = []
    for week, (stem, lesson) in enumerate(lessons.items(), start=1):
        if set(lesson) != set(LESSON):
            raise ValueError(f"the lesson on {stem} needs {', '.join(LESSON)}; it has {', '.join(lesson)}")
        lines += [f"### Week {week}: {_lesson_title(stem, known)}", ""]
        if stem in known:
            lines += [f"{_links(known[stem])}: {_minutes(known[stem])}", ""]
        for name, key in (("Before", "before"), ("In class", "class"), ("After", "after")):
            lines += [f"- **{name}.** {lesson[key]}"]
        lines += [""]
    return "\n".join(lines)


def _lesson_title(stem: str, known: Mapping[str, Chapter]) -> str:
    if stem in known:
        return f"{known[stem].number} · {known[stem].title}"
    return f"{stem[:2]} · still to come"


@dataclass(frozen=True)
class Concept:
    """A concept of the course and the places that teach it."""

    ident: str
    name: str
    name_zh: str
    places: tuple[tuple[str, str, str], ...]
    """Stem, anchor and practice of each."""


def read_concepts(names: Path, places: Path) -> list[Concept]:
    """Return the concepts with the places that teach them.

    Parameters
    ----------
    names : table with the columns concept, name and chinese.
    places : table with the columns concept, chapter, anchor and practice.

    Raises
    ------
    ValueError : a place teaches a concept that has no name.
    """
    taught: dict[str, list[tuple[str, str, str]]] = {}
    for row in _rows(places):
        taught.setdefault(row["concept"], []).append((row["chapter"], row["anchor"], row["practice"]))
    found = [
        Concept(row["concept"], row["name"], row["chinese"], tuple(taught.pop(row["concept"], ())))
        for row in _rows(names)
    ]
    if taught:
        raise ValueError(f"{names.name} has no name for {', '.join(taught)}")
    return found


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def concept_map(concepts: Sequence[Concept], sources: Mapping[str, str], chapters: Sequence[Chapter]) -> str:
    """Return a table of the concepts for each source of the course, with links to where they are taught.

    Parameters
    ----------
    concepts : what the course teaches.
    sources : a line on each source, by the letters and digits before the hyphen of its concepts.
    chapters : the chapters of the book.
    """
    known = {chapter.stem: chapter for chapter in chapters}
    taught = sum(any(stem in known for stem, _, _ in concept.places) for concept in concepts)
    lines = [f"{taught} of the {len(concepts)} concepts have a place in the chapters of this build.", ""]
    for source, title in sources.items():
        lines += [f"## {title}", "", ":::{table}", ":class: crmkit-concepts", ""]
        lines += ["| | concept | taught | practised |", "| --- | --- | --- | --- |"]
        for concept in concepts:
            if concept.ident.partition("-")[0] == source:
                lines.append(_concept(concept, known))
        lines += [":::", ""]
    return "\n".join(lines)


def _concept(concept: Concept, known: Mapping[str, Chapter]) -> str:
    places = [place for place in concept.places if place[0] in known]
    links = ", ".join(
        f'<a href="../{CHAPTERS}/{stem}.html#{anchor}">{known[stem].number}</a>' for stem, anchor, _ in places
    )
    practice = ", ".join(dict.fromkeys(practice for _, _, practice in places))
    name = f"{concept.name} ({concept.name_zh})" if concept.name_zh else concept.name
    return f"| {concept.ident} | {name} | {links or 'to come'} | {practice} |"
