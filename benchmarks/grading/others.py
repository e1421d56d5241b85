"""nbgrader and Otter, each in an environment of its own, on the same submissions."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from grading.result import Result, Task
from grading.submissions import ROOT, STEM
from grading.watch import Watch, end_below

from crmkit import notebook
from crmkit.grading.assignment import Assignment, Question

CACHE = ROOT / ".cache" / "bench"
REQUIREMENTS = {
    "nbgrader": ["nbgrader>=0.9.6,<0.10"],
    "otter": ["otter-grader>=7,<8", "ipykernel>=6.29"],
}
SHOWN = ("nbgrader", "otter-grader", "ipykernel", "nbclient", "nbconvert", "numpy", "pandas")
MARKS = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook(sys.argv[1]) as gradebook:
    json.dump({
        each.student.id: {mark.name: mark.auto_score == mark.max_score for mark in each.notebooks[0].grades}
        for each in gradebook.assignment_submissions("pricing")
    }, sys.stdout)
"""
OTTER_TEST = """
from math import inf
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}
EXPECTED, TOLERANCE, CALLS = {expected!r}, {tolerance!r}, {calls!r}


def same(found, expected, tolerance):
    if isinstance(expected, dict):
        given = tolerance if isinstance(tolerance, dict) else dict.fromkeys(expected, tolerance)
        return all(same(found[name], value, given.get(name, 0)) for name, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(*pair, tolerance) for pair in zip(found, expected))
    if isinstance(expected, (bool, str)):
        return found == expected
    return found == expected or abs(found - expected) <= tolerance


@test_case()
def is_right({variable}):
    assert same([{variable}(*call) for call in CALLS] if CALLS else {variable}, EXPECTED, TOLERANCE)
"""
"""An Otter test by hand: right or not, without the hints and misconceptions that ours name."""


END_SECONDS = 15
"""How long a process may take, besides what its submission does, before it is killed."""
NO_OUTPUT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Missing(RuntimeError):
    """A grader that cannot be had here; the message says why."""


def environment(name: str) -> Path:
    """Return the programs' folder of a grader's environment, made on the first call.

    Raises
    ------
    Missing : pip could not install it.
    """
    folder, wanted = CACHE / name, [*REQUIREMENTS[name], "--editable", str(ROOT)]
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text() != repr(wanted):
        print(f"installing {name} into {folder.relative_to(ROOT)} (once) …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        command = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            raise Missing(f"not to be had from the package index that pip is configured with: {said[-1]}")
        ready.write_text(repr(wanted))
    return folder / "bin"


def versions(programs: Path) -> dict[str, str]:
    """Return what is installed of the packages that matter."""
    command = [programs / "pip", "list", "--format=json", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, check=True)
    return {each["name"]: each["version"] for each in json.loads(done.stdout) if each["name"] in SHOWN}


def surroundings(programs: Path, work: Path) -> dict[str, str]:
    """Return environment variables under which a grader keeps everything that it writes in one folder."""
    home = work / "home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache"),
        "MPLCONFIGDIR": str(home / "mpl"), "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "CRMKIT_PROGRESS": "off",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip


@contextmanager
def process(command: Sequence[str | Path], **details: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a program; at the end nothing of it is left."""
    with subprocess.Popen(command, text=True, start_new_session=True, **details) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                end_below(running.pid)
                running.kill()


def is_kernel(chain: Sequence[str]) -> bool:
    """Return whether a process is a stock Jupyter kernel."""
    return "ipykernel_launcher" in chain[0]


def nbgrader(task: Task) -> Result:
    """Grade with one call of `nbgrader autograde`; it has no option to run several at once.

    Raises
    ------
    Missing : it cannot be installed, or refuses the assignment.
    """
    programs = environment("nbgrader")
    course, around = task.work / "nbgrader", surroundings(programs, task.work)
    source = course / "source" / "pricing" / f"{STEM}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "solutions" / f"{STEM}.ipynb", source)
    config = [
        "c = get_config()",
        'c.CourseDirectory.course_id = "crm"',
        f"c.Execute.timeout = {math.ceil(task.limits.cell_seconds)}",
    ]
    (course / "nbgrader_config.py").write_text("\n".join(config) + "\n")
    command = [programs / "python", "-m", "nbgrader"]
    generate = [*command, "generate_assignment", "pricing"]
    with process(generate, cwd=course, env=around, **NO_OUTPUT) as running:
        if running.wait():
            raise Missing("nbgrader generate_assignment failed on the solution")
    released = notebook.read(course / "release" / "pricing" / f"{STEM}.ipynb")
    for each in task.hand_ins:
        notebook.write(each.fill(released), course / "submitted" / each.student / "pricing" / f"{STEM}.ipynb")
    result = Result("nbgrader", at_once=1, versions=versions(programs))
    seen: dict[str, float] = {}
    with Watch(is_kernel) as watch, result.measured(watch):
        call = [*command, "autograde", "pricing"]
        with process(call, cwd=course, env=around, stderr=subprocess.PIPE) as running:
            assert running.stderr is not None
            for line in running.stderr:
                if match := re.search(r"/(?:submitted|autograded)/(s\d+)/", line):
                    if not seen:
                        result.begins()
                    seen.setdefault(match[1], time.monotonic())
        ended = time.monotonic()
    students = list(seen)
    until = [*list(seen.values())[1:], ended]
    result.took = {name: end - seen[name] for name, end in zip(students, until, strict=True)}
    found = subprocess.run(
        [programs / "python", "-c", MARKS, f"sqlite:///{course / 'gradebook.db'}"],
        env=around, check=True, capture_output=True,
    )  # fmt: skip
    names = task.hand_ins[0].right
    result.right = {
        student: {name: grades[name] for name in names}
        for student, grades in json.loads(found.stdout).items()
        if student in seen
    }
    return result


def otter(task: Task) -> Result:
    """Grade with one call of `otter run` for each submission, as many at once as there are workers.

    It has no limit on time (the one of `otter grade` is its container's), so that a kernel that loops is
    killed here; that submission then has no result.

    Raises
    ------
    Missing : it cannot be installed.
    """
    programs = environment("otter")
    folder, around = task.work / "otter", surroundings(programs, task.work)
    folder.mkdir(parents=True)
    _autograder(folder / "autograder.zip", Assignment.load(ROOT, STEM))
    released = notebook.read(ROOT / "exercises" / f"{STEM}.ipynb")
    for each in task.hand_ins:
        path = folder / each.student / f"{STEM}.ipynb"
        path.parent.mkdir()
        notebook.write(each.fill(released), path)
    call = [programs / "otter", "run", f"{STEM}.ipynb", "-a", "../autograder.zip", "-o", ".", "--no-logo"]
    patience = task.limits.cell_seconds + END_SECONDS
    result = Result("otter run", at_once=task.at_once, versions=versions(programs))
    stopped = threading.Event()

    def grade(student: str) -> None:
        if stopped.is_set():
            return
        begun = time.monotonic()
        with process(call, cwd=folder / student, env=around, **NO_OUTPUT) as running:
            try:
                running.wait(patience)
            except subprocess.TimeoutExpired:
                end_below(running.pid)  # it notices, and ends
                with suppress(subprocess.TimeoutExpired):
                    running.wait(END_SECONDS)
        result.took[student] = time.monotonic() - begun
        path = folder / student / "results.json"
        if path.exists():
            tests = json.loads(path.read_text())["tests"]
            result.right[student] = {
                test["name"]: test["score"] == test["max_score"] for test in tests if "max_score" in test
            }

    with Watch(is_kernel) as watch, result.measured(watch), ThreadPoolExecutor(task.at_once) as threads:
        try:
            list(threads.map(grade, [each.student for each in task.hand_ins]))
        except KeyboardInterrupt:
            stopped.set()
            end_below(os.getpid())
            raise
    result.right = {student: right for student, right in result.right.items() if right}
    return result


def _autograder(path: Path, assignment: Assignment) -> None:
    """Write Otter's zip: a test for each question."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("otter_config.json", json.dumps({"lang": "python", "print_summary": False}))
        for question in assignment.questions:
            file.writestr(f"tests/{question.entry.question}.py", _test(question))


def _test(question: Question) -> str:
    calls = list(question.entry.form.calls)
    expected = [question.answer(*call) for call in calls] if calls else question.answer
    return OTTER_TEST.format(
        name=question.entry.question,
        points=question.entry.points,
        variable=question.name,
        expected=_plain(expected),
        tolerance=question.tolerance or 0,
        calls=calls,
    )


def _plain(value: Any) -> Any:
    """Return an answer as what Python can read back."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if hasattr(value, "columns"):
        return _plain(value.to_dict("list"))
    return value.item() if hasattr(value, "item") else value
