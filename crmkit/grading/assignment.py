"""What a submission is graded against: the release, and the questions with their answers at hand.

The solution notebook is run here, in the grader's own process, once: functions have to be called again for
each submission, on inputs of its own. It is the instructor's code, and trusted.
"""

from __future__ import annotations

import hashlib
import io
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise import key
from crmkit.exercise import question as declaring
from crmkit.exercise.answer import describe, parts
from crmkit.exercise.key import Entry, Target, steps
from crmkit.exercise.release import CHECK
from crmkit.notebook import NotebookError

DRAWN = 3
"""Calls on inputs drawn anew for each submission, besides the declared ones."""


@dataclass(frozen=True)
class Question:
    """A checked question: its released entry, its reference answer, and where it stands in the exercise."""

    entry: Entry
    answer: Any
    tolerance: Any
    name: str
    answer_cell: str
    check_cell: str

    @property
    def is_function(self) -> bool:
        """Whether the answer is a function."""
        return self.entry.form.kind == "function"

    def draw_calls(self, seed: str) -> list[tuple[Any, ...]]:
        """Return calls near the declared ones at which the reference has a value; the same for one seed.

        Only functions are called: for another answer there are none.
        """
        if not self.is_function:
            return []
        drawing = random.Random(f"{seed} {self.entry.question}")
        found: list[tuple[Any, ...]] = []
        for attempt in range(DRAWN * 8):
            declared = self.entry.form.calls[attempt % len(self.entry.form.calls)]
            call = tuple(_near(value, drawing) for value in declared)
            if call in self.entry.form.calls:
                call = tuple(_mixed(values, drawing) for values in zip(*self.entry.form.calls, strict=True))
            known = call in found or call in self.entry.form.calls
            if len(found) < DRAWN and not known and self._has_value(call):
                found.append(call)
        return found

    def _has_value(self, call: tuple[Any, ...]) -> bool:
        try:
            describe(self.answer, self.tolerance, [call])
        except (Exception, SystemExit):  # the declared calls stand for what must not fail
            return False
        return True

    def target(self, calls: Sequence[tuple[Any, ...]]) -> Entry:
        """Return an entry that judges a function by other calls than the declared ones."""
        form = describe(self.answer, self.tolerance, calls)
        found = parts(self.answer, form)
        name = self.entry.question
        target = Target.of(name, found, steps(found, form))
        return Entry(name, self.entry.points, self.entry.minutes, form, target, (), ())


def _near(value: Any, drawing: random.Random) -> Any:
    """Return a value of the same kind, near a declared one."""
    if isinstance(value, int):
        # 0 and 1, like truth values, are mostly marks and not quantities.
        spread = max(1, abs(value) // 5) if abs(value) > 1 else 0
        return value + drawing.randint(-spread, spread) if spread else value
    if isinstance(value, float) and math.isfinite(value):
        near = float(f"{value * drawing.uniform(0.85, 1.15):.4g}")
        return value if 0 < value <= 1 < near else near
    if isinstance(value, list):
        elements = [_near(element, drawing) for element in value]
        in_order = all(type(element) in (int, float) for element in value) and value == sorted(value)
        return sorted(elements) if in_order else elements
    return value


def _mixed(values: Sequence[Any], drawing: random.Random) -> Any:
    """Return the value of any declared call at one place, a text with its words in another order."""
    value = drawing.choice(values)
    if isinstance(value, str):
        words = value.split(" ")
        return " ".join(drawing.sample(words, len(words)))
    return value


@dataclass(frozen=True)
class Manual:
    """A question that a person marks: a cell of text with points."""

    question: str
    points: int
    cell: str


@dataclass(frozen=True)
class Assignment:
    """An exercise, ready to grade submissions against.

    Parameters
    ----------
    stem : the exercise's name, for instance `02-pricing`.
    release : changes when the exercise or its key does.
    exercise : as students got it.
    questions, manual : what is graded, in the order of the notebook.
    beside : texts of the files that lie beside the notebook, by path; every submission can read them.
    """

    stem: str
    release: str
    exercise: NotebookNode
    questions: tuple[Question, ...]
    manual: tuple[Manual, ...] = field(default=())
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Points of all questions, those marked by hand included."""
        return sum(each.entry.points for each in self.questions) + sum(each.points for each in self.manual)

    @property
    def title(self) -> str:
        """The exercise's heading, by which exports call it; its stem if there is none."""
        text = next((cell.source for cell in self.exercise.cells if cell.source.startswith("# ")), "")
        return text.partition("\n")[0].removeprefix("# ").strip() or self.stem

    @property
    def given(self) -> list[str]:
        """The cells that are neither an answer nor a check, and are run for every submission."""
        own = {cell for question in self.questions for cell in (question.answer_cell, question.check_cell)}
        code = [cell for cell in self.exercise.cells if cell.cell_type == "code" and cell.id not in own]
        return [cell.source for cell in code if not cell.source.startswith("progress(")]

    @classmethod
    def load(cls, root: Path, stem: str) -> Assignment:
        """Return the assignment of a course folder.

        Raises
        ------
        NotebookError : there is no such exercise, or the released files are not those of the solution.
        """
        exercise_path, solution_path = (
            root / folder / f"{stem}.ipynb" for folder in ("exercises", "solutions")
        )
        exercise = notebook.read(exercise_path)
        declared = _run(notebook.read(solution_path), solution_path)
        checks = {
            match["question"]: (match["name"], cell.id)
            for cell in exercise.cells
            if cell.cell_type == "code" and (match := CHECK.match(cell.source))
        }
        answers = {
            cell.metadata["crmkit"]["question"]: cell.id
            for cell in exercise.cells
            if cell.metadata.get("crmkit", {}).get("role") == "answer"
        }
        released = key.topics().get(key.topic_of(next(iter(checks), "")), {})
        if set(declared) != set(checks) or set(declared) != set(answers):
            raise NotebookError(f"{exercise_path}: not what the solution gives; run crmkit release {stem}")
        for name, (entry, _, _) in declared.items():
            if name not in released or released[name].to_json() != entry.to_json():
                raise NotebookError(
                    f"{name}: its key is not what the solution gives; run crmkit release {stem}"
                )
        questions = tuple(
            Question(entry, answer, tolerance, checks[name][0], answers[name], checks[name][1])
            for name, (entry, answer, tolerance) in declared.items()
        )
        text = exercise_path.read_bytes() + repr([each.entry.to_json() for each in questions]).encode()
        return cls(
            stem, hashlib.sha256(text).hexdigest()[:16], exercise, questions, tuple(_by_hand(exercise))
        )


def _by_hand(exercise: NotebookNode) -> Iterator[Manual]:
    for cell in exercise.cells:
        stamp = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and stamp.get("grade") and stamp.get("solution"):
            yield Manual(stamp["grade_id"], int(stamp["points"]), cell.id)


def _run(solution: NotebookNode, path: Path) -> dict[str, tuple[Entry, Any, Any]]:
    """Return entry, answer and tolerance of each question that a solution notebook declares."""
    import matplotlib

    matplotlib.use("agg")
    found: dict[str, tuple[Entry, Any, Any]] = {}
    space: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    with _recorded(found), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for position, cell in enumerate(solution.cells):
            if cell.cell_type != "code" or CHECK.match(cell.source):
                continue
            try:
                exec(compile(cell.source, f"{path.name}, cell {position + 1}", "exec"), space)
            except (Exception, SystemExit) as error:
                raise NotebookError(
                    f"{path}: cell {position + 1} (id {cell.get('id')}) failed: {error}"
                ) from error
    import matplotlib.pyplot as plt

    plt.close("all")
    return found


@contextmanager
def _recorded(found: dict[str, tuple[Entry, Any, Any]]) -> Iterator[None]:
    """Keep what `question` is given while the body runs."""
    declare: Callable[..., Any] = declaring.question

    def question(question_id: str, answer: Any, **details: Any) -> Any:
        declaration = declare(question_id, answer, **details)
        found[question_id] = (declaration.entry, answer, details.get("tolerance"))
        return declaration

    declared_before = dict(key._declared)
    declaring.question = question
    try:
        yield
    finally:
        declaring.question = declare
        key._declared.clear()
        key._declared.update(declared_before)
