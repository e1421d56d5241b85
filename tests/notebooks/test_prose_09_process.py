"""Numbers that chapter 09 and its exercise state are those that the models, data and widgets give."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from prose import CHAPTERS, in_tex, in_words, is_about, prose, run

from crmkit import load
from crmkit.exercise import key
from crmkit.models import control, costing, experiment, project, value
from crmkit.widgets import process as play
from crmkit.widgets.widget import Widget

STEM = "09-process"
REMINDER = value.difference_in_proportions(80, 400, 110, 400)
SCORE = control.net_promoter_score(48, 32, 20)
MINUTE = costing.capacity_cost_rate(16_000, 64_000)
IDLE = costing.capacity_use(16_000, 64_000, 50_000).unused_cost
USUAL = control.p_chart_limits(0.04, 400)
PLAN = project.schedule(
    [
        project.Task("choose", 5),
        project.Task("clean", 7),
        project.Task("configure", 6, ("choose",)),
        project.Task("move", 2, ("clean", "configure")),
    ]
)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def exercise(folder: str) -> str:
    """Return what the exercise, or its solution, says between its code cells."""
    book = nbformat.read(CHAPTERS.parent / folder / f"{STEM}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def with_delay(name: str, weeks: float) -> float:
    """Return the weeks that the dairy's project takes if one of its tasks is late."""
    late = [
        project.Task(one.name, one.duration + weeks * (one.name == name), one.after) for one in play.TASKS
    ]
    return project.project_length(late)


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"$n_0 = 1.96^2\cdot0.25/0.05^2 = {:.1f}$", 1.96**2 * 0.25 / 0.05**2),
        ("so {}.", control.survey_sample_size(0.05)),
        (r"Then $\bar p={:.4f}$", (80 + 110) / 800),
        (r"\cdot0.7625/400}}={:.4f}$", REMINDER.difference / REMINDER.z),
        ("and $z=0.075/0.0301={:.2f}$", REMINDER.z),
        (r"[1.96\cdot{:.4f}+0.842", math.sqrt(2 * 0.225 * 0.775)),
        (r"+0.842\cdot{:.4f}]^2/0.05^2", math.sqrt(0.20 * 0.80 + 0.25 * 0.75)),
        ("/0.05^2 = {}$", in_tex(experiment.sample_size_per_arm(0.20, 0.25))),
        ("for 48 promoters and 20 detractors in 100: NPS is {:.0f}", SCORE.score),
        ("(0.68-0.28^2)/100}} = {:.1f}$", SCORE.standard_error),
        ("so 28 give or take {:.0f}", SCORE.high - SCORE.score),
        ("can work 64,000 minutes, {:.2f} yuan each", MINUTE),
        ("a complaint of 20 minutes costs {:.0f} yuan", 20 * MINUTE),
        ("take 50,000 minutes, {:,.0f} are unused", IDLE / MINUTE),
        ("and their {:,.0f} yuan are *no customer's cost*", IDLE),
        (r"$0.04\pm3\cdot{:.4f}$", (USUAL.upper - 0.04) / 3),
        ("from {:.1%} to", USUAL.lower),
        ("to {:.1%}. A point outside", USUAL.upper),
        ("$100+{:.1f}+45.4=193$", 50 / 1.05),
        ("+{:.1f}=193$", 50 / 1.05**2),
        ("45.4={:.0f}$", costing.total_cost_of_ownership(100, [50, 50], 0.05)),
        (r"It starts in week $\max(7,\ 5+6) = {:.0f}$", PLAN.loc["move", "earliest_start"]),
        ("cleaning has {:.0f} weeks of slack", PLAN.loc["clean", "slack"]),
        ("about {} times in a thousand points", in_words(1000 * math.erfc(3 / math.sqrt(2)))),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("Spread {:,.0f} yuan over all bottles", "setup", lambda c: c.timed["cost"].sum()),
        ("All {:.0f} VIPs were in it", "detectable", lambda c: (c.trial["tier"] == "VIP").sum()),
        ("Hailang asked {:,} accounts", "nps-by-lot", lambda c: len(c.survey)),
        ("and {} of them had been given", "nps-by-lot", lambda c: c.survey["extra_service"].sum()),
        ("In October 1998, {:.1%} of accounts complained", "p-chart", lambda c: c.shares["1998-10"]),
        ("after {:.1%} in September", "p-chart", lambda c: c.shares["1998-09"]),
        ("No signal in {} months.", "p-chart", lambda c: len(c.served)),
        ("the list of subscribers 1 in {:.0f}", "p-chart", lambda c: 400 / len(c.sampled)),
        ("New Year is {:.0f} weeks away", "setup", lambda _: (31 + 30 + 31) / 7),
        ("wins {} weeks, not four", "decide-date", lambda c: in_words(c.weeks_all - c.weeks_less)),
        ("about one minute in {} of collecting cash", "decide-goal", lambda c: in_words(1 / c.target)),
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
            "set the lift to 4 points and find an arm large enough; then 2 points",
            play.ab_power,
            {"lift": {4, 2}},
        ),
        ("ask 100 customers, then more", play.nps_noise, {"answers": {"100", "400", "1,600"}}),
        (
            "drop the accounts that lose money, first while the staff stays, then when it goes",
            play.whale_curve,
            {"action": {play.DROP, play.DROP_STAFF}},
        ),
        (
            "check 100 deliveries a day; go through the draws with the share back at 4%, then at 6%",
            play.control_chart,
            {"size": {"100"}, "rate": {4, 6}},
        ),
        (
            "compare price tags and totals for 20 and for 100 users; then 10 years",
            play.vendor_cost,
            {"users": {20, 100}, "years": {10}},
        ),
        (
            'let "clean the data" be 3 weeks late, then 6; then "train the staff" by 3',
            play.critical_path,
            {"task": {"clean the data", "train the staff"}, "delay": {3, 6}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert instruction in prose(STEM)
    for slider, steps in values.items():
        assert steps <= set(widget.controls[slider].values)


def test_the_tables_hold_one_route_in_twenty() -> None:
    assert "most tables hold 1 in 20 of its routes" in prose(STEM)
    assert load("hailang.routes")["in_sample"].mean() == 1 / 20


def test_peaks_of_demand_are_the_dairys_own_discounts() -> None:
    assert "In all other months small households want the same within one per cent or so" in prose(STEM)
    cells = after("season")
    peaks = set(cells.above[cells.above > 0.05].index)
    assert peaks == {start[:7] for start in cells.discounts.index}
    assert {peak[5:] for peak in peaks} == {"03", "07", "11"}
    assert cells.others.abs().max() < 0.015
    one_year = [cells.per_day[month] for month in ("1998-09", "1999-09")]
    assert one_year[1] / one_year[0] == pytest.approx(1, abs=0.01)
    assert cells.growth["1999-09"] < 0.98 * cells.growth["1998-09"]


def test_the_trial_with_vips_could_only_have_found_nine_points() -> None:
    assert "A trial that can only find a rise of nine points" in prose(STEM)
    vips = after("detectable").trial.query("tier == 'VIP' and treated == 0")["responded"]
    assert round(100 * experiment.smallest_detectable_rise(vips.mean(), len(vips))) == 9


def test_an_extra_service_moves_the_score_by_some_25_points_and_intentions_but_not_orders() -> None:
    assert "Extra service moved the score by some 25 points" in prose(STEM)
    assert "a score can move by 25 points" in prose(STEM)
    answers = after("nps-by-lot").survey
    kinds = 100 * (answers["nps"] >= 9) - 100 * (answers["nps"] <= 6)
    assert is_about(kinds.groupby(answers["extra_service"]).mean().diff()[1], 25)
    cells = after("service-and-orders")
    reach = 1.96 * cells.error
    assert cells.rise["intended"] > reach["intended"]
    assert abs(cells.rise["ordered"]) < reach["ordered"]
    assert cells.rise["intended"] > cells.rise["ordered"] + reach["ordered"]
    assert "they announce more than twice what they order anyway" in prose(STEM)
    assert 2 < cells.both["intended"].mean() / cells.both["ordered"].mean() < 2.5


def test_spread_over_bottles_every_account_earns_money() -> None:
    assert "every account earns money, because every bottle does" in prose(STEM)
    cells = after("whale")
    assert (cells.per_bottle > cells.spread).all()


def test_three_accounts_in_ten_lose_and_minutes_at_the_door_cost_most() -> None:
    assert "mostly minutes at the door, then the collecting of cash" in prose(STEM)
    assert "Complaints and visits differ most, relatively, but weigh less" in prose(STEM)
    assert round(10 * (after("whale").profit < 0).mean()) == 3  # the title of the figure
    cells = after("losers")
    extra = cells.by_activity["lose"] - cells.by_activity["earn"]
    assert extra.nlargest(2).index.tolist() == ["doorstep delivery", "cash collection"]
    times = cells.by_activity["times"].nlargest(2).index
    assert set(times) == {"complaint handling", "account visits"}
    assert cells.sold["bottles"][cells.loses].mean() < cells.sold["bottles"][~cells.loses].mean()


def test_no_month_signals_and_the_months_named_are_among_them() -> None:
    cells = after("p-chart")
    assert not (cells.chart.out_of_control | cells.runs).any()
    assert {"1997-01", "1998-10"} <= set(cells.served.index)


def test_late_and_short_milk_are_more_than_half_of_the_complaints() -> None:
    assert "Late and short milk make up more than half." in prose(STEM)
    cells = after("pareto")
    assert cells.kinds.index[:2].tolist() == ["late", "short"]
    assert cells.kinds["so far"].iloc[1] > 1 / 2
    among_kinds = cells.kinds["mean"].max() - cells.kinds["mean"].min()
    assert among_kinds < 1 / 4 * (cells.heard[1] - cells.heard[0])


def test_put_right_in_a_day_one_point_fewer_leave_but_more_of_all_who_complain() -> None:
    assert "one point fewer leave" in prose(STEM)
    cells = after("paradox-result")
    assert round(100 * cells.gap.difference) == -1
    assert cells.gap.high < 0
    assert cells.all_cases["sum"] / cells.all_cases["size"] > cells.quiet["mean"]


def test_the_dairy_knows_hardly_any_telephone_number_and_one_line_in_twenty_of_the_trial() -> None:
    assert "the dairy has hardly any" in prose(STEM)
    cells = after("schema")
    assert cells.homes["phone_known_to_firm"].mean() < 0.1
    customers = load("hailang.promo_assign")["account_id"].isin(cells.known["account_id"])
    assert is_about(customers.mean(), 1 / 20)


def test_one_false_alarm_a_day_on_400_routes() -> None:
    assert "on 400 routes with a chart each, that is about one false alarm *every day*" in prose(STEM)
    routes = len(load("hailang.routes"))
    assert routes == 400
    assert is_about(routes * math.erfc(3 / math.sqrt(2)), 1)


def test_half_the_lift_takes_nearly_four_times_as_many_and_ten_points_more_than_400_answers() -> None:
    base = play.ab_power.start["base"] / 100
    sizes = [experiment.sample_size_per_arm(base, base + lift) for lift in (0.04, 0.02)]
    assert is_about(sizes[1] / sizes[0], 4)
    start = play.nps_noise.start
    shares = [start["promoters"] / 100, start["detractors"] / 100]
    change = {
        n: 1.96 * 100 * math.sqrt(2 * (sum(shares) - (shares[0] - shares[1]) ** 2) / n) for n in (400, 1600)
    }
    assert change[1600] < 10 < change[400]


def test_three_weeks_cost_nothing_in_one_task_and_a_week_in_the_other() -> None:
    assert "*Why do three weeks cost nothing in one task and a week in the other?*" in prose(STEM)
    planned = project.project_length(play.TASKS)
    assert [with_delay(name, 3) - planned for name in ("clean the data", "train the staff")] == [0, 1]
    assert with_delay("clean the data", 6) > planned


def test_the_lowest_price_tag_is_the_lowest_cost_for_some_numbers_of_users_only() -> None:
    def cheapest(users: float) -> set[str]:
        years = int(play.vendor_cost.start["years"])
        tags = {one.name: one.price_tag(users, years, 0.05) for one in play.SYSTEMS}
        totals = {one.name: one.total(users, years, 0.05) for one in play.SYSTEMS}
        return {min(tags, key=tags.__getitem__), min(totals, key=totals.__getitem__)}

    assert [len(cheapest(users)) for users in (20, 60, 100)] == [2, 2, 1]


def test_training_makes_no_difference_after_half_a_year_but_a_large_one_before() -> None:
    assert "After half a year the two are alike" in prose(STEM)
    assert "from 1% to 6%" in prose(STEM)
    growth = after("adoption-code").diffusion.cumulative_share
    untrained, trained = (growth(np.array([8, 26]), p, 0.25) for p in (0.01, 0.06))
    assert trained[0] > 3 * untrained[0]
    assert is_about(untrained[1], trained[1])


def test_cloud_costs_least_in_all_and_scores_best_though_lite_has_the_lowest_tag() -> None:
    assert '"Cloud" costs least in all and scores best, though "Lite" shows the lowest price' in prose(STEM)
    offers: pd.DataFrame = after("decide-goal").offers
    assert offers["total"].idxmin() == offers["score"].idxmax() == "Cloud"
    assert offers["price tag"].idxmin() == "Lite"


def test_at_new_year_the_system_is_not_even_configured() -> None:
    assert "At that date it is not even configured" in prose(STEM)
    assert after("decide-date").running == ["configure"]
    assert "because training then sets the pace" in prose(STEM)
    assert any("train the staff" in path for path in project.critical_paths(after("decide-date").no_pilot))


def test_twenty_rounds_tell_the_target_from_nothing_but_not_from_half_of_it() -> None:
    assert "Go live on 20 rounds of 400 first" in prose(STEM)
    assert "That tells the target from nothing" in prose(STEM)
    assert "It does not tell it from half the target" in prose(STEM)
    cells = after("decide-test")
    assert cells.rounds <= 20
    reach = 1.96 * math.sqrt(cells.variance / cells.each)
    assert cells.target / 2 < reach < cells.target


def test_the_exercise_takes_as_long_as_the_chapter_says_and_no_less_than_its_questions() -> None:
    assert "about 95 minutes" in exercise("exercises")
    assert "and 95 more for [the exercise]" in prose(STEM)
    questions = key.topics()["process"]
    assert 5 <= 95 - sum(key.entry(each).minutes for each in questions) <= 15


def test_the_exercise_describes_its_data_right() -> None:
    text = exercise("exercises")
    assert "of whom the lot treated half" in text
    assert load("hailang.promo_assign").query("tier == 'small'")["treated"].mean() == 1 / 2
    assert "the dairy's 30 days of September 1999" in text
    assert load("hailang.deliveries_daily")["date"].nunique() == 30
    assert "commission of 0.25 yuan" in text
    assert set(load("hailang.carriers")["commission"]) == {0.25}
    assert "the six cost pools with a capacity" in text
    assert (load("hailang.cost_pools")["practical_capacity"] > 0).sum() == 6


def test_two_surveys_of_100_differ_by_chance_by_what_the_answer_to_the_memo_says() -> None:
    memo = exercise("solutions")
    score = control.net_promoter_score(40, 30, 30)
    change = math.sqrt(2) * score.standard_error
    assert f"the score is {score.score:+.0f}" in memo
    assert f"= {score.standard_error:.1f}$ points" in memo
    assert f"that of a change between two such surveys {change:.1f}" in memo
    assert f"differ by up to {1.96 * change:.0f} points in 95 cases of 100" in memo
    assert f"about ±{1.96 * change:.0f} points: 2" in memo
