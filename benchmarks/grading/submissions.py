"""A class of submissions of the pricing exercise: right, partly right, blank, and one in fifty that loops."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from crmkit import notebook
from crmkit.exercise.release import answer_alone

ROOT = Path(__file__).parents[2]
STEM = "02-pricing"
ONE_IN = 50
"""One in so many loops for ever."""
FIRST = 3
"""The first that loops; early, so that any subset has one."""
LOOP = "while True:\n    pass"
FAULT = "1 / 0"
WRONG = {
    "pricing-q1": """
unit_cost = 10 + 300_000 / 50_000
price = unit_cost * 1.20
toaster = {"unit_cost": unit_cost, "price": price, "break_even": 300_000 / (price - 10)}
""",
    "pricing-q2": "elasticity = (-20 / 100) / (2 / 10)",
    "pricing-q3": """
def break_even_change(price_change, margin):
    return -price_change / margin
""",
    "pricing-q4": "best_prices = [1.20 * (1 + 1 / 2), 1.20 * (1 + 1 / 4)]",
    "pricing-q5": """
segments = {
    "office": 50, "household": 30, "profit": 3200, "one_price": 50,
    "one_price_profit": 1800, "welfare_change": 100,
}
""",
    "pricing-q6": 'predation = {"npv": 0.2 * 24 - 0.3 * 12, "minimum_gain": 0.3 * 12 / 24}',
    "pricing-q7": """
slopes = {
    tier: np.polyfit(np.log(rows["price"]), np.log(rows["bottles"]), 1)[0]
    for tier, rows in panel.groupby("tier")
}
order = ["VIP", "major", "ordinary", "small"]
elasticities = pd.DataFrame({"tier": order, "elasticity": [slopes[tier] for tier in order]})
""",
    "pricing-q8": """
rate, periods = 0.02, 365 / 20
credit = {"simple": rate * periods, "effective": (1 + rate) ** periods - 1}
""",
    "pricing-q9": 'decision = {"needed": 0.10 / (1 / 3 - 0.10), "expected": 0.16, "cut": False}',
}


@dataclass(frozen=True)
class HandIn:
    """What a student hands in.

    Parameters
    ----------
    student : the student's id.
    loops : whether one answer never ends.
    answers : the code of each answer that is not blank.
    right : whether each question ought to earn its points.
    """

    student: str
    loops: bool
    answers: Mapping[str, str]
    right: Mapping[str, bool]

    def fill(self, released: NotebookNode) -> NotebookNode:
        """Return a released notebook with these answers in it."""
        filled = copy.deepcopy(released)
        for cell in filled.cells:
            stamp = cell.metadata.get("crmkit", {})
            if stamp.get("role") == "answer" and stamp["question"] in self.answers:
                cell.source = self.answers[stamp["question"]]
        return filled


def solutions() -> dict[str, str]:
    """Return the reference answer's code for each question."""
    cells = notebook.read(ROOT / "solutions" / f"{STEM}.ipynb").cells
    stamps = [(cell.metadata.get("crmkit", {}), cell.source) for cell in cells]
    return {
        stamp["question"]: answer_alone(source) for stamp, source in stamps if stamp.get("role") == "answer"
    }


def generate(count: int, seed: int) -> list[HandIn]:
    """Return so many submissions; the same for one seed, and the first of them whatever the count."""
    right = solutions()
    return [_hand_in(number, random.Random(f"{seed} {number}"), right) for number in range(count)]


def _hand_in(number: int, drawing: random.Random, right: Mapping[str, str]) -> HandIn:
    loops = number % ONE_IN == FIRST
    chances = (
        [1, 0, 0] if loops else drawing.choice([[1, 0, 0], [0.5, 0.35, 0.15], [0.5, 0.35, 0.15], [0, 0, 1]])
    )
    kinds = {name: drawing.choices(["right", "wrong", "blank"], chances)[0] for name in right}
    answers = {
        name: right[name] if kind == "right" else WRONG[name].strip()
        for name, kind in kinds.items()
        if kind != "blank"
    }
    wrong = [name for name, kind in kinds.items() if kind == "wrong"]
    if wrong and drawing.random() < 0.3:
        answers[drawing.choice(wrong)] = FAULT
    if loops:
        name = drawing.choice(list(right))
        answers[name], kinds[name] = LOOP, "loop"
    return HandIn(f"s{number:04}", loops, answers, {name: kind == "right" for name, kind in kinds.items()})
