"""`crmkit capstone deal`: a dairy, a notebook and a key that fit together, or one clear line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from capstone_dairies import ROOT, Declared, answers_in
from click.testing import CliRunner, Result

from crmkit import check, notebook, progress
from crmkit.capstone.deal import ANSWERS, release_on
from crmkit.cli import main
from crmkit.data import Catalogue
from crmkit.exercise import key
from crmkit.exercise.answer import Form, parts
from crmkit.exercise.check import judge
from crmkit.exercise.validate import solved, verdicts
from crmkit.exercise.verdict import Outcome

STUDENTS = ["an.li", "bo_wu"]
SECRET = "5e" * 32
Files = dict[str, bytes]


def roster(folder: Path, *students: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "roster.csv"
    path.write_text("name,student_id\n" + "".join(f"X,{student}\n" for student in students), encoding="utf-8")
    return path


def with_secret(folder: Path) -> Path:
    (folder / "private").mkdir(parents=True)
    (folder / "private" / "secret").write_text(SECRET + "\n", encoding="ascii")
    return folder


def command(folder: Path, *more: str) -> list[str]:
    where = ["--out", str(folder / "out"), "--private", str(folder / "private")]
    return ["capstone", "deal", *more, *where]


def files(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(ROOT)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def said(result: Result) -> str:
    """Return the one line that a failed command says."""
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("crmkit: ")
    return line.removeprefix("crmkit: ")


@pytest.fixture(scope="module")
def dealt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deal to two students, with a known secret."""
    folder = with_secret(tmp_path_factory.mktemp("deal"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        result = CliRunner().invoke(main, command(folder, str(roster(folder, *STUDENTS))))
    assert result.exit_code == 0, result.output
    assert "2 dealt now, 2 in all" in result.output
    return folder


@pytest.fixture(scope="module")
def declared(dealt: Path) -> dict[str, dict[str, Declared]]:
    """What the solution answers on each student's dairy, and on the practice dairy."""
    folders = {student: dealt / "out" / student for student in STUDENTS} | {"practice": dealt}
    return {name: answers_in(folder) for name, folder in folders.items()}


@pytest.fixture
def at(dealt: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A function that goes to a student's folder, as the notebook's kernel does."""

    def go(student: str) -> Path:
        monkeypatch.chdir(dealt / "out" / student)
        monkeypatch.setattr(key, "_declared", {})
        return dealt / "out" / student

    return go


# --- What is dealt -------------------------------------------------------------------------------------


def test_a_student_gets_the_notebook_a_dairy_and_its_key_in_less_than_5_mb(dealt: Path):
    for student in STUDENTS:
        found = files(dealt / "out" / student)
        assert {name.split("/")[0] for name in found} == {"12-capstone.ipynb", "dairy"}
        assert {"dairy/hailang/datapackage.json", "dairy/keys/capstone.json"} <= set(found)
        assert sum(map(len, found.values())) < 5_000_000


def test_no_dairy_is_dealt_twice(dealt: Path):
    one, two = (dealt / "out" / student / "dairy" for student in STUDENTS)
    for name in ("hailang/price_panel.csv", "hailang/fence_trial.csv", "keys/capstone.json"):
        assert (one / name).read_bytes() != (two / name).read_bytes()


def test_students_get_neither_answers_nor_truths_nor_the_secret(dealt: Path):
    for student in STUDENTS:
        text = b"\n".join(files(dealt / "out" / student).values())
        for word in (b'"planted"', SECRET.encode(), b"BEGIN SOLUTION", b"seed"):
            assert word not in text


def test_the_notebook_shows_the_students_own_dairy(dealt: Path):
    folder = dealt / "out" / STUDENTS[0]
    cells = {cell.id: cell for cell in notebook.read(folder / "12-capstone.ipynb").cells}
    shown = cells["q2-data"].outputs[0]["data"]["text/plain"]
    assert shown == repr(Catalogue(folder / "dairy")("hailang.price_panel").head())


@pytest.mark.parametrize("student", STUDENTS)
def test_the_key_accepts_the_answers_of_its_dairy_only(
    at: Callable[[str], Path], declared: dict[str, dict[str, Declared]], student: str
):
    at(student)
    for question, known in declared[student].items():
        assert judge(key.entry(question), known.answer).outcome is Outcome.CORRECT, question
    other = next(name for name in STUDENTS if name != student)
    for name in (other, "practice"):
        refused = {
            question
            for question, known in declared[name].items()
            if judge(key.entry(question), known.answer).outcome is not Outcome.CORRECT
        }
        # A fad may fade as fast in two dairies, and a gift reach the same tier; not all of these agree.
        assert {"capstone-q1", "capstone-q2", "capstone-q6"} <= refused
        assert "capstone-q7" not in refused


def test_a_plan_is_judged_by_the_dairy_at_hand(
    at: Callable[[str], Path], declared: dict[str, dict[str, Declared]]
):
    # Each chooses the zones of its own rival, where fewer accounts are left than elsewhere.
    for student in STUDENTS:
        at(student)
        plan = declared[student]["capstone-q8"].answer
        assert judge(key.entry("capstone-q8"), plan).outcome is Outcome.CORRECT
        crowded = [{**plan["measures"][0], "accounts": 10**6}]
        assert judge(key.entry("capstone-q8"), {**plan, "measures": crowded}).outcome is Outcome.MISTAKE


def test_the_exercise_solved_in_a_students_folder_earns_full_points(dealt: Path, tmp_path: Path):
    student = STUDENTS[0]
    folder = tmp_path / student
    shutil.copytree(dealt / "out" / student, folder)
    fresh, told = release_on(notebook.read(ROOT / "solutions" / "12-capstone.ipynb"), folder)
    assert notebook.to_text(fresh.exercise) == (folder / "12-capstone.ipynb").read_text(encoding="utf-8")
    run = notebook.execute(solved(fresh), folder / "12-capstone.ipynb")
    assert set(verdicts(run).values()) == {"CORRECT"}
    assert set(told) == set(verdicts(run))
    assert ANSWERS not in notebook.to_text(run)


def test_the_instructor_gets_answers_tolerances_and_truths(
    dealt: Path, declared: dict[str, dict[str, Declared]]
):
    for student in STUDENTS:
        kept = json.loads((dealt / "private" / "answers" / f"{student}.json").read_text(encoding="utf-8"))
        assert kept["student"] == student
        assert set(kept["questions"]) == set(declared[student])
        for name, entry in kept["questions"].items():
            form = Form.from_json(entry["form"])
            assert entry["points"] > 0
            if form.kind != "plan":
                assert entry["answer"] == parts(declared[student][name].answer, form)
        tolerances = [item["tolerance"] for item in kept["questions"]["capstone-q2"]["form"]["items"]]
        truths = kept["planted"]["capstone-q2"].values()
        estimates = [leaves[0] for leaves in kept["questions"]["capstone-q2"]["answer"].values()]
        for estimate, truth, tolerance in zip(estimates, truths, tolerances, strict=True):
            assert abs(estimate - truth) < 2 * tolerance


def test_the_instructor_keeps_a_copy_of_what_each_student_got(dealt: Path, tmp_path: Path):
    for student in STUDENTS:
        with ZipFile(dealt / "private" / "copies" / f"{student}.zip") as packed:
            packed.extractall(tmp_path / student)
        assert files(tmp_path / student) == files(dealt / "out" / student)


def test_a_notebook_names_its_dairy_and_so_does_the_instructors_record(dealt: Path):
    names = []
    for student in STUDENTS:
        exercise = notebook.read(dealt / "out" / student / "12-capstone.ipynb")
        kept = json.loads((dealt / "private" / "answers" / f"{student}.json").read_text(encoding="utf-8"))
        assert exercise.metadata["crmkit"] == {"dairy": kept["dairy"]}
        names.append(kept["dairy"])
    assert len(set(names)) == len(STUDENTS)


# --- The student's own folder --------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["", '{"topic": "capstone"}', "{"])
def test_a_lost_or_damaged_key_is_said_and_the_practice_key_does_not_judge(
    dealt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
):
    shutil.copytree(dealt / "out" / STUDENTS[0] / "dairy", tmp_path / "dairy")
    path = tmp_path / "dairy" / "keys" / "capstone.json"
    path.unlink()
    if damage:
        path.write_text(damage)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    monkeypatch.setenv("CRMKIT_PROGRESS", "off")
    verdict = check("capstone-q1", {})
    assert verdict.outcome is Outcome.UNKNOWN
    assert "copy dairy/ again" in verdict.lines[0]
    assert "copy dairy/ again" in repr(progress("capstone"))


# --- Dealing again -------------------------------------------------------------------------------------


def test_a_second_call_deals_to_those_who_have_nothing_yet(
    dealt: Path, tmp_path: Path, run: Callable[..., Result]
):
    again = tmp_path / "again"
    shutil.copytree(dealt, again)
    shutil.rmtree(again / "out" / STUDENTS[1])
    before = files(again / "out" / STUDENTS[0])
    result = run(*command(again, str(again / "roster.csv")))
    assert "1 dealt now, 2 in all" in result.output
    assert files(again / "out" / STUDENTS[0]) == before
    assert files(again) == files(dealt)


def test_a_killed_deal_leaves_only_whole_folders_and_the_next_one_gives_the_same_bytes(
    dealt: Path, tmp_path: Path, run: Callable[..., Result]
):
    folder = with_secret(tmp_path / "killed")
    arguments = command(folder, str(roster(folder, *STUDENTS)))
    process = subprocess.Popen(
        [sys.executable, "-c", "from crmkit.cli import main; main()", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    draft = folder / "out" / f".{STUDENTS[1]}.part" / "dairy"
    while not draft.exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert files(folder / "out" / STUDENTS[0]) == files(dealt / "out" / STUDENTS[0])
    assert not (folder / "out" / STUDENTS[1]).exists()
    assert "1 dealt now" in run(*arguments).output
    assert files(folder) == files(dealt)


def test_another_secret_is_refused_where_something_was_dealt(
    dealt: Path, tmp_path: Path, run: Callable[..., Result]
):
    again = tmp_path / "again"
    shutil.copytree(dealt, again)
    (again / "private" / "secret").write_text("00" * 32)
    before = files(again)
    assert said(run(*command(again, str(again / "roster.csv")))).startswith(
        f"{again / 'out' / STUDENTS[0]} was dealt with another secret or another solution; "
    )
    assert files(again) == before


def test_a_lost_copy_is_said(dealt: Path, tmp_path: Path, run: Callable[..., Result]):
    again = tmp_path / "again"
    shutil.copytree(dealt, again)
    lost = again / "private" / "copies" / f"{STUDENTS[0]}.zip"
    lost.unlink()
    assert said(run(*command(again, str(again / "roster.csv")))).startswith(f"{lost} is missing; ")


def test_a_class_gets_one_dairy_and_a_secret_is_made_for_the_owner_only(
    tmp_path: Path, run: Callable[..., Result]
):
    result = run(*command(tmp_path, "--class"))
    assert result.exit_code == 0, result.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["class"]
    secret = tmp_path / "private" / "secret"
    assert len(bytes.fromhex(secret.read_text().strip())) == 32
    if os.name == "posix":
        assert secret.stat().st_mode & 0o077 == 0


# --- Bad input -----------------------------------------------------------------------------------------

ROSTERS: dict[str, tuple[str, str]] = {
    "no column": ("name,id\nX,a1\n", "has no column student_id; it has name, id"),
    "empty file": ("", "has no column student_id; it has none"),
    "nobody": ("student_id\n", "names no student"),
    "twice": ("student_id\na1\nb2\na1\n", "line 4: the id 'a1' stands in line 2, too"),
    "twice but for case": ("student_id\nAnna\nanna\n", "line 3: the id 'anna' stands in line 2, too"),
    "separator": ("student_id\na/b\n", "line 2: the id 'a/b' cannot name a folder"),
    "other separator": ("student_id\na\\b\n", r"line 2: the id 'a\\b' cannot name a folder"),
    "upwards": ("student_id\n..\n", "line 2: the id '..' cannot name a folder"),
    "hidden": ("student_id\n.a\n", "line 2: the id '.a' cannot name a folder"),
    "blank": ("student_id,name\n,X\n", "line 2: the id '' cannot name a folder"),
    "short row": ("name,student_id\nX\n", "line 2: the id '' cannot name a folder"),
    "too long": (f"student_id\n{'a' * 65}\n", "cannot name a folder"),
    "control character": ("student_id\na\x07b\n", "cannot name a folder"),
}


@pytest.mark.parametrize("name", ROSTERS)
def test_a_bad_roster_gets_one_line_and_nothing_is_written(
    tmp_path: Path, run: Callable[..., Result], name: str
):
    content, message = ROSTERS[name]
    path = tmp_path / "roster.csv"
    path.write_text(content, encoding="utf-8")
    assert message in said(run(*command(tmp_path, str(path))))
    assert list(tmp_path.iterdir()) == [path]


def test_a_roster_from_a_spreadsheet_with_a_byte_order_mark_is_read(
    tmp_path: Path, run: Callable[..., Result]
):
    path = tmp_path / "roster.csv"
    path.write_text("student_id\na/b\n", encoding="utf-8-sig")
    assert "the id 'a/b'" in said(run(*command(tmp_path, str(path))))


def test_a_roster_that_is_not_there_or_not_text_gets_one_line(tmp_path: Path, run: Callable[..., Result]):
    assert "cannot be read" in said(run(*command(tmp_path, str(tmp_path / "none.csv"))))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read as a CSV file in UTF-8" in said(
        run(*command(tmp_path, str(tmp_path / "binary.csv")))
    )


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path, run: Callable[..., Result]):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    assert said(run(*command(tmp_path, str(roster(tmp_path, "a1"))))) == (
        f"{tmp_path / 'out'} holds thesis.txt, which is not of this deal; move it or take another folder"
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("private", ["out", "out/private", "."])
def test_answers_beside_the_students_folders_are_refused(
    tmp_path: Path, run: Callable[..., Result], private: str
):
    arguments = ["--out", str(tmp_path / "out"), "--private", str(tmp_path / private)]
    result = run("capstone", "deal", str(roster(tmp_path / "elsewhere", "a1")), *arguments)
    assert "holds the answers" in said(result)


def test_a_damaged_secret_is_refused_and_kept(tmp_path: Path, run: Callable[..., Result]):
    secret = with_secret(tmp_path) / "private" / "secret"
    secret.write_text(SECRET[:-2])
    assert "was truncated or edited" in said(run(*command(tmp_path, str(roster(tmp_path, "a1")))))
    assert secret.read_text() == SECRET[:-2]


@pytest.mark.parametrize("more", [(), ("--class", "x.csv")])
def test_either_a_roster_or_the_class_is_asked_for(
    tmp_path: Path, run: Callable[..., Result], more: tuple[str, ...]
):
    assert said(run(*command(tmp_path, *more))) == "give either a roster or --class"


def test_outside_a_course_folder_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, command(tmp_path, "--class"))
    assert "is not inside a course folder" in said(result)
