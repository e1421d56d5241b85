"""The six widgets of the strategy chapter, and its quick questions: what they say."""

import re

import numpy as np
import pytest
from scipy import optimize
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold import ClassicalMDS
from widget_checks import headline, sample

from crmkit.data import load
from crmkit.quick import find as find_questions
from crmkit.widgets import find
from crmkit.widgets import strategy as chapter

NAMES = (
    "growth_matrix",
    "diagnosis_board",
    "perceptual_map",
    "win_and_keep",
    "consistency_funnel",
    "service_tiers",
)
WIDGETS = [find(f"strategy.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@each_widget
def test_a_widget_has_30_to_60_frames(widget):
    assert 30 <= len(list(widget.frames())) <= 60


@each_widget
def test_invented_data_is_called_so(widget):
    assert re.search("simulated|illustrative", widget.caption())


def numbers(text):
    found = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", text)
    return [float(each.replace(",", "").replace("−", "-")) for each in found]


# The growth matrix


def test_fields_are_the_arithmetic_of_the_settings():
    for frame in chapter.growth_matrix.frames():
        lost, won, new = (frame[key] for key in ("lost", "won", "new"))
        taken = {"nothing": 0, "most of it": 0.8}[frame["taken"]] * new / 100
        stay = 100 - lost
        loyalty, extension = -lost - stay * taken, stay * new / 100
        acquisition, diversification = won * (1 - taken), won * new / 100
        net = (stay + won) * (new / 100 - taken)
        total = loyalty + extension + acquisition + diversification
        told = [loyalty, -lost, extension, acquisition, diversification, total, net]
        said = numbers(chapter.growth_matrix.caption(**frame).partition("Loyalty")[2])
        assert said == pytest.approx(told, abs=0.051), frame


def test_what_is_taken_from_own_products_is_not_added():
    assert headline(chapter.growth_matrix, taken="nothing", new=20).endswith("book 20.0 and add 20.0")
    assert headline(chapter.growth_matrix, taken="most of it", new=20).endswith("book 20.0 and add 4.0")
    assert headline(chapter.growth_matrix, new=0, lost=25, won=5) == "Growth −20.0: won 5, lost 25"


# The board


def board(**values):
    return chapter.diagnosis_board.caption(**values)


def test_counts_on_the_board_are_those_of_the_tables():
    months = load("hailang.route_months").query("month == '1999-03'")
    full = months["accounts"].sum() / 80_000
    exits = load("hailang.carriers")["exit_month"].isin(
        ["1998-10", "1998-11", "1998-12", "1999-01", "1999-02", "1999-03"]
    )
    text = board(date="1999-03")
    assert f"{full:.0%} of the boxes taken" in text
    assert f"{exits.sum()} carriers quit in 6 months" in text
    assert "a rival in 3 of 20 zones" in text


def test_a_fact_appears_when_it_has_happened():
    assert "Price Law" not in board(date="1998-03")
    assert "Price Law in force" in board(date="1998-09")
    assert "a rival in" not in board(date="1998-09")


def test_swot_and_the_four_questions_have_a_place_for_every_fact_and_pest_only_for_the_environment():
    for lens in ("SWOT", "four questions"):
        assert "12 of 12 facts have a place." in board(date="1999-09", lens=lens)
    assert "4 of 12 facts have a place." in board(date="1999-09", lens="PEST")


def test_the_dairys_weakness_is_its_rivals_opportunity():
    swot = {owner: board(lens="SWOT", owner=owner) for owner in chapter.OWNERS}
    assert re.search(r"Weaknesses: [^.]*carriers quit", swot["the dairy"])
    assert re.search(r"Opportunities: [^.;]*carriers quit", swot["its rivals"])
    assert "Weaknesses: nothing" in swot["its rivals"]


# The map


def test_distances_stress_and_share_are_those_of_independent_code():
    for frame in sample(chapter.perceptual_map, 8):
        weights = [chapter.WEIGHTS[frame["price"]], chapter.WEIGHTS[frame["convenience"]], 1, 1]
        given = pdist(chapter.RATINGS, "euclidean", w=weights)
        model = ClassicalMDS(n_components=2, metric="precomputed").fit(squareform(given))
        drawn = pdist(model.embedding_)
        stress = np.sqrt(((given - drawn) ** 2).sum() / (drawn**2).sum())
        centred = chapter.RATINGS * np.sqrt(weights)
        spread = np.linalg.svd(centred - centred.mean(axis=0), compute_uv=False) ** 2
        told = [squareform(given)[0, 1:].min(), 100 * spread[:2].sum() / spread.sum(), stress]
        said = numbers(chapter.perceptual_map.caption(**frame))
        assert said == pytest.approx(told, abs=0.51)
        assert [said[0], said[2]] == pytest.approx([told[0], told[2]], abs=0.0051)


def test_turning_the_map_changes_no_number():
    said = {tuple(numbers(chapter.perceptual_map.caption(view=view))) for view in chapter.VIEWS}
    assert len(said) == 1


def test_who_is_next_depends_on_what_counts():
    assert "rival dairy" in headline(chapter.perceptual_map, price="not at all")
    assert "corner shop" in headline(chapter.perceptual_map, price="three times", convenience="half")


def test_every_offer_is_on_the_map():
    for frame in chapter.perceptual_map.frames():
        figure, _ = chapter.perceptual_map.draw(**frame)
        ax = figure.axes[0]
        points = np.array([line.get_xydata()[0] for line in ax.lines[1:]])
        assert len(points) == 6
        assert (abs(points) < [ax.get_xlim()[1], ax.get_ylim()[1]]).all(), frame


# Winning and keeping


def equity(winning, keeping, margin):
    won = 0.3 * (1 - np.exp(-0.06 * winning))
    stays = 0.5 + 0.4 * (1 - np.exp(-0.08 * keeping))
    value = margin + (margin * stays - keeping) / (1.1 - stays)
    return 100 * won, 100 * stays, value, won * value - winning


def test_spending_brings_what_the_formula_says():
    for frame in sample(chapter.win_and_keep, 12):
        winning, keeping, margin = frame.values()
        won, stays, value, gain = equity(**frame)
        best = max(0, np.log(0.06 * 0.3 * value) / 0.06)
        found = optimize.minimize(
            lambda x, m=margin: -equity(*x, m)[3], [20, 20], bounds=[(0, 90)] * 2, method="L-BFGS-B"
        )
        told = [winning, keeping, won, stays, margin, 10, value, gain, best, *found.x, -found.fun]
        said = numbers(chapter.win_and_keep.caption(**frame))
        for shown, amount in zip(said, told, strict=True):
            assert shown == pytest.approx(amount, abs=0.5 if shown == round(shown) else 0.051), frame


def test_no_widget_and_no_quick_question_has_the_exercises_numbers():
    # The exercise asks for a ceiling of 0.4, k = 0.05 and a value of 100, and for a triangle of 3, 4 and 5.
    assert chapter.WINNING.ceiling != 0.4
    assert chapter.WINNING.slope != 0.05
    told = [f"{o.text} {o.reason}" for q in find_questions("strategy").questions for o in q.options]
    assert not re.search(r"13\.8|13\.9|6\.1[34]|12\.96|3\.70", " ".join(told))


def test_quick_answers_are_those_that_the_arithmetic_gives():
    # k = ln 2 / 5; ln(k · 0.2 · 60) / k = 3.67. 6% + 3 √(0.06 · 0.94 / 40) = 17%.
    right = [question.answer.text for question in find_questions("strategy").questions]
    assert right == [
        "At most 1 thousand, if nothing else has changed",
        "Threat in SWOT, technological in PEST: both",
        "Identify its customers, which the list leaves out",
        "No, rather less: about 3.7 yuan",
        "Nothing yet: count for longer",
    ]
    late = find_questions("strategy").questions[-1]
    assert all("17%" in option.reason for option in late.options[:3])


# Consistency


def test_where_all_are_alike_hardly_anybody_is_beyond_the_limits():
    beyond = [
        chapter._deliveries(0, period, draw)[2].out_of_control.sum()
        for period in chapter.PERIODS
        for draw in range(1, 5)
    ]
    # 480 people; three standard errors leave about 0.3% of them, and a little more where few are counted.
    assert sum(beyond) <= 6


def test_the_longer_one_counts_the_more_of_the_truly_worst_are_found():
    def found(period):
        hits = 0
        for draw in range(1, 5):
            true, _, chart = chapter._deliveries(1, period, draw)
            hits += np.isin(np.argsort(chart.shares)[-5:], np.argsort(true)[-5:]).sum()
        return hits

    assert found("a week") < found("half a year")


def test_the_people_differ_by_what_the_control_says():
    for spread in (1, 2, 3):
        true, _, _ = chapter._deliveries(spread, "a month", 1)
        # The standard error of a standard deviation of 40 values is a ninth of it.
        assert np.std(100 * true) == pytest.approx(spread, rel=0.25)


def test_every_person_is_in_the_picture():
    for frame in chapter.consistency_funnel.frames():
        _, sizes, chart = chapter._deliveries(frame["spread"], frame["period"], int(frame["draw"]))
        assert sizes.min() > 120
        assert sizes.max() < 29_000
        assert 100 * chart.shares.max() < 17


# Service by tier


def gain(contribution, cost, effect, churn):
    """Gain a month by the sum of what is left, month by month, over what a yuan a month is worth."""
    months = np.arange(1, 3_000)
    usual = ((1 - churn) / 1.01) ** months
    kept = ((1 - churn * (1 - effect)) / 1.01) ** months
    return ((contribution - cost) * kept - contribution * usual).sum() / usual.sum()


def test_gains_of_a_tier_are_sums_over_the_months_that_it_stays():
    for effect, cost, churn in ((0.1, 2, 0.01), (0.4, 10, 0.04), (0.25, 6, 0.01)):
        for _, each in chapter.TIERS.values():
            made = chapter._service_gains(each, effect, cost, churn)
            assert made["batch"] == 0
            assert made["differentiated"] == pytest.approx(gain(each, cost / 5, effect / 2, churn))
            assert made["customised"] == pytest.approx(gain(each, cost, effect, churn))


def test_what_each_tier_pays_for_is_never_beaten_by_one_service_for_all():
    for frame in chapter.service_tiers.frames():
        own, best = numbers(headline(chapter.service_tiers, **frame))
        assert own <= best
        if frame["policy"] == chapter.POLICIES[2]:
            assert own == best
