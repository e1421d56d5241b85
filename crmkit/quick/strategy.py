"""Quick questions on CRM strategy. Numbers that an answer rests on are computed by the models."""

from __future__ import annotations

import pandas as pd

from crmkit.models import control, strategy
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _new_product() -> QuickQuestion:
    before = pd.DataFrame({"customer": ["all"], "product": ["old milk"], "revenue": [90.0]})
    after = pd.DataFrame(
        {"customer": ["all"] * 2, "product": ["old milk", "aloe milk"], "revenue": [82.0, 9.0]}
    )
    growth = strategy.decompose_growth(before, after)
    return QuickQuestion(
        f"The customers who stayed spent {growth.before:.0f} thousand yuan last year, all on the old milk. "
        f"This year they spend {growth.before + growth.stayed:.0f} on it and {growth.extension:.0f} on a new "
        "aloe milk. What has the aloe milk brought?",
        (
            Option(
                f"{growth.extension:.0f} thousand: it is the extension field",
                False,
                "That is what was booked under its name. The field says where revenue was booked, not where "
                "it would have been without the new product.",
            ),
            Option(
                f"At most {growth.total:.0f} thousand, if nothing else has changed",
                True,
                f"Extension +{growth.extension:.0f} and loyalty −{-growth.loyalty:.0f} belong together: the "
                "same customers moved from one milk to the other, and revenue grew by "
                f"{growth.total:.0f}. Whether the margin grew at all is the next question.",
            ),
            Option(
                f"{growth.after:.0f} thousand: all who drink it would have left",
                False,
                "Nothing says so. To claim what customers would have done needs a comparison, such as zones "
                "in which the milk was not sold.",
            ),
            Option(
                "Nothing: new products never count as growth",
                False,
                "They count where they add to what customers spend. Compare the sum before and after.",
            ),
        ),
    )


COLD_SHELVES = QuickQuestion(
    "Supermarkets in the city buy cold shelves. Where does the fact belong on the dairy's board?",
    (
        Option(
            "Threat in SWOT, technological in PEST: both",
            True,
            "SWOT asks where a fact lies and whether it helps; PEST asks what kind of environment it is. A "
            "fact outside the firm has a place in both, since PEST sorts the outside of SWOT.",
        ),
        Option(
            "PEST only: opportunities and threats are about competitors",
            False,
            "Opportunities and threats cover all that is outside the firm: rivals, customers and the whole "
            "environment.",
        ),
        Option(
            "Weakness: the dairy has no cold shelves",
            False,
            "A weakness is something of the firm itself. What others buy is outside it, whatever the firm "
            "owns.",
        ),
        Option(
            "Customers' state: shoppers will like it",
            False,
            "What shoppers do about it is not known yet. The fact is about shops and their equipment.",
        ),
    ),
)

FIRST_STEP = QuickQuestion(
    "A course lists three steps of CRM: tell customers apart, interact with them, adapt product and service. "
    "A dairy has its subscribers' names in the notebooks of its delivery people only. What does it do first?",
    (
        Option(
            "Tell customers apart: it is the first on the list",
            False,
            "By what data? Somebody whom the firm cannot recognise cannot be put into a tier, either.",
        ),
        Option(
            "Identify its customers, which the list leaves out",
            True,
            "Peppers, Rogers and Dorf begin with it: identify, differentiate, interact, customise. The firm "
            "must know each customer again before the other three make sense.",
        ),
        Option(
            "Interact: call everybody and ask what they like",
            False,
            "It has no numbers to call. And a talk that cannot be filed under the customer is lost.",
        ),
        Option(
            "Adapt: offer a service that everybody likes",
            False,
            "What suits everybody is no adaptation. It is the last step since it needs the others.",
        ),
    ),
)


def _next_yuan() -> QuickQuestion:
    spend, rate, ceiling, value = 5.0, 0.10, 0.20, 60.0
    curve = strategy.ResponseCurve.through(spend, rate, ceiling)
    best = curve.best_spend(value)
    gain_of_a_yuan = float(curve.rate(spend + 1) - curve.rate(spend)) * value
    return QuickQuestion(
        f"A dairy spends {spend:g} yuan on each household that it asks and wins {rate:.0%} of them; however "
        f"much it spent, it would not win more than {ceiling:.0%}. A customer is worth {value:g} yuan. "
        "Should it spend more on each household (Blattberg and Deighton's curve)?",
        (
            Option(
                f"Yes: a customer costs {spend / rate:.0f} yuan and is worth {value:g}",
                False,
                "That is the average. The next yuan on each household brings only "
                f"{gain_of_a_yuan:.2f} yuan, since the curve is bent.",
            ),
            Option(
                f"No, rather less: about {best:.1f} yuan",
                True,
                f"The next yuan brings {gain_of_a_yuan:.2f}, less than it costs. The optimum is where the "
                "last yuan brings a yuan back, not where the average still looks good.",
            ),
            Option(
                f"Yes, until {ceiling:.0%} are won",
                False,
                "The ceiling is never reached. The nearer one comes to it, the dearer each further customer.",
            ),
            Option(
                "Nothing at all: 90% say no",
                False,
                f"At {spend:g} yuan, {rate:.0%} of {value:g} are {rate * value:g} yuan back for {spend:g}: "
                "better than nothing, only not the best.",
            ),
        ),
    )


def _late_carrier() -> QuickQuestion:
    late, size, usual = 4, 40, 0.06
    limit = control.p_chart_limits(usual, size).upper
    return QuickQuestion(
        f"In a week, {late} of the {size} deliveries of a new delivery person were late: {late / size:.0%}, "
        f"where {usual:.0%} is usual. It is the worst share of all twenty. What follows?",
        (
            Option(
                "A talk: somebody has to be told to hurry",
                False,
                f"With {size} deliveries, up to {limit:.0%} is within three standard errors of the usual. A "
                "talk about luck does not make a service culture.",
            ),
            Option(
                "Nothing yet: count for longer",
                True,
                f"The limit for {size} deliveries is {limit:.0%}. Somebody is last in every ranking; few "
                "cases make both ends of it.",
            ),
            Option(
                f"The route is at fault: {late / size:.0%} cannot be chance",
                False,
                f"It can: with {size} deliveries the limit is {limit:.0%}.",
            ),
            Option(
                "The usual share is wrong and has to be raised",
                False,
                f"One week of one person, {size} deliveries, says next to nothing about the usual share.",
            ),
        ),
    )


questions = QuickQuestions(
    "strategy", (_new_product(), COLD_SHELVES, FIRST_STEP, _next_yuan(), _late_carrier())
)
