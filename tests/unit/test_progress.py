"""`progress`: what is done and what is left, whatever state the record is in."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from crmkit import check, hint, progress
from crmkit.exercise import record
from crmkit.exercise.key import Entry

pytestmark = pytest.mark.usefixtures("questions")


@pytest.fixture
def questions(declare: Callable[..., Entry], no_keys: Path) -> None:
    """Three questions on `demo` and one on `other`."""
    declare(1, {"Two.": 2}, name="demo-q1", points=1, minutes=4)
    declare(1, {"Two.": 2}, name="demo-q2", points=3, minutes=6)
    declare(1, {"Two.": 2}, name="demo-q3", points=2, minutes=10)
    declare(1, {"Two.": 2}, name="other-q1", points=5, minutes=20)


def work() -> None:
    check("demo-q1", 2)
    check("demo-q1", 1)
    check("demo-q2", 2)
    hint("demo-q2")
    check("demo-q3", ...)


def test_the_table_shows_each_question_and_what_is_left(student: Path):
    work()
    assert repr(progress("demo")).splitlines() == [
        "✔✘○  1 of 3 questions · 1 of 6 points · about 16 minutes left",
        "",
        "question  state    points  checks  hints  minutes left",
        "demo-q1   ✔ done   1 of 1  2       0      0",
        "demo-q2   ✘ tried  0 of 3  1       1      6",
        "demo-q3   ○ open   0 of 2  0       0      10",
    ]


def test_all_topics_are_shown_unless_one_is_named(student: Path):
    work()
    assert (progress().earned, progress().points) == (1, 11)
    assert [row.question for row in progress("other").rows] == ["other-q1"]


def test_what_was_once_correct_stays_done(student: Path):
    check("demo-q1", 1)
    check("demo-q1", 2)
    assert progress("demo").rows[0].state == "✔ done"


def test_the_picture_is_as_wide_as_the_points_and_says_what_it_shows(student: Path):
    work()
    shown = progress("demo")
    html = shown._repr_html_()
    picture = ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + len("</svg>")])
    assert picture.get("aria-label") == shown.summary
    widths = [int(box.get("width", "")) for box in picture.iter("rect")]
    assert widths == [12, 40, 26]
    assert [title.text for title in picture.iter("title")] == [
        "demo-q1: ✔ done",
        "demo-q2: ✘ tried",
        "demo-q3: ○ open",
    ]
    assert "<td>1 of 1</td>" in html


def test_the_html_is_well_formed_and_the_text_the_same_every_time(student: Path):
    work()
    ElementTree.fromstring(f"<div>{progress()._repr_html_()}</div>")
    assert repr(progress()) == repr(progress())


def test_a_deleted_record_is_said_and_the_questions_stay(student: Path):
    work()
    student.unlink()
    shown = progress("demo")
    assert (shown.earned, len(shown.rows)) == (0, 3)
    assert shown.notes[0].startswith(f"There is no record yet in {student}")
    assert shown.notes[0] in repr(shown)
    assert "your notebooks are not touched" in shown._repr_html_()


def test_damaged_lines_are_said_and_cost_nothing_else(student: Path):
    work()
    with student.open("ab") as file:
        file.write(b'\x00\xff\xfe\n{"question": "demo-q3", "ki\n[1]\n{"question": [], "kind": {}}\n')
    check("demo-q3", 1)
    shown = progress("demo")
    assert shown.earned == 3
    assert shown.notes[0].startswith(f"4 of the lines in {student} could not be read and were passed over")


def test_lines_of_another_shape_are_no_reason_to_fail(student: Path):
    student.write_text('{"question": "demo-q1", "kind": "check", "outcome": ["CORRECT"], "earned": "lots"}\n')
    assert progress("demo").rows[0].state == "✘ tried"


def test_a_record_that_cannot_be_read_is_said(student: Path):
    student.mkdir()
    shown = progress("demo")
    assert shown.earned == 0
    assert shown.notes == (
        f"The record was passed over: {student} cannot be read (Is a directory). "
        "Your notebooks are not touched.",
    )


def test_where_no_record_is_kept_that_is_said(student: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(record.VARIABLE, "off")
    assert progress("demo").notes == (
        "No record is kept here: notebooks are being run by a test or by a grader.",
    )


def test_an_unknown_topic_lists_what_there_is(student: Path):
    assert progress("dmo").notes[0] == "There is no topic 'dmo'; there are demo, other."
    assert repr(progress("dmo"))
    ElementTree.fromstring(f"<div>{progress('dmo')._repr_html_()}</div>")


def test_a_topic_may_hold_markup(student: Path):
    assert "<b>" not in progress("<b>")._repr_html_()
