"""`question`: how a solution notebook declares a question, right where its answer is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crmkit.exercise.answer import SEPARATOR, Form, Mismatch, Parts, describe, parts, unordered
from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry, Mistake, Target, declare, seal, steps
from crmkit.exercise.verdict import Outcome, Verdict

MIME = "application/vnd.crmkit.question+json"
ID = re.compile(r"[a-z0-9-]+-q[0-9]+")
LONG = 12
"""Length from which the beginning of a number gives it away, whatever digits follow."""


class QuestionError(ValueError):
    """A declaration that would not work for students; the message says which and why."""


@dataclass(frozen=True)
class Declaration:
    """A declared question: its key entry, how each declared mistake is met, and what must not leak."""

    entry: Entry
    met: tuple[tuple[str, Verdict], ...]
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        entry = self.entry
        head = f"{entry.question} · {entry.points} points · {entry.minutes} min · {len(entry.hints)} hints"
        return "\n".join([head, *(f"  ✘ {message}" for message, _ in self.met)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            MIME: {
                "question": self.entry.question,
                "entry": self.entry.to_json(),
                "mistakes": [
                    {"message": message, "outcome": verdict.outcome.name, "said": list(verdict.lines)}
                    for message, verdict in self.met
                ],
                "secrets": list(self.secrets),
            },
        }


def question(
    question_id: str,
    answer: Any,
    *,
    points: int,
    minutes: int,
    hints: Sequence[str],
    mistakes: Mapping[str, Any],
    tolerance: float | Mapping[str, float] | None = None,
    calls: Sequence[tuple[Any, ...]] = (),
    is_plan: bool = False,
) -> Declaration:
    """Declare a question of an exercise.

    Parameters
    ----------
    question_id : `<topic>-q<n>`, unique in the course.
    answer : the reference answer.
    points : what a correct answer earns.
    minutes : how long a student needs.
    hints : at least two, from a nudge to nearly the way.
    mistakes : from the message that names a misconception to the wrong value that it leads to. Of a dict the
        wrong keys suffice.
    tolerance : greatest absolute error of a number, or one by key or column.
    calls : for a function, the arguments of at least three calls by which it is judged.
    is_plan : whether the answer is a plan of the capstone, which is judged by its rules: any plan without a
        fault is right, and a mistake is a plan with one.

    Raises
    ------
    QuestionError : the declaration contradicts itself, for instance a mistake that equals the answer.
    """
    with _blaming(question_id):
        if not ID.fullmatch(question_id):
            raise ValueError("a question id looks like pricing-q2")
        if len(hints) < 2:
            raise ValueError("give at least two hints")
        if not mistakes:
            raise ValueError("declare at least one mistake that students make")
        if callable(answer) and len(calls) < 3:
            raise ValueError("judge a function by at least three calls")
        form = describe(answer, tolerance, calls, is_plan)
        found = parts(answer, form)
        widths = steps(found, form)
        in_order = unordered(found, form)
        entry = Entry(
            question=question_id,
            points=points,
            minutes=minutes,
            form=form,
            answer=Target.of(question_id, found, widths),
            mistakes=tuple(_mistake(question_id, form, found, *each) for each in mistakes.items()),
            hints=tuple(hints),
            unordered=Target.of(question_id, in_order, widths) if in_order else None,
        )
        # Judged by what the key will hold after it has been written and read.
        released = Entry.from_json(question_id, json.loads(json.dumps(entry.to_json())))
        verdict = judge(released, answer)
        if verdict.outcome is not Outcome.CORRECT:
            raise ValueError(f"the answer itself is met with: {verdict}")
        met = tuple((message, judge(released, _whole(answer, value))) for message, value in mistakes.items())
        for message, verdict in met:
            if verdict.outcome is not Outcome.MISTAKE or verdict.lines != (message,):
                raise ValueError(f"the mistake {message!r} is met with: {verdict}")
        declare(released)
        values = [answer, *mistakes.values()]
        secrets = {*mistakes, *(text for value in values for text in _telling(value, form))}
        return Declaration(entry, met, tuple(sorted(secrets)))


@contextmanager
def _blaming(question_id: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, Mismatch) as error:
        raise QuestionError(f"{question_id}: {error}") from error


def _mistake(question_id: str, form: Form, right: Parts, message: str, value: Any) -> Mistake:
    found = {**right, **_partial(value, form)}
    named = [part for part in _partial(value, form) if found[part] != right[part]]
    if not named:
        raise ValueError(f"the mistake {message!r} equals the answer")
    widths = steps(found, form)
    wrong = {part: found[part] for part in named}
    target = Target.of(question_id, wrong, widths)
    return Mistake(target, seal(question_id, message, target, wrong, widths))


def _partial(value: Any, form: Form) -> Parts:
    # A mistake in a dict may give the wrong keys only.
    if form.kind != "dict" or not isinstance(value, Mapping):
        return parts(value, form)
    given = set(map(str, value))
    if given < set(form.names):
        kept = [(name, item) for name, item in zip(form.names, form.items, strict=True) if name in given]
        names, items = zip(*kept, strict=True)
        return parts(value, Form("dict", names=names, items=items))
    return parts(value, form)


def _whole(answer: Any, mistaken: Any) -> Any:
    if isinstance(answer, Mapping) and isinstance(mistaken, Mapping):
        return {**answer, **mistaken}
    return mistaken


def _telling(value: Any, form: Form) -> Iterator[str]:
    """Yield the texts by which a value would be recognised if it stood in a released file."""
    if callable(value):
        return
    for leaves in _partial(value, form).values():
        for leaf in leaves:
            if isinstance(leaf, float):
                yield from _numerals(leaf)
                continue
            for element in leaf.split(SEPARATOR):
                if element.startswith("i:"):
                    yield from _numerals(float(element.removeprefix("i:")))


def _numerals(number: float) -> Iterator[str]:
    # As a careful writer, pandas (6 decimals) and NumPy (8) show it, and as Python begins to: the last bits
    # of a sum differ between versions. Two digits or fewer stand in any text by chance.
    begun = f"{abs(number):.15g}"[:LONG]
    rounded = [f"{abs(number):.{decimals}f}" for decimals in (2, 3, 4, 6, 8)]
    for text in (begun, *rounded):
        if len(text.replace(".", "").strip("0")) > 2:
            yield text
