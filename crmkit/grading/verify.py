"""The judgement: from what a check cell sent out to points and a sentence for the student.

It runs in the grader's process, on values that `decode` made anew. Nothing that a submission defined is
called here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.exercise.answer import Blank, Mismatch, parts
from crmkit.exercise.check import judge
from crmkit.exercise.key import steps
from crmkit.exercise.verdict import Outcome, Verdict
from crmkit.grading.assignment import Question
from crmkit.grading.values import Malformed, Returned, decode

ELSEWHERE = (
    "It is right where check tries it, and not for other inputs. Look for a number of the examples that you "
    "wrote down where a parameter belongs."
)


def verify(question: Question, encoded: Any, drawn: Sequence[tuple[Any, ...]]) -> Verdict:
    """Return the verdict on an answer as it came out of the sandbox.

    Parameters
    ----------
    question : the question, with its reference answer.
    encoded : what `values.encode` wrote, or anything else.
    drawn : for a function, the calls after the declared ones.
    """
    entry = question.entry
    try:
        value = decode(encoded)
    except Malformed as problem:
        return Verdict(Outcome.MALFORMED, entry.question, entry.points, (f"{str(problem).capitalize()}.",))
    if not isinstance(value, Returned):
        return judge(entry, value)
    declared = len(entry.form.calls)
    if len(value.outcomes) != declared + len(drawn):
        said = "The function was not called as often as it should have been."
        return Verdict(Outcome.MALFORMED, entry.question, entry.points, (said,))
    verdict = judge(entry, value.part(0, declared))
    if verdict.outcome is not Outcome.CORRECT or not drawn or _agrees(question, value.part(declared), drawn):
        return verdict
    return Verdict(Outcome.INCORRECT, entry.question, entry.points, (ELSEWHERE,))


def _agrees(question: Question, function: Returned, drawn: Sequence[tuple[Any, ...]]) -> bool:
    target = question.target(drawn)
    try:
        found = parts(function, target.form)
    except (Blank, Mismatch):
        return False
    return all(target.answer.hits(target.question, found, steps(found, target.form)).values())
