"""`check` and `hint`: the instant feedback that a student calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmkit.exercise import record
from crmkit.exercise.answer import (
    Blank,
    CallFailed,
    Mismatch,
    Parts,
    call_text,
    error_text,
    parts,
    unordered,
)
from crmkit.exercise.key import Entry, UnknownQuestion, entry, steps, unseal
from crmkit.exercise.verdict import Note, Outcome, Verdict

_last_checked = ""


class NotCorrect(AssertionError):
    """An answer that is not correct, where a test runner or a grader is running the notebook."""


def check(question: str, value: Any) -> Verdict:
    """Say whether an answer is right and, if not, what is wrong with it.

    Never raises in a student's session. Under nbgrader and nbval anything but a correct answer raises, so
    that the cell fails there.

    Parameters
    ----------
    question : the question's id, for instance `pricing-q2`.
    value : the answer.

    Returns
    -------
    The verdict; a notebook shows it.

    Raises
    ------
    NotCorrect : the answer is not correct and nbgrader or nbval runs the notebook.
    """
    global _last_checked
    verdict = _judged(question, value)
    if record.under_test() and verdict.outcome is not Outcome.CORRECT:
        raise NotCorrect(repr(verdict)) from None
    if verdict.outcome is not Outcome.UNKNOWN:
        _last_checked = question
        problem = record.append(question, "check", outcome=verdict.outcome.name, earned=verdict.earned)
        if problem:
            return Verdict(verdict.outcome, question, verdict.points, (*verdict.lines, problem))
    return verdict


def _judged(question: str, value: Any) -> Verdict:
    try:
        known = entry(question)
    except UnknownQuestion as error:
        shown = question if isinstance(question, str) else "?"
        return Verdict(Outcome.UNKNOWN, shown, 0, (f"There is {error}",))
    try:
        return judge(known, value, stage=lambda: _stage(known))
    except (Exception, SystemExit) as error:  # a student's object may do anything when it is looked at
        said = f"Looking at the value raised {error_text(error)}."
        return Verdict(Outcome.MALFORMED, question, known.points, (said, f"Expected {known.form}."))


def judge(known: Entry, value: Any, *, stage: Callable[[], int] = lambda: 0) -> Verdict:
    """Return the verdict on a value.

    Parameters
    ----------
    known : the key's entry of the question.
    value : the answer.
    stage : gives the position of the hint to show; asked only if the answer is wrong in no known way.
    """

    def verdict(outcome: Outcome, *lines: str) -> Verdict:
        return Verdict(outcome, known.question, known.points, lines)

    try:
        found = parts(value, known.form)
    except Blank:
        return verdict(
            Outcome.NOT_ATTEMPTED, f"Replace the ... by your answer, {known.form}, and run both cells."
        )
    except CallFailed as problem:
        return verdict(Outcome.FAILED, f"{problem}.")
    except Mismatch as problem:
        return verdict(Outcome.MALFORMED, _sentence(str(problem)))
    widths = steps(found, known.form)
    hits = known.answer.hits(known.question, found, widths)
    if all(hits.values()):
        return verdict(Outcome.CORRECT)
    for mistake in known.mistakes:
        if all(mistake.target.hits(known.question, found, widths).values()):
            message = unseal(known.question, mistake.message, mistake.target, found, widths)
            return verdict(Outcome.MISTAKE, message)
    if known.unordered is not None:
        in_order = unordered(found, known.form)
        if in_order and all(known.unordered.hits(known.question, in_order, widths).values()):
            noun = "rows" if known.form.kind == "table" else "values"
            return verdict(Outcome.MALFORMED, f"The {noun} are right but in another order than asked for.")
    slip = _slip(known, found, widths, hits)
    if slip:
        return verdict(Outcome.INCORRECT, slip)
    return verdict(Outcome.INCORRECT, *_what_differs(known, value, hits), *_hint_line(known, stage()))


SLIPS = (
    (0.01, "That is a hundred times what is asked for. A share of 20% is 0.20, and 20 fen are 0.20 yuan."),
    (100.0, "That is a hundredth of what is asked for. Look again at the unit."),
    (-1.0, "The size is right, the sign is not."),
)
"""Factors that make a wrong number right, and what they say of it: slips that need no declaring."""


def _slip(known: Entry, found: Parts, widths: dict[str, list[float]], hits: dict[str, bool]) -> str:
    """Return what is wrong if all wrong numbers are off by the same well-known factor, else nothing."""
    wrong = {part: found[part] for part, hit in hits.items() if not hit and part in found}
    for factor, message in SLIPS:
        mended = {
            part: [leaf * factor if isinstance(leaf, float) else leaf for leaf in leaves]
            for part, leaves in wrong.items()
        }
        if mended != wrong and all(known.answer.hits(known.question, found | mended, widths).values()):
            where = f"{', '.join(wrong)}: " if len(hits) > 1 and known.form.kind != "function" else ""
            return f"{where}{message}"
    return ""


def _sentence(said: str) -> str:
    # A name that the student wrote, in a call, keeps its case.
    starts_with_call = "(" in said.partition(" ")[0]
    return f"{said if starts_with_call else said[0].upper() + said[1:]}."


def _what_differs(known: Entry, value: Any, hits: dict[str, bool]) -> tuple[str, ...]:
    wrong = [part for part, hit in hits.items() if not hit]
    if known.form.kind == "function":
        call = known.form.calls[list(hits).index(wrong[0])]
        return (f"{call_text(getattr(value, '__name__', 'f'), call)} should return something else.",)
    right = [part for part, hit in hits.items() if hit]
    if not right:
        return ()
    noun = "column" if known.form.kind == "table" else "value"
    return (f"Right: {', '.join(right)}. Look again at the {noun} of {', '.join(wrong)}.",)


def _hint_line(known: Entry, stage: int) -> tuple[str, ...]:
    if not known.hints:
        return ()
    stage = min(stage, len(known.hints) - 1)
    return (f"Hint {stage + 1} of {len(known.hints)}: {known.hints[stage]}",)


def hint(question: str = "") -> Note:
    """Give the next hint to a question; the last one again when there are no more.

    Parameters
    ----------
    question : the question's id; the last one checked if left out.
    """
    if isinstance(question, str) and not question:
        question = _last_checked
        if not question:
            return Note('Name the question: hint("pricing-q1"), for instance.')
    try:
        known = entry(question)
    except UnknownQuestion as error:
        return Note("No hint", (f"There is {error}",))
    given = len(list(record.read().of(question, "hint")))
    stage = min(given, len(known.hints) - 1)
    problem = record.append(question, "hint", stage=stage + 1) if given < len(known.hints) else ""
    left = len(known.hints) - stage - 1
    more = f"{left} more: call hint() again." if left else "That was the last one."
    return Note(
        f"Hint {stage + 1} of {len(known.hints)} · {question}",
        tuple(filter(None, (known.hints[stage], more, problem))),
    )


def _stage(known: Entry) -> int:
    # A wrong answer shows the hint that hint() gave last, and the first one before any was asked for.
    given = len(list(record.read().of(known.question, "hint")))
    return max(given - 1, 0)
