"""The six widgets of the segmentation chapter, and its quick questions: what they say, that texts fit."""

import functools
import itertools
import re

import numpy as np
import pytest
from scipy.stats import zscore
from widget_checks import headline, sample

from crmkit.models import segment
from crmkit.quick import find as find_questions
from crmkit.widgets import find
from crmkit.widgets import segment as chapter

NAMES = ("pyramid_and_lorenz", "pareto_rule", "roles_mosaic", "rfm_cells", "k_means_steps", "value_potential")
WIDGETS = [find(f"segment.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


@functools.cache
def sampled_captions(name):
    widget = find(f"segment.{name}")
    return [(frame, widget.caption(**frame)) for frame in [widget.start, *sample(widget, 10)]]


# How many


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
        # 1 − .8·.40 − .15·(.40 + .60) − .04·(.60 + .75) − .01·1.75 = .4585, a shade below in binary
        (chapter.pyramid_and_lorenz, {}, "Gini coefficient of the four groups is 0.458."),
        # (25 / 1) / (40 / 80)
        (chapter.pyramid_and_lorenz, {}, "as much as 50 small customers"),
        (chapter.pyramid_and_lorenz, {}, "largest 5% bring 40% and the largest 20% 60%"),
        # α = 1 / (1 − ln .65 / ln .2) = 1.3654; .01^(1 − 1/α) = .2915; 1 / (2α − 1) = .5777
        (
            chapter.pareto_rule,
            {},
            "exponent is 1.365, the Gini coefficient 0.578, and the top 1% bring 29.2%",
        ),
        # Not the user: .6·.4 + .4·.6 = .48, a child in 70% of them; the decider: .48 · .3 · .25
        (chapter.roles_mosaic, {}, "the decider in 3.6% and the user in 48.0%"),
        (chapter.roles_mosaic, {}, "In 52.0% one person pays, decides and drinks; in 33.6% a child drinks"),
        # 1.25 / 20
        (chapter.rfm_cells, {}, "a cell needs a response of 6.25%"),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_frame_and_no_quick_question_answers_a_question_of_the_exercise():
    # The exercises ask for 80/20, and for tiers with 40/25/15/20 and 18/17/30/35% of the revenue.
    assert 80 not in chapter.pareto_rule.controls["value_share"].values
    assert not {40, 18} & set(chapter.pyramid_and_lorenz.controls["vip"].values)
    told = [f"{o.text} {o.reason}" for q in find_questions("segment").questions for o in q.options]
    assert not re.search(r"0\.70|0\.49|1\.16|0\.76|52\.8|66\.0|0\.63", " ".join(told))


def test_quick_answers_are_those_that_the_arithmetic_gives():
    # (30 / 1) / (24 / 80); 0.7²
    right = [question.answer.text for question in find_questions("segment").questions]
    assert right == [
        "100",
        "49%",
        "Bought often and much, but not for a long time",
        "No: they overlap and leave some out",
        "Both bulk and regular: the list mixes two bases",
    ]


# What changes when a control moves


def test_a_steeper_pyramid_has_a_larger_gini():
    flat = headline(chapter.pyramid_and_lorenz, vip=15, major=10, ordinary=15)
    steep = headline(chapter.pyramid_and_lorenz, vip=35, major=25, ordinary=30)
    assert flat == "One VIP brings as much as 20 small ones; Gini 0.23"
    assert steep == "One VIP brings as much as 280 small ones; Gini 0.79"


def test_each_tier_brings_more_a_customer_than_the_next_at_every_setting():
    for frame in chapter.pyramid_and_lorenz.frames():
        shares = [frame["vip"], frame["major"], frame["ordinary"], 100 - sum(frame.values())]
        each = np.array(shares) / list(segment.PYRAMID.values())
        assert (np.diff(each) < 0).all(), frame


def top_shares(customers, value_share):
    captions = [
        chapter.pareto_rule.caption(customers=customers, value_share=value_share, draw=draw)
        for draw in range(1, 7)
    ]
    return [float(re.search(r"shows ([\d.]+)% for its top 20%", caption)[1]) for caption in captions]


def test_small_files_scatter_and_fall_short_of_the_rule_and_large_ones_come_near():
    small, large = top_shares("100", 65), top_shares("10,000", 65)
    assert np.mean(small) < 65 - 2 * abs(np.mean(large) - 65)
    assert np.std(small) > 2 * np.std(large)


def test_the_six_files_are_typical_of_many():
    alpha = segment.pareto_alpha(0.2, 0.65)
    many = [
        100 * segment.top_share((1 - np.random.default_rng(seed).random(100)) ** (-1 / alpha), 0.2)
        for seed in range(300)
    ]
    six = top_shares("100", 65)
    assert abs(np.mean(six) - np.mean(many)) < 2 * np.std(many) / 6**0.5
    assert np.std(six) == pytest.approx(np.std(many), rel=0.5)


def test_the_payer_misses_the_user_and_the_user_the_payer_in_the_same_households():
    assert headline(chapter.roles_mosaic, reader="payer") == "A letter to the payer misses the user in 48%"
    assert headline(chapter.roles_mosaic, reader="user") == "A letter to the user misses the payer in 48%"
    # A child never decides: .48 · .7, and other grown-ups who drink in 3 of 4: .48 · .3 · .75
    assert (
        headline(chapter.roles_mosaic, reader="decider") == "A letter to the decider misses the user in 44%"
    )


def test_households_add_up_and_tiles_fill_the_mosaic():
    for frame in sample(chapter.roles_mosaic, 5):
        shares = (frame[key] / 100 for key in ("grandparents", "parents_buy", "grandparents_buy"))
        assert sum(h.share for h in chapter._households(*shares)) == pytest.approx(1)
        figure, _ = chapter.roles_mosaic.draw(**frame)
        tiles = [patch for patch in figure.axes[0].patches if patch.get_fill()]
        assert sum(tile.get_width() * tile.get_height() for tile in tiles) == pytest.approx(1)


def profit(face, cost, tested):
    cells = chapter._cells(face, tested)
    gain = chapter.MARGIN * cells["expected"] - cost * cells["listed"]
    return gain[cells["response"] >= cost / chapter.MARGIN].sum()


@pytest.mark.parametrize("face", chapter.FACES)
def test_a_larger_test_chooses_better_cells_at_every_cost(face):
    for cost in chapter.rfm_cells.controls["cost"].values:
        profits = [profit(face, cost, tested) for tested in chapter.TESTS.values()]
        assert profits == sorted(profits)


def test_a_dearer_letter_goes_to_fewer_cells():
    counts = [int(re.search(r"to (\d+) of", headline(chapter.rfm_cells, cost=c))[1]) for c in (0.5, 1, 2)]
    assert counts[0] > counts[1] > counts[2] > 0


def test_every_frame_chooses_at_least_one_cell():
    for face, tested in itertools.product(chapter.FACES, chapter.TESTS.values()):
        cells = chapter._cells(face, tested)
        assert len(cells) == 25
        assert cells["response"].max() >= 2.0 / chapter.MARGIN


def test_start_c_settles_in_a_worse_split_than_a_and_b():
    for clusters in (3, 4):
        ends = {start: chapter._steps(start, clusters)[-1].within for start in chapter.STARTS}
        best = chapter._best(clusters)
        assert ends["A"] == pytest.approx(best, rel=0.01)
        assert ends["B"] == pytest.approx(best, rel=0.01)
        assert ends["C"] > 1.5 * best
    assert headline(chapter.k_means_steps, step=7).endswith("where the best of 50 starts ends")
    assert headline(chapter.k_means_steps, start="C", step=7).endswith("but other starts end better")


def test_every_run_settles_by_step_7():
    last = chapter.k_means_steps.controls["step"].high
    for start, clusters in itertools.product(chapter.STARTS, (2, 3, 4)):
        assert len(chapter._steps(start, clusters)) - 1 <= last


def test_a_step_says_how_many_buyers_moved():
    assert headline(chapter.k_means_steps, step=0) == "Start: each buyer joins the nearest of 3 centres"
    assert headline(chapter.k_means_steps, step=1) == "Step 1: 10 buyers change to a nearer centre"
    assert "1 changes its segment" in chapter.k_means_steps.caption(start="C", clusters=2, step=2)


def test_every_buyer_is_in_the_picture():
    figure, _ = chapter.k_means_steps.draw(**chapter.k_means_steps.start)
    (ax,) = figure.axes
    points, _ = chapter._buyers()
    assert sum(len(line.get_xdata()) for line in ax.lines[:4]) == len(points) == 160
    assert (points >= [ax.get_xlim()[0], 0]).all()
    assert (points <= [ax.get_xlim()[1], 1.34]).all()  # below the note


def test_the_more_potential_follows_value_the_less_is_overlooked():
    findings = [headline(chapter.value_potential, follows=follows) for follows in chapter.FOLLOWS]
    counts = [int(re.search(r"(\d+) account", finding)[1]) for finding in findings]
    assert counts[0] > counts[1] > counts[2] > 0


def test_nobody_and_one_account_are_said_in_words_of_their_own():
    assert headline(chapter.value_potential, follows="closely", value_from=20, potential_from=80) == (
        "Nobody is overlooked: who has potential ranks high"
    )
    assert "1 account, " in headline(
        chapter.value_potential, follows="closely", value_from=40, potential_from=60
    )


def test_every_account_is_in_the_picture_and_its_corners_are_free():
    for follows in chapter.FOLLOWS:
        points = np.log(chapter._accounts(follows))
        assert points.min() > np.log(4)
        assert points.max() < np.log(400)


def test_accounts_are_correlated_as_the_caption_says():
    for follows, correlation in chapter.FOLLOWS.items():
        logs = np.log(chapter._accounts(follows))
        assert np.corrcoef(logs)[0, 1] == pytest.approx(correlation, abs=3 * chapter.ACCOUNTS**-0.5)


# Numbers


def amounts_of_pyramid(vip, major, ordinary):
    small = 100 - vip - major - ordinary
    gini = 1 - (80 * small + 15 * (2 * small + ordinary)) / 1e4
    gini -= (4 * (2 * (small + ordinary) + major) + 1 * (200 - vip)) / 1e4
    shares = [1, vip, 4, major, 15, ordinary, 80, small]
    return [*shares, 5, vip + major, 20, vip + major + ordinary, vip / (small / 80), gini]


def amounts_of_pareto(value_share, customers, draw):
    alpha = 1 / (1 - np.log(value_share / 100) / np.log(0.2))
    size = chapter.SIZES[customers]
    chance = np.random.default_rng([chapter.SEED_OF_FILES, draw]).random(10_000)[:size]
    x = np.sort((1 - chance) ** (-1 / alpha))
    top = [100 * x[-round(share * size) :].sum() / x.sum() for share in (0.2, 0.01)]
    gini = 2 * (np.arange(1, size + 1) * x).sum() / (size * x.sum()) - (size + 1) / size
    rule = [alpha, 1 / (2 * alpha - 1), 1, 100 * 0.01 ** (1 - 1 / alpha)]
    return [20, value_share, *rule, draw, size, top[0], 20, top[1], 1, gini]


def amounts_of_roles(reader, grandparents, parents_buy, grandparents_buy):
    others = ((100 - grandparents) * parents_buy + grandparents * grandparents_buy) / 100
    user_decides = others * 0.3 * 0.25
    apart = {
        frozenset({"payer", "user"}): others,
        frozenset({"payer", "decider"}): user_decides,
        frozenset({"decider", "user"}): others - user_decides,
    }
    missed = [apart[frozenset({reader, role})] for role in chapter.READERS if role != reader]
    return [grandparents, parents_buy, grandparents_buy, *missed, 100 - others, 0.7 * others]


def amounts_of_rfm(face, cost, tested):
    customers, (one, two) = chapter._customers(), chapter.FACES[face]
    test, rest = customers[: chapter.TESTS[tested]], customers[-20_000:]
    chosen, profit, best = 0, 0.0, 0.0
    for x, y in itertools.product(range(1, 6), repeat=2):
        seen = test[(test[one] == x) & (test[two] == y)]["responded"]
        gain = (20 * rest[(rest[one] == x) & (rest[two] == y)]["chance"] - cost).sum()
        best += max(gain, 0)
        if len(seen) and seen.mean() >= cost / 20:
            chosen, profit = chosen + 1, profit + gain
    to_all = (20 * rest["chance"] - cost).sum()
    return [cost, 20, 100 * cost / 20, 25, chosen, chapter.TESTS[tested], 20_000, profit, to_all, best]


def amounts_of_steps(start, clusters, step):
    points, kinds = chapter._buyers()
    points = zscore(points)
    first = np.random.default_rng([7, chapter.STARTS[start]]).choice(160, 4, replace=False)
    centres = points[first[: int(clusters)]]
    before, changed = None, []
    for _ in range(int(step) + 1):
        distances = ((points[:, None] - centres) ** 2).sum(axis=2)
        labels = distances.argmin(axis=1)
        changed = [] if before is None else [(labels != before).sum()]
        before, within = labels, distances.min(axis=1).sum()
        centres = np.array([points[labels == c].mean(axis=0) for c in range(int(clusters))])
    best = segment.k_means(points, int(clusters), starts=50, seed=3).within
    ari = segment.adjusted_rand_index(kinds, labels)
    return [step, 160, clusters, *changed, within, 50, best, ari]


def amounts_of_matrix(value_from, potential_from, follows):
    value, potential = chapter._accounts(follows)
    much, more = value >= value_from, potential >= potential_from
    counts = [(much & more).sum(), (much & ~more).sum(), (~much & more).sum(), (~much & ~more).sum()]
    overlooked = 100 * potential[~much & more].sum() / potential.sum()
    return [250, value_from, potential_from, *counts, chapter.FOLLOWS[follows], overlooked]


AMOUNTS = (
    amounts_of_pyramid,
    amounts_of_pareto,
    amounts_of_roles,
    amounts_of_rfm,
    amounts_of_steps,
    amounts_of_matrix,
)


@pytest.mark.parametrize(("name", "amounts"), list(zip(NAMES, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_models_own_rounded(name, amounts):
    for frame, caption in sampled_captions(name):
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show
