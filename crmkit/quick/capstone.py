"""Quick questions before the capstone. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.capstone.plan import units_per_arm
from crmkit.models.lifetime import customer_lifetime_value
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _whose_number() -> QuickQuestion:
    return QuickQuestion(
        "At Hailang four times as many accounts leave after an exit (chapter 07). May your report say so of "
        "your dairy?",
        (
            Option(
                "Yes: it was estimated on 400 routes",
                False,
                "Of another dairy. Yours has its own truth, and the board asks about yours.",
            ),
            Option(
                "Only what your own tables show, with its standard error",
                True,
                "The method carries over, the number does not. The report says what it is here and how sure "
                "that is.",
            ),
            Option(
                "Yes, if your own estimate is not significantly different",
                False,
                "Not to be told apart is not the same as equal. Give your estimate and its interval.",
            ),
        ),
    )


def _replaced() -> QuickQuestion:
    margin, churn = 27, 0.019
    worth = customer_lifetime_value(margin, 1 - churn, 0.01)
    return QuickQuestion(
        f"An account brings {margin} yuan a month, {churn:.1%} leave in a month, money costs 1% a month. In "
        "its zone there is a waiting list, and a lost account is replaced in the next month. What may "
        "keeping it cost?",
        (
            Option(
                f"Up to {worth:,.0f} yuan, its lifetime value",
                False,
                "That is its value where nobody takes its place. Here the next on the list does.",
            ),
            Option(
                f"Hardly more than {margin} yuan",
                True,
                "Without it the box stands empty for a month at most. The waiting list makes a loss cheap.",
            ),
            Option(
                "Nothing at all",
                False,
                "A month's margin may be lost, and whoever comes has to be written down and shown the box.",
            ),
        ),
    )


def _routes() -> QuickQuestion:
    control, treated, size, icc = 0.20, 0.10, 50, 0.05
    single = units_per_arm(control, treated, 1, 0)
    by_chance = units_per_arm(control, treated, size, 0)
    routes = units_per_arm(control, treated, size, icc)
    return QuickQuestion(
        f"To tell {control:.0%} from {treated:.0%}, {single} single accounts per arm are enough. The lot "
        f"must fall on whole routes of {size} accounts, with an intracluster correlation of {icc}. How many "
        "routes per arm?",
        (
            Option(
                f"{by_chance}",
                False,
                f"That is {single} / {size}: it takes the accounts of a route as independent.",
            ),
            Option(
                f"{routes}",
                True,
                f"Accounts of a route are alike: 1 + {size - 1} × {icc} = {1 + (size - 1) * icc:.2f} times "
                f"as many are needed, {single} × {1 + (size - 1) * icc:.2f} / {size}, rounded up.",
            ),
            Option(
                f"{single}",
                False,
                "As many routes as accounts would be right if all accounts of a route did the same. They are "
                "alike, not equal.",
            ),
        ),
    )


def _decision_rule() -> QuickQuestion:
    return QuickQuestion(
        "The experiment plan says: after six months we look at the result and decide. What is missing most?",
        (
            Option(
                "What will be done after which result",
                True,
                "Without a rule made before, every result will be found to support what somebody wanted "
                "anyway.",
            ),
            Option(
                "A larger sample",
                False,
                "Perhaps; but no sample says what to do. First the rule, then the size that it needs.",
            ),
            Option(
                "A second look after three months",
                False,
                "Looking early and often raises false alarms. A rule could allow for that, but there is "
                "none.",
            ),
        ),
    )


questions = QuickQuestions("capstone", (_whose_number(), _replaced(), _routes(), _decision_rule()))
