"""Item analysis: how hard questions are, how well they tell students apart, how reliable their sum is.

A table has a row for each student and a column for each question, with the points earned; NaN where a student
has none for a question. What the data cannot say is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

FEWEST = 3
"""Students without whom a correlation says nothing: two points always lie on a line."""
EQUAL = 1e-9
"""Points that differ by less are the same."""


@dataclass(frozen=True)
class ItemStatistics:
    """What is known of a question.

    Parameters
    ----------
    question : its id.
    points : what it is worth.
    n : students who have points for it, be it 0.
    mean : points earned on average, or None without a student.
    difficulty : the mean as a share of the points: the higher, the easier.
    discrimination : corrected item-rest correlation, from −1 to 1.
    """

    question: str
    points: float
    n: int
    mean: float | None
    difficulty: float | None
    discrimination: float | None


@dataclass(frozen=True)
class ScoreStatistics:
    """What is known of the sum of the questions for which every student has points.

    Parameters
    ----------
    questions : those in the sum.
    points : what they are worth together.
    n : students.
    mean, median, lower, upper, least, most : of the sum; `lower` and `upper` are the quartiles.
    sd : standard deviation of the sum, with n − 1; None for fewer than two students.
    alpha : Cronbach's alpha.
    varying : questions on which students differ, which alpha rests on.
    """

    questions: tuple[str, ...]
    points: float
    n: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    least: float | None = None
    most: float | None = None
    alpha: float | None = None
    varying: int = 0


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """Return the questions for which every student has points."""
    return table.dropna(axis="columns")


def varying(table: pd.DataFrame) -> pd.DataFrame:
    """Return the questions on which students differ."""
    return table.loc[:, [_varies(table[question]) for question in table]]


def difficulty(earned: pd.Series, points: float) -> float | None:
    """Return the mean of the points earned as a share of what there is to earn; 1 if everybody has all."""
    marked = earned.dropna()
    return float(marked.mean()) / points if len(marked) and points > 0 else None


def discrimination(table: pd.DataFrame, question: str) -> float | None:
    """Return the correlation of a question with the sum of the other ones.

    It is corrected: the question is not part of the sum, which would raise it. The sum is over the other
    questions for which every student has points. None for fewer than three students, and where the question
    or the sum does not vary.
    """
    marked = table[question].notna()
    rest = complete(table).drop(columns=question, errors="ignore")[marked].sum(axis="columns")
    item = table.loc[marked, question]
    if len(item) < FEWEST or not (_varies(item) and _varies(rest)):
        return None
    return float(np.corrcoef(item, rest)[0, 1])


def alpha(table: pd.DataFrame) -> float | None:
    """Return Cronbach's alpha of the questions that vary, `k / (k − 1) × (1 − Σ s²ᵢ / s²)`.

    Here s²ᵢ is the variance of question i, s² that of their sum, and k their number. Questions on which
    everybody has the same points are left out, as statistical packages do. None for fewer than two students
    or questions, and where the sum does not vary.

    Source: Cronbach (1951), "Coefficient alpha and the internal structure of tests".
    """
    used = varying(complete(table))
    k = used.shape[1]
    if len(used) < 2 or k < 2 or not _varies(used.sum(axis="columns")):
        return None
    share = used.var(ddof=1).sum() / used.sum(axis="columns").var(ddof=1)
    return float(k / (k - 1) * (1 - share))


def item_statistics(table: pd.DataFrame, points: Mapping[str, float]) -> list[ItemStatistics]:
    """Return what is known of each question of a table, in its order."""
    found = []
    for question in table:
        marked = table[question].dropna()
        found.append(
            ItemStatistics(
                question,
                points[question],
                len(marked),
                float(marked.mean()) if len(marked) else None,
                difficulty(table[question], points[question]),
                discrimination(table, question),
            )
        )
    return found


def score_statistics(table: pd.DataFrame, points: Mapping[str, float]) -> ScoreStatistics:
    """Return what is known of the sum of the questions for which every student has points."""
    used = complete(table)
    worth = float(sum(points[question] for question in used))
    if not len(used):
        return ScoreStatistics(tuple(used), worth, 0)
    scores = used.sum(axis="columns")
    lower, median, upper = (float(scores.quantile(share)) for share in (0.25, 0.5, 0.75))
    return ScoreStatistics(
        tuple(used), worth, len(scores), float(scores.mean()),
        float(scores.std(ddof=1)) if len(scores) > 1 else None,
        median, lower, upper, float(scores.min()), float(scores.max()),
        alpha(used), varying(used).shape[1],
    )  # fmt: skip


def _varies(values: pd.Series) -> bool:
    return len(values) > 0 and float(values.max() - values.min()) > EQUAL
