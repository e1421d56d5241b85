"""Notebooks that try to cheat, to pry and to break the grader, each graded for real beside an honest one.

The corpus is in `hostile/`: one file for each attack by code in an answer cell, and `broken.py` for files
that are no honest notebook. A file's name says what it tries and what must happen; its head says what is
asserted.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hostile.broken import BROKEN, Broken
from submitted import ROOT, solutions, submission

from crmkit.grading.assignment import Assignment
from crmkit.grading.autograde import Pool, autograde
from crmkit.grading.cgroup import sweep
from crmkit.grading.gradebook import Gradebook
from crmkit.grading.layout import ClassFolder
from crmkit.grading.roster import Student
from crmkit.grading.sandbox import FIRST_USER, Limits
from crmkit.grading.worker import Attempt, Submitted, Worker, WorkerError, write

STEM = "02-pricing"
HOSTILE = Path(__file__).with_name("hostile")
LIMITS = Limits(seconds=20, cell_seconds=2, memory_mb=600)
SLOT = 400 + os.getpid() % 250 * 2  # another run of the tests on this machine has users of its own
"""Of the workers here alone, so that what they leave behind can be told from others' processes."""
CANARY = "canary-" + "4c3f90d17ab2"
"""Stands for what must not come out: it is in the grader's environment and in another student's notebook."""
HEAD = re.compile(r'\A"""(.+?)\n\n(.+?)\n?"""\n', re.DOTALL)
NEXT_CELL = re.compile(r"^# %% (\S+)\n", re.MULTILINE)
LONGEST = 1_000
"""Characters of a line that a student is told."""


@dataclass(frozen=True)
class Attack:
    """An attack by code: the answer cells, and what must come of them.

    Parameters
    ----------
    name : what it tries and what must happen.
    cells : code by question.
    outcome : those that are right for the first question.
    reason : words that the student must be told.
    shows : words that show that the attack got as far as it should.
    """

    name: str
    cells: dict[str, str]
    outcome: tuple[str, ...] = ()
    reason: str = ""
    shows: str = ""

    @classmethod
    def read(cls, path: Path) -> Attack:
        text = path.read_text(encoding="utf-8")
        head = HEAD.match(text)
        assert head, f"{path.name}: no head"
        said = dict(line.split(": ", 1) for line in head[2].splitlines())
        first, *others = NEXT_CELL.split(text[head.end() :])
        cells = {said.pop("question"): first} | dict(zip(others[::2], others[1::2], strict=True))
        return cls(path.stem, cells, tuple(said.pop("outcome").split()), **said)


ATTACKS = [Attack.read(path) for path in sorted(HOSTILE.glob("*.py")) if path.name != "broken.py"]


@dataclass
class Left:
    """What a worker's kernels could leave behind on the host."""

    worker: int
    slot: int = SLOT

    def processes(self) -> list[str]:
        """Return the processes of the sandbox's user, besides the warm one."""
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            fields = dict(line.split(":\t", 1) for line in text.splitlines())
            owner, inside = fields["Uid"].split()[0], len(fields["NSpid"].split()) > 1
            if owner == str(FIRST_USER + self.slot) and inside and fields["State"][0] != "Z":
                found.append(text)
        return found

    def groups(self) -> list[str]:
        """Return the control groups that the worker made."""
        return [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/crmkit-{self.worker}-*")]

    def all(self) -> list[str]:
        """Return what is left after a moment for what is being buried."""
        for _ in range(40):
            left = self.processes() + self.groups()
            if not left:
                break
            time.sleep(0.05)
        return left


def number(worker: Worker) -> int:
    """Return a worker's process id."""
    assert worker._process is not None
    return worker._process.pid


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    os.environ["CRMKIT_CANARY"] = CANARY
    try:
        with Worker(ROOT, STEM, LIMITS, SLOT) as worker:
            try:
                worker.hello()
            except WorkerError as error:
                if "cannot be isolated" not in str(error):
                    raise
                pytest.skip(f"NOT TESTED: {error}")
            yield worker
    finally:
        del os.environ["CRMKIT_CANARY"]


def honest() -> bytes:
    answers = solutions(STEM)
    return submission(STEM, answers | {"pricing-q1": f"{answers['pricing-q1']}\nnote = {CANARY!r}\n"})


def marks(attempt: Attempt) -> list[tuple[str, str, int]]:
    return [(item["question"], item["outcome"], item["earned"]) for item in attempt["items"]]


@pytest.fixture(scope="module")
def alone(worker: Worker) -> list[tuple[str, str, int]]:
    """The marks of the honest notebook before any attack."""
    found = marks(worker.grade(Submitted("honest", honest())))
    assert sum(earned for _, _, earned in found) == 26
    return found


def look_over(attempt: Attempt, worker: Worker, process: int, alone: list[tuple[str, str, int]]) -> None:
    """Assert what holds after every attack."""
    assert sum(item["earned"] or 0 for item in attempt["items"]) == 0, marks(attempt)
    said = [line for item in attempt["items"] for line in item["said"]]
    assert all(len(line) <= LONGEST and line.isprintable() for line in [*said, attempt["reason"]])
    assert CANARY not in json.dumps(attempt)
    assert attempt["seconds"] < LIMITS.seconds + 5
    assert Left(process).all() == []
    assert number(worker) == process, "the worker had to be started again"
    assert marks(worker.grade(Submitted("honest", honest()))) == alone


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(attack: Attack, worker: Worker, alone: list[tuple[str, str, int]]):
    process = number(worker)
    attempt = worker.grade(Submitted("s1", submission(STEM, attack.cells)))
    assert attempt["status"] == "graded"
    items = {item["question"]: item for item in attempt["items"]}
    question = next(iter(attack.cells))
    shown = {each["question"]: each for each in attempt["transcript"]}[question]
    seen = f"{items[question]}\n{shown['text'][-2000:]}\n{shown['error']}"
    assert items[question]["outcome"] in attack.outcome, seen
    assert attack.reason in " ".join(items[question]["said"]), seen
    assert attack.shows in shown["text"], seen
    assert all(item["said"] for item in attempt["items"]), "nobody is left without a reason"
    look_over(attempt, worker, process, alone)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken(name: str, worker: Worker, alone: list[tuple[str, str, int]]):
    broken: Broken = BROKEN[name]()
    process = number(worker)
    attempt = worker.grade(Submitted("s1", broken.data))
    outcomes = {item["question"]: item["outcome"] for item in attempt["items"]}
    assert (attempt["status"] == "ungradable") == (not broken.outcomes), attempt["reason"]
    assert broken.reason in attempt["reason"], attempt["reason"]
    assert {name: outcomes[name] for name in broken.outcomes} == broken.outcomes
    if broken.earns:
        earned = sum(item["earned"] or 0 for item in attempt["items"])
        assert earned == broken.earns
        for item in attempt["items"]:
            item["earned"] = 0
    look_over(attempt, worker, process, alone)


HONEST = {
    "prints": "for n in range(300): print('line', n, flush=True)\nprint('价格 ✔ 😀', end='\\r')",
    "warns": "import logging, sys, warnings\nwarnings.warn('old')\n"
    "logging.warning('x')\nprint(1, file=sys.stderr)",
    "draws": "import matplotlib.pyplot as plt\nfor n in range(3):\n"
    "    plt.plot([n, 2]); plt.title('价'); plt.show()",
    "saves": "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('x.png'); plt.close()\n"
    "pd.DataFrame({'a': [1]}).to_csv('x.csv'); assert len(pd.read_csv('x.csv')) == 1",
    "magics": "%matplotlib inline\n%time x = 1\n!echo hello\n!no-such-program\nx = !echo y\n"
    "help(len)\n%precision 3\n%pip install no-such-thing",
    "is slow": "import time\ntime.sleep(1.2)",
    "uses memory": "held = np.ones(25_000_000); held.sum()",
    "displays": "from IPython.display import HTML, Markdown, clear_output, display\n"
    "display(HTML('<b>x</b>'))\nclear_output(wait=True)\nhandle = display(Markdown('*x*'), display_id=True)\n"
    "handle.update(HTML('y'))",
    "starts threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(8) as pool:\n    assert sum(pool.map(abs, range(100))) == 4950",
    "starts a program": "import subprocess\n"
    "assert subprocess.run(['echo', 'x'], capture_output=True).stdout == b'x\\n'",
    "waits": "import asyncio\nawait asyncio.sleep(0.01)",
    "changes settings": "pd.set_option('display.precision', 2)\nplt = None\nnp.random.seed(1)\nprint = print",
    "asks for help": "check('pricing-q1', 1)\nhint('pricing-q1')\nprogress('pricing')",
    "catches output": "import contextlib, io\n"
    "with contextlib.redirect_stdout(io.StringIO()):\n    print('x' * 10**6)",
    "looks at the terminal": "import sys\n"
    "sys.stdout.isatty(); sys.stdout.encoding.lower(); sys.stdin.isatty()",
    "has a widget": "import ipywidgets\nipywidgets.interact(lambda x: print(x), x=(0, 3));",
}
"""What students do in a cell before they answer."""
RIGHT = "-c / (m + c) if m + c > 0 else math.inf"
FUNCTIONS = {
    "lambda": f"break_even_change = lambda c, m: {RIGHT}",
    "cached": f"import functools\n@functools.lru_cache\ndef break_even_change(c, m):\n    return {RIGHT}",
    "partial": f"import functools\nbreak_even_change = functools.partial(lambda one, c, m: {RIGHT}, 1)",
    "object": f"class F:\n    def __call__(self, c, m):\n        return {RIGHT}\nbreak_even_change = F()",
    "numpy": f"def break_even_change(c, m):\n    return np.float64({RIGHT})",
    "prints": f"def break_even_change(c, m):\n    print('x' * 100_000, flush=True)\n    return {RIGHT}",
    "slow": f"import time\ndef break_even_change(c, m):\n    time.sleep(0.1)\n    return {RIGHT}",
}
"""Ways to write a function."""


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_keeps_its_marks(name: str, worker: Worker, alone: list[tuple[str, str, int]]):
    answers = solutions(STEM)
    answers = answers | {"pricing-q1": f"{HONEST[name]}\n{answers['pricing-q1']}"}
    attempt = worker.grade(Submitted("s1", submission(STEM, answers)))
    assert marks(attempt) == alone, attempt["transcript"][0]["error"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_be_written_in_any_way(name: str, worker: Worker, alone: list[tuple[str, str, int]]):
    attempt = worker.grade(
        Submitted("s1", submission(STEM, solutions(STEM) | {"pricing-q3": FUNCTIONS[name]}))
    )
    assert marks(attempt) == alone, attempt["items"][2]


@pytest.mark.parametrize("stem", ["00-what-is-crm", "10-hailang-diagnosis"])
def test_functions_of_texts_are_called_with_others_than_the_declared(stem: str):
    for question in Assignment.load(ROOT, stem).questions:
        drawn = question.draw_calls("a submission")
        assert not question.is_function or len(drawn) == 3
        assert not [call for call in drawn if call in question.entry.form.calls]


WORST = [
    "fork_bomb_is_stopped",
    "process_group_is_killed_and_the_supervisor_is_not_in_it",
    "printed_flood_on_the_line_costs_no_time",
    "hostile_text_in_an_error_is_made_harmless",
    "death_in_every_cell_is_told_in_every_cell",
]
"""Graded side by side with honest notebooks, into a gradebook."""


def test_a_class_with_attackers_in_it_is_graded_to_the_end(
    worker: Worker, alone: list[tuple[str, str, int]], tmp_path: Path
):
    folder = ClassFolder(tmp_path / "class")
    attacks = {attack.name: submission(STEM, attack.cells) for attack in ATTACKS}
    files = {f"s{n}-attacker": attacks[name] for n, name in enumerate(WORST)}
    files |= {f"s{n}-honest": honest() for n in range(len(WORST))}
    files["s9-attacker"] = BROKEN["nesting_by_the_million_is_refused"]().data
    for student, data in files.items():
        path = folder.notebook(student, STEM)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    with (
        Gradebook(folder.gradebook) as gradebook,
        Pool(ROOT, STEM, replace(LIMITS, cell_seconds=5), 2) as pool,
    ):
        gradebook.enrol([Student(student, "=1+1<script>\u202e") for student in files])
        batch = autograde(pool, gradebook, folder, STEM)
        recorded = {attempt["student"]: attempt for attempt in gradebook.attempts(STEM)}
    print({s: round(a["seconds"], 1) for s, a in recorded.items()})
    assert batch.failed == {}
    assert set(recorded) == set(files)
    for student, attempt in recorded.items():
        if student.endswith("honest"):
            assert marks(attempt) == alone, student
        else:
            assert sum(item["earned"] or 0 for item in attempt["items"]) == 0


def test_a_sandbox_that_is_gone_costs_nobody_a_point(worker: Worker, alone: list[tuple[str, str, int]]):
    children = Path(f"/proc/{number(worker)}/task/{number(worker)}/children").read_text().split()
    warm = [pid for pid in children if b"zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(warm[0]), signal.SIGKILL)
    assert marks(worker.grade(Submitted("honest", honest()))) == alone


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_is_ended_leaves_nothing_running(
    how: signal.Signals, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    endless = {"pricing-q1": "import os\nfor _ in range(4): os.fork()\nwhile True: pass"}
    patient = replace(LIMITS, seconds=120, cell_seconds=100)
    with Worker(ROOT, STEM, patient, SLOT + 1) as other:
        other.hello()
        left = Left(number(other), SLOT + 1)
        assert other._process is not None
        assert other._process.stdin is not None
        data = base64.b64encode(submission(STEM, endless)).decode()
        write(other._process.stdin, {"student": "s1", "submitted": None, "dealt": None, "data": data})
        for _ in range(600):
            if len(left.processes()) >= 4:
                break
            time.sleep(0.05)
        assert len(left.processes()) >= 4, "the submission did not start its processes within half a minute"
        other._process.send_signal(how)
        other._process.wait(5)
        if how is signal.SIGTERM:
            assert list(tmp_path.iterdir()) == []
        for _ in range(40):
            sweep()
            if not left.processes() + left.groups():
                break
            time.sleep(0.05)
        assert left.processes() + left.groups() == []
        assert list(tmp_path.glob("crmkit-*")) == []
