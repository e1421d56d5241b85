"""The widgets of the segmentation chapter: pyramid, 80/20, roles, RFM, clusters and the value matrix."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.special import expit
from scipy.stats import zscore

from crmkit.models import promotion, segment
from crmkit.models.segment import Clusters, Floats
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

# --- Pyramid and Lorenz curve ------------------------------------------------------------------------

TIER_COLOURS = {"VIP": style.BLUE, "major": style.GREEN, "ordinary": style.ORANGE, "small": style.GREY}
TIER_HATCHES = {"VIP": "", "major": "//", "ordinary": "..", "small": ""}


@widget(
    vip=Slider("VIPs (1% of customers) bring", 15, 35, 10, 25, "% of revenue"),
    major=Slider("Major customers (4%) bring", 10, 25, 5, 15, "% of revenue"),
    ordinary=Slider("Ordinary customers (15%) bring", 15, 30, 5, 20, "% of revenue"),
)
def pyramid_and_lorenz(vip: float, major: float, ordinary: float) -> tuple[Figure, str]:
    """How steep is the customer pyramid?"""
    revenue = {"VIP": vip, "major": major, "ordinary": ordinary, "small": 100 - vip - major - ordinary}
    customers = {tier: 100 * share for tier, share in segment.PYRAMID.items()}
    curve = segment.lorenz_curve(list(revenue.values()), list(customers.values()))
    small_per_vip = (vip / customers["VIP"]) / (revenue["small"] / customers["small"])

    figure, (tiers, lorenz) = style.new_figure(panels=2, height=4.6)
    tiers.set_position((0.03, 0.64, 0.94, 0.26))
    lorenz.set_position((0.135, 0.115, 0.605, 0.42))
    _draw_tiers(tiers, customers, revenue)
    _draw_lorenz(lorenz, curve, revenue)
    style.headline(figure, f"One VIP brings as much as {small_per_vip:.0f} small ones; Gini {curve.gini:.2f}")

    return figure, (
        f"VIPs (1% of the customers) bring {vip:g}% of the revenue, major customers (4%) {major:g}%, "
        f"ordinary ones (15%) {ordinary:g}% and small ones (80%) {revenue['small']:g}% (simulated). The "
        f"largest 5% bring {curve.top_share(0.05):.0%} and the largest 20% {curve.top_share(0.2):.0%}; one "
        f"VIP brings as much as {small_per_vip:.0f} small customers. The Gini coefficient of the four groups "
        f"is {curve.gini:.3f}."
    )


def _draw_tiers(ax: Axes, customers: dict[str, float], revenue: dict[str, float]) -> None:
    """Draw each tier's share of the customers to the left and of the revenue to the right."""
    ax.set(xlim=(-112, 98), ylim=(3.6, -1.3), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.text(-16, -0.95, "of the customers", ha="right", va="center", fontsize=style.SMALL)
    ax.text(16, -0.95, "of the revenue", ha="left", va="center", fontsize=style.SMALL)
    for row, tier in enumerate(customers):
        ax.text(0, row, tier, ha="center", va="center_baseline", fontsize=style.LABEL, fontweight="bold")
        for side, share in ((-1, customers[tier]), (1, revenue[tier])):
            start, end = 16 * side, (16 + share) * side
            ax.barh(row, end - start, left=start, height=0.74, **_fill(tier))
            ax.text(
                end + 1.5 * side,
                row,
                f"{share:.0f}%",
                ha="right" if side < 0 else "left",
                va="center_baseline",
                fontsize=style.LABEL,
            )


def _fill(tier: str) -> dict[str, Any]:
    return {
        "facecolor": TIER_COLOURS[tier],
        "alpha": 0.6,
        "hatch": TIER_HATCHES[tier],
        "edgecolor": "white",
        "linewidth": 0.5,
    }


def _draw_lorenz(ax: Axes, curve: segment.LorenzCurve, revenue: dict[str, float]) -> None:
    """Draw the curve, a piece a tier, and at its right edge the revenue that each tier adds."""
    ax.set(xlim=(0, 100), ylim=(0, 100), xticks=range(0, 101, 20), yticks=range(0, 101, 25))
    ax.set_xlabel("Customers, smallest first, %")
    ax.set_ylabel("Their revenue, %")
    x, y = 100 * curve.customers, 100 * curve.value
    ax.fill_between(x, y, x, color="#E6E6E6", linewidth=0)
    ax.plot([0, 100], [0, 100], color=style.BLACK, linewidth=0.9, linestyle="--")
    ax.text(4, 90, "Gini = 2 × grey area", fontsize=style.SMALL, va="center")
    names = []
    for i, tier in enumerate(reversed(revenue)):
        ax.plot(x[i : i + 2], y[i : i + 2], color=TIER_COLOURS[tier], linewidth=3.2, solid_capstyle="butt")
        ax.plot(x[i + 1], y[i + 1], "o", markersize=5, color=style.BLACK, clip_on=False)
        box = Rectangle((101.5, y[i]), 5, y[i + 1] - y[i], clip_on=False, **_fill(tier))
        ax.add_patch(box)
        names.append(((y[i] + y[i + 1]) / 2, f"{tier} {revenue[tier]:.0f}%"))
    style.edge_labels(ax, names, x=1.085)


# --- The 80/20 rule ----------------------------------------------------------------------------------

FILE = 10_000
SIZES = {"100": 100, "1,000": 1_000, "10,000": FILE}
# The six draws of this seed are typical in mean and spread of the top share, for each size and each rule.
SEED_OF_FILES = 117


@widget(
    value_share=Slider("The top 20% bring", 45, 85, 10, 65, "% of revenue"),
    customers=Choice("Customers in your file", tuple(SIZES)),
    draw=Slider("Random draw", 1, 6, 1, 1),
)
def pareto_rule(value_share: float, customers: str, draw: float) -> tuple[Figure, str]:
    """If the top 20% bring this much, what do the top 1% bring, and would your file show it?"""
    alpha = segment.pareto_alpha(0.2, value_share / 100)
    rule = {share: segment.pareto_top_share(share, alpha) for share in (0.01, 0.2)}
    spend = _spend(alpha, SIZES[customers], int(draw))
    seen = {share: segment.top_share(spend, share) for share in rule}

    figure, (ax,) = style.new_figure(height=3.9)
    figure.subplots_adjust(right=0.945)
    _draw_top_shares(ax, alpha, spend)
    for share in rule:
        _mark_share(ax, share, rule[share], seen[share])
    style.headline(figure, _rule_finding(value_share, customers, seen[0.2]))

    return figure, (
        f"If the top 20% bring {value_share:g}% of the revenue and spending follows a Pareto distribution, "
        f"its exponent is {alpha:.3f}, the Gini coefficient {segment.pareto_gini(alpha):.3f}, and the top 1% "
        f"bring {rule[0.01]:.1%}. Draw {draw:g} of a simulated file of {customers} such customers shows "
        f"{seen[0.2]:.1%} for its top 20%, {seen[0.01]:.1%} for its top 1% and a Gini coefficient of "
        f"{segment.gini(spend):.3f}."
    )


def _spend(alpha: float, customers: int, draw: int) -> Floats:
    """Draw spending from a Pareto distribution; a smaller file is the beginning of a larger one."""
    chance = np.random.default_rng([SEED_OF_FILES, draw]).random(FILE)[:customers]
    return (1 - chance) ** (-1 / alpha)


def _rule_finding(value_share: float, customers: str, seen: float) -> str:
    if abs(100 * seen - value_share) < 2:
        return f"A file of {customers} shows the rule: {seen:.0%} for {value_share:g}%"
    return f"A file of {customers} shows {seen:.0%} where the rule says {value_share:g}%"


def _draw_top_shares(ax: Axes, alpha: float, spend: Floats) -> None:
    ax.set(xscale="log", yscale="log", xlim=(0.001, 1), ylim=(0.013, 2.1))
    ax.set_xticks([0.001, 0.01, 0.1, 1], ["0.1%", "1%", "10%", "100%"])
    ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["2%", "5%", "10%", "20%", "50%", "100%"])
    ax.minorticks_off()
    ax.set(xlabel="Top share of the customers (log scale)", ylabel="Their share of the revenue (log scale)")
    curve = segment.lorenz_curve(spend)
    shares = np.geomspace(max(0.001, 1 / len(spend)), 1, 60)
    ax.plot(shares, [curve.top_share(q) for q in shares], color=style.BLUE, linewidth=4, alpha=0.55)
    ax.plot([0.001, 1], [segment.pareto_top_share(q, alpha) for q in (0.001, 1)], color=style.BLACK)
    ax.plot([0.001, 1], [0.001, 1], color=style.GREY, linewidth=0.9, linestyle="--")
    ax.text(
        0.024, 0.0185, "if all bring the same", va="center", fontsize=style.SMALL, path_effects=style.HALO
    )
    for x, marker, colour, name in (
        (0.0014, "o", style.BLACK, "the rule"),
        (0.008, "s", style.BLUE, "your file (simulated)"),
    ):
        ax.plot(x, 1.65, marker, markersize=8, color=colour)
        ax.text(1.2 * x, 1.65, name, va="center", fontsize=style.SMALL)


def _mark_share(ax: Axes, share: float, rule: float, seen: float) -> None:
    """Mark what the rule says and what the file shows, the higher one named above, the lower one below."""
    ax.plot([share, share], [0.013, max(rule, seen)], color=style.GREY, linewidth=0.9, linestyle=":")
    ax.plot(share, rule, "o", markersize=8, color=style.BLACK)
    ax.plot(share, seen, "s", markersize=8, color=style.BLUE)
    low, high = sorted((rule, seen))
    for value, side in ((high, 1), (low, -1)):
        ax.text(
            share * 0.84**side,
            value * 1.1**side,
            f"{value:.0%}",
            ha="right" if side > 0 else "left",
            va="bottom" if side > 0 else "top",
            fontsize=style.LABEL,
            color=style.BLACK if value == rule else style.BLUE,
            fontweight="bold",
            path_effects=style.HALO,
        )


# --- Payer, decider, user ----------------------------------------------------------------------------

CHILDREN, USER_DECIDES = 0.7, 0.25
"""Simulated: where the payer is not the user, how often it is a child, and how often another grown-up
who drinks also decides."""
READERS = ("payer", "decider", "user")


@dataclass(frozen=True)
class Household:
    """A kind of household: who pays, who decides, who uses (drinks), and its share of all households."""

    payer: str
    decider: str
    user: str
    share: float

    def missed(self, reader: str) -> int:
        """How many of the three roles somebody other than the reader of the letter plays."""
        person = getattr(self, reader)
        return sum(getattr(self, role) != person for role in READERS)


@widget(
    reader=Choice("The letter goes to the", READERS),
    grandparents=Slider("Grandparents pay in", 20, 60, 20, 40, "% of households"),
    parents_buy=Slider("Parents who pay buy for others in", 20, 60, 20, 40, "%"),
    grandparents_buy=Slider("Grandparents who pay buy for others in", 20, 80, 20, 60, "%"),
)
def roles_mosaic(
    reader: str, grandparents: float, parents_buy: float, grandparents_buy: float
) -> tuple[Figure, str]:
    """Whom does a letter to one person miss?"""
    households = _households(grandparents / 100, parents_buy / 100, grandparents_buy / 100)
    missed = {count: sum(h.share for h in households if h.missed(reader) == count) for count in range(3)}
    others = {
        role: sum(h.share for h in households if getattr(h, role) != getattr(h, reader))
        for role in READERS
        if role != reader
    }

    figure, (ax,) = style.new_figure(height=4.2)
    ax.set_position((0.2, 0.16, 0.59, 0.63))
    _draw_households(ax, households, reader)
    _explain_tiles(figure, missed)
    most = max(others, key=lambda role: others[role])
    style.headline(figure, f"A letter to the {reader} misses the {most} in {others[most]:.0%}")

    not_reached = " and ".join(f"the {role} in {share:.1%}" for role, share in others.items())
    children = sum(h.share for h in households if h.user == "child")
    return figure, (
        f"Grandparents pay in {grandparents:g}% of the households, else parents do; parents who pay buy for "
        f"others in {parents_buy:g}%, grandparents in {grandparents_buy:g}% (simulated). A letter to the "
        f"{reader} does not reach {not_reached}. In {missed[0]:.1%} one person pays, decides and drinks; in "
        f"{children:.1%} a child drinks."
    )


def _households(grandparents: float, parents_buy: float, grandparents_buy: float) -> list[Household]:
    kinds = []
    for payer, other, paying, buying in (
        ("parent", "grandparent", 1 - grandparents, parents_buy),
        ("grandparent", "parent", grandparents, grandparents_buy),
    ):
        grown_up = paying * buying * (1 - CHILDREN)
        kinds += [
            Household(payer, payer, payer, paying * (1 - buying)),
            Household(payer, payer, "child", paying * buying * CHILDREN),
            Household(payer, payer, other, grown_up * (1 - USER_DECIDES)),
            Household(payer, other, other, grown_up * USER_DECIDES),
        ]
    return kinds


MISSED_FILLS = (
    ("#A3D4F1", "#A3D4F1", ""),
    ("#FBE3B4", "#C98A00", "//"),
    ("#F3C4A6", style.RED, "xxx"),
)
"""Colour, colour of the hatch, and hatch of a household by the number of roles that the letter misses."""


def _draw_households(ax: Axes, households: list[Household], reader: str) -> None:
    """Draw a column for each payer, as wide as there are such households, and in it who drinks."""
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    left = 0.0
    for payer, margin in (("parent", -0.33), ("grandparent", 1.02)):
        own = [household for household in households if household.payer == payer]
        width = sum(household.share for household in own)
        low, names = 0.0, []
        for user in dict.fromkeys(household.user for household in own):
            tiles = [household for household in own if household.user == user]
            height = sum(tile.share for tile in tiles) / width
            start = left
            for tile in tiles:
                _draw_tile(ax, start, low, tile.share / height, height, tile.missed(reader))
                start += tile.share / height
            names.append((low + height / 2, "same person" if user == payer else user))
            low += height
        style.edge_labels(ax, names, x=margin)
        ax.text(margin, 1.04, "user:", va="bottom", fontsize=style.SMALL, fontweight="bold")
        ax.axvline(left, color="white", linewidth=4)
        # Over a narrow column the name would reach into the margin.
        place, side = (left + width / 2, "center") if width > 0.3 else (left + width, "right")
        heading = ax.text(place, 1.04, f"{payer}s\npay: {width:.0%}", ha=side, va="bottom")
        heading.set(fontsize=style.SMALL, fontweight="bold", linespacing=1.1)
        left += width


def _draw_tile(ax: Axes, left: float, low: float, width: float, height: float, missed: int) -> None:
    colour, hatch_colour, hatch = MISSED_FILLS[missed]
    ax.add_patch(
        Rectangle(
            (left, low), width, height, facecolor=colour, edgecolor=hatch_colour, hatch=hatch, linewidth=0
        )
    )
    ax.add_patch(Rectangle((left, low), width, height, fill=False, edgecolor="white", linewidth=2))


def _explain_tiles(figure: Figure, missed: dict[int, float]) -> None:
    """Name the fills below the axes, with the share of the households that they stand for."""
    key = figure.add_axes((0.02, 0.015, 0.96, 0.12))
    key.set(xlim=(0, 1), ylim=(0, 1))
    key.axis("off")
    key.text(0, 0.78, "The letter reaches", va="center", fontsize=style.SMALL)
    for x, count, roles in ((0.26, 0, "all 3 roles"), (0.54, 1, "2 of 3"), (0.78, 2, "1 of 3")):
        _draw_tile(key, x, 0.6, 0.04, 0.36, count)
        key.text(x + 0.05, 0.78, f"{roles}: {missed[count]:.0%}", va="center", fontsize=style.SMALL)
    key.text(
        0,
        0.2,
        "Small tile at the top: the grown-up who drinks decides, too",
        va="center",
        fontsize=style.SMALL,
    )


# --- RFM ---------------------------------------------------------------------------------------------

MARGIN = 20.0
"""Simulated: margin of an order, yuan."""
TESTS = {"500": 500, "2,000": 2_000, "8,000": 8_000}
LISTED = 20_000
FACES = {
    "recency × frequency": ("R", "F"),
    "recency × monetary": ("R", "M"),
    "frequency × monetary": ("F", "M"),
}
SCORE_NAMES = {"R": "Recency score", "F": "Frequency score", "M": "Monetary score"}
# In this draw a larger test never chooses worse, as it is on average.
SEED_OF_LIST = 17


@widget(
    face=Choice("Face of the RFM cube", tuple(FACES)),
    cost=Slider("Cost of a letter", 0.5, 2.0, 0.25, 1.25, "yuan", 2),
    tested=Choice("Customers in the test", tuple(TESTS), "2,000"),
)
def rfm_cells(face: str, cost: float, tested: str) -> tuple[Figure, str]:
    """Which RFM cells are worth a letter?"""
    needed = promotion.break_even_response(cost, MARGIN)
    cells = _cells(face, TESTS[tested])
    cells["chosen"] = cells["response"] >= needed
    gain = cells["expected"] * MARGIN - cells["listed"] * cost
    profit, to_all, best = gain[cells["chosen"]].sum(), gain.sum(), gain[gain > 0].sum()
    chosen = int(cells["chosen"].sum())

    figure, (ax,) = style.new_figure(height=4.5)
    figure.subplots_adjust(left=0.1, right=0.985, top=0.85)
    _draw_cells(ax, cells, face)
    ax.set_title(
        f"Response in the test (customers tested); needed: {number(100 * needed, '.3g')}%",
        loc="left",
        y=1.0,
        fontsize=style.SMALL,
    )
    finding = f"Write to {chosen} of 25 cells: {number(profit)} yuan; to all: {number(to_all)}"
    style.headline(figure, finding)

    return figure, (
        f"At {cost:.2f} yuan a letter and a margin of {MARGIN:.0f} yuan an order a cell needs a response of "
        f"{needed:.2%}. Of the 25 cells of {face}, {chosen} {'reaches' if chosen == 1 else 'reach'} it in a "
        f"test on {tested} simulated customers. On {LISTED:,} other customers a letter to the chosen cells "
        f"earns {number(profit)} yuan in expectation and one to everybody {number(to_all)} yuan; the best "
        f"choice of cells would earn {number(best)} yuan."
    )


@functools.cache
def _customers() -> pd.DataFrame:
    """Simulate customers of a milk shop: RFM scores, the chance to respond, and the response to a test."""
    rng = np.random.default_rng(SEED_OF_LIST)
    size = LISTED + max(TESTS.values())
    activity, basket = rng.normal(size=(2, size))
    orders = 1 + rng.poisson(np.exp(1.9 + 0.6 * activity))
    days = rng.exponential(np.exp(4.3 - 0.3 * activity))
    spend = orders * np.exp(3.2 + 0.5 * basket)
    chance = expit(-2.5 + 0.55 * activity - 0.008 * days + 0.25 * basket)
    scores = segment.rfm_scores(days, orders, spend)
    return scores.assign(chance=chance, responded=rng.random(size) < chance)


def _cells(face: str, tested: int) -> pd.DataFrame:
    """Return for each cell the test's customers and response, and customers and responses of the list."""
    test, rest = _customers()[:tested], _customers()[-LISTED:]
    keys = list(FACES[face])
    cells = rest.groupby(keys)["chance"].agg(listed="size", expected="sum")
    seen = test.groupby(keys)["responded"].agg(tested="size", response="mean")
    return cells.join(seen).fillna({"tested": 0})


def _draw_cells(ax: Axes, cells: pd.DataFrame, face: str) -> None:
    across, up = FACES[face]
    ax.set(xlim=(0.48, 5.52), ylim=(0.48, 5.52), xticks=range(1, 6), yticks=range(1, 6))
    ax.set_xlabel(f"{SCORE_NAMES[across]} (5 = best)")
    ax.set_ylabel(f"{SCORE_NAMES[up]} (5 = best)")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    for (x, y), cell in cells.iterrows():
        is_chosen = bool(cell["chosen"])
        tile = Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, linewidth=0, facecolor=style.GREY, alpha=0.13)
        if is_chosen:
            tile.set(facecolor="#CFE6F5", alpha=1, edgecolor=style.BLUE, linewidth=2.2)
        ax.add_patch(tile)
        text = "not tested" if cell["tested"] == 0 else f"{cell['response']:.1%}\n({cell['tested']:,.0f})"
        written = ax.text(x, y, text, ha="center", va="center", fontsize=style.SMALL, linespacing=1.2)
        written.set_fontweight("bold" if is_chosen else "normal")


# --- k-means -----------------------------------------------------------------------------------------

KINDS = (
    (60, 6.0, 1.8, 0.22, 0.08),
    (50, 8.0, 2.5, 0.85, 0.16),
    (30, 24.0, 4.0, 0.30, 0.10),
    (20, 26.0, 4.5, 0.95, 0.15),
)
"""Simulated: four kinds of buyer: how many, then mean and standard deviation of bottles an order and of the
coefficient of variation of the gaps between orders."""
SEED_OF_BUYERS = 1
# Of these draws A and B end in the best split into 3 and into 4 segments, C does not.
STARTS = {"A": 14, "B": 9, "C": 156}
MARKS = (("o", style.BLUE), ("s", style.ORANGE), ("^", style.GREEN), ("D", style.PURPLE))


@widget(
    start=Choice("First centres", tuple(STARTS)),
    clusters=Slider("Segments", 2, 4, 1, 3),
    step=Slider("Step", 0, 7, 1, 1),
)
def k_means_steps(start: str, clusters: float, step: float) -> tuple[Figure, str]:
    """How does k-means find segments, and does it matter where it starts?"""
    count = int(clusters)
    buyers, kinds = _buyers()
    steps, best = _steps(start, count), _best(count)
    settled_at = len(steps) - 1
    at = min(int(step), settled_at)
    now = steps[at]
    changed = int((now.labels != steps[at - 1].labels).sum()) if at else 0
    agreement = segment.adjusted_rand_index(kinds, now.labels)

    figure, (ax,) = style.new_figure(height=3.9)
    _draw_buyers(ax, buyers, now.labels)
    _draw_centres(ax, buyers, steps[: at + 1])
    style.headline(figure, _step_finding(at, settled_at, changed, count, now.within, best))

    return figure, (
        f"Start {start}, step {step:g}: {len(buyers)} simulated buyers in {count} segments; "
        f"{'each joins its nearest first centre' if at == 0 else _changes(changed)}. The "
        f"squared distances to the centres add up to {now.within:.1f}; the best of 50 starts ends at "
        f"{best:.1f}. Agreement with the four kinds that were simulated: adjusted Rand index {agreement:.2f}."
    )


def _changes(changed: int) -> str:
    return f"{changed} {'changes its segment' if changed == 1 else 'change their segment'}"


@functools.cache
def _buyers() -> tuple[Floats, segment.Integers]:
    """Simulate bottles an order and the CV of the gaps of each buyer, and what kind of buyer it is."""
    rng = np.random.default_rng(SEED_OF_BUYERS)
    kinds = [
        np.column_stack([rng.normal(size, spread, many), rng.normal(cv, cv_spread, many)])
        for many, size, spread, cv, cv_spread in KINDS
    ]
    points = np.clip(np.concatenate(kinds), (1, 0.02), None)
    return points, np.repeat(np.arange(len(KINDS)), [kind[0] for kind in KINDS])


@functools.cache
def _steps(start: str, clusters: int) -> list[Clusters]:
    points = zscore(_buyers()[0])
    first = np.random.default_rng([7, STARTS[start]]).choice(len(points), len(MARKS), replace=False)
    return segment.k_means_steps(points, points[first[:clusters]])


@functools.cache
def _best(clusters: int) -> float:
    return segment.k_means(zscore(_buyers()[0]), clusters, starts=50).within


def _step_finding(at: int, settled_at: int, changed: int, count: int, within: float, best: float) -> str:
    if at == 0:
        return f"Start: each buyer joins the nearest of {count} centres"
    if at < settled_at:
        return f"Step {at}: {changed} buyer{'s change' if changed > 1 else ' changes'} to a nearer centre"
    if within > 1.01 * best:
        return f"Settled at step {at}, but other starts end better"
    return f"Settled at step {at}, where the best of 50 starts ends"


def _draw_buyers(ax: Axes, buyers: Floats, labels: segment.Integers) -> None:
    ax.set(xlim=(0, 37), ylim=(-0.03, 1.42), xticks=range(0, 31, 10), yticks=(0, 0.5, 1))
    ax.set_xlabel("Bottles an order (odd lots left, bulk right)")
    ax.set_ylabel("CV of gaps (regular low, random high)")
    ax.text(
        36.5, 1.37, "large marks: centres; lines: their way", ha="right", va="center", fontsize=style.SMALL
    )
    for label, (marker, colour) in enumerate(MARKS):
        own = buyers[labels == label]
        ax.plot(own[:, 0], own[:, 1], marker, markersize=5, color=colour, alpha=0.75, markeredgewidth=0)


def _draw_centres(ax: Axes, buyers: Floats, steps: list[Clusters]) -> None:
    """Draw each centre with the way that it has come, in bottles and CV again."""
    ways = np.array([step.centres for step in steps]) * buyers.std(axis=0) + buyers.mean(axis=0)
    for way, (marker, colour) in zip(ways.transpose(1, 0, 2), MARKS, strict=False):
        ax.plot(way[:, 0], way[:, 1], color=style.BLACK, linewidth=1.2)
        ax.plot(way[:-1, 0], way[:-1, 1], ".", markersize=5, color=style.BLACK)
        ax.plot(*way[-1], marker, markersize=15, color=colour, markeredgecolor=style.BLACK, markeredgewidth=2)


# --- Value and potential -----------------------------------------------------------------------------

ACCOUNTS, TYPICAL, SPREAD = 250, 32.0, 0.75
"""Simulated: accounts, median of value and of potential (yuan a month), standard deviation of their logs."""
FOLLOWS = {"not at all": 0.0, "somewhat": 0.5, "closely": 0.9}
"""Correlation of the logarithms of value and potential."""
SEED_OF_ACCOUNTS = 1
CELL_MARKS = {
    "keep and grow": ("D", style.GREEN),
    "keep": ("s", style.BLUE),
    "grow": ("^", style.RED),
    "serve simply": ("o", style.GREY),
}


@widget(
    value_from=Slider("High value from", 20, 80, 20, 40, "yuan a month"),
    potential_from=Slider("High potential from", 20, 80, 20, 40, "yuan a month"),
    follows=Choice("Potential follows value", tuple(FOLLOWS)),
)
def value_potential(value_from: float, potential_from: float, follows: str) -> tuple[Figure, str]:
    """Whom does a ranking by today's value overlook?"""
    value, potential = _accounts(follows)
    cells = segment.value_matrix(value, potential, value_from=value_from, potential_from=potential_from)
    counts = {cell: int((cells == cell).sum()) for cell in CELL_MARKS}
    overlooked = potential[cells == "grow"].sum() / potential.sum()

    figure, (ax,) = style.new_figure(height=4.1)
    _draw_accounts(ax, value, potential, cells, counts)
    ax.axvline(value_from, color=style.BLACK, linewidth=1)
    ax.axhline(potential_from, color=style.BLACK, linewidth=1)
    style.headline(figure, _overlooked_finding(counts["grow"], overlooked))

    named = ", ".join(f"“{cell}” {count}" for cell, count in counts.items())
    return figure, (
        f"{ACCOUNTS} simulated accounts, high in value from {value_from:g} yuan a month and in potential "
        f"from {potential_from:g}: {named}. Potential follows value {follows}: their logarithms were drawn "
        f"with a correlation of {FOLLOWS[follows]:.1f}. The cell “grow” ranks low by today's value and holds "
        f"{overlooked:.0%} of all potential."
    )


def _overlooked_finding(accounts: int, share: float) -> str:
    if accounts == 0:
        return "Nobody is overlooked: who has potential ranks high"
    return f"Overlooked today: {accounts} account{'s' if accounts > 1 else ''}, {share:.0%} of the potential"


def _accounts(follows: str) -> tuple[Floats, Floats]:
    """Draw value and potential of each account, in yuan a month, lognormal and correlated."""
    first, other = np.random.default_rng(SEED_OF_ACCOUNTS).normal(size=(2, ACCOUNTS))
    correlation = FOLLOWS[follows]
    mixed = correlation * first + math.sqrt(1 - correlation**2) * other
    return TYPICAL * np.exp(SPREAD * first), TYPICAL * np.exp(SPREAD * mixed)


def _draw_accounts(
    ax: Axes, value: Floats, potential: Floats, cells: segment.Names, counts: dict[str, int]
) -> None:
    ticks = (5, 10, 20, 50, 100, 200, 500)
    ax.set(xscale="log", yscale="log", xlim=(2.6, 800), ylim=(2.6, 800))
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set(xlabel="Value today, yuan a month", ylabel="Potential on top, yuan a month")
    corners = {
        "keep and grow": (0.985, 0.985, "right", "top"),
        "keep": (0.985, 0.015, "right", "bottom"),
        "grow": (0.015, 0.985, "left", "top"),
        "serve simply": (0.015, 0.015, "left", "bottom"),
    }
    for cell, (marker, colour) in CELL_MARKS.items():
        own = cells == cell
        ax.plot(
            value[own], potential[own], marker, markersize=4.5, color=colour, alpha=0.75, markeredgewidth=0
        )
        x, y, side, height = corners[cell]
        ax.text(
            x,
            y,
            f"{cell}: {counts[cell]}",
            ha=side,
            va=height,
            transform=ax.transAxes,
            fontsize=style.LABEL,
            fontweight="bold",
            path_effects=style.HALO,
        )
