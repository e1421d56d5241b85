"""Marking by hand as a table: the answers that wait go out, and come back with points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from crmkit.grading.export import Sheet, spreadsheet
from crmkit.grading.gradebook import Gradebook, Points

READ = ("student_id", "assignment", "question", "points", "why")
HEADING = (*READ, "of", "answer")


def table(book: Gradebook, stems: Iterable[str]) -> tuple[bytes, int]:
    """Return a CSV file of the answers that wait for points, and how many there are.

    The columns `points` and `why` are empty. Answers to one question stand together, since they are marked
    more evenly one after the other.
    """
    rows = [row for stem in stems for row in _waiting(book, stem)]
    return spreadsheet([HEADING, *rows]), len(rows)


def _waiting(book: Gradebook, stem: str) -> list[list[str | float]]:
    found = []
    for mark in book.marks(stem):
        attempt = book.attempt(mark) if mark.to_mark else None
        if attempt is None:
            continue
        answers = {each["question"]: each["code"] for each in attempt["transcript"]}
        for item in mark.items:
            if item.earned is None:
                answer = answers.get(item.question, "")
                found.append([mark.student, stem, item.question, "", "", item.points, answer])
    order = list(dict.fromkeys(row[2] for row in found))
    return sorted(found, key=lambda row: order.index(row[2]))


def points(path: Path) -> Iterator[Points]:
    """Yield the points in a table that was filled in; a line without points is passed over.

    Raises
    ------
    ValueError : the table lacks a column, or has points that are no number.
    """
    heading, *rows = Sheet.read(path.read_bytes(), "a table of points").rows
    missing = [name for name in READ if name not in heading]
    if missing:
        raise ValueError(
            f"{path}: no column {' and no column '.join(missing)}; there must be {','.join(READ)}"
        )
    for row in rows:
        cells = {name: row[heading.index(name)].strip() for name in READ}
        if not cells["points"]:
            continue
        try:
            given = float(cells["points"])
        except ValueError:
            where = f"{path}: {cells['student_id']}, {cells['question'] or cells['assignment']}"
            raise ValueError(f"{where}: points must be a number, not {cells['points']!r}") from None
        why = cells["why"] or "marked by hand"
        yield Points(cells["student_id"], cells["assignment"], cells["question"] or None, given, why)
