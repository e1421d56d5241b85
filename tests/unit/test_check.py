"""`check` and `hint`: each outcome, shown as HTML and as text, and never an exception for a student."""

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crmkit import check, hint
from crmkit.exercise import answer, record
from crmkit.exercise.check import NotCorrect
from crmkit.exercise.key import Entry
from crmkit.exercise.verdict import MIME, Outcome, Verdict

Declare = Callable[..., Entry]
MARGIN = (1.80 - 1.20) / 1.80
MESSAGE = 'That is the mark-up on cost, "not" on price.'


def contribution(price: float, units: int = 1) -> float:
    """Return the contribution."""
    return (price - 1.20) * units


@pytest.fixture
def questions(declare: Declare) -> None:
    """A number, a dict, a table and a function."""
    declare(MARGIN, {MESSAGE: 0.5}, tolerance=0.005)
    declare({"low": 1.0, "high": 2.0}, {"Sign.": {"low": -1.0}}, name="demo-q2", tolerance=0.01)
    table = pd.DataFrame({"tier": ["VIP", "small"], "price": [1.9, 1.7]})
    declare(table, {"Zero.": table.assign(price=0.0)}, name="demo-q3", tolerance={"price": 0.01})
    calls = [(1.80,), (1.62, 10), (1.20, 5)]
    mistakes = {"Cost.": lambda price, units=1: price * units}
    declare(contribution, mistakes, name="demo-q4", tolerance=0.01, calls=calls)


def never_returns(price: float, units: int = 1) -> float:
    while True:
        pass


def sleeps_and_swallows(price: float, units: int = 1) -> float:
    import time

    while True:
        try:
            time.sleep(0.01)
        except:  # noqa: E722
            continue


def stub(price: float, units: int = 1) -> float:
    """Return the contribution."""
    ...


OUTCOMES = [
    ("demo-q1", MARGIN, Outcome.CORRECT, "✔ Correct · demo-q1 · 2 of 2 points"),
    ("demo-q1", np.float64(MARGIN), Outcome.CORRECT, "✔ Correct · demo-q1 · 2 of 2 points"),
    ("demo-q1", 0.5, Outcome.MISTAKE, f"✘ A known slip · demo-q1 · 0 of 2 points\n  {MESSAGE}"),
    ("demo-q1", 0.7, Outcome.INCORRECT, "✘ Not yet · demo-q1 · 0 of 2 points\n  Hint 1 of 2: A margin is a"),
    ("demo-q1", 100 * MARGIN, Outcome.INCORRECT, "  That is a hundred times what is asked"),
    ("demo-q1", MARGIN / 100, Outcome.INCORRECT, "  That is a hundredth of what is asked for."),
    ("demo-q1", -MARGIN, Outcome.INCORRECT, "  The size is right, the sign is not."),
    ("demo-q2", {"low": 1.0, "high": -2.0}, Outcome.INCORRECT, "  high: The size is right, the sign is not."),
    ("demo-q2", {"low": 1.0, "high": -3.0}, Outcome.INCORRECT, "Right: low. Look again at the value"),
    ("demo-q4", lambda price, units=1: -contribution(price, units), Outcome.INCORRECT, "  The size is right"),
    ("demo-q1", ..., Outcome.NOT_ATTEMPTED, "Replace the ... by your answer, a number, and run both cells."),
    ("demo-q1", None, Outcome.NOT_ATTEMPTED, "○ Not attempted · demo-q1 · 0 of 2 points"),
    ("demo-q1", "33 %", Outcome.MALFORMED, "Expected a number, got the string '33 %'; leave out"),
    ("demo-q1", math.nan, Outcome.MALFORMED, "△ Wrong type or shape · demo-q1 · 0 of 2 points\n  The val"),
    ("demo-q2", {"low": ..., "high": ...}, Outcome.NOT_ATTEMPTED, "a dict with the keys low, high"),
    ("demo-q2", {"low": 1.0, "high": 3.0}, Outcome.INCORRECT, "Right: low. Look again at the value"),
    ("demo-q2", {"low": 0.5, "high": 3.0}, Outcome.INCORRECT, "0 of 2 points\n  Hint 1 of 2"),
    ("demo-q3", {"tier": "price"}, Outcome.MALFORMED, "2 rows with the columns tier, price, got"),
    ("demo-q3", pd.DataFrame({"tier": ["VIP", "small"], "price": [1.9, 1.8]}), Outcome.INCORRECT,
     "Right: tier. Look again at the column of price."),
    ("demo-q4", stub, Outcome.NOT_ATTEMPTED, "Replace the ... by your answer, a function of (price, units)"),
    ("demo-q4", lambda price, units=1: 0.6 if units == 1 else 4.3, Outcome.INCORRECT,
     "<lambda>(1.62, 10) should return something else."),
    ("demo-q4", lambda price: price, Outcome.FAILED,
     "△ Your function failed · demo-q4 · 0 of 2 points\n  <lambda>(1.62, 10) raised TypeError"),
    ("demo-q4", never_returns, Outcome.FAILED, "never_returns(1.8) did not return within 0.05 seconds"),
    ("demo-q4", sleeps_and_swallows, Outcome.FAILED, "sleeps_and_swallows(1.8) did not return within"),
    ("demo-q9", 1, Outcome.UNKNOWN, "△ Cannot be checked · demo-q9 · 0 of 0 points\n  There is no"),
    ("demo-qq1", 1, Outcome.UNKNOWN, "did you mean 'demo-q1'?"),
    (0.33, "demo-q1", Outcome.UNKNOWN, 'its id comes first, for instance check("pricing-q2", …)'),
    (None, None, Outcome.UNKNOWN, "its id comes first"),
]  # fmt: skip


@pytest.mark.usefixtures("student", "questions")
@pytest.mark.parametrize(("question", "value", "outcome", "text"), OUTCOMES)
def test_each_outcome_is_said_in_html_and_in_text_that_is_the_same_every_time(
    monkeypatch: pytest.MonkeyPatch, question: Any, value: Any, outcome: Outcome, text: str
):
    monkeypatch.setattr(answer, "SECONDS_PER_CALL", 0.05)
    verdict = check(question, value)
    assert verdict.outcome is outcome
    assert text in repr(verdict)
    bundle = verdict._repr_mimebundle_()
    assert bundle["text/plain"] == repr(verdict)
    assert bundle["text/html"].startswith('<div role="status"')
    assert f"{outcome.icon} {outcome.word}</strong>" in bundle["text/html"]
    assert bundle[MIME]["outcome"] == outcome.name
    again = check(question, value)
    assert (repr(again), again._repr_html_()) == (repr(verdict), verdict._repr_html_())


@pytest.mark.usefixtures("student", "questions")
def test_points_are_earned_for_a_correct_answer_only():
    assert check("demo-q1", MARGIN).earned == 2
    assert check("demo-q1", 0.5).earned == 0


def test_what_a_student_gave_cannot_become_markup():
    verdict = Verdict(Outcome.MALFORMED, "demo-q1", 1, ("<script>alert(1)</script>",))
    assert "<script>" not in verdict._repr_html_()
    assert "&lt;script&gt;" in verdict._repr_html_()


class Hostile:
    """An object of which nothing can be asked."""

    def refuse(self, *_: Any) -> Any:
        raise RuntimeError("no")

    __eq__ = __hash__ = __repr__ = __str__ = __len__ = __iter__ = __bool__ = __float__ = __call__ = refuse


class HostileNumber(float):
    """A number that cannot be converted, compared or printed."""

    def refuse(self, *_: Any) -> Any:
        raise HostileError

    __eq__ = __hash__ = __repr__ = __str__ = __float__ = __neg__ = __bool__ = refuse


class HostileError(Exception):
    """An error that cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError


class HostileClass:
    """An object that lies about its class."""

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise ValueError("no class")


class Exits(float):
    """A number that ends the interpreter."""

    def __float__(self) -> float:
        raise SystemExit


class Lies(float):
    """A number that is equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


HOSTILE = [Hostile(), HostileNumber(MARGIN), HostileClass(), Exits(MARGIN), Lies(0.7), Hostile, type]


@pytest.mark.usefixtures("student", "questions")
@pytest.mark.parametrize("question", ["demo-q1", "demo-q2", "demo-q3", "demo-q4", "nothing"])
@pytest.mark.parametrize("position", range(len(HOSTILE)))
def test_no_object_makes_check_raise_or_say_correct(question: str, position: int):
    value = HOSTILE[position]
    for given in (value, [value], {"low": value, "high": value}, lambda price, units=1: value):
        verdict = check(question, given)
        assert verdict.outcome is not Outcome.CORRECT
        assert repr(verdict)
        assert verdict._repr_html_()


@pytest.mark.usefixtures("student", "questions")
def test_a_table_that_cannot_be_looked_at_is_said_to_be_so():
    twice = pd.DataFrame({"tier": ["VIP", "small"], "price": [1.9, 1.7]}).set_index("tier", drop=False)
    verdict = check("demo-q3", twice)
    assert verdict.outcome is Outcome.MALFORMED
    assert verdict.lines[0].startswith("Looking at the value raised ValueError: cannot insert tier")


@pytest.mark.usefixtures("questions")
@pytest.mark.parametrize("runner", record.RUNNERS)
def test_where_a_test_or_a_grader_runs_it_what_is_not_correct_raises(student: Path, runner: str):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(runner, "1")
        assert check("demo-q1", MARGIN).outcome is Outcome.CORRECT
        for question, value in (("demo-q1", 0.5), ("demo-q1", ...), ("demo-q1", "x"), ("demo-q9", 1)):
            with pytest.raises(NotCorrect, match=rf"· {question} · 0 of"):
                check(question, value)
    assert not student.exists()


@pytest.mark.usefixtures("questions")
def test_this_very_test_counts_as_a_runner():
    with pytest.raises(NotCorrect):
        check("demo-q1", 0.5)


@pytest.mark.usefixtures("questions")
def test_a_check_is_recorded_with_its_outcome(student: Path):
    check("demo-q1", 0.5)
    check("demo-q1", MARGIN)
    check("demo-q9", 1)
    outcomes = [(line["question"], line["outcome"], line["earned"]) for line in record.read().lines]
    assert outcomes == [("demo-q1", "MISTAKE", 0), ("demo-q1", "CORRECT", 2)]


@pytest.mark.usefixtures("questions")
def test_a_record_that_cannot_be_written_costs_no_verdict_and_is_said(student: Path):
    student.mkdir()
    for value, outcome in ((MARGIN, Outcome.CORRECT), (0.7, Outcome.INCORRECT)):
        verdict = check("demo-q1", value)
        assert verdict.outcome is outcome
        assert "This result was not recorded" in verdict.lines[-1]


@pytest.mark.usefixtures("student", "questions")
def test_hints_come_one_by_one_and_the_last_one_stays():
    said = [repr(hint("demo-q1")) for _ in range(3)]
    assert (
        said[0] == "Hint 1 of 2 · demo-q1\n  A margin is a share of the price.\n  1 more: call hint() again."
    )
    assert said[1] == "Hint 2 of 2 · demo-q1\n  Divide by the price, 1.80.\n  That was the last one."
    assert said[2] == said[1]
    assert hint("demo-q2").head == "Hint 1 of 2 · demo-q2"


@pytest.mark.usefixtures("questions")
def test_the_stage_of_a_hint_outlives_the_session(student: Path):
    hint("demo-q1")
    assert "Hint 1 of 2" in repr(check("demo-q1", 0.7))
    hint("demo-q1")
    assert "Hint 2 of 2" in repr(check("demo-q1", 0.7))
    student.unlink()
    assert hint("demo-q1").head == "Hint 1 of 2 · demo-q1"


@pytest.mark.usefixtures("student", "questions")
def test_without_an_id_the_hint_is_to_the_question_checked_last():
    assert repr(hint()).startswith("Name the question: hint(")
    check("demo-q2", ...)
    check("demo-q9", 1)
    assert hint().head == "Hint 1 of 2 · demo-q2"


@pytest.mark.usefixtures("student", "questions")
def test_a_hint_to_no_question_says_so():
    assert "did you mean 'demo-q1'?" in repr(hint("demo-qq1"))
    for value in (0.33, None, pd.DataFrame({"tier": ["VIP"]})):
        assert "its id comes first" in repr(hint(value))
    assert "<strong>No hint</strong>" in hint("demo-qq1")._repr_html_()


@pytest.mark.usefixtures("questions")
def test_a_hint_that_cannot_be_recorded_is_given_all_the_same(student: Path):
    student.mkdir()
    note = hint("demo-q1")
    assert note.lines[0] == "A margin is a share of the price."
    assert "This result was not recorded" in note.lines[-1]


def test_what_a_student_imports_needs_none_of_the_slow_packages():
    slow = {"pandas", "matplotlib", "ipywidgets", "IPython", "scipy"}
    code = f"import sys, crmkit; print(sorted({slow!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
