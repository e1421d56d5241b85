"""The widgets of the 4P chapter: horizon, break-even, life cycle, adstock, channel scorecard, gains."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmkit.models import diffusion, mix, pricing, promotion
from crmkit.models.mix import Offer
from crmkit.models.promotion import Floats
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

# --- Transaction or relationship ---------------------------------------------------------------------

TWO_READINGS = {
    "Product": (Offer("the bottle", 0, 18, 0.94), Offer("bottle and service line", 9, 17, 0.97)),
    "Price": (Offer("list price", 0, 18, 0.94), Offer("cheaper with a card", 0, 17, 0.96)),
    "Place": (Offer("milk shop", 0, 15, 0.93), Offer("own delivery", 36, 16, 0.96)),
    "Promotion": (Offer("gift for all", 10, 18, 0.90), Offer("neighbours recommend", 22, 18, 0.94)),
}
"""Simulated: each P read as a transaction and as a relationship; yuan a household, yuan a month, share."""

EFFECTS = {"none": 0.0, "half": 0.5, "as planned": 1.0}
"""Share of the planned gain in retention that really comes."""


@widget(
    months=Slider("Months ahead that count", 1, 24, 1, 6, "months"),
    effect=Choice("Gain in retention", tuple(EFFECTS), "half"),
)
def relationship_dial(months: float, effect: str) -> tuple[Figure, str]:
    """How far ahead must you look before a relationship pays?"""
    horizon = int(months)
    gaps = {name: _gap(name, horizon, EFFECTS[effect]) for name in TWO_READINGS}
    paying = sum(gap > 0 for gap in gaps.values())

    figure, (ax,) = style.new_figure(height=4.5)
    figure.subplots_adjust(left=0.185)
    ax.set(xlim=(-52, 68), ylim=(3.55, -1.0), xticks=range(-40, 61, 20))
    ax.set_yticks(range(4), list(gaps), fontsize=style.LABEL)
    ax.set_xlabel("Relationship less transaction, yuan a household")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=style.BLACK, linewidth=1)
    _flank(ax, -0.78, "← transaction pays", "relationship pays →", weight="bold")
    for row, (name, gap) in enumerate(gaps.items()):
        sale, bond = _readings(name, EFFECTS[effect])
        _flank(ax, row - 0.32, sale.name, bond.name)
        _signed_bar(ax, row, gap)
        _flank(ax, row + 0.3, f"{sale.retention:.1%} stay", _terms(sale, bond), color="#555555")
    style.headline(figure, _dial_finding(_months(horizon), paying))

    sums = ", ".join(f"{name} {number(gap, '+.1f')}" for name, gap in gaps.items())
    gain = {"none": "no gain", "half": "half the planned gain"}.get(effect, "the planned gain")
    return figure, (
        f"Looking {_months(horizon)} ahead with {gain} in retention, {paying} of the 4 Ps pay more when read "
        f"as a relationship. Relationship less transaction, yuan a household (simulated): {sums}."
    )


def _readings(name: str, effect: float) -> tuple[Offer, Offer]:
    """Return a P as a transaction and as a relationship, with a share of the planned gain in retention."""
    sale, planned = TWO_READINGS[name]
    return sale, replace(planned, retention=sale.retention + effect * (planned.retention - sale.retention))


def _gap(name: str, months: int, effect: float) -> float:
    sale, bond = _readings(name, effect)
    return bond.value(months) - sale.value(months)


def _terms(sale: Offer, bond: Offer) -> str:
    """Return what the relationship costs and brings, beside the transaction."""
    changes = {"once": sale.cost - bond.cost, "a month": bond.margin - sale.margin}
    money = ", ".join(f"{number(change, '+.0f')} {when}" for when, change in changes.items() if change)
    return f"{money}; {bond.retention:.1%} stay"


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def _dial_finding(months: str, paying: int) -> str:
    if paying in (0, len(TWO_READINGS)):
        return f"{months} ahead, each P pays more as a {'relationship' if paying else 'transaction'}"
    return f"{months} ahead, {paying} of 4 Ps pay{'s' * (paying == 1)} more as a relationship"


def _flank(
    ax: Axes, height: float, left: str, right: str, weight: str = "normal", color: str = style.BLACK
) -> None:
    """Write on both sides of the zero line."""
    look: dict[str, Any] = {"va": "center", "fontsize": style.SMALL, "fontweight": weight, "color": color}
    ax.text(-1.5, height, left, ha="right", **look)
    ax.text(1.5, height, right, ha="left", **look)


def _signed_bar(ax: Axes, row: float, gap: float) -> None:
    if gap > 0:
        ax.barh(row, gap, height=0.36, color=style.BLUE, alpha=0.55)
    else:
        ax.barh(row, gap, height=0.36, **_hatched(style.RED))
    side = "left" if gap > 0 else "right"
    place = gap + math.copysign(1.5, gap)
    ax.text(place, row, number(gap, "+.1f"), ha=side, va="center_baseline", fontsize=style.SMALL)


# --- Break-even --------------------------------------------------------------------------------------

PLANNED_CUPS, MOST_CUPS = 60_000, 120_000
"""Simulated: cups of yoghurt that the dairy plans to sell in a month, and the right end of the picture."""


@widget(
    price=Slider("Price of a cup", 2.0, 4.0, 0.4, 3.2, "yuan", 2),
    variable_cost=Slider("Variable cost of a cup", 1.0, 2.2, 0.4, 1.8, "yuan", 2),
    fixed_cost=Slider("Fixed cost a month", 30_000, 90_000, 30_000, 60_000, "yuan"),
)
def break_even(price: float, variable_cost: float, fixed_cost: float) -> tuple[Figure, str]:
    """How many cups must be sold before the yoghurt earns?"""
    contribution = mix.contribution_margin(price, variable_cost)
    planned = mix.profit(PLANNED_CUPS, price, variable_cost, fixed_cost)
    cups = pricing.break_even_quantity(fixed_cost, price, variable_cost) if contribution > 0 else math.inf

    figure, (ax,) = style.new_figure(height=3.7)
    figure.subplots_adjust(right=0.81)
    ax.set(xlim=(0, MOST_CUPS), xticks=range(0, MOST_CUPS + 1, 30_000), xlabel="Cups a month")
    ax.set(ylim=(0, 535), yticks=range(0, 401, 100), ylabel="Thousand yuan a month")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    volume = np.linspace(0, MOST_CUPS, 241)
    revenue, cost = price * volume / 1000, (fixed_cost + variable_cost * volume) / 1000
    ax.fill_between(volume, revenue, np.maximum(cost, revenue), **_hatched(style.RED))
    ax.fill_between(volume, cost, np.maximum(cost, revenue), color=style.BLUE, alpha=0.35, linewidth=0)
    ax.plot(volume, revenue, color=style.BLUE, linewidth=2)
    ax.plot(volume, cost, color=style.BLACK, linewidth=1.8)
    ax.axhline(fixed_cost / 1000, color=style.GREY, linewidth=1, linestyle=":")
    style.edge_labels(
        ax, [(revenue[-1], "revenue"), (cost[-1], "total cost"), (fixed_cost / 1000, "fixed cost")], x=1.03
    )
    _flag_break_even(ax, cups, price)
    _flag_plan(ax, planned, price)
    style.headline(figure, _break_even_finding(cups, planned))

    safety = f"; sales may fall by {mix.margin_of_safety(PLANNED_CUPS, cups):.0%}" if planned > 0 else ""
    return figure, (
        f"At a price of {price:.2f} yuan, a variable cost of {variable_cost:.2f} yuan and a fixed cost of "
        f"{fixed_cost:,.0f} yuan a month (simulated) each cup contributes {number(contribution, '.2f')} "
        f"yuan: {_break_even_volume(cups, price)}. The planned {PLANNED_CUPS:,} cups {_earns(planned)}"
        f"{safety}."
    )


def _break_even_volume(cups: float, price: float) -> str:
    if math.isinf(cups):
        return "no volume breaks even"
    return f"{cups:,.0f} cups or {cups * price:,.0f} yuan break even"


def _earns(planned: float) -> str:
    if abs(planned) < 0.5:
        return "earn nothing and lose nothing"
    return f"{'earn' if planned > 0 else 'lose'} {abs(planned):,.0f} yuan"


def _break_even_finding(cups: float, planned: float) -> str:
    if math.isinf(cups):
        return "Each cup costs at least what it brings: no break-even"
    if abs(planned) < 0.5:
        return f"{cups:,.0f} cups break even: exactly the plan"
    return f"{cups:,.0f} cups break even, {PLANNED_CUPS:,} {_earns(planned)}"


def _flag_break_even(ax: Axes, cups: float, price: float) -> None:
    if cups > MOST_CUPS:
        text = "never breaks even" if math.isinf(cups) else f"break-even at {cups:,.0f} →"
        ax.text(MOST_CUPS, 515, text, ha="right", va="center", fontsize=style.LABEL)
        return
    ax.plot([cups, cups], [0, 500], color=style.BLACK, linewidth=1, linestyle="--")
    ax.plot(cups, price * cups / 1000, marker="o", markersize=7, color=style.BLACK)
    left = cups > MOST_CUPS / 2
    text = f"break-even at {cups:,.0f}"
    ax.text(cups, 515, text, ha="right" if left else "left", va="center", fontsize=style.LABEL)


def _flag_plan(ax: Axes, planned: float, price: float) -> None:
    revenue = price * PLANNED_CUPS / 1000
    ax.plot([PLANNED_CUPS] * 2, [revenue, revenue - planned / 1000], color=style.BLACK, linewidth=4)
    result = (
        "earns nothing"
        if abs(planned) < 0.5
        else f"{'earns' if planned > 0 else 'loses'} {abs(planned):,.0f}"
    )
    text = f"the plan {result}"
    place = (PLANNED_CUPS + 3_000, min(revenue, revenue - planned / 1000) - 14)
    ax.text(*place, text, va="top", fontsize=style.LABEL, path_effects=style.HALO)


# --- Product life cycle ------------------------------------------------------------------------------

YEARS_SHOWN, LAST_YEAR = 20, 120
YEARS = np.linspace(0, LAST_YEAR, 10 * LAST_YEAR + 1)
"""The stages are read off the whole course, of which the picture shows the beginning."""


@widget(
    p=Slider("Innovation p", 0.02, 0.06, 0.02, 0.02, "", 2),
    q=Slider("Imitation q", 0.0, 0.6, 0.15, 0.45, "", 2),
    stopping=Slider("Buyers who stop in a year", 0, 40, 10, 20, "%"),
)
def life_cycle(p: float, q: float, stopping: float) -> tuple[Figure, str]:
    """When does a new product peak, and what makes it decline?"""
    buyers = 100 * diffusion.buying_share(YEARS, p, q, retention=1 - stopping / 100)
    new_peak, new_most = diffusion.peak_time(p, q), 100 * diffusion.peak_rate(p, q)
    peak = int(buyers.argmax())

    figure, (top, bottom) = style.new_figure(panels=2, height=4.9)
    top.set_position((0.135, 0.545, 0.835, 0.31))
    bottom.set_position((0.135, 0.11, 0.835, 0.31))
    style.panel_title(top, "New buyers, % a year: plain alone, hatched by imitation")
    top.set(xlim=(0, YEARS_SHOWN), ylim=(0, 19), xticks=range(0, 21, 5), yticks=range(0, 16, 5))
    _draw_adopters(top, p, q)
    style.panel_title(bottom, "All who buy, % of the potential")
    bottom.set(xlim=(0, YEARS_SHOWN), ylim=(0, 132), xticks=range(0, 21, 5), yticks=range(0, 101, 50))
    bottom.set_xlabel("Years since the launch")
    _draw_stages(bottom, buyers)
    if stopping > 0:
        _mark_peak(bottom, YEARS[peak], buyers[peak])
    style.headline(figure, _life_finding(new_peak, YEARS[peak], stopping))

    when = f"after {new_peak:.1f} years" if new_peak > 0 else "at the launch"
    later = f"{buyers[10 * YEARS_SHOWN]:.0f}% of the potential after {YEARS_SHOWN} years"
    if stopping > 0:
        course = (
            f"{stopping:.0f}% of those who buy stop in a year, so {buyers[peak]:.0f}% buy at the peak after "
            f"{YEARS[peak]:.1f} years, and {later}"
        )
    else:
        course = f"Nobody stops, so buyers come to {later}"
    return figure, (
        f"At p = {p:.2f} and q = {q:.2f} (simulated) new buyers are most {when}, {new_most:.1f}% of the "
        f"potential a year. {course}. Growth begins at 10% of the peak, maturity at 90% (a convention)."
    )


def _life_finding(new_peak: float, peak: float, stopping: float) -> str:
    if stopping == 0:
        first = f"New buyers peak in year {new_peak:.1f}" if new_peak > 0 else "New buyers only get fewer"
        return f"{first}; nobody stops, so no decline"
    if new_peak == 0:
        return f"New buyers only get fewer, all buyers peak in year {peak:.1f}"
    return f"New buyers peak in year {new_peak:.1f}, all buyers in year {peak:.1f}"


def _draw_adopters(ax: Axes, p: float, q: float) -> None:
    """Draw who adopts: first those who need nobody, on top those who follow others."""
    years = YEARS[: 10 * YEARS_SHOWN + 1]
    rate = 100 * diffusion.adoption_rate(years, p, q)
    alone = 100 * p * (1 - diffusion.cumulative_share(years, p, q))
    ax.fill_between(years, 0, alone, color=style.BLUE, alpha=0.45, linewidth=0)
    ax.fill_between(years, alone, rate, **_hatched(style.ORANGE))
    ax.plot(years, rate, color=style.BLACK, linewidth=1.8)


def _draw_stages(ax: Axes, buyers: Floats) -> None:
    ax.plot(YEARS, buyers, color=style.BLACK, linewidth=2.2)
    stages = diffusion.life_cycle_stages(buyers)
    starts = [0, *(np.flatnonzero(stages[1:] != stages[:-1]) + 1), len(YEARS) - 1]
    for start, end in pairwise(starts):
        left, right = YEARS[start], min(YEARS[end], YEARS_SHOWN)
        if left > 0:
            ax.axvline(left, color=style.GREY, linewidth=0.9, linestyle=":")
        name = str(stages[start]).replace("introduction", "intro")
        if right - left > 0.42 * len(name):  # wide enough for the word
            ax.text((left + right) / 2, 121, name, ha="center", va="center", fontsize=style.SMALL)


def _mark_peak(ax: Axes, year: float, share: float) -> None:
    ax.plot(year, share, marker="o", markersize=7, color=style.BLACK, clip_on=False)
    place = min(max(year, 2.6), YEARS_SHOWN - 2.6)
    text = f"{share:.0f}% in year {year:.1f}"
    ax.text(place, share + 7, text, ha="center", fontsize=style.LABEL, path_effects=style.HALO)


# --- Adstock -----------------------------------------------------------------------------------------

WEEKS, CONTACTS = 30, 12
SCHEDULES = {
    "one burst": [3.0] * 4,
    "two bursts": [3.0] * 2 + [0.0] * 10 + [3.0] * 2,
    "every fourth week": [2.0, 0.0, 0.0, 0.0] * 6,
    "a drip": [0.5] * 24,
}
"""Simulated: how often a household sees the advert in each week, 12 times in all."""


@widget(
    schedule=Choice("Schedule", tuple(SCHEDULES)),
    carry_over=Slider("Carried over to the next week", 20, 80, 15, 65, "%"),
    needed=Slider("Contacts needed to remember", 0.5, 2.0, 0.5, 1.5, "", 1),
)
def adstock(schedule: str, carry_over: float, needed: float) -> tuple[Figure, str]:
    """Which schedule keeps the advert in mind?"""
    plans = {name: np.pad(plan, (0, WEEKS - len(plan))) for name, plan in SCHEDULES.items()}
    stocks = {name: promotion.adstock(plan, carry_over / 100) for name, plan in plans.items()}
    # A stock equal to the need up to rounding counts as enough.
    remembered = {name: int((stock >= needed - 1e-9).sum()) for name, stock in stocks.items()}
    multiplier = promotion.adstock_total(1, carry_over / 100)
    half_life = promotion.half_life(carry_over / 100)

    figure, (course, weeks) = style.new_figure(panels=2, height=4.9)
    course.set_position((0.135, 0.455, 0.695, 0.4))
    weeks.set_position((0.335, 0.02, 0.575, 0.23))
    _draw_stock(course, plans[schedule], stocks[schedule], needed)
    _compare_schedules(weeks, remembered, schedule)
    style.headline(figure, _adstock_finding(remembered, schedule))

    others = ", ".join(f"{name} {count}" for name, count in remembered.items() if name != schedule)
    return figure, (
        f"With {carry_over:.0f}% carried over, each contact adds up to {multiplier:.2f} contacts and has a "
        f"half-life of {half_life:.2f} weeks. {CONTACTS} contacts as {schedule} (simulated) keep at least "
        f"{needed:.1f} in mind in {remembered[schedule]} of {WEEKS} weeks; the others: {others}."
    )


def _adstock_finding(remembered: dict[str, int], schedule: str) -> str:
    most, own = max(remembered.values()), remembered[schedule]
    if most == 0:
        return "No schedule keeps the advert in mind"
    name = schedule.capitalize()
    if own == most:
        return f"{name}: in mind longest, {own} of {WEEKS} weeks"
    best = max(remembered, key=remembered.__getitem__)
    return f"{name}: in mind for {own} weeks; {best}: {most}"


def _draw_stock(ax: Axes, plan: Floats, stock: Floats, needed: float) -> None:
    enough = stock >= needed - 1e-9
    style.panel_title(ax, "Contacts: dark seen this week, light left from earlier ones")
    ax.set(
        xlim=(0.4, WEEKS + 0.6), ylim=(0, 9.8), xticks=(1, *range(5, WEEKS + 1, 5)), yticks=range(0, 10, 3)
    )
    ax.set_xlabel("Week")
    edges = np.arange(WEEKS + 1) + 0.5
    ax.stairs(np.where(enough, stock, 0), edges, fill=True, color=style.BLUE, alpha=0.4, linewidth=0)
    ax.stairs(np.where(enough, 0, stock), edges, fill=True, **_hatched(style.GREY))
    ax.stairs(plan, edges, fill=True, color=style.BLACK, linewidth=0)
    ax.axhline(needed, color=style.RED, linewidth=1.4, linestyle="--")
    style.edge_labels(ax, [(needed, f"needed {needed:.1f}")], x=1.03)


def _compare_schedules(ax: Axes, remembered: dict[str, int], schedule: str) -> None:
    style.panel_title(ax, "Weeks in which it is in mind")
    ax.set(xlim=(0, WEEKS), ylim=(len(remembered) - 0.4, -0.6), xticks=[])
    ax.set_yticks(range(len(remembered)), list(remembered), fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    for row, (name, count) in enumerate(remembered.items()):
        if name == schedule:
            ax.barh(row, count, height=0.7, color=style.BLUE, alpha=0.6)
        else:
            ax.barh(row, count, height=0.7, **_hatched(style.GREY))
        bold = "bold" if name == schedule else "normal"
        ax.text(count + 0.5, row, f"{count}", va="center_baseline", fontsize=style.SMALL, fontweight=bold)


# --- Channel scorecard -------------------------------------------------------------------------------

RATINGS = pd.DataFrame(
    {
        "convenient": [9, 8, 5, 4],
        "as preferred": [8, 7, 4, 6],
        "informative": [3, 6, 9, 6],
        "cheap to run": [3, 5, 9, 6],
    },
    index=["carrier", "phone", "website", "shop"],
)
"""Simulated: how well each channel serves a question about an order, from 1 to 10."""

CUSTOMERS = {
    "young families": {"convenient": 2, "as preferred": 2, "informative": 3, "cheap to run": 3},
    "pensioners": {"convenient": 4, "as preferred": 4, "informative": 1, "cheap to run": 1},
}
"""Simulated: what the criteria weigh for two kinds of household, before one weight is moved."""

LINES = {
    "carrier": (style.ORANGE, "-"),
    "phone": (style.BLUE, "--"),
    "website": (style.GREEN, "-."),
    "shop": (style.GREY, ":"),
}


@widget(
    criterion=Choice("Criterion", tuple(RATINGS.columns)),
    weight=Slider("Its weight", 0, 100, 10, 30, "%"),
    customers=Choice("Other weights as for", tuple(CUSTOMERS)),
)
def channel_scorecard(criterion: str, weight: float, customers: str) -> tuple[Figure, str]:
    """Which service channel wins, and at which weight does the winner change?"""
    others = {name: value for name, value in CUSTOMERS[customers].items() if name != criterion}
    rest = sum(others.values())
    shares = {name: (1 - weight / 100) * value / rest for name, value in others.items()}
    scores = mix.weighted_scores(RATINGS, {criterion: weight / 100, **shares})
    winners = mix.winner_by_weight(RATINGS, {criterion: 0, **others}, criterion)
    ranked = scores.sort_values(ascending=False, kind="stable")

    figure, (ax,) = style.new_figure(height=4.1)
    figure.subplots_adjust(right=0.84)
    ax.set(xlim=(0, 100), xticks=range(0, 101, 25), xlabel=f"Weight of “{criterion}”, %")
    ax.set(ylim=(1.4, 10.4), yticks=range(3, 10, 2), ylabel="Weighted score, 1 to 10")
    ends = mix.weighted_scores(RATINGS, {name: float(name == criterion) for name in RATINGS})
    starts = mix.weighted_scores(RATINGS, {criterion: 0, **others})
    for name, (colour, dashes) in LINES.items():
        bold = name == ranked.index[0]
        ax.plot(
            [0, 100], [starts[name], ends[name]], color=colour, linestyle=dashes, linewidth=3 if bold else 1.8
        )
        ax.plot(weight, scores[name], marker="o", markersize=8 if bold else 4, color=colour, clip_on=False)
    ax.plot([weight, weight], [2.4, 10.4], color=style.BLACK, linewidth=0.8, linestyle=":")
    style.edge_labels(ax, [(ends[name], name) for name in RATINGS.index], x=1.03)
    _draw_winners(ax, winners)
    style.headline(figure, _score_finding(ranked))

    stretches = ", ".join(
        f"{row.winner} from {100 * row.low:.0f}% to {100 * row.high:.0f}%" for row in winners.itertuples()
    )
    points = ", ".join(f"{name} {score:.2f}" for name, score in ranked.items())
    return figure, (
        f"With a weight of {weight:.0f}% on “{criterion}” and the rest as for {customers} (simulated) the "
        f"scores are {points}. As this weight goes from 0% to 100% the winner is {stretches}."
    )


def _score_finding(ranked: pd.Series) -> str:
    first, second = ranked.index[:2]
    lead = ranked.iloc[0] - ranked.iloc[1]
    if lead < 0.005:
        return f"A tie: {first} and {second} at {ranked.iloc[0]:.2f}"
    word = "just " if lead < 0.3 else ""
    return f"The {first} {word}wins: {ranked.iloc[0]:.2f}, then the {second} at {ranked.iloc[1]:.2f}"


def _draw_winners(ax: Axes, winners: pd.DataFrame) -> None:
    """Draw along the bottom which channel wins at each weight."""
    for row in winners.itertuples():
        colour, _ = LINES[row.winner]
        low, high = 100 * row.low, 100 * row.high
        ax.barh(
            2.0, high - low, left=low, height=0.8, color=colour, alpha=0.35, edgecolor="white", linewidth=2
        )
        if high - low > 2.6 * len(row.winner):  # wide enough for the word
            text = f"{row.winner} wins" if high - low > 2.6 * (len(row.winner) + 5) else row.winner
            ax.text((low + high) / 2, 2.0, text, ha="center", va="center_baseline", fontsize=style.SMALL)


# --- Gains -------------------------------------------------------------------------------------------

MAILABLE, LEAFLET_COST = 20_000, 0.80
"""Simulated: households that once ordered yoghurt, and what a leaflet costs, yuan."""
SCORES = {"no score": None, "last order": 2.0, "whole history": 0.5}
"""By what the households are ranked: noise in the score, as a multiple of the spread of what it measures."""
# In this draw the response falls from each tenth to the next, as it does on average.
SEED = 2


@widget(
    ranked_by=Choice("Households ranked by", tuple(SCORES), "last order"),
    tenths=Slider("Tenths that get the leaflet", 1, 10, 1, 6),
    margin=Slider("Margin of an order", 8, 24, 8, 16, "yuan"),
)
def gains(ranked_by: str, tenths: float, margin: float) -> tuple[Figure, str]:
    """How deep into the list should the dairy mail?"""
    groups, mailed = _ranked(ranked_by), int(tenths)
    counts = (groups["customers"], groups["responders"])
    table = promotion.gains_table(*counts)
    profit = promotion.mailing_profit(*counts, contact_cost=LEAFLET_COST, margin=margin)
    best = promotion.best_depth(*counts, contact_cost=LEAFLET_COST, margin=margin)
    needed = promotion.break_even_response(LEAFLET_COST, margin)

    figure, (curve, bars) = style.new_figure(panels=2, height=4.9)
    curve.set_position((0.135, 0.535, 0.835, 0.32))
    bars.set_position((0.135, 0.11, 0.835, 0.265))
    _draw_gains(curve, table, mailed)
    _draw_response(bars, table, mailed, needed)
    style.headline(figure, _mailing_finding(mailed, best, profit))

    reached, lift = table["gain"].iloc[mailed - 1], table["cumulative_lift"].iloc[mailed - 1]
    ranking = "Without a score" if ranked_by == "no score" else f"Ranked by {ranked_by}"
    advice = (
        f"the first {best}0% would earn most, {profit[best]:,.0f} yuan" if best else "to mail none is best"
    )
    return figure, (
        f"{ranking}, the first {mailed}0% of the list (simulated) hold {reached:.0%} of the orders, a lift "
        f"of {lift:.2f}. At {LEAFLET_COST:.2f} yuan a leaflet and a margin of {margin:.0f} yuan an order, "
        f"{needed:.1%} must respond: mailing them {_earns_or_loses(profit[mailed])}; {advice}."
    )


@cache
def _ranked(ranked_by: str) -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    habit, noise = random.normal(size=(2, MAILABLE))
    responded = random.random(MAILABLE) < 1 / (1 + np.exp(3.55 - 1.1 * habit))
    spread = SCORES[ranked_by]
    return promotion.rank_groups(np.zeros(MAILABLE) if spread is None else habit + spread * noise, responded)


def _earns_or_loses(profit: float) -> str:
    return f"{'earns' if profit >= 0 else 'loses'} {abs(profit):,.0f} yuan"


def _mailing_finding(mailed: int, best: int, profit: Floats) -> str:
    own = f"Mailing {mailed} tenth{'s' * (mailed > 1)} {_earns_or_loses(profit[mailed])}"
    if mailed == best:
        return f"{own}, the most there is"
    return f"{own}; {f'{best} would earn {profit[best]:,.0f}' if best else 'better none'}"


def _draw_gains(ax: Axes, table: pd.DataFrame, mailed: int) -> None:
    style.panel_title(ax, "Orders reached, % of all orders")
    ax.set(xlim=(0, 103), ylim=(0, 108), xticks=range(0, 101, 20), yticks=range(0, 101, 50))
    ax.set_xlabel("Households mailed, % of the list", labelpad=2)
    share = 100 * np.concatenate([[0], table["cumulative_customers"]])
    gain = 100 * np.concatenate([[0], table["gain"]])
    ax.plot([0, 100], [0, 100], color=style.GREY, linewidth=1.2, linestyle="--")
    ax.plot(share, gain, color=style.BLUE, linewidth=2.2)
    ax.plot([share[mailed]] * 2, [0, gain[mailed]], color=style.BLACK, linewidth=0.9, linestyle=":")
    ax.plot(share[mailed], gain[mailed], marker="o", markersize=8, color=style.BLACK)
    text = f"{share[mailed]:.0f}% of the list, {gain[mailed]:.0f}% of the orders"
    # Below the diagonal the space is free.
    ax.text(98, 9, text, ha="right", fontsize=style.LABEL, path_effects=style.HALO)


def _draw_response(ax: Axes, table: pd.DataFrame, mailed: int, needed: float) -> None:
    style.panel_title(ax, "Response of each tenth, %")
    ax.set(xlim=(0.4, 10.6), ylim=(0, 21), xticks=range(1, 11), yticks=range(0, 21, 10))
    ax.set_xlabel("Tenth of the list, best score first", labelpad=2)
    tenth, rate = table.index.to_numpy(), 100 * table["response_rate"].to_numpy()
    is_mailed = tenth <= mailed
    ax.bar(tenth[is_mailed], rate[is_mailed], width=0.8, color=style.BLUE, alpha=0.55)
    ax.bar(tenth[~is_mailed], rate[~is_mailed], width=0.8, **_hatched(style.GREY))
    ax.axhline(100 * needed, color=style.RED, linewidth=1.4, linestyle="--")
    ax.text(
        10.55,
        100 * needed + 0.6,
        f"break-even response {needed:.1%}",
        ha="right",
        va="bottom",
        fontsize=style.SMALL,
        path_effects=style.HALO,
    )


# --- Drawing -----------------------------------------------------------------------------------------


def _hatched(colour: str) -> dict[str, Any]:
    """Fill with lines only: told from a plain area without colour."""
    return {"facecolor": "none", "edgecolor": colour, "hatch": "////", "linewidth": 0}
