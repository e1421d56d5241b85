"""From a solution notebook to its exercise and its key.

The rule fits one sentence: run the solution, put a stub in the place of each solution region, empty the
check cells, drop the cells tagged `instructor`, and write down the digests that `question` emitted.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.answer import Form
from crmkit.exercise.key import folder, topic_of
from crmkit.exercise.question import MIME as QUESTION
from crmkit.notebook import NotebookError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHECK = re.compile(r"^\s*check\(\s*[\"'](?P<question>[a-z0-9-]+)[\"']\s*,\s*(?P<name>\w+)\s*\)\s*$")
INSTRUCTOR = "instructor"
TEXT_STUB = "*Write your answer here.*"


@dataclass(frozen=True)
class Release:
    """What one solution notebook gives.

    Parameters
    ----------
    solution : the solution as run, with its cells' metadata brought up to date.
    exercise : the notebook for students.
    key : the key, ready for JSON.
    questions : what `question` emitted, by question id.
    """

    solution: NotebookNode
    exercise: NotebookNode
    key: dict[str, Any]
    questions: dict[str, dict[str, Any]]

    @property
    def key_text(self) -> str:
        return json.dumps(self.key, ensure_ascii=False, indent=1) + "\n"

    @property
    def points(self) -> int:
        """Points of all questions that `check` judges."""
        return sum(question["entry"]["points"] for question in self.questions.values())


def key_path(topic: str) -> Path:
    """Return where the key of a topic is kept."""
    return folder() / f"{topic}.json"


def release(path: Path, on_cell: Callable[[], Any] = lambda: None) -> Release:
    """Run a solution notebook and derive its exercise and key; nothing is written.

    Raises
    ------
    NotebookError : a cell fails, or the cells do not make an exercise; the message names the cell.
    """
    solution = notebook.execute(notebook.read(path), path, on_cell=on_cell)
    try:
        return derive(solution)
    except ValueError as error:
        raise NotebookError(f"{path}: {error}") from None


def derive(solution: NotebookNode) -> Release:
    """Return the release of a solution notebook that has been run.

    Raises
    ------
    ValueError : a check without a question or the other way round, two topics, or an unclosed region.
    """
    solution = copy.deepcopy(solution)
    questions = _declared(solution)
    found = [
        match for cell in solution.cells if cell.cell_type == "code" and (match := CHECK.match(cell.source))
    ]
    checks = {match["question"]: match["name"] for match in found}
    checked = Counter(match["question"] for match in found)
    odd = sorted(name for name in {*checked, *questions} if checked[name] != 1 or name not in questions)
    if odd:
        raise ValueError(
            f"each question needs one question(…) and one check(…); this fails for {', '.join(odd)}"
        )
    topics = {topic_of(question) for question in questions}
    if len(topics) != 1:
        raise ValueError(f"one notebook holds one topic, not {sorted(topics)}")
    exercise = copy.deepcopy(solution)
    exercise.cells = []
    for cell in solution.cells:
        _stamp(cell, questions)
        if INSTRUCTOR not in cell.metadata.get("tags", []):
            exercise.cells.append(_released(copy.deepcopy(cell), questions, checks))
    key = {"topic": topics.pop(), "questions": {name: each["entry"] for name, each in questions.items()}}
    return Release(solution, exercise, key, questions)


def _declared(solution: NotebookNode) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for cell in solution.cells:
        for output in cell.get("outputs", []):
            declared = output.get("data", {}).get(QUESTION)
            if declared is None:
                continue
            if declared["question"] in found:
                raise ValueError(f"{declared['question']} is declared twice, again in cell {cell.id}")
            found[declared["question"]] = {**declared, "cell": cell.id}
    return found


def _stamp(cell: NotebookNode, questions: dict[str, dict[str, Any]]) -> None:
    """Give an answer or check cell nbgrader's metadata, with the points that its question declares."""
    answered = next((name for name, each in questions.items() if each["cell"] == cell.id), None)
    checked = CHECK.match(cell.source) if cell.cell_type == "code" else None
    if answered:
        cell.metadata["nbgrader"] = _nbgrader(f"{answered}-answer", solution=True)
        cell.metadata["crmkit"] = {"role": "answer", "question": answered}
    elif checked:
        points = questions[checked["question"]]["entry"]["points"]
        cell.metadata["nbgrader"] = _nbgrader(checked["question"], grade=True, points=points)
        cell.metadata["crmkit"] = {"role": "check", "question": checked["question"]}
    elif cell.cell_type == "code" and BEGIN in cell.source:
        raise ValueError(f"cell {cell.id} has a solution region but declares no question in it")
    elif cell.cell_type == "markdown" and BEGIN in cell.source:
        marked = cell.metadata.get("nbgrader", {})
        if not (marked.get("grade") and marked.get("solution") and marked.get("points")):
            raise ValueError(
                f"cell {cell.id} has a model answer in words but cannot be marked by hand; give it "
                "nbgrader's metadata for that: grade, solution, grade_id and points"
            )


def _nbgrader(
    grade_id: str, *, solution: bool = False, grade: bool = False, points: int = 0
) -> dict[str, Any]:
    stamp = {
        "schema_version": 3,
        "grade_id": grade_id,
        "solution": solution,
        "grade": grade,
        "locked": grade,
        "task": False,
    }
    return stamp | ({"points": points} if grade else {})


def _released(
    cell: NotebookNode, questions: dict[str, dict[str, Any]], checks: dict[str, str]
) -> NotebookNode:
    role = cell.metadata.get("crmkit", {}).get("role")
    if role == "answer":
        question = cell.metadata["crmkit"]["question"]
        form = Form.from_json(questions[question]["entry"]["form"])
        before, region, after = _split(cell)
        cell.source = "\n".join(filter(None, [before, stub(region, checks[question], form), after]))
    elif cell.cell_type == "markdown" and BEGIN in cell.source:
        before, _, after = _split(cell)
        cell.source = "\n".join(filter(None, [before, TEXT_STUB, after]))
    if role in ("answer", "check") or cell.source.startswith("progress("):
        cell.outputs, cell.execution_count = [], None
    return cell


def _split(cell: NotebookNode) -> tuple[str, str, str]:
    before, begin, rest = cell.source.partition(BEGIN)
    region, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest:
        raise ValueError(f"cell {cell.id} needs one region between {BEGIN!r} and {END!r}")
    return before.rstrip("\n"), region.strip("\n"), after.strip("\n")


def answer_alone(source: str) -> str:
    """Return an answer cell's code without the region's marks and without the question's declaration."""
    text = "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END))
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if _declares(node):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


def _declares(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="question"))):
            return True
        case ast.ImportFrom(names=[ast.alias(name="question")]):
            return True
    return False


def stub(region: str, name: str, form: Form) -> str:
    """Return what a student sees in the place of a solution: the checked name, bound to a placeholder.

    A function keeps its signature and docstring, a dict its keys.
    """
    for node in ast.parse(region).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            lines, first = region.splitlines(), node.body[0]
            signature = lines[node.lineno - 1 : first.lineno - 1]
            docstring = lines[first.lineno - 1 : first.end_lineno] if ast.get_docstring(node) else []
            # A comment before the body is the solution's.
            kept = [line for line in signature if not line.lstrip().startswith("#")] + docstring
            return "\n".join([*kept, "    ..."])
    if form.kind in ("dict", "plan"):
        keys = "".join(f"    {json.dumps(key, ensure_ascii=False)}: ...,\n" for key in form.names)
        return f"{name} = {{\n{keys}}}"
    return f"{name} = ..."
