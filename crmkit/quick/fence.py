"""Quick questions on strategy, fence and implementation. The models compute their numbers."""

from __future__ import annotations

from crmkit.models import fence
from crmkit.quick import Option, QuickQuestion, QuickQuestions

AS_ASSIGNED = QuickQuestion(
    "The lot gave half of the routes a fence. On these, three accounts in four took part. Which comparison "
    "shows what the fence does?",
    (
        Option(
            "Those who took part with those on the same routes who did not",
            False,
            "The lot did not choose who takes part. Those who sign may be those who would stay anyway.",
        ),
        Option(
            "Those who took part with all accounts of the other routes",
            False,
            "One side is chosen by lot and by the accounts themselves, the other by lot only. The difference "
            "mixes the fence with who signs.",
        ),
        Option(
            "All accounts of the fenced routes with all accounts of the others",
            True,
            "The lot decided between routes, so only whole routes compare fairly. It is the effect of "
            "fencing a route as people really take it up, which is what the dairy would buy.",
        ),
        Option(
            "The fenced routes before with the same routes after",
            False,
            "In between a delivery person left. Before and after mixes the fence with the exit.",
        ),
    ),
)


def _worth() -> QuickQuestion:
    exits, takeaway, fenced, margin, months = 0.20, 0.40, 0.25, 10.0, 12
    saved = fence.accounts_saved(exits, takeaway, fenced)
    worth = fence.fence_worth(saved, margin, months)
    return QuickQuestion(
        f"Each year {exits:.0%} of the delivery people leave for a rival. Without a fence {takeaway:.0%} of "
        f"their accounts go along, with it {fenced:.0%}. A kept account contributes {margin:g} yuan a month "
        f"for {months} months. What may the fence cost at most, in yuan per account and year?",
        (
            Option(
                f"{worth:.2f}",
                True,
                f"It keeps {exits:.0%} × {takeaway - fenced:.0%} = {saved:.0%} of all fenced accounts, "
                f"and each of these is worth {margin * months:g} yuan.",
            ),
            Option(
                f"{(takeaway - fenced) * margin * months:.2f}",
                False,
                "That is right on a route whose person leaves this year. But you pay for the fence on all "
                "routes, and most of them keep their person.",
            ),
            Option(
                f"{exits * takeaway * margin * months:.2f}",
                False,
                "That would be so if the fence kept everybody. Some go along in spite of it.",
            ),
            Option(
                f"{worth / months:.2f}",
                False,
                "That counts one month of margin. An account that stays brings more than one.",
            ),
        ),
    )


def _clusters() -> QuickQuestion:
    routes, accounts, correlation = 20, 200, 0.05
    total = routes * accounts
    effect = fence.design_effect(accounts, correlation)
    return QuickQuestion(
        f"A trial has {routes} routes of {accounts} accounts, {total:,} in all. Two accounts of a route are "
        f"correlated with {correlation:g}. As how many accounts drawn one by one do they count?",
        (
            Option(
                f"{total:,}",
                False,
                "Then the accounts of a route would tell nothing about each other. They share a delivery "
                "person, and he takes many or few.",
            ),
            Option(
                f"{total * (1 - correlation):,.0f}",
                False,
                f"A correlation of {correlation:g} sounds small, but each account shares it with all "
                f"{accounts - 1} others of its route.",
            ),
            Option(
                f"about {total / effect:,.0f}",
                True,
                f"The design effect is 1 + {accounts - 1} × {correlation:g} = {effect:.2f}, and "
                f"{total:,} / {effect:.2f} is that many. More routes help; more accounts on each hardly do.",
            ),
            Option(
                f"{routes}",
                False,
                "That would be so if all accounts of a route did the same, with a correlation of 1.",
            ),
        ),
    )


BENEFIT = QuickQuestion(
    "Which of these is a fence as this chapter understands it, and not a trap?",
    (
        Option(
            "A deposit of 60 yuan for the milk box that is not paid back to those who leave",
            False,
            "It holds those who want to go. Nobody is better off, and who sees through it does not sign.",
        ),
        Option(
            "A prepaid card with a small discount; what is left on it is paid back on request",
            True,
            "It is worth having, ties the account to the dairy and not to the delivery person, and leaving "
            "costs nothing but the benefit.",
        ),
        Option(
            "A second telephone number, taken from the delivery person's notebook without asking anybody",
            False,
            "A direct contact is part of the fence. But the numbers belong to people, who have to be asked.",
        ),
        Option(
            "A lower price for accounts in zones with a rival",
            False,
            "That is a price cut. It ends when the rival answers, and it leaves the single line as it is.",
        ),
    ),
)


def _uplift() -> QuickQuestion:
    cost, order = 3.0, 50.0
    groups = {"offices": (0.34, 0.33), "families": (0.19, 0.11), "students": (0.06, 0.09)}
    lines = "; ".join(f"{name} {there:.0%} and {without:.0%}" for name, (there, without) in groups.items())
    return QuickQuestion(
        f"A gift costs {cost:g} yuan, an enlarged order is worth {order:g}. Responses with and without the "
        f"gift: {lines}. Take the rates as known. Who should get the gift?",
        (
            Option(
                "Offices: they respond most",
                False,
                "Nearly all who respond do so without a gift. It causes one more order in a hundred, worth "
                f"{order * 0.01:.2f} yuan for each gift of {cost:g}.",
            ),
            Option(
                "Offices and families: there the gift adds something",
                False,
                f"It has to add {cost / order:.0%} to pay. At the offices it adds 1%.",
            ),
            Option(
                "Families only",
                True,
                f"The gift pays where the uplift exceeds cost over value, {cost / order:.0%}. Families gain "
                "8 points. The students' loss is a warning: some are woken up only to leave.",
            ),
            Option(
                "Students: they have most room to grow",
                False,
                "Room is not uplift. Fewer of them order with the gift than without.",
            ),
        ),
    )


questions = QuickQuestions("fence", (AS_ASSIGNED, _worth(), _clusters(), BENEFIT, _uplift()))
