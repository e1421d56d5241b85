"""The widgets of the fence chapter: its worth, its trial, the second path, the roadmap, traps, uplift."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmkit.models import fence, project
from crmkit.models.fence import ClusterTrial, Floats
from crmkit.models.project import Task
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

TIERS = {"VIP": (800, 22.5), "major": (3_200, 5.3125), "ordinary": (12_000, 2.5), "small": (64_000, 0.546875)}
"""Simulated: accounts of each tier, and the bottles a day of one of them."""
BOTTLE_MARGIN, DAYS, MONTHS_KEPT = 0.35, 365 / 12, 12
"""Yuan that a bottle contributes after the commission, days of a month, months that a kept account stays."""


def _margin(tier: str) -> float:
    """Return what an account of the tier contributes a month, yuan."""
    return BOTTLE_MARGIN * TIERS[tier][1] * DAYS


# --- What a fence may cost ---------------------------------------------------------------------------

TAGS = {"prepaid card": 1.0, "card and yearly call": 4.0, "card, call, 2nd person": 15.0}
"""Simulated: what three fences cost, yuan per account and year."""


@widget(
    tier=Choice("Accounts", tuple(TIERS), start="ordinary"),
    exits=Slider("Leave for a rival in a year", 10, 30, 10, 10, "% of delivery people"),
    kept=Slider("Accounts that the fence then keeps", 5, 25, 5, 15, "of 100"),
)
def fence_worth(tier: str, exits: float, kept: float) -> tuple[Figure, str]:
    """What may a fence cost?"""
    saved = fence.accounts_saved(exits / 100, kept / 100, 0)
    worth = fence.fence_worth(saved, _margin(tier), MONTHS_KEPT)
    paying = [name for name, cost in TAGS.items() if cost <= worth]

    figure, (ax,) = style.new_figure(height=3.5)
    ax.set_position((0.03, 0.16, 0.93, 0.70))
    _draw_tags(ax, worth)
    most = paying[-1] if paying else "no fence of the three"
    style.headline(figure, f"{worth:,.2f} yuan a year at most: {most}")

    said = (
        f"no more than that costs: {', '.join(paying)}" if paying else "none of the three fences is as cheap"
    )
    return figure, (
        f"If {exits:g}% of the delivery people leave for a rival in a year, and the fence then keeps "
        f"{kept:g} of every 100 accounts of a route, it saves {saved:.2%} of the {tier} accounts a year. One "
        f"contributes {_margin(tier):,.2f} yuan a month and is kept for {MONTHS_KEPT} months: the fence is "
        f"worth {worth:,.2f} yuan per account and year (simulated); {said}."
    )


def _draw_tags(ax: Axes, worth: float) -> None:
    """Draw the worth over the price tags, on a log scale from 0.1 to 500 yuan."""
    ax.set(xscale="log", xlim=(0.1, 500), ylim=(3.75, -0.75), yticks=[])
    ax.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    ax.minorticks_off()
    ax.set_xlabel("Yuan per account and year (log scale)")
    ax.spines["left"].set_visible(False)
    rows = [("worth of the fence", worth, style.BLUE, "", "")]
    for name, cost in TAGS.items():
        pays = cost <= worth
        colour, hatch = (style.GREEN, "") if pays else (style.RED, "////")
        rows.append((name, cost, colour, hatch, "pays" if pays else "does not pay"))
    for row, (name, amount, colour, hatch, verdict) in enumerate(rows):
        ax.barh(
            row + 0.12,
            amount - 0.1,
            left=0.1,
            height=0.42,
            facecolor=colour,
            alpha=0.55,
            hatch=hatch,
            edgecolor="white",
        )
        text = f"{name}: {amount:,.2f}" if row == 0 else f"{name}: {amount:g}, {verdict}"
        ax.text(0.11, row - 0.27, text, va="center", fontsize=style.LABEL, path_effects=style.HALO)
    ax.plot([worth, worth], [-0.1, 3.6], color=style.BLUE, linewidth=1.2, linestyle="--", zorder=0)


# --- How sure a trial by route is --------------------------------------------------------------------

ACCOUNTS, WITHOUT, WITH_FENCE = 200, 0.40, 0.25
"""Made up: accounts of a route, and the shares of them that go along without and with the fence."""
# Of the 48 trials of this seed 45 hold the truth if routes are counted, as 95 of 100 do in the long run.
SEED_OF_TRIALS = 238


@widget(
    routes=Choice("Routes in each arm", ("6", "15", "30", "60"), start="15"),
    alike=Slider("Correlation within a route", 0, 0.10, 0.05, 0.10, decimals=2),
    draw=Slider("Random draw", 1, 4, 1, 1),
)
def trial_by_route(routes: str, alike: float, draw: float) -> tuple[Figure, str]:
    """How sure is a trial in which the lot fell on routes?"""
    arms, lost = _routes(int(routes), alike, int(draw))
    trial = fence.cluster_trial(arms, np.full(len(arms), ACCOUNTS), lost)
    truth = WITH_FENCE - WITHOUT
    ratio = trial.standard_error / trial.naive_error

    figure, (dots, bars) = style.new_figure(panels=2, height=4.3)
    dots.set_position((0.17, 0.575, 0.79, 0.29))
    bars.set_position((0.17, 0.125, 0.79, 0.27))
    _draw_routes(dots, arms, lost)
    _draw_intervals(bars, trial, truth)
    sure = f"Counting accounts, the trial looks {ratio:.1f} times too sure"
    style.headline(figure, sure if ratio >= 1.25 else "Routes are alike: it does not matter what one counts")

    ends = {naive: trial.interval(naive=naive) for naive in (True, False)}
    shown = {
        naive: f"{number(100 * low, '.1f')} to {number(100 * high, '.1f')} points"
        for naive, (low, high) in ends.items()
    }
    held = {naive: "holds" if low <= truth <= high else "misses" for naive, (low, high) in ends.items()}
    return figure, (
        f"Draw {draw:g} of a made-up trial with {routes} routes of {ACCOUNTS} accounts in each arm, "
        f"correlation {alike:.2f} within a route; the fence truly lowers the takeaway by "
        f"{-100 * truth:.0f} points. Measured: {number(100 * trial.effect, '.1f')} points. The 95% interval "
        f"that counts accounts, {shown[True]}, {held[True]} the truth; that by routes, {shown[False]}, "
        f"{held[False]} it. The design effect is {trial.design_effect:.1f}."
    )


def _routes(routes: int, alike: float, draw: int) -> tuple[Floats, Floats]:
    """Draw each route's arm and how many of its accounts go along."""
    generator = np.random.default_rng([SEED_OF_TRIALS, draw])
    arms, rates, luck = [], [], []
    for arm, mean in ((0, WITHOUT), (1, WITH_FENCE)):
        # Uniform rates with the variance ρ p (1 − p), which two accounts of a route then have in common.
        spread = np.sqrt(3 * alike * mean * (1 - mean))
        rates.append(mean + spread * (2 * generator.random(60)[:routes] - 1))
        luck.append(generator.random((60, ACCOUNTS))[:routes])
        arms.append(np.full(routes, arm))
    lost = (np.concatenate(luck) < np.concatenate(rates)[:, None]).sum(axis=1)
    return np.concatenate(arms).astype(float), lost.astype(float)


def _draw_routes(ax: Axes, arms: Floats, lost: Floats) -> None:
    ax.set(xlim=(0, 75), ylim=(1.5, -0.5), xticks=range(0, 76, 25), yticks=[0, 1])
    ax.set_yticklabels(["no fence", "fence"])
    ax.set_xlabel("Accounts lost on a route, %")
    for arm, colour, marker in ((0, style.ORANGE, "o"), (1, style.BLUE, "D")):
        shares = 100 * lost[arms == arm] / ACCOUNTS
        # Spread by the golden ratio, so that routes do not hide each other.
        heights = arm + 0.5 * ((np.arange(len(shares)) * 0.618) % 1 - 0.5)
        ax.plot(shares, heights, marker, color=colour, markersize=5, alpha=0.65, markeredgecolor="white")
        ax.plot([shares.mean()] * 2, [arm - 0.4, arm + 0.4], color=style.BLACK, linewidth=2)
    style.panel_title(ax, "Each point is a route, the line its arm's mean")


def _draw_intervals(ax: Axes, trial: ClusterTrial, truth: float) -> None:
    ax.set(xlim=(-38, 8), ylim=(1.55, -0.55), xticks=range(-30, 1, 10), yticks=[0, 1])
    ax.set_yticklabels(["counting\naccounts", "counting\nroutes"])
    ax.xaxis.set_major_formatter(lambda value, _: number(value))
    ax.set_xlabel("Effect of the fence, points, with 95% interval")
    ax.axvline(0, color=style.GREY, linewidth=0.9)
    ax.axvline(100 * truth, color=style.GREEN, linewidth=1.4, linestyle="--")
    style.panel_title(ax, f"Dashed: the true effect, {number(100 * truth)}")
    for row, naive, colour in ((0, True, style.RED), (1, False, style.BLUE)):
        low, high = (100 * end for end in trial.interval(naive=naive))
        ax.plot([low, high], [row, row], color=colour, linewidth=4, solid_capstyle="butt")
        ax.plot(100 * trial.effect, row, "D", color=style.BLACK, markersize=6)


# --- How far the second path should reach ------------------------------------------------------------

REACHES = {"nobody": 0, "VIP": 1, "VIP and major": 2, "all but small": 3, "everybody": 4}
TIER_EFFECT = 0.20
"""Made up: share of a route's accounts that a second path keeps when the delivery person leaves."""


@widget(
    reach=Choice("Second path for", tuple(REACHES), start="VIP"),
    cost=Choice("It costs, yuan a year for an account", ("1", "3", "10", "30"), start="10"),
    exits=Slider("Leave for a rival in a year", 10, 30, 10, 10, "% of delivery people"),
)
def second_path(reach: str, cost: str, exits: float) -> tuple[Figure, str]:
    """How far should the second path reach?"""
    saved = fence.accounts_saved(exits / 100, TIER_EFFECT, 0)
    worth = {tier: fence.fence_worth(saved, _margin(tier), MONTHS_KEPT) for tier in TIERS}
    sizes = [accounts for accounts, _ in TIERS.values()]
    gain = fence.second_path_gain(np.repeat(list(worth.values()), sizes), float(cost))
    at = np.concatenate([[0], np.cumsum(sizes)])
    gains = {name: float(gain[at[count]]) for name, count in REACHES.items()}
    best = max(gains, key=lambda name: gains[name])

    figure, (lines, bars) = style.new_figure(panels=2, height=4.2)
    lines.set_position((0.02, 0.07, 0.43, 0.79))
    bars.set_position((0.61, 0.135, 0.35, 0.66))
    _draw_lines(lines, REACHES[reach])
    _draw_worth(bars, worth, float(cost), REACHES[reach])
    total = number(gains[reach] / 1_000, "+,.0f")
    if reach == "nobody":
        finding = f"Every line hangs on one person; best: {best}"
    elif reach == best:
        finding = f"Best reach: {total} thousand yuan a year"
    else:
        finding = f"{total} thousand yuan a year; best: {best}"
    style.headline(figure, finding)

    prices = ", ".join(f"{tier} {amount:,.2f}" for tier, amount in worth.items())
    best_gain = number(gains[best], "+,.0f")
    return figure, (
        f"If {exits:g}% of the delivery people leave for a rival in a year and a second path then keeps "
        f"{TIER_EFFECT:.0%} of the accounts, it is worth, in yuan a year for an account: {prices}. It costs "
        f"{cost}. A second path for {reach} gains {number(gains[reach], '+,.0f')} yuan a year; the best "
        f"reach is {best}, {best_gain} (simulated)."
    )


def _draw_lines(ax: Axes, reached: int) -> None:
    """Draw firm, delivery person and the tiers, and the second path to those whom it reaches."""
    ax.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    firm, carrier = (5.0, 9.0), (2.2, 5.9)
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": style.BLACK}
    ax.plot(*zip(firm, carrier, strict=True), color=style.GREY, linewidth=2.5, zorder=1)
    places = dict(zip(TIERS, (1.3, 3.9, 6.4, 8.9), strict=True))
    for order, (tier, x) in enumerate(places.items()):
        ax.plot([carrier[0], x], [carrier[1], 2.0], color=style.GREY, linewidth=2.5, zorder=1)
        if order < reached:
            ax.plot([6.2, x], [firm[1], 2.0], color=style.BLUE, linewidth=2.2, linestyle="--", zorder=2)
        marker = "o" if order < reached else "X"
        colour = style.BLUE if order < reached else style.RED
        ax.plot(x, 1.9, marker, color=colour, markersize=10, zorder=3)
        ax.text(x, 0.85, tier, ha="center", va="center", fontsize=style.SMALL)
    ax.text(*firm, "the dairy", ha="center", va="center", fontsize=style.LABEL, bbox=box, zorder=4)
    ax.text(*carrier, "delivery\nperson", ha="center", va="center", fontsize=style.LABEL, bbox=box, zorder=4)


def _draw_worth(ax: Axes, worth: dict[str, float], cost: float, reached: int) -> None:
    """Draw what a second path is worth at an account of each tier, and what it costs."""
    ax.set(xscale="log", xlim=(0.9, 900), ylim=(3.6, -0.6), yticks=range(4))
    ax.set_yticklabels(worth)
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.minorticks_off()
    ax.set_xlabel("Yuan a year, log scale")
    style.panel_title(ax, "Worth at one account")
    ax.axvline(cost, color=style.BLACK, linewidth=1.3, linestyle="--")
    ax.text(cost * 1.1, 3.48, f"costs {cost:g}", va="center", fontsize=style.SMALL, path_effects=style.HALO)
    for row, amount in enumerate(worth.values()):
        colour = style.BLUE if row < reached else style.GREY
        hatch = "" if amount >= cost else "////"
        ax.barh(row, amount - 0.9, left=0.9, height=0.5, color=colour, alpha=0.7, hatch=hatch, ec="white")
        text = f"{amount:.1f}" if amount < 10 else f"{amount:.0f}"
        place = max(amount, 1) * 1.12
        ax.text(place, row, text, va="center", fontsize=style.SMALL, path_effects=style.HALO)


# --- What first --------------------------------------------------------------------------------------

FENCE, DATABASE, ONE = "fence", "database", "one-to-one"
FENCE_FIRST, DATABASE_FIRST, AT_ONCE = "fence first", "database first", "both at once"
ROLL_OUT, HORIZON, TAKEN, TAKEN_FENCED = 3, 36, 0.25, 0.10
"""Made up: months to build the fence, months shown, and the shares of a route that go along."""


@widget(
    plan=Choice("Plan", (FENCE_FIRST, DATABASE_FIRST, AT_ONCE), start=DATABASE_FIRST),
    build=Slider("The database takes", 6, 18, 3, 12, "months"),
    exits=Slider("Leave for a rival in a year", 10, 30, 10, 20, "% of delivery people"),
)
def roadmap(plan: str, build: float, exits: float) -> tuple[Figure, str]:
    """What first: the fence or the database?"""
    plans = {name: project.schedule(_tasks(name, build)) for name in (FENCE_FIRST, DATABASE_FIRST, AT_ONCE)}
    lost = {name: _lost(table.loc[FENCE], exits / 100) for name, table in plans.items()}
    starts = {name: table.loc[ONE, "earliest_start"] for name, table in plans.items()}

    figure, (gantt, curve) = style.new_figure(panels=2, height=4.6)
    gantt.set_position((0.20, 0.60, 0.56, 0.265))
    curve.set_position((0.20, 0.12, 0.56, 0.36))
    _draw_gantt(gantt, plans[plan])
    _draw_lost(curve, lost, plan)
    more = lost[plan][-1] - lost[FENCE_FIRST][-1]
    style.headline(
        figure,
        f"{plan.capitalize()}: {more:,.0f} more accounts lost in three years"
        if plan != FENCE_FIRST
        else f"Fence first: {lost[DATABASE_FIRST][-1] - lost[plan][-1]:,.0f} fewer lost than database first",
    )

    totals = ", ".join(f"{name} {counts[-1]:,.0f}" for name, counts in lost.items())
    return figure, (
        f"Plan: {plan}. The fence is complete after {plans[plan].loc[FENCE, 'earliest_finish']:.0f} months, "
        f"the database, which alone takes {build:g}, after {plans[plan].loc[DATABASE, 'earliest_finish']:.0f}"
        f"; one-to-one marketing begins in month {starts[plan] + 1:.0f}. If {exits:g}% of the delivery "
        f"people leave for a rival in a year, accounts lost in {HORIZON} months: {totals} (simulated)."
    )


def _tasks(plan: str, build: float) -> list[Task]:
    """Return the plan as tasks; two teams that work at once take twice as long for each."""
    slow = 2 if plan == AT_ONCE else 1
    return [
        Task(FENCE, slow * ROLL_OUT, (DATABASE,) if plan == DATABASE_FIRST else ()),
        Task(DATABASE, slow * build, (FENCE,) if plan == FENCE_FIRST else ()),
        Task(ONE, 6, (FENCE, DATABASE)),
    ]


def _lost(task: pd.Series, exits: float) -> Floats:
    """Return the accounts lost after 0 … HORIZON months; a fence half built protects half of them."""
    start, finish = task["earliest_start"], task["earliest_finish"]
    fenced = np.clip((np.arange(HORIZON) + 0.5 - start) / (finish - start), 0, 1)
    accounts = sum(count for count, _ in TIERS.values())
    taken = TAKEN - (TAKEN - TAKEN_FENCED) * fenced
    return np.concatenate([[0.0], np.cumsum(accounts * exits / 12 * taken)])


def _draw_gantt(ax: Axes, table: pd.DataFrame) -> None:
    ax.set(xlim=(0, HORIZON), ylim=(2.55, -0.55), xticks=range(0, HORIZON + 1, 6), yticks=range(3))
    ax.set_yticklabels([FENCE, DATABASE, ONE])
    ax.tick_params(axis="x", labelbottom=False)
    looks = ((style.GREEN, "////"), (style.BLUE, ""), (style.ORANGE, "...."))
    for row, (name, (colour, hatch)) in enumerate(zip((FENCE, DATABASE, ONE), looks, strict=True)):
        start, finish = (table.loc[name, f"earliest_{end}"] for end in ("start", "finish"))
        if start >= HORIZON:
            ax.text(
                HORIZON - 0.5, row, "not within three years", ha="right", va="center", fontsize=style.SMALL
            )
            continue
        width = (HORIZON if name == ONE else finish) - start
        ax.barh(row, width, left=start, height=0.55, color=colour, alpha=0.6, hatch=hatch, ec="white")
    style.panel_title(ax, "What is built when")


def _draw_lost(ax: Axes, lost: dict[str, Floats], plan: str) -> None:
    ax.set(xlim=(0, HORIZON), ylim=(0, 18), xticks=range(0, HORIZON + 1, 6), yticks=range(0, 19, 6))
    ax.set(xlabel="Months", ylabel="Thousand accounts")
    style.panel_title(ax, "Accounts lost so far")
    for name, counts in lost.items():
        chosen = name == plan
        ax.plot(
            range(HORIZON + 1),
            counts / 1_000,
            color=style.RED if chosen else style.GREY,
            linewidth=2.6 if chosen else 1.3,
            linestyle="-" if chosen else "--",
            zorder=3 if chosen else 2,
        )
    style.edge_labels(ax, [(counts[-1] / 1_000, name) for name, counts in lost.items()])


# --- Benefit or trap ---------------------------------------------------------------------------------

OFFER, LEAVING, YEAR = 4.0, 0.40, 12
"""Made up: a rival's offer in yuan a month, and the chance that a household must leave within a year."""


@widget(
    benefit=Slider("The fence brings", 0, 6, 2, 2, "yuan a month"),
    deposit=Slider("Forfeited on leaving", 0, 60, 30, 30, "yuan"),
    months=Choice("The customer looks ahead, months", ("3", "6", "12"), start="6"),
)
def benefit_or_trap(benefit: float, deposit: float, months: str) -> tuple[Figure, str]:
    """Does the fence keep customers, or trap them?"""
    ahead = int(months)
    threshold = fence.switching_threshold(benefit, deposit, ahead)
    joining = fence.worth_of_joining(benefit, deposit, LEAVING, YEAR)

    figure, (hold, sign) = style.new_figure(panels=2, height=3.9)
    hold.set_position((0.05, 0.565, 0.90, 0.24))
    sign.set_position((0.05, 0.14, 0.90, 0.20))
    _draw_hold(hold, benefit, deposit / ahead)
    _draw_joining(sign, joining)
    style.headline(figure, _trap_finding(benefit, deposit, joining, threshold))

    stays = "stays" if threshold >= OFFER else "leaves"
    return figure, (
        f"A fence that brings {benefit:g} yuan a month and costs {deposit:g} on leaving holds a customer who "
        f"looks {ahead} months ahead against offers of up to {number(threshold, '.2f')} yuan a month; at "
        f"{OFFER:g} yuan he {stays}. To a household that must leave within a year with a chance of "
        f"{LEAVING:.0%}, signing is worth {number(joining, '+.0f')} yuan a year (made-up numbers)."
    )


def _trap_finding(benefit: float, deposit: float, joining: float, threshold: float) -> str:
    if threshold == 0:
        return "No fence at all: any better offer wins"
    if deposit == 0:
        return "A benefit: it holds, and leaving costs nothing"
    if joining <= 0:
        return "A trap: who sees through it does not sign"
    return f"Part trap: the deposit makes {1 - benefit / threshold:.0%} of its hold"


def _draw_hold(ax: Axes, benefit: float, trap: float) -> None:
    ax.set(xlim=(0, 28), ylim=(-0.75, 0.62), yticks=[], xticks=range(0, 26, 5))
    ax.set_xlabel("Yuan a month that a rival must offer")
    ax.spines["left"].set_visible(False)
    style.panel_title(ax, "It holds by benefit (plain) and by loss (hatched)")
    ax.barh(0, benefit, height=0.62, color=style.GREEN, alpha=0.65)
    ax.barh(0, trap, left=benefit, height=0.62, facecolor=style.RED, alpha=0.45, hatch="////", ec="white")
    ax.plot([OFFER, OFFER], [-0.45, 0.5], color=style.BLACK, linewidth=1.4, linestyle="--")
    ax.text(OFFER, -0.6, f"offer {OFFER:g}", ha="center", va="center", fontsize=style.SMALL)
    end = number(benefit + trap, ".1f")
    ax.text(max(benefit + trap, OFFER) + 0.5, 0, end, va="center", fontsize=style.LABEL, fontweight="bold")


def _draw_joining(ax: Axes, joining: float) -> None:
    ax.set(xlim=(-40, 90), ylim=(-0.6, 0.6), yticks=[], xticks=range(-30, 91, 30))
    ax.xaxis.set_major_formatter(lambda value, _: number(value))
    ax.set_xlabel("Worth of signing to a household, yuan a year")
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=style.BLACK, linewidth=0.9)
    style.panel_title(ax, "Would an informed household sign?")
    colour, hatch = (style.GREEN, "") if joining > 0 else (style.RED, "////")
    ax.barh(0, joining, height=0.6, color=colour, alpha=0.6, hatch=hatch, edgecolor="white")
    side, gap = ("left", 2) if joining >= 0 else ("right", -2)
    ax.text(joining + gap, 0, number(joining, "+.0f"), ha=side, va="center", fontsize=style.LABEL)


# --- Whom a gift moves -------------------------------------------------------------------------------

GROUP, ORDER_WORTH = 1_000, 40.0
"""Made up: accounts of a group, and what an enlarged order is worth, yuan."""
RESPONSES = (
    (12, 9),
    (10, 7),
    (15, 5),
    (8, 4),
    (20, 2),
    (25, 1),
    (35, 0),
    (30, 0),
    (28, -2),
    (18, -4),
)
"""Made up: per cent of each group that respond without the gift, and the points that it adds."""
BY_UPLIFT, BY_RESPONSE, BY_LOT = "by uplift", "by response", "by lot"


@widget(
    ranking=Choice("Gifts go out", (BY_UPLIFT, BY_RESPONSE, BY_LOT), start=BY_RESPONSE),
    depth=Slider("Accounts that get one", 10, 100, 10, 40, "%"),
    gift=Slider("A gift costs", 1, 3, 2, 1, "yuan"),
)
def uplift_targeting(ranking: str, depth: float, gift: float) -> tuple[Figure, str]:
    """Whom should the gift go to first?"""
    curves = _uplift_curves()
    accounts = GROUP * len(RESPONSES)
    step = round(depth / 100 * len(RESPONSES))
    extra, given = float(curves[ranking][step]), accounts * depth / 100
    profit = ORDER_WORTH * extra - gift * given
    steps = np.arange(len(RESPONSES) + 1)
    profits = ORDER_WORTH * curves[BY_UPLIFT] - gift * GROUP * steps
    best = int(profits.argmax())

    figure, (ax,) = style.new_figure(height=3.8)
    figure.subplots_adjust(right=0.79, top=0.84)
    _draw_uplift(ax, curves, ranking, depth, gift * GROUP / ORDER_WORTH)
    outcome = "earns" if profit >= 0 else "loses"
    shown = f"{abs(profit):,.0f}"
    style.headline(figure, f"Gifts {ranking} to {depth:g}%: the dairy {outcome} {shown} yuan")

    return figure, (
        f"Gifts of {gift:g} yuan {ranking} to {depth:g}% of {accounts:,} accounts cause "
        f"{number(extra, '+,.0f')} enlarged orders worth {ORDER_WORTH:g} yuan each and cost "
        f"{gift * given:,.0f} yuan: a profit of {number(profit, '+,.0f')}. Ranked by uplift, the best depth "
        f"is {10 * best}%, with {number(profits[best], '+,.0f')} (made-up numbers)."
    )


@cache
def _uplift_curves() -> dict[str, Floats]:
    """Return the extra orders at each depth, from a trial with 500 accounts of each group in each arm."""
    half, treated, responded, uplift, response = GROUP // 2, [], [], [], []
    for base, points in RESPONSES:
        for arm in (0, 1):
            yes = half * (base + arm * points) // 100
            treated += [arm] * half
            responded += [1] * yes + [0] * (half - yes)
            uplift += [points] * half
            response += [base + points] * half
    groups = len(RESPONSES)
    curves = {
        BY_UPLIFT: fence.uplift_curve(uplift, treated, responded, groups),
        BY_RESPONSE: fence.uplift_curve(response, treated, responded, groups),
    }
    return curves | {BY_LOT: curves[BY_UPLIFT][-1] * np.arange(groups + 1) / groups}


def _draw_uplift(ax: Axes, curves: dict[str, Floats], ranking: str, depth: float, needed: float) -> None:
    ax.set(xlim=(0, 100), ylim=(-60, 320), xticks=range(0, 101, 20), yticks=range(0, 301, 100))
    ax.set(xlabel="Accounts that get the gift, %", ylabel="Enlarged orders that it causes")
    ax.axhline(0, color=style.BLACK, linewidth=0.8)
    x = np.linspace(0, 100, len(RESPONSES) + 1)
    ax.plot(x, needed * np.arange(len(x)), color=style.RED, linewidth=1.2, linestyle=":")
    style.panel_title(ax, "Above the dotted line the gifts pay")
    for left, level, name in ((60, 299, BY_UPLIFT), (44, -38, BY_RESPONSE), (87, 150, BY_LOT)):
        ax.text(
            left,
            level,
            name,
            ha="center",
            va="center",
            fontsize=style.SMALL,
            fontweight="bold" if name == ranking else "normal",
            path_effects=style.HALO,
        )
    for name, curve in curves.items():
        chosen = name == ranking
        ax.plot(
            x,
            curve,
            color=style.BLUE if chosen else style.GREY,
            linewidth=2.6 if chosen else 1.3,
            linestyle="-" if chosen else "--",
        )
    ax.plot(
        depth,
        np.interp(depth, x, curves[ranking]),
        "o",
        markersize=9,
        color=style.ORANGE,
        mec="black",
        clip_on=False,
    )
    end = curves[BY_LOT][-1]
    ax.text(103, end, f"everybody\n{end:+.0f}", va="center", fontsize=style.SMALL)
