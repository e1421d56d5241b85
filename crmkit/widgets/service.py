"""The widgets of the services chapter: blueprint, queue, staffing, fit of the 7P, freshness, rounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from crmkit.models import service
from crmkit.models.service import Floats, Step
from crmkit.widgets import style
from crmkit.widgets.widget import Choice, Slider, widget

# --- Blueprint ---------------------------------------------------------------------------------------

SUBSCRIPTION = (
    Step("take the order", minutes=6, failure_rate=0.03),
    Step("plan the route", minutes=4, failure_rate=0.06),
    Step("load the crate", minutes=3, failure_rate=0.02),
    Step("bring it to the door", minutes=5, failure_rate=0.05),
    Step("collect the money", minutes=8, failure_rate=0.04),
)
"""Simulated: what the dairy does for one new subscription, each step by one person."""
BEHIND_THE_SCENES = ("plan the route", "load the crate")
BOXES = (
    "take the\norder",
    "plan the\nroute",
    "load the\ncrate",
    "bring it to\nthe door",
    "collect\nthe money",
)
CUSTOMER = ("calls", "", "", "finds milk", "pays")


@widget(
    name=Choice("Work on this step", tuple(step.name for step in SUBSCRIPTION)),
    minutes=Slider("Its time, of today's", 50, 100, 25, 100, "%"),
    failures=Slider("Its failures, of today's", 0, 100, 50, 100, "%"),
    people=Slider("People who do it", 1, 2, 1, 1),
)
def service_blueprint(name: str, minutes: float, failures: float, people: float) -> tuple[Figure, str]:
    """Which step should be mended first?"""
    steps = tuple(
        replace(
            step,
            minutes=step.minutes * minutes / 100,
            failure_rate=step.failure_rate * failures / 100,
            staff=int(people),
        )
        if step.name == name
        else step
        for step in SUBSCRIPTION
    )
    worked_on = next(step for step in steps if step.name == name)
    slowest = service.bottleneck(steps)

    figure, (plan, pace) = style.new_figure(panels=2, height=4.4)
    plan.set_position((0.02, 0.47, 0.96, 0.44))
    pace.set_position((0.02, 0.115, 0.96, 0.265))
    _draw_plan(plan, name)
    _draw_pace(pace, steps, slowest)
    style.headline(figure, _blueprint_finding(steps))

    now, before = (_totals(blueprint) for blueprint in (steps, SUBSCRIPTION))
    return figure, (
        f"With {worked_on.minutes:g} minutes, {worked_on.failure_rate:.1%} failures and "
        f"{_people(worked_on.staff)} to {name}, a new subscription takes {now[0]:g} minutes of work "
        f"({before[0]:g} today), goes right for {now[1]:.1%} of customers ({before[1]:.1%} today), and the "
        f"bottleneck, to {slowest.name}, lets {now[2]:.1f} an hour through ({before[2]:.1f} today). All "
        "times and failures are simulated."
    )


def _totals(steps: tuple[Step, ...]) -> tuple[float, float, float]:
    """Return a blueprint's minutes of work, its yield, and how many customers an hour it lets through."""
    return service.total_minutes(steps), service.rolled_yield(steps), service.bottleneck(steps).capacity


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _blueprint_finding(steps: tuple[Step, ...]) -> str:
    (minutes, right, pace), (old_minutes, _, old_pace) = _totals(steps), _totals(SUBSCRIPTION)
    if steps == SUBSCRIPTION:
        return f"{1 - right:.1%} go wrong; collecting money is the bottleneck"
    time = f"{old_minutes - minutes:g} min saved" if minutes < old_minutes else "No time saved"
    return f"{time}, {right:.1%} right, {'still ' if pace == old_pace else ''}{pace:.1f} an hour"


def _draw_plan(ax: Axes, worked_on: str) -> None:
    """Draw the steps above and below the line of visibility, and what the customer does at the top."""
    ax.set(xlim=(0, 5), ylim=(0, 3.1), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    for height, line in ((2.3, "line of interaction"), (1.2, "line of visibility")):
        ax.axhline(height, color=style.GREY, linewidth=1, linestyle="--")
        ax.text(2, height + 0.07, line, ha="center", fontsize=style.SMALL, color="#444444")
    ax.text(4.5, 0.55, "behind\nthe scenes", ha="center", va="center", fontsize=style.SMALL, color="#444444")
    ax.text(2, 2.83, "the customer", ha="center", va="center", fontsize=style.SMALL, color="#444444")
    middles = [
        (column + 0.5, 0.55 if step.name in BEHIND_THE_SCENES else 1.75)
        for column, step in enumerate(SUBSCRIPTION)
    ]
    for (x, y), (next_x, next_y) in itertools.pairwise(middles):
        # Down first, then right; or right first, then up: no arrow crosses a box.
        corner = (x, next_y) if next_y <= y else (next_x, y)
        end = (next_x - 0.44, next_y) if next_y <= y else (next_x, next_y - 0.4)
        ax.plot([x, corner[0]], [y, corner[1]], color=style.BLACK, linewidth=1, zorder=1)
        ax.annotate(
            "",
            end,
            corner,
            arrowprops={"arrowstyle": "-|>", "color": style.BLACK, "shrinkA": 0, "shrinkB": 0},
            zorder=1,
        )
    for (x, y), step, text, does in zip(middles, SUBSCRIPTION, BOXES, CUSTOMER, strict=True):
        chosen = step.name == worked_on
        colour, width = (style.BLUE, 2.4) if chosen else (style.GREY, 1.0)
        ax.add_patch(
            Rectangle(
                (x - 0.44, y - 0.4), 0.88, 0.8, facecolor="white", edgecolor=colour, linewidth=width, zorder=2
            )
        )
        weight = "bold" if chosen else "normal"
        ax.text(x, y, text, ha="center", va="center", fontsize=style.SMALL, fontweight=weight)
        if does:
            ax.plot([x, x], [y + 0.4, 2.6], color=style.BLACK, linewidth=1)
            ax.text(x, 2.83, does, ha="center", va="center", fontsize=style.LABEL)


def _draw_pace(ax: Axes, steps: tuple[Step, ...], slowest: Step) -> None:
    """Draw how often each step can finish a customer: the tallest bar sets the pace of all."""
    ax.set(xlim=(0, 5), ylim=(0, 10.5), yticks=[])
    ax.spines["left"].set_visible(False)
    style.panel_title(ax, "Each step finishes one customer every … minutes")
    facts = [
        f"{step.minutes:g} min{' by 2' if step.staff == 2 else ''}\n{100 * step.failure_rate:g}% fail"
        for step in steps
    ]
    ax.set_xticks([column + 0.5 for column in range(5)], facts, fontsize=style.SMALL)
    ax.tick_params(length=0)
    for column, step in enumerate(steps):
        is_slowest = step is slowest
        every = 60 / step.capacity
        shown = f"{round(every, 1):g}"
        ax.bar(
            column + 0.5,
            every,
            width=0.62,
            color=style.ORANGE if is_slowest else style.SKY,
            alpha=0.7,
            hatch="//" if is_slowest else "",
            edgecolor="white",
        )
        text = f"bottleneck {shown}" if is_slowest else shown
        ax.text(column + 0.5, every + 0.3, text, ha="center", fontsize=style.SMALL)


# --- Queue -------------------------------------------------------------------------------------------

LOADED_AN_HOUR = 30
"""Simulated: carriers that the depot's gate loads per hour when it is never idle, two minutes each."""
MORNING, WARM_UP, SEEN = 120, 4_000, 100
"""Minutes shown, and simulated carriers before and during them; the first ones only fill the line."""
# The six mornings of this seed are typical: together they come within a third of the formula's line.
SEED = 551


@widget(
    arrivals=Slider("Carriers an hour", 12, 27, 1, 24),
    morning=Slider("Random morning", 1, 6, 1, 1),
)
def queue_at_the_gate(arrivals: float, morning: float) -> tuple[Figure, str]:
    """How long does the line at a busy gate get?"""
    busy = service.utilisation(arrivals, LOADED_AN_HOUR)
    wait = service.mm1_wait(arrivals, LOADED_AN_HOUR)
    line = service.little_number(arrivals, wait)
    one_more = service.little_number(arrivals + 1, service.mm1_wait(arrivals + 1, LOADED_AN_HOUR))
    minutes, waiting = _line_over_a_morning(arrivals, int(morning))
    on_this_morning = float(np.average(waiting[:-1], weights=np.diff(minutes)))

    figure, (path, curve) = style.new_figure(panels=2, height=4.8)
    path.set_position((0.135, 0.545, 0.835, 0.335))
    curve.set_position((0.135, 0.11, 0.835, 0.255))
    _draw_line(path, minutes, waiting, on_this_morning)
    _draw_load_curve(curve, busy, line)
    style.headline(figure, f"Busy {busy:.0%} of the time, and {line:.1f} wait in the long run")

    return figure, (
        f"With {arrivals:g} carriers an hour at a gate that loads {LOADED_AN_HOUR} (simulated), the gate is "
        f"busy {busy:.0%} of the time. In the long run {line:.2f} carriers wait, {60 * wait:.1f} minutes "
        f"each; on morning {morning:g} it was {on_this_morning:.1f} on average and {waiting.max():.0f} at "
        f"most. One more carrier an hour would make the line {one_more:.2f} long."
    )


def _line_over_a_morning(arrivals: float, morning: int) -> tuple[Floats, Floats]:
    """Return the minutes at which the line changes and its length from then on.

    A morning has the same luck at every rate: the same carriers come closer together.
    """
    gaps, services = np.random.default_rng([SEED, morning]).exponential(1, (2, WARM_UP + SEEN))
    gaps, services = 60 / arrivals * gaps, 60 / LOADED_AN_HOUR * services
    arrived = gaps.cumsum()
    arrived -= arrived[WARM_UP]
    called = arrived + service.lindley_waits(gaps, services)
    inside = [times[(times > 0) & (times < MORNING)] for times in (arrived, called)]
    minutes = np.concatenate([[0], np.sort(np.concatenate(inside)), [MORNING]])
    length = np.searchsorted(arrived, minutes, "right") - np.searchsorted(called, minutes, "right")
    return minutes, length.astype(float)


def _draw_line(ax: Axes, minutes: Floats, waiting: Floats, mean: float) -> None:
    ax.set(xlim=(0, MORNING), ylim=(0, 24), xticks=range(0, MORNING + 1, 30), yticks=(0, 10, 20))
    ax.set_xlabel("Minutes")
    ax.set_ylabel("In line")
    style.panel_title(ax, f"This morning: {mean:.1f} on average, {waiting.max():.0f} at most")
    ax.fill_between(minutes, waiting, step="post", color=style.BLUE, alpha=0.35, linewidth=0)
    ax.step(minutes, waiting, where="post", color=style.BLUE, linewidth=1.2)
    ax.axhline(mean, color=style.BLACK, linewidth=1, linestyle="--")


def _draw_load_curve(ax: Axes, busy: float, line: float) -> None:
    ax.set(xlim=(0, 100), ylim=(0, 11), xticks=range(0, 101, 20), yticks=(0, 5, 10))
    ax.set_xlabel("Gate busy, % of the time")
    ax.set_ylabel("In line")
    style.panel_title(ax, "In the long run")
    rates = np.linspace(0, 0.95, 200) * LOADED_AN_HOUR
    lines = [service.little_number(rate, service.mm1_wait(rate, LOADED_AN_HOUR)) for rate in rates]
    ax.plot(100 * rates / LOADED_AN_HOUR, lines, color=style.BLACK, linewidth=1.8)
    ax.axvline(100, color=style.GREY, linewidth=1, linestyle=":")
    ax.plot(100 * busy, line, "o", color=style.BLUE, markersize=9, clip_on=False)
    ax.text(100 * busy - 3, line + 0.6, f"{line:.1f} wait", ha="right", fontsize=style.LABEL)


# --- Staffing ----------------------------------------------------------------------------------------

TARGET = 0.80
STAFF = np.arange(1, 21)


@widget(
    calls=Slider("Calls an hour", 40, 160, 20, 100),
    minutes=Slider("Minutes for a call", 2, 5, 1, 3),
    within=Slider("Answered within", 20, 60, 20, 20, "seconds"),
)
def staffing_curve(calls: float, minutes: float, within: float) -> tuple[Figure, str]:
    """How many people must answer the phone?"""
    rates = (calls, 60 / minutes)
    levels = [service.service_level(*rates, int(staff), within / 3_600) for staff in STAFF]
    load = service.utilisation(*rates)
    enough = service.smallest_staff(*rates, within=within / 3_600, target=TARGET)
    level, one_fewer = levels[enough - 1], levels[enough - 2]
    busy = service.utilisation(*rates, enough)
    waiting = service.erlang_c(load, enough)

    figure, (ax,) = style.new_figure(height=3.8)
    figure.subplots_adjust(right=0.865, top=0.815)
    ax.set(xlim=(0, 21), xticks=range(0, 21, 5), xlabel="People who answer")
    ax.set(ylim=(0, 106), yticks=range(0, 101, 20), ylabel=f"Answered within {within:g} s, %")
    ax.axvspan(0, load, color=style.GREY, alpha=0.25, linewidth=0)
    ax.text(load / 2, 50, "the line never ends", rotation=90, ha="center", va="center", fontsize=style.SMALL)
    ax.axhline(100 * TARGET, color=style.RED, linewidth=1.4, linestyle="--")
    ax.text(21.3, 100 * TARGET, f"target\n{TARGET:.0%}", va="center", fontsize=style.SMALL)
    for staff, share in zip(STAFF, levels, strict=True):
        if staff > load:
            ax.plot([staff, staff], [0, 100 * share], color=style.BLUE, linewidth=1, alpha=0.5)
            fill = style.BLUE if share >= TARGET else "white"
            size = 11 if staff == enough else 6
            ax.plot(staff, 100 * share, "o", markersize=size, color=style.BLUE, markerfacecolor=fill)
    style.panel_title(ax, f"With {enough} people, each is busy {busy:.0%} of the time")
    style.headline(figure, f"{enough} people answer {level:.1%} in time, {enough - 1} only {one_fewer:.1%}")

    return figure, (
        f"{calls:g} calls an hour of {minutes:g} minutes each (simulated) are a load of {load:.2f} erlangs. "
        f"{enough} people answer {level:.1%} of them within {within:g} seconds, {enough - 1} would answer "
        f"{one_fewer:.1%}; the target is {TARGET:.0%}. With {enough}, {waiting:.1%} of callers wait, and "
        f"each person is busy {busy:.0%} of the time."
    )


# --- Consistency of the 7P ---------------------------------------------------------------------------

PROMISES = ("cheap milk", "milk by six", "the finest milk")
PEOPLE = ("paid per bottle", "trained, on a wage", "a personal adviser")
PROCESS = ("one long round", "a checked round", "made to each wish")
EVIDENCE = ("bare crates", "clean coat, dated seal", "gift box, own design")
"""For each P, a choice of the low-cost, the dependable and the exclusive kind, in this order."""
FOUR_P = {
    "Product": ("plain milk", "fresh milk", "single-farm milk"),
    "Price": ("low", "middle", "high"),
    "Place": ("milk kiosk", "at the door by six", "by appointment"),
    "Promotion": ("discounts", "a promise of time", "tastings"),
}
"""What the promise settles; it holds for all four of them."""
NEW_PS = ("people", "process", "evidence")
FITS, STRAINS, CLASHES = "fit", "strain", "clash"
MARKS = {FITS: ("o", style.BLUE), STRAINS: ("_", style.GREY), CLASHES: ("X", style.RED)}


@widget(
    promise=Choice("What the four Ps promise", PROMISES, PROMISES[2]),
    people=Choice("People", PEOPLE),
    process=Choice("Process", PROCESS, PROCESS[1]),
    evidence=Choice("Physical evidence", EVIDENCE, EVIDENCE[2]),
)
def mix_consistency(promise: str, people: str, process: str, evidence: str) -> tuple[Figure, str]:
    """Do the seven Ps tell the same story?"""
    kind = PROMISES.index(promise)
    chosen = {p: (kind, names[kind]) for p, names in FOUR_P.items()}
    chosen["People"] = (PEOPLE.index(people), people)
    chosen["Process"] = (PROCESS.index(process), process)
    chosen["Physical evidence"] = (EVIDENCE.index(evidence), evidence)
    kinds = [kind for kind, _ in chosen.values()]
    pairs = {(row, column): _relation(kinds[row], kinds[column]) for row in range(7) for column in range(row)}
    counts = {relation: list(pairs.values()).count(relation) for relation in MARKS}

    figure, (ax,) = style.new_figure(height=4.0)
    ax.set_position((0.02, 0.02, 0.96, 0.86))
    _draw_matrix(ax, chosen, pairs, counts)
    style.headline(figure, _mix_finding(kinds, counts))

    return figure, (
        f"Product, price, place and promotion promise {promise}. People: {people}; process: {process}; "
        f"physical evidence: {evidence}. Of 21 pairs {counts[FITS]} fit, {counts[STRAINS]} strain and "
        f"{counts[CLASHES]} clash. The scale is made for teaching: each choice is of the low-cost, the "
        "dependable or the exclusive kind, and a pair clashes where the kinds are two steps apart."
    )


def _relation(one: int, other: int) -> str:
    return (FITS, STRAINS, CLASHES)[abs(one - other)]


def _mix_finding(kinds: Sequence[int], counts: dict[str, int]) -> str:
    if counts[FITS] == 21:
        return f"All seven say the same: {('low cost', 'dependable', 'exclusive')[kinds[0]]}"
    if not counts[CLASHES]:
        return f"No pair clashes, but {counts[STRAINS]} of 21 are under strain"
    clash = f"{counts[CLASHES]} of 21 pairs {'clashes' if counts[CLASHES] == 1 else 'clash'}"
    broken = [name for name, kind in zip(NEW_PS, kinds[4:], strict=True) if abs(kind - kinds[0]) == 2]
    if not broken:
        return f"{clash}, among the three new Ps"
    who = f"the {broken[0]}" if len(broken) == 1 else f"{('two', 'three')[len(broken) - 2]} Ps"
    return f"{clash}: {who} {'breaks' if who in ('the process', 'the evidence') else 'break'} the promise"


def _draw_matrix(
    ax: Axes, chosen: dict[str, tuple[int, str]], pairs: dict[tuple[int, int], str], counts: dict[str, int]
) -> None:
    ax.set(xlim=(-6.6, 7.8), ylim=(7, 0), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    for row, (p, (_, choice)) in enumerate(chosen.items()):
        ax.text(-6.6, row + 0.32, p, va="center", fontsize=style.LABEL, fontweight="bold")
        ax.text(-6.6, row + 0.72, choice, va="center", fontsize=style.SMALL)
        ax.text(row + 0.12, row + 0.5, p.split()[-1].capitalize(), va="center", fontsize=style.SMALL)
    for (row, column), relation in pairs.items():
        colour = MARKS[relation][1]
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.12, edgecolor="white"))
        _mark(ax, column + 0.5, row + 0.5, relation)
    for row, relation in enumerate(MARKS):
        _mark(ax, 5.3, 0.5 + 0.75 * row, relation)
        ax.text(5.8, 0.5 + 0.75 * row, f"{counts[relation]} {relation}", va="center", fontsize=style.LABEL)


def _mark(ax: Axes, x: float, y: float, relation: str) -> None:
    marker, colour = MARKS[relation]
    ax.plot(x, y, marker, color=colour, markersize=9, markeredgewidth=2.5 if relation == STRAINS else 1)


# --- Freshness ---------------------------------------------------------------------------------------

INTERCEPT, SLOPE = -5.5, 0.7
"""Simulated: log-odds that a bottle which stayed cold has spoiled, and what an hour above 4 °C adds."""
BOTTLES = 200


@widget(
    mean=Slider("Mean time at the door", 2, 6, 0.5, 4, "hours", 1),
    spread=Slider("Earlier or later by up to", 0, 2, 1, 2, "hours"),
    bag=Slider("A cool bag keeps cold for", 0, 3, 1.5, 0, "hours", 1),
)
def milk_at_the_door(mean: float, spread: float, bag: float) -> tuple[Figure, str]:
    """How many bottles spoil before they are taken in?"""
    at_the_door = np.linspace(mean - spread, mean + spread, BOTTLES)
    warm = np.maximum(0, at_the_door - bag)
    spoiled = float(_spoiled(warm).mean())
    if_all_alike = float(_spoiled(max(0.0, mean - bag)))

    figure, (curve, bottles) = style.new_figure(panels=2, height=4.6)
    curve.set_position((0.135, 0.41, 0.835, 0.445))
    bottles.set_position((0.04, 0.02, 0.92, 0.235))
    _draw_spoilage(curve, warm, max(0.0, mean - bag), if_all_alike)
    _draw_bottles(bottles, round(BOTTLES * spoiled))
    style.headline(figure, _freshness_finding(spoiled, if_all_alike))

    times = f"evenly from {mean - spread:.1f} to {mean + spread:.1f}" if spread else "all alike"
    cover = f"in a bag that keeps cold for {bag:.1f}" if bag else "without a cool bag"
    one_in_ten = service.spoilage_hours(0.10, intercept=INTERCEPT, slope=SLOPE)
    return figure, (
        f"Bottles stand at the door for {mean:.1f} hours on average, {times}, {cover} (simulated): "
        f"{spoiled:.1%} spoil, {round(BOTTLES * spoiled)} of {BOTTLES}. If each stood for the mean time, "
        f"{if_all_alike:.1%} would. One bottle in ten is lost after {one_in_ten:.1f} hours above 4 °C."
    )


def _spoiled(hours: Floats | float) -> Floats:
    return service.spoilage_probability(hours, intercept=INTERCEPT, slope=SLOPE)


def _freshness_finding(spoiled: float, if_all_alike: float) -> str:
    bottles, alike = round(BOTTLES * spoiled), round(BOTTLES * if_all_alike)
    if bottles == alike:
        return f"{bottles} of {BOTTLES} bottles {'spoils' if bottles == 1 else 'spoil'}"
    return f"{bottles} of {BOTTLES} spoil; if all stood equally long, {alike} would"


def _draw_spoilage(ax: Axes, warm: Floats, mean: float, if_all_alike: float) -> None:
    ax.set(xlim=(0, 8.4), ylim=(0, 62), xticks=range(0, 9, 2), yticks=range(0, 61, 20))
    ax.set_xlabel("Hours above 4 °C")
    ax.set_ylabel("Bottles that spoil, %")
    hours = np.linspace(0, 8.4, 200)
    ax.plot(hours, 100 * _spoiled(hours), color=style.BLACK, linewidth=1.8)
    band = np.linspace(warm[0], warm[-1], 60)
    ax.fill_between(
        band, 100 * _spoiled(band), color=style.ORANGE, alpha=0.5, linewidth=0, hatch="//", edgecolor="white"
    )
    ax.plot(mean, 100 * if_all_alike, "o", markersize=9, color=style.BLUE, clip_on=False)
    of_the_last = f", of the last {float(_spoiled(warm[-1])):.1%}" if warm[-1] > warm[0] else ""
    style.panel_title(ax, f"At the mean time (dot) {if_all_alike:.1%} spoil{of_the_last}")


def _draw_bottles(ax: Axes, spoiled: int) -> None:
    ax.set(xlim=(0, 40), ylim=(5, 0), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    style.panel_title(ax, f"{BOTTLES} bottles: {BOTTLES - spoiled} good, {spoiled} spoiled")
    column, row = np.arange(BOTTLES) // 5 + 0.5, np.arange(BOTTLES) % 5 + 0.5
    good = BOTTLES - spoiled
    ax.plot(column[:good], row[:good], "s", color=style.SKY, markersize=5.5)
    ax.plot(column[good:], row[good:], "X", color=style.RED, markersize=5.5)


# --- The round ---------------------------------------------------------------------------------------

START, DUE = 3.5, 6.0
"""Simulated: the carrier leaves at half past three, and milk is on time until six."""
WAGE, BOX_COST, BOX_HOURS, HOURS_AT_DOOR = 120, 15, 3.0, 1.0
"""Simulated: yuan a morning for the carrier and for a cool box, hours that the box and the household add."""
LATE_AT_MOST, SPOILED_AT_MOST = 0.05, 0.015
CRATES = ("open crate", "cool box")
STOPS = np.arange(100, 341, 5)


@widget(
    stops=Slider("Stops on the round", 120, 320, 20, 240),
    seconds=Slider("Time for a stop", 30, 60, 15, 45, "seconds"),
    crate=Choice("Milk travels in", CRATES),
)
def length_of_a_round(stops: float, seconds: float, crate: str) -> tuple[Figure, str]:
    """How many stops should one round have?"""
    cost, late, spoiled = _round(int(stops), seconds, crate)

    figure, axes = style.new_figure(panels=3, height=4.8)
    costs, lates, spoils = np.array([_round(int(count), seconds, crate) for count in STOPS]).T
    panels = (
        Panel("Cost of a delivery, yuan", (0, 1), 1.6, costs, cost, f"{cost:.2f}"),
        Panel("After six", (0, 0.5), 0.75, lates, late, f"{late:.0%}", LATE_AT_MOST),
        Panel("Spoiled", (0, 0.05), 0.09, spoils, spoiled, f"{spoiled:.1%}", SPOILED_AT_MOST),
    )
    for row, (ax, panel) in enumerate(zip(axes, panels, strict=True)):
        ax.set_position((0.135, 0.685 - 0.275 * row, 0.835, 0.17))
        _draw_panel(ax, panel, stops)
        ax.set_xticks((120, 160, 200, 240, 280, 320), [] if row < 2 else None)
    axes[2].set_xlabel("Stops on the round")
    style.headline(figure, _round_finding(cost, late, spoiled))

    return figure, (
        f"A round of {stops:g} stops of {seconds:g} seconds with the milk in "
        f"{'an open crate' if crate == CRATES[0] else 'a cool box'} costs {cost:.2f} yuan a delivery; "
        f"{late:.1%} come after six, and {spoiled:.1%} of the bottles spoil (simulated). The goals are at "
        f"most {LATE_AT_MOST:.0%} late and at most {SPOILED_AT_MOST:.1%} spoiled."
    )


def _round(stops: int, seconds: float, crate: str) -> tuple[float, float, float]:
    """Return the cost of a delivery in yuan, the share that is late and the share of bottles that spoil."""
    on_the_way = np.arange(1, stops + 1) * seconds / 3_600
    has_box = crate == CRATES[1]
    warm = np.maximum(0, on_the_way - BOX_HOURS * has_box) + HOURS_AT_DOOR
    cost = (WAGE + BOX_COST * has_box) / stops
    return cost, float((START + on_the_way > DUE + 1e-9).mean()), float(_spoiled(warm).mean())


def _round_finding(cost: float, late: float, spoiled: float) -> str:
    faults = [f"{late:.0%} come late"] * (late > LATE_AT_MOST)
    faults += [f"{spoiled:.1%} spoil"] * (spoiled > SPOILED_AT_MOST)
    if not faults:
        return f"On time and safe, for {cost:.2f} yuan a delivery"
    return f"{cost:.2f} yuan a delivery, but {' and '.join(faults)}"


@dataclass(frozen=True)
class Panel:
    """One aim of a round: its curve over the stops, its value at the chosen ones, and the most allowed."""

    name: str
    ticks: tuple[float, float]
    top: float
    curve: Floats
    value: float
    text: str
    limit: float = math.inf


def _draw_panel(ax: Axes, panel: Panel, stops: float) -> None:
    ax.set(xlim=(100, 340), ylim=(0, panel.top), yticks=panel.ticks)
    if math.isfinite(panel.limit):
        ax.axhspan(0, panel.limit, color=style.GREEN, alpha=0.3, linewidth=0)
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        style.panel_title(ax, f"{panel.name} (goal: at most {100 * panel.limit:g}%)")
    else:
        style.panel_title(ax, panel.name)
    ax.plot(STOPS, panel.curve, color=style.BLACK, linewidth=1.8)
    shape, colour = ("X", style.RED) if panel.value > panel.limit else ("o", style.BLUE)
    ax.plot(stops, panel.value, shape, markersize=10, color=colour, clip_on=False)
    ax.text(
        stops,
        panel.value + 0.16 * panel.top,
        panel.text,
        ha="center",
        fontsize=style.LABEL,
        path_effects=style.HALO,
    )
