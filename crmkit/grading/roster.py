"""The roster: a CSV file that says who the students are and by which names and numbers others know them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import groupby
from pathlib import Path
from unicodedata import category, normalize

from crmkit.grading.layout import is_student_id

MOST_BYTES = 10_000_000
DELIMITERS = ",;\t"
# A spreadsheet in China saves CSV in GB 18030; "Unicode text" is UTF-16.
ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
IDS = ("student_id", "login", "email")
NUMBERS = ("canvas_id", "moodle_id")
# A shorter id, or one of letters only, is too easily part of something else's name.
SHORTEST_TELLING = 4


class RosterError(ValueError):
    """The roster cannot be used; the message names the line and what to do."""


@dataclass(frozen=True)
class Student:
    """One line of the roster; what is not known is empty.

    Parameters
    ----------
    student_id : the id, also the name of the student's folder.
    name : the full name, in any script and order.
    email, login : what other systems call the student.
    canvas_id : Canvas's number of the user.
    moodle_id : Moodle's number of the participant, as in the names of downloaded folders.
    section : the group or class.
    late_days : days of lateness that cost this student nothing, over the whole course; None for no such days.
    """

    student_id: str
    name: str
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    login: str = ""
    section: str = ""
    late_days: int | None = None


COLUMNS = tuple(field.name for field in fields(Student))
Found = dict[Student, str]


@dataclass(frozen=True)
class Roster:
    """The students of a class, and whom a name or a number can mean.

    What is asked for is answered with every student it can mean, each with how: an answer of more than one
    is for the caller to refuse.
    """

    students: tuple[Student, ...]

    def with_id(self, text: str) -> Found:
        """Return whose student id, login or email a text is, in whatever case."""
        return dict(self._ids.get(_folded(text).strip(), {}))

    def with_number(self, column: str, number: str) -> Student | None:
        """Return the student with a number in `canvas_id` or `moodle_id`."""
        return self._numbers.get((column, number))

    def named(self, name: str) -> Found:
        """Return whose name it is, whatever its case, punctuation and order of surname and given name."""
        return dict.fromkeys(self._names.get(name_key(name), ()), "name")

    def in_text(self, text: str) -> Found:
        """Return the students whose id or full name stands somewhere in a text.

        An id must have four characters and a digit, or an @, and stand by itself; a name may be run together
        (`zhangwei`) or not (`Zhang Wei`), and next to digits. A name inside a longer name does not count.
        """
        folded = _folded(text)
        return dict(self._names_in(folded)) | dict(self._ids_in(folded))

    def _ids_in(self, folded: str) -> Iterator[tuple[Student, str]]:
        for known, found in self._ids.items():
            if known in folded and _is_telling(known):
                edge = r"\d" if known.isdigit() else "[0-9a-z]"
                if re.search(f"(?<!{edge}){re.escape(known)}(?!{edge})", folded):
                    yield from found.items()

    def _names_in(self, folded: str) -> Iterator[tuple[Student, str]]:
        words = _words(folded)
        longest = max(map(len, self._names), default=0)
        found: dict[tuple[int, int], set[Student]] = {}
        for start in range(len(words)):
            run = ""
            for end in range(start, len(words)):
                run += words[end]
                if len(run) > longest:
                    break
                if run in self._names:
                    found[start, end] = self._names[run]
        for (start, end), students in found.items():
            around = ((first, last) for first, last in found if first <= start and end <= last)
            if set(around) == {(start, end)}:
                yield from dict.fromkeys(students, "name").items()

    @cached_property
    def _ids(self) -> dict[str, Found]:
        index: dict[str, Found] = {}
        for column in reversed(IDS):
            for student in self.students:
                if value := getattr(student, column):
                    index.setdefault(_folded(value), {})[student] = column
        return index

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], Student]:
        pairs = ((column, one) for column in NUMBERS for one in self.students)
        return {(column, number): one for column, one in pairs if (number := getattr(one, column))}

    @cached_property
    def _names(self) -> dict[str, set[Student]]:
        index: dict[str, set[Student]] = {}
        for student in self.students:
            words = [key for word in re.split(r"[\s,，]+", student.name) if (key := name_key(word))]
            for turn in range(len(words)):
                index.setdefault("".join(words[turn:] + words[:turn]), set()).add(student)
        return index


def name_key(text: str) -> str:
    """Return a name in one case without punctuation and spaces, after NFKC, as Canvas writes file names."""
    return "".join(char for char in _folded(text) if category(char)[0] in "LMN")


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _words(folded: str) -> list[str]:
    """Return the runs of ASCII letters, of digits and of other letters."""

    def kind(char: str) -> str:
        if category(char)[0] not in "LMN":
            return ""
        return "digit" if char.isdigit() else "ascii" if char.isascii() else "other"

    # Marks that are not seen stand between no two words.
    seen = (char for char in folded if category(char) != "Cf")
    return ["".join(run) for what, run in groupby(seen, kind) if what]


def _is_telling(known: str) -> bool:
    return "@" in known or (len(known) >= SHORTEST_TELLING and any(char.isdigit() for char in known))


def read(path: Path) -> Roster:
    """Return the roster in a CSV file with the columns `student_id` and `name`, and others if it has them.

    Columns: student_id, name, email, canvas_id, moodle_id, login, section, late_days, in any order; others
    are passed over. Comma, semicolon or tab; UTF-8, UTF-16 or GB 18030.

    Raises
    ------
    RosterError : the file is no such table, or an id is missing, twice there, or not fit for a folder's name.
    OSError : the file cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RosterError(f"{path.name}: more than {MOST_BYTES // 10**6} MB; is this the roster?")
    text = _decoded(path, content)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    students: list[Student] = []
    taken: dict[tuple[str, str], int] = {}
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        heading = [_cell(cell).casefold() for cell in next(rows, [])]
        _check_heading(path, heading)
        for row in rows:
            if any(cell.strip() for cell in row):
                student = _student(path, rows.line_num, dict(zip(heading, map(_cell, row), strict=False)))
                _check_unique(path, rows.line_num, student, taken)
                students.append(student)
    except csv.Error as error:
        raise RosterError(f"{path.name}: not a CSV file that can be read ({error})") from None
    if not students:
        raise RosterError(f"{path.name}: there is no student in it")
    return Roster(tuple(students))


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(b"PK"):
        raise RosterError(f"{path.name}: this is a spreadsheet or a zip; save the table as CSV")
    encodings = ("utf-16",) if content.startswith(UTF_16) else ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError(f"{path.name}: not text in UTF-8 or GB 18030; save the table as CSV UTF-8")


def _cell(text: str) -> str:
    return normalize("NFKC", text).strip()


def _check_heading(path: Path, heading: list[str]) -> None:
    for column in COLUMNS:
        if heading.count(column) > 1:
            raise RosterError(f"{path.name}: the column {column} is there twice")
    missing = [column for column in ("student_id", "name") if column not in heading]
    if missing:
        wanted = f"student_id,name[,{','.join(COLUMNS[2:])}]"
        raise RosterError(
            f"{path.name}: no column {' and no column '.join(missing)}; the first line is {wanted}"
        )


def _student(path: Path, line: int, cells: dict[str, str]) -> Student:
    identity = cells.get("student_id", "")
    if not is_student_id(identity):
        raise RosterError(
            f"{path.name}, line {line}: {identity!r} cannot be a student id; use letters, digits and . _ @ - "
            "(at most 64), and format the column as text if a spreadsheet shortened it"
        )
    texts = {column: cells.get(column, "") for column in COLUMNS[1:-1]}
    days = cells.get("late_days", "")
    if days and not re.fullmatch(r"[0-9]{1,3}", days):
        raise RosterError(f"{path.name}, line {line}: late_days is {days!r}; give a whole number of days")
    return Student(identity, **texts, late_days=int(days) if days else None)


def _check_unique(path: Path, line: int, student: Student, taken: dict[tuple[str, str], int]) -> None:
    # In one case, because `S1` and `s1` are one folder on some systems.
    for column in (*IDS, *NUMBERS):
        value = _folded(getattr(student, column))
        before = taken.setdefault((column, value), line) if value else line
        if before != line:
            raise RosterError(
                f"{path.name}, line {line}: {column} {getattr(student, column)!r} is also in line {before}"
            )
