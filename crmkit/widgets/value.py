"""The widgets of the 4C chapter: total cost, 4P and 4C, value of time, strategy canvas, trials, choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmkit.models import value
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

Amounts: TypeAlias = dict[str, float]

# --- Total customer cost -----------------------------------------------------------------------------

BOTTLES, WORTH_OF_A_BOTTLE = 30, 4.0
"""Simulated: what a household drinks a month, and what the milk is worth to it, yuan."""
SHOP_PRICE, DOORSTEP_PRICE = 1.55, 1.80
SHOP_TRIPS, ENERGY_PER_TRIP, CHOICE_PER_TRIP = 10, 0.5, 0.3
"""Simulated: trips a month, and what carrying and choosing cost on each, yuan."""
LOSS_PER_MISS = 4.0
"""Simulated: what a morning without milk costs the household, yuan."""


@widget(
    value_of_hour=Slider("Value of an hour", 0, 40, 10, 20, "yuan"),
    minutes=Slider("A trip to the shop", 4, 16, 4, 8, "minutes"),
    missed=Slider("Deliveries missed", 0, 9, 3, 3, "%"),
)
def total_cost(value_of_hour: float, minutes: float, missed: float) -> tuple[Figure, str]:
    """What does a month of milk really cost, from the shop and at the door?"""
    shop = {
        "money": BOTTLES * SHOP_PRICE,
        "time": value.generalised_cost(0, SHOP_TRIPS * minutes / 60, value_of_hour),
        "energy": SHOP_TRIPS * ENERGY_PER_TRIP,
        "psychic": 0.0,
        "risk": 0.0,
        "choice": SHOP_TRIPS * CHOICE_PER_TRIP,
    }
    door = {
        "money": BOTTLES * DOORSTEP_PRICE,
        "time": 0.0,
        "energy": 1.0,
        "psychic": 3.0,
        "risk": BOTTLES * value.expected_loss([missed / 100], [LOSS_PER_MISS]),
        "choice": 0.5,
    }
    worth = value.total_customer_value(product=BOTTLES * WORTH_OF_A_BOTTLE)
    totals = [value.total_customer_cost(**costs) for costs in (shop, door)]
    delivered = [value.customer_delivered_value(worth, total) for total in totals]

    figure, (ax,) = style.new_figure(height=4.7)
    ax.set_position((0.15, 0.03, 0.83, 0.83))
    _draw_costs(ax, shop | {"all in": totals[0]}, door | {"all in": totals[1]}, worth)
    style.headline(figure, _cost_finding(totals[0] - totals[1]))

    return figure, (
        f"With an hour worth {value_of_hour:g} yuan, {minutes:g} minutes a trip and {missed:g}% of "
        f"deliveries missed, a month of milk costs {totals[0]:.2f} yuan from the shop, {shop['money']:.2f} "
        f"of it the price, and {totals[1]:.2f} yuan at the door, {door['money']:.2f} of it the price "
        f"(simulated). Milk worth {worth:.0f} yuan leaves a delivered value of {number(delivered[0], '.2f')} "
        f"yuan from the shop and {number(delivered[1], '.2f')} yuan at the door."
    )


def _cost_finding(shop_costs_more: float) -> str:
    cheaper = BOTTLES * (DOORSTEP_PRICE - SHOP_PRICE)
    verb, amount = ("more" if shop_costs_more > 0 else "less"), abs(shop_costs_more)
    return f"Priced {cheaper:.2f} yuan less, the shop costs {amount:.2f} {verb} all in"


def _draw_costs(ax: Axes, shop: Amounts, door: Amounts, worth: float) -> None:
    rows = len(shop)
    ax.set(xlim=(0, 168), ylim=(rows - 0.4, -0.6), xticks=[])
    ax.set_yticks(range(rows), list(shop), fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    style.panel_title(ax, "Yuan a month")
    ax.axhline(rows - 1.5, color=style.GREY, linewidth=0.8)
    ax.plot([worth, worth], [rows - 1.85, rows - 0.5], color=style.BLACK, linewidth=1.4, linestyle="--")
    ax.text(worth, rows - 2.1, f"worth {worth:.0f}", ha="center", va="center", fontsize=style.LABEL)
    for costs, who, below, colour, hatch in (
        (shop, "shop", -0.2, style.ORANGE, "////"),
        (door, "door", 0.2, style.BLUE, ""),
    ):
        ax.barh(
            [row + below for row in range(rows)],
            list(costs.values()),
            height=0.36,
            facecolor=colour,
            alpha=0.45,
            hatch=hatch,
            edgecolor="white",
        )
        for row, (kind, amount) in enumerate(costs.items()):
            place = (amount + 2, row + below)
            if kind == "money":
                ax.text(*place, f"{who} {amount:.2f}", va="center_baseline", fontsize=style.LABEL)
            elif kind == "all in":
                inside = (2, row + below)
                text = ax.text(*inside, f"{who} {amount:.2f}", va="center_baseline", fontsize=style.LABEL)
                text.set_fontweight("bold")
            else:
                ax.text(
                    *place, f"{amount:.2f}" if amount else "0", va="center_baseline", fontsize=style.LABEL
                )


# --- 4P and 4C ---------------------------------------------------------------------------------------

PAIRS = {
    "Product": "Customer needs",
    "Price": "Cost",
    "Place": "Convenience",
    "Promotion": "Communication",
}
"""Lauterborn's four C's, each beside the P that it answers (lauterborn1990)."""

COUNTED_AS = {
    "fit": "Customer needs",
    "money": "Cost",
    "risk": "Cost",
    "annoyance": "Cost",
    "time": "Convenience",
    "effort": "Convenience",
    "not knowing": "Communication",
}
"""The course's reading: as which C a customer feels a gain in the product's fit or in each cost."""


@dataclass(frozen=True)
class Household:
    """A simulated household.

    It drinks so many bottles a month and values an hour at so many yuan. A share of its milk turns sour;
    with a chance of `doubt` it will not like the milk; a late morning costs it `worry` yuan.
    """

    name: str
    bottles: float
    value_of_hour: float
    spoiled: float
    out_by_seven: bool
    doubt: float
    worry: float

    def worth_of(self, minutes: float) -> float:
        """Return what so many minutes are worth to it, in yuan."""
        return value.generalised_cost(0, minutes / 60, self.value_of_hour)

    @property
    def bill(self) -> float:
        """What it pays for a month of milk, in yuan."""
        return self.bottles * DOORSTEP_PRICE


HOUSEHOLDS = {
    household.name: household
    for household in (
        Household("working parents", 60, 40, spoiled=0.03, out_by_seven=True, doubt=0.05, worry=2.0),
        Household("a retired couple", 30, 8, spoiled=0.05, out_by_seven=False, doubt=0.30, worry=1.0),
        Household("a student", 15, 15, spoiled=0.20, out_by_seven=False, doubt=0.40, worry=0.5),
    )
}


def _half_size(home: Household) -> Amounts:
    """Less milk turns sour, but there are twice as many bottles to carry in."""
    return {"fit": home.spoiled * home.bill, "effort": -0.03 * home.bottles}


def _carton(home: Household) -> Amounts:
    """No empty bottle to rinse and to put out: 15 seconds each."""
    return {"time": home.worth_of(minutes=0.25 * home.bottles)}


def _five_percent_off(home: Household) -> Amounts:
    """A smaller bill."""
    return {"money": 0.05 * home.bill}


def _one_bill(home: Household) -> Amounts:
    """No wait for the collector at the door, once a week for 3 minutes."""
    return {"time": home.worth_of(minutes=4 * 3)}


def _by_six(home: Household) -> Amounts:
    """Milk at home before work, or a bell that wakes those who sleep: 20 minutes, or 2 yuan."""
    return {"time": home.worth_of(minutes=2 * 10)} if home.out_by_seven else {"annoyance": -2.0}


def _locker(home: Household) -> Amounts:
    """A smaller bill, but 15 seconds of walking for each bottle."""
    return {"money": 0.05 * home.bill, "time": -home.worth_of(minutes=0.25 * home.bottles)}


def _free_week(home: Household) -> Amounts:
    """No money lost on milk that the household turns out not to like."""
    return {"risk": value.expected_loss([home.doubt], [home.bill / 4])}


def _late_message(home: Household) -> Amounts:
    """Three mornings a month on which nobody has to wonder."""
    return {"not knowing": 3 * home.worry}


DECISIONS: dict[str, tuple[str, Callable[[Household], Amounts]]] = {
    "bottles of half the size": ("Product", _half_size),
    "a carton in place of glass": ("Product", _carton),
    "5% off": ("Price", _five_percent_off),
    "one monthly bill, no coins": ("Price", _one_bill),
    "at the door by 6:00, not 7:30": ("Place", _by_six),
    "a locker at the gate, 5% off": ("Place", _locker),
    "a first week free": ("Promotion", _free_week),
    "a message when milk is late": ("Promotion", _late_message),
}


@widget(
    decision=Choice("The dairy offers", tuple(DECISIONS), "one monthly bill, no coins"),
    customer=Choice("The customer", tuple(HOUSEHOLDS)),
)
def four_p_four_c(decision: str, customer: str) -> tuple[Figure, str]:
    """The dairy changes a P: which C does the customer feel?"""
    p, effect = DECISIONS[decision]
    felt = dict.fromkeys(PAIRS.values(), 0.0)
    for kind, amount in effect(HOUSEHOLDS[customer]).items():
        felt[COUNTED_AS[kind]] += amount
    strongest = max(felt, key=lambda c: abs(felt[c]))

    figure, (ax,) = style.new_figure(height=3.3)
    ax.set_position((0.0, 0.0, 1.0, 0.87))
    _draw_pairs(ax, p, felt)
    style.headline(figure, f"{p} changes, felt as {strongest}: {number(felt[strongest], '+.2f')} yuan")

    parts = " and ".join(f"{number(amount, '+.2f')} yuan as {c}" for c, amount in felt.items() if amount)
    return figure, (
        f"The dairy offers {decision}: a change of {p}, which the list pairs with {PAIRS[p]}. To {customer} "
        f"the first month brings {parts}, in all {number(sum(felt.values()), '+.2f')} yuan of delivered "
        "value (simulated; which C a change counts as is the course's reading)."
    )


def _draw_pairs(ax: Axes, p: str, felt: Mapping[str, float]) -> None:
    ax.set_axis_off()
    ax.set(xlim=(0, 100), ylim=(3.65, -0.75))
    decides, feels, zero, scale = 11.0, 45.0, 72.0, 1.2
    heads = ((1, "The dairy decides"), (35, "The customer feels"), (zero, "yuan a month"))
    for x, text in heads:
        ax.text(x, -0.6, text, va="center", fontsize=style.SMALL)
    ax.plot([zero, zero], [-0.35, 3.4], color=style.GREY, linewidth=0.8)
    for row, (this_p, c) in enumerate(PAIRS.items()):
        amount = felt[c]
        colour, hatch = (style.BLUE, "") if amount > 0 else (style.RED, "////")
        ax.plot([decides, feels], [row, row], color=style.GREY, linewidth=1, linestyle=":", zorder=1)
        _box(ax, decides, row, this_p, bold=this_p == p)
        _box(ax, feels, row, c, bold=amount != 0)
        if amount == 0:
            continue
        width = 1 + 0.45 * abs(amount)
        ax.plot([decides, feels], [list(PAIRS).index(p), row], color=colour, linewidth=width, zorder=2)
        bar = ax.barh(row, scale * amount, left=zero, height=0.4, facecolor=colour, alpha=0.5)
        bar[0].set(hatch=hatch, edgecolor="white")
        right = zero + max(0.0, scale * amount) + 1
        ax.text(right, row, number(amount, "+.2f"), va="center", fontsize=style.LABEL)


def _box(ax: Axes, x: float, y: float, text: str, *, bold: bool) -> None:
    frame = {
        "boxstyle": "round,pad=0.35",
        "facecolor": "#D6E8F3" if bold else "white",
        "edgecolor": style.BLUE if bold else style.GREY,
        "linewidth": 1.4 if bold else 1.0,
    }
    ax.text(x, y, text, ha="center", va="center", fontsize=style.LABEL, bbox=frame, zorder=3)


# --- The value of an hour ----------------------------------------------------------------------------

CAR_YUAN_A_KM, CAR_KM_AN_HOUR, PLANE_KM_AN_HOUR = 0.7, 80, 700
"""Made up for the widget: fuel and tolls of a car, and two speeds."""
TOP = 1_390
"""The top of the axis, yuan: above the dearest trip, with room for a line of text."""


@widget(
    distance=Slider("Distance", 200, 600, 100, 400, "km"),
    fare=Slider("Air fare", 150, 450, 50, 350, "yuan"),
    ground=Slider("Hours to, in and from airports", 1.5, 3.5, 1, 2.5, "hours", 1),
)
def value_of_an_hour(distance: float, fare: float, ground: float) -> tuple[Figure, str]:
    """Who flies, and who drives?"""
    car = (CAR_YUAN_A_KM * distance, distance / CAR_KM_AN_HOUR)
    plane = (fare, ground + distance / PLANE_KM_AN_HOUR)

    figure, (ax,) = style.new_figure(height=3.7)
    figure.subplots_adjust(left=0.15, right=0.89)
    ax.set(xlim=(0, 100), ylim=(0, TOP), xticks=range(0, 101, 20), yticks=range(0, 1_201, 300))
    ax.set(xlabel="Value of an hour, yuan", ylabel="Fare and time, yuan a trip")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    worth = np.linspace(*ax.get_xlim(), 201)
    by_car, by_plane = (
        np.array([value.generalised_cost(*trip, each) for each in worth]) for trip in (car, plane)
    )
    ax.plot(worth, by_car, color=style.ORANGE, linestyle="--", linewidth=2.2)
    ax.plot(worth, by_plane, color=style.BLUE, linewidth=2.2)
    ax.fill_between(worth, by_car, by_plane, by_plane < by_car, color=style.BLUE, alpha=0.2, linewidth=0)
    style.edge_labels(ax, [(by_car[-1], "car"), (by_plane[-1], "plane")])
    _mark_break_even(ax, car, plane)
    style.headline(figure, _flying_finding(car, plane))

    return figure, (
        f"Over {distance:g} km the car costs {car[0]:.0f} yuan and {car[1]:.1f} hours, the plane "
        f"{plane[0]:g} yuan and {plane[1]:.1f} hours from door to door (made-up fares and speeds). "
        f"{_who_flies(car, plane)}"
    )


def _break_even(car: tuple[float, float], plane: tuple[float, float]) -> float | None:
    """Return the value of an hour at which both cost the same, None where one is best for everybody."""
    try:
        return value.break_even_value_of_time(*car, *plane)
    except ValueError:
        return None


def _flying_finding(car: tuple[float, float], plane: tuple[float, float]) -> str:
    even = _break_even(car, plane)
    if even is None:
        better, worse = ("Flying", "driving") if plane[0] < car[0] else ("Driving", "flying")
        return f"{better} beats {worse}, whatever an hour is worth"
    if even == 0:
        return "At the same price, the faster plane wins"
    if plane[1] < car[1]:
        return f"Who values an hour above {even:.0f} yuan flies"
    return f"Slower but cheaper: below {even:.0f} yuan an hour one flies"


def _who_flies(car: tuple[float, float], plane: tuple[float, float]) -> str:
    even = _break_even(car, plane)
    if even is None:
        better, worse = ("plane", "car") if plane[0] < car[0] else ("car", "plane")
        return f"The {better} is both cheaper and faster than the {worse}, whatever an hour is worth."
    if even == 0:
        return "At the same price the plane is faster, so it costs less wherever an hour is worth anything."
    side = "above" if plane[1] < car[1] else "below"
    return f"Both cost the same where an hour is worth {even:.1f} yuan; {side} that the plane costs less."


def _mark_break_even(ax: Axes, car: tuple[float, float], plane: tuple[float, float]) -> None:
    """Say along the top who travels how, and mark where that changes."""
    left, right = ax.get_xlim()
    even = _break_even(car, plane)
    below = "fly" if plane[0] < car[0] else "drive"
    if even is None or even >= right:
        ax.text((left + right) / 2, TOP - 90, below, ha="center", va="center", fontsize=style.LABEL)
        return
    height = value.generalised_cost(*car, even)
    ax.plot([even, even], [0, TOP - 160], color=style.BLACK, linewidth=0.8, linestyle=":")
    ax.plot(even, height, "o", markersize=8, color=style.BLACK)
    above = "drive" if below == "fly" else "fly"
    for text, (start, end) in ((below, (left, even)), (above, (even, right))):
        if end - start >= 12:
            ax.text((start + end) / 2, TOP - 90, text, ha="center", va="center", fontsize=style.LABEL)


# --- The strategy canvas -----------------------------------------------------------------------------

AIRLINES = {
    "fare": 8.0,
    "meals": 6.0,
    "lounges": 6.0,
    "choice of seats": 7.0,
    "hub connections": 8.0,
    "friendly service": 4.0,
    "speed": 7.0,
    "direct departures": 3.0,
}
CAR = {
    "fare": 2.0,
    "meals": 1.0,
    "lounges": 0.0,
    "choice of seats": 3.0,
    "hub connections": 0.0,
    "friendly service": 1.0,
    "speed": 2.0,
    "direct departures": 9.0,
}
"""The course's own reading of the case in kim2005, from 0 (none or low) to 10 (much or high)."""
COMFORTS = ("meals", "lounges", "choice of seats")
LEVELS = {"as other airlines": 1.0, "half of that": 0.5, "none": 0.0}


@widget(
    comforts=Choice("Meals, lounges, seats", tuple(LEVELS)),
    hubs=Choice("Hub connections", tuple(LEVELS)),
    service=Slider("Friendly service", 4, 8, 2, 4),
    departures=Slider("Direct departures", 3, 9, 3, 3),
)
def strategy_canvas(comforts: str, hubs: str, service: float, departures: float) -> tuple[Figure, str]:
    """What would an airline have to drop and to add to stand apart from airlines and cars?"""
    yours = _your_airline(LEVELS[comforts], LEVELS[hubs], service, departures)
    gaps = [_mean_gap(yours, rival) for rival in (AIRLINES, CAR)]

    figure, (ax,) = style.new_figure(height=4.4)
    ax.set_position((0.3, 0.115, 0.65, 0.74))
    _draw_canvas(ax, yours)
    style.headline(figure, _canvas_finding(yours))

    return figure, (
        f"Meals, lounges and seats {comforts}, hub connections {hubs}, friendly service {service:g} and "
        f"direct departures {departures:g} of 10: the fare comes to {yours['fare']:.1f}, against "
        f"{AIRLINES['fare']:.0f} for other airlines and {CAR['fare']:.0f} for the car. Over {len(yours)} "
        f"factors your curve is {gaps[0]:.1f} points from the other airlines on average and {gaps[1]:.1f} "
        "from the car. Factors and scores are the course's reading of Kim and Mauborgne (2005); how the fare "
        "follows from them is made up."
    )


def _your_airline(comforts: float, hubs: float, service: float, departures: float) -> Amounts:
    """Return the curve that follows from four choices; to copy the others costs what they cost."""
    curve = AIRLINES | {factor: comforts * AIRLINES[factor] for factor in COMFORTS}
    curve |= {"hub connections": hubs * AIRLINES["hub connections"]}
    curve |= {"friendly service": service, "direct departures": departures}
    # Nobody waits for a connection where there is none.
    curve["speed"] += 1 - hubs
    points = {"hub connections": 0.3, "friendly service": 0.1, "direct departures": 0.1}
    points |= dict.fromkeys(COMFORTS, 0.16)
    curve["fare"] += sum(cost * (curve[factor] - AIRLINES[factor]) for factor, cost in points.items())
    return curve


def _mean_gap(one: Amounts, other: Amounts) -> float:
    return sum(abs(one[factor] - other[factor]) for factor in one) / len(one)


def _canvas_finding(yours: Amounts) -> str:
    fare = f"fare {yours['fare']:.1f}"
    if yours == AIRLINES:
        return f"A copy of the other airlines: {fare}, like theirs"
    if yours["fare"] > AIRLINES["fare"]:
        return f"More than other airlines give, and dearer: {fare}"
    if yours["fare"] > CAR["fare"] + 2:
        return f"Cheaper than other airlines, too dear for drivers: {fare}"
    if yours["direct departures"] < CAR["direct departures"] - 3:
        return f"Near the price of a car, but seldom there: {fare}"
    return f"Fast, often there, near the price of a car: {fare}"


def _draw_canvas(ax: Axes, yours: Amounts) -> None:
    rows = range(len(AIRLINES))
    ax.set(xlim=(-0.6, 10.6), ylim=(len(AIRLINES) - 0.6, -0.5), xticks=(0, 5, 10))
    ax.set_xticklabels(["0\nnone, low", "5", "10\nmuch, high"])
    ax.set_yticks(rows, list(AIRLINES), fontsize=style.LABEL)
    ax.tick_params(axis="y", length=0)
    for row in rows:
        ax.axhline(row, color="#E4E4E4", linewidth=0.8, zorder=0)
    curves = (
        ("other airlines", AIRLINES, "#5F5F5F", "s", "--", 1.6),
        ("car", CAR, style.ORANGE, "^", ":", 1.8),
        ("yours", yours, style.BLUE, "o", "-", 2.6),
    )
    for place, (name, curve, colour, marker, dashes, width) in zip((0.06, 0.52, 0.78), curves, strict=True):
        scores = list(curve.values())
        ax.plot(scores, rows, color=colour, marker=marker, linestyle=dashes, linewidth=width, markersize=7)
        ax.plot(
            place - 0.045, 1.045, marker, color=colour, markersize=7, clip_on=False, transform=ax.transAxes
        )
        ax.text(
            place, 1.045, name, color=style.BLACK, fontsize=style.LABEL, va="center", transform=ax.transAxes
        )


# --- Free trials -------------------------------------------------------------------------------------

MARGIN = 60.0
"""Simulated: what a household that keeps the subscription after its free month earns the dairy, yuan."""
TRIALS = {"20 households": 20, "100 households": 100, "500 households": 500}


@widget(
    loss=Slider("Loss on a return", 30, 150, 30, 90, "yuan"),
    trials=Choice("Tried so far by", tuple(TRIALS)),
    returned=Slider("Returned so far", 0, 60, 10, 30, "%"),
)
def free_trial(loss: float, trials: str, returned: float) -> tuple[Figure, str]:
    """Can the dairy afford a free month, on what it has seen so far?"""
    tried = TRIALS[trials]
    events = round(tried * returned / 100)
    seen = events / tried
    even = value.break_even_return_rate(MARGIN, loss)
    highest = value.exact_upper_bound(events, tried)
    profit, worst = (value.profit_per_trial(rate, MARGIN, loss) for rate in (seen, highest))

    figure, (ax,) = style.new_figure(height=3.7)
    figure.subplots_adjust(right=0.95)
    ax.set(xlim=(0, 1), ylim=(-160, 100), xticks=np.arange(0, 1.01, 0.2), yticks=range(-150, 61, 50))
    ax.set(xlabel="Share of trials returned", ylabel="Yuan a trial")
    ax.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ax.yaxis.set_major_formatter(lambda yuan, _: number(yuan))
    _draw_trial_profit(ax, loss, even, seen, highest)
    style.headline(figure, _trial_finding(seen, highest, even, profit))

    quick = f", {value.rule_of_three(tried):.1%} by the rule of three" if events == 0 else ""
    return figure, (
        f"A kept trial earns {MARGIN:.0f} yuan and a return loses {loss:.0f} yuan (simulated), so trials "
        f"break even at {even:.1%} returned. {events} of {tried} came back, {seen:.0%}; with 95% confidence "
        f"the true share is at most {highest:.1%}{quick}. A trial earns {number(profit, '+.2f')} yuan at the "
        f"share seen and {number(worst, '+.2f')} yuan at the highest plausible one."
    )


def _trial_finding(seen: float, highest: float, even: float, profit: float) -> str:
    if highest < even:
        return f"It pays even if {highest:.0%} return: {even:.0%} would break even"
    if math.isclose(seen, even):
        return f"At {seen:.0%} returned, the free month just breaks even"
    if seen < even:
        return f"So far it pays, but up to {highest:.0%} may return"
    return f"Too many returns: each trial loses {-profit:.0f} yuan so far"


def _draw_trial_profit(ax: Axes, loss: float, even: float, seen: float, highest: float) -> None:
    def profit(rate: float) -> float:
        return value.profit_per_trial(rate, MARGIN, loss)

    ax.axhline(0, color=style.BLACK, linewidth=1)
    ax.plot([0, 1], [profit(0), profit(1)], color=style.GREY, linewidth=1.6)
    ax.fill_between([0, even], [profit(0), 0], 0, color=style.BLUE, alpha=0.15, linewidth=0)
    ax.fill_between(
        [even, 1],
        [0, profit(1)],
        0,
        facecolor="none",
        edgecolor=style.RED,
        hatch="///",
        alpha=0.35,
        linewidth=0,
    )
    colour = style.BLUE if highest < even else style.RED
    ax.plot(
        [seen, highest], [profit(seen), profit(highest)], color=colour, linewidth=5, solid_capstyle="butt"
    )
    ax.plot(seen, profit(seen), "o", markersize=9, color=colour, clip_on=False)
    ax.plot([even, even], [0, 70], color=style.BLACK, linewidth=0.8, linestyle=":")
    ax.text(even, 86, f"break-even {even:.0%}", ha="center", va="center", fontsize=style.LABEL)
    # The right mark's line ends above the left mark's text, so that no line crosses a text.
    left = seen >= 0.2
    marks = ((seen, f"seen {seen:.0%}", -145, left), (highest, f"up to {highest:.1%}", -122, False))
    for rate, text, height, to_the_left in marks:
        ax.plot([rate, rate], [profit(rate), height - 8], color=colour, linewidth=0.9)
        label = ax.text(rate + 0.01, height, text, va="center", fontsize=style.LABEL, path_effects=style.HALO)
        if to_the_left:
            label.set(x=rate - 0.01, ha="right")


# --- How many options --------------------------------------------------------------------------------

KINDS = Slider("Kinds on offer", 4, 24, 4, 16)


@widget(
    options=KINDS,
    spread=Slider("Best beats worst by up to", 4, 12, 4, 8, "yuan"),
    search_cost=Slider("Effort to examine one kind", 0.1, 0.4, 0.1, 0.2, "yuan", 1),
)
def number_of_options(options: float, spread: float, search_cost: float) -> tuple[Figure, str]:
    """When is one more kind of yoghurt one too many?"""
    count = int(options)
    best = value.best_number_to_compare(spread, search_cost)
    comparing = value.value_of_comparing_all(count, spread, search_cost)
    stopping = value.value_of_stopping_early(count, spread, search_cost)

    figure, (ax,) = style.new_figure(height=3.7)
    figure.subplots_adjust(right=0.79)
    ax.set(xlim=(0, KINDS.high + 2), ylim=(-7.5, 13.5), xticks=range(0, 25, 4), yticks=range(-5, 11, 5))
    ax.set(xlabel="Kinds on offer", ylabel="Expected gain less effort, yuan")
    ax.yaxis.set_major_formatter(lambda yuan, _: number(yuan))
    _draw_choosers(ax, count, best, spread, search_cost)
    style.headline(figure, _options_finding(count, best, comparing))

    return figure, (
        f"Of {count} kinds that differ by up to {spread:g} yuan, at {search_cost:.1f} yuan of effort a look, "
        f"who compares all nets {number(comparing, '.2f')} yuan and would net most with {best}; who stops at "
        f"a good one nets {stopping:.2f} yuan and loses nothing by more kinds (a model, not data). In "
        "experiments a larger choice helped here and harmed there; the mean effect was about zero "
        "(Scheibehenne and others, 2010)."
    )


def _options_finding(count: int, best: int, comparing: float) -> str:
    if comparing < 0:
        return f"Comparing all {count} is worse than walking away"
    if count > best:
        return f"Who compares all: {best} kinds are best, {count} are too many"
    if count < best:
        return f"Up to {best} kinds, one more helps everybody"
    return f"{count} kinds are just right for who compares all"


def _draw_choosers(ax: Axes, count: int, best: int, spread: float, search_cost: float) -> None:
    numbers = range(1, int(KINDS.high) + 2)
    choosers = (
        ("stops early", value.value_of_stopping_early, style.BLUE, "-", "o", 11),
        ("compares all", value.value_of_comparing_all, style.ORANGE, "--", "s", 7),
    )
    ax.axhline(0, color=style.BLACK, linewidth=1)
    ax.axvline(count, color=style.GREY, linewidth=0.9, linestyle=":")
    ends = []
    for name, net, colour, dashes, marker, size in choosers:
        gains = [net(n, spread, search_cost) for n in numbers]
        ax.plot(numbers, gains, color=colour, linestyle=dashes, linewidth=2.2)
        ax.plot(count, net(count, spread, search_cost), marker, markersize=size, color=colour)
        ends.append((gains[-1], name))
    style.edge_labels(ax, ends)
    top = value.value_of_stopping_early(best, spread, search_cost)
    ax.plot([best, best], [top + 0.3, top + 1.3], color=style.BLACK, linewidth=0.8)
    ax.text(
        best, top + 2, f"best {best}", ha="center", va="center", fontsize=style.SMALL, path_effects=style.HALO
    )


# --- Drawing -----------------------------------------------------------------------------------------
