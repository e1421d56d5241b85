"""Numbers that the prose of chapter 06 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from prose import (
    CHAPTERS,
    assert_minutes,
    assert_offered,
    in_words,
    is_about,
    is_nearly,
    numbers,
    prose,
    run,
    year_of,
)
from scipy import stats

from crmkit import load
from crmkit.data.hailang import TRUTH
from crmkit.exercise import key
from crmkit.models import segment
from crmkit.widgets import segment as play
from crmkit.widgets.widget import Widget

STEM = "06-segments"
GAPS = [2, 2, 2, 6]  # days between purchases
FOUR = [10, 20, 30, 140]  # yuan of four customers
ALPHA = segment.pareto_alpha(0.25, 0.50)


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def spend_by_month() -> pd.DataFrame:
    """Return what each account that was served all year spent: a row an account, a column a month."""
    year = after("moves").year
    spend = (year["bottles"] * year["price_paid"]).rename("yuan")
    return pd.concat([year, spend], axis=1).pivot(index="account_id", columns="month", values="yuan").dropna()


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"gaps of 2, 2, 2 and 6 days have $\mu = {:.0f}$", np.mean(GAPS)),
        (r"$\mu = 3$ and $\sigma = \sqrt {:.0f}$", np.var(GAPS)),
        ("so $CV = {:.2f}$", segment.coefficient_of_variation(GAPS)),
        (
            "90% of the customers bring 40%, and the other 10% bring 60%. "
            r"$G = 1 - [0.9\,(0.4+0) + 0.1\,(1+0.4)] = {:.2f}$",
            segment.grouped_gini([90, 10], [40, 60]),
        ),
        (r"$\sum i\,x_{{(i)}} = {:.0f}$, so $G = 1400/800 - 5/4", np.arange(1, 5) @ np.sort(FOUR)),
        ("so $G = 1400/800 - 5/4 = {:.2f}$", segment.gini(FOUR)),
        (r"then $\ln s/\ln q = 1/{:.0f}$", 1 / (math.log(0.50) / math.log(0.25))),
        (r"so $\alpha = {:.0f}$, $G = 1/3$", ALPHA),
        ("$G = 1/{:.0f}$, and the top 1%", 1 / segment.pareto_gini(ALPHA)),
        (r"bring $0.01^{{1/2}} = {:.0f}\%$", 100 * segment.pareto_top_share(0.01, ALPHA)),
        (
            r"so $r = 3.5$ and the score is $1 + \lfloor 1.5 \rfloor = {}$",
            segment.quintile_scores([1] * 6 + [*range(2, 6)])[0],
        ),
        ("1% of {:,} accounts is 800", TRUTH.routes * TRUTH.boxes_per_route),
        ("1% of 80,000 accounts is {:.0f}; 1% of 100 is one", segment.PYRAMID["VIP"] * 80_000),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("on the {} routes whose books we have", "setup", lambda c: c.now["route_id"].nunique()),
        ("{} bases (细分依据) are common", "codings", lambda c: in_words(len(c.bases)).capitalize()),
        ("One file, {} codings:", "codings", lambda c: in_words(len(c.bases))),
        ("two of the {} cells would hold everybody", "cells", lambda c: in_words(len(c.high.value_counts()))),
        ("{} dimensions are not two types", "dimensions", lambda c: in_words(c.three.shape[1]).capitalize()),
        ("single accounts of {} routes, September 1999", "tiers", lambda c: c.book["route_id"].nunique()),
        ("all accounts of the dairy in {} tiers, a year", "tiers", lambda c: in_words(len(c.tiers))),
        ("With it, {} lists of 40", "lists", lambda c: in_words(len(c.lists))),
        ("at the {:.2f} yuan a minute of account visits", "service", lambda c: c.per_minute),
        (
            "only the first {} doors repay the hour",
            "stake-figure",
            lambda c: in_words((c.book["stake"] * 12 / 2 > c.visit).sum()),
        ),
        (
            "{} of the 40 are expected to leave in a month",
            "lists",
            lambda c: in_words(c.lists["what can be lost"]["chance"].sum()).capitalize(),
        ),
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
            "let the letter go to the payer, then to the user",
            play.roles_mosaic,
            {"reader": {"payer", "user"}},
        ),
        (
            "step through start A with four segments; then do the same with start C",
            play.k_means_steps,
            {"start": {"A", "C"}, "clusters": {4}},
        ),
        ("raise the VIPs from 15% to 35% of the revenue", play.pyramid_and_lorenz, {"vip": {15, 35}}),
        (
            "leave the rule at 65% and draw six files of 100 customers, then six of 10,000",
            play.pareto_rule,
            {"value_share": {65}, "customers": {"100", "10,000"}, "draw": set(range(1, 7))},
        ),
        ("then test 500 customers instead of 8,000", play.rfm_cells, {"tested": {"500", "8,000"}}),
        (
            "let potential follow value *closely*, then *not at all*",
            play.value_potential,
            {"follows": {"closely", "not at all"}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_minutes_of_the_parts_and_of_the_questions_add_up_to_about_what_the_chapter_says() -> None:
    assert_minutes(STEM, key.topics()["segment"], chapter=75, exercise=80)


def test_institutions_are_few_and_large() -> None:
    assert "The customers who would disappear are canteens, schools and offices: few, and large." in prose(
        STEM
    )
    share = after("narrow").by_type.loc["institution"] / after("narrow").by_type.sum()
    assert share["accounts"] < 1 / 20
    assert share["revenue"] > 5 * share["accounts"]


def test_in_almost_half_of_the_households_somebody_drinks_what_another_pays_for() -> None:
    assert "In almost half of the households" in prose(STEM)
    homes = load("hailang.subscribers").query("type == 'household' and leave_month.isna()")
    assert is_nearly((homes["user"] != homes["payer"]).mean(), 1 / 2)


def test_smith_wrote_in_the_year_that_the_prose_states() -> None:
    assert "against product differentiation in 1956" in prose(STEM)
    assert year_of("smith1956") == 1956


def test_six_things_make_a_segment_useful() -> None:
    (said,) = re.findall(r"what makes one useful \{cite:p\}`wedel2000`: (.+?)\.\n", prose(STEM))
    assert said.count("*") / 2 == 6
    assert "the only one of the six tests that it has passed" in prose(STEM)
    assert "the six criteria decide" in prose(STEM)


def test_spending_power_is_a_third_of_the_accounts_by_usual_bottles() -> None:
    assert "*Spending power* is a third of the accounts: high, medium or low by usual bottles." in prose(STEM)
    accounts = load("hailang.subscribers").set_index("account_id")
    shares = accounts["spend_class"].value_counts(normalize=True)
    assert shares.to_numpy() == pytest.approx([1 / 3] * 3, abs=0.001)
    usual = load("hailang.orders_monthly").groupby("account_id")["bottles"].mean()
    medians = usual.groupby(accounts["spend_class"]).median()
    assert medians["high"] > medians["medium"] > medians["low"]


def test_the_adjusted_rand_index_is_1_for_the_same_people_and_0_on_average_by_chance() -> None:
    assert "1 if they put the same people together, 0 on average if only chance does" in prose(STEM)
    groups = np.repeat([0, 1, 2], [50, 30, 20])
    assert segment.adjusted_rand_index(groups, np.array(["c", "a", "b"])[groups]) == 1
    rng = np.random.default_rng(1)
    by_chance = [segment.adjusted_rand_index(groups, rng.permutation(groups)) for _ in range(400)]
    assert np.mean(by_chance) == pytest.approx(0, abs=0.005)


def test_need_and_timing_overlap_and_spending_power_tells_a_different_story() -> None:
    assert "Need and timing overlap, as they should" in prose(STEM)
    assert "Spending power tells a different story." in prose(STEM)
    file = after("codings").file
    assert segment.adjusted_rand_index(file["need_pattern"], file["timing"]) > 2 / 3
    for base in ("need_pattern", "timing"):
        assert segment.adjusted_rand_index(file["spend_class"], file[base]) < 0.05


def test_a_fixed_rhythm_has_a_cv_of_0_and_purchases_at_random_times_one_near_1() -> None:
    assert "A fixed rhythm has 0; purchases at random times come near 1." in prose(STEM)
    assert segment.coefficient_of_variation([7] * 10) == 0
    times = np.sort(np.random.default_rng(1).uniform(0, 1_000, 2_000))
    assert is_about(segment.coefficient_of_variation(np.diff(times)), 1)


def test_the_three_dimensions_hardly_correlate_and_no_two_cells_hold_everybody() -> None:
    assert "the correlations would be high and two of the eight cells would hold everybody" in prose(STEM)
    cells_of = after("cells")
    correlation = stats.spearmanr(cells_of.three).statistic
    assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 0.2
    assert cells_of.high.value_counts(normalize=True).nlargest(2).sum() < 2 / 3


def test_broad_is_more_than_one_product_and_few_are() -> None:
    assert "(*Broad* here is more than one product in the year; few are.)" in prose(STEM)
    broad = after("cells").high["breadth"]
    assert (broad == (after("cells").three["breadth"] > 1)).all()
    assert broad.mean() < 1 / 10


def test_the_ages_of_the_list_are_those_that_the_prose_names() -> None:
    assert '"young women", "mature women", and "from 40 on". Two have no limits.' in prose(STEM)
    assert "say 18–34 and 30–59:" in prose(STEM)
    ages = {
        name: [age for age in range(120) if is_in(age)] for name, is_in in after("mece").age_groups.items()
    }
    assert [(min(found), max(found)) for found in ages.values()] == [(18, 34), (30, 59), (40, 119)]


def test_k_means_always_finds_as_many_clusters_as_it_is_told_and_centres_are_means() -> None:
    assert "It always finds $k$ clusters, whether there are any or not." in prose(STEM)
    evenly = np.random.default_rng(1).random((300, 2))
    for k in (2, 3, 5):
        found = segment.k_means(evenly, k)
        assert set(found.labels) == set(range(k))
        means = [evenly[found.labels == cluster].mean(axis=0) for cluster in range(k)]
        assert found.centres == pytest.approx(np.array(means))


def test_another_column_gives_other_clusters() -> None:
    assert "Another column, other clusters." in prose(STEM)
    file = after("codings").file
    one, two = (
        segment.k_means(stats.zscore(file[columns]), 3).labels
        for columns in (["gap_cv"], ["gap_cv", "purchases"])
    )
    assert segment.adjusted_rand_index(one, two) < 1 / 2


def test_with_four_segments_start_c_ends_far_worse_than_start_a() -> None:
    def ends(start: str) -> list[float]:
        pattern = r"add up to ([\d.]+); the best of 50 starts ends at ([\d.]+)\."
        return numbers(pattern, play.k_means_steps, start=start, clusters=4, step=7)

    assert ends("A")[0] == ends("A")[1]
    assert ends("C")[0] > 3 * ends("C")[1]


def test_the_pyramid_is_cut_at_the_shares_that_the_prose_names() -> None:
    assert "by revenue and cut at 1%, 5% and 20%: top, large, medium and small" in prose(STEM)
    assert "1% VIPs (VIP客户), 4% major (主要客户), 15% ordinary (普通客户) and 80% small" in prose(STEM)
    assert [round(100 * share) for share in segment.PYRAMID.values()] == [1, 4, 15, 80]
    assert np.cumsum([*segment.PYRAMID.values()])[:3] == pytest.approx([0.01, 0.05, 0.20])
    tiers = after("tiers").tiers["accounts"]
    assert (tiers / tiers.sum()).to_dict() == pytest.approx(segment.PYRAMID, abs=0.001)


def test_the_gini_coefficient_is_twice_the_area_between_the_curve_and_the_diagonal() -> None:
    assert "is twice the area between it and the diagonal" in prose(STEM)
    shares = np.linspace(0, 1, 10_001)
    curve = np.interp(shares, [0, 0.25, 0.5, 0.75, 1], np.cumsum([0, *FOUR]) / sum(FOUR))
    assert 2 * np.trapezoid(shares - curve, shares) == pytest.approx(segment.gini(FOUR), abs=1e-6)


def test_the_gini_between_tiers_is_a_lower_bound() -> None:
    assert "It is a lower bound: within the tiers accounts differ, too." in prose(STEM)
    book = after("narrow").book
    tiers = book.groupby("tier_true")["revenue"].agg(["size", "sum"])
    assert segment.grouped_gini(tiers["size"], tiers["sum"]) < segment.gini(book["revenue"]) - 0.05


def test_longer_periods_even_out_a_lucky_month() -> None:
    assert "Longer periods even out a lucky month." in prose(STEM)
    spend = spend_by_month()
    months = [segment.gini(spend[month]) for month in spend]
    assert len(months) == 12
    assert segment.gini(spend.sum(axis=1)) < min(months)


def test_more_for_the_vips_makes_one_of_them_outweigh_more_small_customers() -> None:
    pattern = r"one VIP brings as much as (\d+) small customers"
    outweighs = [
        [
            numbers(pattern, play.pyramid_and_lorenz, vip=vip, major=major, ordinary=ordinary)[0]
            for major in play.pyramid_and_lorenz.controls["major"].values
            for ordinary in play.pyramid_and_lorenz.controls["ordinary"].values
        ]
        for vip in (15, 35)
    ]
    assert min(outweighs[0]) < min(outweighs[1])
    assert max(outweighs[0]) < max(outweighs[1])


def test_the_rule_of_pareto_is_that_of_his_distribution() -> None:
    assert r"s(q) = q^{\,1-1/\alpha}, \qquad G = \frac{1}{2\alpha - 1}." in prose(STEM)
    spend = stats.pareto(2.5).isf((np.arange(400_000) + 0.5) / 400_000)
    for top in (0.01, 0.2):
        assert segment.top_share(spend, top) == pytest.approx(top ** (1 - 1 / 2.5), rel=0.01)
    assert segment.gini(spend) == pytest.approx(1 / (2 * 2.5 - 1), rel=0.01)


def test_the_rule_makes_the_top_of_this_dairy_far_too_steep() -> None:
    assert "It does not: the rule makes the top of this dairy far too steep." in prose(STEM)
    revenue = np.sort(after("narrow").book["revenue"])[::-1]
    fifth, hundredth = (
        revenue[: round(share * len(revenue))].sum() / revenue.sum() for share in (0.20, 0.01)
    )
    assert segment.pareto_top_share(0.01, segment.pareto_alpha(0.20, fifth)) > 1.5 * hundredth


def test_a_small_file_may_be_far_off_although_the_rule_is_true() -> None:
    pattern = r"shows ([\d.]+)% for its top 20%"
    seen = {
        size: [numbers(pattern, play.pareto_rule, customers=size, draw=draw)[0] for draw in range(1, 7)]
        for size in ("100", "10,000")
    }
    assert play.pareto_rule.start["value_share"] == 65
    off = {size: np.abs(np.array(shares) - 65).max() for size, shares in seen.items()}
    assert off["100"] > 10 > off["10,000"]


def test_the_exercise_measures_a_real_shop_and_asks_which_tiers_to_visit() -> None:
    assert "ranks all accounts by spend and by profit, and asks which tiers to visit" in prose(STEM)
    assert {"changes", "visit"} <= set(key.topics()["segment"]["segment-q8"].form.names)
    assert "[The exercise](../exercises/06-segments.ipynb) measures a real shop." in prose(STEM)
    exercise = nbformat.read(CHAPTERS.parent / f"exercises/{STEM}.ipynb", as_version=4)
    assert any('load("real.cdnow")' in cell.source for cell in exercise.cells if cell.cell_type == "code")


def test_of_ten_customers_the_six_who_bought_once_share_a_2_and_nobody_has_a_1() -> None:
    assert "six of ten customers bought once. They share ranks 1 to 6, so $r = 3.5$" in prose(STEM)
    counts = [1] * 6 + [2, 3, 4, 5]
    assert stats.rankdata(counts)[0] == 3.5
    scores = segment.quintile_scores(counts)
    assert (set(scores[:6]), scores.min()) == ({2}, 2)


def test_five_equal_groups_at_any_price_give_those_who_bought_once_a_1_a_2_or_a_3() -> None:
    assert "would give some who bought once a 1 and others a 2 or a 3" in prose(STEM)
    first = load("real.cdnow").groupby("customer_id")["date"].min()
    assert set(first.str[:7]) == {"1997-01", "1997-02", "1997-03"}, "all first bought in early 1997"
    counts = after("cdnow").counts
    by_place = pd.qcut(counts.rank(method="first"), 5, labels=range(1, 6))
    assert set(by_place[counts == 1]) == {1, 2, 3}
    assert len(set(segment.quintile_scores(counts)[counts == 1])) == 1


def test_those_who_leave_look_as_fresh_as_those_who_stay() -> None:
    assert "Up to the last delivery those who leave look as fresh as those who stay." in prose(STEM)
    last = load("hailang.deliveries_daily").groupby("account_id")["date"].max() >= "1999-09-28"
    leaves = load("hailang.subscribers").set_index("account_id")["leave_month"] == "1999-09"
    fresh = last.groupby(leaves.reindex(last.index)).mean()
    assert fresh[True] >= fresh[False] > 0.95


def test_a_dearer_letter_leaves_fewer_cells_and_a_small_test_chooses_worse() -> None:
    def tested(size: str, cost: float) -> list[float]:
        return numbers(
            r"frequency (\d+) reach it .* earns ([\d-]+) yuan in", play.rfm_cells, tested=size, cost=cost
        )

    costs = play.rfm_cells.controls["cost"].values
    chosen = [tested("8,000", cost)[0] for cost in costs]
    assert chosen == sorted(chosen, reverse=True)
    assert chosen[0] > 2 * chosen[-1]
    assert all(tested("500", cost)[1] < tested("8,000", cost)[1] for cost in costs)


def test_a_small_accounts_minutes_take_almost_all_of_its_contribution() -> None:
    assert (
        "its minutes take almost all of it: about half at the door, most of the rest for the collector"
        in (prose(STEM))
    )
    cells_of = after("profit-tiers")
    small = cells_of.book["tier_true"] == "small"
    cost = (
        cells_of.minutes.reindex(cells_of.book.index[small]).fillna(0)[cells_of.rates.index] * cells_of.rates
    )
    assert is_nearly(cost.sum(axis=1).mean(), cells_of.book.loc[small, "contribution"].mean())
    share = cost.sum() / cost.to_numpy().sum()
    assert is_about(share["doorstep delivery"], 1 / 2)
    assert share["cash collection"] + share["bottle return"] > (1 - share["doorstep delivery"]) / 2


def test_half_the_minutes_would_turn_about_a_third_of_the_losing_accounts_round() -> None:
    assert "half the minutes would turn about a third of these accounts round" in prose(STEM)
    book = after("profit").book
    losing = book[book["profit"] < 0]
    assert is_about((losing["contribution"] >= (losing["contribution"] - losing["profit"]) / 2).mean(), 1 / 3)


def test_a_vip_pays_for_an_hour_a_month_and_a_small_account_for_next_to_nothing() -> None:
    assert "| VIP | Customised: own contact, delivery times by agreement, a visit each month |" in prose(STEM)
    left = after("service").left
    assert left["VIP"] > 60
    assert left["small"] < 2


def test_canteens_mean_to_order_about_as_many_bottles_as_a_household() -> None:
    assert "Canteens that take well over a hundred bottles a week" in prose(STEM)
    asked = after("intention").asked
    canteens = asked[(asked["type"] == "institution") & (asked["tier_true"] == "VIP")]
    homes = asked[asked["type"] == "household"]
    assert canteens["bottles a week"].mean() > 1.5 * 100
    assert is_about(canteens["intended_bottles"].mean(), homes["intended_bottles"].mean())


def test_the_largest_part_of_the_potential_is_in_serve_simply_at_under_two_yuan_a_door() -> None:
    assert "is in *serve simply*, at under two yuan a door" in prose(STEM)
    assert "The limits, 20 and 10 yuan, are ours" in prose(STEM)
    cells_of = after("matrix")
    low_value, low_potential = cells_of.book["profit"] < 20, cells_of.potential < 10
    there = cells_of.potential[low_value & low_potential]
    for other in (low_value & ~low_potential, ~low_value & low_potential, ~low_value & ~low_potential):
        assert cells_of.potential[other].sum() < there.sum()
    assert there.mean() < 2


def test_where_potential_follows_value_a_ranking_by_value_overlooks_little() -> None:
    overlooked = {
        follows: numbers(r"holds (\d+)% of all potential", play.value_potential, follows=follows)[0]
        for follows in ("closely", "not at all")
    }
    assert overlooked["closely"] < 10 < 30 < overlooked["not at all"]


def test_whoever_orders_on_each_working_day_looks_more_irregular_than_the_irregular() -> None:
    assert "gaps of 1, 1, 1, 1 and 3 days" in prose(STEM)
    assert "More irregular than the irregular." in prose(STEM)
    working_days = pd.bdate_range("1999-09-06", "1999-09-13").diff()[1:].days
    assert working_days.tolist() == [1, 1, 1, 1, 3]
    file = after("codings").file
    irregular = file.query("need_pattern == 'irregular'")["gap_cv"].mean()
    assert segment.coefficient_of_variation(working_days) > irregular


def test_those_who_are_called_random_and_are_not_are_canteens_and_offices() -> None:
    assert "those wrongly called random are all canteens and offices" in prose(STEM)
    file = after("codings").file
    wrongly = file.query("timing == 'random' and need_pattern != 'irregular'")
    assert set(wrongly["type"]) == {"institution"}
    assert wrongly["revenue"].mean() > 5 * file["revenue"].mean(), "where the money is"


def test_moves_between_tiers_are_nearly_all_chance() -> None:
    assert "Much of this is chance (in this simulation, nearly all)." in prose(STEM)
    cells_of = after("moves")
    usual = spend_by_month().mean(axis=1).to_numpy()
    noise = np.random.default_rng(1).normal(0, TRUTH.account_noise_sd, (20, 2, len(usual)))
    by_chance = [segment.tier_changes(*(usual * np.exp(two))) for two in noise]
    assert np.mean(by_chance) / len(usual) == pytest.approx(cells_of.moved / len(cells_of.both), rel=0.15)


def test_many_change_back_by_themselves_and_several_months_rank_more_steadily() -> None:
    assert "Many will change back by themselves" in prose(STEM)
    assert "Rank by several months." in prose(STEM)
    spend = spend_by_month()
    july, august, september = (segment.assign_tiers(spend[f"1999-0{month}"]) for month in (7, 8, 9))
    moved = july != august
    assert is_about((september[moved] == july[moved]).mean(), 1 / 2)
    spring, summer = (spend.iloc[:, months].sum(axis=1) for months in (slice(6, 9), slice(9, 12)))
    assert segment.tier_changes(spring, summer) < (august != september).sum()


def test_inactive_customers_make_the_pyramid_look_steeper_and_losing_the_best_lowers_the_gini() -> None:
    assert "Count the inactive as customers, and the pyramid looks steeper." in prose(STEM)
    assert "it falls when the best leave" in prose(STEM)
    revenue = np.sort(after("narrow").book["revenue"])
    gone = np.zeros(len(load("hailang.subscribers")) - len(revenue))
    assert segment.gini(np.concatenate([gone, revenue])) > segment.gini(revenue)
    assert segment.gini(revenue[:-37]) < segment.gini(revenue)


def test_most_households_are_small_customers() -> None:
    assert '"Small" customers are most of your neighbours.' in prose(STEM)
    homes = after("roles").homes
    assert (homes["tier_true"] == "small").mean() > 3 / 4


def test_the_complaints_desk_would_go_to_doors_with_little_to_lose() -> None:
    assert "Chance alone is far worse than either, for it sends the team to doors with nothing to lose." in (
        prose(STEM)
    )
    cells_of = after("lists")
    likely = 40 * cells_of.likely["stake"].mean()
    assert cells_of.likely["chance"].min() > 3 * cells_of.book["chance"].median()
    assert likely < cells_of.summary.loc["at stake", ["spend", "profit"]].min() / 5
    assert cells_of.summary.loc["at stake"].idxmax() == "what can be lost"


def test_spend_and_profit_name_almost_the_same_40_and_differ_among_the_small() -> None:
    assert "Spend and profit name almost the same 40" in prose(STEM)
    assert "matters among the small accounts, not here" in prose(STEM)
    book = after("lists").book
    spend, profit = (set(book.nlargest(40, by).index) for by in ("revenue", "profit"))
    assert is_nearly(len(spend & profit), 40)
    agree = {
        tier: stats.spearmanr(book.query("tier_true == @tier")[["revenue", "profit"]]).statistic
        for tier in ("VIP", "small")
    }
    assert agree["small"] < 0.6 < 0.9 < agree["VIP"]
    assert "at the top of this dairy large *is* profitable" in prose(STEM)
    assert (book.loc[list(spend | profit), "profit"] > 0).all()


def test_the_one_door_is_a_vip_on_the_route_whose_delivery_person_left_in_july() -> None:
    assert "to one door:** a canteen or office of the VIP tier" in prose(STEM)
    assert "on the route whose delivery person left in July" in prose(STEM)
    first = after("lists").lists["what can be lost"].iloc[0]
    assert (first["tier_true"], first["type"]) == ("VIP", "institution")
    left = load("hailang.carriers").merge(load("hailang.routes").query("in_sample == 1"), on="route_id")
    late = left.query("exit_month >= '1999-07'")
    assert late[["route_id", "exit_month"]].to_numpy().tolist() == [[first["route_id"], "1999-07"]]


def test_the_risk_after_an_exit_in_july_will_have_passed_by_november() -> None:
    assert "On that route the risk is highest now and will have passed by November" in prose(STEM)
    assert after("stake").book["chance"].idxmax() in after("likely").likely.index
    exits = load("hailang.carriers").query("exit_month == '1998-07'")[["route_id"]]
    months = load("hailang.route_months").merge(exits, on="route_id")
    risky = months.groupby("month")["after_exit"].mean()
    assert risky["1998-08":"1998-10"].tolist() == [1, 1, 1]
    assert risky["1998-11"] < 1 / 4, "but for those whose next delivery person has left, too"


def test_the_list_goes_on_with_the_rivals_zones_other_vips_and_households_of_that_route() -> None:
    assert (
        "Then to the VIPs in the rival's zones, the other large VIPs, and the ordinary households"
        in prose(STEM)
    )
    cells_of = after("who")
    listed = cells_of.lists["what can be lost"].iloc[1:]
    others = cells_of.book.query("tier_true == 'VIP'").drop(cells_of.first.index[0])
    threatened = others[others["zone_id"].map(cells_of.entry).notna()]
    assert set(threatened.index) <= set(listed.index)
    there = listed[cells_of.after_exit[listed.index] == 1]
    ordinary = there.query("tier_true == 'ordinary' and type == 'household'")
    assert is_nearly(len(ordinary), len(there))
    assert len(ordinary) + (listed["tier_true"] == "VIP").sum() >= len(listed) - 2


def test_a_spend_list_has_that_door_among_the_others_and_none_of_those_households() -> None:
    assert "found that first door, too, but among the others; and it has none of those households" in prose(
        STEM
    )
    cells_of = after("who")
    on_the_route = cells_of.lists["spend"].index[cells_of.after_exit[cells_of.lists["spend"].index] == 1]
    assert on_the_route.tolist() == [cells_of.first.index[0]]
    assert cells_of.lists["spend"].index.get_loc(on_the_route[0]) > 5


def test_the_visits_must_save_two_fifths_of_what_is_at_stake_or_45_per_cent() -> None:
    assert "Let a visit take an hour with the way" in prose(STEM)
    assert (
        "must save **two fifths** of what is at stake, and about 45% if one goes by spend or by profit"
        in (prose(STEM))
    )
    lists = after("lists").lists
    need = {name: 40 * 60 * 0.30 / (12 * chosen["stake"].sum()) for name, chosen in lists.items()}
    assert need["what can be lost"] == pytest.approx(2 / 5, abs=0.01)
    assert [need["spend"], need["profit"]] == pytest.approx([0.45] * 2, abs=0.01)


def test_no_small_account_repays_a_visit_even_if_it_kept_every_one() -> None:
    assert "No small account does, even if a visit kept every one" in prose(STEM)
    cells_of = after("needed")
    assert 12 * cells_of.book.query("tier_true == 'small'")["stake"].max() < cells_of.visit == 60 * 0.30


def test_half_a_year_compares_a_thousand_accounts_with_a_thousand() -> None:
    assert "Half a year of them, with more routes, compares a thousand accounts with a thousand." in prose(
        STEM
    )
    (a_week,) = re.findall(r"visit customers: (\d+) visits a week", prose(STEM))
    (drawn, visited) = re.findall(r"take the next (\d+) of the list, visit (\d+)", prose(STEM))[0]
    assert int(a_week) == int(visited) == int(drawn) / 2
    assert is_about(26 * int(visited), 1_000)


def test_the_four_kinds_of_buyers_are_two_bases_that_cross() -> None:
    assert "Some texts sort buyers into four kinds: bulk, odd-lot, regular and random" in prose(STEM)
    table = pd.crosstab(after("codings").file["size"], after("codings").file["timing"])
    assert [*table.index, *table.columns[::-1]] == ["bulk", "odd-lot", "regular", "random"]
    assert (table > 0).all(axis=None)
