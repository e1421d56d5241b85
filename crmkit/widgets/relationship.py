"""The widgets of the 4R chapter: a profile, a guarantee, trust, make or buy, extra roles, what comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crmkit.models import relationship
from crmkit.models.relationship import Floats, PayoutRange, Profile
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

# --- The four Rs as a profile ------------------------------------------------------------------------

LEVELS = {
    "Role": ("sells and\ndelivers", "advises\nas well", "takes over\nthe task"),
    "Responsibility": ("what the\nlaw asks", "what it\npromised", "what the\ncanteen needs"),
    "Risk": ("the canteen\nbears it", "replaces\nbad milk", "refunds\nthe month"),
    "Reciprocity": ("pays what\nit owes", "recommends\nthe dairy", "plans ahead\nwith it"),
}
"""What each level means for one kind of customer; another kind would need other words."""
PLANNED = Profile(role=2, responsibility=3, risk=2, reciprocity=2)
"""Simulated: the levels that the dairy plans for its canteens."""
ACTUAL_COLOUR, EMPTY_COLOUR = "#A3D4F1", "#F2F2F2"


@widget(
    role=Slider("Role", 1, 3, 1, 3),
    responsibility=Slider("Responsibility", 1, 3, 1, 2),
    risk=Slider("Risk", 1, 3, 1, 1),
    reciprocity=Slider("Reciprocity", 1, 3, 1, 2),
)
def profile_4r(role: float, responsibility: float, risk: float, reciprocity: float) -> tuple[Figure, str]:
    """Is the relationship what the dairy plans for a canteen?"""
    actual = Profile(role, responsibility, risk, reciprocity)
    score, planned_score = (relationship.profile_score(profile) for profile in (actual, PLANNED))
    distance = relationship.profile_distance(PLANNED, actual)

    figure, (ax,) = style.new_figure(height=3.9)
    figure.subplots_adjust(left=0.205, right=0.985, bottom=0.02, top=0.82)
    ax.set(xlim=(0, 3), ylim=(4, 0))
    ax.set_xticks([0.5, 1.5, 2.5], ["level 1", "level 2", "level 3"], fontsize=style.SMALL)
    ax.set_yticks([0.5, 1.5, 2.5, 3.5], list(LEVELS), fontsize=style.SMALL)
    ax.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    for row, (meanings, planned, now) in enumerate(
        zip(LEVELS.values(), astuple(PLANNED), astuple(actual), strict=True)
    ):
        for column, meaning in enumerate(meanings):
            _draw_level(ax, row, column, meaning, planned=planned == column + 1, actual=now == column + 1)
    style.headline(figure, _profile_finding(actual))

    return figure, (
        f"For a canteen the dairy plans {_levels(PLANNED)}, on scales from 1 to 3 (simulated); actual are "
        f"{_levels(actual)}. The mean level is {score:.2f} against {planned_score:.2f}, and the two profiles "
        f"lie {distance:.2f} levels apart."
    )


def _levels(profile: Profile) -> str:
    *first, last = (f"{name} {level:g}" for name, level in vars(profile).items())
    return f"{', '.join(first)} and {last}"


def _profile_finding(actual: Profile) -> str:
    gaps = {name: level - getattr(actual, name) for name, level in vars(PLANNED).items()}
    widest = max(gaps.values())
    if widest > 0:
        names = [name for name, gap in gaps.items() if gap == widest]
        return f"{_enumerate(names)}: {widest:g} {'level' if widest == 1 else 'levels'} short"
    beyond = [name for name, gap in gaps.items() if gap < 0]
    if beyond:
        return f"Beyond the plan: {_enumerate(beyond).lower()}"
    return "All four Rs are as planned"


def _enumerate(names: Sequence[str]) -> str:
    if len(names) == len(LEVELS):
        return "All four Rs"
    *first, last = names
    return (f"{', '.join(first)} and {last}" if first else last).capitalize()


def _draw_level(ax: Axes, row: int, column: int, meaning: str, *, planned: bool, actual: bool) -> None:
    cell = Rectangle((column + 0.02, row + 0.04), 0.96, 0.92, linewidth=0)
    cell.set_facecolor(ACTUAL_COLOUR if actual else EMPTY_COLOUR)
    ax.add_patch(cell)
    if planned:
        edge = Rectangle((column + 0.04, row + 0.07), 0.92, 0.86, fill=False, edgecolor=style.RED)
        edge.set(linewidth=1.6, linestyle="--")
        ax.add_patch(edge)
    tag = "as planned" if planned and actual else "planned" if planned else "actual" if actual else ""
    for y, text, weight in ((0.36 if tag else 0.5, meaning, "normal"), (0.78, tag, "bold")):
        written = ax.text(column + 0.5, row + y, text, ha="center", va="center", fontsize=style.SMALL)
        written.set(fontweight=weight, linespacing=1.1)


# --- A guarantee as a signal -------------------------------------------------------------------------

BELIEVED_GAIN, GOOD_FAILURES = 8.0, 0.04
"""Simulated: yuan a month that a subscription earns more if buyers trust the seller, and the share of months
in which the good seller fails."""
PAYOUT_LIMIT, FLOOR, CLEAR_OF_ZERO = 260, -11.5, 1.3


@widget(
    payout=Slider("Payout for a failed month", 60, 240, 20, 80, "yuan"),
    bad_failures=Slider("Months in which the bad seller fails", 4, 20, 4, 8, "%"),
)
def guarantee_signal(payout: float, bad_failures: float) -> tuple[Figure, str]:
    """Does this guarantee tell the good seller from the bad one?"""
    rates = {"good": GOOD_FAILURES, "bad": bad_failures / 100}
    left = {who: BELIEVED_GAIN - relationship.guarantee_cost(rate, payout) for who, rate in rates.items()}
    telling = relationship.separating_payouts(BELIEVED_GAIN, rates["good"], BELIEVED_GAIN, rates["bad"])

    figure, (ax,) = style.new_figure()
    ax.set(xlim=(0, PAYOUT_LIMIT), ylim=(-12.5, 13.5), xlabel="Payout for a failed month, yuan")
    ax.set(xticks=range(0, 251, 50), yticks=range(-10, 11, 5), ylabel="Left of the gain, yuan a month")
    _draw_zones(ax, telling)
    ax.axhline(0, color=style.BLACK, linewidth=1)
    for who, rate in rates.items():
        _draw_seller(ax, rate, payout, left[who], is_good=who == "good")
    style.headline(figure, _guarantee_finding(left, rates))

    return figure, (
        f"A payout of {payout:g} yuan for a failed month leaves the good seller, who fails in "
        f"{rates['good']:.0%} of months, {number(left['good'], '.2f')} of the {BELIEVED_GAIN:.2f} yuan that "
        f"being trusted brings a month, and the bad one, who fails in {rates['bad']:.0%}, "
        f"{number(left['bad'], '.2f')} yuan (simulated). {_telling_payouts(telling)}"
    )


def _telling_payouts(telling: PayoutRange) -> str:
    if telling.is_empty:
        return "No payout tells the two apart, since they fail equally often."
    return (
        f"Only the good seller can afford a payout above {telling.low:.2f} and up to {telling.high:.2f} yuan."
    )


def _guarantee_finding(left: dict[str, float], rates: dict[str, float]) -> str:
    if rates["bad"] == rates["good"]:
        return "Both fail equally often: no guarantee tells them apart"
    if left["good"] < 0:
        return "Too dear for both: nobody offers this guarantee"
    if left["bad"] >= 0:
        return "Too cheap to tell: the bad seller can offer it as well"
    return "It tells: only the good seller can afford it"


def _draw_zones(ax: Axes, telling: PayoutRange) -> None:
    """Name over the axes who offers a guarantee of each size, and shade where it tells."""
    zones = [(0.0, telling.low, "both offer it"), (telling.high, PAYOUT_LIMIT, "nobody")]
    if not telling.is_empty:
        zones.append((telling.low, telling.high, "only the good"))
        ax.axvspan(telling.low, telling.high, ymax=0.88, facecolor=style.GREEN, alpha=0.2, linewidth=0)
        hatched = ax.axvspan(telling.low, telling.high, ymax=0.88, facecolor="none", linewidth=0)
        hatched.set(edgecolor=style.GREEN, alpha=0.35, hatch="//")
    for low, high, name in zones:
        text = name if high - low > 70 else name.partition(" ")[0]
        ax.text((low + high) / 2, 12, text, ha="center", va="center", fontsize=style.SMALL)
        if high < PAYOUT_LIMIT:
            ax.plot([high, high], [-12.5, 13.5], color=style.GREY, linewidth=0.8, linestyle=":")


def _draw_seller(ax: Axes, failure_rate: float, payout: float, left: float, *, is_good: bool) -> None:
    """Draw what a seller has left at every payout; name the good seller above, the bad one below."""
    colour, dashes, marker, size = (style.BLUE, "-", "o", 10) if is_good else (style.RED, "--", "s", 7)
    end = min(250.0, (BELIEVED_GAIN - FLOOR) / failure_rate)
    heights = [BELIEVED_GAIN, BELIEVED_GAIN - failure_rate * end]
    ax.plot([0, end], heights, color=colour, linewidth=2, linestyle=dashes)
    is_shown = left > FLOOR
    ax.plot(payout, max(left, FLOOR), marker if is_shown else "v", markersize=size, color=colour)
    if not is_good:
        height = left - 1.2 if abs(left - 1.2) > CLEAR_OF_ZERO else -CLEAR_OF_ZERO
        x, y, side = payout - 5, max(height, FLOOR), "right"
    elif payout <= 180:
        x, y, side = payout + 5, left + 1.2, "left"
    else:
        x, y, side = payout + 6, max(left + 2.4, CLEAR_OF_ZERO), "right"
    text = f"{'good' if is_good else 'bad'} {number(left, '.2f')}"
    ax.text(x, y, text, ha=side, va="center", fontsize=style.LABEL, path_effects=style.HALO)


# --- Trust: the repeated game ------------------------------------------------------------------------

KEPT = 60.0
"""Simulated: what each side gains a year, in yuan, while both keep their promises."""
YEARS = range(1, 16)


@widget(
    temptation=Slider("Gain of the year in which one cheats", 80, 140, 20, 120, "yuan"),
    chance=Slider("Chance of a next year", 20, 80, 10, 50, "%"),
    punishment=Slider("Gain a year once trust is lost", 0, 40, 20, 20, "yuan"),
)
def trust_game(temptation: float, chance: float, punishment: float) -> tuple[Figure, str]:
    """When does it pay to keep a promise?"""
    factor = relationship.discount_factor(chance / 100)
    threshold = relationship.threshold_discount_factor(
        temptation=temptation, reward=KEPT, punishment=punishment
    )

    def values(periods: float = math.inf) -> tuple[float, float]:
        return (
            relationship.cooperation_value(reward=KEPT, discount_factor=factor, periods=periods),
            relationship.defection_value(
                temptation=temptation, punishment=punishment, discount_factor=factor, periods=periods
            ),
        )

    keep, cheat = values()
    figure, (sums, scale) = style.new_figure(panels=2, height=4.1)
    sums.set_position((0.115, 0.39, 0.635, 0.465))
    scale.set_position((0.115, 0.115, 0.635, 0.075))
    _draw_sums(sums, np.array([values(year) for year in YEARS]), keep, cheat)
    _draw_threshold(scale, factor, threshold)
    style.headline(figure, _trust_finding(keep, cheat))

    return figure, (
        f"Both sides gain {KEPT:g} yuan a year while they keep their promises; who cheats gains "
        f"{temptation:g} once and {punishment:g} a year from then on (simulated). With a {chance:g}% chance "
        f"of a next year, keeping is worth {keep:.1f} yuan and cheating {cheat:.1f}. Promises hold from a "
        f"chance of {threshold:.1%}."
    )


def _trust_finding(keep: float, cheat: float) -> str:
    if math.isclose(keep, cheat):
        return f"On the edge: keeping and cheating both bring {keep:.0f} yuan"
    if keep > cheat:
        return f"Keeping the promise pays: {keep:.0f} yuan against {cheat:.0f}"
    return f"Cheating pays: {cheat:.0f} yuan against {keep:.0f}"


def _draw_sums(ax: Axes, sums: Floats, keep: float, cheat: float) -> None:
    style.panel_title(ax, "Expected gain so far, yuan")
    ax.set(xlim=(0.5, 15.2), ylim=(0, 330), xticks=(1, 5, 10, 15), yticks=range(0, 301, 100), xlabel="Year")
    ax.plot(YEARS, sums[:, 0], color=style.BLUE, linewidth=2.4)
    ax.plot(YEARS, sums[:, 1], color=style.RED, linewidth=2, linestyle="--")
    style.edge_labels(
        ax, [(sums[-1, 0], f"keep, in all {keep:.0f}"), (sums[-1, 1], f"cheat, in all {cheat:.0f}")]
    )


def _draw_threshold(ax: Axes, factor: float, threshold: float) -> None:
    style.panel_title(ax, f"Chance of a next year: promises hold from {threshold:.0%}")
    ax.set(xlim=(0, 1), ylim=(0, 1), yticks=[], xticks=(0, 0.25, 0.5, 0.75, 1))
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.spines["left"].set_visible(False)
    ax.axvspan(0, threshold, facecolor="none", edgecolor=style.RED, alpha=0.5, hatch="////", linewidth=0)
    ax.axvspan(threshold, 1, facecolor=style.BLUE, alpha=0.3, linewidth=0)
    ax.plot(factor, 0.5, "o", markersize=9, color=style.BLACK)


# --- Make or buy -------------------------------------------------------------------------------------

DESK_COST, CALL_COST = 180_000.0, 1.50
"""Simulated: what an own telephone desk costs a year and what each call costs on top, in yuan."""
CALLS = np.linspace(27, 170, 144)
"""Volumes that the curves are drawn for, thousand calls a year."""


@widget(
    calls=Slider("Calls a year", 40, 160, 20, 60, "thousand"),
    price=Slider("Quoted price of a call", 3.0, 4.0, 0.5, 3.5, "yuan", 2),
    dealing=Slider("Contracting and checking", 0.0, 1.5, 0.5, 0.5, "yuan a call", 2),
)
def make_or_buy(calls: float, price: float, dealing: float) -> tuple[Figure, str]:
    """Should the dairy answer its calls itself?"""
    volume = 1_000 * calls
    inside = relationship.make_cost(volume, DESK_COST, CALL_COST) / volume
    outside = relationship.buy_cost(volume, price, dealing) / volume
    break_even = relationship.make_or_buy_volume(DESK_COST, CALL_COST, price, dealing)

    figure, (ax,) = style.new_figure()
    figure.subplots_adjust(right=0.77)
    ax.set(xlim=(0, 172), ylim=(0, 9.3), xlabel="Thousand calls a year", ylabel="Yuan a call")
    ax.set(xticks=range(0, 161, 40), yticks=range(0, 9, 2))
    own = [relationship.make_cost(1_000 * k, DESK_COST, CALL_COST) / (1_000 * k) for k in CALLS]
    ax.plot(CALLS, own, color=style.BLUE, linewidth=2.2)
    _draw_supplier(ax, price, dealing)
    outside_names = [(price, f"quoted {price:.2f}"), (outside, f"full cost {outside:.2f}")]
    style.edge_labels(ax, [(own[-1], "in-house"), *outside_names[: 2 if dealing > 0 else 1]])
    _mark_break_even(ax, break_even / 1_000, outside)
    ax.plot([calls, calls], [inside, outside], color=style.BLACK, linewidth=3, solid_capstyle="butt")
    ax.plot([calls, calls], [inside, outside], "o", markersize=7, color=style.BLACK)
    ax.text(
        0.5,
        0.97,
        f"{volume:,.0f} calls: in-house {inside:.2f}, outside {outside:.2f}",
        transform=ax.transAxes,
        ha="center",
        va="top",
        fontsize=style.SMALL,
    )
    style.headline(figure, _sourcing_finding(inside, outside, price))

    return figure, (
        f"At {volume:,.0f} calls a year an own desk costs {inside:.2f} yuan a call and the supplier "
        f"{outside:.2f}: {price:.2f} quoted and {dealing:.2f} for contracting and checking (simulated). "
        f"An own desk is cheaper above {break_even:,.0f} calls."
    )


def _draw_supplier(ax: Axes, price: float, dealing: float) -> None:
    """Draw the quoted price and, hatched on top of it, what dealing with the supplier adds."""
    ends = [0, CALLS[-1]]
    ax.plot(ends, [price] * 2, color=style.RED, linewidth=1.6, linestyle=":" if dealing > 0 else "--")
    if dealing > 0:
        ax.fill_between(
            ends, price, price + dealing, facecolor="none", edgecolor=style.ORANGE, hatch="///", linewidth=0
        )
        ax.plot(ends, [price + dealing] * 2, color=style.RED, linewidth=2.2, linestyle="--")


def _mark_break_even(ax: Axes, thousands: float, cost: float) -> None:
    ax.plot([thousands, thousands], [0, cost], color=style.BLACK, linewidth=0.9, linestyle=":")
    ax.plot(thousands, cost, "D", markersize=7, color=style.BLACK, markerfacecolor="white")
    side, gap = ("right", -3) if thousands > 100 else ("left", 3)
    text = f"break-even {1_000 * thousands:,.0f}"
    ax.text(thousands + gap, 0.9, text, ha=side, va="center", fontsize=style.SMALL)


def _sourcing_finding(inside: float, outside: float, price: float) -> str:
    if math.isclose(inside, outside):
        return f"Break-even: {inside:.2f} yuan a call either way"
    if inside > outside:
        return f"Buy: it saves {inside - outside:.2f} yuan a call"
    if price < inside:
        return "The quote says buy, the full cost says make"
    return f"Make: it saves {outside - inside:.2f} yuan a call"


# --- Extra roles -------------------------------------------------------------------------------------

TIERS = {"VIP": 236.0, "major": 56.0, "ordinary": 26.0, "small": 6.0}
"""Simulated: contribution margin of a customer of each tier, yuan a month."""
ROLES = ("only delivers", "+ informs", "+ advises", "+ supports", "+ replaces", "+ upgrades")
CHURN, MONTHLY_RATE = 0.015, 0.01


@widget(
    tier=Choice("Customer", tuple(TIERS), "ordinary"),
    role_cost=Slider("Cost of each role", 1, 4, 1, 2, "yuan a month"),
    churn_cut=Slider("Churn that each role takes away", 10, 40, 10, 20, "%"),
)
def role_ladder(tier: str, role_cost: float, churn_cut: float) -> tuple[Figure, str]:
    """How many roles should the dairy take on for this customer?"""
    worth = relationship.role_ladder_values(
        TIERS[tier], CHURN, role_cost, churn_cut / 100, len(ROLES) - 1, MONTHLY_RATE
    )
    best = int(worth.argmax())

    figure, (ax,) = style.new_figure(height=3.6)
    figure.subplots_adjust(left=0.245)
    ax.set(xlim=(0, 340), ylim=(-0.6, 5.6), xticks=range(0, 201, 50))
    ax.set_xlabel("Lifetime value, % of delivery only")
    ax.set_yticks(range(len(ROLES)), ROLES, fontsize=style.SMALL)
    ax.axvline(100, color=style.GREY, linewidth=0.9, linestyle=":")
    for rung, value in enumerate(worth):
        _draw_rung(ax, rung, value, float(worth[0]), is_best=rung == best)
    style.headline(figure, _ladder_finding(tier, best, worth))

    return figure, (
        f"In the tier {tier} a customer brings {TIERS[tier]:g} yuan a month and {CHURN:.1%} are lost each "
        f"month (simulated). If each extra role costs {role_cost:g} yuan a month and takes away "
        f"{churn_cut:g}% of the churn that is left, the lifetime value is highest with {best} of "
        f"{len(ROLES) - 1} extra roles: {worth[best]:,.0f} yuan, against {worth[0]:,.0f} for delivery only "
        f"and {number(worth[-1])} with all of them, at {MONTHLY_RATE:.0%} a month."
    )


def _ladder_finding(tier: str, best: int, worth: Floats) -> str:
    if best == 0:
        return f"Tier {tier}: no extra role pays for itself"
    gain = worth[best] / worth[0] - 1
    if best == len(worth) - 1:
        return f"Tier {tier}: all {best} roles pay, value rises {gain:.0%}"
    return f"Tier {tier}: stop at {best} of {len(worth) - 1}, value rises {gain:.0%}"


def _draw_rung(ax: Axes, rung: int, value: float, bare: float, *, is_best: bool) -> None:
    share = max(0.0, 100 * value / bare)
    colour, shade = (style.BLUE, 0.75) if is_best else (style.GREY, 0.35)
    ax.barh(rung, share, height=0.68, color=colour, alpha=shade)
    text, weight = (f"{number(value)} yuan, best", "bold") if is_best else (f"{number(value)} yuan", "normal")
    note = ax.text(share + 3, rung, text, va="center_baseline", path_effects=style.HALO)
    note.set(fontsize=style.SMALL, fontweight=weight)


# --- What comes back ---------------------------------------------------------------------------------

CUSTOMERS, LOYAL_EXTRA = 200, 20.0
"""Simulated: how many customers, and what a loyal one brings beyond the forecast, yuan a quarter."""
# The six draws of this seed are typical: without loyal customers the shares that come again have the mean
# (0) and the spread (0.13) of many draws.
SEED = 8


@widget(
    loyal=Slider("Loyal customers", 0, 30, 10, 10, "%"),
    luck=Slider("Luck (standard deviation)", 4, 16, 4, 12, "yuan"),
    draw=Slider("Random draw", 1, 6, 1, 1),
)
def beyond_forecast(loyal: float, luck: float, draw: float) -> tuple[Figure, str]:
    """Is revenue beyond the forecast loyalty or luck?"""
    is_loyal = np.arange(CUSTOMERS) < CUSTOMERS * loyal / 100
    chance = np.random.default_rng([SEED, int(draw)]).normal(0, luck, (2, CUSTOMERS))
    first, later = chance + LOYAL_EXTRA * is_loyal
    total = relationship.unexpected_revenue(first, np.zeros(CUSTOMERS))
    by_luck = relationship.unexpected_revenue_by_luck(CUSTOMERS, luck)
    share = relationship.repeated_share(first, later)

    figure, (ax,) = style.new_figure(height=3.9)
    ax.set(xlim=(-58, 74), ylim=(-58, 74), xlabel="Beyond forecast in quarter 1, yuan")
    ax.set(xticks=range(-40, 61, 20), yticks=range(-40, 61, 20), ylabel="In quarter 2, yuan")
    ax.axhline(0, color=style.BLACK, linewidth=1)
    ax.axvline(0, color=style.BLACK, linewidth=1)
    ax.plot([0, 50], [0, 50], color=style.GREY, linewidth=1, linestyle="--")
    ax.text(51, 52, "all comes\nagain", ha="left", va="bottom", fontsize=style.SMALL, linespacing=1.0)
    ax.text(73, -5, "nothing again", ha="right", va="center", fontsize=style.SMALL, path_effects=style.HALO)
    above = first > 0
    for kind, marker, colour in ((~is_loyal, "o", style.GREY), (is_loyal, "^", style.BLUE)):
        for group, alpha in ((kind & above, 0.7), (kind & ~above, 0.3)):
            ax.plot(first[group], later[group], marker, markersize=4.5, color=colour, alpha=alpha, mew=0)
    _key(ax, ("^", style.BLUE, "loyal"), ("o", style.GREY, "others"))
    _point_to_mean(ax, float(first[above].mean()), float(later[above].mean()))
    if loyal == 0:
        finding = f"Nobody is loyal, yet {total:,.0f} yuan lie beyond forecast"
    else:
        finding = f"Of {total:,.0f} yuan beyond forecast, {_comes_again(share)}"
    style.headline(figure, finding)

    return figure, (
        f"Draw {draw:g} of {CUSTOMERS} simulated customers, {loyal:g}% of them loyal with {LOYAL_EXTRA:g} "
        f"yuan a quarter beyond forecast, and luck with a standard deviation of {luck:g} yuan: those above "
        f"forecast bring {total:,.0f} yuan more than it. Luck alone would bring {by_luck:,.0f} yuan on "
        f"average. In the next quarter {_comes_again(share)} from the same customers."
    )


def _comes_again(share: float) -> str:
    return f"{share:.0%} comes again" if share >= 0.005 else "nothing comes again"


def _key(ax: Axes, *marks: tuple[str, str, str]) -> None:
    """Name the marks in the corner where the fewest points lie."""
    for row, (marker, colour, name) in enumerate(marks):
        ax.plot(-52, 68 - 9 * row, marker, markersize=6.5, color=colour, markeredgewidth=0)
        ax.text(-48, 68 - 9 * row, name, va="center", fontsize=style.SMALL)


def _point_to_mean(ax: Axes, x: float, y: float) -> None:
    place = (38, -51)
    ax.plot([x, place[0]], [y, place[1] + 4], color=style.BLACK, linewidth=0.8)
    ax.plot(x, y, "D", markersize=10, color=style.RED, markeredgecolor="white")
    ax.text(*place, "mean of all above forecast", ha="center", va="center", fontsize=style.SMALL)


# --- Drawing -----------------------------------------------------------------------------------------
