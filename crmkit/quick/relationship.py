"""Quick questions on the four Rs. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

import math

from crmkit.models.relationship import (
    buy_cost,
    discount_factor,
    guarantee_cost,
    make_cost,
    make_or_buy_volume,
    separating_payouts,
    threshold_discount_factor,
    unexpected_revenue_by_luck,
)
from crmkit.quick import Option, QuickQuestion, QuickQuestions

ORIGIN = QuickQuestion(
    "A slide reads: “Schultz's 4R: role, responsibility, risk, reciprocity.” What is wrong with it?",
    (
        Option(
            "Nothing: Schultz is the author of the 4R",
            False,
            "Several sets of four words go by that name. Many web pages credit Schultz with a 4R, but with "
            "other words than these, and no text of his that has them was found for this course.",
        ),
        Option(
            "The name: these four are Ettenberg's",
            False,
            "Ettenberg's book of 2002 does have four Rs, but none of them is role, responsibility, risk or "
            "reciprocity.",
        ),
        Option(
            "The name: who put these four together is not known",
            True,
            "They come from a software vendor's web page that names no author, and searches for an earlier "
            "source found none. Say where you read them, and credit nobody.",
        ),
    ),
)


def _signal() -> QuickQuestion:
    gain, careful_rate, careless_rate, payout = 12.0, 0.05, 0.15, 60.0
    careful_cost, careless_cost = (guarantee_cost(rate, payout) for rate in (careful_rate, careless_rate))
    telling = separating_payouts(gain, careful_rate, gain, careless_rate)
    return QuickQuestion(
        f"A month of milk earns a dairy {gain:.0f} yuan more if buyers trust it. A careful dairy fails in "
        f"{careful_rate:.0%} of months, a careless one in {careless_rate:.0%}; buyers cannot see which is "
        f"which. The careful one promises {payout:.0f} yuan for each failed month. What does that tell them?",
        (
            Option(
                "That it is careful: a careless one would not promise anything",
                False,
                f"The careless one would pay {careless_cost:.0f} yuan a month on average and gain "
                f"{gain:.0f}, so it makes the same promise.",
            ),
            Option(
                "That it is careless: a good dairy needs no guarantee",
                False,
                "Without a guarantee buyers cannot tell the two apart, and the careful one is the dairy to "
                "which a guarantee is cheap.",
            ),
            Option(
                "Nothing: a careless one can afford the same promise",
                True,
                f"It costs the careless one {careless_cost:.0f} yuan a month and the careful one "
                f"{careful_cost:.0f}, both less than {gain:.0f}. Only payouts above {telling.low:.0f} and up "
                f"to {telling.high:.0f} yuan tell the two apart.",
            ),
            Option(
                "That it is fairly careful: the larger the payout, the better the dairy",
                False,
                f"Size alone tells nothing. Up to {telling.low:.0f} yuan the careless one copies the "
                f"promise, and beyond {telling.high:.0f} yuan even the careful one would lose by it.",
            ),
        ),
    )


def _trust() -> QuickQuestion:
    temptation, reward, punishment = 90.0, 50.0, 30.0
    retention, interest = 0.70, 0.10
    factor = discount_factor(retention, interest)
    threshold = threshold_discount_factor(temptation=temptation, reward=reward, punishment=punishment)
    return QuickQuestion(
        f"While a carrier and a household keep their promises, each gains {reward:.0f} yuan a year. Who "
        f"cheats gains {temptation:.0f} once; after that trust is gone for good and each gains "
        f"{punishment:.0f} a year. The relationship lasts another year with a chance of {retention:.0%}, and "
        f"interest is {interest:.0%} a year. Do the promises hold by themselves?",
        (
            Option(
                f"Yes: {reward:.0f} a year is more than {punishment:.0f} a year",
                False,
                f"That leaves out the {temptation - reward:.0f} yuan more that cheating brings at once. They "
                "have to be weighed against a loss that comes later and may never come.",
            ),
            Option(
                f"Yes: {retention:.2f} is above the threshold of {threshold:.2f}",
                False,
                "The threshold is right, but interest discounts a gain of next year as well: "
                f"{retention:.2f} ÷ {1 + interest:.2f} = {factor:.2f}.",
            ),
            Option(
                f"No: {temptation:.0f} is more than {reward:.0f}, so cheating always pays",
                False,
                "That is true of a game that is played once. Played again and again, both can gain more by "
                "keeping their promises, if the future counts for enough.",
            ),
            Option(
                f"No: {factor:.2f} is below the threshold of {threshold:.2f}",
                True,
                f"The threshold is ({temptation:.0f} − {reward:.0f}) ÷ ({temptation:.0f} − "
                f"{punishment:.0f}) = {threshold:.2f}; the discount factor is {retention:.2f} ÷ "
                f"{1 + interest:.2f} = {factor:.2f}. The future counts for too little.",
            ),
        ),
    )


def _make_or_buy() -> QuickQuestion:
    volume, fixed, own, quoted, dealing = 50_000, 90_000.0, 2.00, 3.50, 0.50
    inside = make_cost(volume, fixed, own) / volume
    outside = buy_cost(volume, quoted, dealing) / volume
    break_even = make_or_buy_volume(fixed, own, quoted, dealing)
    return QuickQuestion(
        f"A telephone desk of its own would cost the dairy {fixed:,.0f} yuan a year and {own:.2f} yuan a "
        f"call. A supplier asks {quoted:.2f} yuan a call; contracting and checking would add {dealing:.2f}. "
        f"The dairy gets {volume:,} calls a year. Which is cheaper?",
        (
            Option(
                "The supplier: most firms of this size outsource their calls",
                False,
                "What many do is no evidence of what pays here: their volumes, costs and suppliers differ, "
                "and those who regret it are not in the count.",
            ),
            Option(
                f"The supplier: {quoted:.2f} a call is below the dairy's own {inside:.2f}",
                False,
                "The own cost is right, but the quote is not the whole cost of buying. With contracting and "
                f"checking a call costs {outside:.2f}.",
            ),
            Option(
                f"The own desk: {inside:.2f} a call is below {outside:.2f}",
                True,
                f"All costs of both sides are in: {own:.2f} + {fixed:,.0f} ÷ {volume:,} against "
                f"{quoted:.2f} + {dealing:.2f}. The desk is cheaper above {break_even:,.0f} calls.",
            ),
            Option(
                f"The own desk: {own:.2f} a call is below {quoted:.2f}",
                False,
                f"The desk is cheaper, but not for that reason: its fixed cost adds {fixed / volume:.2f} a "
                f"call. At {break_even / 2:,.0f} calls the same reasoning would go wrong.",
            ),
        ),
    )


def _luck() -> QuickQuestion:
    customers, deviation = 400, 10.0
    positive = unexpected_revenue_by_luck(customers, deviation)
    return QuickQuestion(
        f"A forecast of what each of {customers} customers spends is right on average. Single customers "
        f"differ from it by luck alone, normally distributed with a standard deviation of {deviation:.0f} "
        "yuan. An analyst adds up what came in beyond forecast and leaves out those who spent less. About "
        "how large is the sum?",
        (
            Option(
                "0 yuan: luck cancels out",
                False,
                "It does over all customers. This sum leaves out those with bad luck, so nothing is left to "
                "cancel the good luck.",
            ),
            Option(
                f"{positive:,.0f} yuan",
                True,
                f"The mean of the positive part is σ ÷ √(2π) = {deviation / math.sqrt(2 * math.pi):.2f} "
                f"yuan, times {customers} customers. Only what exceeds that, or comes again, can be "
                "reciprocity.",
            ),
            Option(
                f"{2 * positive:,.0f} yuan",
                False,
                "That adds up the size of every difference, also of those who spent less. Only half of it "
                "lies beyond forecast.",
            ),
            Option(
                f"{customers * deviation:,.0f} yuan",
                False,
                f"That takes {deviation:.0f} yuan from everybody. About half of the customers spend less "
                "than forecast, and most of the others exceed it by less than one standard deviation.",
            ),
        ),
    )


questions = QuickQuestions("relationship", (ORIGIN, _signal(), _trust(), _make_or_buy(), _luck()))
