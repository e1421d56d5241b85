"""Run one submission under nbval: rebuilt from the release, in a sandboxed kernel, judged outside."""

from __future__ import annotations

import copy
import itertools
import os
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile

from crmkit import notebook
from crmkit.exercise.verdict import Outcome, Verdict
from crmkit.grading.assignment import Assignment, Question
from crmkit.grading.kernel import LineKernel
from crmkit.grading.line import lay_out
from crmkit.grading.sandbox import Sandbox, SandboxError
from crmkit.grading.submission import Cell
from crmkit.grading.values import MIME
from crmkit.grading.verify import verify

EMIT = "from crmkit.grading.values import emit; emit({question!r}, {name}, {calls!r})"
"""What a check cell does when it is graded: it judges nothing."""
CODE_NAME = re.compile(r" \([^()]*, line (\d+)\)$")
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
RESTARTS = 3
MOST_FIGURES, MOST_SHOWN, MOST_SAID = 4, 4_000, 1_000

Item = dict[str, Any]


@dataclass
class Run:
    """What running a submission gave: an item for each question, and what the feedback shows."""

    items: list[Item] = field(default_factory=list)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    cpu: float = 0.0
    peak_mb: float = 0.0
    differing: list[str] = field(default_factory=list)


def answers_in(assignment: Assignment, cells: Sequence[Cell]) -> dict[str, str | None]:
    """Return the text of each graded cell of the release by its id; None where two cells claim to be it.

    A cell is known by its id, or, where a tool has dropped the ids, by nbgrader's. Ids are unique in one
    exercise only: a cell with nbgrader's id of another question is not this one.
    """
    wanted = {question.answer_cell: f"{question.entry.question}-answer" for question in assignment.questions}
    wanted |= {manual.cell: manual.question for manual in assignment.manual}
    found: dict[str, str | None] = {}
    for ident, grade_id in wanted.items():
        texts = [cell.source for cell in cells if cell.ident == ident and cell.grade_id in ("", grade_id)]
        texts = texts or [cell.source for cell in cells if cell.grade_id == grade_id]
        if texts:
            found[ident] = texts[0] if len(set(texts)) == 1 else None
    return found


def rebuild(job: Job) -> NotebookNode:
    """Return the released notebook with a submission's answers in it, ready for nbval.

    Its check cells send the answers out. What nbval is to compare them with is not in the notebook, so that
    it can be in the sandbox without harm.
    """
    rebuilt = copy.deepcopy(job.assignment.exercise)
    answer_cells = {question.answer_cell for question in job.assignment.questions}
    checks = {question.check_cell: question for question in job.assignment.questions}
    kept = []
    for cell in rebuilt.cells:
        if cell.cell_type != "code" or cell.source.startswith("progress("):
            continue
        cell.metadata = {"tags": cell.metadata.get("tags", [])}
        if cell.id in answer_cells:
            cell.source = job.answers.get(cell.id) or ""
            cell.metadata = {"tags": ["nbval-ignore-output"]}
        elif cell.id in checks:
            question = checks[cell.id]
            calls = [*question.entry.form.calls, *job.drawn(question)]
            cell.source = EMIT.format(question=question.entry.question, name=question.name, calls=calls)
            # Never run here: nbval would compare its output with nothing.
            cell.execution_count = 1
        kept.append(cell)
    rebuilt.cells = kept
    return rebuilt


class Submission(IPyNbFile):
    """The collector of one submission; nbval's, with a kernel out of the sandbox."""

    def __init__(self, *, job: Job, sandbox: Sandbox, **details: Any) -> None:
        super().__init__(**details)
        self.job, self.sandbox = job, sandbox
        self.kernel: LineKernel | None = None
        self.restarts = 0
        self.cpu = self.peak_mb = 0.0
        self.deadline = time.monotonic() + sandbox.limits.seconds
        self.skip_compare += (MIME, "image/svg+xml")

    def setup(self) -> None:
        """Take a kernel from the sandbox."""
        self._take_kernel()

    def _take_kernel(self) -> LineKernel:
        forked = self.sandbox.kernel(self.left, self.job.assignment.beside)
        self.kernel = LineKernel(forked, self.sandbox.limits.output_mb << 20)
        return self.kernel

    def ready(self, item: IPyNbCell) -> bool:
        """Return whether a cell can be run; after a kernel's death, take another and bring it to this point.

        Questions do not build on each other's answers, so that only the given cells are run again.
        """
        self.timed_out = False
        if self.kernel is not None and self.kernel.is_alive():
            return True
        self._end_kernel()
        if self.restarts == RESTARTS or not self.left:
            self.job.given_up = bool(self.left)
            return False
        self.restarts += 1
        kernel = self._take_kernel()
        before = itertools.takewhile(lambda cell: cell.id != item.cell.id, self.nb.cells)
        with suppress(Empty):
            for cell in before:
                if self.job.is_given(cell.id):
                    kernel.await_reply(kernel.execute_cell_input(cell.source), self.left)
        return kernel.is_alive()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self.deadline - time.monotonic())

    def teardown(self) -> None:
        """End the kernel."""
        self._end_kernel()

    def _end_kernel(self) -> None:
        if self.kernel is not None:
            ended = self.kernel.stop()
            self.kernel = None
            self.cpu += ended.cpu
            self.peak_mb = max(self.peak_mb, ended.peak_mb)


@dataclass
class Job:
    """One submission on its way through the session.

    Parameters
    ----------
    assignment : what it is graded against.
    answers : the text of each answer cell, as `answers_in` found them.
    seed : from which the inputs of functions are drawn.
    """

    assignment: Assignment
    answers: Mapping[str, str | None]
    seed: str
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    timed_out: set[str] = field(default_factory=set)
    given_up: bool = False
    _drawn: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def drawn(self, question: Question) -> list[tuple[Any, ...]]:
        """Return the calls of a function that only this submission meets."""
        name = question.entry.question
        if name not in self._drawn:
            self._drawn[name] = question.draw_calls(self.seed)
        return self._drawn[name]

    def is_given(self, cell: str) -> bool:
        """Return whether a cell is neither an answer nor a check."""
        questions = self.assignment.questions
        return not any(cell in (question.answer_cell, question.check_cell) for question in questions)

    def compare(self, question: Question, outputs: Sequence[Any], _: Any) -> bool:
        """Judge what a check cell sent out; nbval calls this in the place of its own comparison."""
        sent = [found for output in outputs if (found := output.get("data", {}).get(MIME)) is not None]
        if not sent:
            return False
        verdict = verify(question, sent[-1].get("value"), self.drawn(question))
        self.verdicts[question.entry.question] = verdict
        return verdict.outcome is Outcome.CORRECT


class Session:
    """A pytest session that lasts for many submissions: jobs from an iterator, runs to a function."""

    def __init__(self, sandbox: Sandbox, jobs: Iterable[Job], on_run: Callable[[Run], None]) -> None:
        self.sandbox, self.jobs, self.on_run = sandbox, jobs, on_run
        self.error: BaseException | None = None

    def run(self) -> None:
        """Run every job.

        Raises
        ------
        SandboxError : the sandbox is gone.
        """
        with tempfile.TemporaryDirectory() as folder:
            self.folder = Path(folder)
            arguments = [
                "--nbval", "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:capture",
                # They do something for each cell, and nobody asks what they found.
                "-p", "no:logging", "-p", "no:threadexception", "-p", "no:unraisableexception",
                "-c", os.devnull, f"--rootdir={folder}", folder,
                f"--nbval-cell-timeout={self.sandbox.limits.cell_seconds}",
            ]  # fmt: skip
            with _no_other_plugins():
                pytest.main(arguments, plugins=["nbval.plugin", self])
        if self.error is not None:
            raise self.error

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Stand in for the option of the terminal that nbval asks for."""
        parser.addoption("--color", default="no")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run jobs as they come, instead of what was collected."""
        try:
            for job in self.jobs:
                # A plan is judged by the dairy that lies beside the notebook.
                with tempfile.TemporaryDirectory(dir=self.folder) as folder, chdir(folder):
                    run = self._run(session, job, Path(folder))
                if self.error is not None:  # a sandbox that is gone says nothing about a submission
                    break
                self.on_run(run)
        except BaseException as error:  # it is raised again where pytest cannot swallow it
            self.error = error
        return True

    def _run(self, session: pytest.Session, job: Job, folder: Path) -> Run:
        lay_out(folder, job.assignment.beside)
        path = folder / f"{job.assignment.stem}.ipynb"
        path.write_text(notebook.to_text(rebuild(job)), encoding="utf-8")
        file = Submission.from_parent(session, path=path, job=job, sandbox=self.sandbox)
        checks = {question.check_cell: question for question in job.assignment.questions}
        with warnings.catch_warnings(action="ignore"):  # nbval's, of comments that an answer has no use for
            items = list(file.collect())
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.output_timeout = 1
            # Nobody reads how outputs differ, and to find out can take hours.
            item.format_output_compare = lambda *_: None
            if item.cell.id in checks:
                item.compare_outputs = partial(job.compare, checks[item.cell.id])
            elif not job.is_given(item.cell.id):
                item.options.clear()
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            job.outputs[item.cell.id] = item.test_outputs or []
            if file.timed_out:
                job.timed_out.add(item.cell.id)
        return Run(*results(job), cpu=file.cpu, peak_mb=file.peak_mb, differing=job.differing)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: IPyNbCell) -> None:
        """Before a cell, see that there is a kernel to run it."""
        if not item.parent.ready(item):
            pytest.skip("no kernel, and no time for another")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: IPyNbCell, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Keep which given cells show something else than the instructor's."""
        if call.excinfo is not None and item.parent.job.is_given(item.cell.id):
            item.parent.job.differing.append(item.cell.id)
        if call.excinfo is not None and call.excinfo.errisinstance(SandboxError):
            self.error = call.excinfo.value
        return (yield)


@contextmanager
def _no_other_plugins() -> Iterator[None]:
    """Let pytest load the plugins that it is told to; what else is started from here loads its own."""
    before = os.environ.get(AUTOLOAD)
    os.environ[AUTOLOAD] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[AUTOLOAD]
        else:
            os.environ[AUTOLOAD] = before


def results(job: Job) -> tuple[list[Item], list[dict[str, Any]]]:
    """Return the item of each question and what the feedback shows of it."""
    items, transcript = [], []
    for question in job.assignment.questions:
        entry = question.entry
        outcome, lines = _outcome(job, question)
        said = [_sentence(line) for line in lines]
        correct = outcome == Outcome.CORRECT.name
        items.append(
            {
                "question": entry.question,
                "points": entry.points,
                "earned": entry.points if correct else 0,
                "outcome": outcome,
                "said": said,
                "mistake": said[0] if outcome == Outcome.MISTAKE.name else "",
            }
        )
        outputs = job.outputs.get(question.answer_cell, [])
        code = job.answers.get(question.answer_cell) or ""
        transcript.append({"question": entry.question, "code": code, **_shown(outputs)})
    for manual in job.assignment.manual:
        text = job.answers.get(manual.cell)
        untouched = text is None or text.strip() == _released_text(job.assignment, manual.cell)
        items.append(
            {
                "question": manual.question,
                "points": manual.points,
                "earned": 0 if untouched else None,
                "outcome": Outcome.NOT_ATTEMPTED.name if untouched else "BY_HAND",
                "said": ["Nothing was written here."] if untouched else [],
                "mistake": "",
            }
        )
        transcript.append({"question": manual.question, "code": text or "", **_shown([])})
    return items, transcript


def _released_text(assignment: Assignment, cell: str) -> str:
    return next(each.source.strip() for each in assignment.exercise.cells if each.id == cell)


def _outcome(job: Job, question: Question) -> tuple[str, Sequence[str]]:
    name = question.entry.question
    if question.answer_cell not in job.answers:
        return "MISSING", [
            "The cell of this answer is not in the notebook; it was deleted, or its id was changed."
        ]
    if job.answers[question.answer_cell] is None:
        return "AMBIGUOUS", ["Two cells say that they are this answer; keep one of them."]
    if name in job.verdicts:
        verdict = job.verdicts[name]
        return verdict.outcome.name, verdict.lines
    for cell in (question.answer_cell, question.check_cell):
        for output in job.outputs.get(cell, []):
            if output.get("output_type") == "error":
                return _failure(output["ename"], output["evalue"], question)
        if cell in job.timed_out:
            return _failure("KeyboardInterrupt", "", question)
    if job.given_up:
        return "DIED", ["Answers before this one ended the run too often; it was not reached."]
    return "TIMED_OUT", ["The notebook's time was used up before this answer was reached."]


def _sentence(text: str) -> str:
    """Return a text as one line of bounded length, in which nothing acts on a terminal."""
    line = "".join(each if each.isprintable() else " " for each in text[: MOST_SAID + 1])
    return line if len(line) <= MOST_SAID else f"{line[: MOST_SAID - 1]}…"


def _failure(kind: str, said: str, question: Question) -> tuple[str, list[str]]:
    if kind == "KernelEnded":
        return "DIED", [f"Your cell ended the run: {said}."]
    if kind == "KeyboardInterrupt":
        return "TIMED_OUT", ["Your cell did not end in time; look for a loop that cannot end."]
    # The name that the kernel gives to a cell's code tells a student nothing.
    said = CODE_NAME.sub(r" (line \1)", said)
    lines = [f"Your cell stopped with {kind}: {said[:300]}" if said else f"Your cell stopped with {kind}."]
    if kind in ("NameError", "ModuleNotFoundError"):
        lines.append("Only the answer's own cell is graded: whatever it needs has to be written in it.")
    return "ERROR", lines


def _shown(outputs: Sequence[Any]) -> dict[str, Any]:
    """Return what a cell printed and drew, cut to what a page can show."""
    text, error, figures = [], "", []
    for output in outputs:
        data = output.get("data", {})
        if output.get("output_type") == "error":
            said = CODE_NAME.sub(r" (line \1)", output["evalue"])
            error = f"{output['ename']}: {said}"[:MOST_SHOWN]
        elif "image/png" in data:
            figures.append(data["image/png"].replace("\n", ""))
        else:
            text.append(output.get("text", "") or data.get("text/plain", ""))
    return {"text": "".join(text)[:MOST_SHOWN], "error": error, "figures": figures[:MOST_FIGURES]}
