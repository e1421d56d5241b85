"""The widgets of the pricing chapter: surplus, segments, tiers, charm prices, predation, discounts."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from crmkit.models import pricing
from crmkit.models.pricing import Lift, LinearDemand, Plan, PlanChoice
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Slider, widget

Corners: TypeAlias = list[tuple[float, float]]

# --- Demand and surplus ------------------------------------------------------------------------------

ZONE = LinearDemand(intercept=10_000, slope=2_500)
"""Simulated demand for milk in one zone, bottles a day: 5,000 at 2 yuan, as in the average zone."""


@widget(
    price=Slider("Price of a bottle", 1.0, 4.0, 0.2, 2.0, "yuan", 2),
    unit_cost=Slider("Unit cost", 0.6, 2.4, 0.2, 1.2, "yuan", 2),
)
def demand_and_surplus(price: float, unit_cost: float) -> tuple[Figure, str]:
    """Who gains from this price?"""
    sold, efficient = ZONE.quantity(price), ZONE.quantity(unit_cost)
    households = pricing.consumer_surplus(ZONE, price)
    dairy = pricing.producer_surplus(ZONE, price, unit_cost)
    lost = pricing.deadweight_loss(ZONE, price, unit_cost)
    best = pricing.best_price(ZONE, unit_cost)
    earns = "earns" if dairy >= 0 else "loses"

    figure, (ax,) = style.new_figure()
    figure.subplots_adjust(right=0.85)
    ax.set(xlim=(0, ZONE.intercept), ylim=(0, 4.7), xlabel="Bottles a day", ylabel="Yuan a bottle")
    ax.set(xticks=range(0, 10_001, 2_500), yticks=range(5))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    households_area = [(0, price), (0, ZONE.choke_price), (sold, price)]
    dairy_area = _box(0, sold, unit_cost, price)
    lost_area = [(sold, price), (efficient, unit_cost), (sold, unit_cost)]
    _shade(ax, households_area, style.BLUE)
    _shade(ax, dairy_area, style.ORANGE if dairy >= 0 else style.RED, hatch="" if dairy >= 0 else "//")
    _shade(ax, lost_area, style.GREY, hatch="xxx")
    ax.plot([0, ZONE.intercept], [ZONE.choke_price, 0], color=style.BLACK, linewidth=1.8)
    for level in (price, unit_cost):
        ax.axhline(level, color=style.BLACK, linewidth=0.8, linestyle=":")
    style.edge_labels(ax, [(price, f"price {price:.2f}"), (unit_cost, f"cost {unit_cost:.2f}")])
    amounts = [
        (households, f"households gain {households:,.0f} yuan", households_area),
        (abs(dairy), f"the dairy {earns} {abs(dairy):,.0f} yuan", dairy_area),
        (lost, f"deadweight loss {lost:,.0f} yuan", lost_area),
    ]
    for row, (amount, text, area) in enumerate(amounts):
        if amount >= 1:
            _point_out(ax, text, area, (4_300, 4.45 - 0.4 * row))
    style.headline(figure, _surplus_finding(price, unit_cost, best, households, dairy))

    return figure, (
        f"At a price of {price:.2f} yuan and a unit cost of {unit_cost:.2f} yuan the zone buys {sold:,.0f} "
        f"bottles a day (simulated): households gain {households:,.0f} yuan, the dairy {earns} "
        f"{abs(dairy):,.0f} yuan, and a deadweight loss of {lost:,.0f} yuan goes to nobody. "
        f"The dairy would earn most at {best:.2f} yuan."
    )


def _surplus_finding(price: float, unit_cost: float, best: float, households: float, dairy: float) -> str:
    if price >= ZONE.choke_price:
        return f"At {price:.2f} yuan nobody buys, and nobody gains"
    if math.isclose(price, unit_cost):
        return f"At cost, households gain it all: {households:,.0f} yuan a day"
    if price < unit_cost:
        return f"Below cost, the dairy loses {-dairy:,.0f} yuan a day"
    if math.isclose(price, best):
        return f"{price:.2f} yuan pays the dairy most: {dairy:,.0f} yuan a day"
    if price > best:
        return f"Too dear even for the dairy: {best:.2f} yuan would earn more"
    return f"Households gain {households:,.0f} yuan a day, the dairy {dairy:,.0f}"


# --- Two segments ------------------------------------------------------------------------------------

OFFICES = LinearDemand(intercept=100, slope=1)
SUBSCRIPTION_COST = 20.0
"""Simulated: what one subscription costs the dairy, yuan a month."""


@widget(
    price=Slider("One price for both", 20, 80, 5, 45, "yuan"),
    families_limit=Slider("Families pay at most", 30, 100, 10, 80, "yuan"),
)
def two_segments(price: float, families_limit: float) -> tuple[Figure, str]:
    """What does one price for everybody cost the dairy?"""
    names = ("Offices", "Families")
    demands = (OFFICES, LinearDemand(intercept=families_limit, slope=1))
    profits = [pricing.producer_surplus(d, price, SUBSCRIPTION_COST) for d in demands]
    own_prices = pricing.segment_prices(demands, SUBSCRIPTION_COST)
    own_profits = [
        pricing.producer_surplus(d, own, SUBSCRIPTION_COST)
        for d, own in zip(demands, own_prices, strict=True)
    ]
    best = pricing.uniform_price(demands, SUBSCRIPTION_COST)

    figure, axes = style.new_figure(panels=2, height=3.7)
    figure.subplots_adjust(right=0.865, top=0.79, wspace=0.1)
    for i, ax in enumerate(axes):
        ax.set(xlim=(0, 108), ylim=(0, 108), xlabel="Subscriptions")
        ax.set(xticks=(0, 50, 100), yticks=range(0, 101, 20) if i == 0 else [])
        _segment(ax, demands[i], price, own_prices[i], own_profits[i])
        buyers = demands[i].quantity(price)
        style.panel_title(ax, f"{names[i]}: {buyers:g} buy,\nprofit {profits[i]:,.0f} yuan")
    axes[0].set_ylabel("Yuan a month")
    style.edge_labels(
        axes[1], [(price, f"price {price:g}"), (SUBSCRIPTION_COST, f"cost {SUBSCRIPTION_COST:g}")]
    )
    style.headline(figure, _segments_finding(price, best, profits, sum(own_profits)))

    return figure, (
        f"One price of {price:g} yuan a month earns {sum(profits):,.0f} yuan: {profits[0]:,.0f} from offices "
        f"and {profits[1]:,.0f} from families (simulated); the best single price is {best:g} yuan. "
        f"With {own_prices[0]:g} yuan for offices and {own_prices[1]:g} yuan for families the dairy would "
        f"earn {sum(own_profits):,.0f} yuan."
    )


def _segments_finding(price: float, best: float, profits: list[float], two_prices: float) -> str:
    one_price = sum(profits)
    if math.isclose(one_price, two_prices):
        return f"One price loses nothing: {price:g} yuan is best for both"
    if profits[1] == 0 and price > SUBSCRIPTION_COST:
        return f"Families drop out: {one_price:,.0f} yuan, two prices would earn {two_prices:,.0f}"
    if price == best:
        return f"The best single price earns {one_price:,.0f} yuan, two earn {two_prices:,.0f}"
    return f"One price earns {one_price:,.0f} yuan, two would earn {two_prices:,.0f}"


def _segment(ax: Axes, demand: LinearDemand, price: float, own_price: float, own_profit: float) -> None:
    sold, own_sold = demand.quantity(price), demand.quantity(own_price)
    _shade(ax, _box(0, sold, SUBSCRIPTION_COST, price), style.BLUE)
    own_box = _box(0, own_sold, SUBSCRIPTION_COST, own_price)
    ax.add_patch(Polygon(own_box, fill=False, edgecolor=style.RED, linewidth=1.6, linestyle="--"))
    ax.plot([0, demand.intercept], [demand.choke_price, 0], color=style.BLACK, linewidth=1.8)
    for level in (price, SUBSCRIPTION_COST):
        ax.axhline(level, color=style.BLACK, linewidth=0.8, linestyle=":")
    text = f"own price {own_price:g}:\n{own_profit:,.0f} yuan"
    above = price if own_price < price < own_price + 18 else own_price
    ax.text(own_sold + 3, above + 2, text, fontsize=style.SMALL, va="bottom", path_effects=style.HALO)


# --- Quantity tiers ----------------------------------------------------------------------------------

HEAVY, LIGHT = LinearDemand(intercept=80, slope=20), LinearDemand(intercept=30, slope=7.5)
"""Simulated demand of one household, bottles a month."""
PER_BOTTLE = Plan("per bottle", fee=0, price_per_unit=2.0)
BOTTLE_COST = 1.2
"""Simulated: what one bottle costs the dairy, yuan."""


@widget(
    fee=Slider("Monthly fee of the card", 0, 50, 2.5, 20, "yuan", 2),
    card_price=Slider("Bottle with the card", 1.2, 1.9, 0.1, 1.5, "yuan", 2),
)
def quantity_tiers(fee: float, card_price: float) -> tuple[Figure, str]:
    """Who picks the monthly card, and does it pay?"""
    card = Plan("card", fee, card_price)
    households = {"heavy": HEAVY, "light": LIGHT}
    choices = {name: pricing.choose_plan([PER_BOTTLE, card], demand) for name, demand in households.items()}
    before = {name: pricing.choose_plan([PER_BOTTLE], demand) for name, demand in households.items()}
    profit = {name: choice.profit(BOTTLE_COST) for name, choice in choices.items()}
    profit_before = {name: choice.profit(BOTTLE_COST) for name, choice in before.items()}
    gain = sum(profit.values()) - sum(profit_before.values())

    figure, (bills, profits) = style.new_figure(panels=2, height=4.2)
    bills.set_position((0.15, 0.36, 0.82, 0.485))
    profits.set_position((0.15, 0.02, 0.82, 0.155))
    _draw_bills(bills, card, choices)
    _stack_profits(profits, {"no card": profit_before, "this card": profit})
    style.headline(figure, _tiers_finding(choices, gain))

    takes = " and ".join(_what_is_taken(name, choice) for name, choice in choices.items())
    return figure, (
        f"With a card for {fee:.2f} yuan a month and {card_price:.2f} yuan a bottle, beside "
        f"{PER_BOTTLE.price_per_unit:.2f} yuan a bottle without it, {takes} (simulated). "
        f"The pair earns the dairy {sum(profit.values()):.2f} yuan a month, against "
        f"{sum(profit_before.values()):.2f} yuan without the card."
    )


def _what_is_taken(name: str, choice: PlanChoice) -> str:
    takes = "pays per bottle" if choice.plan == PER_BOTTLE else "takes the card"
    return f"the {name} household {takes} and buys {choice.quantity:g} bottles"


def _tiers_finding(choices: dict[str, PlanChoice], gain: float) -> str:
    takers = [name for name, choice in choices.items() if choice.plan != PER_BOTTLE]
    if not takers:
        return "Nobody takes the card: nothing changes"
    who = "Both take" if len(takers) == 2 else f"Only the {takers[0]} one takes"
    if abs(gain) < 0.005:
        return f"{who} the card: profit stays the same"
    return f"{who} the card: profit {'rises' if gain > 0 else 'falls'} {abs(gain):.2f} yuan"


def _draw_bills(ax: Axes, card: Plan, choices: dict[str, PlanChoice]) -> None:
    ax.set(xlim=(0, 95), ylim=(0, 172), xlabel="Bottles a month")
    ax.set(xticks=range(0, 61, 20), yticks=range(0, 151, 50))
    style.panel_title(ax, "Monthly bill, yuan")
    top = 60
    ax.plot([0, top], [0, PER_BOTTLE.bill(top)], color=style.BLACK, linestyle="--", linewidth=1.6)
    ax.plot([0, top], [card.fee, card.bill(top)], color=style.BLUE, linewidth=2.2)
    names = [
        (PER_BOTTLE.bill(top), f"no card: {PER_BOTTLE.price_per_unit:.2f} each"),
        (card.bill(top), f"card: {card.fee:g} + {card.price_per_unit:.2f} each"),
    ]
    style.edge_labels(ax, names, x=(top + 1) / 95)
    for name, choice in choices.items():
        assert choice.plan is not None  # paying per bottle leaves both households a surplus
        bill = choice.plan.bill(choice.quantity)
        ax.plot(choice.quantity, bill, marker="o", markersize=8, color=style.BLACK)
        # The chosen plan is the cheaper one at that quantity, so the space below it is free.
        text = f"{name} buys {choice.quantity:g}"
        ax.text(choice.quantity + 2, bill - 7, text, fontsize=style.LABEL, va="top")


def _stack_profits(ax: Axes, menus: dict[str, dict[str, float]]) -> None:
    ax.set(xlim=(0, 58), ylim=(1.5, -0.5), xticks=[])
    ax.set_yticks([0, 1], list(menus), fontsize=style.SMALL)
    ax.spines["bottom"].set_visible(False)
    style.panel_title(ax, "Profit, yuan a month")
    for y, profit in enumerate(menus.values()):
        total = sum(profit.values())
        ax.barh(y, profit["heavy"], color=style.BLUE, alpha=0.35)
        ax.barh(y, profit["light"], left=profit["heavy"], color=style.ORANGE, alpha=0.45)
        ax.text(total + 0.8, y, f"{total:.2f}", va="center_baseline", fontsize=style.LABEL)
        middles = {"heavy": profit["heavy"] / 2, "light": profit["heavy"] + profit["light"] / 2}
        for name, middle in middles.items():
            if profit[name] >= 7:
                ax.text(middle, y, name, ha="center", va="center_baseline", fontsize=style.SMALL)


# --- Charm prices ------------------------------------------------------------------------------------

ROUTE_BOTTLES, ROUTE_SPREAD = 250, 0.15
"""Simulated: median bottles a day on a route, and the standard deviation of their logarithm."""
ROUTES = Slider("Routes per arm", 20, 200, 20, 40)
# The eight draws of this seed are typical: 5 % of the tests without a lift are false alarms, and a lift of
# 8 % shows about as often as the power of the test says.
SEED = 190


@widget(
    routes=ROUTES,
    true_lift=Slider("True lift of the 9-ending", 0, 12, 4, 8, "%"),
    draw=Slider("Random draw", 1, 8, 1, 1),
)
def charm_price(routes: float, true_lift: float, draw: float) -> tuple[Figure, str]:
    """How many routes until the lift of a 9-ending shows?"""
    sizes = [int(size) for size in ROUTES.values if size <= routes]
    lifts = [_test_of_routes(size, true_lift / 100, int(draw)) for size in sizes]
    lift = lifts[-1]

    figure, (ax,) = style.new_figure()
    figure.subplots_adjust(right=0.815)
    ax.set(xlim=(8, 212), ylim=(-18, 38), xlabel="Routes in each arm", ylabel="Measured lift of sales, %")
    ax.set(xticks=range(40, 201, 40), yticks=range(-10, 31, 10))
    ax.axhline(0, color=style.BLACK, linewidth=1)
    for size, smaller in zip(sizes, lifts, strict=True):
        _interval(ax, size, smaller, bold=smaller is lift)
    levels = [(0.0, "no effect")]
    if true_lift > 0:
        ax.axhline(true_lift, color=style.RED, linewidth=1.4, linestyle="--")
        levels.append((true_lift, f"true lift {true_lift:g}%"))
    style.edge_labels(ax, levels)
    interval = f"{number(lift.low, '+.1%')} to {number(lift.high, '+.1%')}"
    ax.text(
        0.5,
        0.96,
        f"{routes:g} routes: {number(lift.lift, '+.1%')}, 95% interval {interval}",
        transform=ax.transAxes,
        ha="center",
        va="top",
        fontsize=style.SMALL,
    )
    style.headline(figure, _charm_finding(routes, true_lift, lift))

    return figure, (
        f"Draw {draw:g} of a simulated test with {routes:g} routes at 2.00 yuan and {routes:g} at 1.99 yuan "
        f"measures a lift of {number(lift.lift, '+.1%')}, 95% interval {interval}; the true lift is "
        f"{true_lift:g}%. The interval {'excludes' if _is_shown(lift) else 'includes'} zero."
    )


def _test_of_routes(routes: int, true_lift: float, draw: int) -> Lift:
    """Measure the lift on the first routes of one random draw, the same for every true lift."""
    luck = np.random.default_rng([SEED, draw]).normal(0, ROUTE_SPREAD, (2, int(ROUTES.high)))[:, :routes]
    bottles = ROUTE_BOTTLES * np.exp(luck)
    return pricing.log_lift(control=bottles[0], treated=bottles[1] * (1 + true_lift))


def _is_shown(lift: Lift) -> bool:
    return lift.low > 0 or lift.high < 0


def _charm_finding(routes: float, true_lift: float, lift: Lift) -> str:
    if true_lift == 0 and _is_shown(lift):
        return "False alarm: no lift, yet the interval excludes zero"
    if true_lift == 0:
        return "No lift, and none is found"
    if _is_shown(lift):
        return f"The lift of {true_lift:g}% shows with {routes:g} routes in each arm"
    return f"A lift of {true_lift:g}% is there, but {routes:g} routes do not show it"


def _interval(ax: Axes, routes: int, lift: Lift, *, bold: bool) -> None:
    colour, width = (style.BLUE, 3.0) if bold else (style.GREY, 1.2)
    ax.plot(
        [routes, routes],
        [100 * lift.low, 100 * lift.high],
        color=colour,
        linewidth=width,
        solid_capstyle="butt",
    )
    ax.plot(routes, 100 * lift.lift, marker="o", markersize=9 if bold else 4, color=colour)


# --- Predation ---------------------------------------------------------------------------------------

WAR_MONTHS, MONTHLY_RATE = 12, 0.01


@widget(
    monthly_loss=Slider("Loss a month in the price war", 0.1, 0.4, 0.1, 0.3, "million yuan", 1),
    monthly_gain=Slider("Gain a month after the exit", 0.05, 0.35, 0.05, 0.15, "million yuan", 2),
    gain_months=Slider("A new rival comes after", 6, 36, 6, 18, "months"),
)
def predation(monthly_loss: float, monthly_gain: float, gain_months: float) -> tuple[Figure, str]:
    """Would a price war against a rival ever pay back?"""
    war = (monthly_loss, WAR_MONTHS, monthly_gain, int(gain_months), MONTHLY_RATE)
    worth = np.concatenate([[0], pricing.predation_cash_flows(*war).cumsum()])
    npv = pricing.predation_npv(*war)
    needed = pricing.recoupment_gain(monthly_loss, WAR_MONTHS, int(gain_months), MONTHLY_RATE)

    figure, (ax,) = style.new_figure()
    _draw_worth(ax, worth)
    if npv >= 0:
        paid_back = int(np.argmax(worth[1:] >= 0)) + 1
        ax.text(paid_back - 1, 0.45, "paid back", ha="right", fontsize=style.LABEL, path_effects=style.HALO)
        finding = f"The war pays back in month {paid_back}"
    else:
        finding = "The price war never pays back"
    style.headline(figure, f"{finding}: NPV {number(npv, '+.2f')} million yuan")

    return figure, (
        f"Losing {monthly_loss:.2f} million yuan a month for {WAR_MONTHS} months and then gaining "
        f"{monthly_gain:.2f} million for {gain_months:g} has a net present value of {number(npv, '+.3f')} "
        f"million yuan at {MONTHLY_RATE:.0%} a month (simulated): recoupment is "
        f"{'plausible' if npv >= 0 else 'not plausible'}, since it takes a gain of at least {needed:.3f} "
        "million. A price below average variable cost by a dominant firm is unlawful in many places."
    )


def _draw_worth(ax: Axes, worth: pricing.Floats) -> None:
    months = np.arange(len(worth))
    ax.set(xlim=(0, 60), ylim=(-6.4, 10.8), xlabel="Month", ylabel="Present value, million yuan")
    ax.set(xticks=range(0, 49, 12), yticks=range(-4, 9, 4))
    ax.fill_between(months, worth, 0, where=worth <= 0, color=style.RED, alpha=0.3, linewidth=0)
    ax.fill_between(months, worth, 0, where=worth >= 0, color=style.BLUE, alpha=0.35, linewidth=0)
    ax.axhline(0, color=style.BLACK, linewidth=1)
    ax.plot(months, worth, color=style.BLACK, linewidth=1.8)
    for month, event, side in ((WAR_MONTHS, "rival leaves", "right"), (months[-1], "new rival", "left")):
        ax.axvline(month, color=style.GREY, linewidth=0.8, linestyle=":")
        gap = 0.6 if side == "left" else -0.6
        ax.text(month + gap, 10.4, event, ha=side, va="top", fontsize=style.SMALL)
    ax.plot([WAR_MONTHS, months[-1]], worth[[WAR_MONTHS, -1]], "o", markersize=6, color=style.BLACK)
    lowest, npv = worth[WAR_MONTHS], worth[-1]
    ax.text(
        WAR_MONTHS,
        lowest - 0.5,
        number(lowest, ".2f"),
        ha="center",
        va="top",
        fontsize=style.LABEL,
        path_effects=style.HALO,
    )
    clear_of_zero = math.copysign(max(abs(npv), 0.75), npv)
    ax.text(months[-1] + 1, clear_of_zero, f"NPV {number(npv, '+.2f')}", va="center", fontsize=style.LABEL)


# --- Discounts ---------------------------------------------------------------------------------------


@widget(
    price_change=Slider("Price change", -20, 10, 5, -10, "%"),
    margin=Slider("Contribution margin", 20, 60, 10, 40, "%"),
    elasticity=Slider("Price elasticity", -4, -0.5, 0.5, -2, "", 1),
)
def discount_break_even(price_change: float, margin: float, elasticity: float) -> tuple[Figure, str]:
    """How much more must a discount sell to pay for itself?"""
    change, share = price_change / 100, margin / 100
    needed = pricing.break_even_sales_change(change, share)
    expected = pricing.quantity_change(change, elasticity)
    contribution = pricing.contribution_change(change, share, expected)

    figure, (ax,) = style.new_figure(height=3.6)
    ax.set(xlim=(0, 260), xticks=range(0, 251, 50), xlabel="Sales, % of old sales")
    ax.set(ylim=(0, 93), yticks=range(0, 61, 20), ylabel="Margin a unit, % of old price")
    _draw_exchange(ax, change, share, expected)
    _mark_sales(ax, needed, expected)
    style.headline(figure, _discount_finding(change, needed, expected, contribution))

    breaks_even = "never breaks even" if math.isinf(needed) else f"breaks even at {_percent(needed)} of sales"
    given_up, won = _exchange(change, share, expected)
    return figure, (
        f"A price change of {number(price_change, '+.0f')}% at a contribution margin of {margin:.0f}% "
        f"{breaks_even}. At an elasticity of {number(elasticity, '.1f')} sales change by "
        f"{_percent(expected)}: the dairy gives up {given_up:.1%} of its contribution and wins {won:.1%}, "
        f"a change of {_percent(contribution)}."
    )


def _percent(share: float) -> str:
    return number(share, "+.1%")


def _exchange(change: float, margin: float, expected: float) -> tuple[float, float]:
    """Return what the new price gives up and what it wins, as shares of the old contribution."""
    total = pricing.contribution_change(change, margin, expected)
    if change < 0:
        given_up = -pricing.contribution_change(change, margin, sales_change=0)
    else:
        given_up = -pricing.contribution_change(0, margin, expected)
    return given_up, total + given_up


def _draw_exchange(ax: Axes, change: float, margin: float, expected: float) -> None:
    """Draw contributions as rectangles, sales × margin: the old one, and what the new price does to it."""
    fewer, more = sorted((100.0, 100 * (1 + expected)))
    thinner, thicker = sorted((100 * margin, 100 * (margin + change)))
    strip, block = _box(0, fewer, thinner, thicker), _box(fewer, more, 0, thinner)
    lost_area, won_area = (strip, block) if change < 0 else (block, strip)
    given_up, won = _exchange(change, margin, expected)
    _shade(ax, _box(0, fewer, 0, thinner), style.GREY)
    _shade(ax, lost_area, style.RED)
    _shade(ax, won_area, style.BLUE)
    ax.add_patch(Polygon(_box(0, 100, 0, 100 * margin), fill=False, edgecolor=style.BLACK, linewidth=1.4))
    _label_block(ax, f"gives up {given_up:.0%}", lost_area)
    _label_block(ax, f"wins {won:.0%}", won_area)


def _label_block(ax: Axes, text: str, corners: Corners) -> None:
    (left, low), (right, high) = corners[0], corners[2]
    if min(right - left, high - low) < 1:
        return
    if right - left < 62:
        _point_out(ax, text, corners, (205, 25))
        return
    is_thin = high - low < 8
    height = high + 1 if is_thin else (low + high) / 2
    ax.text(
        left + 3,
        height,
        text,
        va="bottom" if is_thin else "center",
        fontsize=style.LABEL,
        path_effects=style.HALO,
    )


def _mark_sales(ax: Axes, needed: float, expected: float) -> None:
    """Mark the sales needed and expected by two flags that fly to the same side.

    The flag behind stands higher, so that no line crosses a text.
    """
    marks = [(needed, "break-even", "--"), (expected, "expected", "-")]
    right = max(needed, expected) < 0.75
    for row, (change, text, dashes) in enumerate(sorted(marks, reverse=right)):
        sales, height = 100 * (1 + change), 79 + 7.5 * row
        if sales > 255:
            outside = "never breaks even" if math.isinf(change) else f"{text} {number(change, '+.0%')} →"
            ax.text(258, height, outside, ha="right", va="center", fontsize=style.LABEL)
            continue
        ax.plot([sales, sales], [0, height + 3], color=style.BLACK, linestyle=dashes, linewidth=1.4)
        ax.text(
            sales + (2.5 if right else -2.5),
            height,
            f"{text} {number(change, '+.0%')}",
            ha="left" if right else "right",
            va="center",
            fontsize=style.LABEL,
        )


def _discount_finding(change: float, needed: float, expected: float, contribution: float) -> str:
    if change == 0:
        return "No change of price, no change of contribution"
    if math.isinf(needed):
        return "The cut eats the whole margin: no sales are enough"
    if abs(contribution) < 0.005:
        result = "contribution holds"
    else:
        result = f"contribution {'rises' if contribution > 0 else 'falls'} {abs(contribution):.0%}"
    if change < 0:
        return f"Needs {needed:.0%} more sales, gets {expected:.0%}: {result}"
    return f"Can lose {-needed:.0%} of sales, loses {-expected:.0%}: {result}"


# --- Drawing -----------------------------------------------------------------------------------------


def _box(left: float, right: float, low: float, high: float) -> Corners:
    return [(left, low), (left, high), (right, high), (right, low)]


def _shade(ax: Axes, corners: Corners, colour: str, hatch: str = "") -> None:
    """Fill an area; a hatch keeps it apart from its neighbours without colour."""
    if hatch:
        ax.add_patch(Polygon(corners, facecolor="none", edgecolor=colour, hatch=hatch, linewidth=0))
    else:
        ax.add_patch(Polygon(corners, facecolor=colour, alpha=0.35, linewidth=0))


def _point_out(ax: Axes, text: str, corners: Corners, place: tuple[float, float]) -> None:
    """Write about an area at a fixed place, with a thin line to the middle of the area."""
    x, y = np.mean(corners, axis=0)
    ax.plot([x, place[0]], [y, place[1]], color=style.BLACK, linewidth=0.7, marker="o", ms=3, markevery=[0])
    ax.text(*place, f" {text}", va="center", fontsize=style.LABEL, path_effects=style.HALO)
