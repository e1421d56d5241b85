"""A graded class for tests: attempts as workers return them, without running anything."""

from __future__ import annotations

import base64
import hashlib
import io
import random
from typing import Any

from matplotlib.figure import Figure

from crmkit.grading.gradebook import Gradebook
from crmkit.grading.headings import Headings
from crmkit.grading.roster import Student

STEM, RELEASE = "02-pricing", "aa" * 8
HEADINGS = Headings(
    "Exercise 02 · Pricing lab",
    "02 · Pricing lab",
    {
        "pricing-q1": "1 · A price from cost",
        "pricing-q2": "2 · Elasticity from two points",
        "pricing-q3": "3 · How much more must a discount sell?",
        "pricing-q4": "4 · The best price at a given elasticity",
        "pricing-q5": "5 · One price or two?",
        "pricing-q10": "10 · The memo",
    },
    frozenset({"pricing-q10"}),
)
MIDPOINTS = (
    "You measured both changes from the first point. The arc elasticity uses the midpoints, so that going up "
    "and coming down give the same number."
)
OLD_MARGIN = "You divided by the old margin. The extra bottles are sold at the new, smaller margin m + Δp."


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def png(width: int = 3, height: int = 2) -> bytes:
    """A small white picture."""
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(held, "PNG")
    return held.getvalue()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def plot() -> str:
    """A figure as a student's notebook draws it."""
    figure = Figure(figsize=(6.4, 4.8), dpi=100)
    ax = figure.subplots()
    ax.plot([1.2, 1.6, 2.0, 2.4], [0, 1600, 2000, 1440], marker="o")
    ax.set(xlabel="price, yuan", ylabel="profit, yuan a day")
    held = io.BytesIO()
    figure.savefig(held, format="png")
    return base64_of(held.getvalue())


def item(
    question: str, earned: float | None, points: float = 3, outcome: str = "", **other: Any
) -> dict[str, Any]:
    outcome = outcome or ("BY_HAND" if earned is None else "CORRECT" if earned else "INCORRECT")
    row = {"question": question, "points": points, "earned": earned, "outcome": outcome}
    return {**row, "said": [], "mistake": "", **other}


def slip(question: str, points: float, mistake: str) -> dict[str, Any]:
    return item(question, 0, points, "MISTAKE", said=[mistake], mistake=mistake)


def cell(question: str, code: str = "x = 1", **other: Any) -> dict[str, Any]:
    return {"question": question, "code": code, "text": "", "error": "", "figures": [], **other}


def attempt(
    *items: dict[str, Any],
    student: str = "s001",
    content: str = "first",
    transcript: list[dict[str, Any]] | None = None,
    **other: Any,
) -> dict[str, Any]:
    """An attempt, handed in on 1 March at eight in the evening in Shanghai unless said otherwise."""
    return {
        "student": student,
        "assignment": STEM,
        "content": sha256(content),
        "release": RELEASE,
        "submitted": "2026-03-01T20:00:00+08:00",
        "graded": "2026-03-05T09:00:00+00:00",
        "status": "graded",
        "reason": "",
        "seconds": 0.25,
        "cpu": 0.125,
        "peak_mb": 41.5,
        "items": list(items),
        "transcript": [cell(each["question"]) for each in items] if transcript is None else transcript,
        **other,
    }


def ungradable(student: str, reason: str, **other: Any) -> dict[str, Any]:
    return attempt(student=student, status="ungradable", reason=reason, **other)


def prepared(place: str, students: list[Student], points: float = 20) -> Gradebook:
    """A gradebook with a class, an assignment and its release, and no attempts."""
    book = Gradebook(place)
    book.enrol(students)
    book.add_assignment(STEM, "Pricing lab", points)
    book.add_release(STEM, RELEASE)
    return book


def full_attempt(**other: Any) -> dict[str, Any]:
    """An attempt with one outcome of each sort, and what a student might have written."""
    items = [
        item("pricing-q1", 3, 3),
        slip("pricing-q2", 2, MIDPOINTS),
        item("pricing-q3", 0, 3, "ERROR", said=["Your cell stopped with ZeroDivisionError: by zero"]),
        item("pricing-q4", 0, 2, "NOT_ATTEMPTED", said=["Replace the ... by your answer, a list."]),
        item("pricing-q5", 0, 4, "INCORRECT", said=["Right: office, household. Look again at profit."]),
        item("pricing-q10", None, 6),
    ]  # fmt: skip
    transcript = [
        cell(
            "pricing-q1",
            "unit_cost = 10 + 300_000 / 50_000\ntoaster = {\n    \"unit_cost\": unit_cost,\n"
            "    \"price\": unit_cost / (1 - 0.20),\n    \"break_even\": 300_000 / (20 - 10),\n}\n"
            "print(toaster)",
            text="{'unit_cost': 16.0, 'price': 20.0, 'break_even': 30000.0}\n",
        ),
        cell("pricing-q2", "elasticity = ((80 - 100) / 100) / ((12 - 10) / 10)"),
        cell(
            "pricing-q3",
            "def break_even_change(price_change, margin):\n"
            "    return -price_change / (margin + price_change)\n"
            "break_even_change(-0.40, 0.40)",
            error="ZeroDivisionError: by zero",
        ),
        cell("pricing-q4", "best_prices = ..."),
        cell(
            "pricing-q5",
            "prices = [20 + step for step in range(81)]\nsegments = {\"office\": 60, \"household\": 40}\n"
            "plt.plot(prices, [(p - 20) * (100 - p) + (p - 20) * max(60 - p, 0) for p in prices])",
            figures=[plot()],
        ),
        cell(
            "pricing-q10",
            "Do not cut the price. A cut to 1.62 yuan needs 43% more bottles to keep the contribution, and "
            "at an elasticity of −1.6 we can expect about 18%.\n\n"
            "What the number leaves out: a rival may follow.",
        ),
    ]  # fmt: skip
    return attempt(*items, transcript=transcript, **other)


def a_class(size: int, seed: int = 1) -> tuple[list[Student], list[dict[str, Any]]]:
    """Students of differing skill and their attempts at questions of differing difficulty."""
    drawn = random.Random(seed)
    students = [
        Student(f"s{number:03}", f"Student {number}", section="AB"[number % 2]) for number in range(size)
    ]
    attempts = []
    worth = {"pricing-q1": 3, "pricing-q2": 2, "pricing-q3": 3, "pricing-q4": 2, "pricing-q5": 4}
    easy = {"pricing-q1": 1.6, "pricing-q2": 0.4, "pricing-q3": 0.0, "pricing-q4": -0.4, "pricing-q5": -1.2}
    for student in students:
        skill = drawn.gauss(0, 1)
        items = []
        for question, points in worth.items():
            chance = skill + easy[question] + drawn.gauss(0, 0.8)
            if chance > 0:
                items.append(item(question, points, points))
            elif question == "pricing-q2" and chance > -1.2:
                items.append(slip(question, points, MIDPOINTS))
            elif question == "pricing-q3" and chance > -0.8:
                items.append(slip(question, points, OLD_MARGIN))
            else:
                outcome = drawn.choice(
                    ["INCORRECT", "INCORRECT", "NOT_ATTEMPTED", "ERROR", "MALFORMED", "TIMED_OUT"]
                )
                items.append(item(question, 0, points, outcome))
        items.append(
            item("pricing-q10", None if drawn.random() < 0.1 else drawn.choice([2, 3, 4, 5, 6]), 6, "BY_HAND")
        )
        attempts.append(attempt(*items, student=student.student_id))
    return students, attempts
