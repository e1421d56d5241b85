"""Quick questions on pricing. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.models.pricing import arc_elasticity, break_even_sales_change, lerner_index, markup_price
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _percent(share: float) -> str:
    text = f"{share:+.1%}" if share < 0 else f"{share:.1%}"
    return text.replace(".0%", "%").replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _margin_and_markup() -> QuickQuestion:
    cost, markup = 1.20, 0.25
    price = markup_price(cost, markup=markup)
    margin = lerner_index(price, cost)  # the same fraction: gain over price
    return QuickQuestion(
        f"A bottle costs {cost:.2f} yuan. The dairy marks it up by {_percent(markup)} on cost. "
        "What is its margin on price?",
        (
            Option(
                _percent(markup),
                False,
                "That is the mark-up: the gain divided by the cost. The margin divides the same gain by the "
                "price, which is larger.",
            ),
            Option(
                _percent(margin),
                True,
                f"The price is {price:.2f} yuan, the gain {price - cost:.2f} yuan, and "
                f"{price - cost:.2f} ÷ {price:.2f} = {_percent(margin)}.",
            ),
            Option(
                _percent(markup / (1 - markup)),
                False,
                f"That goes the other way: it is the mark-up that belongs to a margin of {_percent(markup)}. "
                "A margin on price is always smaller than the mark-up on cost.",
            ),
            Option(
                _percent(cost / price),
                False,
                "That is the share of the price that the cost takes. The margin is the rest.",
            ),
        ),
    )


def _arc_elasticity() -> QuickQuestion:
    (p1, q1), (p2, q2) = (4.0, 300.0), (5.0, 240.0)
    elasticity = arc_elasticity(p1, q1, p2, q2)
    from_start = ((q2 - q1) / q1) / ((p2 - p1) / p1)
    from_end = ((q2 - q1) / q2) / ((p2 - p1) / p2)
    slope = (q2 - q1) / (p2 - p1)
    return QuickQuestion(
        f"The price of a yoghurt rises from {p1:.0f} to {p2:.0f} yuan, and sales fall from {q1:.0f} to "
        f"{q2:.0f} a day. What is the arc elasticity?",
        (
            Option(
                f"{slope:.0f}".replace("-", "−"),
                False,
                "That is the slope, in yoghurts per yuan. It changes when you count in dozens or in dollars; "
                "an elasticity has no unit.",
            ),
            Option(
                _number(from_start),
                False,
                f"That takes both changes relative to the first point. On the way back from {p2:.0f} to "
                f"{p1:.0f} yuan the same rule would give {_number(from_end)}. The midpoint settles it.",
            ),
            Option(
                _number(elasticity),
                True,
                f"Relative to the midpoints, {(q1 + q2) / 2:.0f} a day and {(p1 + p2) / 2:.2f} yuan, the two "
                f"changes are equal in size. Revenue shows it too: {p1 * q1:,.0f} yuan a day before, "
                f"{p2 * q2:,.0f} after.",
            ),
            Option(
                _number(from_end),
                False,
                "That takes both changes relative to the second point. The arc elasticity takes the "
                "midpoint, so that both directions agree.",
            ),
        ),
    )


def _break_even_of_a_cut() -> QuickQuestion:
    cut, margin = 0.10, 0.30
    needed = break_even_sales_change(-cut, margin)
    same_revenue = break_even_sales_change(-cut, 1.0)  # as if nothing had a cost
    return QuickQuestion(
        f"The contribution margin is {_percent(margin)} of the price. How much more must be sold to earn the "
        f"same contribution after a price cut of {_percent(cut)}?",
        (
            Option(
                _percent(cut),
                False,
                "Price and volume do not trade one for one: the whole cut comes out of the margin, which is "
                "only a part of the price.",
            ),
            Option(
                _percent(same_revenue),
                False,
                "That keeps the revenue the same. But each further unit also costs something, so the same "
                "revenue leaves less contribution.",
            ),
            Option(
                _percent(cut / margin),
                False,
                "That divides the cut by the old margin. The further units earn only the new margin, "
                f"{_percent(margin - cut)} of the old price.",
            ),
            Option(
                _percent(needed),
                True,
                f"The cut of {_percent(cut)} is made up by units that each earn {_percent(margin - cut)} of "
                f"the old price: {_percent(cut)} ÷ {_percent(margin - cut)} = {_percent(needed)}.",
            ),
        ),
    )


OBJECTIVE = QuickQuestion(
    "Lists of price strategies mix four kinds of thing: objectives, methods, structures and tactics. "
    "Which of these is an objective?",
    (
        Option(
            "Cost-plus pricing",
            False,
            "That is a method: a way to compute a price. It does not say what the price is meant to achieve.",
        ),
        Option(
            "Tiered pricing",
            False,
            "That is a structure: it says how the price depends on the version or the quantity.",
        ),
        Option(
            "Charm pricing",
            False,
            "That is a tactic: how a price, once found, is shown. Discount pricing is a tactic as well.",
        ),
        Option(
            "Predatory pricing",
            True,
            "It names an aim, driving a rival out, and not a way to find the price. Competition law "
            "restricts it for that aim.",
        ),
    ),
)

WELFARE = QuickQuestion(
    "A firm charges two groups different prices for the same product. When can total welfare be higher than "
    "with one price for all?",
    (
        Option(
            "Whenever the firm's profit rises",
            False,
            "The firm can always keep the single price, so its profit never falls. The gain may come out of "
            "the buyers' surplus, with a loss on top.",
        ),
        Option(
            "Only if total output rises",
            True,
            "Different prices put some units with buyers who value them less. Only more output can make up "
            "for that, for instance when a group is served that one price would shut out. Rising output is "
            "necessary, not sufficient.",
        ),
        Option(
            "Always, since each group pays what it can bear",
            False,
            "One group pays more than before and buys less. With straight demand curves and both groups "
            "served, total output stays the same and welfare falls.",
        ),
        Option(
            "Never, since discrimination harms buyers",
            False,
            "The group with the lower price gains. If one price would shut it out, all sides can gain.",
        ),
    ),
)

questions = QuickQuestions(
    "pricing", (_margin_and_markup(), _arc_elasticity(), _break_even_of_a_cut(), OBJECTIVE, WELFARE)
)
