"""The six widgets of the evidence chapter: what they say, how many frames they have, that texts fit."""

import re

import numpy as np
import pytest
from matplotlib.text import Text
from widget_checks import corners, headline, sample

from crmkit.models import evidence
from crmkit.widgets import evidence as chapter
from crmkit.widgets import find

NAMES = (
    "crm_continuum",
    "before_and_after",
    "source_scorecard",
    "satisfied_customers",
    "de_doubler",
    "vague_claim",
)
WIDGETS = [find(f"evidence.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


# How many


@each_widget
def test_a_widget_has_at_most_120_frames(widget):
    assert 15 <= len(list(widget.frames())) <= 120


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 170 − 120 = 50 and 50 − (130 − 90) = 10; 50/120 = 42%
        (chapter.before_and_after, {}, "120 thousand yuan a month before the CRM and 170 after it, +42%"),
        (chapter.before_and_after, {}, "differ by +50, the difference in differences is +10"),
        (chapter.before_and_after, {"head_start": 20}, "is +30, 20 more than the true effect of 10"),
        # 3 m / (365 · 60,000) and 7 m / (365 · 55,000); 5 m / (365 · 60,000)
        (chapter.vague_claim, {}, "0.14 to 0.35 yuan a bottle, a factor of 2.5"),
        (chapter.vague_claim, {}, "0.2283 yuan"),
        # Wilson interval of 90 in 100, as in any table of it; silence: 90/200 and 190/200
        (chapter.satisfied_customers, {}, "82.6% to 94.5%"),
        (chapter.satisfied_customers, {}, "But 200 were asked: the 100 who kept silent"),
        (chapter.satisfied_customers, {}, "of those asked 45% to 95%"),
        (chapter.satisfied_customers, {"response": "all"}, "silence hides nothing"),
        (chapter.de_doubler, {}, "reads “ccooffffeeee wwiitthh ggoooodd mmiillkk”"),
        (chapter.de_doubler, {}, "comes back as “cofe with god milk”, 3 of 21 characters short"),
        (chapter.de_doubler, {"rule": chapter.PAIRS}, "comes back whole"),
        (chapter.source_scorecard, {}, "5 of 6 other explanations stand"),
        (chapter.crm_continuum, {}, "a part of information management"),
        (chapter.crm_continuum, {"level": "integrative"}, "multichannel integration and information manag"),
        (chapter.crm_continuum, {"level": "strategic"}, "all five"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


@each_widget
def test_no_first_caption_answers_a_question_of_the_exercise(widget):
    # +80%, 30 units and 20%; 36,500,000 bottles and 0.0548 to 0.2466 yuan; a hotel 27.4% full
    answers = ("80%", "is +30", "20%", "36,500,000", "0.0548", "0.2466", "27.4%")
    assert not [answer for answer in answers if answer in widget.caption()]


@pytest.mark.parametrize("widget", [w for w in WIDGETS if w is not chapter.source_scorecard])
def test_invented_data_is_called_so(widget):
    for frame in sample(widget, 5):
        assert re.search("simulated|invented", widget.caption(**frame))


# Before and after


def test_with_parallel_trends_the_difference_in_differences_is_the_truth_whatever_the_market_does():
    for frame in chapter.before_and_after.frames():
        caption = chapter.before_and_after.caption(**frame)
        assert ("equal to the true effect" in caption) == (frame["head_start"] == 0), frame


def test_before_and_after_is_right_only_in_a_still_market():
    assert "A still market" in headline(chapter.before_and_after, market=0)
    assert headline(chapter.before_and_after) == "Before/after says +50, the CRM brought +10"
    assert headline(chapter.before_and_after, effect=0) == "Before/after says +40, the CRM brought nothing"


def test_a_head_start_shows_in_the_years_before():
    figure, _ = chapter.before_and_after.draw(effect=10, market=0, head_start=20)
    lines = [line.get_ydata() for line in figure.axes[0].lines if len(line.get_ydata()) == 4]
    others, adopters = (np.asarray(line, dtype=float) for line in lines)
    assert list(np.diff(adopters - others)) == [20, 20, 30]  # two years of head start, then effect as well


# The scorecard


def count_standing(**values):
    caption = chapter.source_scorecard.caption(**values)
    return int(re.search(r"(\d) of 6 other explanations stand", caption)[1])


def test_only_an_outsider_with_lots_and_many_buyers_leaves_nothing_standing_or_weakened():
    clean = [
        frame
        for frame in chapter.source_scorecard.frames()
        if headline(chapter.source_scorecard, **frame).startswith("Strong evidence")
    ]
    best = {"teller": chapter.TELLERS[-1], "comparison": chapter.LOT, "cases": "all 1,000 buyers"}
    assert clean == [best]


def test_thirty_success_stories_are_no_better_than_one():
    for frame in chapter.source_scorecard.frames():
        if frame["cases"] == "one success story":
            assert count_standing(**frame) == count_standing(**frame | {"cases": "30 success stories"})


def test_picking_the_stories_undoes_the_lot():
    picked = {"cases": "30 success stories"}
    afterwards = count_standing(comparison=chapter.OTHERS, **picked)
    assert count_standing(comparison=chapter.LOT, **picked) == afterwards
    assert "undoes the lot" in chapter.source_scorecard.caption(comparison=chapter.LOT, **picked)
    assert "undoes" not in chapter.source_scorecard.caption(comparison=chapter.LOT, cases="all 30 buyers")


@pytest.mark.parametrize(
    ("comparison", "left"),
    [
        (chapter.NOTHING, {"everybody's sales rose", "buyers were better", "buyers were growing"}),
        (chapter.BEFORE, {"everybody's sales rose", "buyers were growing"}),
        (chapter.OTHERS, {"buyers were better", "buyers were growing"}),
        (chapter.BOTH, {"buyers were growing"}),
        (chapter.LOT, set()),
    ],
)
def test_each_comparison_leaves_its_own_threats(comparison, left):
    caption = chapter.source_scorecard.caption(
        teller=chapter.TELLERS[-1], comparison=comparison, cases="all 1,000 buyers"
    )
    threats = {"everybody's sales rose", "buyers were better", "buyers were growing"}
    assert {threat for threat in threats if threat in caption} == left


# Texts


def test_pairs_bring_every_fully_doubled_text_back_and_runs_only_one_without_true_doubles():
    whole = {
        rule: [text for text in chapter.TEXTS if "whole" in chapter.de_doubler.caption(text=text, rule=rule)]
        for rule in (chapter.PAIRS, chapter.RUNS)
    }
    assert whole[chapter.PAIRS] == list(chapter.TEXTS)
    assert whole[chapter.RUNS] == ["milk before six"]


def test_a_changed_number_is_named_before_a_changed_word():
    said = headline(chapter.de_doubler, text="1100 bottles a week", noise="none")
    assert said == "“1100” comes back as “10”, and 2 more wrong"


def test_a_double_that_the_noise_missed_is_lost_by_pairs_too():
    caption = chapter.de_doubler.caption(
        text="call 8000 by noon", noise="every third letter", rule=chapter.PAIRS
    )
    assert "“call 800 by noon”, 1 of 17 characters short" in caption


def test_no_text_of_the_playground_has_two_blanks_in_a_row():
    assert not any("  " in text for text in chapter.TEXTS)


# Ranges


def test_every_vaguer_reading_widens_the_range_and_none_narrows_it():
    for frame in chapter.vague_claim.frames():
        low, high, bottles, days = frame.values()
        factor = (high / low) * (60_000 / bottles) * (365 / days)
        assert f"a factor of {factor:.1f}." in chapter.vague_claim.caption(**frame)


def test_a_thousand_answers_shrink_chance_and_leave_silence_as_it_is():
    few, many = (
        chapter.satisfied_customers.caption(answers=answers, response="1 in 5") for answers in ("10", "1,000")
    )
    assert "59.6% to 98.2%" in few
    assert "88.0% to 91.7%" in many
    for caption in (few, many):
        assert "of those asked 18% to 98% are satisfied" in caption


def test_silence_leaves_more_open_than_chance_where_nine_in_ten_do_not_answer():
    for frame in chapter.satisfied_customers.frames():
        said = headline(chapter.satisfied_customers, **frame)
        if frame["response"] == "all":
            assert said.startswith("Chance leaves more open")
        elif frame["response"] == "1 in 10":
            assert said.startswith("Silence leaves more open")


def amounts_of_dealers(effect, market, head_start):
    before, after, others = 120, 120 + market + head_start + effect, 90 + market
    growth = 100 * evidence.relative_growth(before, after)
    did = evidence.difference_in_differences(before, after, 90, others)
    amounts = [before, after, growth, 90, others, after - before, did]
    return amounts if head_start == 0 else [*amounts, head_start, effect]


def amounts_of_survey(share, answers, response):
    cases = int(answers.replace(",", ""))
    asked = cases * {"1 in 10": 10, "1 in 5": 5, "1 in 2": 2, "all": 1}[response]
    chance = evidence.wilson_interval(round(cases * share / 100), cases)
    silence = evidence.nonresponse_bounds(share / 100, cases / asked)
    answered = [cases * share / 100, cases, share, 95, 100 * chance.low, 100 * chance.high, asked]
    return answered if asked == cases else [*answered, asked - cases, 100 * silence.low, 100 * silence.high]


def amounts_of_claim(low, high, bottles, days):
    least = evidence.implied_unit_profit(low * 1e6, 60_000)
    most = evidence.implied_unit_profit(high * 1e6, bottles, days)
    middle = evidence.implied_unit_profit((low + high) / 2 * 1e6, 60_000)
    readings = [low, high]
    readings += [bottles, 60_000] if bottles < 60_000 else [60_000]
    readings += [days, 365] if days < 365 else [365]
    return [60_000, *readings, least, most, most / least, middle]


@pytest.mark.parametrize(
    ("widget", "amounts"),
    [
        (chapter.before_and_after, amounts_of_dealers),
        (chapter.satisfied_customers, amounts_of_survey),
        (chapter.vague_claim, amounts_of_claim),
    ],
)
def test_every_number_of_a_caption_is_the_models_own_rounded(widget, amounts):
    for frame in sample(widget, 20):
        caption = widget.caption(**frame)
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show


@each_widget
def test_every_sign_is_in_the_font_that_every_machine_has(widget):
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    glyphs = FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap()
    for frame in [widget.start, *corners(widget)]:
        figure, _ = widget.draw(**frame)
        letters = set("".join(text.get_text() for text in figure.findobj(Text))) - {"\n"}
        assert {letter for letter in letters if ord(letter) not in glyphs} == set()
