"""Numbers that chapter 08 and its exercise state are those that the models, data and widgets give."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
from prose import CHAPTERS, assert_offered, in_words, is_about, is_nearly, prose, run

from crmkit import load
from crmkit.exercise import key
from crmkit.models import positioning, strategy
from crmkit.widgets import strategy as play
from crmkit.widgets.widget import Widget

STEM = "08-strategy"


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def sales(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer", "product", "revenue"])


def exercise(folder: str) -> str:
    """Return what the exercise, or its solution, says in all its cells."""
    book = nbformat.read(CHAPTERS.parent / folder / f"{STEM}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in book.cells).replace("−", "-")


def new_concept_milks(cells: SimpleNamespace) -> str:
    """Return how many concept milks were bought in September 1998 and not the September before."""
    bought = [set(cells.by_month[month]["product"]) for month in ("1997-09", "1998-09")]
    concepts = set(load("hailang.products").query("concept_hype == 1")["sku"])
    return in_words(len((bought[1] - bought[0]) & concepts))


CURVE = strategy.ResponseCurve(ceiling=0.3, slope=0.1)
BEST = CURVE.best_spend(50)
WON = float(CURVE.rate(BEST))
BY_HAND = strategy.decompose_growth(
    sales(("Li", "milk", 50), ("Wang", "milk", 30), ("Zhao", "yogurt", 20)),
    sales(
        ("Li", "milk", 45),
        ("Li", "cheese", 10),
        ("Zhao", "milk", 25),
        ("Chen", "yogurt", 12),
        ("Chen", "cheese", 8),
    ),
)


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"$A^*=\ln 1.5/0.1={:.2f}$ yuan", BEST),
        (r"$a = 0.3\,(1-1/1.5)={:.0f}\%$", 100 * WON),
        ("a prospect brings $5-4.05={:.2f}$ yuan", 50 * WON - BEST),
        ("A customer then costs {:.1f} yuan on average", BEST / WON),
        # What a little more costs, over what it wins.
        ("on average, and the last one {:.0f}.", 1e-6 / float(CURVE.rate(BEST + 1e-6) - CURVE.rate(BEST))),
        ("$(45+25)-100={:.0f}$", BY_HAND.loyalty),
        ("extension {:.0f}, acquisition 12", BY_HAND.extension),
        ("acquisition {:.0f}, diversification 8", BY_HAND.acquisition),
        ("diversification {:.0f}; in all 0", BY_HAND.diversification),
        ("diversification 8; in all {:.0f}.", BY_HAND.total),
        ("with eigenvalues {:.0f} and 0", positioning.classical_scaling([[0, 2], [2, 0]]).eigenvalues[0]),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        (
            "opening its {:,} milk boxes",
            "facts",
            lambda c: c.rounds.groupby("route_id")["boxes"].first().sum(),
        ),
        ("Late deliveries: {} rounds", "late", lambda c: in_words(len(c.late))),
        (
            "late with the same {} in a hundred",
            "late",
            lambda c: in_words(100 * c.late["sum"].sum() / c.late["size"].sum()),
        ),
        (
            "Training repays itself about {} times over",
            "keep-plan",
            lambda c: in_words(c.saved * c.worth / c.cost),
        ),
        ("below {} yuan a household", "win-plan-cell", lambda c: math.ceil(c.best)),
        ("any of the {} rounds", "facts", lambda c: c.rounds["route_id"].nunique()),
        ("Only the {} zones have empty boxes", "facts", lambda c: in_words(20 - c.full)),
        ("{} concept milks were new", "extension", new_concept_milks),
        ("*Revenue is up by {:.0f}%. What do you ask", "setup", lambda c: 100 * c.growth),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


def test_the_years_growth_is_an_echo() -> None:
    ends = after("run-rate").ends
    assert after("setup").growth > 0.05
    assert ends.sum(axis=1).pct_change().iloc[1] < 0
    assert abs(ends[False].pct_change().iloc[1]) < 0.01
    assert ends[True].pct_change().iloc[1] < -0.1
    table = after("decompose").table["1999-09"]
    assert table["loyalty"] + table["acquisition"] < 0
    assert table["extension"] == table["diversification"] == 0
    assert "Since the summer of 1998 hardly anything has grown" in prose(STEM)
    a_day = after("run-rate").daily.sum(axis=1)
    assert abs(a_day["1999-09"] / a_day["1998-06":"1998-08"].mean() - 1) < 0.03
    assert a_day["1998-07"] > 1.15 * a_day["1997-10"]


def test_customers_spent_several_thousand_yuan_on_new_products() -> None:
    assert "spent several thousand yuan on them" in prose(STEM)
    assert 3_000 < after("decompose").table.loc["extension", "1998-09"] < 9_000


def test_concept_milks_are_drunk_as_much_and_earn_less() -> None:
    both = after("extension").both
    change = both["1998-09"] / both["1997-09"] - 1
    assert abs(change["bottles"]) < 0.05
    assert 0 < change["revenue"] < 0.05
    assert change["contribution"] < -0.1
    listed = after("cannibal").products["list_price"]
    assert listed["F1"] == listed["H3"]


def test_over_a_third_are_beyond_the_limits_and_hardly_anyone_like_with_like() -> None:
    state = after("funnel")
    assert state.beyond[0] / state.people[0] > 1 / 3
    assert sum(state.beyond[2:]) / sum(state.people[2:]) < 0.01
    state = after("training")
    assert state.effect > 0.5 * (state.rate[1] / state.rate[0] - 1)  # both are negative


def test_all_rounds_are_late_alike() -> None:
    assert not after("late").chart.out_of_control.any()


def test_people_on_compact_rounds_had_been_trained_first() -> None:
    assert "people on compact rounds had been sent first" in prose(STEM)
    share = after("training").quiet.groupby("grade")["trained"].mean()
    assert share["compact"] > share["mixed"] > share["scattered"]


def test_a_solved_complaint_keeps_accounts_within_three_months_and_its_speed_matters_less() -> None:
    assert "most of the difference arises within three months" in prose(STEM)
    assert "It is a complaint that is solved; within a day or later matters less" in prose(STEM)
    cells = after("experience")
    stay = {}
    for name, rows in cells.first.query("months > 0").groupby(cells.solved, observed=True):
        stay[name] = cells.survival.kaplan_meier(rows["months"], rows["left"]).at([3, 12])
    at_3, at_12 = stay["a day"] - stay["never"]
    assert at_3 > at_12 / 2 > 0
    assert stay["a day"][1] - stay["later"][1] < (stay["later"][1] - stay["never"][1]) / 2


def test_most_of_what_a_delivery_person_earns_comes_by_the_bottle() -> None:
    assert "most of what a delivery person earns comes by the bottle" in prose(STEM)
    people = load("hailang.carriers")
    at_work = people[people["exit_month"].isna()]
    bottles = load("hailang.sku_monthly").query("month == '1999-09'")["bottles"].sum()
    assert bottles / 400 * at_work["commission"].mean() > at_work["pay_base"].max()


def test_the_hotel_is_full_if_the_sum_is_right() -> None:
    assert "with 200,000 past guests it is always full if one in ten returns each year" in prose(STEM)
    cells = after("hotel")
    assert cells.returning == 200_000 / 10
    assert cells.nights > 7


def test_the_rivals_board_has_no_weakness_on_any_date() -> None:
    assert "*Which field of theirs stays empty" in prose(STEM)
    for date in play.DATES:
        board = play.diagnosis_board.caption(date=date, lens="SWOT", owner="its rivals")
        assert re.findall(r"(\w+): nothing", board) == ["Weaknesses"]


def test_the_more_cheapness_counts_the_farther_the_rival() -> None:
    assert "*When is the corner shop nearer than the rival dairy" in prose(STEM)
    rival, shop = play.OFFERS.index("rival dairy"), play.OFFERS.index("corner shop")
    nearer = {}
    for often, weight in play.WEIGHTS.items():
        apart = positioning.attribute_distances(play.RATINGS, [weight, 1, 1, 1])[0]
        nearer[often] = apart[shop] < apart[rival]
    assert nearer["three times"]
    assert not nearer["not at all"]


def test_a_difference_of_13_per_cent_would_only_just_show() -> None:
    assert "In half a year some 500 accounts leave on either side" in prose(STEM)
    assert "so 13% fewer would only just show" in prose(STEM)
    cells = after("keep-plan")
    side = 6 * cells.untrained["accounts"].sum() / 2 * cells.churn
    assert is_about(side, 500)
    assert round(100 * cells.effect) == -13
    # Counts of so many on either side differ by chance with about this standard error, relatively.
    assert 1.96 < -cells.effect / math.sqrt(2 / side) < 2.5


def test_the_plans_are_as_the_decision_says() -> None:
    assert "takes less than a sixth of the budget" in prose(STEM)
    assert "bring back a quarter more than they cost, if one stops below 4 yuan" in prose(STEM)
    assert "it still repays itself if half of the effect is real" in prose(STEM)
    assert "if the first yuan brought 40% less, nothing should be spent" in prose(STEM)
    keep, win = after("keep-plan"), after("win-plan-cell")
    assert keep.cost < 200_000 / 6
    assert keep.saved * keep.worth / 2 > keep.cost
    bring = [win.prospects * float(win.extra.rate(spend)) * win.won_worth for spend in (win.best, 6)]
    costs = [win.prospects * spend for spend in (win.best, 6)]
    assert bring[0] / costs[0] == pytest.approx(1.25, abs=0.02)
    assert bring[1] - costs[1] < bring[0] - costs[0]
    assert costs[1] > 200_000 > costs[0] + keep.cost
    assert win.extra.slope * win.extra.ceiling * win.won_worth * (1 - 0.40) < 1


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        ("take *most* of their revenue", play.growth_matrix, {"taken": {"nothing", "most of it"}}),
        ("hand the board to the rivals", play.diagnosis_board, {"owner": {"its rivals"}, "lens": {"SWOT"}}),
        ("let cheapness count three times", play.perceptual_map, {"price": {"three times", "not at all"}}),
        ("then raise keeping to 20 yuan", play.win_and_keep, {"keeping": {0, 20}}),
        ("count for a week, then for half a year", play.consistency_funnel, {"spread": {1}}),
        ("give the customised service to all", play.service_tiers, {"policy": {"customised for all"}}),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_a_lesson_and_an_exercise_take_as_long_as_they_say() -> None:
    assert "about 75 minutes, and 100 more for [the exercise]" in prose(STEM)
    (plan,) = re.findall(r"\*\*Minutes\.\*\* (.+?)\. In two", prose(STEM))
    assert sum(int(part.rsplit(" ", 1)[1]) for part in plan.split(" · ")) == 75
    assert "about 100 minutes" in exercise("exercises")
    questions = key.topics()["strategy"]
    assert is_about(sum(key.entry(each).minutes for each in questions), 100)
    assert f"{in_words(len(questions))} questions and a memo" in prose(STEM)
    assert f"{in_words(len(questions)).capitalize()} questions and one memo" in exercise("exercises")


def test_facts_of_the_exercise_that_are_not_marked_as_made_up_are_so() -> None:
    facts = dict(re.findall(r"^(f\d\d) (.+)$", exercise("exercises"), re.MULTILINE))
    assert len(facts) == 20
    assert {name for name, fact in facts.items() if not fact.endswith("*")} == {
        *("f01", "f05", "f06", "f10", "f16", "f17")
    }
    assert facts["f01"] == "The dairy's 400 rounds reach every zone of the city"
    rounds = load("hailang.routes")
    assert len(rounds) == 400
    assert set(rounds["zone_id"]) == set(load("hailang.zones")["zone_id"])
    assert f"in {in_words(after('facts').full)} zones wait" in facts["f05"]
    people = load("hailang.carriers")
    at_work = people[people["exit_month"].isna()]
    assert "Almost half" in facts["f06"]
    assert is_nearly((at_work["trained"] == 0).mean(), 0.5)
    assert "In February 1999 a rival hired two" in facts["f10"]
    poached = load("hailang.competitor_moves").query("move == 'poach' and month == '1999-02'")
    assert poached["size"].tolist() == [2]
    complaints = load("hailang.complaints")
    heard = complaints.query("reached_firm == 1")["hours_to_resolve"]
    assert f"it solves {heard.notna().mean():.0%}" in facts["f16"]
    assert facts["f17"].startswith("Most complaints are not passed on")
    assert complaints["reached_firm"].mean() < 0.5


def test_the_exercise_describes_its_data_right() -> None:
    text = exercise("exercises")
    assert "how many of the 20 sampled rounds" in text
    assert "chart the 30 **days**" in text
    days = load("hailang.deliveries_daily")
    accounts = load("hailang.subscribers").set_index("account_id")
    assert days["account_id"].map(accounts["route_id"]).nunique() == 20
    assert days["date"].nunique() == 30
    assert "price paid - variable cost - 0.25" in text
    assert set(load("hailang.carriers")["commission"]) == {0.25}


def test_the_answers_to_the_facts_are_as_the_hint_counts_them() -> None:
    tags = re.findall(r'"f\d\d": "([SWOT](?:-[PEST])?)"', exercise("solutions"))[:20]
    outside = [tag for tag in tags if tag in ("O", "T")]
    assert f"{in_words(len(outside)).capitalize()} facts of the twenty" in exercise("solutions")


def test_the_answer_to_the_memo_has_the_numbers_of_the_chapter() -> None:
    memo = exercise("solutions").partition("**Loyalty first")[2].partition("*Rubric.*")[0]
    assert "at most 180 words" in exercise("exercises")
    assert len(memo.split()) <= 178  # two more are cut off
    zones = after("worth").with_rival.tolist()
    assert f"in zones {zones[0]}, {zones[1]} and {zones[2]}" in memo
    assert f"growth of {after('setup').growth:.0%}" in memo
    ends = after("run-rate").ends
    assert f"September is {-ends.sum(axis=1).pct_change().iloc[1]:.0%} below" in memo
    assert ends[False].diff().iloc[1] > 0 > ends[True].diff().iloc[1]
    taken = after("facts").rounds.groupby("month")["accounts"].sum()
    assert "opened until June 1998" in memo
    assert taken["1998-05"] < taken["1998-06"] == 80_000
    keep = after("keep-plan")
    assert "about 30,000 yuan, for accounts worth some 90,000" in memo
    assert is_about(keep.cost, 30_000)
    assert is_about(keep.saved * keep.worth, 90_000)
    assert "at a third of it, training no longer pays" in memo
    assert keep.saved * keep.worth / 3 < keep.cost
    assert "less than 4 yuan a household" in memo
    assert after("win-plan-cell").best < 4
    both = after("extension").both
    earned = [both[month]["contribution"] / both[month]["bottles"] for month in ("1997-09", "1998-09")]
    assert f"each bottle earned {earned[0] - earned[1]:.2f} less" in memo
    assert "some 500 a side" in memo
