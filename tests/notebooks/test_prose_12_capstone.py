"""What the prose of chapter 12 states is what its cells compute and what its exercise counts."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from prose import cells, in_words, is_about, prose, run

from crmkit import capstone
from crmkit.exercise import key

STEM = "12-capstone"
EXERCISE = Path(__file__).parents[2] / "exercises" / f"{STEM}.ipynb"


def test_the_board_gives_the_budget_that_the_rules_know():
    assert f"**{capstone.BUDGET:,} yuan**" in prose(STEM)
    assert f"a year and {capstone.BUDGET:,} yuan" in prose(STEM)
    exercise = "\n".join(cell.source for cell in nbformat.read(EXERCISE, as_version=4).cells)
    assert f"the budget of {capstone.BUDGET:,} yuan" in exercise


def test_the_table_of_deliverables_has_the_points_of_the_exercise():
    points = {name: entry.points for name, entry in key.topics()["capstone"].items()}
    by_hand = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in nbformat.read(EXERCISE, as_version=4).cells
        if cell.cell_type == "markdown" and "nbgrader" in cell.metadata
    }
    rows = re.findall(r"^\| (?:Question|Part)s? .* \| (\d+) \|$", prose(STEM), re.MULTILINE)
    anchors = sum(points[f"capstone-q{number}"] for number in range(1, 7))
    expected = [anchors, points["capstone-q7"], points["capstone-q8"], *by_hand.values()]
    assert list(map(int, rows)) == expected
    for part, most in zip(
        ("Evidence", "Economics", "Customer logic", "Clarity"), by_hand.values(), strict=True
    ):
        assert f"**{part}** ({most})" in prose(STEM)


@pytest.mark.parametrize("number", range(9, 13))
def test_each_rubric_of_a_model_answer_adds_up_to_the_points_of_its_part(number: int):
    solution = nbformat.read(EXERCISE.parents[1] / "solutions" / f"{STEM}.ipynb", as_version=4)
    (cell,) = [cell for cell in solution.cells if cell.id == f"capstone-q{number}"]
    rubric = cell.source.partition("*Rubric (")[2]
    most, _, criteria = rubric.partition(").*")
    assert sum(map(int, re.findall(r": (\d+)[.\n]", criteria + "\n"))) == int(most)
    assert int(most) == cell.metadata.nbgrader.points


def test_the_three_paragraphs_tell_the_numbers_of_the_miniature():
    after = run(STEM)["checked"]
    good = prose(STEM).partition("*Good.*")[2]
    assert f"about {in_words(100 * after.found.difference)} enlarge" in good
    assert is_about(after.cost / after.found.difference, 70)
    assert 6 < after.months[1] < 7
    assert after.months[0] > 12
    assert is_about(after.plan["total_yuan"], 5_300)
    assert is_about(2 * after.needed, 3_500)
    assert after.chosen.sum() >= 2 * after.needed
    weak, middling = re.findall(r"\*(?:Weak|Middling)\.\* (.+)", prose(STEM))
    assert f"{after.shares[1]:.0%} of customers responded" in weak
    assert f"{after.arms['size'].sum():,} accounts" in middling
    assert after.found.p_value < 0.001


def test_the_tiers_that_the_rule_leaves_out_are_those_without_uplift():
    from crmkit.capstone.plan import Facts
    from crmkit.data import load

    low_and_high = Facts.of(load).uplift
    assert low_and_high["ordinary"][0] > 0
    assert low_and_high["VIP"][0] < 0 < low_and_high["VIP"][1]
    assert low_and_high["small"][1] < 0


def test_what_is_said_of_the_miniatures_money_is_so():
    after = run(STEM)["worth-check"]
    # Orders that last half a year bring less than the gift costs, those of a year what the plan claims.
    assert after.six < after.cost
    assert is_about(2 * after.six, after.draft["measures"][0]["worth_per_account"])


def test_three_zones_make_the_budget_almost_nine_times_as_large():
    after = run(STEM)["accounts-left"]
    assert after.empty[False] == 0
    assert 8.5 < (capstone.BUDGET / after.number) / 0.25 < 9
    assert capstone.BUDGET == 80_000 * 0.25


def test_hours_add_up_to_what_is_promised():
    rows = re.findall(r"^\| (\d+)(?: to (\d+))? \| (?!What)", prose(STEM), re.MULTILINE)
    least = sum(int(low) for low, _ in rows)
    most = sum(int(high or low) for low, high in rows)
    assert f"How to work: {12} to {16} hours" in prose(STEM)
    assert least == 12
    assert most == 16
    minutes = sum(entry.minutes for entry in key.topics()["capstone"].values())
    assert 3.5 <= minutes / 60 <= 4.5


def test_no_cell_is_longer_than_a_reader_takes_in():
    for cell in cells(STEM):
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 20, cell.id
