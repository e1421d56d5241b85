"""The key: it recognises what is within tolerance, and holds nothing in clear."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmkit.exercise import key
from crmkit.exercise.answer import Form, describe, parts
from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry, Target, UnknownQuestion, entry, seal, steps, unseal
from crmkit.exercise.verdict import Outcome

Declare = Callable[..., Entry]


def accepts(answer: Any, value: Any, form: Form) -> bool:
    """Return whether the target of an answer is hit by a value."""
    found = parts(answer, form)
    target = Target.of("demo-q1", found, steps(found, form))
    stored = Target.from_json(json.loads(json.dumps(target.to_json())))
    given = parts(value, form)
    return all(stored.hits("demo-q1", given, steps(given, form)).values())


def assert_exact(answer: float, tolerance: float) -> None:
    """Assert that the tolerance ends where it should, on both sides."""
    form = describe(answer, tolerance)
    for side in (-1, 1):
        for share in (0, 0.5, 0.999, 1):
            assert accepts(answer, answer + side * share * tolerance, form), (answer, tolerance, side * share)
        for share in (1.001, 1.5, 2, 3, 1e6):
            assert not accepts(answer, answer + side * share * tolerance, form), (answer, tolerance, share)


@pytest.mark.parametrize("tolerance", [1e-9, 0.0005, 0.005, 0.03, 0.5, 1.0, 250.0])
@pytest.mark.parametrize("answer", [0.0, 1e-12, -1.2222, 16.0, 0.3333, 30_000.0, -0.001, 99_999.995, 1e-3])
def test_a_tolerance_is_exact(answer: float, tolerance: float):
    if tolerance >= 1e-9 * abs(answer):
        assert_exact(answer, tolerance)


def test_a_tolerance_is_exact_over_many_magnitudes():
    draw = random.Random(20)
    for _ in range(400):
        answer = draw.choice((-1, 1)) * 10 ** draw.uniform(-9, 12)
        assert_exact(answer, abs(answer) * 10 ** draw.uniform(-8.9, 1))


def test_each_number_of_a_list_a_dict_and_a_table_has_its_own_tolerance():
    listed = describe([10.0, -0.2], 0.01)
    assert accepts([10.0, -0.2], [10.01, -0.21], listed)
    assert not accepts([10.0, -0.2], [10.0, -0.2101], listed)
    by_name = describe({"a": 10.0, "b": -0.2}, {"a": 1.0, "b": 0.01})
    assert accepts({"a": 10.0, "b": -0.2}, {"a": 9.0, "b": -0.19}, by_name)
    assert not accepts({"a": 10.0, "b": -0.2}, {"a": 10.0, "b": -0.18}, by_name)
    table = pd.DataFrame({"a": [10.0, 20.0], "b": [-0.2, 0.2]})
    by_column = describe(table, {"a": 1.0, "b": 0.01})
    assert accepts(table, table.add([1.0, -0.01]), by_column)
    assert not accepts(table, table.add([0.0, 0.011]), by_column)


def numbers_and_texts(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [leaf for pair in data.items() for each in pair for leaf in numbers_and_texts(each)]
    if isinstance(data, list):
        return [leaf for each in data for leaf in numbers_and_texts(each)]
    return [data]


def test_the_key_holds_no_answer_no_mistake_and_no_message(declare: Declare):
    known = declare(
        {"price": 20.125, "name": "penetration", "cut": False},
        {
            "That adds the mark-up to cost.": {"price": 19.25},
            "That is skimming.": {"name": "skimming"},
            "Look again.": {"cut": True},
        },
        tolerance={"price": 0.005},
    )
    text = json.dumps(known.to_json())
    for secret in ("20.125", "19.25", "penetration", "skimming", "mark-up", "Look again"):
        assert secret not in text
    leaves = numbers_and_texts(known.to_json())
    assert not [leaf for leaf in leaves if isinstance(leaf, float) and abs(leaf) > 1]
    assert not [leaf for leaf in leaves if isinstance(leaf, bool)]


def test_the_same_answer_has_another_digest_in_another_question(declare: Declare):
    first = declare("skimming", {"No.": "penetration"})
    second = declare("skimming", {"No.": "penetration"}, name="demo-q2")
    assert first.answer.digests != second.answer.digests
    assert first.mistakes[0].message != second.mistakes[0].message


def test_a_sealed_message_is_read_with_the_mistaken_value_and_no_other():
    form = describe(2.0, 0.01)
    wrong = parts(4.0, form)
    widths = steps(wrong, form)
    target = Target.of("demo-q1", wrong, widths)
    sealed = seal("demo-q1", "That is twice as much. 价格", target, wrong, widths)
    assert unseal("demo-q1", sealed, target, parts(4.009, form), widths) == "That is twice as much. 价格"
    for question, value in (("demo-q1", 2.0), ("demo-q1", 4.02), ("demo-q2", 4.0)):
        try:
            read = unseal(question, sealed, target, parts(value, form), widths)
        except UnicodeDecodeError:
            continue
        assert "twice" not in read


def test_an_entry_survives_being_written_and_read(declare: Declare):
    table = pd.DataFrame({"tier": ["VIP", "small"], "price": [1.9, 1.7]})
    known = declare(table, {"Turned.": table.assign(price=-table["price"])}, tolerance={"price": 0.005})
    assert known.unordered is not None
    assert Entry.from_json("demo-q1", json.loads(json.dumps(known.to_json()))) == known


def test_a_declared_question_stands_before_the_released_one(declare: Declare):
    assert judge(entry("pricing-q2"), 5.0).outcome is not Outcome.CORRECT
    declare(5.0, {"Six.": 6.0}, name="pricing-q2", tolerance=0.1)
    assert judge(entry("pricing-q2"), 5.0).outcome is Outcome.CORRECT


def test_an_unknown_id_is_met_with_the_nearest_one(declare: Declare):
    with pytest.raises(UnknownQuestion, match=r"no question 'pricng-q2'; did you mean 'pricing-q2'\?"):
        entry("pricng-q2")
    with pytest.raises(UnknownQuestion, match=r"no question 'zzz'; there are .*pricing-q1, .*pricing-q9"):
        entry("zzz")


def test_without_any_released_key_there_are_no_questions(declare: Declare, no_keys: Path):
    with pytest.raises(UnknownQuestion, match="there are none yet"):
        entry("pricing-q2")
    assert key.topics() == {}
