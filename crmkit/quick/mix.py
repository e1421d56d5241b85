"""Quick questions on the 4P. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.models.diffusion import peak_rate, peak_time
from crmkit.models.mix import contribution_margin
from crmkit.models.pricing import break_even_quantity
from crmkit.models.promotion import adstock_total, break_even_response
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _break_even() -> QuickQuestion:
    price, cost, fixed = 4.50, 3.00, 90_000.0
    margin = contribution_margin(price, cost)
    volume = break_even_quantity(fixed, price, cost)
    return QuickQuestion(
        f"A cheese sells at {price:.2f} yuan and has a variable cost of {cost:.2f} yuan. The line costs "
        f"{fixed:,.0f} yuan a month whatever is sold. How many must be sold to break even?",
        (
            Option(
                f"{fixed / price:,.0f}",
                False,
                "That divides the fixed cost by the price. But the variable cost comes off each price first; "
                "only the rest pays the fixed cost.",
            ),
            Option(
                f"{fixed / cost:,.0f}",
                False,
                "That divides by the variable cost, which pays for the cheese itself and for nothing else.",
            ),
            Option(
                f"{volume:,.0f}",
                True,
                f"Each contributes {price:.2f} − {cost:.2f} = {margin:.2f} yuan, and {fixed:,.0f} ÷ "
                f"{margin:.2f} = {volume:,.0f}.",
            ),
            Option(
                f"{volume * price:,.0f}",
                False,
                f"That is the break-even in yuan: {volume:,.0f} cheeses at {price:.2f} yuan.",
            ),
        ),
    )


def _imitation() -> QuickQuestion:
    p, weak, strong = 0.02, 0.25, 0.50
    early, late = peak_time(p, strong), peak_time(p, weak)
    low, high = peak_rate(p, weak), peak_rate(p, strong)
    return QuickQuestion(
        f"Two new drinks have the same potential and the same p = {p:.2f}. Drink A has q = {weak:.2f}, "
        f"drink B has q = {strong:.2f}. What does the Bass model say?",
        (
            Option(
                "B is tried by more people in the end",
                False,
                "Both are tried by the whole potential. p and q say how fast, not how many.",
            ),
            Option(
                "B sells more from the first day",
                False,
                "On the first day nobody is there to imitate, so both start at p. Imitation needs adopters.",
            ),
            Option(
                "B peaks earlier and higher",
                True,
                f"B peaks after {early:.1f} years with {_percent(high)} of the potential a year, A after "
                f"{late:.1f} years with {_percent(low)}. What comes fast is also over fast.",
            ),
            Option(
                "Both peak at once, B higher",
                False,
                "The time of the peak, ln(q/p)/(p + q), holds q as well.",
            ),
        ),
    )


def _carry_over() -> QuickQuestion:
    kept = 0.75
    total = adstock_total(1, kept)
    return QuickQuestion(
        f"{_percent(kept)} of an advert's effect is carried over from each week to the next. The advert is "
        "shown once. What does its effect add up to, if the first week counts 1?",
        (
            Option(
                f"{kept:.2f}",
                False,
                "That is what is left in the second week alone.",
            ),
            Option(
                f"{1 + kept:.2f}",
                False,
                f"That stops after two weeks. In the third week {_percent(kept)} of {kept:.2f} is still "
                "left, and so on.",
            ),
            Option(
                f"{total - 1:.2f}",
                False,
                "That is what comes after the first week. The first week counts, too.",
            ),
            Option(
                f"{total:.2f}",
                True,
                f"1 + {kept:.2f} + {kept**2:.4f} + … = 1 ÷ (1 − {kept:.2f}) = {total:.2f}.",
            ),
        ),
    )


def _whom_to_mail() -> QuickQuestion:
    cost, price, margin, average, lift = 0.90, 45.0, 15.0, 0.04, 2.5
    needed = break_even_response(cost, margin)
    top = lift * average
    return QuickQuestion(
        f"A leaflet costs {cost:.2f} yuan, an order brings {price:.0f} yuan and contributes {margin:.0f}. In "
        f"a test mailing to a random sample {_percent(average)} ordered; the tenth with the best scores had "
        f"a lift of {lift:g}. Who should get the leaflet?",
        (
            Option(
                "Everybody",
                False,
                f"If all of the {price:.0f} yuan were margin, {_percent(cost / price)} would be enough. On "
                f"the true margin it takes {_percent(needed)}, and the average is {_percent(average)}.",
            ),
            Option(
                "Nobody",
                False,
                f"The average is below the {_percent(needed)} that is needed, but nobody has to mail the "
                f"average. The best tenth responds with {_percent(top)}.",
            ),
            Option(
                f"The tenths that respond with more than {_percent(needed)}",
                True,
                f"{cost:.2f} ÷ {margin:.0f} = {_percent(needed)}. The best tenth has {lift:g} × "
                f"{_percent(average)} = {_percent(top)} and pays; go down the list until one no longer does.",
            ),
            Option(
                "All tenths with a lift above 1",
                False,
                "A lift above 1 means better than average, and the average loses money here. It takes a lift "
                f"of {needed / average:.1f}.",
            ),
        ),
    )


AGENT = QuickQuestion(
    "A firm finds canteens, agrees terms with them in Hailang's name and gets 5% of each order. It never "
    "buys the milk. What is it?",
    (
        Option(
            "A case of direct selling (直销)",
            False,
            "Direct selling has no intermediary at all: Hailang's own people sell to the canteen.",
        ),
        Option(
            "An agent (代理商)",
            True,
            "An agent finds buyers and negotiates for a commission, but does not take title: the milk stays "
            "Hailang's until the canteen buys it.",
        ),
        Option(
            "A dealer (经销商)",
            False,
            "A dealer buys the goods and sells them on at a price of its own, with the risk of what is left.",
        ),
        Option(
            "A wholesaler (批发商)",
            False,
            "A merchant wholesaler buys in bulk, takes title and resells to other businesses. This firm buys "
            "nothing.",
        ),
    ),
)

questions = QuickQuestions("mix", (_break_even(), AGENT, _imitation(), _carry_over(), _whom_to_mail()))
