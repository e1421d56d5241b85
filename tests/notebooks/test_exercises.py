"""Every exercise is proved, and its answers are those that the sources publish."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmkit import notebook
from crmkit.data import load
from crmkit.exercise import key
from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry
from crmkit.exercise.release import CHECK, key_path
from crmkit.exercise.validate import validate
from crmkit.exercise.verdict import Outcome

ROOT = Path(__file__).parents[2]
STEMS = [path.stem for path in sorted((ROOT / "solutions").glob("*.ipynb"))]


def released() -> dict[str, Entry]:
    """Return every released question by its id."""
    return {name: entry for questions in key.topics().values() for name, entry in questions.items()}


def asked(folder: str, stem: str) -> list[str]:
    """Return the ids that the check cells of a notebook name, in order."""
    cells = notebook.read(ROOT / folder / f"{stem}.ipynb").cells
    found = [CHECK.match(cell.source) for cell in cells if cell.cell_type == "code"]
    return [match["question"] for match in found if match]


def test_there_is_an_exercise_for_each_solution_and_no_other():
    assert STEMS
    assert [path.stem for path in sorted((ROOT / "exercises").glob("*.ipynb"))] == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_an_exercise_is_proved(stem: str):
    assert validate(ROOT, stem) == []


@pytest.mark.parametrize("stem", STEMS)
def test_the_exercise_asks_what_the_solution_answers(stem: str):
    assert asked("exercises", stem) == asked("solutions", stem)
    assert len({question.rpartition("-q")[0] for question in asked("exercises", stem)}) == 1


def test_each_released_question_is_asked_once_and_no_other():
    questions = [question for stem in STEMS for question in asked("exercises", stem)]
    assert sorted(questions) == sorted(released())
    topics = {question.rpartition("-q")[0] for question in questions}
    assert {path.name for path in key_path("").parent.glob("*.json")} == {f"{topic}.json" for topic in topics}


@pytest.mark.parametrize("question", released())
def test_each_question_has_two_hints_or_more(question: str):
    entry = released()[question]
    assert len(entry.hints) >= 2
    assert all(hint.strip() for hint in entry.hints)
    assert entry.points > 0
    assert entry.minutes > 0


def test_questions_have_three_declared_mistakes_on_average():
    counts = [len(entry.mistakes) for entry in released().values()]
    assert sum(counts) / len(counts) >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_an_exercise_asks_for_a_function_a_table_and_a_decision(stem: str):
    kinds = {released()[question].form.kind for question in asked("exercises", stem)}
    items = {item.kind for question in asked("exercises", stem) for item in released()[question].form.items}
    assert {"function", "table"} <= kinds
    assert "truth" in kinds | items or "text" in kinds | items


def break_even_change(price_change: float, margin: float) -> float:
    """Return the relative change of sales that keeps the contribution, by trial."""
    if margin + price_change <= 1e-12:
        return math.inf
    low, high = -1.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if (margin + price_change) * (1 + middle) < margin:
            low = middle
        else:
            high = middle
    return low


def elasticities() -> pd.DataFrame:
    """Return each tier's elasticity as the slope of a regression with a dummy for each zone."""
    import numpy as np

    panel = load("hailang.price_panel")
    rows = []
    for tier in ("VIP", "major", "ordinary", "small"):
        of_tier = panel[panel["tier"] == tier]
        zones = pd.get_dummies(of_tier["zone_id"]).to_numpy(float)
        design = np.column_stack([np.log(of_tier["price"]), zones])
        solution, *_ = np.linalg.lstsq(design, np.log(of_tier["bottles"].to_numpy()), rcond=None)
        rows.append((tier, solution[0]))
    return pd.DataFrame(rows, columns=["tier", "elasticity"])


# As printed in the sources, or worked out in another way than the solution does.
PUBLISHED: dict[str, Any] = {
    "pricing-q1": {"unit_cost": 16, "price": 20, "break_even": 30_000},
    "pricing-q2": -1.222,
    "pricing-q3": break_even_change,
    "pricing-q4": [2.40, 1.60],
    "pricing-q5": {
        "office": 60,
        "household": 40,
        "profit": 2000,
        "one_price": 50,
        "one_price_profit": 1800,
        "welfare_change": -100,
    },
    "pricing-q6": {"npv": 0.394, "minimum_gain": 0.1791},
    "pricing-q7": elasticities,
    "pricing-q8": {"simple": 0.3724, "effective": 0.4459},
    "pricing-q9": {"needed": 0.4286, "expected": 0.1836, "cut": False},
}


@pytest.mark.parametrize("question", PUBLISHED)
def test_the_released_key_accepts_the_published_answer(question: str):
    value = PUBLISHED[question]
    verdict = judge(key.entry(question), value() if value is elasticities else value)
    assert verdict.outcome is Outcome.CORRECT, verdict


def test_a_cut_of_10_per_cent_at_a_margin_of_40_needs_a_third_more_sales():
    assert break_even_change(-0.10, 0.40) == pytest.approx(1 / 3)
    assert break_even_change(0.05, 0.40) == pytest.approx(-1 / 9)


def test_every_question_on_pricing_is_checked_against_a_published_answer():
    assert set(PUBLISHED) == set(key.topics()["pricing"])
