"""The widgets of the lifetime chapter: survival, sorting, who is left, projection, silence, value."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import betainc

from crmkit.data import load
from crmkit.models import lifetime, survival
from crmkit.models.lifetime import BGNBD, Floats
from crmkit.models.survival import ShiftedBetaGeometric, SurvivalCurve
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

FAINT = "#C9C9C9"

# --- Survival from censored durations ----------------------------------------------------------------

MONTHS = 12
SEEN = np.array([1, 2, 3, 4, 4, 6, 7, 8, 9, 10, 11, 12])
LEFT = np.array([1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0], dtype=bool)
"""Simulated: months for which twelve subscribers were seen, and who left at their end."""

KAPLAN_MEIER = "at risk until last seen"
LOST, NEVER_LOST, LEFT_OUT = WRONG = ("lost when last seen", "never lost", "left out of the data")
"""What an analyst can make of those who have not left yet: the right way (kaplan1958), and three others."""


@widget(
    month=Slider("Up to month", 0, MONTHS, 1, 6),
    treatment=Choice("Who has not left yet is", (KAPLAN_MEIER, *WRONG)),
)
def survival_builder(month: float, treatment: str) -> tuple[Figure, str]:
    """How long do subscribers stay, when many have not left yet?"""
    durations, left = _treated(treatment)
    at_risk, leaving = int((durations >= month).sum()), int((left & (durations == month)).sum())
    curves = {"K–M": survival.kaplan_meier(*_treated(KAPLAN_MEIER))}
    if treatment in WRONG:
        curves["instead"] = survival.kaplan_meier(durations, left)
    stayed, *instead = (float(curve.at(month)) for curve in curves.values())

    figure, (bars, ax) = style.new_figure(panels=2, height=4.8)
    bars.set_position((0.125, 0.5, 0.68, 0.375))
    ax.set_position((0.125, 0.11, 0.68, 0.31))
    _draw_seen(bars, month, treatment)
    leave = {0: "nobody leaves", 1: "1 leaves"}.get(leaving, f"{leaving} leave")
    style.panel_title(bars, f"In month {month:g}: {at_risk} at risk, {leave}")
    _draw_steps(ax, month, curves)
    style.headline(figure, _survival_finding(month, treatment, stayed, instead))

    seen, gone = int((month <= SEEN).sum()), int((LEFT & (month == SEEN)).sum())
    caption = (
        f"Of {len(SEEN)} simulated subscribers, {seen} were seen up to month {month:g} or longer, and {gone} "
        "of them left in it. Kaplan–Meier multiplies the shares that stay month by month and finds "
        f"{stayed:.1%} still there after month {month:g}."
    )
    for share in instead:
        caption += f" If who has not left yet is “{treatment}”, it finds {share:.1%}."
    return figure, caption


def _treated(treatment: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the durations, and who left at their end, as an analyst would have them."""
    seen = SEEN.astype(float)
    if treatment == LOST:
        return seen, np.ones_like(LEFT)
    if treatment == NEVER_LOST:
        return np.where(LEFT, seen, MONTHS), LEFT
    if treatment == LEFT_OUT:
        return seen[LEFT], LEFT[LEFT]
    return seen, LEFT


def _survival_finding(month: float, treatment: str, stayed: float, instead: list[float]) -> str:
    if month == 0:
        return "At the start everybody is there"
    months = "1 month" if month == 1 else f"{month:g} months"
    if not instead:
        return f"{stayed:.0%} stay longer than {months}"
    if math.isclose(instead[0], stayed):
        return f"{treatment.capitalize()}: no difference up to {months}"
    return f"{treatment.capitalize()}: {instead[0]:.0%}, not {stayed:.0%}"


def _draw_steps(ax: Axes, month: float, curves: dict[str, SurvivalCurve]) -> None:
    style.panel_title(ax, "Share still there")
    ax.set(xlim=(0, 12.6), ylim=(-0.03, 1.05), xticks=range(0, 13, 2), yticks=(0, 0.5, 1))
    ax.set_xlabel("Months since joining")
    ax.yaxis.set_major_formatter("{x:.0%}")
    months, looks = np.arange(month + 1), ((style.BLUE, "-"), (style.RED, "--"))
    ends = []
    for (name, curve), (colour, dashes) in zip(curves.items(), looks, strict=False):
        shares = curve.at(months)
        ax.plot(months, shares, color=colour, linestyle=dashes, linewidth=2.2, drawstyle="steps-post")
        ax.plot([month, 12.6], [shares[-1]] * 2, color=colour, linewidth=0.8, linestyle=":")
        ax.plot(month, shares[-1], "o", markersize=7, color=colour)
        ends.append((float(shares[-1]), f"{name} {shares[-1]:.0%}"))
    style.edge_labels(ax, ends)


def _draw_seen(ax: Axes, month: float, treatment: str) -> None:
    """Draw for how long each subscriber was seen; whoever is at risk in the month is dark."""
    ax.set(xlim=(0, 12.6), ylim=(len(SEEN) - 0.3, -1.4), xticks=range(0, 13, 2), yticks=[])
    ax.tick_params(labelbottom=False)
    ax.spines["left"].set_visible(False)
    ax.axvline(month, color=style.BLACK, linewidth=1, linestyle=":")
    for row, (seen, left) in enumerate(zip(SEEN.tolist(), LEFT.tolist(), strict=True)):
        is_ignored = treatment == LEFT_OUT and not left
        is_carried_on = treatment == NEVER_LOST and not left
        dark = not is_ignored and (seen >= month or is_carried_on)
        shade = style.BLUE if dark else FAINT
        ax.plot([0, seen], [row, row], color=shade, linewidth=1 if is_ignored else 4, solid_capstyle="butt")
        if is_carried_on:
            ax.plot([seen, MONTHS], [row, row], color=style.RED, linewidth=1.6, linestyle="--")
        is_lost = left or treatment == LOST
        _mark_end(ax, seen, row, is_lost=is_lost, colour=style.BLACK if left else style.RED)
    for y, is_lost, name in ((-0.75, True, "left"), (0.75, False, "had not left when last seen")):
        _mark_end(ax, 5.45, y, is_lost=is_lost, colour=style.BLACK)
        ax.text(5.85, y, name, va="center", fontsize=style.SMALL, path_effects=style.HALO)


def _mark_end(ax: Axes, x: float, y: float, *, is_lost: bool, colour: str) -> None:
    if is_lost:
        ax.plot(x, y, "X", markersize=7, color=colour, markeredgecolor="white", markeredgewidth=0.6)
    else:
        ax.plot(x, y, "o", markersize=6, markerfacecolor="white", markeredgecolor=style.BLACK)


# --- Two segments, sorted by leaving -----------------------------------------------------------------

CUSTOMERS, LAST_YEAR = 1_000, 8


@widget(
    movers=Slider("Movers at the start", 20, 80, 20, 60, "%"),
    movers_stay=Slider("Movers who stay each year", 30, 70, 20, 50, "%"),
    stayers_stay=Slider("Stayers who stay each year", 80, 95, 5, 90, "%"),
)
def loyalty_or_sorting(movers: float, movers_stay: float, stayers_stay: float) -> tuple[Figure, str]:
    """Retention rises: have the customers grown loyal?"""
    years = np.arange(LAST_YEAR + 1.0)
    rates = {"stayers": stayers_stay / 100, "movers": movers_stay / 100}
    start = {"stayers": CUSTOMERS * (1 - movers / 100), "movers": CUSTOMERS * movers / 100}
    there: dict[str, Floats] = {name: start[name] * rates[name] ** years for name in rates}
    total = there["stayers"] + there["movers"]
    retention = total[1:] / total[:-1]
    expected = CUSTOMERS * retention[0] ** LAST_YEAR

    figure, (who, rate) = style.new_figure(panels=2, height=3.7)
    who.set_position((0.125, 0.15, 0.355, 0.68))
    rate.set_position((0.59, 0.15, 0.215, 0.68))
    _stack_customers(who, years, there)
    style.panel_title(rate, "Retention by year")
    rate.set(xlim=(0.5, LAST_YEAR), ylim=(0.25, 1.08), xticks=(1, 4, 8), yticks=(0.4, 0.6, 0.8, 1))
    rate.yaxis.set_major_formatter("{x:.0%}")
    rate.set_xlabel("Year")
    for name, colour, dashes in (("stayers", style.BLUE, "--"), ("movers", style.ORANGE, ":")):
        rate.plot([1, LAST_YEAR], [rates[name]] * 2, color=colour, linestyle=dashes, linewidth=2)
    rate.plot(years[1:], retention, color=style.BLACK, linewidth=2.4)
    levels = [(level, f"{name} {level:.0%}") for name, level in rates.items()]
    style.edge_labels(rate, [*levels, (retention[-1], f"all {retention[-1]:.0%}")])
    from_to = f"from {retention[0]:.0%} to {retention[-1]:.0%}"
    style.headline(figure, f"Retention rises {from_to}, yet nobody changed")

    return figure, (
        f"Of {CUSTOMERS:,} simulated customers {movers:g}% are movers, of whom {movers_stay:g}% stay each "
        f"year; of the stayers {stayers_stay:g}% do. No customer changes, yet retention of all rises from "
        f"{retention[0]:.1%} in year 1 to {retention[-1]:.1%} in year {LAST_YEAR}, because movers leave "
        f"first. After {LAST_YEAR} years {total[-1]:,.0f} are left; the rate of year 1 for everybody would "
        f"leave {expected:,.0f}."
    )


def _stack_customers(ax: Axes, years: Floats, there: dict[str, Floats]) -> None:
    style.panel_title(ax, "Customers left")
    ax.set(xlim=(-0.6, LAST_YEAR + 0.6), ylim=(0, 1_130), xticks=(0, 4, 8), yticks=(0, 500, 1_000))
    ax.set_xlabel("After year")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    looks = ("stayers", 940, style.BLUE, ""), ("movers", 1_060, style.ORANGE, "////")
    for (name, y, colour, hatch), below in zip(looks, (np.zeros_like(years), there["stayers"]), strict=True):
        bars = ax.bar(years, there[name], width=0.8, bottom=below, color=colour, alpha=0.65)
        key = ax.bar(4.2, 60, width=0.9, bottom=y - 30, color=colour, alpha=0.65)
        for bar in (*bars, *key):
            bar.set(hatch=hatch, edgecolor="white", linewidth=0)
        ax.text(5, y, name, va="center", fontsize=style.SMALL)


# --- Every customer differs: the shifted beta-geometric model ----------------------------------------

EDGES = np.linspace(0, 1, 11)


@widget(
    alpha=Slider("α", 0.5, 2.5, 0.5, 1.0, "", 1),
    beta=Slider("β", 1, 5, 1, 2),
    year=Slider("Before year", 1, 7, 2, 3),
)
def who_is_left(alpha: float, beta: float, year: float) -> tuple[Figure, str]:
    """Who is still there, when every customer differs?"""
    model = ShiftedBetaGeometric(alpha, beta)
    years = np.arange(1, LAST_YEAR + 1)
    retention = model.retention(years)
    left, stays = float(model.survival(year - 1)), float(model.retention(year))

    figure, (who, rate) = style.new_figure(panels=2, height=3.7)
    who.set_position((0.125, 0.15, 0.38, 0.68))
    rate.set_position((0.635, 0.15, 0.335, 0.68))
    _draw_kinds(who, model, year)
    style.panel_title(rate, "Retention by year")
    rate.set(xlim=(0.7, LAST_YEAR + 0.3), ylim=(0.2, 1.08), xticks=range(1, 9), yticks=(0.4, 0.6, 0.8, 1))
    rate.yaxis.set_major_formatter("{x:.0%}")
    rate.set_xlabel("Year")
    rate.axhline(retention[0], color=style.GREY, linewidth=1.6, linestyle="--")
    rate.text(LAST_YEAR, retention[0] - 0.02, "if all were alike", ha="right", va="top", fontsize=style.SMALL)
    rate.plot(years, retention, color=style.BLUE, linewidth=2.2)
    rate.plot(year, stays, "o", markersize=9, color=style.BLACK)
    if year == 1:
        rate.text(1, stays - 0.035, f"{stays:.0%}", va="top", fontsize=style.LABEL)
    else:
        rate.text(year, stays + 0.035, f"{stays:.0%}", ha="center", va="bottom", fontsize=style.LABEL)
    style.headline(figure, _left_finding(year, left, stays))

    return figure, (
        f"Each of {CUSTOMERS:,} simulated customers has a constant probability of leaving of its own, beta "
        f"distributed with α = {alpha:.1f} and β = {beta:g}. Before year {year:g}, {left:.1%} are still "
        f"there, and {stays:.1%} of them stay another year{_than_at_first(year, float(retention[0]))}."
    )


def _than_at_first(year: float, first: float) -> str:
    if year == 1:
        return "; the share will rise, since those who leave easily leave first"
    return f", against {first:.1%} in year 1: nobody has changed, but those who leave easily left first"


def _left_finding(year: float, left: float, stays: float) -> str:
    if year == 1:
        return f"Year 1: everybody is there, and {stays:.0%} will stay"
    return f"Year {year:g}: {left:.0%} are there, and {stays:.0%} of them will stay"


def _draw_kinds(ax: Axes, model: ShiftedBetaGeometric, year: float) -> None:
    """Draw how many customers of each kind there were, and how many are left."""
    style.panel_title(ax, "Customers")
    ax.set(xlim=(0, 1), ylim=(0, 780), xticks=(0, 0.5, 1), yticks=range(0, 601, 200))
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.set_xlabel("Chance of leaving in a year")
    _bars_of_kinds(ax, EDGES[:-1], _kinds(model, 0), 0, is_left=False)
    _bars_of_kinds(ax, EDGES[:-1], _kinds(model, year - 1), 0, is_left=True)
    for y, name, is_left in ((720, "at the start", False), (640, "still there", True)):
        _bars_of_kinds(ax, 0.36, 50, y - 25, is_left=is_left)
        ax.text(0.5, y, name, va="center", fontsize=style.SMALL)


def _kinds(model: ShiftedBetaGeometric, years: float) -> Floats:
    """Return how many customers of each kind are there after some years.

    Among those who stayed t years the probability of leaving is beta distributed with α and β + t.
    """
    shares = np.diff(betainc(model.alpha, model.beta + years, EDGES))
    return CUSTOMERS * model.survival(years) * shares


def _bars_of_kinds(
    ax: Axes, x: Floats | float, heights: Floats | float, bottom: float, *, is_left: bool
) -> None:
    drawn = ax.bar(x, heights, width=0.1, bottom=bottom, align="edge")
    for bar in drawn:
        bar.set(facecolor=style.BLUE if is_left else "none", alpha=0.55 if is_left else None)
        bar.set(edgecolor=style.GREY, linewidth=0 if is_left else 1.2)


# --- Years of data and the error of a projection -----------------------------------------------------

TARGET_YEAR = 10
KNOWN = Slider("Years of data", 3, 9, 1, 5)
METHODS = ("sBG: customers differ", "the average rate so far", "the rate of the last year")


@widget(
    known=KNOWN,
    method=Choice("Project by", METHODS),
    segment=Choice("Segment", ("High End", "Regular")),
)
def projection(known: float, method: str, segment: str) -> tuple[Figure, str]:
    """How many years of data does a projection need?"""
    real = _retention_table()[segment][: TARGET_YEAR + 1]
    projected = _project(real[: int(known) + 1], method)
    misses = {int(k): 100 * (_project(real[: int(k) + 1], method)[-1] - real[-1]) for k in KNOWN.values}
    miss = misses[int(known)]

    figure, (ax, errors) = style.new_figure(panels=2, height=4.8)
    ax.set_position((0.125, 0.49, 0.645, 0.385))
    errors.set_position((0.125, 0.11, 0.645, 0.23))
    _draw_projection(ax, real, projected, int(known))
    _draw_misses(errors, misses, int(known))
    says, was = f"{projected[-1]:.0%}", f"{real[-1]:.0%}"
    style.headline(figure, f"From {known:g} years: {says} are left in year {TARGET_YEAR}, in fact {was}")

    return figure, (
        f"From {known:g} years of the {segment} segment (published data), {_by_method(method)} puts "
        f"{projected[-1]:.1%} of the customers in year {TARGET_YEAR}; it was {real[-1]:.1%}, so the miss is "
        f"{_points(miss)} points. The same method misses by {_points(misses[3])} points with 3 years "
        f"of data and by {_points(misses[9])} with 9."
    )


@cache
def _retention_table() -> dict[str, Floats]:
    """Return the shares of customers left after 0, 1, … years, by segment (fader2007)."""
    table = load("published.retention")
    return {str(name): rows["surviving"].to_numpy() / 100 for name, rows in table.groupby("segment")}


def _project(left: Floats, method: str) -> Floats:
    """Return the shares from the last year known to the target year."""
    last = len(left) - 1
    ahead = np.arange(TARGET_YEAR - last + 1)
    if method == METHODS[0]:
        return _fitted(tuple(left.tolist())).survival(last + ahead)
    rate = (left[-1] / left[0]) ** (1 / last) if method == METHODS[1] else left[-1] / left[-2]
    return left[-1] * rate**ahead


@cache
def _fitted(left: tuple[float, ...]) -> ShiftedBetaGeometric:
    return survival.fit_shifted_beta_geometric(left)


def _by_method(method: str) -> str:
    return "an sBG model" if method == METHODS[0] else f"{method}, kept for good,"


def _points(miss: float) -> str:
    return number(miss, "+.1f")


def _draw_projection(ax: Axes, real: Floats, projected: Floats, known: int) -> None:
    style.panel_title(ax, "Customers left")
    ax.set(xlim=(-0.3, TARGET_YEAR + 0.15), ylim=(0, 1.06), xticks=range(0, 11, 2), yticks=(0, 0.5, 1))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.set_xlabel("Year", labelpad=1)
    ax.axvspan(-0.3, known + 0.3, color=style.SKY, alpha=0.18, linewidth=0)
    ax.text(known + 0.15, 0.07, f"{known} years known", ha="right", va="center", fontsize=style.SMALL)
    years = np.arange(len(real))
    ax.plot(years[known + 1 :], real[known + 1 :], "o", ms=6, mfc="white", mec=style.BLACK, zorder=3)
    ax.plot(years[: known + 1], real[: known + 1], "o", ms=6, color=style.BLACK, zorder=3)
    ax.plot(years[known:], projected, color=style.RED, linewidth=2.2, linestyle="--")
    style.edge_labels(
        ax, [(real[-1], f"real {real[-1]:.1%}"), (projected[-1], f"projected {projected[-1]:.1%}")]
    )


def _draw_misses(ax: Axes, misses: dict[int, float], known: int) -> None:
    style.panel_title(ax, f"Miss in year {TARGET_YEAR}, points")
    ax.set(xlim=(2.4, 9.6), ylim=(-27, 4), xticks=list(misses), yticks=(-20, -10, 0))
    ax.yaxis.set_major_formatter(lambda value, _: number(value))
    ax.set_xlabel("Years of data")
    ax.axhline(0, color=style.BLACK, linewidth=1)
    for years, miss in misses.items():
        ax.bar(years, miss, width=0.6, color=style.RED if years == known else FAINT)
    low = misses[known] - 1.2
    ax.text(known, low, _points(misses[known]), ha="center", va="top", fontsize=style.LABEL)


# --- The quiet customer ------------------------------------------------------------------------------

AHEAD, LAST_WEEK = 26, 92
MOST = 13


@widget(
    purchases=Slider("Repeat purchases", 1, MOST, 3, 7),
    last=Slider("The last one in week", 20, 40, 10, 30),
    quiet=Slider("Weeks of silence since", 10, 50, 10, 20),
)
def quiet_customer(purchases: float, last: float, quiet: float) -> tuple[Figure, str]:
    """Is a customer who has gone quiet still a customer?"""
    model = _music_buyers()
    now = last + quiet
    active = float(model.probability_alive(purchases, last, now))
    counts = np.arange(1, MOST + 1)
    expected = model.conditional_purchases(AHEAD, counts, last, now)
    own = float(expected[int(purchases) - 1])
    best = int(counts[expected.argmax()])

    figure, (ax, ahead) = style.new_figure(panels=2, height=4.8)
    ax.set_position((0.125, 0.5, 0.845, 0.375))
    ahead.set_position((0.125, 0.11, 0.845, 0.24))
    _draw_history(ax, model, purchases, last, now)
    style.panel_title(ahead, f"Purchases to expect in the next {AHEAD} weeks")
    ahead.set(xlim=(0.4, MOST + 0.6), ylim=(0, 4.4), xticks=range(1, MOST + 1, 3), yticks=range(0, 5, 2))
    ahead.set_xlabel("Repeat purchases, at the same silence")
    colours = [style.BLUE if count == purchases else FAINT for count in counts]
    ahead.bar(counts, expected, width=0.7, color=colours)
    ahead.text(purchases, own + 0.15, f"{own:.2f}", ha="center", va="bottom", fontsize=style.LABEL)
    chance = f"= {active:.0%}" if active >= 0.005 else "< 1%"
    style.headline(figure, f"{_repeats(purchases)}, {quiet:g} weeks quiet: P(alive) {chance}")

    return figure, (
        f"A made-up customer bought {purchases:g} more {'time' if purchases == 1 else 'times'} up to week "
        f"{last:g} and not in the {quiet:g} weeks since. With the published BG/NBD estimates for buyers of "
        f"music CDs, the customer is still active with a probability of {active:.1%}, and {own:.2f} "
        f"purchases are to be expected in the next {AHEAD} weeks. After the same silence, of all numbers of "
        f"repeat purchases from 1 to {MOST}, {best} {'promises' if best == 1 else 'promise'} most."
    )


def _repeats(purchases: float) -> str:
    return "1 repeat" if purchases == 1 else f"{purchases:g} repeats"


@cache
def _music_buyers() -> BGNBD:
    """Return the BG/NBD model with the published estimates, in weeks (fader2005)."""
    table = load("published.lifetime_estimates")
    rows = table[table["model"] == "BG/NBD"]
    return BGNBD(**dict(zip(rows["parameter"], rows["estimate"], strict=True)))


def _draw_history(ax: Axes, model: BGNBD, purchases: float, last: float, now: float) -> None:
    """Draw the probability of being active week by week, with purchases evenly spaced up to the last."""
    style.panel_title(ax, "P(alive), the probability of being still active")
    ax.set(xlim=(-1, LAST_WEEK), ylim=(-0.04, 1.09), xticks=range(0, 91, 10), yticks=(0, 0.5, 1))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.set_xlabel("Weeks since the first purchase", labelpad=1)
    bought = np.linspace(0, last, int(purchases) + 1)
    weeks, active = [], []
    for count, (start, end) in enumerate(zip(bought, [*bought[1:], now], strict=True)):
        between = np.linspace(start, end, 40)
        weeks.append(between)
        active.append(model.probability_alive(count, start, between))
    ax.plot(np.concatenate(weeks), np.concatenate(active), color=style.BLUE, linewidth=2)
    later = np.linspace(now, LAST_WEEK, 40)
    ahead = model.probability_alive(purchases, last, later)
    ax.plot(later, ahead, color=style.BLUE, linewidth=1.4, linestyle=":")
    ax.vlines(bought, -0.04, 0.06, color=style.BLACK, linewidth=1.6)
    ax.plot(now, active[-1][-1], "o", markersize=9, color=style.BLACK)
    note = ax.text(now + 1.5, active[-1][-1] + 0.07, "now", va="bottom", fontsize=style.LABEL)
    note.set(ha="left" if now < 85 else "right", path_effects=style.HALO)


# --- Lifetime value ----------------------------------------------------------------------------------

MARGIN = 100.0
"""Simulated: what a customer brings a year, yuan."""
RATES = np.linspace(0.5, 0.96, 93)
TIMINGS = ("after a year", "at once")


@widget(
    retention=Slider("Retention", 50, 95, 5, 70, "%"),
    discount=Slider("Discount rate", 4, 16, 4, 12, "%"),
    timing=Choice("First margin", TIMINGS),
)
def customer_value(retention: float, discount: float, timing: str) -> tuple[Figure, str]:
    """What is a customer worth, and what would raise it?"""
    rate, interest = retention / 100, discount / 100
    worth = _worth(MARGIN, rate, interest, timing)
    shortcut = _worth(MARGIN, rate, 0, timing)
    changes = {
        "margin": _worth(1.01 * MARGIN, rate, interest, timing) / worth - 1,
        "retention": _worth(MARGIN, 1.01 * rate, interest, timing) / worth - 1,
        "discount": _worth(MARGIN, rate, 0.99 * interest, timing) / worth - 1,
    }

    figure, (ax, gains) = style.new_figure(panels=2, height=4.8)
    ax.set_position((0.15, 0.45, 0.82, 0.425))
    gains.set_position((0.3, 0.03, 0.63, 0.25))
    _draw_value(ax, rate, interest, timing)
    _draw_gains(gains, changes)
    finding = f"Worth {worth:,.0f} yuan: the shortcut's {shortcut:,.0f} forgets interest"
    style.headline(figure, finding)

    return figure, (
        f"A customer who brings {MARGIN:g} yuan a year, the first time {timing}, and stays each year with "
        f"{retention:g}% is worth {worth:,.1f} yuan at a discount rate of {discount:g}% (simulated). The "
        f"shortcut, margin times the expected number of payments, says {shortcut:,.1f}. 1% more margin adds "
        f"{changes['margin']:.2%}, 1% more retention {changes['retention']:.2%}, and a discount rate 1% "
        f"lower {changes['discount']:.2%}."
    )


def _worth(margin: float, retention: float, discount: float, timing: str) -> float:
    paid_at_once = margin if timing == "at once" else 0.0
    return paid_at_once + lifetime.customer_lifetime_value(margin, retention, discount)


def _draw_value(ax: Axes, retention: float, discount: float, timing: str) -> None:
    style.panel_title(ax, "Lifetime value, yuan")
    ax.set(xlim=(0.48, 0.96), ylim=(0, 2_150), xticks=(0.5, 0.6, 0.7, 0.8, 0.9), yticks=range(0, 2_001, 500))
    ax.set_xlabel("Retention a year", labelpad=1)
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    heights = []
    for rate, colour, dashes, name, row in (
        (0.0, style.RED, "--", "shortcut", 1_980),
        (discount, style.BLUE, "-", "worth", 1_730),
    ):
        values = [_worth(MARGIN, each, rate, timing) for each in RATES]
        ax.plot(RATES, values, color=colour, linestyle=dashes, linewidth=2.2)
        heights.append(_worth(MARGIN, retention, rate, timing))
        ax.plot([0.495, 0.535], [row, row], color=colour, linestyle=dashes, linewidth=2.2)
        ax.text(0.545, row, f"{name} {heights[-1]:,.0f}", va="center_baseline", fontsize=style.LABEL)
    ax.plot([retention] * 2, heights, "o-", color=style.BLACK, linewidth=1.4, markersize=7)


def _draw_gains(ax: Axes, changes: dict[str, float]) -> None:
    style.panel_title(ax, "What each adds to the value")
    names = {"margin": "1% more margin", "retention": "1% more retention", "discount": "1% less discount"}
    ax.set(xlim=(0, 15.5), ylim=(2.6, -0.6), xticks=[])
    ax.set_yticks(range(3), [names[key] for key in changes], fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    for row, (key, change) in enumerate(changes.items()):
        ax.barh(row, 100 * change, height=0.6, color=style.BLUE if key == "retention" else FAINT)
        ax.text(100 * change + 0.2, row, f"+{change:.2%}", va="center_baseline", fontsize=style.LABEL)
