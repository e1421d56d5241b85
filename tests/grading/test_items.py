"""Item analysis, against a published example, formulas written out, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmkit.grading.items import alpha, difficulty, discrimination, item_statistics, score_statistics

# Cylinders, gears, carburettors and horsepower of 32 cars, from Motor Trend 1974 (R's table `mtcars`).
CARS = """
6 4 4 110, 6 4 4 110, 4 4 1 93, 6 3 1 110, 8 3 2 175, 6 3 1 105, 8 3 4 245, 4 4 2 62,
4 4 2 95, 6 4 4 123, 6 4 4 123, 8 3 3 180, 8 3 3 180, 8 3 3 180, 8 3 4 205, 8 3 4 215,
8 3 4 230, 4 4 1 66, 4 4 2 52, 4 4 1 65, 4 3 1 97, 8 3 2 150, 8 3 2 150, 8 3 4 245,
8 3 2 175, 4 4 1 66, 4 5 2 91, 4 5 2 113, 8 5 4 264, 6 5 6 175, 8 5 8 335, 4 4 2 109
"""


def table(*columns: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame({f"q{number}": column for number, column in enumerate(columns, 1)}, dtype=float)


def drawn(students: int = 40, questions: int = 6, seed: int = 3) -> pd.DataFrame:
    """Right and wrong answers of students of differing skill."""
    rng = np.random.default_rng(seed)
    skill, hard = rng.normal(size=(students, 1)), np.linspace(-1, 1, questions)
    return pd.DataFrame((skill + rng.normal(size=(students, questions)) > hard).astype(float)).add_prefix("q")


def test_alpha_is_that_of_a_published_example():
    # 0.09463206 is what the R package performance gives for these columns, in its tests of cronbachs_alpha.
    cars = pd.DataFrame([[float(cell) for cell in row.split()] for row in CARS.split(",")])
    assert cars.shape == (32, 4)
    assert alpha(cars) == pytest.approx(0.09463206, abs=1e-8)


def test_alpha_of_right_and_wrong_is_kuder_and_richardsons_20():
    binary = drawn()
    k, p = binary.shape[1], binary.mean()
    kr20 = k / (k - 1) * (1 - (p * (1 - p)).sum() / np.var(binary.sum(axis=1), ddof=0))
    assert alpha(binary) == pytest.approx(kr20)


def test_alpha_is_k_times_the_mean_covariance_over_the_mean_of_all():
    # The other form of the formula: k c̄ / (v̄ + (k − 1) c̄), from the covariance matrix.
    scores = drawn() * [1, 2, 3, 4, 5, 6]
    matrix = np.cov(scores.to_numpy(), rowvar=False)
    k = len(matrix)
    variance, covariance = np.trace(matrix) / k, (matrix.sum() - np.trace(matrix)) / (k * (k - 1))
    assert alpha(scores) == pytest.approx(k * covariance / (variance + (k - 1) * covariance))


def test_alpha_of_one_question_asked_twice_is_one():
    assert alpha(table([0, 1, 2, 3], [0, 1, 2, 3])) == pytest.approx(1)


def test_alpha_can_be_negative():
    # By hand: the variances are 1/3 and 1/4, that of the sums 1, 1, 1, 2 is 1/4.
    assert alpha(table([0, 0, 1, 1], [1, 1, 0, 1])) == pytest.approx(2 * (1 - (1 / 3 + 1 / 4) / (1 / 4)))


def test_a_question_that_all_get_right_does_not_change_alpha():
    scores = drawn()
    assert alpha(scores.assign(gift=2.0)) == alpha(scores)


def test_discrimination_is_the_correlation_with_the_other_questions():
    scores = drawn() * [1, 2, 3, 4, 5, 6]
    for question in scores:
        item, rest = scores[question], sum(scores[other] for other in scores if other != question)
        a, b = item - item.mean(), rest - rest.mean()
        expected = (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())
        assert discrimination(scores, question) == pytest.approx(expected)


def test_discrimination_is_corrected_for_the_questions_own_part_in_the_sum():
    # Three questions without any relation: with the sum of all, each has r = 1/√3.
    unrelated = pd.DataFrame([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=float)
    assert np.corrcoef(unrelated[0], unrelated.sum(axis=1))[0, 1] == pytest.approx(3**-0.5)
    assert discrimination(unrelated, 0) == pytest.approx(0)


def test_a_question_that_the_good_miss_has_a_negative_discrimination():
    assert discrimination(table([0, 1, 2], [0, 2, 3], [3, 1, 0]), "q3") < 0


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        (table([0, 1], [1, 0]), "two students"),
        (table([2, 2, 2], [1, 0, 1]), "the question does not vary"),
        (table([0, 1, 2], [1, 1, 1]), "the others do not vary"),
        (table([0, 1, 2]), "there is no other question"),
        (table([0, 1, 2], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]), "the others vary by rounding only"),
        (table([0, 1, None, None], [1, 0, 1, 0]), "two students have points"),
    ],
)
def test_a_correlation_that_cannot_be_told_is_none(scores, why):
    assert discrimination(scores, "q1") is None, why


@pytest.mark.parametrize(
    "scores",
    [
        table(),
        table([1, 2]),
        table([1], [2]),
        table([1, 1], [2, 2]),
        table([1, 2, 3], [3, 2, 1]),
        table([], []),
    ],
    ids=["nothing", "one question", "one student", "all alike", "the sum does not vary", "no student"],
)
def test_an_alpha_that_cannot_be_told_is_none(scores):
    assert alpha(scores) is None


def test_difficulty_is_the_share_of_the_points_of_those_who_have_some():
    assert difficulty(pd.Series([3, 0, 1.5, None]), 3) == pytest.approx(0.5)
    assert difficulty(pd.Series([None, None], dtype=float), 3) is None
    assert difficulty(pd.Series([0.0, 0.0]), 0) is None


def test_a_question_that_not_everybody_has_is_in_no_sum():
    scores = table([0, 1, 2, 3], [0, 2, 2, 4], [None, 1, 1, 1])
    found = score_statistics(scores, {"q1": 3, "q2": 4, "q3": 1})
    assert (found.questions, found.points, found.n, found.mean) == (("q1", "q2"), 7, 4, 3.5)
    assert discrimination(scores, "q1") == pytest.approx(np.corrcoef([0, 1, 2, 3], [0, 2, 2, 4])[0, 1])
    by_question = {each.question: each for each in item_statistics(scores, {"q1": 3, "q2": 4, "q3": 1})}
    assert (by_question["q3"].n, by_question["q3"].difficulty) == (3, 1)
    assert by_question["q3"].discrimination is None


def test_scores_are_described_by_their_usual_numbers():
    # By hand: the sums are 0, 2, 4, 10.
    found = score_statistics(table([0, 1, 2, 5], [0, 1, 2, 5]), {"q1": 5, "q2": 5})
    assert (found.mean, found.median, found.least, found.most) == (4, 3, 0, 10)
    assert (found.lower, found.upper) == (1.5, 5.5)
    assert found.sd == pytest.approx(((16 + 4 + 0 + 36) / 3) ** 0.5)


def test_of_one_student_there_is_a_mean_but_no_spread():
    found = score_statistics(table([2], [3]), {"q1": 3, "q2": 3})
    assert (found.n, found.mean, found.sd, found.alpha) == (1, 5, None, None)


def test_without_students_nothing_is_told():
    found = score_statistics(table([], []), {"q1": 3, "q2": 3})
    assert (found.n, found.mean, found.median, found.alpha) == (0, None, None, None)
