"""The capstone is graded against, and on, the dairy that each student was dealt."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from submitted import ROOT, solutions, submission

from crmkit import notebook
from crmkit.capstone.deal import STEM, Deal, deal
from crmkit.capstone.plan import Facts
from crmkit.cli import main
from crmkit.data import Catalogue
from crmkit.exercise.release import CHECK
from crmkit.grading import commands
from crmkit.grading.assignment import Assignment
from crmkit.grading.autograde import Pool, autograde
from crmkit.grading.dealt import Copy, Dealt, DealtError
from crmkit.grading.gradebook import Gradebook
from crmkit.grading.layout import ClassFolder
from crmkit.grading.roster import Student
from crmkit.grading.run import Job, Run, Session, answers_in
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError
from crmkit.grading.submission import Reader
from crmkit.grading.worker import WorkerError
from crmkit.notebook import NotebookError

SOLUTION = ROOT / "solutions" / f"{STEM}.ipynb"
SECRET = bytes.fromhex("5e" * 32)
SOLVES, COPIES, PRIES = "s01", "s02", "s03"
UNDEALT = "s04"
LIMITS = Limits(seconds=120, cell_seconds=20)
OF_THE_DAIRY = ("capstone-q1", "capstone-q2", "capstone-q5", "capstone-q6")
"""Questions whose answers are dicts of numbers, other ones for each dairy."""


@dataclass(frozen=True)
class Class:
    """A deal to three students: what they got, and what the instructor keeps."""

    handout: Path
    private: Path

    def kept(self, student: str) -> dict[str, Any]:
        path = self.private / "answers" / f"{student}.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def numbers(self, student: str) -> dict[str, str]:
        """Return code that states the right numbers for a student's dairy, without looking at one."""
        asked = [CHECK.match(cell.source) for cell in notebook.read(SOLUTION).cells]
        names = {match["question"]: match["name"] for match in asked if match}
        answers = {name: self.kept(student)["questions"][name]["answer"] for name in OF_THE_DAIRY}
        stated = {name: {part: leaf for part, (leaf,) in answer.items()} for name, answer in answers.items()}
        return {name: f"{names[name]} = {value!r}" for name, value in stated.items()}

    def plan(self, student: str, more: int) -> str:
        """Return code of a plan for all small accounts in zone 1 of a student's dairy, and some more."""
        facts = Facts.of(Catalogue(self.handout / student / "dairy"))
        accounts = facts.accounts[1, "small"] + more
        rates = {"control": 0.3, "treated": 0.1, "accounts_per_unit": 1, "icc": 0}
        plan = {
            "tier": "small",
            "product_group": facts.families[0],
            "zones": [1],
            "measures": [
                {"measure": "card", "accounts": accounts, "yuan_per_account": 0.5, "worth_per_account": 1}
            ],
            "total_yuan": accounts * 0.5,
            "experiment": {"outcome": "stays", "unit": "account", **rates, "per_arm": 100},
            "risks": [{"risk": "a", "sign": "b", "response": "c"}] * 3,
            "ethics": "Nobody is harmed.",
        }
        return f"plan = {plan!r}"

    def handed_in(self, student: str, answers: dict[str, str]) -> bytes:
        """Return a student's notebook with some answers in it."""
        exercise = notebook.read(self.handout / student / f"{STEM}.ipynb")
        for cell in exercise.cells:
            question = cell.metadata.get("crmkit", {}).get("question")
            if cell.metadata.get("crmkit", {}).get("role") == "answer" and question in answers:
                cell.source = answers[question]
        return notebook.to_text(exercise).encode()


@pytest.fixture(scope="module")
def dealt(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("deal")
    made = Class(folder / "handout", folder / "private")
    deal(Deal(SOLUTION, SECRET, made.handout, made.private), [SOLVES, COPIES, PRIES])
    return made


@pytest.fixture(scope="module")
def practice() -> Assignment:
    return Assignment.load(ROOT, STEM)


@pytest.fixture
def folder(tmp_path: Path) -> ClassFolder:
    return ClassFolder(tmp_path / "class")


def hand_in(folder: ClassFolder, student: str, data: bytes) -> None:
    path = folder.notebook(student, STEM)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def right(attempt: dict[str, Any]) -> set[str]:
    return {item["question"] for item in attempt["items"] if item["outcome"] == "CORRECT"}


PRY = """
import os, sys
own, readable, found = [], 0, []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.join(folder, name).startswith(
        ("/proc", "/usr", "/lib", "/bin", "/sbin", "/venv", "/course/datasets", sys.base_prefix))]
    for name in files:
        path = f"{folder}/{name}"
        try:
            with open(path, "rb") as file:
                data = file.read(200_000)
        except OSError:
            continue
        readable += 1
        if name == "datapackage.json" and folder.endswith("hailang"):
            own.append(path)
        if any(needle in data for needle in NEEDLES):
            found.append(path)
found += [name for name, value in os.environ.items() if any(needle in value.encode() for needle in NEEDLES)]
print("packages", sorted(path for path in own if not path.startswith(("/cache/", "/course/"))))
print("readable", readable > 100)
print(*sorted(found))
"""


def needles(dealt: Class) -> list[bytes]:
    """Return what nobody must see, the secret, keys and truths, and rows of everybody's tables."""
    seen = [SECRET.hex().encode(), dealt.kept(SOLVES)["deal"].encode()]
    seen += [b'"digest": "', b'"planted": {']
    for student in (SOLVES, COPIES, PRIES):
        tables = dealt.handout / student / "dairy" / "hailang"
        seen += [(tables / name).read_bytes()[500:600] for name in ("price_panel.csv", "promo_assign.csv")]
    return seen


def prying(dealt: Class) -> str:
    hidden = [bytes(255 - byte for byte in needle) for needle in needles(dealt)]
    answer = solutions(STEM)["capstone-q1"]
    return f"NEEDLES = [bytes(255 - byte for byte in each) for each in {hidden!r}]\n{PRY}\n{answer}"


def test_a_class_is_graded_on_its_own_dairies(dealt: Class, folder: ClassFolder):
    hand_in(folder, SOLVES, dealt.handed_in(SOLVES, solutions(STEM)))
    # The neighbour's notebook with the neighbour's numbers in it.
    crowded = {"capstone-q8": dealt.plan(COPIES, more=1)}
    hand_in(folder, COPIES, dealt.handed_in(SOLVES, dealt.numbers(SOLVES) | crowded))
    hand_in(folder, PRIES, dealt.handed_in(PRIES, solutions(STEM) | {"capstone-q1": prying(dealt)}))
    hand_in(folder, UNDEALT, submission(STEM, solutions(STEM)))
    kept = Dealt.read(dealt.private, SOLUTION)
    with Gradebook(folder.gradebook) as gradebook, Pool(ROOT, STEM, LIMITS, 1) as pool:
        try:
            pool.hello()
        except WorkerError as error:
            if "cannot be isolated" not in str(error):
                raise
            pytest.skip(f"NOT TESTED: {error}")
        gradebook.enrol([Student(name, name) for name in (SOLVES, COPIES, PRIES, UNDEALT)])

        batch = autograde(pool, gradebook, folder, STEM, dealt=kept)
        assert (batch.graded, batch.ungradable) == (3, {})
        assert "no dairy was dealt to this student" in batch.failed.pop(UNDEALT)
        assert batch.failed == {}
        assert batch.remarks == {COPIES: f"the notebook is the one dealt to {SOLVES}"}
        attempts = {attempt["student"]: attempt for attempt in gradebook.attempts(STEM)}
        assert right(attempts[SOLVES]) == set(solutions(STEM))
        assert right(attempts[COPIES]) == set()
        assert right(attempts[PRIES]) == set(solutions(STEM))
        (shown,) = [each for each in attempts[PRIES]["transcript"] if each["question"] == "capstone-q1"]
        assert shown["text"].splitlines() == [
            "packages ['/home/student/dairy/hailang/datapackage.json']",
            "readable True",
            # Its own rows, which shows that others' would have been found.
            "/home/student/dairy/hailang/price_panel.csv /home/student/dairy/hailang/promo_assign.csv",
        ]

        # Nothing has changed; the student without a dairy is told again.
        batch = autograde(pool, gradebook, folder, STEM, dealt=kept)
        assert (batch.graded, batch.passed_over, list(batch.failed)) == (0, 3, [UNDEALT])

        # Numbers of the own dairy are right wherever they were found, and a plan is judged by the own dairy.
        fitting = {"capstone-q8": dealt.plan(COPIES, more=0)}
        hand_in(folder, COPIES, dealt.handed_in(COPIES, dealt.numbers(COPIES) | fitting))
        batch = autograde(pool, gradebook, folder, STEM, dealt=kept)
        assert (batch.graded, batch.passed_over, batch.remarks) == (1, 2, {})
        assert right(gradebook.attempts(STEM, COPIES)[-1]) == {*OF_THE_DAIRY, *fitting}

        # Another deal is another release: everybody is graded again, and the history stays.
        batch = autograde(pool, gradebook, folder, STEM, dealt=replace(kept, deal="0" * 24))
        assert (batch.graded, batch.passed_over) == (3, 0)
        assert len(gradebook.attempts(STEM, SOLVES)) == 2
        marks = {mark.student: mark for mark in gradebook.marks(STEM)}
        assert not any(mark.outdated for mark in marks.values())


@pytest.mark.parametrize("stock", [False, True], ids=["shell", "stock kernel"])
def test_both_kernels_run_a_dealt_notebook_on_its_own_dairy(dealt: Class, practice: Assignment, stock: bool):
    assignment = Dealt.read(dealt.private, SOLUTION).copy_for(SOLVES).assignment(practice)
    # What the practice dairy gives is wrong here.
    of_practice = {q.entry.question: f"{q.name} = {dict(q.answer)!r}" for q in practice.questions[:2]}
    handed_in = [solutions(STEM), of_practice | {"capstone-q3": "import os\nos._exit(1)"}]
    runs: list[Run] = []
    with Reader() as reader, ExitStack() as stack:
        cells = [reader.read(dealt.handed_in(SOLVES, each)) for each in handed_in]
        try:
            box = stack.enter_context(Sandbox(LIMITS, given=assignment.given, stock=stock))
        except SandboxError as error:
            pytest.skip(f"NOT TESTED: {error}")
        Session(
            box, [Job(assignment, answers_in(assignment, each), "seed") for each in cells], runs.append
        ).run()
    solved, other = ({item["question"]: item["outcome"] for item in run.items} for run in runs)
    assert {solved[name] for name in solutions(STEM)} == {"CORRECT"}
    # The given cells show what they showed in the student's own notebook, and after a kernel's death again.
    assert runs[0].differing == runs[1].differing == []
    assert other["capstone-q1"] in ("INCORRECT", "MISTAKE")
    assert other["capstone-q2"] in ("INCORRECT", "MISTAKE")
    assert other["capstone-q3"] == "DIED"


def test_what_lies_beside_a_notebook_is_its_own_tables_and_no_key(dealt: Class, practice: Assignment):
    assignment = Dealt.read(dealt.private, SOLUTION).copy_for(COPIES).assignment(practice)
    tables = dealt.handout / COPIES / "dairy" / "hailang"
    assert assignment.beside == {f"dairy/hailang/{path.name}": path.read_text() for path in tables.iterdir()}
    assert assignment.release not in (practice.release, "")


def test_what_was_dealt_to_the_whole_class_is_everybodys(dealt: Class, tmp_path: Path):
    private = tmp_path / "private"
    for kind, ending in (("answers", "json"), ("copies", "zip")):
        (private / kind).mkdir(parents=True)
        shutil.copy(dealt.private / kind / f"{SOLVES}.{ending}", private / kind / f"class.{ending}")
    kept = Dealt.read(private, SOLUTION)
    assert kept.copy_for("anybody").path == str(private / "copies" / "class.zip")
    assert kept.remark("anybody", dealt.handed_in(SOLVES, {})) == ""
    assert "none that was dealt" in kept.remark("anybody", submission(STEM))
    assert "of another deal" in kept.remark("anybody", dealt.handed_in(COPIES, {}))


# --- A private folder that is not as it was ------------------------------------------------------------


def refused(private: Path, solution: Path = SOLUTION) -> str:
    with pytest.raises(DealtError) as error:
        Dealt.read(private, solution)
    return str(error.value)


@pytest.fixture
def private(dealt: Class, tmp_path: Path) -> Path:
    return shutil.copytree(dealt.private, tmp_path / "private")


def test_a_folder_without_a_deal_is_refused(tmp_path: Path):
    assert "nothing was dealt in" in refused(tmp_path)


def test_two_deals_in_one_folder_are_refused_by_name(private: Path):
    path = private / "answers" / f"{PRIES}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"deal": "f" * 24}))
    assert f"holds 2 deals; move the answers and copies of {PRIES} away" in refused(private)


@pytest.mark.parametrize("text", ["", "[]", '{"deal": "x"}'])
def test_a_damaged_record_is_refused(private: Path, text: str):
    path = private / "answers" / f"{PRIES}.json"
    path.write_text(text)
    assert str(path) in refused(private)


def test_a_solution_that_was_mended_after_the_deal_asks_for_another(private: Path, tmp_path: Path):
    changed = copy.deepcopy(notebook.read(SOLUTION))
    changed.cells[-1].source += "  # mended"
    notebook.write(changed, tmp_path / "mended.ipynb")
    assert "has changed since" in refused(private, tmp_path / "mended.ipynb")


def test_a_truncated_copy_is_its_students_problem_only(private: Path):
    path = private / "copies" / f"{SOLVES}.zip"
    path.write_bytes(path.read_bytes()[:-100])
    kept = Dealt.read(private, SOLUTION)
    with pytest.raises(DealtError, match="is missing or truncated"):
        kept.copy_for(SOLVES)
    assert kept.copy_for(COPIES)


def test_a_copy_without_a_dairy_or_with_another_exercise_is_refused(
    private: Path, practice: Assignment, tmp_path: Path
):
    empty = tmp_path / "empty.zip"
    with ZipFile(empty, "w") as packed:
        packed.writestr("note.txt", "x")
    with pytest.raises(NotebookError, match="was edited"):
        Copy(str(empty), "deal").assignment(practice)
    others = replace(practice, questions=tuple(map(renamed, practice.questions)))
    with pytest.raises(NotebookError, match="is not the course's; deal again"):
        Dealt.read(private, SOLUTION).copy_for(SOLVES).assignment(others)


def renamed(question: Any) -> Any:
    return replace(question, entry=replace(question.entry, question=f"x{question.entry.question}"))


# --- The command ---------------------------------------------------------------------------------------


@pytest.fixture
def command(folder: ClassFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The command, up to where it would start to grade."""

    def stop(*_: object, **__: object) -> None:
        raise WorkerError("as far as this test goes")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(commands, "Pool", stop)
    folder.root.mkdir()
    folder.roster.write_text(f"student_id,name\n{SOLVES},Li\n{COPIES},Wu\n", encoding="utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["autograde", "--class", str(folder.root), *arguments])

    return run


def test_dealt_notebooks_without_the_option_are_warned_of_once(
    dealt: Class, folder: ClassFolder, command: Any
):
    hand_in(folder, COPIES, submission(STEM))
    assert "dairy of their own" not in command().stderr
    hand_in(folder, SOLVES, dealt.handed_in(SOLVES, {}))
    warned = command().stderr
    assert warned.count(f"{STEM}: 1 notebooks have a dairy of their own ({SOLVES})") == 1
    assert "--dealt PRIVATE" in warned
    assert "dairy of their own" not in command("--dealt", str(dealt.private)).stderr


def test_the_option_is_for_the_capstone_only(dealt: Class, folder: ClassFolder, command: Any):
    hand_in(folder, SOLVES, submission(STEM))
    result = command("02-pricing", "--dealt", str(dealt.private))
    assert result.exit_code == 1
    assert f"--dealt is for {STEM}, which is not graded here" in result.stderr
