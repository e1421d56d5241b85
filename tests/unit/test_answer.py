"""An answer's form and parts: what is accepted as the same, and what is said of anything else."""

import copy
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crmkit.exercise import answer
from crmkit.exercise.answer import Blank, CallFailed, Form, Mismatch, describe, error_text, parts
from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry
from crmkit.exercise.verdict import Outcome

Declare = Callable[..., Entry]
TABLE = pd.DataFrame({"tier": ["VIP", "major", "small"], "bottles": [30, 20, 10], "price": [1.9, 1.8, 1.7]})


def said(value: Any, form: Form) -> str:
    """Return what is said of a value that does not have the form."""
    with pytest.raises(Mismatch) as caught:
        parts(value, form)
    return str(caught.value)


NUMBER = describe(1.5, 0.01)
WHOLE = describe(12)


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, Fraction])
def test_a_number_is_the_same_in_every_numeric_type(kind: Callable[[float], Any]):
    assert parts(kind(1.5), NUMBER) == {"": [1.5]}


@pytest.mark.parametrize("value", [12, 12.0, np.int64(12), np.int8(12), np.float64(12)])
def test_a_whole_number_is_the_same_in_every_numeric_type(value: Any):
    assert parts(value, WHOLE) == parts(12, WHOLE)


def test_whole_numbers_beyond_the_precision_of_floats_are_told_apart():
    assert parts(2**53, WHOLE) != parts(2**53 + 1, WHOLE)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1.5", "expected a number, got the string '1.5'; leave out the quotes and the unit"),
        ("x" * 90, f"expected a number, got the string {'x' * 40!r}; leave out the quotes and the unit"),
        (math.nan, "the value is NaN, not a number; a division 0/0 or missing data went into it"),
        (np.float64("nan"), "the value is NaN, not a number; a division 0/0 or missing data went into it"),
        (pd.NA, "expected a number, got a missing value"),
        (True, "expected a number, got a bool"),
        (np.True_, "expected a number, got a bool"),
        (1 + 2j, "expected a number, got a complex"),
        ([1.5], "expected a number, got a list"),
        (np.array([1.5]), "expected a number, got an array"),
        (pd.Series([1.5]), "expected a number, got a Series"),
        (TABLE, "expected a number, got a DataFrame"),
        (lambda: 1.5, "expected a number, got a function; call it and pass its result"),
    ],
)
def test_what_is_no_number_is_said_to_be_what_it_is(value: Any, message: str):
    assert said(value, NUMBER) == message


def test_a_fraction_is_no_whole_number():
    assert said(12.5, WHOLE) == "expected a whole number, got 12.5"


@pytest.mark.parametrize("value", [math.inf, 1e308, 10**400])
def test_a_number_too_large_for_the_grid_is_wrong_and_no_error(declare: Declare, value: float):
    entry = declare(1.5, {"Twice.": 3.0}, tolerance=0.01)
    assert judge(entry, value).outcome is Outcome.INCORRECT
    assert judge(entry, -value).outcome is Outcome.INCORRECT


@pytest.mark.parametrize("value", [None, ..., {"a": ..., "b": ...}, {"a": None}])
def test_a_placeholder_is_blank(value: Any):
    with pytest.raises(Blank):
        parts(value, NUMBER)


def test_one_placeholder_left_in_a_dict_is_named():
    form = describe({"a": 1, "b": 2})
    assert said({"a": 1, "b": ...}, form) == "key 'b': still holds the placeholder; expected a whole number"


@pytest.mark.parametrize("value", [[2.4, 1.6], (2.4, 1.6), np.array([2.4, 1.6]), pd.Series([2.4, 1.6])])
def test_a_list_may_be_a_tuple_an_array_or_a_series(value: Any):
    assert parts(value, describe([2.4, 1.6], 0.005)) == {"": [2.4, 1.6]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([2.4], "expected 2 values, got 1"),
        ([2.4, 1.6, 1.0], "expected 2 values, got 3"),
        ([2.4, "1.6"], "value 2: expected a number, got the string '1.6'; leave out the quotes and the unit"),
        (
            [2.4, math.nan],
            "value 2: the value is NaN, not a number; a division 0/0 or missing data went into it",
        ),
        ([2.4, None], "value 2: still holds the placeholder; expected a number"),
        ({2.4, 1.6}, "expected a list of 2, got a set; a set has no order"),
        (np.ones((2, 2)), "expected a list of 2, got an array"),
        (2.4, "expected a list of 2, got a float"),
        ("2.4", "expected a list of 2, got a str"),
        ((x for x in (2.4, 1.6)), "expected a list of 2, got a generator"),
    ],
)
def test_what_is_no_list_of_the_length_is_said(value: Any, message: str):
    assert said(value, describe([2.4, 1.6], 0.005)) == message


def test_a_text_is_the_same_in_any_case_spacing_and_width():
    form = describe("Cost plus")
    assert parts("  ＣＯＳＴ  plus\n", form) == parts("Cost plus", form)
    assert said(5, form) == "expected a string, got an int"


@pytest.mark.parametrize("value", [False, np.False_])
def test_a_truth_value_may_come_from_numpy(value: Any):
    form = describe(True)
    assert parts(value, form) == parts(False, form) != parts(True, form)
    assert said(0, form) == "expected True or False, got an int"


def test_a_set_has_no_order_and_no_repetitions():
    form = describe({"skimming", "penetration"})
    assert parts(["penetration", "skimming", "skimming"], form) == parts({"skimming", "penetration"}, form)
    assert said("skimming", form) == "expected a set such as {'a', 'b'}, got a str"
    assert "0.5 is neither a string nor a whole number" in said({0.5}, form)


def test_a_dict_may_be_in_any_order_or_a_series():
    form = describe({"low": 1.0, "high": 2.0}, 0.1)
    expected = {"low": [1.0], "high": [2.0]}
    assert parts({"high": 2, "low": 1}, form) == expected
    assert parts(pd.Series({"high": 2.0, "low": 1.0}), form) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"low": 1.0}, "missing key 'high'; expected low, high"),
        ({"low": 1.0, "high": 2.0, "mid": 1.5}, "unexpected key 'mid'; expected low, high"),
        ({"low": 1.0, "High": 2.0}, "missing key 'high'; unexpected key 'High'; expected low, high"),
        ([1.0, 2.0], "expected a dict with the keys low, high, got a list"),
        (
            {"low": 1.0, "high": "2"},
            "key 'high': expected a number, got the string '2'; leave out the quotes and the unit",
        ),
    ],
)
def test_a_dict_with_other_keys_is_said(value: Any, message: str):
    assert said(value, describe({"low": 1.0, "high": 2.0}, 0.1)) == message


FORM = describe(TABLE, {"price": 0.005})


@pytest.mark.parametrize(
    "table",
    [
        TABLE.set_index("tier"),
        TABLE.set_index(["tier", "bottles"]),
        TABLE.set_axis([7, 5, 3]),
        TABLE.convert_dtypes(),
        TABLE.astype({"bottles": float}),
        TABLE.astype({"tier": "category"}),
    ],
    ids=["named-index", "two-named-indices", "index-left-by-a-filter", "nullable", "floats", "category"],
)
def test_a_table_is_the_same_with_another_index_or_dtype(table: pd.DataFrame):
    assert parts(table, FORM) == parts(TABLE, FORM)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            TABLE[["bottles", "tier", "price"]],
            "the columns are in another order; put them so with table[['tier', 'bottles', 'price']]",
        ),
        (TABLE[["tier", "price"]], "missing column 'bottles'; expected tier, bottles, price"),
        (TABLE.assign(rank=1), "unexpected column 'rank'; expected tier, bottles, price"),
        (
            TABLE.rename(columns={"price": "Price"}),
            "missing column 'price'; unexpected column 'Price'; expected tier, bottles, price",
        ),
        (
            pd.concat([TABLE, TABLE["price"]], axis=1),
            "unexpected column 'price'; expected tier, bottles, price",
        ),
        (TABLE.head(2), "expected 3 rows, got 2"),
        (TABLE.head(0), "expected 3 rows, got 0"),
        (
            TABLE.assign(price=[1.9, None, math.nan]),
            "column 'price' holds 2 NaN, first in row 1 counted from 0",
        ),
        (
            TABLE.assign(bottles=pd.array([1, 2, None], dtype="Int64")),
            "column 'bottles' holds 1 NaN, first in row 2 counted from 0",
        ),
        (
            TABLE.assign(tier=["VIP", None, "small"]),
            "column 'tier' holds 1 NaN, first in row 1 counted from 0",
        ),
        (
            TABLE.astype({"price": str}),
            "column 'price' holds text such as '1.9' where numbers are due; convert it with .astype(float)",
        ),
        (TABLE.assign(tier=1), "column 'tier': expected a string, got an int"),
        (TABLE["price"], f"expected {FORM}, got a Series; a Series becomes one with .reset_index()"),
        (TABLE.to_dict(), f"expected {FORM}, got a dict"),
        (TABLE.to_numpy(), f"expected {FORM}, got an array"),
    ],
)
def test_a_table_of_another_shape_is_said(table: Any, message: str):
    assert said(table, FORM) == message


@pytest.mark.parametrize("answer_", [TABLE, [3.0, 1.0, 2.0]], ids=["table", "list"])
def test_the_right_values_in_another_order_are_said_to_be_so(declare: Declare, answer_: Any):
    half = TABLE.assign(price=TABLE["price"] / 2) if answer_ is TABLE else [1.5, 0.5, 1.0]
    entry = declare(answer_, {"Half.": half}, tolerance={"price": 0.005} if answer_ is TABLE else 0.005)
    verdict = judge(entry, answer_[::-1])
    assert verdict.outcome is Outcome.MALFORMED
    assert "are right but in another order than asked for" in verdict.lines[0]


def double(x: float) -> float:
    """Return twice x."""
    return 2 * x


CALLS = [(1,), (2,), (5,)]
FUNCTION = describe(double, 0.01, CALLS)


def test_a_function_is_judged_by_what_it_returns():
    assert parts(lambda x: x + x, FUNCTION) == {"(1)": [2.0], "(2)": [4.0], "(5)": [10.0]}
    assert str(FUNCTION) == "a function of (x)"


def fails(x: float) -> float:
    return {1: 2.0, 2: 4.0}[x]


def too_few() -> float:
    return 2.0


def exits(x: float) -> float:
    raise SystemExit


def ends_all(x: float) -> float:
    raise BaseException("end\nof all")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (fails, "fails(5) raised KeyError: 5"),
        (too_few, "too_few(1) raised TypeError: too_few() takes 0 positional arguments but 1 was given"),
        (exits, "exits(1) raised SystemExit"),
        (ends_all, "ends_all(1) raised BaseException: end of all"),
    ],
)
def test_a_function_that_fails_is_said_to_at_which_call(function: Callable[..., float], message: str):
    with pytest.raises(CallFailed) as caught:
        parts(function, FUNCTION)
    assert str(caught.value) == message


def test_a_function_that_does_not_return_is_said_to_at_which_call(monkeypatch: pytest.MonkeyPatch):
    def spins(x: float) -> float:
        while x > 1:
            pass
        return 2 * x

    monkeypatch.setattr(answer, "SECONDS_PER_CALL", 0.1)
    with pytest.raises(CallFailed, match=r"spins\(2\) did not return within 0.1 seconds; look for a loop"):
        parts(spins, FUNCTION)


def test_a_students_interrupt_is_obeyed():
    def interrupted(x: float) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts(interrupted, FUNCTION)


def stub(x: float) -> float:
    """Return twice x."""
    ...


def forgets_return(x: float) -> None:
    print(2 * x)


def returns_sometimes(x: float) -> float | None:
    return 2 * x if x < 3 else None


def test_a_function_that_is_still_the_stub_is_blank():
    with pytest.raises(Blank):
        parts(stub, FUNCTION)


@pytest.mark.parametrize(("function", "argument"), [(forgets_return, 1), (print, 1), (returns_sometimes, 5)])
def test_a_function_that_returns_nothing_is_told_to_return(function: Callable[..., Any], argument: int):
    assert said(function, FUNCTION) == (
        f"{function.__name__}({argument}) returned nothing; end the function with return …"
    )


def test_a_result_of_another_type_is_said_with_its_call():
    assert said(lambda x: str(2 * x), FUNCTION).startswith(
        "<lambda>(1): expected a number, got the string '2'"
    )
    assert said(lambda x: math.nan, FUNCTION).startswith("<lambda>(1): the value is NaN")
    assert said(6, FUNCTION) == (
        "expected a function of (x), got an int; pass the function itself, without calling it"
    )


def test_a_function_that_changes_its_arguments_changes_nothing_for_the_next_call():
    def total(prices: list[float]) -> float:
        return sum(prices)

    def emptying(prices: list[float]) -> float:
        result = 0.0
        while prices:
            result += prices.pop()
        return result

    form = describe(total, 0.01, [([1, 2],), ([3],), ([],)])
    before = copy.deepcopy(form)
    assert parts(emptying, form) == parts(emptying, form) == parts(total, form)
    assert form == before


def test_a_form_survives_being_written_and_read():
    for form in (
        NUMBER,
        WHOLE,
        FORM,
        FUNCTION,
        describe([1.0, [2.0, "a"]], 0.1),
        describe({"a": True, "b": {"c"}}),
    ):
        assert Form.from_json(form.to_json()) == form


def test_an_error_that_cannot_be_printed_is_named_by_its_type():
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert error_text(Silent()) == "Silent"
    assert error_text(ValueError()) == "ValueError"
    assert error_text(ValueError("a\n  b")) == "ValueError: a b"
