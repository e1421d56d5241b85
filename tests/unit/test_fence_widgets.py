"""The six widgets of the fence chapter: their captions' numbers, their findings and the edge settings."""

import re

import numpy as np
import pytest
from widget_checks import corners, headline, sample

from crmkit import quick
from crmkit.models import fence
from crmkit.widgets import fence as chapter
from crmkit.widgets import find

NAMES = ("fence_worth", "trial_by_route", "second_path", "roadmap", "benefit_or_trap", "uplift_targeting")
WIDGETS = [find(f"fence.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


def numbers(text):
    return [
        float(found.replace(",", "").replace("−", "-"))
        for found in re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", text)
    ]


@each_widget
def test_a_widget_has_30_to_60_frames(widget):
    assert 30 <= len(list(widget.frames())) <= 60


# The first captions, by hand


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 0.35 · 2.5 · 365 / 12 = 26.61; 0.10 · 0.15 = 1.5%; 0.015 · 26.61 · 12 = 4.79
        (chapter.fence_worth, {}, "saves 1.50% of the ordinary accounts a year. One contributes 26.61 yuan"),
        (chapter.fence_worth, {}, "worth 4.79 yuan per account and year"),
        # 0.10 · 0.20 · 0.35 · 22.5 · 365 = 57.49; (57.49 − 10) · 800 = 37,990
        (chapter.second_path, {}, "VIP 57.49, major 13.57, ordinary 6.39, small 1.40"),
        (chapter.second_path, {}, "A second path for VIP gains +37,990 yuan"),
        # 80,000 · 0.20 · 0.10 · 3 = 4,800, and 0.15 · 80,000 · 0.20 · 1.5 / 12 = 300 while it is built
        (chapter.roadmap, {}, "fence first 5,100, database first 7,500"),
        # 2 + 30 / 6 = 7; 12 · 2 − 0.4 · 30 = 12
        (chapter.benefit_or_trap, {}, "offers of up to 7.00 yuan a month"),
        (chapter.benefit_or_trap, {}, "signing is worth +12 yuan"),
        # 35% + 0, 30% + 0, 25% + 1 and 28% − 2 respond most: 10 · (0 + 0 + 1 − 2) = −10
        (chapter.uplift_targeting, {}, "cause −10 enlarged orders"),
        (chapter.uplift_targeting, {}, "a profit of −4,400"),
        # 10 · (9 + 7 + 5 + 4) = 250; 250 · 40 − 4,000
        (chapter.uplift_targeting, {}, "the best depth is 40%, with +6,000"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_caption_answers_the_question_on_the_worth_of_a_fence():
    assert not any("7.19" in chapter.fence_worth.caption(**frame) for frame in chapter.fence_worth.frames())


@pytest.mark.parametrize(
    ("widget", "label"),
    [
        (chapter.fence_worth, "(simulated)"),
        (chapter.trial_by_route, "made-up trial"),
        (chapter.second_path, "(simulated)"),
        (chapter.roadmap, "(simulated)"),
        (chapter.benefit_or_trap, "(made-up numbers)"),
        (chapter.uplift_targeting, "(made-up numbers)"),
    ],
)
def test_what_is_made_up_says_so(widget, label):
    assert label in widget.caption()


# What a fence may cost


def test_a_fence_is_named_in_the_headline_exactly_if_it_costs_no_more_than_it_is_worth():
    for frame in chapter.fence_worth.frames():
        worth = numbers(chapter.fence_worth.caption(**frame).partition("the fence is worth ")[2])[0]
        paying = [name for name, cost in chapter.TAGS.items() if cost <= worth]
        expected = paying[-1] if paying else "no fence of the three"
        assert headline(chapter.fence_worth, **frame).endswith(expected)


def test_the_bottles_of_the_tiers_add_up_to_100_000_a_day():
    assert sum(accounts * bottles for accounts, bottles in chapter.TIERS.values()) == 100_000


# The trial


def intervals(caption):
    naive, right = (numbers(caption.partition(word)[2])[:2] for word in ("counts accounts, ", "by routes, "))
    return naive, right


def test_a_caption_says_holds_exactly_if_the_interval_holds_the_truth():
    for frame in chapter.trial_by_route.frames():
        caption = chapter.trial_by_route.caption(**frame)
        arms, lost = chapter._routes(int(frame["routes"]), frame["alike"], int(frame["draw"]))
        trial = fence.cluster_trial(arms, np.full(len(arms), 200), lost)
        for naive, (low, high) in zip((True, False), intervals(caption), strict=True):
            exact = trial.interval(naive=naive)
            assert (low, high) == pytest.approx([100 * end for end in exact], abs=0.0501)
            verdict = "holds" if exact[0] <= -0.15 <= exact[1] else "misses"
            assert f"{low:.1f} to {high:.1f} points, {verdict}".replace("-", "−") in caption


def test_the_draws_are_typical_the_right_interval_misses_in_one_trial_of_twenty():
    captions = [chapter.trial_by_route.caption(**frame) for frame in chapter.trial_by_route.frames()]
    assert sum("misses it" in caption for caption in captions) in (2, 3)
    assert sum("misses the truth" in caption for caption in captions) > 15


def test_routes_that_are_alike_look_alike_and_others_do_not():
    for routes in ("15", "30", "60"):
        assert headline(chapter.trial_by_route, routes=routes, alike=0).startswith("Routes are alike")
        assert "times too sure" in headline(chapter.trial_by_route, routes=routes, alike=0.10)


def test_the_routes_have_the_planted_means_and_correlation():
    # Between routes the variance of a share is ρ p q + (1 − ρ) p q / n.
    shares = {0: [], 1: []}
    for draw in range(1, 101):
        arms, lost = chapter._routes(60, 0.10, draw)
        for arm, rates in shares.items():
            rates.extend(lost[arms == arm] / 200)
    for arm, mean in ((0, 0.40), (1, 0.25)):
        between = mean * (1 - mean) * (0.10 + 0.90 / 200)
        assert np.mean(shares[arm]) == pytest.approx(mean, abs=0.005)
        assert np.var(shares[arm]) == pytest.approx(between, rel=0.05)


# The second path


def test_the_best_reach_covers_exactly_the_tiers_at_which_it_is_worth_its_cost():
    for frame in chapter.second_path.frames():
        caption = chapter.second_path.caption(**frame)
        worth = numbers(caption.partition("an account: ")[2])[:4]
        best = re.search(r"best reach is ([^,]+),", caption)[1]
        assert chapter.REACHES[best] == sum(amount > float(frame["cost"]) for amount in worth)


# The roadmap


def test_database_first_costs_the_accounts_that_the_fence_would_have_saved_meanwhile():
    for build in (6, 9, 18):
        for exits in (10, 30):
            counts = numbers(
                chapter.roadmap.caption(build=build, exits=exits)
                .partition("36 months: ")[2]
                .replace("first", "")
            )
            assert counts[1] - counts[0] == pytest.approx(build / 12 * exits / 100 * 0.15 * 80_000)


def test_one_to_one_begins_as_early_with_the_fence_first_as_with_the_database_first():
    for build in (6, 18):
        months = {
            plan: re.search(r"begins in month (\d+)", chapter.roadmap.caption(plan=plan, build=build))[1]
            for plan in (chapter.FENCE_FIRST, chapter.DATABASE_FIRST)
        }
        assert set(months.values()) == {str(build + 4)}


# Benefit or trap


def test_without_deposit_a_fence_is_never_a_trap_and_without_benefit_always():
    for months in ("3", "12"):
        assert "benefit" in headline(chapter.benefit_or_trap, benefit=2, deposit=0, months=months)
        assert "A trap" in headline(chapter.benefit_or_trap, benefit=0, deposit=30, months=months)
        assert "No fence" in headline(chapter.benefit_or_trap, benefit=0, deposit=0, months=months)


# Uplift


def test_the_curves_are_those_of_the_rates_themselves():
    rates = np.array(chapter.RESPONSES, dtype=float)
    for name, key in ((chapter.BY_UPLIFT, rates[:, 1]), (chapter.BY_RESPONSE, rates.sum(axis=1))):
        points = rates[np.argsort(-key, kind="stable"), 1]
        expected = np.concatenate([[0], 10 * points.cumsum()])
        assert chapter._uplift_curves()[name] == pytest.approx(expected)


def test_with_a_gift_for_everybody_the_ranking_does_not_matter():
    profits = {
        chapter.uplift_targeting.caption(ranking=name, depth=100).partition("profit of ")[2].partition(".")[0]
        for name in (chapter.BY_UPLIFT, chapter.BY_RESPONSE, chapter.BY_LOT)
    }
    assert len(profits) == 1


@each_widget
def test_a_headline_fits_one_line(widget):
    for frame in [widget.start, *corners(widget), *sample(widget, 20)]:
        assert len(headline(widget, **frame)) <= 56


# Quick questions


def test_the_quick_questions_are_answered_by_arithmetic_of_their_own():
    answers = [question.answer.text for question in quick.find("fence").questions]
    # 0.20 · (0.40 − 0.25) · 10 · 12 = 3.60; 4,000 / (1 + 199 · 0.05) = 4,000 / 10.95 = 365.3
    assert answers[1:3] == ["3.60", "about 365"]
    # 3 / 50 = 6%: families gain 19 − 11 = 8 points, offices 1
    assert answers[4] == "Families only"
