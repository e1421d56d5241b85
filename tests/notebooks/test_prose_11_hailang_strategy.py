"""Numbers that chapter 11 and its exercise state are those that the models, data and widgets give."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
from prose import CHAPTERS, cells, in_words, is_about, is_nearly, prose, run

from crmkit import load
from crmkit.data.hailang.truth import TRUTH
from crmkit.exercise import key
from crmkit.models import fence, project
from crmkit.widgets import fence as play
from crmkit.widgets.widget import Widget

STEM = "11-hailang-strategy"
BY_HAND = fence.cluster_trial([0, 0, 1, 1], [100] * 4, [20, 40, 10, 10])
SAVED = fence.accounts_saved(0.10, 0.50, 0.30)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def exercise(folder: str) -> str:
    """Return what the exercise, or its solution, says between its code cells."""
    book = nbformat.read(CHAPTERS.parent / folder / f"{STEM}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def september() -> pd.DataFrame:
    """Return what each account ordered in September 1999, with its revenue and its margin."""
    people = load("hailang.subscribers")[["account_id", "tier_true"]]
    book = load("hailang.orders_monthly").query("month == '1999-09'")
    book = book.merge(load("hailang.products"), on="sku").merge(people, on="account_id")
    earned = book["price_paid"] - book["unit_var_cost"] - 0.25
    return book.assign(revenue=book["bottles"] * book["price_paid"], margin=book["bottles"] * earned)


def worth_of_path(exits: float) -> pd.Series:
    """Return the exercise's worth of a second path, yuan per account and year, by tier."""
    return exits * 0.19 * 6 * september().groupby("tier_true")["margin"].mean()


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ("with one 10 and 10. The routes of the first arm deviate by −{:.0f}", (40 - 20) / 2),
        ("so $(100+100)/200^2 = {:.3f}$", (10**2 + 10**2) / 200**2),
        ("the standard error is {:.1f} points", 100 * BY_HAND.standard_error),
        ("it would seem to be {:.1f}", 100 * BY_HAND.naive_error),
        (r"$0.10\cdot0.20\cdot20\cdot12 = {:.2f}$", fence.fence_worth(SAVED, 20, 12)),
        (r"$2/(0.02\cdot20) = {:.0f}$ months", fence.payback_months(2, SAVED, 20)),
        ("(The simulation planted {:.0%} and", TRUTH.takeaway),
        ("and {:.0%}.)", TRUTH.takeaway_fenced),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float) -> None:
    assert states.format(number).replace("−", "-") in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("has a quote: {} yuan a year for each account", "setup", lambda c: c.quote),
        ("Six yuan for everybody?", "setup", lambda c: c.quote),
        ("The trial's {} routes", "arms", lambda c: len(c.trial)),
        ("in which {} of 400 routes saw one", "exits", lambda c: round(400 * c.now)),
        (
            "The margin is price less variable cost less the commission of {:.2f} yuan",
            "exits",
            lambda c: c.carriers["commission"].unique().item(),
        ),
        ("it takes {} empty months", "by-tier", lambda c: in_words(c.table.at["ordinary", "payback_before"])),
        ("at the new rate, {}", "by-tier", lambda c: in_words(c.table.at["ordinary", "payback_now"])),
        ("for all {:,}. They gain in every column", "decide-rest", lambda c: c.larger),
        ("an ordinary one {:.0f}", "uplift", lambda c: c.answers.at["ordinary", "order_must_bring"]),
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
            "leave the correlation at 0.10, go from 6 routes to 60 in each arm",
            play.trial_by_route,
            {"alike": {0.10}, "routes": {"6", "60"}},
        ),
        ("leave the exits at 10%, go through the tiers", play.fence_worth, {"exits": {10}}),
        ("set the cost to 10 yuan", play.second_path, {"cost": {"10"}}),
        (
            "compare *database first* with *fence first*",
            play.roadmap,
            {"plan": {"database first", "fence first"}},
        ),
        ("with a gift of 1 yuan, rank by response, then by uplift", play.uplift_targeting, {"gift": {1}}),
        (
            "hold the customer against the offer of 4 yuan, first by benefit alone, then by deposit alone",
            play.benefit_or_trap,
            {"benefit": {0, 4}, "deposit": {0, 30}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert instruction in prose(STEM)
    for slider, steps in values.items():
        assert steps <= set(widget.controls[slider].values)


def test_a_try_says_leave_where_the_widget_begins() -> None:
    assert play.trial_by_route.start["alike"] == 0.10
    assert play.fence_worth.start["exits"] == 10


def test_benefit_alone_and_deposit_alone_can_both_meet_the_offer() -> None:
    months = int(play.benefit_or_trap.start["months"])
    assert fence.switching_threshold(4, 0, months) == play.OFFER == 4
    assert fence.switching_threshold(0, 30, months) > play.OFFER


def test_what_a_bottle_leaves_after_all_costs_is_the_profit_of_the_first_cell() -> None:
    sold = load("hailang.sku_monthly").query("month == '1999-09'").merge(load("hailang.products"), on="sku")
    earned = sold["bottles"] @ (sold["list_price"] - sold["unit_var_cost"] - 0.25)
    left = earned - load("hailang.cost_pools")["cost"].sum()
    assert left / sold["bottles"].sum() == pytest.approx(0.10, abs=0.0005)
    a_year = load("hailang.sku_monthly").query("month >= '1998-10'")["bottles"].sum()
    assert a_year == 365 * 100_000
    assert after("setup").profit == 0.10 * a_year


def test_the_case_is_on_the_table_after_four_queries() -> None:
    assert "Four queries, and the case is on the table" in prose(STEM)
    assert "cannot telephone most of its customers, hears of a minority of complaints" in prose(STEM)
    lines = after("need-sales").lines
    assert lines["no_direct_line"].sum() / lines["accounts"].sum() > 1 / 2
    assert load("hailang.complaints")["reached_firm"].mean() < 1 / 2
    assert (load("hailang.carriers")["exit_reason"] == "rival").any()
    cash = load("hailang.payments").query("channel == 'carrier cash' and month >= '1998-10'")
    assert cash["paid"].sum() < cash["due"].sum()
    assert len(after("need-others").asks) == 3
    assert "(400 routes for three years are 1,200 route-years.)" in prose(STEM)
    assert 3 * len(load("hailang.routes")) == 1200


def test_nobody_of_the_control_arm_took_part_so_that_itt_over_uptake_is_the_effect_on_takers() -> None:
    assert "and nobody takes part unasked" in prose(STEM)
    arms = after("arms").arms
    assert arms.at["control", "accounts_fenced"] == 0
    assert 0 < arms.at["fence", "took_part"] < 1


def test_the_standard_errors_are_not_close_and_the_effect_is_far_from_zero_by_either() -> None:
    assert "the two standard errors are not close; and yet the effect is far from zero by either" in prose(
        STEM
    )
    found = after("hand").found
    assert found.standard_error > 2 * found.naive_error
    assert found.effect + 5 * found.standard_error < 0


def test_an_exit_cost_an_eighth_and_one_to_a_rival_near_a_third() -> None:
    assert "an exit cost the route about an eighth of its accounts" in prose(STEM)
    assert "in the trial's control arm, near a third" in prose(STEM)
    assert "which cost less than half of that" in prose(STEM)
    found = after("exits")
    assert is_about(found.extra, 1 / 8)
    lost = found.arms.at["control", "lost"]
    assert is_nearly(lost, 1 / 3)
    assert found.extra < lost / 2


def test_two_readings_find_the_quote_too_high_and_two_a_bargain() -> None:
    assert "Two readings say that the quote of 6 yuan is too high, two that it is a bargain" in prose(STEM)
    found = after("readings")
    mean = found.book["margin"].mean()
    worth = [fence.fence_worth(share, mean, 12) for share in found.saved.values()]
    assert [each > found.quote for each in worth] == [False, False, True, True]
    third = list(found.saved)[2]
    assert third == "any exit as costly as the trial's"


def test_only_the_ordinary_accounts_depend_on_the_reading() -> None:
    assert "The small accounts fail in every reading, VIP and major accounts pass in every one" in prose(STEM)
    assert "Only the ordinary ones depend on what you take" in prose(STEM)
    worth = after("by-tier").table[["worth_before", "worth_now", "by_profit"]]
    passes = worth > after("setup").quote
    assert passes.loc[["VIP", "major"]].all(axis=None)
    assert not passes.loc["small"].any()
    assert passes.loc["ordinary"].any()
    assert not passes.loc["ordinary"].all()
    sizes = after("decide").sizes
    assert sizes["small"] / sizes.sum() == 4 / 5  # the title of the figure


def test_collecting_at_a_small_door_costs_nearly_what_the_fence_was_worth_a_year() -> None:
    assert "the collecting costs nearly as much a month as the fence was worth a year" in prose(STEM)
    small = after("card").small
    by_cash = small["collection"].mean()["carrier cash"]
    assert is_nearly(by_cash, after("by-tier").table.at["small", "worth_before"])
    assert "Nobody rings the bell of those who pay by card or through a bank" in prose(STEM)
    assert small["collection"].mean()["other"] == 0


def test_two_roles_are_new_and_nobody_can_cut_a_customer_off() -> None:
    assert "Two roles are new. A **stand-in**" in prose(STEM)
    found = after("chart-places")
    renamed = {"station": "route manager", "sales": "customer manager"}
    assert set(found.new) - {renamed.get(each, each) for each in found.old} == {"stand-in", "service desk"}
    assert after("cuts").single == []


def test_the_routes_without_a_person_are_those_whose_person_left_in_the_last_month() -> None:
    assert "routes whose person left in the last month and whose successor begins in the next" in prose(STEM)
    carriers = load("hailang.carriers")
    left = set(carriers.loc[carriers["exit_month"] == "1999-09", "route_id"])
    assert left == set(range(1, 401)) - set(carriers.loc[carriers["exit_month"].isna(), "route_id"])


def test_nothing_that_is_bought_is_critical() -> None:
    assert "Nothing that is bought is critical here." in prose(STEM)
    critical = set(project.critical_paths(after("plan").tasks)[0])
    bought = {"integrate", "new cost accounting", "desk and stand-ins", "train"}
    assert critical | bought | {"design data and rules"} == {task.name for task in after("plan").tasks}
    assert not critical & bought


def test_boxes_were_opened_until_june_1998_and_later_stay_empty_only_where_a_rival_is() -> None:
    assert "Until June 1998 new milk boxes were being opened; after that only free ones were filled" in prose(
        STEM
    )
    zone = load("hailang.routes").set_index("route_id")[["zone_id", "boxes"]]
    months = load("hailang.route_months").join(zone, on="route_id")
    months["rival"] = months["zone_id"].isin([3, 7, 12])
    sums = months.groupby(["rival", "month"])[["accounts", "boxes", "joined", "left"]].sum()
    assert (sums["accounts"] == sums["boxes"]).groupby("month").all().idxmax() == "1998-06"
    assert "a free box is given to the next on the list in the month after" in prose(STEM)
    elsewhere = sums.loc[False].loc["1998-06":]
    assert (elsewhere["accounts"] == elsewhere["boxes"]).all()
    assert elsewhere["joined"].iloc[1:].tolist() == elsewhere["left"].iloc[:-1].tolist()
    assert "Many boxes that fall empty in those zones stay empty" in prose(STEM)
    there = sums.loc[True].loc["1999-09"]
    assert there["accounts"] < 0.8 * there["boxes"]
    entries = load("hailang.zones").set_index("zone_id")["rival_entry_month"].dropna()
    assert entries.to_dict() == dict.fromkeys((3, 7, 12), "1998-10")


def test_a_vip_must_bring_hundreds_if_there_is_an_effect_and_small_accounts_lose_by_the_gift() -> None:
    assert "A VIP's enlarged order must bring hundreds of yuan, if there is an effect at all" in prose(STEM)
    answers = after("uplift").answers
    assert answers.at["VIP", "order_must_bring"] > 200
    assert answers.at["VIP", "uplift"] < answers.at["VIP", "standard_error"]
    assert answers.at["small", "uplift"] < 0
    costs = load("hailang.promotions").query("kind == 'gift'").set_index("tier")["gift_cost"]
    assert answers["gift_cost"].to_dict() == costs.to_dict()


def test_the_whole_offer_loses_or_earns_but_is_always_better_without_the_small_accounts() -> None:
    assert "the whole offer loses if exits to a rival are as before, and earns if they stay" in prose(STEM)
    assert "But in all four columns it is better without the small accounts" in prose(STEM)
    gains = after("decide").gains
    assert [gain > 0 for gain in gains.loc["everybody"]] == [False, False, True, True]
    assert gains.shape[1] == 4
    assert (gains.loc["small"] < 0).all()


def test_vip_and_major_gain_in_every_column_by_profit_too_and_within_months() -> None:
    assert "They gain in every column, by profit, too, and within months" in prose(STEM)
    assert (after("decide").gains.loc[["VIP", "major"]] > 0).all(axis=None)
    table, found = after("by-tier").table, after("decide").found
    at_the_weak_end = table["by_profit"] * after("decide").weak / found.effect
    assert (at_the_weak_end[["VIP", "major"]] > 6).all()
    assert (table.loc[["VIP", "major"], "payback_before"] < 6).all()
    assert "at the old rate of exits they gain little by margin and lose by profit" in prose(STEM)
    assert table.at["ordinary", "worth_before"] > 6 > table.at["ordinary", "by_profit"]


def test_the_minutes_for_instructors_are_those_of_the_chapter() -> None:
    assert "about 75 minutes, and 90 more for [the exercise]" in prose(STEM)
    (told,) = (cell.source for cell in cells(STEM) if cell.id == "instructor")
    parts = told.partition("**Minutes.** ")[2].partition(". If short")[0].split(" · ")
    assert sum(int(part.split()[-1]) for part in parts) == 75


def test_the_exercise_takes_as_long_as_the_chapter_says_and_no_less_than_its_questions() -> None:
    assert "about 90 minutes" in exercise("exercises")
    questions = key.topics()["fence"]
    assert "Eight questions and one memo" in exercise("exercises")
    assert len(questions) == 8
    assert 5 <= 90 - sum(key.entry(each).minutes for each in questions) <= 15


def test_the_exercise_describes_its_data_right() -> None:
    text = exercise("exercises")
    assert "all VIP, 4,000 ordinary and 14,000 small accounts: the lot gave it to half of each tier" in text
    gifts = load("hailang.promo_assign").groupby("tier")["treated"].agg(["mean", "size"])
    assert gifts["size"].to_dict() == {"VIP": 800, "ordinary": 4_000, "small": 14_000}
    assert (gifts["mean"] == 1 / 2).all()
    assert "the same in the other 17" in text
    assert len(load("hailang.zones")) == 3 + 17
    assert "of the six cost pools that have one" in text
    assert (load("hailang.cost_pools")["practical_capacity"] > 0).value_counts().to_dict() == {
        True: 6,
        False: 4,
    }
    assert "commission of 0.25 yuan" in text
    assert set(load("hailang.carriers")["commission"]) == {0.25}


def test_load_about_knows_the_table_that_the_exercise_names() -> None:
    assert 'load.about("hailang.carriers")' in exercise("exercises")
    assert "hailang.carriers" in str(load.about("hailang.carriers"))


def test_at_the_360th_place_no_two_accounts_are_equal() -> None:
    assert "(At the 360th place no two accounts are equal, so ties do not matter.)" in exercise("exercises")
    book = september().set_index("account_id")
    pools = load("hailang.cost_pools").query("practical_capacity > 0").set_index("activity")
    minute = pools["cost"] / pools["practical_capacity"]
    study = load("hailang.time_study")
    serving = (study["minutes"] * study["activity"].map(minute)).groupby(study["account_id"]).sum()
    profit = book["margin"] - serving.reindex(book.index).fillna(0)
    for value in (book["revenue"], profit):
        ranked = value.sort_values(ascending=False).to_numpy()
        assert ranked[359] - ranked[360] > 0.005


def test_19_of_every_100_accounts_is_what_the_trial_of_the_chapter_found() -> None:
    assert "it keeps 19 of every 100 accounts of the route" in exercise("exercises")
    assert round(-100 * after("hand").found.effect) == 19
    assert "(The year of the trial had more;" in exercise("exercises")
    carriers = load("hailang.carriers").query("exit_reason == 'rival' and exit_month >= '1998-10'")
    assert len(carriers) < len(after("arms").trial)


def test_the_answer_to_the_memo_has_the_numbers_of_the_last_question_and_keeps_its_limit() -> None:
    memo = exercise("solutions").partition("### BEGIN SOLUTION")[2].partition("*Rubric.*")[0]
    assert len(memo.split()) <= 250
    assert "At 0.0925 exits to a rival per route and year" in memo
    before, in_trial = worth_of_path(0.0925), worth_of_path(0.30)
    assert (
        f"worth {before['VIP']:.0f} yuan at a VIP and {before['major']:.0f} at a major account, for 12 and 5"
        in memo
    )
    assert f"At an ordinary account it is worth {before['ordinary']:.1f} for 4" in memo
    assert f"at a small one {before['small']:.1f} for 1" in memo
    assert "If exits stay at the trial's 0.30, both would pay." in memo
    assert in_trial["ordinary"] > 4
    assert in_trial["small"] > 1
    assert after("exits").now == 0.30


def test_ten_points_tell_the_effect_from_none_at_next_years_exits() -> None:
    # The exits of the last year in the books, ten larger accounts a route, half of the routes fenced, and the
    # correlation within a route that the trial was planted with.
    accounts = 37 / 2 * 4_000 / 400
    variance = (0.31 * 0.69 + 0.12 * 0.88) / accounts * fence.design_effect(4_000 / 400, TRUTH.fence_icc)
    assert "do not lose at least 10 points less" in exercise("solutions")
    assert 10 / 100 + 1.64 * math.sqrt(variance) < 0.19
