"""Answers cross from the sandbox as plain values, whatever they were inside."""

import json
import os
from contextlib import suppress
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exercise.limit import TimeExceeded
from crmkit.grading.values import Malformed, decode, encode, encode_function


def crossed(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value))))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_plain_values_arrive_unchanged(value: Any):
    text = json.dumps(value)
    assert json.dumps(crossed(value)) == text


def test_numpy_and_pandas_values_arrive_as_python_ones():
    assert type(crossed(np.float64(0.1))) is float
    assert type(crossed(np.int64(3))) is int
    assert type(crossed(np.bool_(True))) is bool
    assert crossed(np.array([1.5, 2.5])) == [1.5, 2.5]
    assert crossed(pd.Index(["a", "b"])) == ["a", "b"]
    assert crossed(pd.Series({"a": 1.5, "b": 2.5})).to_dict() == {"a": 1.5, "b": 2.5}


def test_a_table_arrives_with_its_columns_and_a_named_index():
    table = pd.DataFrame({"tier": ["VIP", "small"], "mean": [0.1, np.nan]}).set_index("tier")
    found = crossed(table)
    assert list(found.columns) == ["tier", "mean"]
    assert found["tier"].tolist() == ["VIP", "small"]
    assert found["mean"].isna().tolist() == [False, True]
    shuffled = pd.DataFrame({"x": [1, 2]}).iloc[::-1]
    assert list(crossed(shuffled).columns) == ["x"]


def test_the_stub_and_missing_values_arrive_as_such():
    assert crossed(...) is ...
    assert crossed(None) is None
    assert np.isnan(crossed(float("nan")))
    assert crossed(float("inf")) == float("inf")
    assert crossed(10**5000) == float("inf")


class Always(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__


@pytest.mark.parametrize("value", [Always(1.0), Anything(), Decimal("1.5"), 1j, object(), b"1"])
def test_what_is_no_plain_value_arrives_as_something_equal_to_nothing(value: Any):
    found = crossed(value)
    assert type(found).__name__ == type(value).__name__
    assert not isinstance(found, int | float | str)
    assert found not in (1.0, 1, "1", True, None)


def test_what_contains_itself_is_cut_off():
    knot: list[Any] = []
    knot.append(knot)
    assert json.dumps(encode(knot))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=20))
def test_whatever_else_arrives_is_refused_in_one_way(junk: Any):
    with suppress(Malformed):
        decode(junk)


@pytest.mark.parametrize(
    "junk",
    [
        ["f", "1e5 "],
        ["f", "x"],
        ["i", "1" * 5000],
        ["t", ["a"], [[["i", "1"]], [["i", "2"]]]],
        ["t", [1], [[]]],
        ["F", {"name": "f"}],
        ["F", {"name": "f", "calls": [["v"]]}],
        ["d", [[["s", "a"]]]],
        ["l", 3],
        "text",
        {},
    ],
)
def test_malformed_answers_raise_no_other_error(junk: Any):
    try:
        found = decode(junk)
    except Malformed:
        return
    assert found == 1e5  # a number with a blank is one


def test_what_calls_leave_behind_stays_in_their_process():
    seen = []

    def remembering(x: float) -> int:
        if x in seen:
            os._exit(1)
        seen.append(x)
        return len(seen)

    found = decode(json.loads(json.dumps(encode_function(remembering, [(1,), (2,), (2,), (3,)]))))
    assert [value for value, _ in found.outcomes] == [1, 2, None, 1]
    assert seen == []


def test_what_a_function_does_at_a_call_is_told_and_does_no_harm():
    import os
    import time

    def moody(kind: str) -> float:
        if kind == "raise":
            raise KeyError("price")
        if kind == "exit":
            os._exit(3)
        if kind == "loop":
            time.sleep(30)
        return 2.0

    calls = [("raise",), ("exit",), ("loop",), ("",)]
    found = decode(encode_function(moody, calls))
    kinds = [type(error).__name__ for _, error in found.outcomes]
    assert kinds == ["KeyError", "RuntimeError", "TimeExceeded", "NoneType"]
    assert found.outcomes[3][0] == 2.0
    with pytest.raises(TimeExceeded):
        found.part(2)("loop")


def test_a_stub_of_a_function_is_blank():
    def stub(price: float) -> float: ...

    assert decode(encode_function(stub, [(1.0,), (2.0,)])) is ...
