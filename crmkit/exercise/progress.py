"""`progress`: which questions are done, what they earned and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from crmkit.exercise import record
from crmkit.exercise.key import Entry, UnknownQuestion, topics
from crmkit.exercise.record import Record
from crmkit.exercise.verdict import Outcome

HEADINGS = ("question", "state", "points", "checks", "hints", "minutes left")
DONE, TRIED, OPEN = "✔ done", "✘ tried", "○ open"


@dataclass(frozen=True)
class Row:
    """How one question stands."""

    question: str
    state: str
    earned: int
    points: int
    checks: int
    hints: int
    minutes_left: int

    @property
    def cells(self) -> tuple[str, ...]:
        points = f"{self.earned} of {self.points}"
        return (self.question, self.state, points, str(self.checks), str(self.hints), str(self.minutes_left))


@dataclass(frozen=True)
class Progress:
    """A table of the questions and a small picture; a notebook shows both."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def earned(self) -> int:
        """Points earned so far."""
        return sum(row.earned for row in self.rows)

    @property
    def points(self) -> int:
        """Points that can be earned."""
        return sum(row.points for row in self.rows)

    @property
    def summary(self) -> str:
        """One line: questions done, points, minutes left."""
        done = sum(row.state == DONE for row in self.rows)
        left = sum(row.minutes_left for row in self.rows)
        return (
            f"{done} of {len(self.rows)} questions · {self.earned} of {self.points} points · "
            f"about {left} minutes left"
        )

    def __repr__(self) -> str:
        bar = "".join(row.state[0] for row in self.rows)
        table = [HEADINGS, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        ]
        return "\n".join([f"{bar}  {self.summary}", *self.notes, "", *lines])

    def _repr_html_(self) -> str:
        cells = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row.cells) + "</tr>" for row in self.rows
        )
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f"<p>{_picture(self.rows, self.summary)}</p><p><strong>{self.summary}</strong></p>{notes}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
        )


def _picture(rows: tuple[Row, ...], alternative: str) -> str:
    """Return a strip with one box a question, as wide as its points; done ones also carry a tick."""
    colours = {DONE: Outcome.CORRECT.colour, TRIED: Outcome.INCORRECT.colour, OPEN: "#C8C8C8"}
    unit, height, left, boxes = 14, 22, 0, []
    for row in rows:
        width = unit * row.points
        tick = f"<title>{escape(row.question)}: {row.state}</title>"
        boxes.append(
            f'<g>{tick}<rect x="{left}" width="{width - 2}" height="{height}" rx="3" '
            f'fill="{colours[row.state]}"/><text x="{left + width / 2 - 1}" y="16" font-size="13" '
            f'text-anchor="middle" fill="#fff">{row.state[0]}</text></g>'
        )
        left += width
    return (
        f'<svg role="img" aria-label="{escape(alternative)}" viewBox="0 0 {left} {height}" '
        f'width="{left}" height="{height}" style="max-width:100%">{"".join(boxes)}</svg>'
    )


def progress(topic: str = "") -> Progress:
    """Show which questions are done, the points earned and what is left.

    Parameters
    ----------
    topic : a topic such as `pricing`; all released topics if left out.

    Returns
    -------
    The rows and the totals; a notebook shows them. It never raises: what is odd stands in its notes.
    """
    kept = record.read()
    notes = _notes(kept)
    try:
        of_topics = topics()
    except UnknownQuestion as error:
        return Progress((), (f"There is {error}.", *notes))
    known = [
        entry for name, entries in of_topics.items() if topic in ("", name) for entry in entries.values()
    ]
    if not known:
        notes = (f"There is no topic {topic!r}; there are {', '.join(of_topics) or 'none yet'}.", *notes)
    return Progress(tuple(_row(entry, kept) for entry in known), notes)


def _row(entry: Entry, kept: Record) -> Row:
    checks = [line.get("outcome") for line in kept.of(entry.question, "check")]
    tried = [outcome for outcome in checks if outcome != Outcome.NOT_ATTEMPTED.name]
    done = Outcome.CORRECT.name in checks
    return Row(
        question=entry.question,
        state=DONE if done else TRIED if tried else OPEN,
        earned=entry.points if done else 0,
        points=entry.points,
        checks=len(tried),
        hints=len(list(kept.of(entry.question, "hint"))),
        minutes_left=0 if done else entry.minutes,
    )


def _notes(kept: Record) -> tuple[str, ...]:
    where: Any = record.path()
    if where is None:
        return ("No record is kept here: notebooks are being run by a test or by a grader.",)
    if not kept.exists:
        return (
            f"There is no record yet in {where}: nothing was checked here, or the file was removed. "
            "Run your check cells again to bring it up to date; your notebooks are not touched.",
        )
    if kept.problem:
        return (f"The record was passed over: {kept.problem} Your notebooks are not touched.",)
    if kept.unreadable:
        return (
            f"{kept.unreadable} of the lines in {where} could not be read and were passed over. "
            "Run your check cells again to record them anew; your notebooks are not touched.",
        )
    return ()
