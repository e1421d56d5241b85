"""The widgets of the strategy chapter: growth, diagnosis, positioning, spending, consistency, service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.stats import binom

from crmkit.data import load
from crmkit.models import control, lifetime, positioning, strategy
from crmkit.models.control import PChart
from crmkit.models.positioning import Floats
from crmkit.models.strategy import Growth, ResponseCurve
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

FAINT = "#C9C9C9"

# --- The growth matrix -------------------------------------------------------------------------------

TAKEN = {"nothing": 0.0, "most of it": 0.8}
CUSTOMERS = 100


@widget(
    lost=Slider("Customers lost", 5, 25, 10, 15, "%"),
    won=Slider("Customers won", 5, 25, 10, 15, "% of the old"),
    new=Slider("New products are", 0, 20, 10, 10, "% of a customer's old spending"),
    taken=Choice("Taken from own products", tuple(TAKEN), start="most of it"),
)
def growth_matrix(lost: float, won: float, new: float, taken: str) -> tuple[Figure, str]:
    """In which field does the firm grow, and is it really growth?"""
    growth = _growth(int(lost), int(won), new / 100, TAKEN[taken])
    without = _growth(int(lost), int(won), 0, 0)
    new_money = growth.total - without.total

    figure, (ax,) = style.new_figure(height=4.0)
    ax.set_position((0.03, 0.2, 0.94, 0.68))
    _draw_growth(ax, growth)
    style.headline(figure, _growth_finding(growth, new_money))

    return figure, (
        f"A simulated firm starts at a revenue of 100. It loses {lost:g}% of its customers and wins "
        f"{won:g}% as many; new products bring {new:g}% of what a customer spent, {taken} taken from its "
        f"own products. Loyalty changes revenue by {_signed(growth.loyalty)} (of it "
        f"{_signed(-growth.lost)} customers lost), extension by {_signed(growth.extension)}, acquisition by "
        f"{_signed(growth.acquisition)} and diversification by {_signed(growth.diversification)}: in all "
        f"{_signed(growth.total)}. The new products themselves have added {_signed(new_money)}."
    )


def _growth(lost: int, won: int, new: float, taken: float) -> Growth:
    """Return the growth of a firm whose customers are alike and each spent 1."""
    stay, come = range(lost, CUSTOMERS), range(CUSTOMERS, CUSTOMERS + won)
    old = 1 - taken * new
    before = pd.DataFrame({"customer": range(CUSTOMERS), "product": "old", "revenue": 1.0})
    after = [
        pd.DataFrame({"customer": [*stay, *come], "product": product, "revenue": revenue})
        for product, revenue in (("old", old), ("new", new))
    ]
    return strategy.decompose_growth(before, pd.concat(after))


def _signed(value: float) -> str:
    return number(value, "+.1f")


def _growth_finding(growth: Growth, new_money: float) -> str:
    change = f"Growth {_signed(growth.total)}"
    booked = growth.extension + growth.diversification
    if booked == 0:
        return f"{change}: won {growth.acquisition:.0f}, lost {growth.lost:.0f}"
    return f"{change}: new products book {booked:.1f} and add {new_money:.1f}"


def _draw_growth(ax: Axes, growth: Growth) -> None:
    """Draw the way from last year's revenue to this year's, the steps of each field in turn."""
    ax.set(xlim=(-0.6, 6.6), ylim=(44, 153), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    names = ["last\nyear", "lost\ncustomers", "stayed,\nold\nproducts", "extension"]
    names += ["acqui-\nsition", "diversi-\nfication", "this\nyear"]
    ax.set_xticks(range(len(names)), names, fontsize=style.SMALL)
    steps = (-growth.lost, growth.stayed, growth.extension, growth.acquisition, growth.diversification)
    for x, level in ((0, growth.before), (6, growth.after)):
        ax.bar(x, level - 44, bottom=44, width=0.72, color=style.GREY)
        ax.text(x, level + 2, f"{level:.0f}", ha="center", fontsize=style.LABEL, fontweight="bold")
    level = growth.before
    for x, step in enumerate(steps, start=1):
        bar = ax.bar(x, step, bottom=level, width=0.72, color=style.BLUE if step > 0 else style.ORANGE)
        bar[0].set(hatch="" if step > 0 else "//", edgecolor="white", linewidth=0)
        ax.plot([x - 0.64, x + 0.36], [level, level], color=style.BLACK, linewidth=0.8)
        ax.text(x, max(level, level + step) + 2, _signed(step), ha="center", fontsize=style.LABEL)
        level += step
    ax.plot([5.36, 6.36], [level, level], color=style.BLACK, linewidth=0.8)
    ax.plot([0.64, 2.36], [58, 58], color=style.BLACK, linewidth=1)
    ax.text(1.5, 56, f"loyalty {_signed(growth.loyalty)}", ha="center", va="top", fontsize=style.LABEL)


# --- The board of facts ------------------------------------------------------------------------------

DATES = ("1997-03", "1997-09", "1998-03", "1998-09", "1999-03", "1999-09")
LENSES = {
    "SWOT": ("strengths", "weaknesses", "opportunities", "threats"),
    "PEST": ("political", "economic", "social", "technological"),
    "four questions": ("rivals?", "environment?", "ourselves?", "customers?"),
}
OWNERS = ("the dairy", "its rivals")


@dataclass(frozen=True)
class Fact:
    """A fact on the board: where it comes from, and whether it helps the dairy.

    `source` is dairy, rival, customer or the PEST letter of the environment.
    """

    text: str
    source: str
    helps_dairy: bool


@widget(
    date=Choice("Board of", DATES, start="1998-09"),
    lens=Choice("Sorted by", tuple(LENSES)),
    owner=Choice("It belongs to", OWNERS),
)
def diagnosis_board(date: str, lens: str, owner: str) -> tuple[Figure, str]:
    """What does the board say on that day, by that scheme, for that firm?"""
    facts = _facts(date)
    places = {name: [f for f in facts if _place(f, lens, owner) == name] for name in LENSES[lens]}
    placed = sum(map(len, places.values()))

    figure, (ax,) = style.new_figure(height=4.4)
    ax.set_position((0.02, 0.085, 0.96, 0.82))
    _draw_board(ax, places)
    left_out = len(facts) - placed
    style.headline(figure, _board_finding(lens, owner, places, len(facts)))
    note = f"{left_out} of {len(facts)} facts have no place here" if left_out else "Every fact has a place"
    figure.text(0.02, 0.03, note, fontsize=style.SMALL, va="center")

    listed = "; ".join(_listed(name, found) for name, found in places.items())
    caption = (
        f"Facts of {date} on the simulated dairy, sorted by {lens} for {owner}. {listed}. {placed} of "
        f"{len(facts)} facts have a place."
    )
    if lens == "SWOT" and owner == OWNERS[1]:
        caption += " What a rival's weaknesses are, the dairy's own tables do not know."
    return figure, caption


def _listed(name: str, facts: list[Fact]) -> str:
    return f"{name.rstrip('?').capitalize()}: {', '.join(fact.text for fact in facts) or 'nothing'}"


@cache
def _facts(date: str) -> list[Fact]:
    """Return what was to be seen by that month: counts of the dairy's tables, and three invented notes."""
    months = load("hailang.route_months")
    full = months.loc[months["month"] == date, "accounts"].sum() / load("hailang.routes")["boxes"].sum()
    accounts = load("hailang.subscribers")
    here = accounts["join_month"].le(date) & ~accounts["leave_month"].lt(date)
    here &= accounts["type"] == "household"
    for_others = (accounts["payer"] != accounts["user"])[here].mean()
    known = accounts.loc[here, "phone_known_to_firm"].mean()
    moves = load("hailang.competitor_moves")
    moves = moves[moves["month"] <= date]["move"].value_counts()
    exits = load("hailang.carriers")["exit_month"].between(str(pd.Period(date, "M") - 5), date).sum()
    bottles = load("hailang.sku_monthly").merge(load("hailang.products"), on="sku")
    bottles = bottles[bottles["month"] == date].groupby("concept_hype")["bottles"].sum()
    cuts = moves.get("price cut", 0)
    facts = [
        Fact(f"{full:.0%} of the boxes taken", "customer", True),
        Fact(f"payer is not drinker in {for_others:.0%}", "customer", False),
        Fact("milk at the door before 7", "dairy", True),
        Fact(f"{exits} carriers quit in 6 months", "dairy", False),
        Fact(f"{known:.0%} of home phones known", "dairy", False),
        Fact(f"concept milks {bottles.get(1, 0) / bottles.sum():.0%} of bottles", "dairy", False),
        Fact(f"{cuts} price {'cut' if cuts == 1 else 'cuts'} by rivals", "rival", False),
        Fact("incomes rise (invented)", "E", True),
        Fact("more double earners (invented)", "S", True),
        Fact("shops get cold shelves (invented)", "T", False),
    ]
    if entries := moves.get("entry", 0):
        facts.append(Fact(f"a rival in {entries} of 20 zones", "rival", False))
    if date >= "1998-05":
        facts.append(Fact("Price Law in force", "P", True))
    return facts


def _place(fact: Fact, lens: str, owner: str) -> str | None:
    """Return the field of the lens in which a fact stands for its owner, if there is one."""
    letters = dict(zip("PEST", LENSES["PEST"], strict=True))
    own = "dairy" if owner == OWNERS[0] else "rival"
    if lens == "PEST":
        return letters.get(fact.source)
    if lens == "four questions":
        if fact.source in letters:
            return "environment?"
        if fact.source == "customer":
            return "customers?"
        return "ourselves?" if fact.source == own else "rivals?"
    # What happens in the environment and among customers is taken to strike both firms alike.
    shared = fact.source not in ("dairy", "rival")
    helps = fact.helps_dairy if own == "dairy" or shared else not fact.helps_dairy
    if fact.source == own:
        return "strengths" if helps else "weaknesses"
    return "opportunities" if helps else "threats"


def _board_finding(lens: str, owner: str, places: dict[str, list[Fact]], facts: int) -> str:
    whose = f"{owner[0].upper()}{owner[1:]}"
    placed = sum(map(len, places.values()))
    if lens == "PEST":
        return f"PEST has a place for {placed} of {facts} facts"
    if lens == "SWOT":
        counts = [len(found) for found in places.values()]
        listed = f"{whose}: {counts[0]} S, {counts[1]} W, {counts[2]} O, {counts[3]} T"
        return listed if owner == OWNERS[0] else f"{listed}. What W do we know?"
    return f"{whose}: all {facts} facts sorted, and none judged"


def _draw_board(ax: Axes, places: dict[str, list[Fact]]) -> None:
    ax.set(xlim=(0, 2), ylim=(0, 2))
    ax.axis("off")
    looks = ((0, 1, style.BLUE), (1, 1, style.ORANGE), (0, 0, style.GREEN), (1, 0, style.RED))
    for (x, y, colour), (name, facts) in zip(looks, places.items(), strict=True):
        ax.add_patch(Rectangle((x + 0.01, y + 0.015), 0.98, 0.97, facecolor=colour, alpha=0.13))
        ax.add_patch(Rectangle((x + 0.01, y + 0.015), 0.98, 0.97, fill=False, edgecolor=colour))
        ax.text(x + 0.03, y + 0.89, name, va="center", fontsize=style.LABEL, fontweight="bold")
        for row, fact in enumerate(facts):
            ax.text(x + 0.03, y + 0.755 - 0.115 * row, fact.text, va="center", fontsize=style.SMALL)


# --- The perceptual map ------------------------------------------------------------------------------

OFFERS = ("Hailang", "rival dairy", "corner shop", "supermarket", "milk powder", "soy milk stall")
ATTRIBUTES = ("cheap", "convenient", "fresh", "choice")
RATINGS = np.array(
    [
        [3.5, 6.5, 6.0, 3.0],
        [5.5, 5.5, 5.5, 2.0],
        [4.5, 4.5, 4.0, 4.5],
        [5.5, 2.5, 3.5, 6.5],
        [4.0, 3.0, 1.0, 3.0],
        [6.5, 4.0, 6.5, 1.0],
    ]
)
"""Illustrative: how an invented panel rates six ways to have milk for breakfast, from 1 to 7."""
WEIGHTS = {"not at all": 0.0, "half": 0.5, "once": 1.0, "three times": 3.0}
VIEWS = {
    "as computed": np.eye(2),
    "a quarter turned": np.array([[0.0, 1.0], [-1.0, 0.0]]),
    "mirrored": np.diag([-1.0, 1.0]),
}


@widget(
    price=Choice("Cheapness counts", tuple(WEIGHTS), start="once"),
    convenience=Choice("Convenience counts", tuple(WEIGHTS), start="once"),
    view=Choice("The map is", tuple(VIEWS)),
)
def perceptual_map(price: str, convenience: str, view: str) -> tuple[Figure, str]:
    """Whom do buyers see next to Hailang, and how far can the map be trusted?"""
    weights = [WEIGHTS[price], WEIGHTS[convenience], 1, 1]
    distances = positioning.attribute_distances(RATINGS, weights)
    drawn = positioning.classical_scaling(distances)
    points = drawn.coordinates @ VIEWS[view]
    nearest = int(distances[0, 1:].argmin()) + 1
    on_map = int(drawn.distances[0, 1:].argmin()) + 1
    misfit = positioning.stress(distances, drawn.coordinates)

    figure, (ax,) = style.new_figure(height=3.9)
    ax.set_position((0.03, 0.04, 0.57, 0.83))
    _draw_map(ax, points, nearest)
    _draw_key(figure, distances[0], drawn.distances[0], nearest)
    style.headline(figure, f"Next to Hailang: the {OFFERS[nearest]}; stress {misfit:.2f}")

    says = "the same" if on_map == nearest else f"the {OFFERS[on_map]}"
    return figure, (
        "Six ways to have milk, rated on four attributes by an invented panel (illustrative); cheapness "
        f"counts {price}, convenience {convenience}. By the ratings the {OFFERS[nearest]} is next to "
        f"Hailang, at a distance of {distances[0, nearest]:.2f}; on the map, {view}, it is {says}. Two "
        f"dimensions hold {drawn.share:.0%}, and the stress is {misfit:.3f}. Turned or mirrored, it is the "
        "same map."
    )


def _draw_map(ax: Axes, points: Floats, nearest: int) -> None:
    ax.set(xlim=(-5.2, 5.2), ylim=(-5.9, 5.9), xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="box")
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
        ax.spines[side].set_color(style.GREY)
    ax.plot(*points[[0, nearest]].T, color=style.BLACK, linewidth=1, linestyle=":")
    for index, (x, y) in enumerate(points):
        colour = style.BLUE if index == 0 else style.ORANGE if index == nearest else "white"
        ax.plot(x, y, "s" if index == 0 else "o", markersize=14, color=colour, markeredgecolor=style.BLACK)
        ax.text(x, y, "ABCDEF"[index], ha="center", va="center_baseline", fontsize=style.SMALL)


def _draw_key(figure: Figure, given: Floats, drawn: Floats, nearest: int) -> None:
    """Name the letters of the map, with their distance from Hailang."""
    key = figure.add_axes((0.625, 0.04, 0.36, 0.83))
    key.set(xlim=(0, 1), ylim=(7, -1.2))
    key.axis("off")
    key.text(0, -0.75, "Distance from Hailang\nrated and on the map", fontsize=style.SMALL, va="center")
    for row, name in enumerate(OFFERS):
        weight = "bold" if row in (0, nearest) else "normal"
        said = key.text(0, row + 0.3, f"{'ABCDEF'[row]} {name}", fontsize=style.SMALL, va="center")
        said.set_fontweight(weight)
        if row:
            apart = f"{given[row]:.1f} and {drawn[row]:.1f}"
            key.text(0.1, row + 0.72, apart, fontsize=style.SMALL, va="center")


# --- Winning and keeping -----------------------------------------------------------------------------

WINNING = ResponseCurve(ceiling=0.3, slope=0.06)
KEEPING = ResponseCurve(ceiling=0.9, slope=0.08, floor=0.5)
DISCOUNT = 0.10
"""Simulated: what spending brings at a dairy, in a year and per prospect or customer."""


@widget(
    winning=Slider("Spent on each prospect", 0, 50, 10, 20, "yuan"),
    keeping=Slider("Spent on each customer a year", 0, 40, 10, 10, "yuan"),
    margin=Slider("Margin a year", 70, 140, 70, 70, "yuan"),
)
def win_and_keep(winning: float, keeping: float, margin: float) -> tuple[Figure, str]:
    """How much to win a customer, and how much to keep one?"""
    terms = {"margin": margin, "discount": DISCOUNT}
    made = strategy.customer_equity(
        WINNING, KEEPING, acquisition_spend=winning, retention_spend=keeping, **terms
    )
    best = strategy.best_allocation(WINNING, KEEPING, **terms)
    best_win = WINNING.best_spend(made.customer_value)

    figure, (equity, value) = style.new_figure(panels=2, height=4.8)
    equity.set_position((0.125, 0.555, 0.845, 0.31))
    value.set_position((0.125, 0.11, 0.845, 0.29))
    spends = np.linspace(0, 60, 121)
    values = [margin + strategy.value_after_first(KEEPING, spend, margin, DISCOUNT) for spend in spends[:101]]
    _draw_spending(value, spends[:101], values, keeping, best.retention_spend)
    value.set(xlim=(-1, 51), ylim=(0, 700), xticks=range(0, 51, 10), yticks=(0, 300, 600))
    value.set_xlabel("Spent to keep a customer, yuan a year")
    style.panel_title(value, f"Worth of a customer won, yuan: {made.customer_value:.0f}")
    equities = WINNING.rate(spends) * made.customer_value - spends
    _draw_spending(equity, spends, equities, winning, best_win)
    equity.axhline(0, color=style.GREY, linewidth=0.8)
    equity.set(xlim=(-1.2, 61), ylim=(-45, 150), xticks=range(0, 61, 10), yticks=(0, 50, 100, 150))
    equity.set_xlabel("Spent on each prospect, yuan")
    style.panel_title(equity, f"Customer equity, yuan a prospect: {number(made.equity, '.1f')}")
    style.headline(figure, _spending_finding(made.equity, best.equity))

    return figure, (
        f"With {winning:g} yuan on each prospect and {keeping:g} yuan a year on each customer, "
        f"{made.acquisition_rate:.1%} are won and {made.retention_rate:.1%} stay a year; at a margin of "
        f"{margin:g} yuan and {DISCOUNT:.0%} interest a customer won is worth {made.customer_value:.0f} "
        f"yuan, and customer equity is {number(made.equity, '.1f')} yuan a prospect (simulated). The best "
        f"for such a customer is {best_win:.0f} yuan on each prospect. The best of all is "
        f"{best.acquisition_spend:.0f} and {best.retention_spend:.0f} yuan, which brings {best.equity:.1f}."
    )


def _spending_finding(equity: float, best: float) -> str:
    if best - equity < 1:
        return f"Customer equity {equity:.1f} yuan: within 1 yuan of the best"
    return f"Customer equity {number(equity, '.1f')} yuan; {best:.1f} are possible"


def _draw_spending(
    ax: Axes, spends: Floats, gains: Sequence[float] | Floats, spend: float, best: float
) -> None:
    """Draw a gain over its spending, the spending chosen (dot) and the best one (dotted line)."""
    ax.plot(spends, gains, color=style.BLUE, linewidth=2.2)
    ax.axvline(best, color=style.BLACK, linewidth=1, linestyle=":")
    right = best > 0.7 * spends[-1]
    low, high = (-45, 150) if spends[-1] > 50 else (0, 700)
    note = ax.text(best + (-0.8 if right else 0.8), low + 0.08 * (high - low), f"best {best:.0f}")
    note.set(fontsize=style.LABEL, ha="right" if right else "left", va="center", path_effects=style.HALO)
    ax.plot(spend, np.interp(spend, spends, gains), "o", markersize=9, color=style.ORANGE, mec=style.BLACK)


# --- Consistency across people -----------------------------------------------------------------------

PEOPLE, LATE = 40, 0.06
PERIODS = {"a week": 0.25, "a month": 1.0, "half a year": 6.0}
"""Simulated: forty delivery people, what share of deliveries is late, and months that are counted."""
WORST = 5


@widget(
    spread=Slider("True differences between people", 0, 3, 1, 1, "points"),
    period=Choice("Counted for", tuple(PERIODS), start="a month"),
    draw=Slider("Random draw", 1, 4, 1, 1),
)
def consistency_funnel(spread: float, period: str, draw: float) -> tuple[Figure, str]:
    """Which delivery people are really worse, and which were unlucky?"""
    true, sizes, chart = _deliveries(spread, period, int(draw))
    ranked = np.argsort(chart.shares)[::-1][:WORST]
    really = int(np.isin(ranked, np.argsort(true)[::-1][:WORST]).sum()) if spread else 0
    outside = int(chart.out_of_control.sum())

    figure, (ax,) = style.new_figure(height=4.0)
    figure.subplots_adjust(right=0.965)
    _draw_funnel(ax, sizes, chart, ranked)
    beyond = f"{outside or 'Nobody'} beyond the limits"
    found = f"; {really} of the last {WORST} are truly the worst" if spread else ", and nobody is worse"
    style.headline(figure, beyond + found)

    truth = "In truth all are alike, so the last were only unlucky."
    if spread:
        points = "point" if spread == 1 else "points"
        truth = (
            f"In truth their shares differ with a standard deviation of {spread:g} {points}; of the {WORST} "
            f"ranked last in this count {really} are among the {WORST} that are truly worst."
        )
    return figure, (
        f"{PEOPLE} simulated delivery people, counted for {period}, draw {draw:g}: their shares of late "
        f"deliveries run from {chart.shares.min():.1%} to {chart.shares.max():.1%} around "
        f"{chart.centre:.1%}. {outside or 'Nobody'} {'are' if outside > 1 else 'is'} beyond the "
        f"limits of three standard errors. {truth}"
    )


@cache
def _deliveries(spread: float, period: str, draw: int) -> tuple[Floats, Floats, PChart]:
    """Return true shares, numbers of deliveries and what was counted; all draws are of the same people."""
    talent = np.random.default_rng(88).standard_normal(PEOPLE)
    luck = np.random.default_rng([88, draw])
    true = np.clip(LATE + spread / 100 * talent, 0.005, 0.3)
    sizes = np.round(PERIODS[period] * (600 + 3_400 * luck.random(PEOPLE)))
    counted = binom.ppf(luck.random(PEOPLE), sizes, true)
    return true, sizes, control.p_chart(counted, sizes)


def _draw_funnel(ax: Axes, sizes: Floats, chart: PChart, ranked: NDArray[np.intp]) -> None:
    ax.set(xscale="log", xlim=(120, 29_000), ylim=(-0.5, 19))
    ax.set_xticks([200, 1_000, 5_000, 25_000], ["200", "1,000", "5,000", "25,000"])
    ax.minorticks_off()
    ax.set(xlabel="Deliveries counted (log scale)", ylabel="Late, %", yticks=range(0, 16, 5))
    grid = np.geomspace(120, 29_000, 80)
    limits = [control.p_chart_limits(chart.centre, int(size)) for size in grid]
    lower, upper = (100 * np.array([getattr(limit, end) for limit in limits]) for end in ("lower", "upper"))
    ax.fill_between(grid, lower, upper, color=style.GREEN, alpha=0.14, linewidth=0)
    for edge in (lower, upper):
        ax.plot(grid, edge, color=style.GREEN, linewidth=1.2)
    ax.axhline(100 * chart.centre, color=style.BLACK, linewidth=0.9)
    out = chart.out_of_control
    shares = 100 * chart.shares
    ax.plot(sizes[~out], shares[~out], "o", markersize=5, color=style.BLUE)
    ax.plot(sizes[out], shares[out], "X", markersize=8, color=style.RED, markeredgecolor=style.BLACK)
    ax.plot(sizes[ranked], shares[ranked], "o", markersize=13, mfc="none", mec=style.BLACK)
    for x, marker, fill, name in (
        (150, "o", style.BLUE, "within"),
        (640, "X", style.RED, "beyond the limits"),
        (6_600, "o", "none", "ranked last 5"),
    ):
        size = {"none": 13, style.RED: 8}.get(fill, 5)
        ax.plot(x, 17.8, marker, markersize=size, mfc=fill, mec=style.BLACK if fill != style.BLUE else fill)
        ax.text(1.2 * x, 17.8, name, va="center", fontsize=style.SMALL)


# --- Service by tier ---------------------------------------------------------------------------------

TIERS = {"VIP": (800, 200.0), "major": (3_200, 50.0), "ordinary": (12_000, 24.0), "small": (64_000, 5.0)}
"""Simulated: accounts of each tier, and what one contributes a month, yuan."""
LEVELS = {"batch": (0.0, 0.0), "differentiated": (0.2, 0.5), "customised": (1.0, 1.0)}
"""Share of the full cost and of the full effect of personal service that a level has; ours."""
POLICIES = ("customised for all", "differentiated for all", "what each tier pays for")
MONTHLY_INTEREST = 0.01


@widget(
    effect=Slider("Personal service takes away", 10, 40, 15, 25, "% of the churn"),
    cost=Slider("It costs", 2, 10, 4, 6, "yuan a month"),
    churn=Slider("Churn a month", 1, 4, 3, 1, "%"),
    policy=Choice("Give", POLICIES),
)
def service_tiers(effect: float, cost: float, churn: float, policy: str) -> tuple[Figure, str]:
    """Which service does each tier pay for?"""
    gains = {tier: _service_gains(each, effect / 100, cost, churn / 100) for tier, (_, each) in TIERS.items()}
    best = {tier: max(found, key=lambda level: found[level]) for tier, found in gains.items()}
    given = best if policy == POLICIES[2] else dict.fromkeys(TIERS, policy.partition(" ")[0])
    total = sum(TIERS[tier][0] * gains[tier][level] for tier, level in given.items()) / 1_000
    best_total = sum(TIERS[tier][0] * gains[tier][level] for tier, level in best.items()) / 1_000

    figure, (ax,) = style.new_figure(height=4.0)
    ax.set_position((0.155, 0.13, 0.8, 0.69))
    _draw_levels(ax, gains, given)
    style.headline(figure, f"Gain {number(total)} thousand yuan a month, at best {number(best_total)}")

    listed = ", ".join(f"{tier} {level} ({_signed(gains[tier][level])})" for tier, level in given.items())
    chosen = ", ".join(f"{tier} {level}" for tier, level in best.items())
    return figure, (
        f"Personal service costs {cost:g} yuan a month and takes away {effect:g}% of a churn of {churn:g}% a "
        f"month; the differentiated level has a fifth of the cost and half of the effect (simulated, our "
        f"reading). Gain a month and account, yuan: {listed}; all together {number(total)} thousand yuan a "
        f"month. Each tier pays for: {chosen}, which makes {number(best_total)} thousand."
    )


def _service_gains(contribution: float, effect: float, cost: float, churn: float) -> dict[str, float]:
    """Return for each level what an account's value gains by it, as a monthly amount, less its cost."""
    usual = lifetime.customer_lifetime_value(1, 1 - churn, MONTHLY_INTEREST)
    gains = {}
    for level, (of_cost, of_effect) in LEVELS.items():
        kept = lifetime.customer_lifetime_value(1, 1 - churn * (1 - effect * of_effect), MONTHLY_INTEREST)
        # Who pays for a service month by month for as long as an account stays pays for it kept times.
        gains[level] = ((contribution - of_cost * cost) * kept - contribution * usual) / usual
    return gains


def _draw_levels(ax: Axes, gains: dict[str, dict[str, float]], given: dict[str, str]) -> None:
    ax.set(xlim=(-20, 66), ylim=(3.6, -0.6), xticks=range(-10, 61, 10))
    ax.set_xlabel("Gain a month and account, yuan (ends at 54)")
    ax.set_yticks(range(len(TIERS)), list(TIERS), fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(lambda value, _: number(value))
    ax.axvline(0, color=style.BLACK, linewidth=1)
    looks = {
        "batch": (style.GREY, "s"),
        "differentiated": (style.BLUE, "o"),
        "customised": (style.ORANGE, "D"),
    }
    for row, (tier, found) in enumerate(gains.items()):
        for (level, gain), offset in zip(found.items(), (-0.26, 0, 0.26), strict=True):
            colour, marker = looks[level]
            place = float(min(gain, 54))
            ax.plot([0, place], [row + offset] * 2, color=colour, linewidth=1.6)
            ax.plot(place, row + offset, marker, markersize=8, color=colour)
            if given[tier] == level:
                at = place + (1.6 if gain >= 0 else -1.6)
                ax.text(
                    at,
                    row + offset,
                    _signed(gain),
                    ha="left" if gain >= 0 else "right",
                    va="center_baseline",
                    fontsize=style.LABEL,
                    fontweight="bold",
                )
    for x, level in ((-13, "batch"), (6, "differentiated"), (37, "customised")):
        colour, marker = looks[level]
        ax.plot(x, -0.85, marker, markersize=8, color=colour, clip_on=False)
        ax.text(x + 1.8, -0.85, level, va="center_baseline", fontsize=style.SMALL)
