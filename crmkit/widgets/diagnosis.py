"""The widgets of the diagnosis chapter: the channel, the process, exits, the trap, fads and the rival."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crmkit.data import load
from crmkit.models import channel
from crmkit.models.channel import Decay, Floats, RateRatio
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

FAINT = "#C9C9C9"

# --- The channel as a graph --------------------------------------------------------------------------

ROUNDS = {"A": 5, "B": 3, "C": 2, "D": 2}
"""Made up: a tiny dairy's delivery people, and the households on the round of each."""
DEPOT_OF = {"A": "depot 1", "B": "depot 2", "C": "depot 2", "D": "depot 2"}
HOUSEHOLDS = [f"{person}{i}" for person, count in ROUNDS.items() for i in range(1, count + 1)]
# Spread over the rounds, so that more numbers always reach more of them.
CALLED_FIRST = ("A2", "C1", "B2", "D2", "A4", "B1", "A1", "C2", "D1", "A3", "B3", "A5")
STAND_IN = {"A": "B", "B": "A", "C": "D", "D": "C"}
NOBODY = "nobody"
GONE = (NOBODY, "depot 1", "depot 2", "person A", "person B", "person D")
ONE, TWO = "one delivery person", "two of them"


@widget(
    gone=Choice("Who drops out", GONE, start="person B"),
    phones=Choice("Households the dairy can call", ("0", "1", "3", "6", "12")),
    known=Choice("Each household knows", (ONE, TWO)),
)
def channel_graph(gone: str, phones: str, known: str) -> tuple[Figure, str]:
    """Who is cut off when one link of the channel goes?"""
    node = gone.removeprefix("person ")
    milk = _milk_links(known)
    called = set(CALLED_FIRST[: int(phones)])
    news = [*milk, *(("dairy", household) for household in called)]
    doors = set(HOUSEHOLDS)
    no_milk = channel.cut_off(milk, "dairy", node) & doors if gone != NOBODY else set()
    lost = channel.cut_off(news, "dairy", node) & doors if gone != NOBODY else set()
    points = len(channel.cut_vertices(news, "dairy"))

    figure, (ax,) = style.new_figure(height=4.1)
    ax.set_position((0.02, 0.02, 0.96, 0.86))
    _draw_channel(ax, milk, node, called, no_milk, lost)
    style.headline(figure, _channel_finding(gone, len(no_milk), len(lost)))

    from_dairy = channel.herfindahl(list(ROUNDS.values()))
    return figure, (
        f"In a made-up dairy with {len(ROUNDS)} delivery people and {len(doors)} households, {gone} drops "
        f"out; each household knows {known}, and the dairy can call {phones}. {len(no_milk)} get no milk, "
        f"and {len(lost)} the dairy cannot reach at all. It has {points} single "
        f"{'point' if points == 1 else 'points'} of failure between itself and the doors. The index of "
        f"concentration of its rounds is {from_dairy:,.0f} of 10,000, whoever drops out."
    )


def _milk_links(known: str) -> list[tuple[str, str]]:
    links = [("dairy", depot) for depot in dict.fromkeys(DEPOT_OF.values())]
    links += [(depot, person) for person, depot in DEPOT_OF.items()]
    links += [(household[0], household) for household in HOUSEHOLDS]
    if known == TWO:
        links += [(STAND_IN[household[0]], household) for household in HOUSEHOLDS]
    return links


def _channel_finding(gone: str, no_milk: int, lost: int) -> str:
    if gone == NOBODY:
        return "As long as nobody drops out, all is well"
    who = gone[0].upper() + gone[1:]
    if no_milk == 0:
        return f"{who} gone: everybody still gets milk"
    if lost == 0:
        return f"{who} gone: {no_milk} without milk, all can be called"
    if lost == no_milk:
        return f"{who} gone: {no_milk} without milk and out of reach"
    return f"{who} gone: {no_milk} without milk, {lost} out of reach"


def _draw_channel(
    ax: Axes,
    milk: list[tuple[str, str]],
    gone: str,
    called: set[str],
    no_milk: set[Hashable],
    lost: set[Hashable],
) -> None:
    ax.set(xlim=(-0.8, 12.2), ylim=(-2.3, 4.5))
    ax.set_axis_off()
    places = _places()
    for one, other in milk:
        is_cut = gone in (one, other)
        is_second = other in HOUSEHOLDS and other[0] != one
        (x1, y1), (x2, y2) = places[one], places[other]
        (line,) = ax.plot([x1, x2], [y1, y2], color=FAINT if is_cut else style.BLUE, zorder=1)
        line.set(linewidth=1.0 if is_second else 1.8, linestyle=":" if is_cut else "--" if is_second else "-")
    for name, (x, y) in places.items():
        if name in HOUSEHOLDS:
            _draw_household(ax, x, y, is_called=name in called, no_milk=name in no_milk, is_lost=name in lost)
            continue
        is_gone = name == gone
        box = {"boxstyle": "round,pad=0.3", "facecolor": "white" if is_gone else "#DCEBF7"}
        box |= {"edgecolor": style.RED if is_gone else style.BLUE, "linestyle": "--" if is_gone else "-"}
        text = f"{name}: gone" if is_gone else name
        ax.text(x, y, text, ha="center", va="center", fontsize=style.LABEL, bbox=box, zorder=3)
    rows = (("o", style.BLUE, "gets milk"), ("o", "white", "no milk"), ("X", style.RED, "out of reach"))
    for x, (mark, fill, name) in zip((-0.3, 3.1, 6.2), rows, strict=True):
        ax.plot(x, -1.95, mark, markersize=9, markerfacecolor=fill, markeredgecolor=style.BLACK)
        ax.text(x + 0.35, -1.95, name, va="center_baseline", fontsize=style.SMALL)
    ax.plot([9.8, 9.8], [-2.12, -1.78], color=style.GREEN, linewidth=4)
    ax.text(10.1, -1.95, "can call", va="center_baseline", fontsize=style.SMALL)


def _places() -> dict[str, tuple[float, float]]:
    places = {household: (float(x), -0.5) for x, household in enumerate(HOUSEHOLDS)}
    for person in ROUNDS:
        places[person] = (float(np.mean([places[h][0] for h in HOUSEHOLDS if h[0] == person])), 1.2)
    return places | {"depot 1": (2.0, 2.7), "depot 2": (8.0, 2.7), "dairy": (5.0, 4.1)}


def _draw_household(ax: Axes, x: float, y: float, *, is_called: bool, no_milk: bool, is_lost: bool) -> None:
    fill = style.RED if is_lost else "white" if no_milk else style.BLUE
    mark = "X" if is_lost else "o"
    ax.plot(x, y, mark, markersize=11, markerfacecolor=fill, markeredgecolor=style.BLACK, zorder=3)
    if is_called:
        ax.plot([x, x], [y - 0.75, y - 0.35], color=style.GREEN, linewidth=4)


# --- From order to cash ------------------------------------------------------------------------------

LANES = ("household", "delivery person", "depot", "dairy")
STEPS = ("order", "slip", "load", "deliver", "collect", "hand over", "book")
ENDS = ((0, 1), (1, 2), (2, 1), (1, 0), (0, 1), (1, 2), (2, 3))
"""This course's own drawing: the steps of a month, and from which lane to which each of them goes."""


class Event(NamedTuple):
    """Something that happens at the door, at a step, and how the dairy learns of it by another way."""

    name: str
    step: int
    by_telephone: str
    by_card: str


EVENTS = {
    "one bottle more is wanted": Event("One bottle more", 0, "when it calls", ""),
    "the milk is sour": Event("Sour milk", 3, "when it calls", ""),
    "the family moves away": Event("A family moves", 3, "when it calls", "when the card runs out"),
    "a payment falls short": Event("A payment short", 4, "when it calls", "at once, on the card"),
    "a neighbour wants milk": Event("A neighbour asks", 0, "", ""),
}
PASSED, KEPT = "passes it on", "does not"
NOTHING, TELEPHONE, CARD = "no other way", "telephone numbers", "prepaid cards"


@widget(
    event=Choice("What happens", tuple(EVENTS), start="the milk is sour"),
    person=Choice("The delivery person", (PASSED, KEPT), start=KEPT),
    other=Choice("The dairy also has", (NOTHING, TELEPHONE, CARD)),
)
def order_to_cash(event: str, person: str, other: str) -> tuple[Figure, str]:
    """What does the dairy learn of what happens at the door?"""
    happened = EVENTS[event]
    around = {TELEPHONE: happened.by_telephone, CARD: happened.by_card}.get(other, "")
    when = "the same day" if person == PASSED else around
    learns = f"the dairy learns it {when}" if when else "the dairy never learns it"

    figure, (ax,) = style.new_figure(height=3.9)
    ax.set_position((0.235, 0.03, 0.745, 0.83))
    _draw_steps(ax, happened, person == PASSED, bool(around))
    style.headline(figure, f"{happened.name}: {learns}")

    passing = sum(1 in ends for ends in ENDS)
    keeps = person if person == PASSED else "keeps it"
    way = f"With {other}" if other == NOTHING else f"With {other} of its subscribers"
    by_itself = f"would learn it by itself {around}" if around else "would not learn it by itself"
    return figure, (
        f"This course's drawing of a month from order to cash: {passing} of {len(STEPS)} steps go through "
        f"the delivery person. If {event} and the delivery person {keeps}, {learns}. "
        f"{way}, it {by_itself}."
    )


def _draw_steps(ax: Axes, happened: Event, passed: bool, has_way_round: bool) -> None:
    ax.set(xlim=(-0.6, 7.7), ylim=(3.75, -0.95), xticks=[])
    ax.set_yticks(range(4), LANES, fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    for lane in range(4):
        shade = "#F4E3C6" if lane == 1 else "#F0F0F0"
        ax.axhspan(lane - 0.28, lane + 0.28, color=shade, linewidth=0, zorder=0)
    for x, (name, (start, end)) in enumerate(zip(STEPS, ENDS, strict=True)):
        here = x == happened.step
        arrow = {"arrowstyle": "-|>", "color": style.RED if here else style.BLUE, "linewidth": 1.8}
        ax.annotate("", xy=(x, end), xytext=(x, start), arrowprops=arrow)
        ax.plot(x, start, "o", markersize=6, color=style.RED if here else style.BLUE)
        text = ax.text(x, -0.45 - 0.3 * (x % 2), name, ha="center", va="center", fontsize=style.SMALL)
        text.set_fontweight("bold" if here else "normal")
    place = happened.step + 0.42
    if passed:
        ax.plot([place, place], [0, 3], color=style.GREEN, linewidth=3)
        ax.plot(place, 3, "s", markersize=9, color=style.GREEN, markeredgecolor=style.BLACK)
    else:
        ax.plot([place, place], [0, 1], color=style.RED, linewidth=3)
        ax.plot(place, 1, "X", markersize=11, color=style.RED, markeredgecolor=style.BLACK)
    if has_way_round:
        ax.plot([7.3, 7.3], [0, 3], color=style.GREEN, linewidth=3, linestyle=(0, (2, 1)))
        ax.plot(7.3, 3, "s", markersize=9, color=style.GREEN, markeredgecolor=style.BLACK)
    note = "news: square where it arrives, cross where it ends"
    ax.text(-0.5, 3.55, note, va="center", fontsize=style.SMALL)


# --- After an exit -----------------------------------------------------------------------------------

USUAL, BOXES, YEAR = 0.015, 200, 12
"""Simulated: share of the accounts that leave in a usual month; milk boxes of a round; months shown."""
FILLED = {"a waiting list, all": 1.0, "a waiting list, six in ten": 0.6, "nobody": 0.0}


@widget(
    ratio=Slider("Leaving after the exit, times as often", 2, 6, 1, 3),
    risky=Slider("For how many months", 1, 4, 1, 2, "months"),
    refill=Choice("Who takes the empty boxes", tuple(FILLED)),
)
def after_exit(ratio: float, risky: float, refill: str) -> tuple[Figure, str]:
    """What does an exit cost, and who notices?"""
    months = np.arange(YEAR + 1)
    leaving = np.where(months[1:] <= risky, ratio * USUAL, USUAL)
    faces = _left_after(leaving)
    boxes = _left_after(leaving * (1 - FILLED[refill]))
    without = _left_after(np.full(YEAR, USUAL))
    extra = without[-1] - faces[-1]
    empty = BOXES - boxes[-1]

    figure, (ax,) = style.new_figure(height=3.8)
    figure.subplots_adjust(left=0.12, right=0.76)
    ax.set(xlim=(0, YEAR), ylim=(120, 204), xticks=range(0, 13, 3), yticks=range(120, 201, 20))
    ax.set(xlabel="Months since the delivery person left", ylabel=f"Accounts of {BOXES}")
    ax.axvspan(0, risky, color=style.ORANGE, alpha=0.18, linewidth=0)
    ax.plot(months, without, color=style.GREY, linestyle="--", linewidth=1.8)
    ax.plot(months, boxes, color=style.BLACK, linestyle="-.", linewidth=2)
    ax.plot(months, faces, color=style.BLUE, linewidth=2.4)
    ends = [(boxes[-1], f"boxes taken {boxes[-1]:.0f}"), (without[-1], f"no exit {without[-1]:.0f}")]
    style.edge_labels(ax, [*ends, (faces[-1], f"old accounts {faces[-1]:.0f}")])
    seen = "and no box is empty" if round(empty) == 0 else f"and {empty:.0f} boxes are empty"
    style.headline(figure, f"The exit costs {extra:.0f} accounts, {seen}")

    return figure, (
        f"A simulated round of {BOXES} accounts loses {USUAL:.1%} a month, and {ratio:g} times as many for "
        f"{risky:g} {'month' if risky == 1 else 'months'} after the delivery person leaves. After {YEAR} "
        f"months {faces[-1]:.1f} of the old accounts are left, {extra:.1f} fewer than without the exit. The "
        f"empty boxes go to {refill}: {boxes[-1]:.1f} boxes are taken."
    )


def _left_after(leaving: Floats) -> Floats:
    return BOXES * np.concatenate([[1.0], np.cumprod(1 - leaving)])


# --- The route or the training -----------------------------------------------------------------------

COMPACT_RATE, ROUTE_MONTHS = 0.012, 100_000
"""Simulated: leaving on compact routes without training, a month; account-months of each kind of route."""


@widget(
    effect=Slider("Training prevents, of the leaving", 0, 30, 10, 20, "%"),
    allotted=Slider("Trained on compact routes", 50, 95, 15, 80, "%"),
    gap=Slider("Leaving on scattered routes, times", 1.0, 2.0, 0.5, 1.5, "", 1),
)
def route_or_training(effect: float, allotted: float, gap: float) -> tuple[Figure, str]:
    """Does the training keep customers, or do good routes get trained people?"""
    share = np.array([allotted, 100 - allotted]) / 100  # compact, scattered
    rate = COMPACT_RATE * np.array([1.0, gap])
    trained, untrained = ROUTE_MONTHS * share, ROUTE_MONTHS * (1 - share)
    left_trained, left_untrained = rate * (1 - effect / 100) * trained, rate * untrained
    naive = channel.rate_ratio(left_trained.sum(), trained.sum(), left_untrained.sum(), untrained.sum())
    within = channel.mantel_haenszel_rate_ratio(left_trained, trained, left_untrained, untrained)

    figure, (ax,) = style.new_figure(height=4.0)
    ax.set_position((0.115, 0.14, 0.865, 0.66))
    totals = (left_untrained.sum() / untrained.sum(), left_trained.sum() / trained.sum())
    groups = [("compact", rate[0], rate[0] * (1 - effect / 100))]
    groups += [("scattered", rate[1], rate[1] * (1 - effect / 100)), ("all together", *totals)]
    _draw_groups(ax, groups)
    style.headline(figure, _trap_finding(naive, within))

    shown, true = (number(100 * (1 - found.ratio), ".1f") for found in (naive, within))
    return figure, (
        f"Simulated: {allotted:g}% of the compact routes and {100 - allotted:g}% of the scattered ones have "
        f"a trained delivery person, customers of scattered routes leave {gap:.1f} times as often, and the "
        f"training prevents {effect:g}% of the leaving. All routes together, trained people lose {shown}% "
        f"fewer; within each kind of route, {true}% fewer."
    )


def _trap_finding(naive: RateRatio, within: RateRatio) -> str:
    shown, true = (100 * (1 - found.ratio) for found in (naive, within))
    if abs(shown - true) < 0.5:
        return f"No trap here: {shown:.0f}% fewer leave, either way"
    return f"It looks like {shown:.0f}% fewer; the training does {true:.0f}%"


def _draw_groups(ax: Axes, groups: list[tuple[str, float, float]]) -> None:
    ax.set(xlim=(-0.55, 2.55), ylim=(0, 3.1), yticks=(0, 1, 2), ylabel="Leave a month, %")
    ax.set_xticks(range(3), [name for name, *_ in groups], fontsize=style.LABEL)
    ax.tick_params(axis="x", length=0)
    ax.axvline(1.5, color=style.GREY, linewidth=1, linestyle=":")
    looks = ((-0.2, style.ORANGE, "////", "untrained"), (0.2, style.BLUE, "", "trained"))
    for x, (_, *rates) in enumerate(groups):
        for rate, (shift, colour, hatch, _) in zip(rates, looks, strict=True):
            ax.bar(
                x + shift, 100 * rate, width=0.36, facecolor=colour, alpha=0.7, hatch=hatch, edgecolor="white"
            )
            ax.text(x + shift, 100 * rate + 0.05, f"{100 * rate:.2f}", ha="center", fontsize=style.SMALL)
    for place, (_, colour, hatch, name) in zip((-0.45, 0.55), looks, strict=True):
        patch = Rectangle((place, 2.82), 0.16, 0.16, facecolor=colour, alpha=0.7, edgecolor="white")
        patch.set_hatch(hatch)
        ax.add_patch(patch)
        ax.text(place + 0.22, 2.9, name, va="center", fontsize=style.SMALL)


# --- The treadmill of fads ---------------------------------------------------------------------------

LAUNCH_SHARE, HORIZON = 6.0, 60
"""Simulated: per cent of all bottles that a new product takes in its first month; months shown."""
INTERVALS = {"once": 0, "every 36 months": 36, "every 24 months": 24, "every 18 months": 18}
INTERVALS |= {"every 12 months": 12, "every 9 months": 9}
LAST_YEARS = 36  # a multiple of most intervals; the first launches are forgotten by then


@widget(
    fades=Slider("Fades by, a month", 3, 23, 5, 8, "%"),
    launched=Choice("A new one is launched", tuple(INTERVALS), start="every 18 months"),
)
def fad_treadmill(fades: float, launched: str) -> tuple[Figure, str]:
    """How often must a dairy launch to stand still?"""
    decay, interval = Decay(start=LAUNCH_SHARE, rate=fades / 100), INTERVALS[launched]
    launches = np.arange(0, HORIZON, interval) if interval else np.array([0])
    months = np.arange(0, HORIZON + 0.05, 0.1)
    level = channel.launches_level(decay, launches, months)
    late = float(level[months >= HORIZON - LAST_YEARS].mean())

    figure, (ax,) = style.new_figure(height=3.8)
    ax.set(xlim=(0, HORIZON), ylim=(0, 27), xticks=range(0, HORIZON + 1, 12), yticks=(0, 10, 20))
    ax.set(xlabel="Months", ylabel="Share of all bottles, %")
    for start in launches:
        ax.plot(months[months >= start], decay.at(months[months >= start] - start), color=FAINT, linewidth=1)
    ax.fill_between(months, level, color=style.ORANGE, alpha=0.25, linewidth=0)
    ax.plot(months, level, color=style.BLACK, linewidth=2)
    ax.axhline(late, color=style.RED, linestyle="--", linewidth=1.4)
    mean = f"mean of the last {LAST_YEARS} months: {late:.1f}%"
    ax.text(HORIZON - 0.5, 25.6, mean, ha="right", va="center", fontsize=style.LABEL)
    each = f"each halves in {decay.half_life:.1f} months"
    ax.text(HORIZON - 0.5, 23.4, each, ha="right", va="center", fontsize=style.LABEL)
    count = len(launches)
    many = "One launch in five years holds" if count == 1 else f"{count} launches in five years hold"
    style.headline(figure, f"{many} {late:.1f}% of the sales")

    return figure, (
        f"A simulated product starts with {LAUNCH_SHARE:g}% of all bottles and fades by {fades:g}% a month, "
        f"continuously: it halves in {decay.half_life:.1f} months. Launched {launched}, {count} "
        f"{'product has' if count == 1 else 'products have'} a mean share of {late:.2f}% in the last "
        f"{LAST_YEARS} of {HORIZON} months, and {level[-1]:.2f}% at the end."
    )


# --- The rival, zone by zone -------------------------------------------------------------------------

MONTHS = tuple(str(month) for month in pd.period_range("1998-07", "1999-09", freq="M"))
LEAVE, JOIN, EMPTY = "leave in the month", "join in the month", "empty boxes"
TOPS = {LEAVE: 4.5, JOIN: 4.5, EMPTY: 30.0}
SIGNS = {"entry": "E", "price cut": "P", "poach": "H"}


@widget(
    month=Choice("Month", MONTHS, start="1998-10"),
    measure=Choice("Shown, of 100 boxes", (LEAVE, JOIN, EMPTY)),
)
def rival_map(month: str, measure: str) -> tuple[Figure, str]:
    """Where does the rival show in the books?"""
    zones = _zone_months()
    now = zones[zones["month"] == month].set_index("zone_id")
    is_rival = now["entry"].notna() & (now["entry"] <= month)
    column = {LEAVE: "left", JOIN: "joined", EMPTY: "empty"}[measure]
    per_100 = 100 * now[column] / now["boxes"]
    elsewhere = _per_100(now[~is_rival], column)
    there = _per_100(now[is_rival], column)

    figure, (ax,) = style.new_figure(height=4.2)
    ax.set_position((0.02, 0.1, 0.96, 0.77))
    _draw_zones(ax, per_100, is_rival, TOPS[measure], _moves_of(month))
    shown = {LEAVE: "lost", JOIN: "filled", EMPTY: "empty"}[measure]
    counted = {LEAVE: "accounts that leave", JOIN: "accounts that join", EMPTY: "empty boxes"}[measure]
    if is_rival.any():
        finding = f"{there:.1f} {shown} with a rival, else {elsewhere:.1f}"
        text = f"in the {is_rival.sum()} zones with a rival {there:.2f}, in the others {elsewhere:.2f}"
    else:
        finding = f"{elsewhere:.1f} {shown}, no rival yet"
        text = f"no zone has a rival yet, and it is {elsewhere:.2f} in all of them together"
    style.headline(figure, f"{month}. Of 100 boxes {finding}")

    most = f"The most are in zone {per_100.idxmax()}: {per_100.max():.2f}." if per_100.max() else ""
    return figure, f"Simulated, {month}, {counted} for every 100 boxes: {text}. {most}".strip()


def _per_100(zones: pd.DataFrame, column: str) -> float:
    return 100 * zones[column].sum() / zones["boxes"].sum() if len(zones) else 0.0


@cache
def _zone_months() -> pd.DataFrame:
    table = load("hailang.route_months").merge(load("hailang.routes"), on="route_id")
    sums = table.groupby(["month", "zone_id"])[["accounts", "joined", "left", "boxes"]].sum().reset_index()
    sums["empty"] = sums["boxes"] - sums["accounts"]
    sums["entry"] = sums["zone_id"].map(load("hailang.zones").set_index("zone_id")["rival_entry_month"])
    return sums


@cache
def _moves_of(month: str) -> dict[int, str]:
    moves = load("hailang.competitor_moves")
    now = moves[moves["month"] == month]
    return dict(zip(now["zone_id"], now["move"].map(SIGNS), strict=True))


def _draw_zones(ax: Axes, per_100: pd.Series, is_rival: pd.Series, top: float, moves: dict[int, str]) -> None:
    ax.set(xlim=(-0.03, 5.03), ylim=(4.03, -0.03))
    ax.set_axis_off()
    for zone, value in per_100.items():
        x, y = (zone - 1) % 5, (zone - 1) // 5
        tile = Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, facecolor=style.SKY, linewidth=0)
        tile.set_alpha(min(max(value, 0.0) / top, 1.0) * 0.95)
        ax.add_patch(tile)
        frame = Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, fill=False, edgecolor=style.GREY, linewidth=0.8)
        if is_rival[zone]:
            frame.set(edgecolor=style.RED, linewidth=2.4)
        ax.add_patch(frame)
        ax.text(x + 0.11, y + 0.2, f"zone {zone}", va="center", fontsize=style.SMALL)
        ax.text(x + 0.5, y + 0.62, f"{value:.1f}", ha="center", va="center", fontsize=12)
        if zone in moves:
            ax.text(
                x + 0.87,
                y + 0.2,
                moves[zone],
                ha="center",
                va="center",
                fontsize=style.LABEL,
                color=style.RED,
                fontweight="bold",
            )
    note = "red frame: rival delivers. E entry, P price cut, H hires a delivery person"
    ax.text(0.0, -0.05, note, transform=ax.transAxes, va="center", fontsize=style.SMALL)
