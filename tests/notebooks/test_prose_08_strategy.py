"""Numbers that the prose of chapter 08 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from prose import in_words, prose, run

from crmkit.models import positioning, strategy
from crmkit.widgets import strategy as play
from crmkit.widgets.widget import Widget

STEM = "08-strategy"


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


CURVE = strategy.ResponseCurve(ceiling=0.3, slope=0.1)
BEST = CURVE.best_spend(50)
WON = float(CURVE.rate(BEST))


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"$A^*=\ln 1.5/0.1={:.2f}$ yuan", BEST),
        (r"$a = 0.3\,(1-1/1.5)={:.0f}\%$", 100 * WON),
        ("a prospect brings $5-4.05={:.2f}$ yuan", 50 * WON - BEST),
        ("A customer then costs {:.1f} yuan on average", BEST / WON),
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
        ("Revenue is up by {:.0f}%", "setup", lambda c: 100 * c.growth),
        ("any of the {} rounds", "facts", lambda c: c.rounds["route_id"].nunique()),
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


def test_the_plans_are_as_the_decision_says() -> None:
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
    assert instruction in prose(STEM)
    for control, steps in values.items():
        assert steps <= set(widget.controls[control].values)
