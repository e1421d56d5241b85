"""A declaration is refused where it would fail a student."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry
from crmkit.exercise.question import QuestionError, question
from crmkit.exercise.verdict import Outcome

Declare = Callable[..., Entry]


TABLE = pd.DataFrame({"tier": ["VIP", "small"], "price": [1.9, 1.7]})


@pytest.fixture
def refusal(declare: Declare) -> Callable[..., str]:
    """A function that returns why a declaration is refused."""

    def refused(*arguments: Any, **details: Any) -> str:
        with pytest.raises(QuestionError) as caught:
            declare(*arguments, **details)
        return str(caught.value)

    return refused


Refusal = Callable[..., str]


def double(x: float) -> float:
    return 2 * x


def zero(x: float) -> float:
    return 0 * x


def test_a_refusal_names_the_question(refusal: Refusal):
    assert refusal(1.0, {"Two.": 2.0}) == "demo-q1: the number 1.0 needs a tolerance"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [(1.0, 1.0), ([1.0, 2.0], [1.0, 2.0]), ({"a": 1.0}, {"a": 1.0}), (TABLE, TABLE.copy())],
    ids=["number", "list", "dict", "table"],
)
def test_a_mistake_that_equals_the_answer_is_refused(refusal: Refusal, answer: Any, mistake: Any):
    assert "the mistake 'Same.' equals the answer" in refusal(answer, {"Same.": mistake}, tolerance=0.01)


def test_a_mistake_within_the_tolerance_is_refused(refusal: Refusal):
    assert "the mistake 'Near.' is met with: ✔ Correct" in refusal(1.0, {"Near.": 1.009}, tolerance=0.01)


def test_a_function_that_errs_at_no_call_is_no_mistake(refusal: Refusal):
    calls = [(1.0,), (2.0,), (3.0,)]
    same = {"Same.": lambda x: x + x}
    assert "equals the answer" in refusal(double, same, tolerance=0.01, calls=calls)


def test_two_mistakes_of_the_same_value_are_refused(refusal: Refusal):
    said = refusal(1.0, {"First.": 2.0, "Second.": 2.005}, tolerance=0.01)
    assert "the mistake 'Second.' is met with: ✘ A known slip" in said


def test_a_mistake_of_another_shape_is_refused(refusal: Refusal):
    assert "expected 2 values, got 1" in refusal([1.0, 2.0], {"One.": [1.0]}, tolerance=0.01)


@pytest.mark.parametrize("hints", [[], ["Only one."]])
def test_fewer_than_two_hints_are_refused(refusal: Refusal, hints: list[str]):
    assert "give at least two hints" in refusal(1, {"Two.": 2}, hints=hints)


def test_a_question_without_a_mistake_is_refused(refusal: Refusal):
    assert "declare at least one mistake" in refusal(1, {})


@pytest.mark.parametrize("tolerance", [0, -0.1, math.inf, math.nan])
def test_a_tolerance_that_is_none_is_refused(refusal: Refusal, tolerance: float):
    assert "must be positive and finite" in refusal(1.0, {"Two.": 2.0}, tolerance=tolerance)


def test_a_tolerance_finer_than_floats_is_refused(refusal: Refusal):
    assert "too fine for a number as large as" in refusal(1e9, {"Two.": 2e9}, tolerance=1e-6)


def test_a_column_of_floats_needs_a_tolerance(refusal: Refusal):
    assert "the number 1.9 needs a tolerance" in refusal(TABLE, {"No.": TABLE.assign(price=0.0)})


@pytest.mark.parametrize(
    "answer",
    [math.nan, [1.0, math.nan], {"a": math.nan}, TABLE.assign(price=math.nan)],
    ids=["number", "list", "dict", "table"],
)
def test_nan_is_no_reference(refusal: Refusal, answer: Any):
    assert "NaN" in refusal(answer, {"Two.": 2.0}, tolerance=0.01)


@pytest.mark.parametrize("name", ["pricing", "pricing-2", "Pricing-q2", "pricing-q", "pricing q2", "-q2x"])
def test_an_id_of_another_form_is_refused(refusal: Refusal, name: str):
    assert "a question id looks like pricing-q2" in refusal(1, {"Two.": 2}, name=name)


@pytest.mark.parametrize("calls", [[], [(1,)], [(1,), (2,)]])
def test_a_function_with_fewer_than_three_calls_is_refused(refusal: Refusal, calls: list[tuple[int]]):
    assert "at least three calls" in refusal(double, {"Zero.": zero}, calls=calls)


def test_a_function_called_twice_alike_is_refused(refusal: Refusal):
    said = refusal(double, {"Zero.": zero}, calls=[(1,), (2,), (1,)])
    assert "two calls have the same arguments" in said


@pytest.mark.parametrize("calls", [[(TABLE,), (1,), (2,)], [1, 2, 3]])
def test_arguments_that_a_key_cannot_hold_are_refused(refusal: Refusal, calls: list[Any]):
    assert "calls is a list of tuples of arguments" in refusal(double, {"Zero.": zero}, calls=calls)


def test_a_function_whose_result_changes_from_call_to_call_is_refused(refusal: Refusal):
    count = itertools.count()
    said = refusal(lambda x: x + next(count), {"Zero.": zero}, calls=[(1,), (2,), (3,)])
    assert "the answer itself is met with: ✘ Not yet" in said


def test_an_answer_of_a_type_that_cannot_be_compared_is_refused(refusal: Refusal):
    assert "an answer of type object cannot be compared" in refusal(object(), {"Two.": 2})
    assert "an empty table has nothing to compare" in refusal(TABLE.head(0), {"Two.": 2})


@pytest.mark.parametrize(
    ("answer", "mistakes", "details"),
    [
        (1.5, {"Sign.": -1.5, "Twice.": 3.0}, {"tolerance": 0.01}),
        (12, {"Eleven.": 11}, {}),
        ("skimming", {"No.": "penetration"}, {}),
        (True, {"No.": False}, {}),
        ({"a", "b"}, {"Too few.": {"a"}}, {}),
        ([1.0, 2.0], {"Turned.": [2.0, 1.0]}, {"tolerance": 0.01}),
        (
            {"a": 1.0, "b": 2},
            {"a.": {"a": 5.0}, "b.": {"b": 5}, "Both.": {"a": 7.0, "b": 7}},
            {"tolerance": {"a": 0.1}},
        ),
        ({2025: 1, 2026: 2}, {"Last year's.": {2026: 1}}, {}),
        (TABLE, {"Sign.": TABLE.assign(price=-TABLE["price"])}, {"tolerance": {"price": 0.01}}),
        (double, {"Zero.": zero}, {"calls": [(1,), (2,), (3,)]}),
        (
            lambda point: point[0],
            {"y.": lambda point: point[1]},
            {"calls": [((n, n + 1),) for n in range(3)]},
        ),
    ],
    ids=["number", "integer", "text", "truth", "set", "list", "dict", "years", "table", "function", "tuples"],
)
def test_each_declared_mistake_is_met_with_its_own_message(
    declare: Declare, answer: Any, mistakes: dict[str, Any], details: dict[str, Any]
):
    entry = declare(answer, mistakes, **details)
    assert judge(entry, answer).outcome is Outcome.CORRECT
    for message, wrong in mistakes.items():
        whole = {**answer, **wrong} if isinstance(wrong, dict) else wrong
        verdict = judge(entry, whole)
        assert (verdict.outcome, verdict.lines) == (Outcome.MISTAKE, (message,))


def test_a_mistake_in_one_key_is_known_whatever_stands_in_the_others(declare: Declare):
    entry = declare({"a": 1.0, "b": 2.0}, {"Sign of a.": {"a": -1.0}}, tolerance=0.01)
    for other in (2.0, 99.0):
        assert judge(entry, {"a": -1.0, "b": other}).lines == ("Sign of a.",)


def test_a_declaration_shows_what_it_declares(declare: Declare):
    declared = question(
        "demo-q1", 1.2345, tolerance=0.01, points=2, minutes=5, hints=["a", "b"], mistakes={"Twice.": 2.469}
    )
    assert repr(declared) == "demo-q1 · 2 points · 5 min · 2 hints\n  ✘ Twice."
    assert {"1.2345", "1.23", "2.469", "2.47", "Twice."} <= set(declared.secrets)


def test_a_long_whole_number_is_looked_for_in_the_release_and_a_short_one_is_not() -> None:
    hints = ["Multiply.", "By the days of a year."]
    declared = question(
        "demo-q90", 36_524, points=1, minutes=1, hints=hints, mistakes={"Forty days short.": 40}
    )
    assert "36524" in declared.secrets
    assert "40" not in declared.secrets


def test_each_whole_number_of_a_set_is_secret() -> None:
    answer, hints = {36_524, 40, 1998}, ["Count.", "Count the days."]
    declared = question(
        "demo-q91", answer, points=1, minutes=1, hints=hints, mistakes={"A year short.": {36_524, 40}}
    )
    assert {"36524", "1998"} <= set(declared.secrets)
    assert "40" not in declared.secrets
