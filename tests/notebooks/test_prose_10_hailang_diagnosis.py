"""Numbers that chapter 10 and its exercise state are those that the models, data and widgets give."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
from prose import CHAPTERS, in_tex, in_words, is_about, prose, run

from crmkit import load
from crmkit.exercise import key
from crmkit.models import channel
from crmkit.widgets import diagnosis as play
from crmkit.widgets.widget import Widget

STEM = "10-hailang-diagnosis"
SHARES = (50, 30, 20)
BY_HAND = channel.rate_ratio(27, 600, 90, 6_000)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def exercise(folder: str) -> str:
    """Return what the exercise, or its solution, says between its code cells."""
    book = nbformat.read(CHAPTERS.parent / folder / f"{STEM}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def memo() -> str:
    """Return the model page of the solution, without its rubric."""
    page = exercise("solutions").partition("### BEGIN SOLUTION")[2]
    return page.partition("*Rubric.*")[0]


def rounds() -> pd.DataFrame:
    """Return the rows of route_months with grade and zone of the route, and the rival's entry."""
    table = load("hailang.route_months").merge(load("hailang.routes"), on="route_id")
    return table.merge(load("hailang.zones"), on="zone_id")


def by_grade() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return accounts that left, and account-months, by grade and by whether the person is trained."""
    table = rounds().merge(load("hailang.carriers")[["carrier_id", "trained"]], on="carrier_id")
    sums = table.groupby(["grade", "trained"], observed=True)[["left", "accounts"]].sum().unstack()
    return sums["left"], sums["accounts"]


def within_grades() -> float:
    gone, months = by_grade()
    return channel.mantel_haenszel_rate_ratio(gone[1], months[1], gone[0], months[0]).ratio


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ("$2{{,}}500 + 900 + 400 = {}$", in_tex(channel.herfindahl(SHARES))),
        ("so three are worth $n^* = {:.1f}$", channel.effective_number(SHARES)),
        ("two people who share each door equally would give {:,.0f}", channel.herfindahl([1, 1])),
        ("27 of 600 account-months after an exit are the last, and 90 of 6,000 others: {:.1%}", 27 / 600),
        ("4.5% against {:.1%}", 90 / 6_000),
        ("so $RR = {:.0f}$", BY_HAND.ratio),
        (r"$3\,e^{{\pm {:.2f}}}$", math.log(BY_HAND.high / BY_HAND.ratio)),
        ("or {:.1f} to", BY_HAND.low),
        ("to {:.1f}. In the three zones", BY_HAND.high),
        ("15% that go along: {:,.0f} accounts", channel.expected_accounts_lost(50_000, 0.20, 0.15)),
        ("$0.693/0.07 = {:.1f}$ months", channel.half_life(0.07)),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("There is one box for every {} households", "setup", lambda _: in_words(1 / boxes_per_home())),
        ("Of 100 households the dairy could call {:.0f}", "knows", lambda _: 100 * callable_homes()),
        ("the firm heard of {}", "knows", lambda _: in_words(heard_of_spoiled())),
        ("In the {} zones where a rival delivers", "ratio", lambda _: in_words(len(rival_zones()))),
        ("{} times as often, for three months", "ratio", lambda c: in_words(c.found.ratio).capitalize()),
        ("{} in ten fewer leave", "training", lambda c: in_words(10 * fewer(c.trained)).capitalize()),
        ("aloe milk was half gone in {} months", "decay", lambda c: in_words(half_life_of(c, "aloe milk"))),
        ("The ± is for {:.0f} routes drawn out of 400", "cash", lambda c: len(c.per_route)),
        ("Telephone, complaints and cash come from 1 in {:.0f}", "cash", lambda c: 400 / len(c.per_route)),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


def boxes_per_home() -> float:
    return load("hailang.routes")["boxes"].sum() / load("hailang.zones")["households"].sum()


def callable_homes() -> float:
    return load("hailang.subscribers").query("type == 'household'")["phone_known_to_firm"].mean()


def heard_of_spoiled() -> int:
    complaints = load("hailang.complaints")
    month = complaints["date"].astype(str).str[:7] == "1999-09"
    return int(complaints[month & (complaints["type"] == "spoiled")]["reached_firm"].sum())


def rival_zones() -> pd.DataFrame:
    zones = load("hailang.zones")
    return zones[zones["rival_entry_month"].notna()]


def fewer(trained: pd.DataFrame) -> float:
    return 1 - trained["rate"][1] / trained["rate"][0]


def half_life_of(cells: SimpleNamespace, name: str) -> float:
    rows = cells.shares.query("name_en == @name")
    return channel.fit_decay(rows["age"], rows["share"]).half_life


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        (
            "let B drop out, give the dairy ever more telephone numbers, then let each household know two",
            play.channel_graph,
            {"gone": {"person B"}, "phones": {"0", "12"}, "known": {play.TWO}},
        ),
        (
            "let sour milk be found and not passed on; then add telephone numbers, then cards",
            play.order_to_cash,
            {"event": {"the milk is sour"}, "person": {play.KEPT}, "other": {play.TELEPHONE, play.CARD}},
        ),
        (
            "keep the waiting list, and raise ratio and months as far as they go; then let nobody take",
            play.after_exit,
            {"refill": {"a waiting list, all", "nobody"}},
        ),
        ("set the training's effect to zero", play.route_or_training, {"effect": {0}}),
        (
            "show who leaves, go through the months, and look at the zones with an E, a P and an H. "
            "Then show empty boxes",
            play.rival_map,
            {"measure": {play.LEAVE, play.EMPTY}},
        ),
        (
            "let products fade by 13% a month and launch one every 18 months, then every 9",
            play.fad_treadmill,
            {"fades": {13}, "launched": {"every 18 months", "every 9 months"}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert instruction in prose(STEM)
    for name, offered in values.items():
        assert offered <= set(widget.controls[name].values)


def test_the_books_agree_with_the_claims_that_they_can_test() -> None:
    assert "They do (`a_day` is of the last twelve months), to the bottle" in prose(STEM)
    sales = load("hailang.sales_monthly").astype({"month": str})
    assert sales["month"].min() == "1996-10"
    assert sales[sales["month"] >= "1998-10"]["bottles"].sum() == 36_500_000
    assert '"Several million" a year is some fen (分) a bottle' in prose(STEM)
    assert 0.05 < after("implied").each < 0.20
    kinds = load("hailang.products")["functional"].value_counts()
    assert "The thirteen are the *ordinary* products" in prose(STEM)
    assert (kinds[0], kinds[1]) == (13, 3)


def test_hyped_products_cost_more_sell_dearer_and_lose_money_at_the_price_of_fresh_milk() -> None:
    assert "They cost more to make and sell dearer." in prose(STEM)
    products = load("hailang.products")
    (fresh,) = products.query("name_en == 'fresh milk'")["list_price"]
    assert fresh == 1.60
    hyped, others = products.query("concept_hype == 1"), products.query("concept_hype == 0")
    assert hyped["unit_var_cost"].min() > others["unit_var_cost"].max()
    ordinary = others.query("functional == 0")
    assert hyped["list_price"].min() > ordinary["list_price"].max()
    assert "The hyped ones then lose money." in prose(STEM)
    losing = after("products").products.query("at_1_60 < 0")["family"]
    assert losing.tolist() == ["hyped"]


def test_the_commission_is_a_quarter_of_a_yuan() -> None:
    assert "(0.25 is the delivery person's commission.)" in prose(STEM)
    assert set(load("hailang.carriers")["commission"]) == {0.25}


def test_six_complaints_in_ten_stay_at_the_door_and_four_in_ten_of_those_are_never_resolved() -> None:
    assert "Six complaints in ten stay with the delivery person" in prose(STEM)
    assert "four in ten of those are never resolved" in prose(STEM)
    complaints = load("hailang.complaints")
    kept = complaints[complaints["reached_firm"] == 0]
    assert round(10 * len(kept) / len(complaints)) == 6
    assert round(10 * kept["hours_to_resolve"].isna().mean()) == 4
    assert "the last table has hundreds of spoiled deliveries" in prose(STEM)
    assert 200 < load("hailang.deliveries_daily")["spoiled"].sum() < 1_000


def test_money_is_missing_only_where_the_delivery_person_collects_it() -> None:
    assert "Money is missing only where the delivery person collects it." in prose(STEM)
    paid = load("hailang.payments").groupby("channel", observed=True)[["due", "paid"]].sum()
    missing = (paid["due"] - paid["paid"]).round(2)
    assert missing[missing > 0].index.tolist() == ["carrier cash"]
    assert "The cash is ± a fifth or so." in prose(STEM)
    assert is_about(1.96 * after("cash").error / after("cash").cash, 1 / 5)


def test_neither_doubt_changes_the_ratio_of_four() -> None:
    assert "Neither changes the picture." in prose(STEM)
    cells = after("doubts")
    assert is_about(cells.within.ratio, 4)
    assert cells.low < 4 < cells.high
    assert cells.high - cells.low > cells.found.high - cells.found.low


def test_the_risk_begins_after_the_exit_ends_with_the_third_month_and_is_not_made_up_for() -> None:
    assert "the risk begins in the month after the exit and ends with the third" in prose(STEM)
    table = rounds()
    months = pd.PeriodIndex(table["month"].astype(str), freq="M")
    table["t"] = 12 * months.year + months.month
    exits = load("hailang.carriers").dropna(subset="exit_month")
    ends = pd.PeriodIndex(exits["exit_month"].astype(str), freq="M")
    gone = pd.DataFrame({"route_id": exits["route_id"], "end": 12 * ends.year + ends.month})
    both = table.merge(gone, on="route_id")
    sums = both.groupby(both["t"] - both["end"])[["left", "accounts"]].sum()
    rate = sums["left"] / sums["accounts"]
    assert rate[[1, 2, 3]].min() > 3 * rate[[-3, -2, -1, 0, 4, 5, 6]].max()
    assert "No quiet follows" in prose(STEM)
    assert after("after-exit-usual").later >= after("after-exit-usual").usual


def test_two_vips_bring_as_much_as_eighty_small_households_and_all_can_be_called() -> None:
    assert "Two canteens or offices on a round of 200 bring as much as some eighty small" in prose(STEM)
    each = after("pyramid").tiers["revenue"] / after("pyramid").tiers["accounts"]
    assert is_about(2 * each["VIP"] / each["small"], 80)
    share = after("pyramid").tiers["accounts"]["VIP"] / after("pyramid").tiers["accounts"].sum()
    assert round(200 * share) == 2
    assert "The dairy has *their* telephone numbers" in prose(STEM)
    vips = load("hailang.subscribers").query("tier_true == 'VIP'")
    assert set(vips["type"]) == {"institution"}
    assert vips["phone_known_to_firm"].all()


def test_on_compact_routes_more_stay_and_most_are_trained_and_half_of_the_effect_is_left() -> None:
    assert "about half of the effect is left" in prose(STEM)
    gone, months = by_grade()
    assert is_about((1 - within_grades()) / fewer(after("training").trained), 1 / 2)
    assert "more accounts stay anyhow, *and* most people are trained" in prose(STEM)
    untrained = gone[0] / months[0]
    assert untrained["compact"] < untrained["mixed"] < untrained["scattered"]
    assert months[1]["compact"] > months[0]["compact"]
    assert months[1]["scattered"] < months[0]["scattered"] / 3


def test_where_the_rival_delivers_more_leave_and_boxes_no_longer_fill() -> None:
    assert "Where the rival delivers, more leave and the boxes no longer fill." in prose(STEM)
    year = after("rival-year").quarters.set_index(["rival", "period"])
    assert year["leave"][1, "the year after"] > 1.5 * year["leave"][1, "three months before"]
    assert year["joined per lost"][1, "the year after"] < 1 / 2
    assert "outside the rival's zones the waiting list took each box within a month" in prose(STEM)
    elsewhere = rounds().query("rival_entry_month.isna()", engine="python")
    year = elsewhere[elsewhere["month"].astype(str) >= "1998-10"]
    assert (year["boxes"] == year["accounts"]).all()


def test_a_core_product_halves_in_more_years_than_the_books_have() -> None:
    assert "so long that three years hardly measure it" in prose(STEM)
    assert half_life_of(after("decay"), "yogurt") > 36


def test_each_launch_took_its_share_from_the_functional_series_and_added_nothing() -> None:
    assert (
        "In the month of each launch the share of the 双叉 series, which earns most, fell by three to five "
        "points, those of the other families by one at most." in prose(STEM)
    )
    sold = load("hailang.sku_monthly").merge(load("hailang.products"), on="sku")
    sums = sold.groupby([sold["month"].astype(str), sold["family"].astype(str)])["bottles"].sum().unstack()
    change = 100 * sums.div(sums.sum(axis=1), axis=0).drop(columns="hyped").diff()
    starts = load("hailang.products").query("concept_hype == 1")["launch_month"].astype(str)
    falls = -change.loc[starts]
    assert [round(falls["functional"].min()), round(falls["functional"].max())] == [3, 5]
    assert falls.drop(columns="functional").max(axis=None) < 1
    assert after("products").products["family"][0] == "functional"  # the largest contribution
    assert "none of the three added bottles" in prose(STEM)


def test_three_in_four_left_as_some_always_do() -> None:
    assert "Three in four left as some always do" in prose(STEM)
    cells = after("causes")
    assert is_about(cells.as_usual / cells.kinds["gone"].sum(), 3 / 4)


def test_the_line_costs_more_than_a_quarter_of_the_profit_and_most_of_it_is_cash() -> None:
    assert "It already costs more than a quarter of the profit, most of it in cash." in prose(STEM)
    cells = after("bill")
    assert 1 / 4 < cells.line / cells.profit < 1 / 3
    assert cells.cash > 0.8 * cells.line


def test_most_empty_boxes_were_on_rounds_where_nobody_had_quit() -> None:
    assert "Most boxes that are empty in those zones were on rounds where nobody had quit" in prose(STEM)
    table = rounds().dropna(subset="rival_entry_month")
    year = table[table["month"].astype(str) >= "1998-10"]
    quit_there = year.groupby("route_id")["after_exit"].max()
    now = year[year["month"].astype(str) == "1999-09"].set_index("route_id")
    empty = now["boxes"] - now["accounts"]
    assert empty[quit_there == 0].sum() > empty.sum() / 2
    share = empty.groupby(quit_there).sum() / now["boxes"].groupby(quit_there).sum()
    assert share[1] > 1.3 * share[0]


def test_the_minutes_of_the_parts_add_up_to_those_of_the_chapter() -> None:
    assert "*Time:* about 75 minutes" in prose(STEM)
    parts = prose(STEM).partition("**Minutes.**")[2].partition(". In two sessions")[0]
    assert sum(int(part.split()[-1]) for part in parts.split("·")) == 75


def test_the_exercise_takes_as_long_as_the_chapter_says_and_no_less_than_its_questions() -> None:
    assert "about 110 minutes" in exercise("exercises")
    assert "and 110 more for [the exercise]" in prose(STEM)
    questions = key.topics()["diagnosis"]
    assert 5 <= 110 - sum(key.entry(each).minutes for each in questions) <= 15


def test_the_exercise_describes_its_data_right() -> None:
    text = exercise("exercises")
    assert "365 days" in text
    sales = load("hailang.sales_monthly")
    days = sales.groupby(sales["month"].astype(str))["days"].first()
    assert days["1996-10":"1997-09"].sum() == days["1998-10":"1999-09"].sum() == 365
    assert "Take all 36 months and all 400 routes" in text
    table = load("hailang.route_months")
    assert (table["month"].nunique(), table["route_id"].nunique()) == (36, 400)
    assert "(that is their `sku`)" in text
    hyped = load("hailang.products").query("concept_hype == 1")
    assert sorted(hyped["sku"]) == ["H1", "H2", "H3"]
    months = load("hailang.sku_monthly").groupby("sku", observed=True).size()
    assert months[["H1", "H2", "H3"]].min() >= 18
    assert "worth 160 yuan" in text
    assert is_about(after("price").each, 160)


def test_the_rubric_of_the_page_adds_up_and_the_model_page_fits() -> None:
    text = exercise("exercises")
    criteria = text.partition("Your instructor marks this one, out of 10:")[2].partition("\n")[0]
    assert sum(map(int, re.findall(r"\((\d+)\)", criteria))) == 10
    assert "at most 300 words" in text
    assert len(memo().split()) <= 300


def test_the_model_page_states_what_the_books_give() -> None:
    page = memo()
    assert f"the {after('setup').gone['gone'][0] / 1_000:.0f},000 accounts that left last year" in page
    cash = load("hailang.payments").query("channel == 'carrier cash'")
    assert f"{1 - cash['paid'].sum() / cash['due'].sum():.1%} of what delivery people collect" in page
    assert f"the dairy can call {callable_homes():.0%} of its households" in page
    quiet = rounds()
    entry = quiet["rival_entry_month"].astype(str).where(quiet["rival_entry_month"].notna(), "9999-12")
    sums = quiet[quiet["month"].astype(str) < entry].groupby("after_exit")[["left", "accounts"]].sum()
    found = channel.rate_ratio(*sums.loc[1], *sums.loc[0])
    assert f"accounts leave {found.ratio:.1f} times as often" in page
    assert f"(95% interval {found.low:.1f} to {found.high:.1f}," in page
    assert f"Training seems to help by {fewer(after('training').trained):.0%}" in page
    assert f"within grades of route it is {1 - within_grades():.0%}." in page
    assert f"Missing cash, {after('cash').cash / 1e6:.1f} million yuan a year" in page
    assert f"give or take {1.96 * after('cash').error / 1e6:.1f}" in page
    bill = after("bill")
    assert f"after exits, about {bill.bill['boxes empty after exits'] / 1e6:.1f} million" in page
    assert f"of a profit of {bill.profit / 1e6:.2f} million" in page
    assert f"in all zones that would be {after('everywhere').everywhere / 1e6:.1f} million" in page
    assert "a fifth of the boxes is empty after a year" in page
    there = rounds().dropna(subset="rival_entry_month").query("month == '1999-09'")
    assert is_about(1 - there["accounts"].sum() / there["boxes"].sum(), 1 / 5)
