"""The student's record: read line by line, appended to, and never in the way."""

import json
from pathlib import Path

import pytest

from crmkit.exercise import record

GOOD = b'{"question": "demo-q1", "kind": "check", "outcome": "CORRECT"}\n'


def test_what_is_appended_can_be_read(student: Path):
    assert record.append("demo-q1", "check", outcome="CORRECT", earned=2) == ""
    assert record.append("demo-q1", "hint", stage=1) == ""
    (check,) = record.read().of("demo-q1", "check")
    assert (check["outcome"], check["earned"]) == ("CORRECT", 2)
    assert len(list(record.read().of("demo-q1", "hint"))) == 1
    assert list(record.read().of("demo-q2", "check")) == []


def test_a_file_that_is_not_there_is_an_empty_record(student: Path):
    assert record.read() == record.Record(exists=False)


@pytest.mark.parametrize(
    "damage",
    [
        b"\x80\x81\xff\x00\xfe\n",
        b'{"question": "demo-q2", "kind": "che\n',
        b"[1, 2, 3]\n",
        b'"text"\n',
        b"null\n",
        b'{"question": 5, "kind": "check"}\n',
        b'{"kind": "check"}\n',
        b"\n",
        b"[" * 100_000 + b"\n",
    ],
    ids=["binary", "half", "list", "text", "null", "number", "no-question", "blank", "deep"],
)
def test_a_damaged_line_is_counted_and_costs_no_other_line(student: Path, damage: bytes):
    student.write_bytes(GOOD + damage + GOOD)
    found = record.read()
    assert len(found.lines) == 2
    assert found.unreadable == 1


def test_what_follows_a_line_that_was_cut_off_is_kept(student: Path):
    student.write_bytes(GOOD + GOOD[:20])
    record.append("demo-q1", "check", outcome="MISTAKE")
    found = record.read()
    assert [line["outcome"] for line in found.lines] == ["CORRECT", "MISTAKE"]
    assert found.unreadable == 1


def test_the_file_is_lines_of_json(student: Path):
    record.append("demo-q1", "check", outcome="CORRECT")
    record.append("demo-q1", "check", outcome="CORRECT")
    lines = student.read_text(encoding="utf-8").split("\n")
    assert lines[-1] == ""
    assert [json.loads(line)["question"] for line in lines[:-1]] == ["demo-q1", "demo-q1"]


def test_a_folder_that_is_not_there_is_said(student: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(record.VARIABLE, str(student / "missing" / "progress.jsonl"))
    said = record.append("demo-q1", "check", outcome="CORRECT")
    assert said.startswith("This result was not recorded: ")
    assert "cannot be written (No such file or directory)" in said


def test_a_folder_in_the_place_of_the_file_is_said_by_reader_and_writer(student: Path):
    student.mkdir()
    assert "cannot be written (Is a directory)" in record.append("demo-q1", "check", outcome="CORRECT")
    assert record.read().problem == f"{student} cannot be read (Is a directory)."


def test_without_a_variable_the_record_lies_beside_the_notebook(
    student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(record.VARIABLE)
    monkeypatch.chdir(tmp_path)
    assert record.path() == tmp_path / "crmkit-progress.jsonl"


@pytest.mark.parametrize("runner", record.RUNNERS)
def test_no_record_is_kept_where_a_test_or_a_grader_runs_the_notebook(student: Path, runner: str):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(runner, "1")
        assert record.path() is None
        assert record.append("demo-q1", "check", outcome="CORRECT") == ""
    assert not student.exists()


def test_a_record_can_be_switched_off(student: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(record.VARIABLE, "off")
    assert record.path() is None
