"""Marks as a table of our own, and as Canvas and Moodle take them back.

Names are made harmless: a text that a spreadsheet would take for a formula gets a `'` in front. Ids by which
a system finds its students are never altered; one that would need it is refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crmkit.grading import late
from crmkit.grading.gradebook import Assignment, Gradebook, GradebookError
from crmkit.grading.marks import Mark, Status
from crmkit.grading.roster import Roster, Student

# What spreadsheets take for the beginning of a formula, in full width, too; and what they skip before one.
FORMULA = tuple("=+-@＝＋－＠\t\r\n\0")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Canvas passes over a column whose title has one of these, whatever its marks.
PASSED_OVER = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
WITH_ID = re.compile(r"(?P<title>.*) \((?P<id>[0-9]+)\)", re.DOTALL)
PARTICIPANT = re.compile(r"\D*(?P<number>[0-9]+)")
# The first ten in nbgrader's words.
TABLE = (
    *("assignment", "duedate", "timestamp", "student_id", "name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
    *("section", "status", "to_mark", "days_late", "days_charged", "release", "outdated"),
)
MANY = 8
"""Names that a warning lists at most."""
Cell = str | float | None


@dataclass(frozen=True)
class Export:
    """A file of marks, and one line for each thing to know before it is uploaded."""

    content: bytes
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marks:
    """The marks of a class.

    Parameters
    ----------
    students : in the order of their ids.
    assignments : those to export.
    marks : by assignment and student.
    partial : whether a score is exported while some questions are still to be marked by hand.
    """

    students: tuple[Student, ...]
    assignments: tuple[Assignment, ...]
    marks: Mapping[str, Mapping[str, Mark]]
    partial: bool = False

    @classmethod
    def of(cls, book: Gradebook, stems: Sequence[str] = (), *, partial: bool = False) -> Marks:
        """Return the marks in a gradebook, of some assignments or of all."""
        known = {each.assignment: each for each in book.assignments()}
        chosen = list(stems) or list(known)
        unknown = next((stem for stem in chosen if stem not in known), None)
        if unknown is not None or not chosen:
            there = ", ".join(known) or "none yet"
            raise GradebookError(f"the gradebook has no assignment {unknown or ''!r}; it has {there}")
        marks = {stem: {each.student: each for each in book.marks(stem)} for stem in chosen}
        return cls(tuple(book.students()), tuple(known[stem] for stem in chosen), marks, partial)

    def score(self, assignment: str, student: str) -> float | None:
        """Return the points to export, or None where there are none yet."""
        mark = self.marks[assignment][student]
        return mark.score_so_far if self.partial else mark.score

    @property
    def one(self) -> Assignment:
        """The only assignment, for a file that has room for one."""
        if len(self.assignments) != 1:
            raise GradebookError("one assignment at a time goes into a file; name it")
        return self.assignments[0]

    def warnings(self) -> list[str]:
        """Return what is not in the file, or will not stay as it is, with the students whom it concerns."""
        why = {
            Status.TO_MARK: "points by hand are missing, so counted as 0"
            if self.partial
            else "left empty, for some questions are still to be marked by hand",
            Status.WAITING: "left empty, for the newest submission is not graded yet; run crmkit autograde",
            Status.UNGRADABLE: "left empty, for the submission could not be graded",
        }
        said = []
        for each in self.assignments:
            marks = self.marks[each.assignment].values()
            for status, reason in why.items():
                concerned = [mark.student for mark in marks if mark.status is status]
                said += _warning(f"{each.assignment}: {reason}", concerned)
            old = [mark.student for mark in marks if mark.outdated]
            said += _warning(f"{each.assignment}: graded against an older release; run crmkit autograde", old)
        return said


def to_csv(marks: Marks) -> Export:
    """Return a table with a line for each student and assignment: nbgrader's columns and more.

    In UTF-8 with a byte-order mark, without which Excel takes Chinese names for another encoding.
    """
    return Export(spreadsheet([TABLE, *_table(marks)]), tuple(marks.warnings()))


def spreadsheet(rows: Iterable[Iterable[Cell]]) -> bytes:
    """Return rows as a CSV file that a spreadsheet opens as it is meant: in UTF-8, and without formulas."""
    lines = ([_neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return _csv(lines).encode("utf-8-sig")


def to_xlsx(marks: Marks) -> Export:
    """Return a workbook: a sheet with a column for each assignment, and one with the table of `to_csv`."""
    import xlsxwriter

    held = io.BytesIO()
    # Text stays text: a name that looks like a formula or an address is neither.
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, {**as_text, "in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True})
        stems = [each.assignment for each in marks.assignments]
        overview: list[list[Cell]] = [["student_id", "name", "section", *stems]]
        overview.append(["points", None, None, *(each.points for each in marks.assignments)])
        for student in marks.students:
            scores = [marks.score(stem, student.student_id) for stem in stems]
            overview.append([student.student_id, student.name, student.section, *scores])
        sheets: dict[str, list[list[Cell]]] = {"Marks": overview, "Details": [[*TABLE], *_table(marks)]}
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 2 if name == "Marks" else 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell, bold if number == 0 else None)
                    elif cell is not None:
                        sheet.write_number(number, column, cell)
            sheet.autofit()
    return Export(held.getvalue(), tuple(marks.warnings()))


def _table(marks: Marks) -> Iterable[list[Cell]]:
    for assignment in marks.assignments:
        for student in marks.students:
            mark = marks.marks[assignment.assignment][student.student_id]
            reduced = mark.earned is not None and not mark.overridden
            penalty = mark.earned - late.reduced(mark.earned, mark.penalty) if reduced and mark.earned else 0
            yield [
                *(assignment.assignment, assignment.due or "", mark.submitted or ""),
                *(student.student_id, student.name, student.email),
                *(mark.earned, round(penalty, 2), marks.score(assignment.assignment, student.student_id)),
                *(assignment.points, student.section, mark.status.value, " ".join(mark.to_mark)),
                *(mark.days_late, mark.days_charged, mark.release or "", "yes" if mark.outdated else ""),
            ]


# Canvas


def to_canvas(marks: Marks) -> Export:
    """Return a gradebook CSV in Canvas's columns.

    Canvas finds students by its own id, then by SIS User ID (here the student id), then by SIS Login ID; and
    assignments by title. It makes an assignment of a title that it does not know.
    """
    titles = [_id(each.title, f"the title of {each.assignment}") for each in marks.assignments]
    for title in titles:
        if PASSED_OVER.search(title) or titles.count(title) > 1 or title in CANVAS:
            raise GradebookError(f"Canvas cannot take an assignment called {title!r}; give it another title")
    maxima = [_plain(each.points) for each in marks.assignments]
    rows = [[*CANVAS, *titles], ["    Points Possible", "", "", "", "", *maxima]]
    for student in marks.students:
        where = f"{student.student_id}, canvas_id"
        if student.canvas_id and not student.canvas_id.isdecimal():
            raise GradebookError(f"{where}: Canvas's ids are numbers, not {student.canvas_id!r}")
        ids = [
            student.canvas_id,
            _id(student.student_id, where),
            _id(student.login, f"{student.student_id}, login"),
        ]
        scores = [_canvas(marks, each.assignment, student.student_id) for each in marks.assignments]
        rows.append([_neutral(student.name), *ids, _neutral(student.section), *scores])
    return Export(_csv(rows).encode(), tuple(marks.warnings()))


def _canvas(marks: Marks, assignment: str, student: str) -> str:
    if marks.marks[assignment][student].status is Status.EXCUSED:
        return "EX"
    return _plain(marks.score(assignment, student))


def into_canvas(exported: bytes, marks: Marks, *, column: str = "", scale: bool = False) -> Export:
    """Fill marks into a gradebook CSV that was exported from Canvas; all else stays as it is.

    Parameters
    ----------
    exported : the file's bytes.
    column : the heading of the column to fill, where it is not the assignment's title or stem.
    scale : whether to convert marks to the points that Canvas has for the assignment.

    Raises
    ------
    GradebookError : the file is not such a file, the column is not found, or its points differ.
    """
    sheet = Sheet.read(exported, "a gradebook exported from Canvas")
    roster = Roster(marks.students)
    heading = sheet.rows[0]
    named = [*heading, "", "", ""]
    if not (("Student" in named[0] and named[1] == "ID") or named[:3] == ["LastName", "FirstName", "ID"]):
        raise GradebookError(f"{sheet.what} begins with Student,ID,…, not with {','.join(heading[:3])!r}")
    place = _canvas_column(heading, marks.one, column)
    points = next((row for row in sheet.rows[1:] if "Points Possible" in row[0]), None)
    if points is not None and "read only" in points[place]:
        raise GradebookError(f"Canvas does not let the column {heading[place]!r} be changed")
    factor = _factor(marks.one, _read_number(points[place]) if points else None, "Canvas", scale)
    names = heading.index("ID")
    where = {name: heading.index(name) for name in CANVAS[1:4] if name in heading}

    def find(row: list[str]) -> set[Student]:
        cells = {name: row[index].strip() for name, index in where.items()}
        own = roster.with_number("canvas_id", cells["ID"]) if cells["ID"] else None
        others = (roster.with_id(cells.get(name, "")) for name in ("SIS User ID", "SIS Login ID"))
        found = {student for each in others for student in each} | ({own} if own else set())
        return found or set(roster.named(" ".join(row[:names])))

    # Before the line with the points there may be one that says which assignments are posted by hand.
    begin = sheet.rows.index(points) + 1 if points else 1
    return sheet.fill(marks, begin, place, find, range(names), factor, excused="EX", locked=("N/A",))


def _canvas_column(heading: Sequence[str], assignment: Assignment, column: str) -> int:
    wanted = (column,) if column else (assignment.title, assignment.assignment)
    titles = {
        index: match["title"] for index, cell in enumerate(heading) if (match := WITH_ID.fullmatch(cell))
    }
    found = [index for index, cell in enumerate(heading) if cell in wanted or titles.get(index) in wanted]
    if len(found) != 1:
        there = ", ".join(repr(heading[index]) for index in titles) or "none"
        how = "no column" if not found else "more than one column"
        raise GradebookError(
            f"{how} of the Canvas file is called {wanted[0]!r}; --column takes one of: {there}"
        )
    return found[0]


# Moodle


def to_moodle(marks: Marks) -> Export:
    """Return a CSV for Moodle's grade import, where a teacher says which column is which.

    Students are found by ID number (here the student id), username or e-mail address.
    """
    titles = [_id(each.title, f"the title of {each.assignment}") for each in marks.assignments]
    rows = [["ID number", "Username", "Email address", "Full name", *titles]]
    for student in marks.students:
        where = student.student_id
        ids = [
            _id(where, where),
            _id(student.login, f"{where}, login"),
            _id(student.email, f"{where}, email"),
        ]
        scores = [_plain(marks.score(each.assignment, where)) for each in marks.assignments]
        rows.append([*ids, _neutral(student.name), *scores])
    return Export(_csv(rows).encode(), tuple(marks.warnings()))


def into_moodle(downloaded: bytes, marks: Marks, *, column: str = "", scale: bool = False) -> Export:
    """Fill marks into a grading worksheet that was downloaded from Moodle; all else stays as it is.

    A student is found by an e-mail address, username or ID number in the line; without one, by the number in
    the first column, which is `moodle_id` in the roster, and which Moodle gives anew in each assignment; a
    name in the line must then be the same student's. Moodle itself passes over a mark above its maximum.

    Parameters
    ----------
    downloaded : the file's bytes.
    column : the heading of the column to fill; `Grade`, as it is called in English, by default.
    scale : whether to convert marks to the points that Moodle has for the assignment.

    Raises
    ------
    GradebookError : the file is not such a file, the column is not found, or its points differ.
    """
    sheet = Sheet.read(downloaded, "a grading worksheet downloaded from Moodle")
    roster = Roster(marks.students)
    heading = sheet.rows[0]
    wanted = column or "Grade"
    if heading.count(wanted) != 1 or heading.index(wanted) == 0:
        there = ", ".join(map(repr, heading[1:]))
        raise GradebookError(f"the Moodle file has no column {wanted!r}; --column takes one of: {there}")
    place = heading.index(wanted)
    if not all(map(_participant, sheet.rows[1:])):
        raise GradebookError(f"{sheet.what} has Participant and a number in its first column")
    # The maximum stands to the right of the grade, and is the same in all lines.
    beside = {_read_number(row[place + 1]) for row in sheet.rows[1:] if place + 1 < len(row)}
    factor = _factor(marks.one, beside.pop() if len(beside) == 1 else None, "Moodle", scale)

    def find(row: list[str]) -> set[Student]:
        about = row[1:place]
        surely = {student for cell in about for student in roster.with_id(cell.strip())}
        if surely:
            return surely
        number = roster.with_number("moodle_id", _participant(row))
        called = {student for cell in about for student in roster.named(cell)}
        if number and called and number not in called:
            other = ", ".join(sorted(student.student_id for student in called))
            what = f"{row[0]} is {number.student_id} by moodle_id, and {other} by name"
            raise GradebookError(
                f"{what}; Moodle numbers participants anew in each assignment: mend the roster"
            )
        return {number} if number else called

    return sheet.fill(marks, 1, place, find, range(1, place), factor)


def _participant(row: Sequence[str]) -> str:
    match = PARTICIPANT.fullmatch(row[0])
    return match["number"] if match else ""


# Files of others, filled in


@dataclass
class Sheet:
    """A CSV file from elsewhere: its lines, and how it was written, so that it can be written alike.

    Parameters
    ----------
    what : what it should be, for messages.
    rows : its lines; the first is the heading.
    encoding, delimiter, line_end : how it was written.
    """

    what: str
    rows: list[list[str]]
    encoding: str
    delimiter: str
    line_end: str

    @classmethod
    def read(cls, content: bytes, what: str) -> Sheet:
        """Return the file, or say why it is not one."""
        encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            raise GradebookError(
                f"the file is not text in UTF-8, so not {what}; give it as it was downloaded"
            ) from None
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise GradebookError(f"the file is not CSV ({error}), so not {what}") from None
        rows = [row for row in rows if row]
        if len(rows) < 2:
            raise GradebookError(f"the file has no students in it, so is not {what}")
        wrong = next((number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])), None)
        if wrong is not None:
            raise GradebookError(
                f"line {wrong} has not as many columns as the heading, so the file is not {what}"
            )
        return cls(what, rows, encoding, delimiter, "\r\n" if "\r\n" in text else "\n")

    def fill(
        self,
        marks: Marks,
        begin: int,
        place: int,
        find: Callable[[list[str]], set[Student]],
        names: range,
        factor: float,
        *,
        excused: str = "",
        locked: Sequence[str] = (),
    ) -> Export:
        """Write marks into one column.

        Parameters
        ----------
        marks : of one assignment. Where there is no mark yet, the cell stays as it is.
        begin : the first line of a student.
        place : the column.
        find : whom a line means.
        names : the columns with texts that the system does not read back, made harmless to spreadsheets.
        factor : what marks are multiplied by.
        excused : what is written for who is excused.
        locked : a cell with one of these stays as it is.
        """
        assignment = marks.one.assignment
        lines: dict[str, int] = {}
        nobody, left = [], []
        for number, row in enumerate(self.rows[begin:], begin + 1):
            found = sorted(student.student_id for student in find(row))
            if len(found) > 1:
                raise GradebookError(
                    f"line {number} of the file can be {' or '.join(found)}; mend the roster"
                )
            for name in names:
                row[name] = _neutral(row[name])
            if not found:
                nobody.append(row[0])
                continue
            if found[0] in lines:
                both = f"lines {lines[found[0]]} and {number} of the file"
                raise GradebookError(f"{both} are both {found[0]}; mend the roster")
            lines[found[0]] = number
            score = marks.score(assignment, found[0])
            if row[place].strip() in locked:
                left += [found[0]] if score is not None else []
            elif score is not None:
                row[place] = _plain(round(score * factor, 2))
            elif marks.marks[assignment][found[0]].status is Status.EXCUSED and excused:
                row[place] = excused
        without = [each.student_id for each in marks.students if each.student_id not in lines]
        without = [each for each in without if marks.score(assignment, each) is not None]
        warnings = [
            *_warning("in the file, but not on the roster; left as they are", nobody),
            *_warning("marked, but not in the file", without),
            *_warning("marked, but not assigned in the file; left as they are", left),
            *marks.warnings(),
        ]
        written = _csv(self.rows, self.delimiter, self.line_end).encode(self.encoding)
        return Export(written, tuple(warnings))


def _factor(assignment: Assignment, maximum: float | None, system: str, scale: bool) -> float:
    if maximum is None or maximum == assignment.points:
        return 1
    if not scale or maximum <= 0:
        stem, points = assignment.assignment, assignment.points
        what = f"{system} has {maximum:g} points for {stem}, the gradebook {points:g}"
        raise GradebookError(f"{what}; change it there, or convert the marks with --scale")
    return maximum / assignment.points


# Cells


def _neutral(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _id(text: str, where: str) -> str:
    if _neutral(text) != text:
        raise GradebookError(
            f"{where}: {text!r} would be a formula in a spreadsheet, and may not be altered; mend it"
        )
    return text


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def _read_number(text: str) -> float | None:
    plain = text.strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain) else None


def _csv(rows: Iterable[Iterable[Cell]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([cell if isinstance(cell, str) else _plain(cell) for cell in row] for row in rows)
    return held.getvalue()


def _warning(reason: str, concerned: Sequence[str]) -> list[str]:
    if not concerned:
        return []
    listed = ", ".join(concerned[:MANY]) + (" …" if len(concerned) > MANY else "")
    return [f"{reason}: {len(concerned)} ({listed})"]
