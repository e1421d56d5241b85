"""A class is graded as a whole: what is new, once, and on from there after a stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from submitted import ROOT, solutions, submission

from crmkit.grading.autograde import Batch, Pool, autograde, dask, in_shard
from crmkit.grading.gradebook import Gradebook
from crmkit.grading.layout import ClassFolder
from crmkit.grading.roster import Student
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError

STEM = "02-pricing"
LIMITS = Limits(seconds=60, cell_seconds=3)


@pytest.fixture(scope="module", autouse=True)
def isolation() -> None:
    try:
        with Sandbox():
            pass
    except SandboxError as error:
        pytest.skip(f"NOT TESTED: {error}")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(ROOT, STEM, LIMITS, 2) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> ClassFolder:
    return ClassFolder(tmp_path / "class")


@pytest.fixture
def gradebook(folder: ClassFolder) -> Iterator[Gradebook]:
    with Gradebook(folder.gradebook) as gradebook:
        gradebook.enrol([Student(f"s{n:02}", f"Student {n}") for n in range(40)])
        yield gradebook


def hand_in(folder: ClassFolder, student: str, data: bytes) -> None:
    path = folder.notebook(student, STEM)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def first(count: int) -> dict[str, str]:
    return dict(list(solutions(STEM).items())[:count])


def points(gradebook: Gradebook) -> dict[str, float]:
    found: dict[str, float] = {}
    for attempt in gradebook.attempts(STEM, transcripts=False):
        found[attempt["student"]] = sum(item["earned"] or 0 for item in attempt["items"])
    return found


def test_a_class_is_graded_once_and_then_only_what_is_new(
    pool: Pool, gradebook: Gradebook, folder: ClassFolder
):
    for number, count in enumerate([0, 1, 2, 9]):
        hand_in(folder, f"s{number:02}", submission(STEM, first(count)))
    hand_in(folder, "s04", b"not a notebook")
    batch = autograde(pool, gradebook, folder, STEM)
    assert (batch.graded, batch.passed_over, batch.failed) == (5, 0, {})
    assert list(batch.ungradable) == ["s04"]
    assert "not a notebook" in batch.ungradable["s04"]
    assert points(gradebook) == {"s00": 0, "s01": 3, "s02": 5, "s03": 26, "s04": 0}
    assert autograde(pool, gradebook, folder, STEM) == Batch(passed_over=5)

    hand_in(folder, "s04", submission(STEM, first(2)))
    assert autograde(pool, gradebook, folder, STEM) == Batch(graded=1, passed_over=4)
    assert points(gradebook)["s04"] == 5
    assert len(gradebook.attempts(STEM, "s04")) == 2
    marks = {mark.student: mark for mark in gradebook.marks(STEM)}
    assert len(marks) == 40


def test_the_order_and_the_neighbours_do_not_change_a_mark(
    pool: Pool, gradebook: Gradebook, folder: ClassFolder
):
    loop = first(9) | {"pricing-q1": "while True: pass"}
    for number, answers in enumerate([loop, first(9), {}, first(9), loop]):
        hand_in(folder, f"s{number:02}", submission(STEM, answers))
    autograde(pool, gradebook, folder, STEM)
    assert points(gradebook) == {"s00": 23, "s01": 26, "s02": 0, "s03": 26, "s04": 23}


def test_each_student_is_in_one_shard():
    students = [f"s{n}" for n in range(200)]
    parts = [[each for each in students if in_shard(each, (part, 3))] for part in (1, 2, 3)]
    assert sorted(each for part in parts for each in part) == sorted(students)
    assert all(len(part) > 40 for part in parts)


def test_a_worker_that_crashes_costs_nothing(gradebook: Gradebook, folder: ClassFolder):
    for number in range(6):
        hand_in(folder, f"s{number:02}", submission(STEM, first(number)))
    killed = []

    def kill(student: str, attempt: object) -> None:
        process = pool.workers[0]._process
        if process and not killed:
            process.kill()
            killed.append(process.pid)

    with Pool(ROOT, STEM, LIMITS, 1) as pool:
        batch = autograde(pool, gradebook, folder, STEM, on_attempt=kill)
    assert killed
    assert (batch.graded, batch.failed) == (6, {})
    assert len(gradebook.attempts(STEM)) == 6


def crmkit(*arguments: str) -> subprocess.Popen[str]:
    command = [Path(sys.executable).with_name("crmkit"), *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background, Ctrl-C is ignored, and that would be inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def roster(folder: ClassFolder, count: int) -> None:
    folder.root.mkdir(parents=True, exist_ok=True)
    lines = [f"s{n:02},Student {n}" for n in range(count)]
    folder.roster.write_text("\n".join(["student_id,name", *lines]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_run_that_is_stopped_goes_on_where_it_was(folder: ClassFolder, how: signal.Signals):
    roster(folder, 12)
    for number in range(12):
        hand_in(folder, f"s{number:02}", submission(STEM, first(number % 9)))
    arguments = ["autograde", STEM, "--class", str(folder.root), "--jobs", "2"]
    run = crmkit(*arguments)
    deadline = time.monotonic() + 120
    done = 0
    while not done and time.monotonic() < deadline:
        time.sleep(0.05)
        if folder.gradebook.exists():
            with Gradebook(folder.gradebook) as gradebook:
                done = len(gradebook.attempts(STEM, transcripts=False))
    os.kill(run.pid, how)
    out, err = run.communicate(timeout=60)
    if how is signal.SIGINT:
        assert run.returncode == 1
        assert "goes on from there" in err, (out, err)
    with Gradebook(folder.gradebook) as gradebook:
        before = len(gradebook.attempts(STEM, transcripts=False))
    assert 1 <= before < 12
    again = crmkit(*arguments)
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert f"{12 - before} graded, {before} graded before" in out
    with Gradebook(folder.gradebook) as gradebook:
        students = [attempt["student"] for attempt in gradebook.attempts(STEM, transcripts=False)]
    assert sorted(students) == [f"s{n:02}" for n in range(12)]


def test_nothing_is_graded_without_a_sandbox_unless_told_in_so_many_words(folder: ClassFolder):
    roster(folder, 1)
    hand_in(folder, "s00", submission(STEM, first(2)))
    arguments = ["autograde", STEM, "--class", str(folder.root), "--jobs", "1"]
    refused = crmkit(*arguments, "--unsafe-no-sandbox", "yes")
    _, err = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert "I trust this code with my account" in err
    assert not folder.gradebook.exists()
    told = crmkit(*arguments, "--unsafe-no-sandbox", "I trust this code with my account")
    out, err = told.communicate(timeout=120)
    assert told.returncode == 0, err
    assert "1 graded" in out


def test_a_dask_cluster_grades_and_survives_the_loss_of_a_worker(gradebook: Gradebook, folder: ClassFolder):
    distributed = pytest.importorskip("distributed")
    for number in range(16):
        hand_in(folder, f"s{number:02}", submission(STEM, first(number % 9)))
    killed = []

    def kill(student: str, attempt: object) -> None:
        if not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster,
        dask(cluster.scheduler_address, ROOT, STEM, LIMITS) as graders,
    ):
        batch = autograde(graders, gradebook, folder, STEM, on_attempt=kill)
    assert killed
    assert (batch.graded, batch.failed) == (16, {})
    assert len(gradebook.attempts(STEM)) == 16
    assert points(gradebook)["s08"] == 23
