"""Collecting: each platform's names, whom they mean, which file is the newest; nothing hostile gets in."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crmkit.grading import cli, source
from crmkit.grading.collect import Collected, Fate, Row, collect
from crmkit.grading.layout import ClassFolder
from crmkit.grading.source import Caps

ROSTER = """student_id,name,email,canvas_id,moodle_id,login
s001,Zhang Wei,zw@dairy.example,111,,zhangw
s002,"Wang, Fang",wf@dairy.example,222,,fangw
s003,李小龙,lxl@dairy.example,333,,
s004,Li Na,,,,
s005,Li Na,,555,,
2021006,欧阳·娜娜,,,,
"""
MONDAY = (2026, 3, 2, 9, 30, 0)
FRIDAY = (2026, 3, 6, 9, 30, 0)


def notebook(topic: str = "pricing", says: str = "") -> bytes:
    """A notebook that is one topic's by its cells: all exercises have a cell `q1`, one has `pricing-q1`."""
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": says},
        {"cell_type": "code", "id": "q1", "source": "", "metadata": {"crmkit": {"question": f"{topic}-q1"}}},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(
    path: Path, files: Iterable[tuple[str | zipfile.ZipInfo, bytes]], at: tuple[int, ...] = MONDAY
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, at)  # type: ignore[arg-type]
            archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED)
    return path


def folder(path: Path, files: dict[str, bytes], at: float | None = None) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
        if at is not None:
            os.utime(path / name, (at, at))
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with two exercises and a class folder with a roster."""
    root = tmp_path / "course"
    folder(
        root / "exercises",
        {"02-pricing.ipynb": notebook("pricing"), "03-7p.ipynb": notebook("services"), "notes.txt": b""},
    )
    folder(root / "class", {"roster.csv": ROSTER.encode()})
    return root


Take = Callable[..., Collected]


@pytest.fixture
def take(course: Path) -> Take:
    """A function that collects a source into the class of the course."""

    def collected(path: Path, stem: str | None = None, **options: Any) -> Collected:
        return collect(path, course / "class", course / "class" / "roster.csv", stem, **options)

    return collected


def written(course: Path) -> dict[str, bytes]:
    """What is in the class folder besides the roster, and that nothing but files and folders is."""
    found = {}
    for path in (course / "class").rglob("*"):
        assert not path.is_symlink()
        if path.is_file() and path.name != "roster.csv":
            found[path.relative_to(course / "class").as_posix()] = path.read_bytes()
    return found


def only(collected: Collected) -> Row:
    (row,) = collected.rows
    return row


def by_path(collected: Collected) -> dict[str, Row]:
    return {row.path: row for row in collected.rows}


PLACE = "submitted/s001/02-pricing/02-pricing.ipynb"


# What a platform's download looks like.


def test_a_canvas_download_is_matched_by_number_and_name(take: Take, course: Path, tmp_path: Path):
    # Named as canvas-lms' lib/content_zipper.rb names them: sortable name in lower case, non-word characters
    # removed, then LATE, user, attachment and the file's own name.
    files = [
        ("zhangwei_111_9001_02-pricing.ipynb", notebook(says="one")),
        ("fangwang_LATE_222_9002_02-pricing-1.ipynb", notebook(says="two")),
        ("李小龙_333_9003_我的作业.ipynb", notebook(says="three")),
    ]
    done = take(zipped(tmp_path / "submissions.zip", files))
    assert done.kind == "a download from Canvas"
    assert not done.left_over
    assert [(row.student, row.matched, row.stem) for row in done.rows] == [
        ("s001", "canvas_id and name", "02-pricing"),
        ("s002", "canvas_id and name", "02-pricing"),
        ("s003", "canvas_id and name", "02-pricing"),
    ]
    assert by_path(done)["fangwang_LATE_222_9002_02-pricing-1.ipynb"].note == "late, says Canvas"
    # The time in the zip is that of the download, so no time of handing in is written.
    assert set(written(course)) == {f"submitted/s00{n}/02-pricing/02-pricing.ipynb" for n in (1, 2, 3)}
    assert written(course)[PLACE] == notebook(says="one")


def test_canvas_files_without_a_name_or_a_notebook_are_listed(take: Take, tmp_path: Path):
    files = [
        ("zhangwei_111_9001_02-pricing.ipynb", notebook()),
        ("zhangwei_111_9002_figure.png", b"png"),
        ("anon_x7Qe2_9003_02-pricing.ipynb", notebook()),
        ("fangwang_222_text.html", b"<p>my answer"),
        ("nobody_999_9004_02-pricing.ipynb", notebook()),
    ]
    rows = by_path(take(zipped(tmp_path / "submissions.zip", files)))
    assert rows["zhangwei_111_9002_figure.png"].fate is Fate.BESIDE
    reasons = {path: row.note for path, row in rows.items() if row.fate is Fate.LEFT_OVER}
    assert reasons == {
        "anon_x7Qe2_9003_02-pricing.ipynb": (
            "handed in anonymously; let Canvas show the names and download again"
        ),
        "fangwang_222_text.html": "no notebook, and this student sent no other file that is one",
        "nobody_999_9004_02-pricing.ipynb": "'nobody' is not in the roster",
    }


@pytest.mark.parametrize(("number", "note"), [
    ("222", "the number 222 is s002's, but the name is that of s001"),
    ("999", "the name is s001's, but the roster's canvas_id is 111"),
])  # fmt: skip
def test_a_canvas_number_that_is_not_the_names_is_refused(take: Take, tmp_path: Path, number: str, note: str):
    name = f"zhangwei_{number}_9001_02-pricing.ipynb"
    row = only(take(zipped(tmp_path / "submissions.zip", [(name, notebook())])))
    assert (row.fate, row.student, row.note) == (Fate.LEFT_OVER, "", note)


def test_a_file_name_cannot_pass_for_another_student(take: Take, course: Path, tmp_path: Path):
    # The student `nobody` chose the rest of the name; Canvas wrote up to 9001_.
    name = "nobody_999_9001_fangwang_222_9002_s001_02-pricing.ipynb"
    row = only(take(zipped(tmp_path / "submissions.zip", [(name, notebook())])))
    assert (row.fate, row.student) == (Fate.LEFT_OVER, "")
    assert not written(course)


def test_a_file_added_to_a_download_is_matched_as_a_plain_one_without_a_time(
    take: Take, course: Path, tmp_path: Path
):
    names = ["zhangwei_111_1_02-pricing.ipynb", "wangfang_222_2_02-pricing.ipynb", "s003 02-pricing.ipynb"]
    done = take(zipped(tmp_path / "submissions.zip", [(name, notebook()) for name in names]))
    assert (done.kind, done.left_over) == ("a download from Canvas", ())
    assert [(one.student, one.submitted) for one in ClassFolder(course / "class").submissions()] == [
        ("s001", None),
        ("s002", None),
        ("s003", None),
    ]


def test_a_display_name_with_a_number_cannot_pass_for_another_student(
    take: Take, course: Path, tmp_path: Path
):
    # Zhang Wei, number 111, calls himself `wangfang_222`; 222 is Wang Fang's number.
    name = "wangfang_222_111_9001_02-pricing.ipynb"
    row = only(take(zipped(tmp_path / "submissions.zip", [(name, notebook())])))
    assert (row.fate, row.note) == (Fate.LEFT_OVER, "the name can be read as that of two students")
    assert not written(course)


@pytest.mark.parametrize("end", ["", "_"], ids=["Moodle since 4.1", "Moodle before 4.1"])
def test_a_moodle_download_is_matched_by_name(take: Take, course: Path, tmp_path: Path, end: str):
    files = [
        (f"Wei ZHANG_71_assignsubmission_file{end}/02-pricing.ipynb", notebook(says="one")),
        (f"Fang Wang_72_assignsubmission_file{end}/final/02-pricing v2.ipynb", notebook(says="two")),
        (f"欧阳娜娜_73_assignsubmission_file{end}/作业.ipynb", notebook(says="three")),
        (f"Ana Nobody_74_assignsubmission_file{end}/02-pricing.ipynb", notebook()),
    ]
    done = take(zipped(tmp_path / "moodle.zip", files))
    assert done.kind == "a download from Moodle"
    assert [row.note for row in done.left_over] == ["'Ana Nobody' is not in the roster"]
    # The time in the zip is that of the download (ZipStream writes now), so no time is written.
    assert written(course) == {
        PLACE: notebook(says="one"),
        "submitted/s002/02-pricing/02-pricing.ipynb": notebook(says="two"),
        "submitted/2021006/02-pricing/02-pricing.ipynb": notebook(says="three"),
    }


def test_a_moodle_download_without_folders_and_an_unpacked_one_are_read_too(take: Take, tmp_path: Path):
    files = {
        "Zhang Wei_71_assignsubmission_file_02-pricing.ipynb": notebook(),
        "Wang Fang_72_assignsubmission_file/02-pricing.ipynb": notebook(),
    }
    rows = by_path(take(folder(tmp_path / "unpacked", files), dry_run=True))
    assert {path: row.student for path, row in rows.items()} == dict(
        zip(files, ["s001", "s002"], strict=True)
    )


def test_a_moodle_number_counts_only_where_the_column_fits(take: Take, course: Path, tmp_path: Path):
    roster = course / "class" / "roster.csv"
    files = [("Z. W._71_assignsubmission_file/02-pricing.ipynb", notebook())]
    roster.write_text("student_id,name,moodle_id\ns001,Zhang Wei,71\ns002,Wang Fang,72\n")
    assert only(take(zipped(tmp_path / "one.zip", files), dry_run=True)).matched == "moodle_id"
    # Wang Fang is participant 99 here, so what the roster has in that column is something else.
    files.append(("Wang Fang_99_assignsubmission_file/02-pricing.ipynb", notebook()))
    rows = by_path(take(zipped(tmp_path / "two.zip", files), dry_run=True))
    assert rows[files[0][0]].note == "s001's moodle_id, but other names do not go with that column"
    assert rows[files[1][0]].student == "s002"


def test_a_moodle_folder_of_a_group_or_typed_text_is_listed(take: Take, tmp_path: Path):
    files = [
        ("Default group_assignsubmission_file/02-pricing.ipynb", notebook()),
        ("Zhang Wei_71_assignsubmission_onlinetext/onlinetext.html", b"<p>"),
    ]
    notes = {row.note for row in take(zipped(tmp_path / "moodle.zip", files)).left_over}
    assert notes == {
        "no student in the folder's name, which is a group's or another plugin's",
        "no notebook, and this student sent no other file that is one",
    }


def test_a_student_of_a_moodle_download_cannot_make_it_look_like_nbgraders(
    take: Take, course: Path, tmp_path: Path
):
    files = [
        ("Ana Nobody_74_assignsubmission_file/a/b/timestamp.txt", b"2026-03-01 01:30:00 UTC"),
        ("Ana Nobody_74_assignsubmission_file/a/s001_02-pricing.ipynb", notebook()),
        (
            "Ana Nobody_74_assignsubmission_file/Zhang Wei_71_assignsubmission_file/02-pricing.ipynb",
            notebook(),
        ),
    ]
    assert {row.student for row in take(zipped(tmp_path / "moodle.zip", files)).rows} == {""}
    assert not written(course)


def test_a_sole_stranger_in_nbgraders_folder_cannot_pass_for_a_student(
    take: Take, course: Path, tmp_path: Path
):
    files = {"hacker/ps/s001.ipynb": notebook(), "hacker/ps/timestamp.txt": b"2026-03-01 01:30:00 UTC"}
    assert only(take(folder(tmp_path / "theirs", files))).note == "'hacker' is not in the roster"


@pytest.mark.parametrize("inside", ["", "submitted/"])
def test_nbgraders_submitted_folder_keeps_its_times(take: Take, course: Path, tmp_path: Path, inside: str):
    files = {
        f"{inside}s001/pricing/02-pricing.ipynb": notebook(says="one"),
        f"{inside}s001/pricing/timestamp.txt": b"2026-03-01 01:30:00.500000 UTC",
        f"{inside}s002/pricing/02-pricing.ipynb": notebook(says="two"),
        f"{inside}hacker/pricing/s003_02-pricing.ipynb": notebook(),
    }
    done = take(folder(tmp_path / "theirs", files))
    assert done.kind == "nbgrader's submitted folder"
    assert [row.note for row in done.left_over] == ["'hacker' is not in the roster"]
    one, two = ClassFolder(course / "class").submissions()
    assert (one.student, one.path.read_bytes()) == ("s001", notebook(says="one"))
    assert one.submitted == datetime(2026, 3, 1, 1, 30, 0, 500_000, UTC)
    assert (two.student, two.submitted) == ("s002", None)


def test_the_newest_in_nbgraders_exchange_wins(take: Take, course: Path, tmp_path: Path):
    old, new = "2026-03-01 09:30:00.000000", "2026-03-01 10:00:00.000000"
    files = {
        f"s001+02-pricing+{new} UTC+aZ-_09/pricing.ipynb": notebook(says="new"),
        # Later by the clock on the wall, and an hour earlier.
        "s001+02-pricing+2026-03-01 17:00:00.000000 +0800+bbbbbbbb/pricing.ipynb": notebook(says="old"),
        f"fangw+02-pricing+{old} +0800/pricing.ipynb": notebook(says="by login"),
    }
    done = take(folder(tmp_path / "inbound", files))
    assert done.kind == "nbgrader's exchange, inbound"
    rows = by_path(done)
    assert [rows[path].fate for path in files] == [Fate.NEW, Fate.OLDER, Fate.NEW]
    one, two = ClassFolder(course / "class").submissions("02-pricing")
    assert one.path.read_bytes() == notebook(says="new")
    assert one.submitted == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert two.submitted == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)  # 9:30 in Shanghai


@pytest.mark.parametrize(("path", "student", "matched"), [
    ("s001_02-pricing.ipynb", "s001", "student_id"),
    ("S001.ipynb", "s001", "student_id"),
    ("zhangw/untitled.ipynb", "s001", "login"),
    ("zhangw_02-pricing-final (2).ipynb", "s001", "login"),
    ("02-pricing zw@dairy.example.ipynb", "s001", "email"),
    ("ZHANG-WEI_02-pricing.ipynb", "s001", "name"),
    ("Zhang Wei (final).ipynb", "s001", "name"),
    ("group A/Fang Wang/notebook.ipynb", "s002", "name"),
    ("2021006欧阳娜娜_02-pricing.ipynb", "2021006", "student_id"),
    ("作业2-李小龙-02-pricing最终版.ipynb", "s003", "name"),
    ("李\u200b小龙.ipynb", "s003", "name"),
])  # fmt: skip
def test_a_plain_notebook_is_matched_by_id_or_full_name(
    take: Take, tmp_path: Path, path: str, student: str, matched: str
):
    row = only(take(folder(tmp_path / "inbox", {path: notebook()}), dry_run=True))
    assert (row.student, row.matched, row.stem, row.fate) == (student, matched, "02-pricing", Fate.NEW)


@pytest.mark.parametrize("path", [
    "zhang_02-pricing-final.ipynb",  # a surname
    "02-pricing (1).ipynb",
    "s0011_02-pricing.ipynb",
    "xs001_02-pricing.ipynb",
    "李小_02-pricing.ipynb",  # part of a name
    "20210061_02-pricing.ipynb",
])  # fmt: skip
def test_a_plain_notebook_that_names_nobody_in_full_is_left_over(take: Take, tmp_path: Path, path: str):
    row = only(take(folder(tmp_path / "inbox", {path: notebook()})))
    assert (row.fate, row.note) == (Fate.LEFT_OVER, "no student of the roster is named in the path")


@pytest.mark.parametrize("path", ["s001/s002_02-pricing.ipynb", "Zhang Wei and Wang Fang 02-pricing.ipynb"])
def test_a_plain_notebook_that_names_two_students_is_left_over(take: Take, tmp_path: Path, path: str):
    row = only(take(folder(tmp_path / "inbox", {path: notebook()})))
    assert row.note == "it can be s001 or s002's; give their numbers in the roster, or the id in the name"


def test_a_name_of_two_students_is_told_apart_by_a_number_or_not_at_all(take: Take, tmp_path: Path):
    files = [("lina_555_9001_02-pricing.ipynb", notebook()), ("lina_444_9002_02-pricing.ipynb", notebook())]
    rows = by_path(take(zipped(tmp_path / "submissions.zip", files)))
    assert rows[files[0][0]].student == "s005"
    assert rows[files[1][0]].note.startswith("it can be s004 or s005")


def test_two_people_with_one_name_are_not_taken_for_one_student(take: Take, course: Path, tmp_path: Path):
    (course / "class" / "roster.csv").write_text("student_id,name\ns001,Zhang Wei\n")
    files = [(f"zhangwei_{n}_900{n}_02-pricing.ipynb", notebook(says=str(n))) for n in (1, 2)]
    done = take(zipped(tmp_path / "submissions.zip", files))
    assert {row.note for row in done.left_over} == {
        "two people of one name (numbers 1, 2); the roster must have their numbers"
    }
    assert not written(course)


# Which exercise, and which file.


@pytest.mark.parametrize("file", [
    "02-pricing.ipynb", "02-pricing (1).ipynb", "02_Pricing-Copy1.ipynb", "02pricing_v2.IPYNB",
    "02-pricing.ipynb.txt",
])  # fmt: skip
def test_a_broken_notebook_is_collected_by_its_name(take: Take, course: Path, tmp_path: Path, file: str):
    row = only(take(folder(tmp_path / "inbox", {f"s001/{file}": b'{"cells": [[[['})))
    assert (row.fate, row.stem) == (Fate.NEW, "02-pricing")
    assert written(course)[PLACE] == b'{"cells": [[[['


def test_a_notebook_without_a_telling_name_is_known_by_its_cells(take: Take, tmp_path: Path):
    files = {
        "s001/untitled.ipynb": notebook("services"),
        "s002/102-pricing.ipynb": notebook("services")[:-40],  # cut off
        "s003/both 02-pricing and 03-7p.ipynb": notebook("services"),
        "s004/x.ipynb": notebook("pricing") + notebook("services"),
        "s005/x.ipynb": b"\xff\x00 not a notebook",
    }
    rows = by_path(take(folder(tmp_path / "inbox", files), dry_run=True))
    assert [rows[path].stem for path in files] == ["03-7p", "03-7p", "03-7p", "", ""]
    assert [rows[path].note for path in files][3:] == [
        "it can be 02-pricing or 03-7p; name the exercise in the command",
        "neither its name nor its cells say which exercise it is; name it in the command",
    ]


def test_the_exercise_in_the_command_holds_unless_the_name_says_another(take: Take, tmp_path: Path):
    files = {"s001/homework.ipynb": b"", "s002/03-7p.ipynb": notebook("services")}
    rows = by_path(take(folder(tmp_path / "inbox", files), "02-pricing"))
    assert rows["s001/homework.ipynb"].stem == "02-pricing"
    assert rows["s002/03-7p.ipynb"].note == "by its name this is 03-7p, not 02-pricing"


def test_a_scratch_notebook_does_not_take_the_place_of_the_exercise(take: Take, course: Path, tmp_path: Path):
    # Canvas puts them in the order of uploading, and the command says that all are for 02-pricing.
    files = [
        ("zhangwei_111_9001_renamed.ipynb", notebook("pricing")),
        ("zhangwei_111_9002_scratch.ipynb", notebook("nothing")),
    ]
    rows = by_path(take(zipped(tmp_path / "submissions.zip", files), "02-pricing"))
    assert rows[files[1][0]].fate is Fate.OLDER
    assert rows[files[1][0]].note == f"{files[0][0]} says which exercise it is"
    assert written(course)[PLACE] == notebook("pricing")


def test_an_unknown_exercise_lists_what_there_is(take: Take, tmp_path: Path):
    with pytest.raises(LookupError, match=r"^no exercise '02-pricng'; there are 02-pricing, 03-7p$"):
        take(folder(tmp_path / "inbox", {"s001.ipynb": b""}), "02-pricng")


@pytest.mark.parametrize(("older", "newer"), [
    ("02-pricing.ipynb", "02-pricing (1).ipynb"),
    ("02-pricing (9).ipynb", "02-pricing (10).ipynb"),
    ("02-pricing_v2.ipynb", "02-pricing_v3.ipynb"),
    ("02-pricing-Copy2.ipynb", "02-pricing-final.ipynb"),
])  # fmt: skip
def test_of_several_files_the_later_version_wins(
    take: Take, course: Path, tmp_path: Path, older: str, newer: str
):
    start = "Zhang Wei_71_assignsubmission_file/"
    files = [(start + newer, notebook(says="new")), (start + older, notebook(says="old"))]
    rows = by_path(take(zipped(tmp_path / "moodle.zip", files)))
    assert rows[start + older].fate is Fate.OLDER
    assert rows[start + older].note == f"{start}{newer} is newer"
    assert written(course)[PLACE] == notebook(says="new")


def test_of_several_canvas_files_the_last_uploaded_wins(take: Take, course: Path, tmp_path: Path):
    # As numbers, not as text: 1000 comes after 999.
    files = [
        (f"zhangwei_111_{n}_02-pricing-{5000 - n}.ipynb", notebook(says=str(n))) for n in (999, 1000, 998)
    ]
    done = take(zipped(tmp_path / "submissions.zip", files))
    assert [row.fate for row in done.rows].count(Fate.OLDER) == 2
    assert written(course)[PLACE] == notebook(says="1000")


def test_of_several_plain_files_the_latest_wins(take: Take, course: Path, tmp_path: Path):
    inbox = folder(tmp_path / "inbox", {"s001 02-pricing.ipynb": notebook(says="old")}, at=1_600_000_000)
    folder(inbox, {"Zhang Wei 02-pricing.ipynb": notebook(says="new")}, at=1_700_000_000)
    take(inbox)
    (one,) = ClassFolder(course / "class").submissions()
    assert one.path.read_bytes() == notebook(says="new")
    assert one.submitted == datetime.fromtimestamp(1_700_000_000, UTC)


def test_files_of_which_none_is_the_newest_are_all_left_over(take: Take, course: Path, tmp_path: Path):
    start = "Zhang Wei_71_assignsubmission_file/"
    files = [(f"{start}{n}/02-pricing.ipynb", notebook(says=n)) for n in ("a", "b")]
    done = take(zipped(tmp_path / "moodle.zip", files))
    assert {row.note for row in done.left_over} == {"nothing says which of these is the newest; keep one"}
    assert not written(course)
    # Unless they are the same.
    same = take(zipped(tmp_path / "same.zip", [(name, notebook()) for name, _ in files]))
    assert [row.fate for row in same.rows] == [Fate.NEW, Fate.UNCHANGED]


# Writing.


def test_a_second_run_changes_nothing_and_says_so(take: Take, course: Path, tmp_path: Path):
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook(), "s002.ipynb": notebook()})
    assert {row.fate for row in take(inbox).rows} == {Fate.NEW}
    before = {path: path.stat() for path in (course / "class").rglob("*")}
    second = take(inbox)
    assert {row.fate for row in second.rows} == {Fate.UNCHANGED}
    assert second.table().endswith("\n2 unchanged")
    assert {path: path.stat() for path in (course / "class").rglob("*")} == before


def test_a_newer_download_replaces_and_an_older_one_does_not(take: Take, course: Path, tmp_path: Path):
    name = "zhangwei_111_9001_02-pricing.ipynb"
    friday = zipped(tmp_path / "friday.zip", [(name, notebook(says="friday"))], at=FRIDAY)
    monday = zipped(tmp_path / "monday.zip", [(name, notebook(says="monday"))], at=MONDAY)
    unknown = zipped(tmp_path / "unknown.zip", [(name, notebook(says="when?"))], at=(1980, 1, 1, 0, 0, 0))
    assert only(take(monday)).fate is Fate.NEW
    assert only(take(friday)).fate is Fate.NEWER
    assert (only(take(monday)).fate, only(take(monday)).note) == (
        Fate.OLDER,
        "the one that is there is newer",
    )
    assert only(take(unknown)).note == (
        "another one is there, and nothing says which is newer; remove that to take this"
    )
    assert written(course) == {PLACE: notebook(says="friday")}


def test_a_replaced_submission_takes_its_time_along(take: Take, course: Path, tmp_path: Path):
    theirs = {
        "s001/ps/02-pricing.ipynb": notebook(says="old"),
        "s001/ps/timestamp.txt": b"2026-03-01 01:30:00 UTC",
    }
    take(folder(tmp_path / "theirs", theirs))
    take(zipped(tmp_path / "canvas.zip", [("zhangwei_111_1_02-pricing.ipynb", notebook(says="new"))]))
    (one,) = ClassFolder(course / "class").submissions()
    assert (one.path.read_bytes(), one.submitted) == (notebook(says="new"), None)


def test_a_dry_run_says_what_a_run_does_and_writes_nothing(take: Take, course: Path, tmp_path: Path):
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook(), "nobody.ipynb": notebook()})
    dry = take(inbox, dry_run=True)
    assert not (course / "class" / "submitted").exists()
    assert dry.rows == take(inbox).rows
    assert "would be collected" in dry.table()


class Killed(BaseException):
    """What a kill at that moment leaves behind."""


# What a write does to the disk, step by step.
STEPS = [(Path, "mkdir"), (Path, "rename"), (Path, "write_bytes"), (Path, "write_text"), (os, "utime"),
         (shutil, "rmtree")]  # fmt: skip


def killed_after(steps: int, act: Callable[[], object]) -> bool:
    """Do something until so many steps are done; return whether it was stopped."""
    left = [steps]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return real(*arguments, **options)

        return step

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        try:
            act()
        except Killed:
            return True
    return False


def test_a_kill_at_any_moment_leaves_one_whole_submission(take: Take, course: Path, tmp_path: Path):
    hours = {"old": 1, "new": 2}
    sources = {
        age: folder(
            tmp_path / age,
            {
                "s001/ps/02-pricing.ipynb": notebook(says=age),
                "s001/ps/timestamp.txt": f"2026-03-01 0{hour}:00:00 UTC".encode(),
            },
        )
        for age, hour in hours.items()
    }
    whole = {age: (notebook(says=age), datetime(2026, 3, 1, hour, tzinfo=UTC)) for age, hour in hours.items()}

    def there() -> list[tuple[bytes, datetime | None]]:
        return [(one.path.read_bytes(), one.submitted) for one in ClassFolder(course / "class").submissions()]

    for moment in itertools.count():
        shutil.rmtree(course / "class" / "submitted", ignore_errors=True)
        take(sources["old"])
        assert there() == [whole["old"]]
        killed = killed_after(moment, lambda: take(sources["new"]))
        # Between two steps there may be nothing where it should be, but never a half.
        assert there() in ([], [whole["old"]], [whole["new"]])
        twice = killed_after(moment % 3, lambda: take(sources["new"]))
        take(sources["new"])
        assert there() == [whole["new"]]
        assert set(written(course)) == {PLACE, "submitted/s001/02-pricing/timestamp.txt"}
        if not killed:
            break
    assert moment >= 7  # a folder, a notebook, its time, the timestamp, two renames, what was there removed
    assert not twice


def test_one_student_who_cannot_be_written_does_not_stop_the_others(take: Take, course: Path, tmp_path: Path):
    folder(course / "class" / "submitted", {"s001": b"a file where a folder should be"})
    done = take(folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": b"", "s002/02-pricing.ipynb": b""}))
    assert {row.student: row.fate for row in done.rows} == {"s001": Fate.LEFT_OVER, "s002": Fate.NEW}
    assert done.left_over[0].note.startswith("could not be written")


@pytest.mark.parametrize("link", ["s001", "s001/02-pricing", "s001/02-pricing/02-pricing.ipynb"])
def test_a_link_in_the_class_folder_is_not_written_through(
    take: Take, course: Path, tmp_path: Path, link: str
):
    outside = folder(
        tmp_path / "outside", {"02-pricing/02-pricing.ipynb": b"theirs", "02-pricing.ipynb": b"theirs"}
    )
    place = course / "class" / "submitted" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "02-pricing.ipynb" if link.endswith("ipynb") else outside)
    # What looks like the rest of a write that was stopped must not be tidied up there.
    (outside / ".02-pricing.old").mkdir()
    done = take(folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook()}))
    assert done.left_over[0].note == f"{link} in the class folder is a symbolic link"
    assert {path.read_bytes() for path in outside.rglob("*.ipynb")} == {b"theirs"}
    assert len(list(outside.rglob("*"))) == 4


# Hostile sources.


def refused(take: Take, course: Path, path: Path, **options: Any) -> str:
    """Return the reason for which the one file of a source is refused; nothing is written."""
    row = only(take(path, **options))
    assert row.fate is Fate.LEFT_OVER
    assert not written(course)
    assert len(take(path, **options).table().splitlines()) == 4  # kind, heading, row, sum
    return row.note


@pytest.mark.parametrize(("name", "reason"), [
    ("/s001/02-pricing.ipynb", "an absolute path"),
    ("\\s001\\02-pricing.ipynb", "an absolute path"),
    ("C:/s001/02-pricing.ipynb", "an absolute path"),
    ("../s001/02-pricing.ipynb", "a path that leads out of the source (..)"),
    ("s001/../../02-pricing.ipynb", "a path that leads out of the source (..)"),
    ("s001\\..\\02-pricing.ipynb", "a path that leads out of the source (..)"),
    ("s001/02-pricing\n.ipynb", "a control character in the name"),
    ("s001/\x1b[2J02-pricing.ipynb", "a control character in the name"),
    (f"s001/02-pricing{'x' * 300}.ipynb", "a name of more than 255 characters, or a path of more than 1,000"),
    (f"s001/{'x/' * 30}02-pricing.ipynb", "more than 20 folders deep"),
    # Looked at word by word, this would take hours.
    (f"s001/{'a1-' * 20_000}.ipynb", "a name of more than 255 characters, or a path of more than 1,000"),
])  # fmt: skip
def test_a_hostile_path_in_a_zip_is_refused(take: Take, course: Path, tmp_path: Path, name: str, reason: str):
    assert refused(take, course, zipped(tmp_path / "x.zip", [(name, notebook())])) == reason
    assert {path.name for path in tmp_path.iterdir()} == {"course", "x.zip"}


def test_a_name_with_a_nul_is_refused(take: Take, course: Path, tmp_path: Path):
    path = zipped(tmp_path / "x.zip", [("s001/02-pricing.ipynb#.png", notebook())])
    path.write_bytes(path.read_bytes().replace(b"#.png", b"\0.png"))
    assert refused(take, course, path) == "a control character in the name"


@pytest.mark.parametrize(
    "name", ["CON/s001_02-pricing.ipynb", "s001/NUL.ipynb", "aux.s001.ipynb", "s001/02-pricing "]
)
def test_no_name_from_the_source_is_ever_written(take: Take, course: Path, tmp_path: Path, name: str):
    take(zipped(tmp_path / "x.zip", [(name, notebook()), ("s002/02-pricing.ipynb", notebook())]))
    parts = {part for path in written(course) for part in Path(path).parts}
    assert parts <= {"submitted", "s001", "s002", "02-pricing", "02-pricing.ipynb", "timestamp.txt"}


def test_text_that_turns_or_hides_is_written_out_in_the_table(take: Take, tmp_path: Path):
    files = [("s001/02-pricing\u202egnp.ipynb", notebook()), ("s002/\u2066\U000e0041.ipynb", notebook())]
    table = take(zipped(tmp_path / "x\u202e.zip", files)).table()
    assert "02-pricing\\u202egnp.ipynb" in table
    assert "\\u2066\\U000e0041" in table
    assert table.replace("\n", "").replace("…", "").isprintable()


def test_a_name_that_is_no_text_can_be_printed(take: Take, tmp_path: Path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    try:
        (Path(os.fsdecode(os.fsencode(inbox) + b"/s001\xff.ipynb"))).write_bytes(notebook())
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    take(inbox).table().encode("utf-8")


def test_a_long_name_does_not_widen_the_table(take: Take, tmp_path: Path):
    row = next(line for line in take(
        zipped(tmp_path / "x.zip", [(f"s001/{'长' * 200}.ipynb", notebook())])
    ).table().splitlines() if "s001" in line)  # fmt: skip
    assert "…" in row
    assert len(row) < 160


@pytest.mark.parametrize(("mode", "reason"), [
    (0o120777, "a symbolic link, which is not followed"),
    (0o010644, "not a regular file"),
    (0o020644, "not a regular file"),
])  # fmt: skip
def test_a_link_or_device_in_a_zip_is_refused(
    take: Take, course: Path, tmp_path: Path, mode: int, reason: str
):
    info = zipfile.ZipInfo("s001/02-pricing.ipynb", MONDAY)
    info.external_attr = mode << 16
    info.create_system = 3
    assert refused(take, course, zipped(tmp_path / "x.zip", [(info, b"/etc/passwd")])) == reason


def test_links_and_pipes_in_a_folder_are_refused(take: Take, course: Path, tmp_path: Path):
    secret = folder(tmp_path / "secret", {"02-pricing.ipynb": b"secret"})
    inbox = folder(tmp_path / "inbox", {"s003/02-pricing.ipynb": notebook()})
    (inbox / "s001").symlink_to(secret)
    (inbox / "s002").mkdir()
    (inbox / "s002" / "02-pricing.ipynb").symlink_to(secret / "02-pricing.ipynb")
    os.mkfifo(inbox / "s005_02-pricing.ipynb")
    notes = {row.path: row.note for row in take(inbox).left_over}
    assert notes == {
        "s001": "a symbolic link, which is not followed",
        "s002/02-pricing.ipynb": "a symbolic link, which is not followed",
        "s005_02-pricing.ipynb": "not a regular file",
    }
    assert b"secret" not in written(course).values()


def test_a_folder_that_becomes_a_link_after_it_was_listed_is_not_followed(tmp_path: Path):
    folder(tmp_path / "secret", {"02-pricing.ipynb": b"secret"})
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook()})
    with source.opened(inbox, Caps()) as entries:
        (inbox / "s001").rename(tmp_path / "away")
        (inbox / "s001").symlink_to(tmp_path / "secret")
        with pytest.raises(source.Refused, match="cannot be read"):
            entries[0].read()


def test_a_file_that_changes_while_it_is_read_is_refused(
    take: Take, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook()}, at=1_000_000)
    real = source.Reader.read

    def grows(self: source.Reader, stream: Any) -> bytes:
        content = real(self, stream)
        with (inbox / "s001" / "02-pricing.ipynb").open("ab") as file:
            file.write(b" ")
        return content

    monkeypatch.setattr(source.Reader, "read", grows)
    assert refused(take, course, inbox) == "was changed while it was read; run the command again"


def test_a_zip_bomb_is_refused_by_its_ratio_and_not_unpacked(take: Take, course: Path, tmp_path: Path):
    path = zipped(tmp_path / "x.zip", [("s001/02-pricing.ipynb", bytes(10_000_000))])
    assert path.stat().st_size < 20_000
    assert refused(take, course, path) == "packed more than 200 : 1, as in a zip bomb"
    assert only(take(path, caps=Caps(ratio=2_000))).fate is Fate.NEW


def test_a_zip_bomb_that_lies_about_its_size_is_refused(take: Take, course: Path, tmp_path: Path):
    path = zipped(tmp_path / "x.zip", [("s001/02-pricing.ipynb", bytes(10_000_000))])
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 10_000_000), struct.pack("<I", 1_000)))
    assert refused(take, course, path).startswith("damaged in the zip")


@pytest.mark.parametrize(
    "make", [lambda path, files: zipped(path, files.items()), folder], ids=["zip", "folder"]
)
def test_a_file_larger_than_a_notebook_may_be_is_refused(
    take: Take, course: Path, tmp_path: Path, make: Callable[..., Path]
):
    path = make(tmp_path / "x", {"s001/02-pricing.ipynb": os.urandom(50_001)})
    assert refused(take, course, path, caps=Caps(file_bytes=50_000)) == "larger than 0.05 MB"
    assert only(take(path, caps=Caps(file_bytes=50_001))).fate is Fate.NEW


def test_files_beyond_the_most_bytes_together_are_refused(take: Take, tmp_path: Path):
    files = [(f"s00{n}/02-pricing.ipynb", os.urandom(40_000)) for n in (1, 2, 3)]
    done = take(zipped(tmp_path / "x.zip", files), caps=Caps(total_bytes=100_000))
    assert [row.student for row in done.left_over] == ["s003"]
    assert "0.1 MB, the most that is read at once" in done.left_over[0].note


def test_too_many_files_are_refused(take: Take, course: Path, tmp_path: Path):
    files = {f"s001/{n}.txt": b"" for n in range(11)}
    caps = Caps(files=10)
    assert refused(take, course, zipped(tmp_path / "x.zip", files.items()), caps=caps) == (
        "a zip of 11 files; at most 10 are read"
    )
    notes = [row.note for row in take(folder(tmp_path / "x", files), caps=caps).left_over]
    assert "more than 10 files; the others were not looked at" in notes


def test_a_zip_whose_list_is_longer_than_its_files_can_need_is_not_read(
    take: Take, course: Path, tmp_path: Path
):
    path = zipped(tmp_path / "x.zip", [(f"{n:05}{'x' * 200}.txt", b"") for n in range(6_000)])
    assert path.stat().st_size > 1 << 20
    assert refused(take, course, path, caps=Caps(files=100)) == "a zip whose list of files is too long"


def test_a_zip_whose_files_overlap_is_refused(take: Take, course: Path, tmp_path: Path):
    path = zipped(
        tmp_path / "x.zip", [(f"s00{n}/02-pricing.ipynb", notebook(says="x" * 500)) for n in (1, 2)]
    )
    with zipfile.ZipFile(path) as archive:
        second = archive.infolist()[1].header_offset
    content = path.read_bytes()
    # The central directory's second entry is made to point to the first file.
    where = content.rindex(struct.pack("<I", second), content.index(b"PK\x01\x02"))
    path.write_bytes(content[:where] + bytes(4) + content[where + 4 :])
    assert refused(take, course, path) == "a zip whose files overlap, as in a zip bomb"


def test_an_archive_in_the_source_is_listed_and_not_opened(take: Take, tmp_path: Path):
    inner = zipped(tmp_path / "inner.zip", [("02-pricing.ipynb", notebook())]).read_bytes()
    files = [("s001/02-pricing.zip", inner), ("s001/02-pricing.ipynb", notebook())]
    done = take(zipped(tmp_path / "x.zip", files))
    assert [(row.path, row.note) for row in done.left_over] == [
        ("s001/02-pricing.zip", "an archive in the source is not opened; unpack it or ask for the notebook")
    ]


@pytest.mark.parametrize("names", [
    ("s001/02-pricing.ipynb", "s001/02-pricing.ipynb"),
    ("s001/02-pricing.ipynb", "S001/02-PRICING.ipynb"),
    ("s001/02-pricing.ipynb", "s001\\02-pricing.ipynb"),
    ("s001/02-pricing.ipynb", "s001/０２-pricing.ipynb"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_path_twice_is_refused_both_times(
    take: Take, course: Path, tmp_path: Path, names: tuple[str, str]
):
    done = take(zipped(tmp_path / "x.zip", [(name, notebook(says=name)) for name in names]))
    assert [row.note for row in done.left_over] == 2 * [
        "the same path is there more than once, or differs only in upper and lower case"
    ]
    assert not written(course)


def test_an_encrypted_file_is_refused(take: Take, course: Path, tmp_path: Path):
    path = zipped(tmp_path / "x.zip", [("s001/02-pricing.ipynb", notebook())])
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    path.write_bytes(content)
    assert refused(take, course, path) == "encrypted; ask for it without a password"


def test_a_file_packed_in_an_unbounded_way_is_refused(take: Take, course: Path, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("s001/02-pricing.ipynb", notebook())
    assert refused(take, course, tmp_path / "x.zip") == "packed in a way that no learning platform uses"


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_truncated_zip_is_refused(take: Take, course: Path, tmp_path: Path, cut: int):
    path = zipped(tmp_path / "x.zip", [("s001/02-pricing.ipynb", os.urandom(1_000))])
    path.write_bytes(path.read_bytes()[:-cut])
    assert refused(take, course, path).startswith("neither a folder nor a zip that can be read")


def test_a_damaged_file_does_not_stop_the_others(take: Take, course: Path, tmp_path: Path):
    files = [(f"s00{n}/02-pricing.ipynb", os.urandom(1_000)) for n in (1, 2)]
    path = zipped(tmp_path / "x.zip", files)
    content = bytearray(path.read_bytes())
    content[500] ^= 0xFF
    path.write_bytes(content)
    done = take(path)
    assert [(row.student, row.note) for row in done.left_over] == [("s001", "damaged in the zip")]
    assert written(course)["submitted/s002/02-pricing/02-pricing.ipynb"] == files[1][1]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06", b"PK\x05\x06" + bytes(18), b"Rar!\x1a\x07", bytes(100_000)]
)
def test_a_file_that_is_no_zip_is_one_clear_line_or_empty(
    take: Take, course: Path, tmp_path: Path, content: bytes
):
    (tmp_path / "x.zip").write_bytes(content)
    done = take(tmp_path / "x.zip")
    assert not written(course)
    if content == b"PK\x05\x06" + bytes(18):  # a zip of no files
        assert done.table() == "x.zip: empty, 0 files\nnothing to collect"
    else:
        assert only(done).note.startswith("neither a folder nor a zip that can be read")


@pytest.mark.parametrize("seed", range(40))
def test_a_zip_with_random_damage_never_ends_in_an_error(take: Take, tmp_path: Path, seed: int):
    chance = random.Random(seed)
    content = bytearray(
        zipped(tmp_path / "x.zip", [(f"s00{n}/02-pricing.ipynb", notebook()) for n in (1, 2)]).read_bytes()
    )
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    (tmp_path / "x.zip").write_bytes(content)
    assert take(tmp_path / "x.zip").table()


def test_names_from_chinese_windows_and_from_a_mac_are_read(take: Take, tmp_path: Path):
    for code in ("gb18030", "utf-8"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("x" * len("李小龙".encode(code)) + "_02-pricing.ipynb", notebook())
        # The name's bytes, not marked as UTF-8, as these systems write them.
        content = stream.getvalue().replace(b"x" * len("李小龙".encode(code)), "李小龙".encode(code))
        (tmp_path / "x.zip").write_bytes(content)
        assert only(take(tmp_path / "x.zip", dry_run=True)).student == "s003"


def test_what_a_system_adds_is_counted_and_passed_over(take: Take, tmp_path: Path):
    files = {
        "download/s001/02-pricing.ipynb": notebook(),
        "download/s001/.ipynb_checkpoints/02-pricing-checkpoint.ipynb": notebook(says="old"),
        "__MACOSX/download/s001/._02-pricing.ipynb": b"",
        "download/.DS_Store": b"",
    }
    done = take(zipped(tmp_path / "x.zip", files.items()))
    assert only(done).fate is Fate.NEW
    assert done.of_the_system == 3
    assert done.table().endswith("\n1 collected, 3 made by a system passed over")


# The command.


def run(course: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    (course / "_config.yml").touch()
    (course / "solutions").mkdir(exist_ok=True)
    monkeypatch.chdir(course)
    return CliRunner().invoke(cli.collect, arguments)


def test_the_command_says_what_it_did_and_whether_all_is_done(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": notebook()})
    result = run(course, monkeypatch, str(inbox), "02-pricing", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "inbox: plain notebooks, 1 file",
        "student  file                   matched by  exercise    size  what happens",
        f"s001     s001/02-pricing.ipynb  student_id  02-pricing  {len(notebook())}   would be collected",
        "1 would be collected",
    ]
    folder(inbox, {"nobody/02-pricing.ipynb": notebook()})
    result = run(course, monkeypatch, str(inbox), "02-pricing")
    assert result.exit_code == 1
    assert result.stderr == "crmkit: 1 file is left over; see the last lines\n"
    assert "LEFT OVER: no student of the roster is named in the path" in result.stdout.splitlines()[-2]
    assert PLACE in written(course)


@pytest.mark.parametrize(("arguments", "said"), [
    (["missing.zip"], "[Errno 2] No such file or directory: 'missing.zip'"),
    (["inbox", "--roster", "none.csv"], "[Errno 2] No such file or directory: 'none.csv'"),
    (["inbox", "02-prices"], "no exercise '02-prices'; there are 02-pricing, 03-7p"),
])  # fmt: skip
def test_a_mistake_of_the_instructor_is_one_line(
    course: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
):
    folder(course / "inbox", {})
    (course / "inbox").mkdir()
    result = run(course, monkeypatch, *arguments)
    assert (result.exit_code, result.stderr) == (1, f"crmkit: {said}\n")


def test_the_commands_caps_are_the_ones_that_hold(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    inbox = folder(tmp_path / "inbox", {"s001/02-pricing.ipynb": bytes(2_000)})
    result = run(course, monkeypatch, str(inbox), "--max-file", "0.001")
    assert result.exit_code == 1
    assert "larger than 0.001 MB" in result.stdout
