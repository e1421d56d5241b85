"""Marks as CSV and xlsx, and as Canvas and Moodle take them: read back by pandas and openpyxl."""

from __future__ import annotations

import csv
import io
import re
import stat
from pathlib import Path
from typing import Any

import click
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from crmkit.grading import cli
from crmkit.grading.export import (
    Export,
    Marks,
    into_canvas,
    into_moodle,
    to_canvas,
    to_csv,
    to_moodle,
    to_xlsx,
)
from crmkit.grading.gradebook import Assignment, Gradebook, GradebookError
from crmkit.grading.marks import Item, Mark, Status
from crmkit.grading.roster import Student

STEM = "02-pricing"
PRICING = Assignment(STEM, "Pricing lab", 27, due="2026-03-31T23:59:00+08:00")
SERVICE = Assignment("03-7p", 'The "7P", applied', 10)
ANNE = Student("s001", "Anne Li", "anne@hailang.edu", "101", "9001", "anne.li", "Monday")
BO = Student("s002", "王 波", "bo@hailang.edu", "102", "9002", "bo.wang", "Monday")
CHEN = Student("s003", 'Chen, "Kit"', "chen@hailang.edu", "103", "9003", "kit.chen", "周二")
DANA = Student("s004", "=HYPERLINK(1)", "dana@hailang.edu", "104", "9004", "dana", "Monday")
EVE = Student("s005", "Eve", "eve@hailang.edu", "105", "9005", "eve", "Monday")
CLASS = (ANNE, BO, CHEN, DANA, EVE)
MARKS = {
    "s001": Mark("s001", STEM, 27, Status.GRADED, 24.3, 27, penalty=10, days_late=1, days_charged=1,
                 submitted="2026-04-01T10:00:00+08:00", release="ab" * 8),
    "s002": Mark("s002", STEM, 27, Status.GRADED, 8, 8),
    "s003": Mark("s003", STEM, 27, Status.TO_MARK, None, 12.5,
                 items=(Item("memo", 4, None, "BY_HAND"), Item("pricing-q1", 23, 12.5, "CORRECT"))),
    "s004": Mark("s004", STEM, 27, Status.EXCUSED),
    "s005": Mark("s005", STEM, 27, Status.MISSING),
}  # fmt: skip
SCORES = {"s001": 24.3, "s002": 8, "s003": None, "s004": None, "s005": None}


def marks(students: tuple[Student, ...] = CLASS, partial: bool = False, **changed: Mark) -> Marks:
    known = {each.student_id: Mark(each.student_id, STEM, 27, Status.MISSING) for each in students}
    kept = {name: mark for name, mark in MARKS.items() if name in known}
    return Marks(students, (PRICING,), {STEM: {**known, **kept, **changed}}, partial)


def both_assignments() -> Marks:
    scored = {name: Mark(name, SERVICE.assignment, 10, Status.GRADED, 0.5, 0.5) for name in MARKS}
    return Marks(CLASS, (PRICING, SERVICE), {STEM: MARKS, SERVICE.assignment: scored})


def table(export: Export, **options: Any) -> pd.DataFrame:
    """What pandas reads; ids as text, as they were written."""
    return pd.read_csv(io.BytesIO(export.content), dtype=str, keep_default_na=False, **options)


def rows(export: Export, delimiter: str = ",") -> list[list[str]]:
    text = export.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


# Our own table


def test_the_table_begins_with_nbgraders_columns():
    # nbgrader's exporter has last_name and first_name where a roster has a name.
    assert rows(to_csv(marks()))[0][:10] == [
        *("assignment", "duedate", "timestamp", "student_id", "name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
    ]


def test_the_table_goes_through_pandas_unchanged():
    found = table(to_csv(both_assignments()))
    assert list(found.student_id) == [each.student_id for each in CLASS] * 2
    assert list(found.name[:3]) == ["Anne Li", "王 波", 'Chen, "Kit"']
    scores = pd.to_numeric(found.score[:5]).astype(object)
    assert scores.where(scores.notna(), None).tolist() == list(SCORES.values())
    anne = found.iloc[0]
    # 10% of 27 is 2.7
    assert (anne.raw_score, anne.late_submission_penalty, anne.score, anne.max_score) == (
        "27",
        "2.7",
        "24.3",
        "27",
    )
    assert (anne.duedate, anne.timestamp, anne.days_late) == (PRICING.due, "2026-04-01T10:00:00+08:00", "1")
    assert list(found.status[:5]) == ["graded", "graded", "to mark", "excused", "missing"]
    assert found.to_mark[2] == "memo"


def test_the_table_is_written_as_rfc_4180_says():
    content = to_csv(marks()).content
    assert content.startswith(b"\xef\xbb\xbfassignment,")
    assert content.count(b"\r\n") == content.count(b"\n") == 1 + len(CLASS)
    assert b'"Chen, ""Kit"""' in content


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("export", [to_csv, to_canvas, to_moodle])
def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(export, first):
    name = f"{first}cmd|' /C calc'!A0"
    cells = [cell for row in rows(export(marks((Student("s001", name),)))) for cell in row]
    assert f"'{name}" in cells
    assert name not in cells


def test_a_name_with_such_a_character_elsewhere_is_left_alone():
    assert table(to_csv(marks((Student("s001", "Anne-Marie @home +1"),)))).name[0] == "Anne-Marie @home +1"


@pytest.mark.parametrize(
    ("score", "text"), [(0, "0"), (8.0, "8"), (24.3, "24.3"), (0.07, "0.07"), (100, "100")]
)
@pytest.mark.parametrize("export", [to_csv, to_canvas, to_moodle])
def test_a_score_is_a_bare_number(export, score, text):
    changed = Mark("s001", STEM, 27, Status.GRADED, score, score)
    assert re.search(
        rf"(^|,){re.escape(text)}(,|\r\n)", export(marks((ANNE,), s001=changed)).content.decode()
    )


def test_a_score_without_points_by_hand_is_exported_when_asked_for():
    assert table(to_csv(marks())).score[2] == ""
    assert table(to_csv(marks(partial=True))).score[2] == "12.5"


def test_what_is_not_in_the_file_is_said():
    late = Mark("s002", STEM, 27, Status.GRADED, 8, 8, outdated=True)
    lost = Mark("s005", STEM, 27, Status.UNGRADABLE, reason="empty")
    assert to_csv(marks(s002=late, s005=lost)).warnings == (
        "02-pricing: left empty, for some questions are still to be marked by hand: 1 (s003)",
        "02-pricing: left empty, for the submission could not be graded: 1 (s005)",
        "02-pricing: graded against an older release; run crmkit autograde: 1 (s002)",
    )


# A workbook


@pytest.fixture
def workbook() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(to_xlsx(both_assignments()).content))


def test_the_workbook_has_a_column_for_each_assignment(workbook):
    sheet = [[cell.value for cell in row] for row in workbook["Marks"]]
    assert sheet[:3] == [
        ["student_id", "name", "section", "02-pricing", "03-7p"],
        ["points", None, None, 27, 10],
        ["s001", "Anne Li", "Monday", 24.3, 0.5],
    ]
    assert [row[3] for row in sheet[2:]] == list(SCORES.values())


def test_nothing_in_the_workbook_is_a_formula_or_a_link(workbook):
    cells = [cell for sheet in workbook for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert workbook["Marks"]["B6"].value == "=HYPERLINK(1)"


def test_ids_of_digits_stay_text_in_the_workbook():
    found = openpyxl.load_workbook(
        io.BytesIO(to_xlsx(marks((Student("0012345678901234567", "http://x"),))).content)
    )
    assert [cell.value for cell in found["Marks"]["A"]][2:] == ["0012345678901234567"]
    assert found["Marks"]["B3"].value == "http://x"
    assert found["Marks"]["B3"].hyperlink is None


def test_the_workbooks_details_are_the_table():
    found = pd.read_excel(
        io.BytesIO(to_xlsx(marks()).content), sheet_name="Details", dtype=str, keep_default_na=False
    )
    expected = table(to_csv(marks()))
    expected.loc[3, "name"] = "=HYPERLINK(1)"
    pd.testing.assert_frame_equal(found, expected)


# Canvas. Its importer wants "Student" in column 0, "ID" in column 1, and "Section" in the last column about
# the student; a line with "Points Possible" in column 0 holds no marks.


def test_a_canvas_file_has_canvass_columns():
    heading, points, *students = rows(to_canvas(both_assignments()))
    assert heading == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "Pricing lab",
        'The "7P", applied',
    ]
    assert points == ["    Points Possible", "", "", "", "", "27", "10"]
    assert students[0] == ["Anne Li", "101", "s001", "anne.li", "Monday", "24.3", "0.5"]
    assert [row[5] for row in students] == ["24.3", "8", "", "EX", ""]


def test_a_canvas_file_goes_through_pandas():
    found = table(to_canvas(marks()), skiprows=[1])
    assert dict(zip(found["SIS User ID"], found["Pricing lab"], strict=True)) == {
        "s001": "24.3", "s002": "8", "s003": "", "s004": "EX", "s005": "",
    }  # fmt: skip


CANVAS_EXPORT = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,Pricing lab (555),Quiz (556),Current Score\r\n"
    ",,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,,27.00,5.00,(read only)\r\n"
    '"Li, Anne",101,,,"Monday, ""A""",=note,1.00,4.50,80.00\r\n'
    '"Wang, Bo",,s002,bo.wang,Monday,,,,\r\n'
    '"Chen, Kit",,,KIT.CHEN,Tuesday,,3.00,,\r\n'
    "=Dana,104,s004,dana,Monday,,,,\r\n"
    '"Guest, A",777,x77,guest,Monday,,N/A,,\r\n'
    '"Student, Test",778,,a1b2c3,Monday,,,,\r\n'
)


def test_a_file_from_canvas_is_filled_in_and_nothing_else_is_changed():
    filled = into_canvas(CANVAS_EXPORT.encode(), marks())
    before, after = list(csv.reader(io.StringIO(CANVAS_EXPORT, newline=""))), rows(filled)
    assert [row[6] for row in after] == [
        *("Pricing lab (555)", "Manual Posting", "27.00"),
        *("24.3", "8", "3.00", "EX", "N/A", ""),  # who has no mark yet keeps what is there
    ]
    for row in (*before, *after):
        del row[6]
    before[6][0] = "'=Dana"
    assert after == before
    assert filled.warnings == (
        "in the file, but not on the roster; left as they are: 2 (Guest, A, Student, Test)",
        "02-pricing: left empty, for some questions are still to be marked by hand: 1 (s003)",
    )


def test_a_filled_in_file_filled_in_again_is_the_same():
    once = into_canvas(CANVAS_EXPORT.encode(), marks(CLASS[:3])).content
    assert into_canvas(once, marks(CLASS[:3])).content == once


def test_delimiter_mark_and_line_ends_stay_as_canvas_wrote_them():
    exported = CANVAS_EXPORT.replace('"Monday, ""A"""', "Monday").replace("\r\n", "\n")
    semicolons = "\n".join(
        ";".join(row) for row in csv.reader(io.StringIO(exported, newline=""))
    ).encode("utf-8-sig") + b"\n"  # fmt: skip
    filled = into_canvas(semicolons, marks())
    assert filled.content.startswith(b"\xef\xbb\xbfStudent;ID;")
    assert b"\r" not in filled.content
    assert rows(filled, ";")[3][6] == "24.3"


def test_canvass_last_and_first_names_are_two_columns():
    exported = "LastName,FirstName,ID,SIS Login ID,Section,Pricing lab (1)\nLi,Anne,,,M,\n+Wang,Bo,102,,M,\n"
    assert [row[-1] for row in rows(into_canvas(exported.encode(), marks()))[1:]] == ["24.3", "8"]
    assert rows(into_canvas(exported.encode(), marks()))[2][0] == "'+Wang"


def test_who_is_marked_but_not_in_the_file_is_said():
    exported = "Student,ID,Section,Pricing lab (1)\nAnne,101,M,\n"
    assert "marked, but not in the file: 1 (s002)" in into_canvas(exported.encode(), marks()).warnings


def test_a_mark_for_who_was_not_assigned_it_is_said_and_not_written():
    exported = "Student,ID,Section,Pricing lab (1)\nAnne,101,M,N/A\n"
    filled = into_canvas(exported.encode(), marks((ANNE,)))
    assert rows(filled)[1][3] == "N/A"
    assert filled.warnings == ("marked, but not assigned in the file; left as they are: 1 (s001)",)


def test_marks_are_converted_to_canvass_points_only_when_asked():
    exported = b"Student,ID,Section,Pricing lab (1)\n    Points Possible,,,100\nAnne,101,M,\n"
    with pytest.raises(
        GradebookError, match="Canvas has 100 points for 02-pricing, the gradebook 27; change it there"
    ):
        into_canvas(exported, marks())
    # 24.3 / 27 = 0.9
    assert rows(into_canvas(exported, marks(), scale=True))[2][3] == "90"


@pytest.mark.parametrize("column", ["Lab no. 2 (5)", "Lab no. 2"])
def test_the_column_can_be_named_as_it_is_in_canvas(column):
    exported = b"Student,ID,Section,Lab no. 2 (5),Quiz (6)\nAnne,101,M,,\n"
    assert rows(into_canvas(exported, marks(), column=column))[1] == ["Anne", "101", "M", "24.3", ""]


@pytest.mark.parametrize(
    ("exported", "message"),
    [
        (b"", "no students in it, so is not a gradebook exported from Canvas"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b'Student,ID,Section,Pricing lab (1)\n"Anne,101,M,\n', "the file is not CSV"),
        (b"Identifier,Grade\nParticipant 1,2\n", "begins with Student,ID,…, not with 'Identifier,Grade'"),
        (
            b"Student,ID,Section,Quiz (6)\nAnne,101,M,\n",
            "no column .* called 'Pricing lab'; --column takes one of: 'Quiz",
        ),
        (b"Student,ID,Section,Pricing lab (1),02-pricing (2)\nA,1,M,,\n", "more than one column"),
        (b"Student,ID,Section,Pricing lab (1)\nAnne,101\n", "line 2 has not as many columns as the heading"),
        (
            b"Student,ID,Section,Pricing lab (1)\nA,101,M,\nB,101,M,\n",
            "lines 2 and 3 of the file are both s001",
        ),
        (
            b"Student,ID,SIS Login ID,Section,Pricing lab (1)\nA,101,bo.wang,M,\n",
            "line 2 of the file can be s001 or s002",
        ),
        (
            b"Student,ID,Section,Pricing lab (1)\n Points Possible,,,(read only)\nA,101,M,\n",
            "does not let the column",
        ),
    ],
)
def test_a_file_that_is_not_canvass_is_refused_in_one_line(exported, message):
    with pytest.raises(GradebookError, match=message) as refused:
        into_canvas(exported, marks())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("title", ["Final Grade forecast", "Current Score", "Section", "=SUM(1)"])
def test_a_title_that_canvas_would_not_take_is_refused(title):
    with pytest.raises(GradebookError, match=r"title|called"):
        to_canvas(Marks((ANNE,), (Assignment(STEM, title, 27),), {STEM: MARKS}))


@pytest.mark.parametrize(
    ("student", "export", "message"),
    [
        (
            Student("s001", "A", canvas_id="12a"),
            to_canvas,
            "s001, canvas_id: Canvas's ids are numbers, not '12a'",
        ),
        (
            Student("s001", "A", canvas_id="-12"),
            to_canvas,
            "s001, canvas_id: Canvas's ids are numbers, not '-12'",
        ),
        (Student("s001", "A", login="=1"), to_canvas, "s001, login: '=1' would be a formula"),
        (Student("s001", "A", login="@a"), to_moodle, "s001, login: '@a' would be a formula"),
        (Student("s001", "A", email="+a@b.cn"), to_moodle, "s001, email: '\\+a@b.cn' would be a formula"),
    ],
)
def test_an_id_that_would_have_to_be_altered_is_refused(student, export, message):
    with pytest.raises(GradebookError, match=message):
        export(marks((student,)))


# Moodle


def test_a_moodle_file_has_what_moodle_finds_students_by_and_goes_through_pandas():
    found = table(to_moodle(both_assignments()))
    assert list(found) == [
        "ID number",
        "Username",
        "Email address",
        "Full name",
        "Pricing lab",
        'The "7P", applied',
    ]
    assert list(found.iloc[0]) == ["s001", "anne.li", "anne@hailang.edu", "Anne Li", "24.3", "0.5"]
    assert list(found["Pricing lab"]) == ["24.3", "8", "", "", ""]


WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Online text,Last modified (grade),Feedback comments\r\n"
    "Participant 9001,Anne Li,anne@hailang.edu,Submitted for grading,,27.00,Yes,"
    '"Tuesday, 31 March 2026, 9:00 PM","=my, text",-,\r\n'
    "Participant 1234,Bo Wang,BO@hailang.edu,Submitted for grading,5.00,27.00,Yes,-,,-,old\r\n"
    "Participant 9003,Kit Chen,,No submission,,27.00,Yes,-,,-,\r\n"
    "Participant 77,=Guest,guest@x.cn,No submission,,27.00,Yes,-,,-,\r\n"
)


def test_a_worksheet_from_moodle_is_filled_in_and_nothing_else_is_changed():
    filled = into_moodle(WORKSHEET.encode(), marks())
    before, after = list(csv.reader(io.StringIO(WORKSHEET, newline=""))), rows(filled)
    assert [row[4] for row in after] == ["Grade", "24.3", "8", "", ""]
    for row in (*before, *after):
        del row[4]
    before[4][1] = "'=Guest"
    assert after == before
    assert filled.warnings[0] == "in the file, but not on the roster; left as they are: 1 (Participant 77)"


def test_a_worksheet_goes_through_pandas():
    found = table(into_moodle(WORKSHEET.encode(), marks()))
    assert dict(zip(found["Identifier"], found["Grade"], strict=True))["Participant 9001"] == "24.3"


def test_a_worksheet_without_names_is_matched_by_participant():
    blind = "Identifier,Status,Grade,Last modified (grade)\nParticipant 9002,Submitted,-,-\n"
    assert rows(into_moodle(blind.encode(), marks()))[1] == ["Participant 9002", "Submitted", "8", "-"]


def test_a_worksheet_in_another_language_is_filled_in_where_one_says():
    german = "Kennung,Vollständiger Name,Status,Bewertung\nTeilnehmer/in9001,Anne Li,x,\n".encode()
    with pytest.raises(GradebookError, match=r"no column 'Grade'; --column takes one of: .*'Bewertung'"):
        into_moodle(german, marks())
    assert rows(into_moodle(german, marks(), column="Bewertung"))[1][3] == "24.3"


def test_a_participants_number_of_another_assignment_gives_nobody_someone_elses_mark():
    # In this worksheet, 9001 is Bo, who was 9002 when the roster was made.
    stale = "Identifier,Full name,Status,Grade\nParticipant 9001,波王,x,\n".encode()
    with pytest.raises(
        GradebookError, match="Participant 9001 is s001 by moodle_id, and s002 by name; Moodle numbers"
    ):
        into_moodle(stale, marks())
    with_email = (
        b"Identifier,Full name,Email address,Status,Grade\nParticipant 9001,Bo Wang,bo@hailang.edu,x,\n"
    )
    assert rows(into_moodle(with_email, marks()))[1][4] == "8"


def test_marks_are_converted_to_moodles_points_only_when_asked():
    of_100 = WORKSHEET.replace("27.00", "100,00".join('""')).encode()
    with pytest.raises(GradebookError, match="Moodle has 100 points for 02-pricing, the gradebook 27"):
        into_moodle(of_100, marks())
    assert rows(into_moodle(of_100, marks(), scale=True))[1][4] == "90"


@pytest.mark.parametrize(
    ("downloaded", "message"),
    [
        (CANVAS_EXPORT.encode(), "no column 'Grade'"),
        (b"Name,Grade\nAnne,\n", "has Participant and a number in its first column"),
        (b"Grade,Identifier\n1,Participant 9001\n", "no column 'Grade'"),
    ],
)
def test_a_file_that_is_not_moodles_is_refused_in_one_line(downloaded, message):
    with pytest.raises(GradebookError, match=message) as refused:
        into_moodle(downloaded, marks())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("fill", [into_canvas, into_moodle])
def test_one_assignment_at_a_time_goes_into_a_file(fill):
    with pytest.raises(GradebookError, match="one assignment at a time"):
        fill((CANVAS_EXPORT if fill is into_canvas else WORKSHEET).encode(), both_assignments())


# The commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class folder whose gradebook has one attempt of Anne's, with a question to be marked by hand."""
    graded = {"outcome": "CORRECT", "said": [], "mistake": ""}
    memo = {"question": "pricing-memo", "code": "=Do not cut.", "text": "", "error": "", "figures": []}
    with Gradebook(tmp_path / "gradebook.db") as book:
        book.enrol([ANNE, BO])
        book.add_assignment(STEM, "Pricing lab", 27)
        book.add_release(STEM, "ab" * 8)
        book.record(
            {
                **dict.fromkeys(("seconds", "cpu", "peak_mb")),
                **{"student": "s001", "assignment": STEM, "content": "c" * 64, "release": "ab" * 8},
                **{"submitted": "2026-04-01T10:00:00+08:00", "graded": "2026-04-02T10:00:00+08:00"},
                **{"status": "graded", "reason": "", "transcript": [memo]},
                "items": [
                    {"question": "pricing-q1", "points": 23, "earned": 23, **graded},
                    {"question": "pricing-memo", "points": 4, "earned": None, **graded},
                ],
            }
        )
    return tmp_path


def run(command: click.Command, folder: Path, *arguments: str, fails: bool = False) -> str:
    done = CliRunner().invoke(command, [*arguments, "--class", str(folder)])
    assert (done.exit_code != 0) is fails, done.output
    return done.output


def test_a_question_is_marked_by_hand_and_the_mark_exported(folder):
    assert "left empty, for some questions are still to be marked by hand: 1 (s001)" in run(
        cli.export, folder
    )
    said = run(
        cli.override, folder, "s001", STEM, "pricing-memo", "--points", "3.5", "--why", "clear", "--who", "Li"
    )
    assert said == "s001, 02-pricing: graded, 26.5 of 27 points\n"
    out = folder / "exports" / "csv.csv"
    assert run(cli.export, folder) == f"Written: {out}\n"
    assert table(Export(out.read_bytes())).score[0] == "26.5"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in out.parent.iterdir()] == ["csv.csv"]


def test_a_class_is_marked_by_hand_with_a_table(folder):
    memos = folder / "memos.csv"
    memos.write_text(
        "name,student_id,assignment,question,points,why\n"
        f"Anne,s001,{STEM},pricing-memo,3.5,clear\n"
        f"Bo,s002,{STEM},,,\n"
    )
    assert (
        run(cli.override, folder, "--from", str(memos), "--who", "Li") == "1 override added to the record\n"
    )
    assert (
        run(cli.override, folder, "--from", str(memos), "--who", "Li") == "0 overrides added to the record\n"
    )
    assert "pricing-memo – → 3.5  Li: clear" in run(cli.override, folder)


def test_the_answers_that_wait_are_written_down_to_be_marked(folder):
    memos = folder / "memos.csv"
    said = run(cli.override, folder, "--waiting", str(memos))
    waiting = pd.read_csv(memos, dtype=str)
    assert said.startswith(f"{memos}: {len(waiting)} answer")
    assert set(waiting.question) == {"pricing-memo"}
    assert waiting.points.isna().all()
    assert list(waiting.answer) == ["'=Do not cut."], "a formula is neutral"
    waiting.points = waiting.of
    waiting.to_csv(memos, index=False)
    with pytest.raises(AssertionError, match="perhaps with points in it"):
        run(cli.override, folder, "--waiting", str(memos))
    assert run(cli.override, folder, "--from", str(memos)).startswith(f"{len(waiting)} override")
    assert "no answer waits" in run(cli.override, folder, "--waiting", str(memos))


def test_the_record_of_decisions_is_listed(folder):
    run(cli.override, folder, "s001", STEM, "pricing-memo", "--points", "3", "--why", "clear", "--who", "Li")
    run(cli.override, folder, "s001", STEM, "--penalty", "0", "--why", "was ill", "--who", "Wang")
    run(cli.override, folder, "s001", STEM, "--excuse", "--why", "moved away", "--who", "Wang")
    run(cli.override, folder, "s001", STEM, "--withdraw", "excuse", "--why", "came back", "--who", "Wang")
    lines = [line.split("  ", 3)[1:] for line in run(cli.override, folder, "s001").splitlines()]
    assert lines == [
        ["s001", STEM, "pricing-memo – → 3  Li: clear"],
        ["s001", STEM, "penalty 0 → 0  Wang: was ill"],
        ["s001", STEM, "excused 0 → 1  Wang: moved away"],
        ["s001", STEM, "excused 1 → 0  Wang: came back"],
    ]


def test_a_due_time_takes_points_off_what_was_graded_before(folder):
    run(cli.override, folder, "s001", STEM, "pricing-memo", "--points", "4", "--why", "clear")
    time = ["2026-03-31 23:59", "--zone", "Asia/Shanghai"]
    assert run(cli.due, folder, STEM, *time, "--per-day", "10") == f"{STEM}: due 2026-03-31T23:59:00+08:00\n"
    run(cli.export, folder, "--to", "canvas", STEM)
    assert rows(Export((folder / "exports" / "canvas-02-pricing.csv").read_bytes()))[2][5] == "24.3"
    assert run(cli.due, folder, STEM) == f"{STEM}: never late\n"


@pytest.mark.parametrize(("form", "name"), [("canvas", "Pricing lab (5)"), ("moodle", "Grade")])
def test_a_downloaded_file_is_filled_in_and_itself_left_alone(folder, form, name):
    run(cli.override, folder, "s001", STEM, "--points", "20", "--why", "oral")
    first = "Student,ID,Section" if form == "canvas" else "Identifier,Full name,Status"
    theirs = folder / "theirs.csv"
    theirs.write_text(
        f"{first},{name}\n{'Anne,101' if form == 'canvas' else 'Participant 9001,Anne Li'},M,\n"
    )
    before = theirs.read_bytes()
    run(cli.export, folder, "--to", form, "--into", str(theirs), "--out", str(folder / "ours.csv"))
    assert rows(Export((folder / "ours.csv").read_bytes()))[1][3] == "20"
    assert theirs.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("export", ["09-x"], "the gradebook has no assignment '09-x'; it has 02-pricing"),
        ("export", ["--to", "xlsx", "--into", __file__], "--into is for --to canvas and --to moodle"),
        ("export", ["--scale"], "--column and --scale are for a file to fill in"),
        ("export", ["--to", "canvas", "--into", __file__], "the file is not CSV"),
        ("export", ["--db", "/nowhere/gradebook.db"], "there is no gradebook /nowhere/gradebook.db"),
        ("override", ["s009", STEM, "--points", "1", "--why", "x"], "'s009' is not on the roster"),
        (
            "override",
            ["s001", STEM, "--points", "nan", "--why", "x"],
            "points must be a number, 0 or more, not nan",
        ),
        (
            "override",
            ["s001", STEM, "--points", "28", "--why", "x"],
            "28 points is more than the 27 there are",
        ),
        ("override", ["s001", STEM, "--points", "1"], "one of the decisions, and --why"),
        ("override", ["s001", "--points", "1", "--why", "x"], "name the student and the assignment"),
        ("override", ["s001", STEM, "--points", "1", "--excuse", "--why", "x"], "one of the decisions"),
        (
            "override",
            ["s001", STEM, "pricing-q1", "--excuse", "--why", "x"],
            "only points are given for a question",
        ),
        ("override", ["--from", __file__], "so not a table of points"),
        ("due", [STEM, "2026-03-31 23:59"], "names no time zone"),
        ("due", [STEM, "soon", "--zone", "Asia/Shanghai"], "'soon' is not a date and time"),
        ("due", [STEM, "--per-day", "110"], "0 to 100 per cent, not 110"),
        ("due", ["09-x"], "no assignment '09-x'; it has 02-pricing"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(folder, command, arguments, message):
    said = run(getattr(cli, command), folder, *arguments, fails=True)
    assert message in said
    assert said.startswith("crmkit: ")
    assert said.count("\n") == 1
