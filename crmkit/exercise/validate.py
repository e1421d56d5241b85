"""Prove an exercise before students see it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.key import VARIABLE as KEYS
from crmkit.exercise.question import LONG
from crmkit.exercise.release import BEGIN, CHECK, END, Release, answer_alone, key_path, release
from crmkit.exercise.verdict import MIME as VERDICT
from crmkit.exercise.verdict import Outcome

# A shorter line of code, such as `return price`, may stand in a given cell by right.
TELLING_LINE = 16


def validate(root: Path, stem: str, on_step: Callable[[str], Any] = lambda step: None) -> list[str]:
    """Return what is wrong with an exercise; empty when it can be released.

    Runs the solution, the blank exercise and the exercise with the solution's answers pasted in, the latter
    two with the key that the solution gives now.

    Parameters
    ----------
    root : the project's folder.
    stem : the notebook's stem, for instance `02-pricing`.
    on_step : called with the name of each step as it begins.

    Raises
    ------
    NotebookError : the solution cannot be run or released.
    """
    on_step("run the solution")
    source = root / "solutions" / f"{stem}.ipynb"
    fresh = release(source)
    found = list(stale(root, stem, fresh))
    with TemporaryDirectory() as keys:
        Path(keys, f"{fresh.key['topic']}.json").write_text(fresh.key_text, encoding="utf-8")

        def run(exercise: NotebookNode) -> NotebookNode:
            return notebook.execute(exercise, source, stop_at_error=False, environment={KEYS: keys})

        on_step("run the blank exercise")
        found += blank_faults(run(fresh.exercise))
        on_step("run the solved exercise")
        found += solved_faults(run(solved(fresh)), fresh)
    on_step("look for mistakes that pass and answers that leak")
    found += mistake_faults(fresh)
    found += leaks(fresh)
    return found


def stale(root: Path, stem: str, fresh: Release) -> Iterator[str]:
    """Yield the files that differ from what the solution gives now."""
    expected = {
        root / "solutions" / f"{stem}.ipynb": notebook.to_text(fresh.solution),
        root / "exercises" / f"{stem}.ipynb": notebook.to_text(fresh.exercise),
        key_path(fresh.key["topic"]): fresh.key_text,
    }
    for path, text in expected.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.name}: not what the solution gives now; run crmkit release {stem}"


def verdicts(run: NotebookNode) -> dict[str, str]:
    """Return the outcome that each check cell of a notebook that was run shows, by question."""
    found = {}
    for cell in run.cells:
        for output in cell.get("outputs", []):
            verdict = output.get("data", {}).get(VERDICT)
            if verdict:
                found[verdict["question"]] = verdict["outcome"]
    return found


def blank_faults(run: NotebookNode) -> Iterator[str]:
    """Yield what a student who has done nothing yet would stumble over."""
    yield from _errors(run, "blank")
    outcomes = verdicts(run)
    for question in _checked(run):
        if outcomes.get(question) != Outcome.NOT_ATTEMPTED.name:
            yield f"{question}: blank, it says {outcomes.get(question)}, not NOT_ATTEMPTED"


def solved_faults(run: NotebookNode, fresh: Release) -> Iterator[str]:
    """Yield where the solution itself does not earn full points."""
    yield from _errors(run, "solved")
    outcomes = verdicts(run)
    for question in fresh.questions:
        if outcomes.get(question) != Outcome.CORRECT.name:
            yield f"{question}: the solution earns nothing, check says {outcomes.get(question)}"


def mistake_faults(fresh: Release) -> Iterator[str]:
    """Yield the declared mistakes that are not met with their own message."""
    for question, declared in fresh.questions.items():
        for mistake in declared["mistakes"]:
            if mistake["outcome"] != Outcome.MISTAKE.name or mistake["said"] != [mistake["message"]]:
                yield f"{question}: the mistake {mistake['message']!r} is met with {mistake['said']}"


def leaks(fresh: Release) -> Iterator[str]:
    """Yield each answer, mistake or line of a solution that stands in the bytes of the released files."""
    released = {"exercise": notebook.to_text(fresh.exercise), "key": fresh.key_text}
    for name, text in released.items():
        for question, declared in fresh.questions.items():
            for secret in declared["secrets"]:
                more = r"\d*" if len(secret) == LONG else ""
                if re.search(rf"(?<![\w.]){re.escape(_in_json(secret))}{more}(?!\w|\.\d)", text):
                    yield f"{question}: {secret!r} stands in the {name}"
        for line in solution_lines(fresh.solution, fresh.exercise):
            if _in_json(line) in text:
                yield f"the line {line!r} of a solution stands in the {name}"


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def solution_lines(solution: NotebookNode, exercise: NotebookNode) -> Iterator[str]:
    """Yield the lines of a solution that would tell an answer; its exercise holds none of them."""
    # What the stub keeps, such as a signature, is given away by right, and an import tells nothing.
    kept = {cell.id: {*map(str.strip, cell.source.splitlines())} for cell in exercise.cells}
    for cell in solution.cells:
        if BEGIN not in cell.source:
            continue
        # What the declaration holds is looked for by its values; its hints are meant to be read.
        text = answer_alone(cell.source) if cell.cell_type == "code" else cell.source
        for line in map(str.strip, text.splitlines()):
            if (
                len(line) >= TELLING_LINE
                and line not in (BEGIN, END, *kept.get(cell.id, ()))
                and not line.startswith(("import ", "from "))
            ):
                yield line


def solved(fresh: Release) -> NotebookNode:
    """Return the exercise with the solution's answers pasted into it, without their declarations.

    With the declaration, `check` would judge by it and not by the released key.
    """
    answers = {cell.id: cell.source for cell in fresh.solution.cells}
    filled = copy.deepcopy(fresh.exercise)
    for cell in filled.cells:
        if cell.metadata.get("crmkit", {}).get("role") == "answer":
            cell.source = answer_alone(answers[cell.id])
    return filled


def _checked(run: NotebookNode) -> list[str]:
    return [
        found["question"]
        for cell in run.cells
        if cell.cell_type == "code" and (found := CHECK.match(cell.source))
    ]


def _errors(run: NotebookNode, state: str) -> Iterator[str]:
    for cell in run.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{state}, cell {cell.id} fails: {output.ename}: {output.evalue}"
