"""The six widgets of the 4C chapter: what they say, how many frames they have, that texts fit."""

import functools
import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import stats
from widget_checks import headline

from crmkit.models import value
from crmkit.widgets import find
from crmkit.widgets import value as chapter

NAMES = (
    "total_cost",
    "four_p_four_c",
    "value_of_an_hour",
    "strategy_canvas",
    "free_trial",
    "number_of_options",
)
WIDGETS = [find(f"value.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@functools.cache
def drawn(widget):
    """Draw every frame once: its values, its caption, its headline, and where the headline ends."""
    frames = []
    for frame in widget.frames():
        figure, caption = widget.draw(**frame)
        text = figure.texts[0]
        end = text.get_window_extent(FigureCanvasAgg(figure).get_renderer()).x1 / figure.bbox.x1
        frames.append((frame, caption, text.get_text(), end))
    return frames


# How many


@each_widget
def test_a_widget_has_at_most_120_frames(widget):
    assert 24 <= len(list(widget.frames())) <= 120


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 10 trips of 8 minutes are 4/3 hours at 20 yuan: 26.67; with 46.50 + 5 + 3 that is 81.17.
        (chapter.total_cost, {}, "81.17 yuan from the shop, 46.50 of it the price"),
        # 54 + 1 + 3 + 0.50, and 3% of 30 mornings at 4 yuan: 62.10.
        (chapter.total_cost, {}, "62.10 yuan at the door, 54.00 of it the price"),
        (chapter.total_cost, {}, "delivered value of 38.83 yuan from the shop and 57.90 yuan at the door"),
        # 4 · 3 minutes are a fifth of an hour at 40 yuan.
        (chapter.four_p_four_c, {}, "+8.00 yuan as Convenience, in all +8.00"),
        (chapter.four_p_four_c, {"decision": "5% off"}, "pairs with Cost. To working parents the first"),
        # 400 km cost 280 yuan and 5 hours by car, 350 yuan and 2.5 + 4/7 hours by plane: 70 / 1.93.
        (chapter.value_of_an_hour, {}, "where an hour is worth 36.3 yuan; above that the plane costs less"),
        (chapter.value_of_an_hour, {"distance": 200, "ground": 3.5}, "The car is both cheaper and faster"),
        (chapter.value_of_an_hour, {"distance": 600, "fare": 150}, "The plane is both cheaper and faster"),
        (
            chapter.value_of_an_hour,
            {"distance": 300, "fare": 150, "ground": 3.5},
            "below that the plane costs less",
        ),
        (chapter.value_of_an_hour, {"distance": 500}, "At the same price the plane is faster"),
        (chapter.strategy_canvas, {}, "0.0 points from the other airlines on average"),
        # 60 / (60 + 90) = 40%; 0.7 · 60 − 0.3 · 90 = 15
        (chapter.free_trial, {}, "break even at 40.0% returned. 6 of 20 came back, 30%"),
        (chapter.free_trial, {}, "A trial earns +15.00 yuan at the share seen"),
        (chapter.free_trial, {"returned": 0}, "at most 13.9%, 15.0% by the rule of three"),
        # 8 / 30 > 0.2 > 8 / 42, so the fifth kind is worth a look and the sixth is not.
        (chapter.number_of_options, {}, "would net most with 5"),
        (chapter.number_of_options, {}, "the mean effect was about zero"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_first_caption_answers_a_question_of_the_exercise():
    captions = " ".join(widget.caption() for widget in WIDGETS)
    for answer in ("4,000", "16 yuan an hour", "60%", "60.0%", "0.994", "27.4"):
        assert answer not in captions


@pytest.mark.parametrize("widget", [chapter.total_cost, chapter.four_p_four_c, chapter.free_trial])
def test_invented_data_about_the_dairy_is_called_simulated(widget):
    assert "simulated" in widget.caption()


@pytest.mark.parametrize(
    ("widget", "label"),
    [
        (chapter.four_p_four_c, "the course's reading"),
        (chapter.value_of_an_hour, "made-up fares and speeds"),
        (chapter.strategy_canvas, "the course's reading of Kim and Mauborgne"),
        (chapter.number_of_options, "a model, not data"),
    ],
)
def test_what_is_the_courses_own_is_labelled(widget, label):
    assert label in widget.caption()


# What the findings say


def test_the_cheaper_shop_wins_only_where_time_is_worth_little():
    findings = [headline(chapter.total_cost, value_of_hour=hour) for hour in (0, 40)]
    assert [finding.split()[-3] for finding in findings] == ["less", "more"]


def test_every_p_is_felt_as_a_c_that_the_list_does_not_pair_it_with_at_least_once():
    felt = {}
    for _, _, finding, _ in drawn(chapter.four_p_four_c):
        p, c = re.match(r"(\w+) changes, felt as ([\w ]+):", finding).groups()
        felt.setdefault(p, set()).add(c)
    for p, c in chapter.PAIRS.items():
        assert c in felt[p]
        assert felt[p] - {c}


def test_the_same_offer_is_felt_differently_by_different_customers():
    early = {"decision": "at the door by 6:00, not 7:30"}
    assert "Convenience: +" in headline(chapter.four_p_four_c, **early, customer="working parents")
    assert "Cost: −" in headline(chapter.four_p_four_c, **early, customer="a retired couple")


def test_less_time_at_airports_and_a_lower_fare_widen_the_market_of_the_plane():
    def from_an_hour_worth(**values):
        return int(headline(chapter.value_of_an_hour, **values).split()[-3])

    assert from_an_hour_worth(ground=1.5) < from_an_hour_worth() < from_an_hour_worth(ground=3.5)
    assert from_an_hour_worth(fare=300) < from_an_hour_worth() < from_an_hour_worth(fare=450)


def test_only_who_drops_comforts_and_hubs_comes_near_the_price_of_a_car():
    for frame, _, finding, _ in drawn(chapter.strategy_canvas):
        near = "near the price of a car" in finding.lower()
        dropped = {frame["comforts"], frame["hubs"]}
        if near:
            assert dropped <= {"none", "half of that"}
            assert "none" in dropped
        if dropped == {"none"}:
            assert near


def test_an_airline_that_copies_the_others_has_their_curve():
    assert headline(chapter.strategy_canvas).startswith("A copy of the other airlines: fare 8.0")
    richer = headline(chapter.strategy_canvas, service=8, departures=9)
    assert richer.startswith("More than other airlines give, and dearer")


def test_the_same_share_of_returns_is_proof_with_500_trials_and_not_with_20():
    assert headline(chapter.free_trial).startswith("So far it pays, but")
    assert headline(chapter.free_trial, trials="500 households").startswith("It pays even if")


def test_a_free_month_never_pays_at_worst_unless_it_pays_at_the_share_seen():
    for _, caption, finding, _ in drawn(chapter.free_trial):
        at_seen, at_worst = re.findall(r"[+−]?\d+\.\d\d(?= yuan at)", caption)
        assert float(at_worst.replace("−", "-")) <= float(at_seen.replace("−", "-"))
        assert finding.startswith("It pays even if") == at_worst.startswith("+")


def test_more_kinds_are_too_many_sooner_where_looking_costs_more():
    def best(cost):
        return int(re.search(r"net most with (\d+)", chapter.number_of_options.caption(search_cost=cost))[1])

    bests = [best(cost) for cost in (0.1, 0.2, 0.3, 0.4)]
    assert bests == sorted(bests, reverse=True)
    assert bests[0] > bests[-1]


# Every number of a caption


def amounts_of_cost(value_of_hour, minutes, missed):
    shop = 30 * 1.55 + 10 * minutes / 60 * value_of_hour + 10 * 0.5 + 10 * 0.3
    door = 30 * 1.80 + 1 + 3 + 30 * missed / 100 * 4 + 0.5
    return [value_of_hour, minutes, missed, shop, 46.5, door, 54, 120, 120 - shop, 120 - door]


def amounts_of_pairs(decision, customer):
    home = chapter.HOUSEHOLDS[customer]
    hour, bottles, bill = home.value_of_hour, home.bottles, 1.80 * home.bottles
    gains = {
        "bottles of half the size": [home.spoiled * bill, -0.03 * bottles],
        "a carton in place of glass": [bottles / 240 * hour],
        "5% off": [0.05 * bill],
        "one monthly bill, no coins": [0.2 * hour],
        "at the door by 6:00, not 7:30": [hour / 3 if home.out_by_seven else -2],
        "a locker at the gate, 5% off": [0.05 * bill, -bottles / 240 * hour],
        "a first week free": [home.doubt * bill / 4],
        "a message when milk is late": [3 * home.worry],
    }[decision]
    return [*map(float, re.findall(r"\d+", decision)), *gains, sum(gains)]


def amounts_of_hour(distance, fare, ground):
    car, plane = (0.7 * distance, distance / 80), (fare, ground + distance / 700)
    dearer, slower = plane[0] - car[0], plane[1] - car[1]
    # One of two prices and times may be better in both.
    even = [] if dearer * slower >= 0 else [-dearer / slower]
    return [distance, *car, *plane, *even]


def amounts_of_canvas(comforts, hubs, service, departures):
    level = {"as other airlines": 1, "half of that": 0.5, "none": 0}
    comfort, hub = level[comforts], level[hubs]
    fare = 8 - 0.16 * 19 * (1 - comfort) - 0.3 * 8 * (1 - hub) + 0.1 * (service - 4) + 0.1 * (departures - 3)
    yours = [fare, 6 * comfort, 6 * comfort, 7 * comfort, 8 * hub, service, 8 - hub, departures]
    gaps = [
        sum(abs(own - other) for own, other in zip(yours, others, strict=True)) / 8
        for others in ([8, 6, 6, 7, 8, 4, 7, 3], [2, 1, 0, 3, 0, 1, 2, 9])
    ]
    return [service, departures, 10, fare, 8, 2, 8, *gaps, 2005]


def amounts_of_trial(loss, trials, returned):
    tried = int(trials.split()[0])
    events = round(tried * returned / 100)
    highest = stats.beta.ppf(0.95, events + 1, tried - events)
    quick = [300 / tried] if events == 0 else []
    profits = [60 - rate * (60 + loss) for rate in (events / tried, highest)]
    return [60, loss, 6_000 / (60 + loss), events, tried, returned, 95, 100 * highest, *quick, *profits]


def amounts_of_options(options, spread, search_cost):
    # Each kind whose part of the expected best exceeds the effort is worth a look.
    best = sum(spread > search_cost * n * (n + 1) + 1e-9 for n in range(1, 50))
    comparing = spread * options / (options + 1) - search_cost * options
    stopping = value.value_of_stopping_early(int(options), spread, search_cost)
    return [options, spread, search_cost, comparing, best, stopping, 2010]


AMOUNTS = (
    amounts_of_cost,
    amounts_of_pairs,
    amounts_of_hour,
    amounts_of_canvas,
    amounts_of_trial,
    amounts_of_options,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_every_caption_is_right_as_rounded(widget, amounts):
    for frame, caption, _, _ in drawn(widget):
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show


@each_widget
def test_each_frame_says_something_of_its_own_without_nan(widget):
    captions = [caption for _, caption, _, _ in drawn(widget)]
    assert len(set(captions)) == len(captions)
    assert not any(re.search(r"\b(nan|inf|None)\b|\+0\.?0*[ %]|−0\.?0*[ %]", caption) for caption in captions)


@each_widget
def test_every_headline_fits_into_the_picture(widget):
    assert max(end for *_, end in drawn(widget)) <= 0.99
