"""The roster and the class folder: who is meant by a name, and which names may become folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmkit.grading.layout import ClassFolder, Submission, is_student_id, moment
from crmkit.grading.roster import Roster, RosterError, Student, name_key, read

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """A function that saves a text as roster.csv."""

    def saved(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return saved


def ids(found: dict[Student, str]) -> set[str]:
    return {student.student_id for student in found}


def test_each_column_is_kept_whatever_the_order_and_others_are_passed_over(save: Save):
    path = save(
        "Name, STUDENT_ID ,late_days,grade,section,login,moodle_id,canvas_id,email\n"
        '"Zhang, Wei",s1,3,A,B,zw,7,8,z@x.cn\n\nWang Fang,s2\n'
    )
    assert read(path).students == (
        Student("s1", "Zhang, Wei", "z@x.cn", "8", "7", "zw", "B", 3),
        Student("s2", "Wang Fang"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_spreadsheet_saves_is_read(save: Save, encoding: str, delimiter: str):
    path = save(f"student_id{delimiter}name\r\n２０２１００１{delimiter}李小龙\r\n", encoding)
    assert read(path).students == (Student("2021001", "李小龙"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column student_id and no column name; the first line is student_id,name[,email,"),
        ("id,name\n", "no column student_id; the first line is student_id,name[,email,"),
        ("student_id,name,name\n", "the column name is there twice"),
        ("student_id,name\n\n", "there is no student in it"),
        ("student_id,name\n../s1,A\n", "line 2: '../s1' cannot be a student id; use letters"),
        ("student_id,name\n=1+1,A\n", "line 2: '=1+1' cannot be a student id"),
        ("student_id,name\n2.02E+11,A\n", "format the column as text if a spreadsheet shortened it"),
        ("student_id,name\nCON,A\n", "line 2: 'CON' cannot be a student id"),
        ("student_id,name\nlpt1.x,A\n", "line 2: 'lpt1.x' cannot be a student id"),
        ("student_id,name\ns1.,A\n", "line 2: 's1.' cannot be a student id"),
        ("student_id,name\n,A\n", "line 2: '' cannot be a student id"),
        (f"student_id,name\n{'s' * 65},A\n", "cannot be a student id"),
        ("student_id,name\ns1,A\ns2,B\nS1,C\n", "line 4: student_id 'S1' is also in line 2"),
        ("student_id,name,canvas_id\ns1,A,7\ns2,B,7\n", "line 3: canvas_id '7' is also in line 2"),
        ("student_id,name,email\ns1,A,a@x\ns2,B,A@X\n", "line 3: email 'A@X' is also in line 2"),
        ("student_id,name,late_days\ns1,A,two\n", "line 2: late_days is 'two'; give a whole number of days"),
        ("student_id,name,late_days\ns1,A,-1\n", "line 2: late_days is '-1'; give a whole number of days"),
        (f"student_id,name\ns1,{'A' * 200_000}\n", "not a CSV file that can be read"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why_and_where(save: Save, text: str, message: str):
    with pytest.raises(RosterError) as error:
        read(save(text))
    assert str(error.value).startswith("roster.csv")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04", "this is a spreadsheet or a zip; save the table as CSV"),
        (b"student_id,name\n\xff\xff\xff\xff", "not text in UTF-8 or GB 18030; save the table as CSV UTF-8"),
        (b"a" * 10_000_001, "more than 10 MB; is this the roster?"),
    ],
)
def test_a_file_that_is_no_roster_is_said(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(RosterError) as error:
        read(path)
    assert str(error.value) == f"roster.csv: {message}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien, Seán", "o’brien seán"),
        ("ＺＨＡＮＧ Wei", "zhangwei"),
        ("阿卜杜拉·买买提", "阿卜杜拉买买提"),
        ("Straße", "STRASSE"),
        ("José", "Jose\u0301"),
        ("李\u200b小龙", "李小龙"),
    ],
)
def test_names_are_compared_without_case_punctuation_and_width(one: str, other: str):
    assert name_key(one) == name_key(other)


def test_a_name_is_found_in_any_turn_of_its_words_and_in_no_other_order():
    roster = Roster((Student("s1", "María del Carmen García"),))
    for name in ("garcíamaríadelcarmen", "García, María del Carmen", "MARÍA DEL CARMEN GARCÍA"):
        assert ids(roster.named(name)) == {"s1"}
    for name in ("García", "Carmen del María García", "Maria del Carmen Garcia", ""):
        assert ids(roster.named(name)) == set()


def test_two_names_that_read_the_same_mean_both():
    roster = Roster((Student("s1", "Zhang Wei"), Student("s2", "Wei Zhang"), Student("s3", "Zhangwei")))
    assert ids(roster.named("zhangwei")) == {"s1", "s2", "s3"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hw_Zhang-Wei_2", {"s1"}),
        ("Zhang Wei Min", {"s2"}),  # the longer name, not the shorter within
        ("zhang wei, zhang wei min", {"s1", "s2"}),
        ("2021001李小龙", {"2021001"}),
        ("12021001", set()),
        ("s12.3", {"s12.3"}),
        ("as12.3", set()),
        ("wei", set()),  # a login of letters only
        ("li_xiaolong@x.cn 2", {"2021001"}),
        ("s1", set()),  # too short to tell
    ],
)
def test_an_id_or_full_name_is_found_in_a_text(text: str, meant: set[str]):
    roster = Roster(
        (
            Student("s1", "Zhang Wei", login="wei"),
            Student("s2", "Zhang Wei Min"),
            Student("s12.3", "Nobody Else"),
            Student("2021001", "李小龙", email="li_xiaolong@x.cn"),
        )
    )
    assert ids(roster.in_text(text)) == meant


def test_one_students_login_that_is_anothers_id_means_both():
    roster = Roster((Student("1001", "A B"), Student("s2", "C D", login="1001")))
    assert ids(roster.with_id("1001")) == {"1001", "s2"}


def test_a_number_that_is_not_known_is_nobodys():
    roster = Roster((Student("s1", "A"), Student("s2", "B", canvas_id="7")))
    assert roster.with_number("canvas_id", "7") == roster.students[1]
    assert roster.with_number("moodle_id", "7") is None
    assert roster.with_number("canvas_id", "") is None


# The class folder.


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "a\\b", "a b", "-a", "a\n", "学生", "nul", "COM9.txt", "a."]
)
def test_a_name_that_could_lead_elsewhere_is_no_student_id_and_no_path(tmp_path: Path, name: str):
    assert not is_student_id(name)
    with pytest.raises(ValueError, match="cannot be a student id"):
        ClassFolder(tmp_path).assignment(name, "02-pricing")
    with pytest.raises(ValueError, match="cannot be an assignment's stem"):
        ClassFolder(tmp_path).notebook("s001", name)


def test_submissions_are_listed_by_student_and_links_and_drafts_are_not(tmp_path: Path):
    place = ClassFolder(tmp_path)
    for student, stem in (
        ("s2", "02-pricing"),
        ("s1", "03-7p"),
        ("s1", "02-pricing"),
        ("s1", ".02-pricing.new"),
    ):
        folder = place.submitted / student / stem
        folder.mkdir(parents=True)
        (folder / f"{stem}.ipynb").touch()
    (place.submitted / "s1" / "04-4c").mkdir()
    (place.submitted / "s3").symlink_to(place.submitted / "s1")
    place.timestamp("s2", "02-pricing").write_text("2026-03-01T09:30:00+08:00\n")
    handed_in = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert list(place.submissions()) == [
        Submission("s1", "02-pricing", place.notebook("s1", "02-pricing"), None),
        Submission("s1", "03-7p", place.notebook("s1", "03-7p"), None),
        Submission("s2", "02-pricing", place.notebook("s2", "02-pricing"), handed_in),
    ]
    assert [one.student for one in place.submissions("03-7p")] == ["s1"]
    assert list(ClassFolder(tmp_path / "none").submissions()) == []


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-01 09:30:00.000000 UTC\n", 9),
        ("2026-03-01 09:30:00", 9),  # nbgrader: a time without a zone is UTC
        ("2026-03-01T09:30:00Z", 9),
        ("2026-03-01T09:30:00+08:00", 1),
        ("2026-03-01 09:30:00 +0800", 1),
        ("2026-03-01 09:30:00.5 +08", 1),
        ("2026-03-01 09:30:00 -0200", 11),
        ("2026-03-01 09:30:00 Asia/Shanghai", 1),
    ],
)
def test_nbgraders_times_and_iso_times_are_read(text: str, hour: int):
    read_time = moment(text)
    assert read_time is not None
    assert read_time.replace(microsecond=0) == datetime(2026, 3, 1, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-01 09:30:00 XYZ",
        "2026-03-01 09:30:00 ../UTC",
        "2026-13-01 09:30:00 UTC",
        "2026-03-01 09:30:00 +9900",
        "0001-01-01 00:00:00 +08",
        "9999-12-31 23:00:00 -08",
    ],
)
def test_a_time_that_cannot_be_read_is_not_guessed(text: str):
    assert moment(text) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed here")
def test_a_zone_named_as_this_machines_own_is_its_own():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "CST-8")
        time.tzset()
        read_time = moment("2026-03-01 09:30:00 CST")
        assert read_time is not None
        assert read_time.utcoffset() == timedelta(hours=8)
    time.tzset()
