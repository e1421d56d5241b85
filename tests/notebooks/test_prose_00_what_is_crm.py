"""Numbers that the prose of chapter 00 states are those that the models, the data and the widgets give."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from prose import assert_offered, in_words, is_about, is_nearly, prose, run

from crmkit.data.hailang import TRUTH
from crmkit.models import evidence
from crmkit.widgets import evidence as play
from crmkit.widgets.widget import Widget

STEM = "00-what-is-crm"
# The leaflet: thousand yuan a month of the buyers before and after, and of the others.
LEAFLET = (200, 360, 160, 280)
WITHOUT = evidence.counterfactual(200, 160, 280)
SILENCE = evidence.nonresponse_bounds(0.80, 0.50)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ('"sales up by {:.0%}', evidence.relative_growth(200, 360)),
        ("{0:.0%} more milk takes {0:.0%} more accounts", evidence.relative_growth(200, 360)),
        ("they sold for {:.0f} thousand yuan a month before and 360 after", LEAFLET[0]),
        ("went from 160 to {:.0f}. Before and after", LEAFLET[3]),
        ("four cells of a DiD with {}", "{}, {}, {}, {}".format(*LEAFLET)),
        ("Before and after: +{:.0f}.", 360 - 200),
        ("The others gained {:.0f} with no system", 280 - 160),
        ("So the effect is $160-120={:.0f}$", evidence.difference_in_differences(*LEAFLET)),
        ("$200+120={:.0f}$ that the buyers would have reached", WITHOUT),
        ("the dashed counterfactual at {:.0f}.", WITHOUT),
        ("By hand: 80% of the answers, from half of those asked: between {:.0%} and", SILENCE.low),
        ("and {:.0%}. More answers shrink", SILENCE.high),
        ("(It is right, too: the simulation planted {:.0%} fewer", 1 - TRUTH.rival_acquisition),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("for {:.0f} yuan per account and year", "setup", lambda c: c.fee / c.accounts),
        ("## {} ideas of marketing", "lists", lambda c: in_words(len(c.standard)).capitalize()),
        ("longer than the {} months of the data", "rival", lambda c: c.months["month"].nunique()),
        ("began to deliver in {} of Hailang's", "rival", lambda c: in_words(c.entered.notna().sum())),
        ("of Hailang's {} zones", "rival", lambda c: in_words(len(c.entered))),
        ("*Is the {:.0%} of households", "reach", lambda c: c.is_known[c.homes].mean()),
        ("80% → {:.1%} →", "decide", lambda c: c.best),
        ("12.5% → {:.1%},", "decide", lambda c: c.expected),
        ("and beside it {:.1%}", "decide", lambda c: c.needed),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        (
            "let a bottle arrive sour and walk from left to right; then let a delivery person resign",
            play.crm_continuum,
            {"event": {"a bottle arrives sour", "a delivery person resigns"}},
        ),
        ("the vendor's 30 success stories", play.source_scorecard, {"cases": {"30 success stories"}}),
        ("drawing lots", play.source_scorecard, {"comparison": {"firms left out by lot"}}),
        ("set the true effect to 0, then let the adopters gain", play.before_and_after, {"effect": {0}}),
        (
            "go from 100 answers to 1,000 with half of those asked silent",
            play.satisfied_customers,
            {"answers": {"100", "1,000"}, "response": {"1 in 2"}},
        ),
        ("then switch the noise off", play.de_doubler, {"noise": {"none"}}),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_scorecard_starts_with_the_vendor_and_lists_six_rivals() -> None:
    assert "has at least six rivals" in prose(STEM)
    assert play.source_scorecard.start["teller"] == "the vendor"
    assert play.source_scorecard.start["cases"] == "30 success stories"
    assert "of 6 other explanations" in play.source_scorecard.caption()


def test_the_three_drivers_of_contribution_count_the_same_bottles() -> None:
    cells = after("goal-tree")
    assert cells.skus["bottles"].sum() == cells.sales["bottles"].sum()


def test_nobody_who_left_can_have_stayed_longer_than_the_data_and_the_exits_say_another_mean() -> None:
    cells = after("lifetimes")
    assert cells.stay[cells.gone].max() <= TRUTH.months
    assert cells.stay.sum() / cells.gone.sum() > TRUTH.months


def test_of_the_gain_a_quarter_is_left_and_one_reading_is_more_than_four_times_the_other() -> None:
    assert "Of the gain, a quarter is left." in prose(STEM)
    assert "so one reading is more than four times the other" in prose(STEM)
    effect = evidence.difference_in_differences(*LEAFLET)
    assert effect / (360 - 200) == pytest.approx(1 / 4)
    assert effect / WITHOUT > 4 * evidence.relative_difference_in_differences(*LEAFLET)


def test_the_two_readings_agree_where_groups_start_level() -> None:
    assert "Where groups start level, the two readings agree." in prose(STEM)
    level = (200, 360, 200, 280)
    by_amount = evidence.difference_in_differences(*level) / evidence.counterfactual(200, 200, 280)
    assert by_amount == pytest.approx(evidence.relative_difference_in_differences(*level))


def test_the_last_free_milk_box_was_given_out_three_months_before_the_rival_came() -> None:
    assert "a fall that came three months before it, and came everywhere: in June 1998" in prose(STEM)
    months, routes = after("rival").months, after("rival").load("hailang.routes")
    boxes = months.merge(routes, on="route_id")
    empty = (boxes["boxes"] - boxes["accounts"]).groupby(boxes["month"]).sum()
    assert empty.loc["1998-05"] > 0
    assert (empty.loc["1998-06":"1998-09"] == 0).all()
    assert after("rival").entered.dropna().unique().tolist() == ["1998-10"]


def test_the_great_fall_of_new_accounts_came_everywhere_and_before_the_rival() -> None:
    joined = after("rival-figure").monthly
    assert (joined.loc["1998-07"] < joined.loc["1998-06"] / 2).all()
    later = joined.loc["1998-07":"1998-09"].mean()
    assert is_about(later[True], later[False])


def test_the_did_finds_what_was_planted_and_the_placebo_only_chance() -> None:
    assert round(after("rival-effect").rate, 2) == round(TRUTH.rival_acquisition - 1, 2)
    cells = after("placebo")
    counts = cells.year_before.groupby(["rival", cells.late])["joined"].sum()
    by_chance = np.sqrt((1 / counts).sum())  # of a ratio of four counts of new accounts
    assert "Chance moves such a number by a few per cent." in prose(STEM)
    assert 0.02 < by_chance < 0.05
    assert abs(cells.placebo) < 2 * by_chance
    assert abs(cells.placebo) < abs(after("rival-effect").rate) / 10


def test_profit_a_bottle_is_least_at_the_lowest_profit_and_the_highest_volume() -> None:
    assert "a bottle: least at the lowest profit and the highest volume" in prose(STEM)
    profits = {
        (million, bottles): evidence.implied_unit_profit(million * 1e6, bottles)
        for million in (3, 7)
        for bottles in (55_000, 60_000)
    }
    assert min(profits, key=profits.__getitem__) == (3, 60_000)


def test_more_answers_shrink_the_range_of_chance_and_never_that_of_silence() -> None:
    assert "More answers shrink the first range, never the second." in prose(STEM)
    few, many = evidence.wilson_interval(90, 100), evidence.wilson_interval(900, 1_000)
    assert many.high - many.low < few.high - few.low
    for answers in ("100", "1,000"):
        assert "of those asked 45% to 95% are satisfied" in play.satisfied_customers.caption(answers=answers)


def test_the_share_of_milk_is_more_than_four_times_that_of_households() -> None:
    cells = after("reach")
    households, accounts = cells.is_known[cells.homes].mean(), cells.is_known.mean()
    assert "the last is more than four times the first" in prose(STEM)
    assert cells.known_milk > 4 * households
    assert households < accounts < cells.known_milk
    assert "Most households of the dairy are known to their delivery person and to nobody else" in prose(STEM)
    assert households < 1 / 10


def test_canteens_and_offices_are_all_known_few_and_thirsty() -> None:
    assert "Canteens and offices are all known, few, and thirsty." in prose(STEM)
    orders = after("reach").orders.groupby("type")
    known, drunk = orders["phone_known_to_firm"].mean(), orders["bottles"].mean()
    assert known["institution"] == 1
    assert orders.size()["institution"] < orders.size()["household"] / 10
    assert drunk["institution"] > 5 * drunk["household"]


def test_both_rules_spoil_the_number_whose_digits_were_not_doubled() -> None:
    assert "the digits had *not* been doubled, and both rules spoil the number" in prose(STEM)
    copied = after("damaged").copied
    for rule in (evidence.collapse_runs, evidence.collapse_pairs):
        assert "110000" in copied
        assert "110000" not in rule(copied)


def test_the_leaflet_shrinks_to_an_eighth_then_by_two_thirds_and_does_not_pay_the_fee() -> None:
    assert "That does not pay the fee" in prose(STEM)
    cells = after("decide")
    assert "80% shrinks to an eighth of sales" in prose(STEM)
    assert cells.best == pytest.approx(1 / 8)
    assert "it shrinks again by two thirds" in prose(STEM)
    assert is_about(1 - cells.expected / cells.best, 2 / 3)
    assert cells.cautious < cells.expected < cells.needed


def test_nearly_half_of_the_milk_needs_a_name_first() -> None:
    assert "Nearly half of the milk needs a name" in prose(STEM)
    assert is_nearly(after("decide").needed / after("decide").best, 1 / 2)
