"""The map of the course: a line with a stop for each chapter, its decision and its minutes.

Drawn with HTML and the site's own style sheet, so that it takes the page's colours, fits any screen and can
be walked along with the keyboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from crmkit.exercise.key import Entry
from crmkit.site.course import CHAPTERS, Chapter
from crmkit.site.progress import Form, progress_html

Stages = Mapping[str, Mapping[str, str]]
"""The decision of each chapter by its stem, by the name of the stage of the course."""

Questions = Mapping[str, Sequence[Entry]]
"""The questions of each chapter's exercise by the chapter's stem."""

HOURS = 60


def course_map_html(
    stages: Stages, chapters: Sequence[Chapter], questions: Questions, *, to_root: str
) -> str:
    """Return the map.

    Parameters
    ----------
    stages : what the map shows; a chapter that the book does not have yet is left out.
    chapters : the chapters of the book.
    questions : what the map can show the reader's progress in.
    to_root : relative address of the site's root, empty or ending in a slash.

    Raises
    ------
    ValueError : the book has a chapter that no stage names.
    """
    known = {chapter.stem: chapter for chapter in chapters}
    placed = {stem for stops in stages.values() for stem in stops}
    if missing := [stem for stem in known if stem not in placed]:
        raise ValueError(f"the map has no stage and no decision for {', '.join(missing)}")
    longest = max(chapter.minutes + chapter.exercise_minutes for chapter in chapters)
    lines = []
    for name, stops in stages.items():
        there = {stem: decision for stem, decision in stops.items() if stem in known}
        if there:
            cards = "".join(
                _stop(known[stem], decision, longest, questions.get(stem, ()), to_root)
                for stem, decision in there.items()
            )
            lines.append(
                f'<li class="crmkit-stage"><p class="crmkit-stage-name">{escape(name)}</p>\n'
                f'<ol class="crmkit-stops">\n{cards}</ol></li>\n'
            )
    everything = [each for stem in known for each in questions.get(stem, ())]
    return (
        f'<nav class="crmkit-map" aria-label="Map of the course">\n<ol>\n{"".join(lines)}</ol>\n'
        f'<p class="crmkit-map-total">{_total(chapters)}</p>\n'
        f"{_progress(everything, Form.COURSE, to_root)}</nav>"
    )


def _stop(chapter: Chapter, decision: str, longest: int, questions: Sequence[Entry], to_root: str) -> str:
    return (
        f'<li class="crmkit-stop"><a href="{to_root}{CHAPTERS}/{chapter.stem}.html">\n'
        f'<span class="crmkit-stop-number" aria-hidden="true">{chapter.number}</span>\n'
        f'<span class="crmkit-stop-decision">{escape(decision)}</span>\n'
        f'<span class="crmkit-stop-title">{escape(chapter.title)}</span>\n'
        f'<span class="crmkit-stop-time">{chapter.minutes} min{_work(chapter)}</span>\n'
        f"{_bar(chapter, longest)}{_progress(questions, Form.STOP, to_root)}</a></li>\n"
    )


def _progress(questions: Sequence[Entry], form: Form, to_root: str) -> str:
    return f"{progress_html(questions, form, to_root=to_root)}\n" if questions else ""


def _work(chapter: Chapter) -> str:
    if chapter.project_hours:
        return f" + {chapter.project_hours} hours of your own work"
    return f" + {chapter.exercise_minutes} min exercise" if chapter.exercise_minutes else ""


def _bar(chapter: Chapter, longest: int) -> str:
    """Draw the minutes to the scale of the longest chapter, the exercise's hollow."""
    both = chapter.minutes + chapter.exercise_minutes
    return (
        f'<svg class="crmkit-stop-bar" viewBox="0 0 {longest} 6" preserveAspectRatio="none" '
        'aria-hidden="true">'
        f'<rect class="crmkit-bar-all" width="{both}" height="6"/>'
        f'<rect class="crmkit-bar-chapter" width="{chapter.minutes}" height="6"/></svg>\n'
    )


def _total(chapters: Sequence[Chapter]) -> str:
    reading = round(sum(chapter.minutes for chapter in chapters) / HOURS)
    solving = round(sum(chapter.exercise_minutes for chapter in chapters) / HOURS)
    projects = "".join(
        f", and {chapter.project_hours} hours for chapter {chapter.number}"
        for chapter in chapters
        if chapter.project_hours
    )
    return (
        f"{len(chapters)} chapters: about {reading} hours to read and play, {solving} hours of exercises"
        f"{projects}. The bars show the minutes of chapter and exercise, the exercise lighter."
    )
