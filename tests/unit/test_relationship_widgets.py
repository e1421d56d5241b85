"""The six widgets of the 4R chapter: what they say, how many frames they have, that texts fit."""

import re

import numpy as np
import pytest
from widget_checks import headline, sample

from crmkit.models import relationship
from crmkit.models.relationship import Profile
from crmkit.quick import find as find_questions
from crmkit.widgets import find
from crmkit.widgets import relationship as chapter

NAMES = ("profile_4r", "guarantee_signal", "trust_game", "make_or_buy", "role_ladder", "beyond_forecast")
WIDGETS = [find(f"relationship.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


# How many


@each_widget
def test_a_widget_has_between_40_and_120_frames(widget):
    assert 40 <= len(list(widget.frames())) <= 120


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # Levels 3, 2, 1, 2 against 2, 3, 2, 2: means 8/4 and 9/4, gaps 1, 1, 1, 0 with √(3/4).
        (
            chapter.profile_4r,
            {},
            "mean level is 2.00 against 2.25, and the two profiles lie 0.87 levels apart",
        ),
        # 8 − 0.04 · 80 and 8 − 0.08 · 80; 8 / 0.08 and 8 / 0.04
        (chapter.guarantee_signal, {}, "4.80 of the 8.00 yuan"),
        (chapter.guarantee_signal, {}, "8%, 1.60 yuan"),
        (chapter.guarantee_signal, {}, "above 100.00 and up to 200.00 yuan"),
        # 60 / 0.5; 120 + 0.5 · 20 / 0.5; (120 − 60) / (120 − 20)
        (chapter.trust_game, {}, "keeping is worth 120.0 yuan and cheating 140.0"),
        (chapter.trust_game, {}, "from a chance of 60.0%"),
        # 180,000 / 60,000 + 1.50; 180,000 / (3.50 + 0.50 − 1.50)
        (chapter.make_or_buy, {}, "an own desk costs 4.50 yuan a call and the supplier 4.00"),
        (chapter.make_or_buy, {}, "cheaper above 72,000 calls"),
        # 26 · 0.985 / 0.025; at three roles 20 · r / (1.01 − r) with r = 1 − 0.015 · 0.8³ = 0.99232
        (chapter.role_ladder, {}, "highest with 3 of 5 extra roles: 1,123 yuan, against 1,024"),
        # 200 · 12 / √(2π)
        (chapter.beyond_forecast, {}, "Luck alone would bring 957 yuan on average"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_first_caption_and_no_quick_question_answers_a_question_of_the_exercise():
    assert "50.00 and up to 300.00" not in chapter.guarantee_signal.caption()
    assert "50.0%" not in chapter.trust_game.caption()
    assert "800,000" not in chapter.make_or_buy.caption()
    told = [f"{o.text} {o.reason}" for q in find_questions("relationship").questions for o in q.options]
    assert not re.search(r"800,000|above 50 and up to 300|threshold of 0\.50", " ".join(told))


@each_widget
def test_invented_data_is_called_simulated(widget):
    assert "simulated" in widget.caption()


def test_quick_answers_are_those_that_the_arithmetic_gives():
    # 60 · 0.15 = 9 < 12; 0.70 / 1.10 = 0.64 < 40 / 60; 2.00 + 90,000 / 50,000 < 3.50 + 0.50;
    # 400 · 10 / √(2π)
    right = [question.answer.text for question in find_questions("relationship").questions]
    assert right == [
        "The name: who put these four together is not known",
        "Nothing: a careless one can afford the same promise",
        "No: 0.64 is below the threshold of 0.67",
        "The own desk: 3.80 a call is below 4.00",
        "1,596 yuan",
    ]


# What changes when a control moves


def test_the_widest_gap_is_named_and_a_profile_as_planned_has_none():
    assert headline(chapter.profile_4r, responsibility=1) == "Responsibility: 2 levels short"
    planned = vars(chapter.PLANNED)
    assert headline(chapter.profile_4r, **planned) == "All four Rs are as planned"
    assert "lie 0.00 levels apart" in chapter.profile_4r.caption(**planned)
    assert headline(chapter.profile_4r, **planned | {"role": 3}) == "Beyond the plan: role"


def test_one_level_short_everywhere_is_said_in_one_word():
    lower = {name: level - 1 for name, level in vars(chapter.PLANNED).items()}
    assert headline(chapter.profile_4r, **lower) == "All four Rs: 1 level short"


def test_a_guarantee_is_too_cheap_then_tells_then_is_too_dear():
    findings = [headline(chapter.guarantee_signal, payout=payout) for payout in (100, 120, 200, 220)]
    assert [text.partition(":")[0] for text in findings] == [
        "Too cheap to tell",
        "It tells",
        "It tells",
        "Too dear for both",
    ]


def test_no_guarantee_tells_apart_two_sellers_that_fail_equally_often():
    assert "No payout tells the two apart" in chapter.guarantee_signal.caption(bad_failures=4)


@pytest.mark.parametrize(("chance", "says"), [(50, "Cheating"), (60, "On the edge"), (70, "Keeping")])
def test_a_longer_future_turns_cheating_into_keeping(chance, says):
    assert headline(chapter.trust_game, chance=chance).startswith(says)


def test_a_milder_end_of_trust_makes_cheating_pay():
    assert headline(chapter.trust_game, chance=70).startswith("Keeping")
    assert headline(chapter.trust_game, chance=70, punishment=40).startswith("Cheating")


def test_making_pays_from_the_break_even_volume_on():
    findings = [headline(chapter.make_or_buy, calls=calls, dealing=1.0) for calls in (40, 60, 80)]
    assert findings[0].startswith("Buy")
    assert findings[1].startswith("Break-even")
    assert findings[2] == "The quote says buy, the full cost says make"


def test_the_quote_alone_says_buy_at_80_000_calls():
    # In-house 180,000 / 80,000 + 1.50 = 3.75, quoted 3.50
    assert headline(chapter.make_or_buy, calls=80, dealing=0) == "Buy: it saves 0.25 yuan a call"


def test_a_large_customer_gets_every_role_and_a_small_one_none():
    assert headline(chapter.role_ladder, tier="VIP").startswith("Tier VIP: all 5 roles pay")
    assert headline(chapter.role_ladder, tier="small") == "Tier small: no extra role pays for itself"
    assert "−267 with all of them" in chapter.role_ladder.caption(tier="small")


def shares(**values):
    found = []
    for draw in range(1, 7):
        match = re.search(r"(\d+)% comes again|nothing", chapter.beyond_forecast.caption(draw=draw, **values))
        found.append(int(match[1] or 0) / 100)
    return found


def test_revenue_beyond_forecast_exists_without_loyalty_but_does_not_come_again():
    assert headline(chapter.beyond_forecast, loyal=0).startswith("Nobody is loyal, yet")
    assert np.mean(shares(loyal=0, luck=8)) < 0.1


def test_the_more_are_loyal_and_the_less_luck_there_is_the_more_comes_again():
    assert np.mean(shares(loyal=30, luck=4)) > 0.8
    assert np.mean(shares(loyal=30, luck=16)) < np.mean(shares(loyal=30, luck=4))
    assert np.mean(shares(loyal=10, luck=8)) < np.mean(shares(loyal=30, luck=8))


def test_the_six_draws_are_typical_of_many():
    def share(seed):
        first, later = np.random.default_rng(seed).normal(0, 8, (2, chapter.CUSTOMERS))
        return relationship.repeated_share(first, later)

    shipped = [share([chapter.SEED, draw]) for draw in range(1, 7)]
    many = [share(seed) for seed in range(500)]
    assert abs(np.mean(shipped) - np.mean(many)) < np.std(many) / 6**0.5
    assert np.std(shipped) == pytest.approx(np.std(many), rel=0.35)


def test_every_customer_of_every_draw_is_in_the_picture():
    for frame in chapter.beyond_forecast.frames():
        if frame["luck"] == 16 and frame["loyal"] in (0, 30):
            figure, _ = chapter.beyond_forecast.draw(**frame)
            (ax,) = figure.axes
            dots = [line.get_xydata() for line in ax.lines if line.get_linestyle() == "None"]
            assert sum(len(group) for group in dots) >= chapter.CUSTOMERS
            assert np.min(np.concatenate(dots)) > ax.get_xlim()[0] == ax.get_ylim()[0]
            assert np.max(np.concatenate(dots)) < ax.get_xlim()[1] == ax.get_ylim()[1]


# Numbers


def amounts_of_profile(role, responsibility, risk, reciprocity):
    planned = [2, 3, 2, 2]
    actual = [role, responsibility, risk, reciprocity]
    distance = np.sqrt(np.mean((np.array(planned) - actual) ** 2))
    assert distance == pytest.approx(relationship.profile_distance(Profile(*planned), Profile(*actual)))
    return [*planned, 1, 3, *actual, np.mean(actual), 2.25, distance]


def amounts_of_guarantee(payout, bad_failures):
    left = [8 - rate * payout / 100 for rate in (4, bad_failures)]
    telling = relationship.separating_payouts(8, 0.04, 8, bad_failures / 100)
    ends = [] if telling.is_empty else [telling.low, telling.high]
    return [payout, 4, left[0], 8, bad_failures, left[1], *ends]


def amounts_of_trust(temptation, chance, punishment):
    future = chance / (100 - chance)  # δ / (1 − δ)
    keep, cheat = 60 * (1 + future), temptation + punishment * future
    threshold = 100 * (temptation - 60) / (temptation - punishment)
    return [60, temptation, punishment, chance, keep, cheat, threshold]


def amounts_of_sourcing(calls, price, dealing):
    volume = 1_000 * calls
    break_even = 180_000 / (price + dealing - 1.5)
    return [volume, 180_000 / volume + 1.5, price + dealing, price, dealing, break_even]


def amounts_of_ladder(tier, role_cost, churn_cut):
    margin = chapter.TIERS[tier]
    worth = relationship.role_ladder_values(margin, 0.015, role_cost, churn_cut / 100, 5, 0.01)
    return [margin, 1.5, role_cost, churn_cut, worth.argmax(), 5, worth.max(), worth[0], worth[-1], 1]


def amounts_of_forecast(loyal, luck, draw):
    luck_of_each = np.random.default_rng([chapter.SEED, draw]).normal(0, luck, (2, 200))
    first, later = luck_of_each + 20 * (np.arange(200) < 2 * loyal)
    share = later[first > 0].sum() / first[first > 0].sum()
    printed = [100 * share] if share >= 0.005 else []
    return [draw, 200, loyal, 20, luck, first[first > 0].sum(), 200 * luck / np.sqrt(2 * np.pi), *printed]


AMOUNTS = (
    amounts_of_profile,
    amounts_of_guarantee,
    amounts_of_trust,
    amounts_of_sourcing,
    amounts_of_ladder,
    amounts_of_forecast,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_models_own_rounded(widget, amounts):
    for frame in sample(widget, 20):
        caption = widget.caption(**frame)
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show
