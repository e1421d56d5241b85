"""The six widgets of the process chapter: what they say, how many frames they have, that texts fit."""

import functools
import math
import random
import re

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import power_proportions_2indep, samplesize_proportions_2indep_onetail
from widget_checks import assert_texts_fit, corners, headline

from crmkit import quick
from crmkit.models import control, experiment
from crmkit.widgets import find
from crmkit.widgets import process as chapter

NAMES = ("ab_power", "nps_noise", "whale_curve", "critical_path", "control_chart", "vendor_cost")
WIDGETS = [find(f"process.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@functools.cache
def drawn(widget):
    """Draw the first frame, the corners and a sample of the others: values, figure and caption of each."""
    frames = [widget.start, *corners(widget), *random.Random(widget.name).sample(list(widget.frames()), 5)]
    return [(frame, *widget.draw(**frame)) for frame in frames]


def numbers(text):
    return [
        float(found.replace(",", "").replace("−", "-"))
        for found in re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", text)
    ]


# How many


@each_widget
def test_a_widget_has_at_most_120_frames(widget):
    assert 40 <= len(list(widget.frames())) <= 120


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # √(0.7 − 0.3²) / √100 = 0.0781; 1.96 · 7.81 = 15.3; √2 · 15.3 = 21.6
        (
            chapter.nps_noise,
            {},
            "NPS +30 with a standard error of 7.8 and a 95% interval from +14.7 to +45.3",
        ),
        (chapter.nps_noise, {}, "still differ by up to 21.6 points"),
        # Goals 3, system 5, configure 6, move 2, pilot 4, live 1; data wait for 3 + 7 and are needed at 14.
        (chapter.critical_path, {}, "had 4 weeks of slack, the project takes 21 weeks in place of 21 weeks"),
        (
            chapter.critical_path,
            {"delay": 4},
            "The critical paths are then: agree on goals, choose a system, configure, move the data, "
            "pilot and mend, go live; and agree on goals, clean the data, move the data, pilot and mend, go",
        ),
        (chapter.critical_path, {"delay": 6}, "takes 23 weeks in place of 21 weeks"),
        # 0.04 ± 3 √(0.04 · 0.96 / 400) = 0.04 ± 0.02939
        (chapter.control_chart, {"size": "400"}, "The limits are 1.06% and 6.94%"),
        # Not discounted, 20 users, 2 years: 2 · 20 · 1.5 = 60 and 60 + 30 + 10; 200 and
        # 200 + 60 + 2 · 46 + 10; 2 · 20 · 0.6 = 24 and 24 + 80 + 12 + 2 · 10 + 50.
        (
            chapter.vendor_cost,
            {"users": 20, "years": 2, "rate": 0},
            "Cloud 60 on the price tag and 100 in all",
        ),
        (chapter.vendor_cost, {"users": 20, "years": 2, "rate": 0}, "Server 200 on the price tag and 362 in"),
        (
            chapter.vendor_cost,
            {"users": 20, "years": 2, "rate": 0},
            "Lite 24 on the price tag and 186 in all",
        ),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_first_caption_answers_a_question_of_the_exercise():
    captions = " ".join(widget.caption() for widget in WIDGETS)
    for answer in ("1.963", "0.0496", "3,841", "3,839", "5.74", "NPS +20", "578,600", "462,880", "4.66%"):
        assert answer not in captions
    # Nor are the case's 140% and 30 of 100 shown.
    assert "140%" not in captions
    assert "30 of 100" not in captions


@pytest.mark.parametrize(
    ("widget", "label"),
    [
        (chapter.ab_power, "made-up rates"),
        (chapter.nps_noise, "invented survey"),
        (chapter.whale_curve, "(simulated)"),
        (chapter.critical_path, "simulated plan"),
        (chapter.control_chart, "(simulated)"),
        (chapter.vendor_cost, "invented systems"),
    ],
)
def test_what_is_made_up_says_so(widget, label):
    assert label in widget.caption()


# What the findings say


def test_a_test_is_called_large_enough_exactly_from_the_size_that_its_caption_asks_for():
    for frame, figure, caption in drawn(chapter.ab_power):
        finding, size = figure.texts[0].get_text(), int(frame["per_arm"].replace(",", ""))
        needed = int(re.search(r"80% takes ([\d,]+)", caption)[1].replace(",", ""))
        assert finding.startswith("Enough") == (size >= needed)


def test_no_test_that_is_too_small_rounds_to_the_power_that_it_lacks():
    for frame in chapter.ab_power.frames():
        size, base = int(frame["per_arm"].replace(",", "")), frame["base"] / 100
        power = experiment.power_of_test(base, base + frame["lift"] / 100, size)
        assert (power < 0.8) == (round(100 * power) < 80)


def test_the_same_score_is_noisier_when_it_is_made_of_more_promoters_and_detractors():
    def noise(promoters, detractors):
        finding = headline(chapter.nps_noise, promoters=promoters, detractors=detractors)
        assert finding.startswith("NPS +20 ")
        return int(re.search(r"up to (\d+)", finding)[1])

    assert noise(30, 10) < noise(40, 20) < noise(50, 30) < noise(60, 40)


def test_dropping_the_losers_reaches_the_peak_only_if_their_staff_goes_and_costs_profit_if_it_stays():
    peak, today = numbers(chapter.whale_curve.caption().partition("peaks at ")[2])[:2]
    goes = chapter.whale_curve.caption(action=chapter.DROP_STAFF)
    stays = chapter.whale_curve.caption(action=chapter.DROP)
    assert numbers(goes.partition("a profit of ")[2])[0] == peak > today
    assert numbers(stays.partition("a profit of ")[2])[0] < today


def test_with_the_staff_still_there_fewer_deliveries_gain_nothing():
    assert headline(chapter.whale_curve, action=chapter.HALVE).startswith("Nothing is gained")
    assert headline(chapter.whale_curve, action=chapter.HALVE_STAFF).startswith("Profit rises")


def test_more_mixed_accounts_earn_the_same_in_all_and_hide_more_losers():
    captions = [chapter.whale_curve.caption(kind=kind) for kind in chapter.KINDS]
    totals = [numbers(caption.partition("ends at ")[2])[0] for caption in captions]
    losers = [numbers(caption.partition("delivery, ")[2])[0] for caption in captions]
    # 100 accounts, each with 420 − 16 · 16 · 1.2 yuan on average
    assert totals == [11_280] * 3
    assert losers[0] < losers[1] < losers[2]


def test_a_task_without_slack_delays_the_project_by_all_its_delay_and_others_by_what_exceeds_their_slack():
    slack = {"redesign work": 1, "clean the data": 4, "train the staff": 2}
    for task in chapter.critical_path.controls["task"].values:
        slip = max(0, 3 - slack.get(task, 0))
        finding = headline(chapter.critical_path, task=task, delay=3)
        assert finding.endswith(f"live {slip} week{'s' * (slip > 1)} late" if slip else "still live on time")


def test_of_the_months_without_a_change_about_as_many_raise_a_false_alarm_as_of_many_months():
    random_days = np.random.default_rng(1)
    expected = 0.0
    for size in map(int, chapter.CHECKED):
        months = random_days.binomial(size, 0.04, (400, chapter.DAYS))
        chart = control.p_chart(months.ravel(), size, centre=0.04)
        out = chart.out_of_control.reshape(months.shape).any(axis=1)
        runs = [control.runs_on_one_side(month / size, 0.04).any() for month in months]
        expected += 6 * (out | runs).mean()
    frames = [(size, draw) for size in chapter.CHECKED for draw in range(1, 7)]
    captions = [chapter.control_chart.caption(size=size, rate=4, draw=draw) for size, draw in frames]
    assert sum("no day signals" not in caption for caption in captions) == pytest.approx(expected, abs=1)


def test_more_deliveries_checked_show_a_change_sooner():
    def first_days(size):
        captions = [chapter.control_chart.caption(size=size, rate=8, draw=draw) for draw in range(1, 7)]
        return np.median([int(re.search(r"first day (\d+)", caption)[1]) for caption in captions])

    assert first_days("800") <= first_days("200")


def test_the_lowest_price_tag_costs_most_for_some_and_least_for_others():
    findings = {
        (users, years): headline(chapter.vendor_cost, users=users, years=years)
        for users in (20, 60, 100)
        for years in (2, 10)
    }
    assert findings[60, 2] == "Lite has the lowest price tag, Cloud the lowest cost"
    assert findings[100, 10] == "Server has the lowest price tag and the lowest cost"
    assert findings[60, 10].endswith("Lite the lowest cost")


# Every number of a caption


def amounts_of_power(base, lift, per_arm):
    size, p1, p2 = int(per_arm.replace(",", "")), base / 100, (base + lift) / 100
    mean = (p1 + p2) / 2
    power = power_proportions_2indep(lift / 100, p1, size, return_results=False)
    needed = math.ceil(samplesize_proportions_2indep_onetail(lift / 100, p1, 0.8))
    critical = 195.9964 * math.sqrt(2 * mean * (1 - mean) / size)
    rise = 100 * experiment.smallest_detectable_rise(p1, size)
    return [base, lift, size, 100 * power, 5, critical, 80, needed, size, rise]


def amounts_of_nps(promoters, detractors, answers):
    count, passives = int(answers.replace(",", "")), 100 - promoters - detractors
    kinds = np.repeat(
        [100, 0, -100], np.round(np.array([promoters, passives, detractors]) * count / 100).astype(int)
    )
    score, error = kinds.mean(), kinds.std() / math.sqrt(count)
    margin = stats.norm.isf(0.025) * error
    low_and_high = [score - margin, score + margin]
    return [
        count,
        promoters,
        passives,
        detractors,
        score,
        error,
        95,
        *low_and_high,
        math.sqrt(2) * margin,
        95,
    ]


def amounts_of_whale(minutes, kind, action):
    margins, deliveries = chapter._accounts(chapter.KINDS[kind])
    costs = 1.2 * minutes * deliveries
    profits, loses = margins - costs, margins < costs
    peak, total = profits[~loses].sum(), profits.sum()
    profit, idle, fee = {
        "nothing": (total, 0, []),
        "6 yuan a delivery": (total + 6 * deliveries[loses].sum(), 0, [6]),
        "half the deliveries, staff stays": (total, costs[loses].sum() / 2, []),
        "half the deliveries, staff goes": (total + costs[loses].sum() / 2, 0, []),
        "no more milk, staff stays": (total - margins[loses].sum(), costs[loses].sum(), []),
        "no more milk, staff goes": (peak, 0, []),
    }[action]
    return [minutes, loses.sum(), 100, peak, total, 100 * peak / total, *fee, profit, *[idle] * bool(idle)]


def amounts_of_path(task, delay):
    slack = {"redesign work": 1, "clean the data": 4, "train the staff": 2}.get(task, 0)
    return [delay, slack, 21 + max(0, delay - slack), 21]


def amounts_of_chart(size, rate, draw):
    checked = int(size)
    width = 3 * math.sqrt(0.04 * 0.96 / checked)
    lower, upper = max(0.04 - width, 0), 0.04 + width
    luck = np.random.default_rng([chapter.SEED, draw]).random((30, 800))[:, :checked]
    shares = [np.mean(day < (0.04 if number < 15 else rate / 100)) for number, day in enumerate(luck)]
    sides = np.sign(np.round(np.array(shares) - 0.04, 12))
    signals = [
        day + 1
        for day, share in enumerate(shares)
        if not lower <= share <= upper or (day >= 8 and abs(sides[day - 8 : day + 1].sum()) == 9)
    ]
    counts = np.arange(checked + 1)
    beyond = (counts > upper * checked) | (counts < lower * checked)
    chance = 100 * stats.binom.pmf(counts, checked, rate / 100)[beyond].sum()
    seen = [len(signals), 30, signals[0]] if signals else []
    return [draw, checked, 4, 15, rate, 16, 100 * lower, 100 * upper, *seen, 16, max(chance, 0.1)]


def amounts_of_vendors(users, years, rate):
    factor = sum((1 + rate / 100) ** -year for year in range(1, int(years) + 1))
    last = (1 + rate / 100) ** -years
    cloud, server, lite = 1.5 * users * factor, 200, 0.6 * users * factor
    totals = (
        cloud + 30 + 10 * last,
        server + 60 + (40 + 0.3 * users) * factor + 10 * last,
        lite + 80 + 0.6 * users + 0.5 * users * factor + 50 * last,
    )
    return [users, years, rate, cloud, totals[0], server, totals[1], lite, totals[2]]


AMOUNTS = (
    amounts_of_power,
    amounts_of_nps,
    amounts_of_whale,
    amounts_of_path,
    amounts_of_chart,
    amounts_of_vendors,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_right_as_rounded(widget, amounts):
    for frame, _, caption in drawn(widget):
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-6), (caption, frame)


# What the pictures show


@each_widget
def test_each_frame_says_something_of_its_own_without_nan(widget):
    captions = {tuple(frame.items()): caption for frame, _, caption in drawn(widget)}
    assert len(set(captions.values())) == len(captions)
    assert not any(
        re.search(r"\b(nan|inf|None)\b|\+0\.?0*[ %]|−0\.?0*[ %]", text) for text in captions.values()
    )


@each_widget
def test_in_each_frame_texts_are_legible_inside_the_picture_and_apart_from_each_other(widget):
    for frame, figure, _ in drawn(widget):
        assert_texts_fit(figure, frame)


@each_widget
def test_the_axes_keep_their_limits_so_that_dragging_compares_fairly(widget):
    limits = {tuple((*ax.get_xlim(), *ax.get_ylim()) for ax in figure.axes) for _, figure, _ in drawn(widget)}
    assert len(limits) == 1


# Quick questions


def test_the_quick_questions_are_answered_by_arithmetic_of_their_own():
    answers = [question.answer.text for question in quick.find("process").questions]
    halved = samplesize_proportions_2indep_onetail(0.03, 0.20, 0.8)
    # 90,000 ÷ 60,000 · 20 = 30; 0.142 is the value that armitage1969 has for five looks.
    assert answers[1:4] == [f"{math.ceil(halved):,}", "14%", "30 yuan"]
    # Scores of 24 and 30.67 from 150 answers each; variances 0.72 − 0.24² and 0.6933 − 0.3067²
    chance = 196 * math.sqrt((0.72 - 0.24**2 + 104 / 150 - (46 / 150) ** 2) / 150)
    reason = quick.find("process").questions[4].answer.reason
    assert f"7 ± {chance:.0f} points" in reason
