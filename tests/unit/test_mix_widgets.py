"""The six widgets of the 4P chapter, and its quick questions: what they say, that pictures can be read."""

import functools
import math
import re

import numpy as np
import pytest
from widget_checks import corners, sample

from crmkit.models import diffusion, mix, promotion
from crmkit.quick import find as find_questions
from crmkit.widgets import find
from crmkit.widgets import mix as chapter

NAMES = ("relationship_dial", "break_even", "life_cycle", "adstock", "channel_scorecard", "gains")
WIDGETS = [find(f"mix.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@functools.cache
def sampled_captions(name):
    widget = find(f"mix.{name}")
    return [widget.caption(**frame) for frame in [widget.start, *sample(widget, 30)]]


@each_widget
def test_a_widget_has_40_to_120_frames(widget):
    assert 40 <= len(list(widget.frames())) <= 120


@each_widget
def test_invented_data_is_called_simulated(widget):
    assert "simulated" in widget.caption()


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 17 · Σ .97^t − 9 less 18 · Σ .94^t over 2 months: 17 · 1.97 − 9 − 18 · 1.94 = −10.43
        (chapter.relationship_dial, {"months": 2, "effect": "as planned"}, "Product −10.4"),
        (chapter.relationship_dial, {"months": 1}, "Looking 1 month ahead"),
        # 60,000 / (3.20 − 1.80) and 60,000 / (1.40 / 3.20); (60,000 − 42,857) · 1.40
        (chapter.break_even, {}, "42,857 cups or 137,143 yuan break even"),
        (chapter.break_even, {}, "earn 24,000 yuan; sales may fall by 29%"),
        # ln(22.5) / 0.47 and 0.47² / 1.8
        (chapter.life_cycle, {}, "most after 6.6 years, 12.3% of the potential a year"),
        # Without imitation, f(0) = p.
        (chapter.life_cycle, {"q": 0.0}, "most at the launch, 2.0% of the potential"),
        # 1 / 0.35 and ln 0.5 / ln 0.65
        (chapter.adstock, {}, "adds up to 2.86 contacts and has a half-life of 1.61 weeks"),
        # 0.3 · 9 + 0.7 · (8·2 + 3·3 + 3·3)/8 = 5.675, and so on
        (chapter.channel_scorecard, {}, "website 6.92, phone 6.51, carrier 5.67, shop 5.40"),
        # website 7.75 − 2.75w, phone 5.875 + 2.125w, carrier 4.25 + 4.75w: w = 1.875/4.875 and 1.625/2.625
        (chapter.channel_scorecard, {}, "website from 0% to 38%, phone from 38% to 62%, carrier from 62%"),
        (chapter.gains, {"margin": 8}, "10.0% must respond"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


EXERCISES = ("2,500,000", "6.19", "46.05", "0.4605", "2.50 contacts", "1.36 weeks", "4.17", "4.2%")


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_shows_the_answer_of_an_exercise(name):
    assert not [answer for answer in EXERCISES for caption in sampled_captions(name) if answer in caption]


def test_without_a_gain_in_retention_no_relationship_ever_pays():
    captions = [chapter.relationship_dial.caption(months=m, effect="none") for m in range(1, 25)]
    assert all("0 of the 4 Ps pay more" in caption for caption in captions)


def test_with_the_planned_gain_each_p_turns_in_another_month_and_all_do_within_two_years():
    paying = [
        sum(chapter._gap(name, months, effect=1.0) > 0 for name in chapter.TWO_READINGS)
        for months in range(1, 25)
    ]
    assert paying[0] == 0
    assert paying[-1] == 4
    assert set(paying) == {0, 1, 2, 3, 4}


def test_at_a_price_below_cost_no_volume_breaks_even():
    caption = chapter.break_even.caption(price=2.0, variable_cost=2.2)
    assert "contributes −0.20 yuan: no volume breaks even. The planned 60,000 cups lose 72,000" in caption


def test_a_plan_at_the_break_even_earns_nothing():
    # 60,000 / (2.80 − 1.80) = 60,000
    caption = chapter.break_even.caption(price=2.8, variable_cost=1.8)
    assert "60,000 cups or 168,000 yuan break even. The planned 60,000 cups earn nothing" in caption


def test_where_nobody_stops_buyers_never_decline():
    assert "Nobody stops, so buyers come to" in chapter.life_cycle.caption(stopping=0)


def test_the_more_stop_the_sooner_and_lower_is_the_peak_of_buyers():
    peaks = []
    for stopping in (10, 20, 30, 40):
        found = re.search(
            r"so (\d+)% buy at the peak after ([\d.]+) years", chapter.life_cycle.caption(stopping=stopping)
        )
        peaks.append((float(found[1]), float(found[2])))
    assert peaks == sorted(peaks, reverse=True)


def test_a_drip_keeps_nothing_in_mind_when_little_is_carried_over_and_is_best_when_much_is():
    little = chapter.adstock.caption(schedule="a drip", carry_over=35, needed=1.0)
    much = chapter.adstock.caption(schedule="a drip", carry_over=80, needed=1.5)
    assert "in 0 of 30 weeks" in little
    count = int(re.search(r"in (\d+) of 30 weeks", much)[1])
    others = [int(text) for text in re.findall(r"(?:burst|bursts|week) (\d+)", much.partition("others:")[2])]
    assert count > max(others)


def test_every_schedule_has_the_same_number_of_contacts_so_none_wins_by_spending_more():
    assert {sum(plan) for plan in chapter.SCHEDULES.values()} == {chapter.CONTACTS}


def test_the_website_wins_on_information_whatever_it_weighs():
    assert chapter.channel_scorecard.caption(criterion="informative").endswith(
        "winner is website from 0% to 100%."
    )


def test_without_a_score_one_mails_everybody_or_nobody():
    # Each tenth responds like the whole list, about 4.8%: below 10% and 5%, above 3.3%.
    best = [chapter.gains.caption(ranked_by="no score", margin=margin) for margin in (8, 16, 24)]
    assert best[0].endswith("to mail none is best.")
    assert best[1].endswith("to mail none is best.")
    assert "the first 100% would earn most" in best[2]


def test_a_better_score_reaches_more_orders_at_every_depth_but_the_last():
    def reached(ranked_by, tenths):
        caption = chapter.gains.caption(ranked_by=ranked_by, tenths=tenths)
        return int(re.search(r"hold (\d+)% of the orders", caption)[1])

    for tenths in range(1, 10):
        shares = [reached(score, tenths) for score in ("no score", "last order", "whole history")]
        assert shares == sorted(shares)
        assert len(set(shares)) == 3
    assert {reached(score, 10) for score in chapter.SCORES} == {100}


def amounts_of_dial(months, effect):
    share = {"none": 0, "half": 0.5, "as planned": 1}[effect]
    gaps = []
    for sale, bond in chapter.TWO_READINGS.values():
        retention = (1 - share) * sale.retention + share * bond.retention
        sale_value = sale.margin * sum(sale.retention**t for t in range(int(months))) - sale.cost
        gaps.append(bond.margin * sum(retention**t for t in range(int(months))) - bond.cost - sale_value)
    return [months, sum(gap > 0 for gap in gaps), 4, *gaps]


def amounts_of_break_even(price, variable_cost, fixed_cost):
    contribution = price - variable_cost
    amounts = [price, variable_cost, fixed_cost, contribution]
    if contribution > 1e-9:
        amounts += [fixed_cost / contribution, fixed_cost / contribution * price]
    profit = 60_000 * contribution - fixed_cost
    amounts += [60_000] + [abs(profit)] * (abs(profit) > 0.5)
    return amounts + [100 * (1 - fixed_cost / contribution / 60_000)] * (profit > 0.5)


def amounts_of_life_cycle(p, q, stopping):
    buyers = 100 * diffusion.buying_share(np.linspace(0, 40, 401), p, q, 1 - stopping / 100)
    amounts = [p, q]
    if q > p:
        amounts.append(math.log(q / p) / (p + q))
    amounts.append(100 * ((p + q) ** 2 / (4 * q) if q > p else p))
    if stopping:
        amounts += [stopping, buyers.max(), buyers.argmax() / 10]
    return [*amounts, buyers[200], 20, 10, 90]


def amounts_of_adstock(schedule, carry_over, needed):
    kept, weeks = carry_over / 100, {}
    for name, plan in chapter.SCHEDULES.items():
        stock, count = 0.0, 0
        for week in range(30):
            stock = kept * stock + (plan[week] if week < len(plan) else 0)
            count += stock >= needed - 1e-9
        weeks[name] = count
    others = [count for name, count in weeks.items() if name != schedule]
    return [
        carry_over,
        1 / (1 - kept),
        math.log(0.5) / math.log(kept),
        12,
        needed,
        weeks[schedule],
        30,
        *others,
    ]


def amounts_of_scorecard(criterion, weight, customers):
    others = {name: value for name, value in chapter.CUSTOMERS[customers].items() if name != criterion}
    ratings = chapter.RATINGS
    rest = sum(ratings[name] * value for name, value in others.items()) / sum(others.values())
    scores = (weight * ratings[criterion] + (100 - weight) * rest) / 100
    stretches = mix.winner_by_weight(ratings, {criterion: 0, **others}, criterion)
    ends = (100 * stretches[["low", "high"]]).to_numpy().ravel()
    return [weight, *sorted(scores, reverse=True), 0, 100, *ends]


def amounts_of_gains(ranked_by, tenths, margin):
    groups = chapter._ranked(ranked_by)
    answered, mailed = groups["responders"].to_numpy(), int(tenths)
    share = answered[:mailed].sum() / answered.sum()
    profits = [0, *(margin * answered.cumsum() - 0.8 * 2_000 * np.arange(1, 11))]
    best = int(np.argmax(profits))
    amounts = [10 * mailed, 100 * share, share / (mailed / 10), 0.8, margin, 100 * 0.8 / margin]
    return [*amounts, abs(profits[mailed]), *([10 * best, profits[best]] if best else [])]


AMOUNTS = (
    amounts_of_dial,
    amounts_of_break_even,
    amounts_of_life_cycle,
    amounts_of_adstock,
    amounts_of_scorecard,
    amounts_of_gains,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_one_computed_another_way(widget, amounts):
    for frame in [widget.start, *corners(widget), *sample(widget, 15)]:
        caption = widget.caption(**frame)
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-6), (caption, frame)


def test_the_simulated_list_responds_less_and_less_from_tenth_to_tenth():
    for ranked_by in ("last order", "whole history"):
        assert (np.diff(chapter._ranked(ranked_by)["responders"]) < 0).all()
    table = promotion.gains_table(*chapter._ranked("whole history").to_numpy().T)
    assert 2.5 < table["lift"].iloc[0] < 4


# What the pictures show


# The quick questions


def test_the_quick_questions_have_the_answers_of_arithmetic_and_textbook():
    # 90,000 / (4.50 − 3.00); 1 / (1 − 0.75); 0.90 / 15
    right = [question.answer.text for question in find_questions("mix").questions]
    assert right == [
        "60,000",
        "An agent (代理商)",
        "B peaks earlier and higher",
        "4.00",
        "The tenths that respond with more than 6%",
    ]


def test_what_the_reasons_compute_is_right():
    reasons = [option.reason for question in find_questions("mix").questions for option in question.options]
    # ln(25)/0.52 = 6.2 and 0.52²/2 = 13.5%; ln(12.5)/0.27 = 9.4 and 0.27²/1 = 7.3%
    assert any(
        "after 6.2 years with 13.5%" in reason and "9.4 years with 7.3%" in reason for reason in reasons
    )
    # 0.90/45 = 2%; 2.5 · 4% = 10%; 6%/4% = 1.5
    assert any("2% would be enough" in reason for reason in reasons)
    assert any("a lift of 1.5." in reason for reason in reasons)
