"""The widgets of the process chapter: power of a test, NPS, whale curve, critical path, p-chart, TCO."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from crmkit.models import control, costing, experiment, project
from crmkit.models.control import NetPromoterScore, PChart
from crmkit.models.costing import Floats, WhaleCurve
from crmkit.models.project import Task
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

# --- The power of a test -----------------------------------------------------------------------------

POWER, SIGNIFICANCE = 0.80, 0.05
ARMS = ("250", "500", "1,000", "2,000", "4,000", "8,000")


@widget(
    base=Slider("Households that answer now", 5, 25, 10, 15, "%"),
    lift=Slider("True lift", 1, 5, 1, 3, "points"),
    per_arm=Choice("Households in each arm", ARMS, start="1,000"),
)
def ab_power(base: float, lift: float, per_arm: str) -> tuple[Figure, str]:
    """Would the test find the lift that is there?"""
    size = int(per_arm.replace(",", ""))
    before, after = base / 100, (base + lift) / 100
    power = experiment.power_of_test(before, after, size)
    needed = experiment.sample_size_per_arm(before, after, power=POWER, significance=SIGNIFICANCE)
    detectable = 100 * experiment.smallest_detectable_rise(before, size, power=POWER)
    mean = (before + after) / 2
    without = 100 * math.sqrt(2 * mean * (1 - mean) / size)
    critical = -float(ndtri(SIGNIFICANCE / 2)) * without

    figure, (bells, curve) = style.new_figure(panels=2, height=4.8)
    bells.set_position((0.06, 0.535, 0.91, 0.32))
    curve.set_position((0.135, 0.11, 0.835, 0.255))
    spread = 100 * math.sqrt((before * (1 - before) + after * (1 - after)) / size)
    _draw_bells(bells, lift, without, spread, critical)
    style.panel_title(bells, f"Blue: {power:.0%} find it. Hatched: {SIGNIFICANCE:.0%} would, without a lift")
    _draw_power(curve, before, after, size, needed)
    verdict = "Enough:" if power >= POWER else "Too few: only"
    style.headline(figure, f"{verdict} {100 * power:.0f} of 100 such tests find the lift")

    return figure, (
        f"If {base:g}% answer now and the lift is {lift:g} {'point' if lift == 1 else 'points'} (made-up "
        f"rates), a test of {per_arm} households in each arm finds it with a power of {power:.1%}, at a "
        f"significance of {SIGNIFICANCE:.0%}: it takes a measured lift of at least {critical:.2f} points. A "
        f"power of {POWER:.0%} takes {needed:,} in each arm; {per_arm} have it for a lift of "
        f"{detectable:.1f} points."
    )


def _draw_bells(ax: Axes, lift: float, without: float, spread: float, critical: float) -> None:
    """Draw what the test may measure, without and with the lift; all in points."""
    ax.set(xlim=(-9, 14), ylim=(0, 1.62), yticks=[], xticks=range(-8, 13, 4))
    ax.set_xlabel("Measured lift, points")
    ax.spines["left"].set_visible(False)
    x = np.linspace(-9, 14, 1_151)
    no_effect = np.exp(-((x / without) ** 2) / 2)
    effect = np.exp(-(((x - lift) / spread) ** 2) / 2)
    found = np.abs(x) >= critical
    ax.fill_between(x, effect, where=found, color=style.BLUE, alpha=0.35, linewidth=0)
    ax.fill_between(
        x, no_effect, where=found, facecolor="none", edgecolor=style.RED, hatch="////", linewidth=0
    )
    ax.plot(x, no_effect, color=style.GREY, linewidth=1.8, linestyle="--")
    ax.plot(x, effect, color=style.BLUE, linewidth=2.2)
    ax.plot([critical, critical], [0, 1.34], color=style.BLACK, linewidth=1)
    text = f"significant from {critical:.1f}"
    ax.text(critical, 1.46, text, ha="center", va="center", fontsize=style.SMALL)
    for place, name, side in ((-0.4, "no lift", "right"), (lift + 0.4, f"lift {lift:g}", "left")):
        ax.text(place, 1.12, name, ha=side, va="center", fontsize=style.LABEL, path_effects=style.HALO)


def _draw_power(ax: Axes, before: float, after: float, size: int, needed: int) -> None:
    sizes = np.geomspace(200, 40_000, 80).round()
    powers = [100 * experiment.power_of_test(before, after, int(n)) for n in sizes]
    ax.set_xscale("log")
    ax.set(xlim=(200, 40_000), ylim=(0, 112), yticks=(0, 50, 100))
    ax.set_xticks([250, 500, 1_000, 2_000, 4_000, 8_000, 32_000])
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.minorticks_off()
    ax.set(xlabel="Households in each arm", ylabel="Power, %")
    style.panel_title(ax, f"A power of {POWER:.0%} takes {needed:,} in each arm")
    ax.axhline(100 * POWER, color=style.BLACK, linewidth=0.9, linestyle=":")
    ax.plot(sizes, powers, color=style.BLUE, linewidth=2.2)
    ax.plot(needed, 100 * POWER, marker="D", markersize=7, color=style.BLACK, clip_on=False)
    power = 100 * experiment.power_of_test(before, after, size)
    ax.plot(size, power, marker="o", markersize=10, color=style.ORANGE, markeredgecolor=style.BLACK)


# --- The Net Promoter Score --------------------------------------------------------------------------

ANSWERS = ("50", "100", "200", "400", "1,600")


@widget(
    promoters=Slider("Promoters, 9 or 10 of 10", 20, 60, 10, 50, "%"),
    detractors=Slider("Detractors, 0 to 6", 10, 40, 10, 20, "%"),
    answers=Choice("Answers", ANSWERS, start="100"),
)
def nps_noise(promoters: float, detractors: float, answers: str) -> tuple[Figure, str]:
    """How much of a Net Promoter Score is noise?"""
    count = int(answers.replace(",", ""))
    passives = 100 - promoters - detractors
    score = control.net_promoter_score(
        *(round(count * share / 100) for share in (promoters, passives, detractors))
    )
    margin = score.high - score.score
    change = math.sqrt(2) * margin  # the errors of two surveys add up as squares

    figure, (shares, scale) = style.new_figure(panels=2, height=4.0)
    shares.set_position((0.04, 0.68, 0.92, 0.12))
    scale.set_position((0.04, 0.135, 0.92, 0.43))
    _draw_shares(shares, promoters, passives, detractors)
    _draw_score(scale, score, change)
    shown = number(score.score, "+.0f")
    style.headline(figure, f"NPS {shown} ± {margin:.0f}: a change of up to {change:.0f} may be noise")

    return figure, (
        f"In an invented survey with {answers} answers {promoters:g}% are promoters, {passives:g}% passives "
        f"and {detractors:g}% detractors: NPS {shown} with a standard error of {score.standard_error:.1f} "
        f"and a 95% interval from {number(score.low, '+.1f')} to {number(score.high, '+.1f')}. If customers "
        f"do not change their minds, the scores of two such surveys still differ by up to {change:.1f} "
        "points in 95% of cases."
    )


def _draw_shares(ax: Axes, promoters: float, passives: float, detractors: float) -> None:
    ax.set(xlim=(0, 100), ylim=(0, 1), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    parts = (
        ("detractors", detractors, 0.0, style.RED, "////", "left", 0.0),
        ("passives", passives, detractors, style.GREY, "", "center", detractors + passives / 2),
        ("promoters", promoters, detractors + passives, style.BLUE, "", "right", 100.0),
    )
    for name, share, left, colour, hatch, side, place in parts:
        if share == 0:
            continue
        ax.barh(0.5, share, left=left, height=1, facecolor=colour, alpha=0.4, hatch=hatch, edgecolor="white")
        middle = ax.text(
            left + share / 2, 0.48, f"{share:g}%", ha="center", va="center", fontsize=style.LABEL
        )
        middle.set(fontweight="bold", path_effects=style.HALO)
        ax.text(place, 1.3, name, ha=side, va="center", fontsize=style.LABEL)


def _draw_score(ax: Axes, score: NetPromoterScore, change: float) -> None:
    ax.set(xlim=(-65, 95), ylim=(2.05, -0.45), yticks=[], xticks=range(-60, 91, 30))
    ax.xaxis.set_major_formatter(lambda value, _: number(value, "+.0f"))
    ax.set_xlabel("Net Promoter Score")
    ax.spines["left"].set_visible(False)
    ax.axvline(score.score, color=style.GREY, linewidth=0.8, linestyle=":")
    now, soon = "This score, 95% interval", "The next survey if nothing changes, 95%"
    rows = (
        (0.25, now, score.low, score.high, style.BLUE, ""),
        (1.45, soon, score.score - change, score.score + change, style.ORANGE, "////"),
    )
    for row, name, low, high, colour, hatch in rows:
        ax.text(-64, row - 0.45, name, va="center", fontsize=style.LABEL, path_effects=style.HALO)
        ax.barh(
            row, high - low, left=low, height=0.4, facecolor=colour, alpha=0.5, edgecolor=colour, hatch=hatch
        )
        for end, side, gap in ((low, "right", -1.5), (high, "left", 1.5)):
            ax.text(end + gap, row, number(end, "+.0f"), ha=side, va="center", fontsize=style.SMALL)
    ax.plot(score.score, 0.25, marker="D", markersize=8, color=style.BLACK)


# --- The whale curve ---------------------------------------------------------------------------------

ACCOUNTS, MARGIN, DELIVERIES = 100, 420.0, 16.0
"""Simulated: canteens and shops, and their mean margin in yuan and deliveries a month."""
MINUTE_COST, FEE = 1.2, 6.0
"""Simulated: yuan that a minute of delivery costs, and that a delivery might be charged."""
KINDS = {"alike": 0.15, "mixed": 0.40, "very mixed": 0.65}
"""Simulated: standard deviation of the logarithms of the margin and of the deliveries of an account."""
NOTHING, CHARGE, HALVE, HALVE_STAFF, DROP, DROP_STAFF = (
    "nothing",
    "6 yuan a delivery",
    "half the deliveries, staff stays",
    "half the deliveries, staff goes",
    "no more milk, staff stays",
    "no more milk, staff goes",
)
IN_WORDS = {
    NOTHING: "Nothing is done about it",
    CHARGE: "If they paid 6 yuan a delivery and all stayed",
    HALVE: "If they got half the deliveries, bought as much, and the staff stayed",
    HALVE_STAFF: "If they got half the deliveries, bought as much, and the spare staff left",
    DROP: "If they were dropped and the staff stayed",
    DROP_STAFF: "If they were dropped and the spare staff left",
}


@widget(
    minutes=Slider("Minutes for a delivery", 10, 19, 3, 16),
    kind=Choice("Accounts are", tuple(KINDS), start="very mixed"),
    action=Choice("Those who lose money get", tuple(IN_WORDS)),
)
def whale_curve(minutes: float, kind: str, action: str) -> tuple[Figure, str]:
    """Who earns the profit, who eats it, and what helps?"""
    margins, deliveries = _accounts(KINDS[kind])
    today = margins - _delivery_costs(deliveries, minutes)
    before = costing.whale_curve(today)
    after, idle = _after(action, margins, deliveries, minutes)
    profit = after.total - idle
    losers = int((today < 0).sum())

    figure, (ax,) = style.new_figure(height=3.9)
    figure.subplots_adjust(left=0.12, right=0.80)
    _draw_whale(ax, before, None if action == NOTHING else after, idle)
    style.headline(figure, _whale_finding(action, losers, before, profit))

    paid = f", after {idle:,.0f} yuan for staff who have nothing to do" if idle else ""
    return figure, (
        f"With {minutes:g} minutes for a delivery, {losers} of {ACCOUNTS} {kind} accounts lose money "
        f"(simulated): the profit peaks at {before.peak:,.0f} yuan a month and ends at {before.total:,.0f}, "
        f"so the peak is {before.peak_share:.0%} of it. {IN_WORDS[action]}: a profit of {number(profit)} "
        f"yuan{paid}."
    )


def _accounts(spread: float) -> tuple[Floats, Floats]:
    """Return each account's monthly margin in yuan and its deliveries a month."""
    luck = np.exp(spread * np.random.default_rng(9).normal(size=(2, ACCOUNTS)))
    margins, deliveries = luck / luck.mean(axis=1, keepdims=True)
    return MARGIN * margins, DELIVERIES * deliveries


def _delivery_costs(deliveries: Floats, minutes: float) -> Floats:
    used = costing.minutes_used(pd.DataFrame({"delivery": deliveries}), {"delivery": minutes})
    return costing.time_driven_costs(used, MINUTE_COST)["delivery"].to_numpy()


def _after(action: str, margins: Floats, deliveries: Floats, minutes: float) -> tuple[WhaleCurve, float]:
    """Return the curve after an action, and the yuan a month for staff that it leaves idle."""
    costs = _delivery_costs(deliveries, minutes)
    loses = margins < costs
    if action == CHARGE:
        return costing.whale_curve(margins - costs + FEE * deliveries * loses), 0.0
    kept = {NOTHING: 1.0, HALVE: 0.5, HALVE_STAFF: 0.5}.get(action, 0.0)
    sold = np.where(loses & (kept == 0), 0.0, margins)
    needed = np.where(loses, kept * costs, costs)
    stays = action in (HALVE, DROP)
    return costing.whale_curve(sold - needed), float((costs - needed).sum()) * stays


def _whale_finding(action: str, losers: int, before: WhaleCurve, profit: float) -> str:
    if losers == 0:
        return "Nobody loses money: the curve never turns down"
    if action == NOTHING:
        eaten = 1 - before.total / before.peak
        return f"{losers} of {ACCOUNTS} accounts eat {eaten:.0%} of what the others earn"
    if math.isclose(profit, before.total):
        return "Nothing is gained: idle staff is paid all the same"
    now, then = (number(amount / 1_000, ".1f") for amount in (before.total, profit))
    if profit < before.total:
        return f"The margins go, the staff stays: profit falls to {then}"
    return f"Profit rises from {now} to {then} thousand yuan"


def _draw_whale(ax: Axes, before: WhaleCurve, after: WhaleCurve | None, idle: float) -> None:
    ax.set(xlim=(0, 100), ylim=(-9, 31), xticks=range(0, 101, 25), yticks=range(0, 31, 10))
    ax.set(xlabel="Accounts, from most to least profitable, %", ylabel="Profit so far, thousand yuan")
    ax.axhline(0, color=style.BLACK, linewidth=0.8)
    shares, today = 100 * before.share_of_customers, before.cumulative_profit / 1_000
    colour, dashes = (style.BLUE, "-") if after is None else (style.GREY, "--")
    ax.fill_between(shares, today, color=colour, alpha=0.18, linewidth=0)
    ax.plot(shares, today, color=colour, linewidth=2.2, linestyle=dashes)
    ends, top = [(today[-1], f"today {today[-1]:.1f}")], today.max()
    if after is not None:
        then = after.cumulative_profit / 1_000
        end = then[-1] - idle / 1_000
        ax.plot(shares, then, color=style.BLUE, linewidth=2.4)
        ax.plot([100, 100], [then[-1], end], color=style.RED, linewidth=3, clip_on=False)
        ax.plot(100, end, marker="o", markersize=9, color=style.BLUE, clip_on=False)
        ends.append((end, f"then {number(end, '.1f')}"))
        ends += [((then[-1] + end) / 2, "idle staff")] * (idle > 0)
        top = max(top, then.max())
    ax.plot(100, today[-1], marker="o", markersize=6, color=style.BLACK, clip_on=False)
    x, y = 100 * before.peak_position, before.peak / 1_000
    ax.plot(x, y, marker="D", markersize=7, color=style.BLACK, clip_on=False)
    ax.text(
        min(x, 66),
        top + 2.2,
        f"today's peak: {before.peak_share:.0%} of the profit",
        ha="center",
        va="center",
        fontsize=style.LABEL,
        path_effects=style.HALO,
    )
    style.edge_labels(ax, ends, x=1.03)


# --- The critical path -------------------------------------------------------------------------------

TASKS = (
    Task("agree on goals", 3),
    Task("choose a system", 5, ("agree on goals",)),
    Task("redesign work", 4, ("agree on goals",)),
    Task("clean the data", 7, ("agree on goals",)),
    Task("configure", 6, ("choose a system", "redesign work")),
    Task("move the data", 2, ("clean the data", "configure")),
    Task("train the staff", 4, ("configure",)),
    Task("pilot and mend", 4, ("move the data",)),
    Task("go live", 1, ("train the staff", "pilot and mend")),
)
"""Simulated: how a dairy might introduce a CRM system; weeks."""


@widget(
    task=Choice("This task is late", tuple(task.name for task in TASKS[:-1]), start="clean the data"),
    delay=Slider("By", 1, 6, 1, 3, "weeks"),
)
def critical_path(task: str, delay: float) -> tuple[Figure, str]:
    """Which delay moves the day of going live?"""
    late = [replace(one, duration=one.duration + delay) if one.name == task else one for one in TASKS]
    planned, now = project.schedule(TASKS), project.schedule(late)
    length, new_length = project.project_length(TASKS), project.project_length(late)

    figure, (ax,) = style.new_figure(height=4.2)
    ax.set_position((0.285, 0.13, 0.695, 0.76))
    _draw_plan(ax, now, length, new_length)
    _frame_delay(ax, now, task, delay)
    slip = new_length - length
    result = f"live {_weeks(slip)} late" if slip else "still live on time"
    style.headline(figure, f"“{task}” {_weeks(delay)} late: {result}")

    chains = [", ".join(chain) for chain in project.critical_paths(late)]
    are_critical = "critical path is" if len(chains) == 1 else "critical paths are"
    return figure, (
        f"If “{task}” takes {_weeks(delay)} longer (simulated plan), where it had "
        f"{_weeks(planned.loc[task, 'slack'])} of slack, the project takes {_weeks(new_length)} in place of "
        f"{_weeks(length)}. The {are_critical} then: {'; and '.join(chains)}."
    )


def _weeks(count: float) -> str:
    return f"{count:g} {'week' if count == 1 else 'weeks'}"


def _draw_plan(ax: Axes, now: pd.DataFrame, length: float, new_length: float) -> None:
    rows = len(now)
    ax.set(xlim=(0, 32), ylim=(rows - 0.4, -1.1), xticks=range(0, 29, 4))
    ax.set_xlabel("Week (hatched: no slack; framed: the delay)")
    ax.set_yticks(range(rows), list(now.index), fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(length, color=style.GREY, linewidth=1, linestyle="--")
    ax.axvline(new_length, color=style.BLACK, linewidth=1.2)
    ax.text(length - 0.3, -0.8, f"planned: {length:g}", ha="right", va="center", fontsize=style.SMALL)
    if new_length > length:
        text = ax.text(new_length + 0.3, -0.8, f"now: {new_length:g}", va="center", fontsize=style.SMALL)
        text.set_fontweight("bold")
    for row, (_, times) in enumerate(now.iterrows()):
        _draw_task(ax, row, times, new_length)


def _draw_task(ax: Axes, row: int, times: pd.Series, end: float) -> None:
    is_critical = times["slack"] == 0
    ax.barh(
        row,
        times["duration"],
        left=times["earliest_start"],
        height=0.55,
        facecolor=style.ORANGE if is_critical else style.SKY,
        alpha=0.75,
        edgecolor="white",
        hatch="////" if is_critical else "",
    )
    if is_critical:
        return
    last = times["latest_finish"]
    ax.plot([times["earliest_finish"], last], [row, row], color=style.BLUE, linewidth=1.6, linestyle=":")
    # So many weeks are as wide as the text, which must not cross the line of the end.
    place = end + 0.3 if last + 4.5 > end else last + 0.3
    text = ax.text(place, row, f"slack {times['slack']:g}", va="center", fontsize=style.SMALL)
    text.set(path_effects=style.HALO)


def _frame_delay(ax: Axes, now: pd.DataFrame, task: str, delay: float) -> None:
    row, start = list(now.index).index(task), now.loc[task, "earliest_finish"] - delay
    ax.barh(row, delay, left=start, height=0.55, facecolor="none", edgecolor=style.BLACK, linewidth=1.8)


# --- The control chart -------------------------------------------------------------------------------

CENTRE, DAYS, CHANGE_DAY = 0.04, 30, 16
"""Simulated: the usual share of faulty deliveries, days shown, and the first day with the new share."""
CHECKED = ("100", "200", "400", "800")
# The six draws of this seed are typical: of the months without a change about one in eight raises a false
# alarm, and a change is seen about as soon as in the middle one of many months.
SEED = 233


@widget(
    size=Choice("Deliveries checked a day", CHECKED, start="200"),
    rate=Slider("True share from day 16", 2, 8, 2, 6, "%"),
    draw=Slider("Random draw", 1, 6, 1, 1),
)
def control_chart(size: str, rate: float, draw: float) -> tuple[Figure, str]:
    """Has the route changed, or was it chance?"""
    checked, true = int(size), rate / 100
    chart = _month(checked, true, int(draw))
    runs = control.runs_on_one_side(chart.shares, CENTRE)
    signals = [int(day) for day in np.flatnonzero(chart.out_of_control | runs) + 1]
    chance = control.signal_probability(true, CENTRE, checked)

    figure, (ax,) = style.new_figure(height=3.8)
    figure.subplots_adjust(left=0.12, right=0.82)
    _draw_chart(ax, chart, runs, changed=true != CENTRE)
    style.headline(figure, _chart_finding(true, signals))

    seen = f"{len(signals)} of {DAYS} days signal, first day {signals[0]}" if signals else "no day signals"
    return figure, (
        f"Draw {draw:g} of {size} deliveries checked a day (simulated): {CENTRE:.0%} are faulty until day "
        f"{CHANGE_DAY - 1} and {rate:g}% from day {CHANGE_DAY}. The limits are {chart.lower[0]:.2%} and "
        f"{chart.upper[0]:.2%}, and {seen}. From day {CHANGE_DAY} a day lies beyond the limits with a chance "
        f"of {_chance(chance)}; nine days in a row on one side are a signal, too."
    )


def _chance(probability: float) -> str:
    return "less than 0.1%" if probability < 0.001 else f"{probability:.1%}"


def _month(checked: int, rate: float, draw: int) -> PChart:
    """Return the chart of one random month; its luck is the same for every rate."""
    luck = np.random.default_rng([SEED, draw]).random((DAYS, int(CHECKED[-1])))[:, :checked]
    true = np.where(np.arange(1, DAYS + 1) < CHANGE_DAY, CENTRE, rate)
    return control.p_chart((luck < true[:, None]).sum(axis=1), checked, centre=CENTRE)


def _chart_finding(rate: float, signals: list[int]) -> str:
    false = signals and (rate == CENTRE or signals[0] < CHANGE_DAY)
    if false:
        return f"False alarm on day {signals[0]}: nothing had changed"
    if rate == CENTRE:
        return "Nothing has changed, and nothing signals"
    what = "worse" if rate > CENTRE else "better"
    if not signals:
        return f"The route got {what}, and the chart does not show it"
    days = signals[0] - CHANGE_DAY + 1
    return f"The route got {what}: seen after {days} {'day' if days == 1 else 'days'}"


def _draw_chart(ax: Axes, chart: PChart, runs: control.Flags, *, changed: bool) -> None:
    ax.set(xlim=(0, DAYS + 0.7), ylim=(0, 19), xticks=(1, 5, 10, 15, 20, 25, 30), yticks=range(0, 16, 5))
    ax.set(xlabel="Day (cross: beyond a limit; square: ninth on one side)", ylabel="Faulty deliveries, %")
    days, shares = np.arange(1, DAYS + 1), 100 * chart.shares
    lower, usual, upper = 100 * chart.lower[0], 100 * CENTRE, 100 * chart.upper[0]
    ax.axhspan(lower, upper, color=style.GREEN, alpha=0.14, linewidth=0)
    ax.axhline(usual, color=style.BLACK, linewidth=1)
    for limit in (lower, upper):
        ax.axhline(limit, color=style.RED, linewidth=1.3, linestyle="--")
    if changed:
        ax.axvline(CHANGE_DAY - 0.5, color=style.GREY, linewidth=1, linestyle=":")
        ax.text(CHANGE_DAY - 0.1, 18.2, "the share changes", va="center", fontsize=style.SMALL)
    ax.plot(
        days, shares, color=style.GREY, linewidth=1, marker="o", markersize=4, markerfacecolor=style.BLACK
    )
    marks = ((runs & ~chart.out_of_control, "s", style.ORANGE), (chart.out_of_control, "X", style.RED))
    for flags, shape, colour in marks:
        ax.plot(
            days[flags],
            shares[flags],
            shape,
            markersize=9,
            color=colour,
            markeredgecolor=style.BLACK,
            markeredgewidth=0.6,
            clip_on=False,
        )
    least = f"lower {lower:.1f}%" if lower else "lower 0%"
    style.edge_labels(ax, [(lower, least), (usual, f"usual {usual:.0f}%"), (upper, f"upper {upper:.1f}%")])


# --- The total cost of a system ----------------------------------------------------------------------


@dataclass(frozen=True)
class System:
    """An invented offer, in thousand yuan: what its price tag says, and what comes on top.

    `price` and `start` are paid at once, `year` each year, `leaving`, such as getting the data out, in the
    last one. What ends in `a_user` is for each user.
    """

    name: str
    price: float = 0.0
    price_a_year_a_user: float = 0.0
    start: float = 0.0
    start_a_user: float = 0.0
    year: float = 0.0
    year_a_user: float = 0.0
    leaving: float = 0.0

    def price_tag(self, users: float, years: int, rate: float) -> float:
        """Return the present value of what the price tag says."""
        yearly = np.full(years, self.price_a_year_a_user * users)
        return costing.total_cost_of_ownership(self.price, yearly, rate)

    def total(self, users: float, years: int, rate: float) -> float:
        """Return the present value of all that it costs."""
        initial = self.price + self.start + self.start_a_user * users
        yearly = np.full(years, self.year + (self.price_a_year_a_user + self.year_a_user) * users)
        yearly[-1] += self.leaving
        return costing.total_cost_of_ownership(initial, yearly, rate)


SYSTEMS = (
    System("Cloud", price_a_year_a_user=1.5, start=30, leaving=10),
    System("Server", price=200, start=60, year=40, year_a_user=0.3, leaving=10),
    System("Lite", price_a_year_a_user=0.6, start=80, start_a_user=0.6, year_a_user=0.5, leaving=50),
)
LOOKS = {
    "Cloud": (style.BLUE, "-", "o"),
    "Server": (style.BLACK, "--", "s"),
    "Lite": (style.ORANGE, "-.", "D"),
}
HORIZON = 10


@widget(
    users=Slider("Users", 20, 100, 20, 60),
    years=Slider("Years of use", 2, HORIZON, 2, 4),
    rate=Slider("Discount rate", 0, 10, 5, 5, "%"),
)
def vendor_cost(users: float, years: float, rate: float) -> tuple[Figure, str]:
    """Which system costs least when everything is counted?"""
    tags = {system.name: system.price_tag(users, int(years), rate / 100) for system in SYSTEMS}
    totals = {system.name: system.total(users, int(years), rate / 100) for system in SYSTEMS}

    figure, (parts, lines) = style.new_figure(panels=2, height=4.9)
    parts.set_position((0.135, 0.575, 0.835, 0.27))
    lines.set_position((0.135, 0.11, 0.72, 0.31))
    _draw_parts(parts, tags, totals)
    style.panel_title(parts, f"{years:g} years, thousand yuan: price tag plain, the rest hatched")
    _draw_years(lines, users, rate / 100, int(years))
    by_tag, by_total = (min(costs, key=costs.__getitem__) for costs in (tags, totals))
    same = "and the lowest cost" if by_tag == by_total else f"{by_total} the lowest cost"
    style.headline(figure, f"{by_tag} has the lowest price tag{'' if by_tag == by_total else ','} {same}")

    offers = "; ".join(
        f"{name} {tags[name]:,.0f} on the price tag and {totals[name]:,.0f} in all" for name in totals
    )
    return figure, (
        f"For {users:g} users over {years:g} years, discounted at {rate:g}% a year, three invented systems "
        f"cost, in thousand yuan: {offers}. On top of the price come set-up, data, training, running it and "
        "leaving it."
    )


def _draw_parts(ax: Axes, tags: dict[str, float], totals: dict[str, float]) -> None:
    ax.set(xlim=(0, 1_800), ylim=(2.5, -0.5), xticks=[])
    ax.set_yticks(range(len(tags)), list(tags), fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    least = min(totals, key=totals.__getitem__)
    for row, (name, tag) in enumerate(tags.items()):
        colour, _, _ = LOOKS[name]
        rest = totals[name] - tag
        ax.barh(row, tag, height=0.62, color=colour, alpha=0.5)
        bar = ax.barh(row, rest, left=tag, height=0.62, facecolor="none", edgecolor=colour, linewidth=1)
        bar[0].set_hatch("////")
        text = f"{totals[name]:,.0f}{', least' if name == least else ''}"
        weight = "bold" if name == least else "normal"
        ax.text(totals[name] + 20, row, text, va="center_baseline", fontsize=style.LABEL, fontweight=weight)


def _draw_years(ax: Axes, users: float, rate: float, years: int) -> None:
    ax.set(xlim=(1, HORIZON), ylim=(0, 1_700))
    ax.set(xticks=range(2, HORIZON + 1, 2), yticks=(0, 500, 1_000, 1_500), xlabel="Years of use")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    style.panel_title(ax, "In all, thousand yuan")
    ax.axvline(years, color=style.GREY, linewidth=0.9, linestyle=":")
    horizons, ends = range(1, HORIZON + 1), []
    for system in SYSTEMS:
        colour, dashes, marker = LOOKS[system.name]
        costs = [system.total(users, horizon, rate) for horizon in horizons]
        ax.plot(horizons, costs, color=colour, linestyle=dashes, linewidth=2.2)
        ax.plot(years, costs[years - 1], marker, markersize=8, color=colour, clip_on=False)
        ends.append((costs[-1], system.name))
    style.edge_labels(ax, ends, x=1.03)
