"""Quick questions on lifetimes. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.data import load
from crmkit.models.lifetime import BGNBD, GammaGamma, customer_lifetime_value
from crmkit.models.survival import ShiftedBetaGeometric, kaplan_meier
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _censored() -> QuickQuestion:
    durations = [3, 3, 5, 5, 5, 7, 9, 9, 9, 9]
    left = [1, 1, 0, 0, 0, 1, 0, 0, 0, 0]
    gone = [d for d, is_event in zip(durations, left, strict=True) if is_event]
    kept = [d for d, is_event in zip(durations, left, strict=True) if is_event or d > 7]
    right = float(kaplan_meier(durations, left).at(7))
    as_staying = 1 - len(gone) / len(durations)
    as_lost = float(kaplan_meier(durations, [d <= 7 for d in durations]).at(7))
    as_absent = float(kaplan_meier(kept, [d <= 7 for d in kept]).at(7))
    return QuickQuestion(
        "Of 10 subscribers 2 leave in month 3. For 3 others the data end in month 5, when they are still "
        "there. 1 leaves in month 7, and 4 are seen beyond it. What share stays longer than 7 months, by "
        "Kaplan and Meier?",
        (
            Option(
                f"{as_staying:.0%}",
                False,
                "That is 7 of 10: it takes for granted that the 3 whose data end in month 5 are there in "
                "month 7. Nobody has seen them there.",
            ),
            Option(
                f"{right:.0%}",
                True,
                "In month 3, 8 of 10 stay. In month 7 only 5 are still observed, and 4 of them stay: "
                f"8/10 × 4/5 = {right:.0%}. Whoever is censored counts for as long as it was seen.",
            ),
            Option(
                f"{as_absent:.0%}",
                False,
                "That leaves out the 3 whose data end early: 4 of 7. But they stayed when the first 2 left, "
                "and without them leaving looks more common than it was.",
            ),
            Option(
                f"{as_lost:.0%}",
                False,
                "That is 4 of 10: it counts the 3 whose data end in month 5 as lost. The data ended, not the "
                "subscription.",
            ),
        ),
    )


def _rising_retention() -> QuickQuestion:
    model = ShiftedBetaGeometric(alpha=0.6, beta=1.4)
    first, sixth = (float(rate) for rate in model.retention([1, 6]))
    left = float(model.survival(50))
    return QuickQuestion(
        f"Of a dairy's new subscribers {first:.0%} are still there a year later; of those with five years of "
        f"service, {sixth:.0%}. What follows about a single subscriber?",
        (
            Option(
                "It grows more loyal with every year of service",
                False,
                "That may be, but these rates do not show it. If some subscribers leave easily and others "
                "hardly ever, the first kind is gone after five years, and the rate rises although nobody "
                "has changed.",
            ),
            Option(
                "Nothing yet: the rates also rise if nobody changes",
                True,
                "An sBG model with α = 0.6 and β = 1.4 has these rates, and in it no subscriber's "
                "probability of leaving ever changes. To tell growth from sorting takes more than the rates "
                "of all.",
            ),
            Option(
                f"It leaves with a probability of about {1 - (first + sixth) / 2:.0%} a year",
                False,
                "That averages two groups of very different size, and a single rate for all hides the "
                "point: a new subscriber and an old one are not the same risk.",
            ),
            Option(
                "After five years the relationship is permanent",
                False,
                f"{1 - sixth:.0%} of them still leave within a year. In an sBG model with these rates "
                f"{left:.0%} of all are left after 50 years: retention is a probability, and it compounds.",
            ),
        ),
    )


def _silence() -> QuickQuestion:
    table = load("published.lifetime_estimates")
    rows = table[table["model"] == "BG/NBD"]
    model = BGNBD(**dict(zip(rows["parameter"], rows["estimate"], strict=True)))
    few, many = (float(model.probability_alive(x, 32, 56)) for x in (1, 9))
    return QuickQuestion(
        "Two buyers of music first bought 56 weeks ago. A has come back once and B 9 times, and each of them "
        "came the last time 24 weeks ago. Who is more likely to be still a customer?",
        (
            Option(
                "A",
                True,
                "For B, who used to buy every few weeks, 24 weeks without a purchase are a bad sign; for A "
                "they are normal. With the published BG/NBD estimates for such buyers, P(alive) is "
                f"{few:.0%} for A and {many:.0%} for B.",
            ),
            Option(
                "B, who has bought more often",
                False,
                "Frequency alone would say so. But the same silence means more in someone who used to buy "
                "often: B has missed many purchases, A none or one.",
            ),
            Option(
                "Both alike, since their last purchase is equally long ago",
                False,
                "Recency alone would say so. What a silence means depends on how often the customer used to "
                "buy.",
            ),
        ),
    )


def _value() -> QuickQuestion:
    margin, retention, discount = 60.0, 0.75, 0.05
    value = customer_lifetime_value(margin, retention, discount)
    undiscounted = customer_lifetime_value(margin, retention, 0)
    return QuickQuestion(
        f"A subscriber brings {margin:.0f} yuan a year, for the first time in a year from now if it stays. "
        f"Retention is {retention:.0%} a year and the discount rate {discount:.0%}. What is the subscriber "
        "worth?",
        (
            Option(
                f"{margin / (1 - retention):.0f} yuan",
                False,
                f"That is {margin:.0f} yuan times a mean lifetime of {1 / (1 - retention):.0f} years. It "
                "counts a first payment at once, and later money as if it were paid today.",
            ),
            Option(
                f"{margin + value:.0f} yuan",
                False,
                f"That adds {margin:.0f} yuan paid at once. Here the first payment comes after a year, and "
                "only from those who stay.",
            ),
            Option(
                f"{undiscounted:.0f} yuan",
                False,
                "That forgets interest: a yuan in five years is worth less than a yuan today.",
            ),
            Option(
                f"{value:.0f} yuan",
                True,
                f"m · r ÷ (1 + d − r) = {margin:.0f} × {retention:.2f} ÷ {1 + discount - retention:.2f} = "
                f"{value:.0f}.",
            ),
        ),
    )


def _spend() -> QuickQuestion:
    model = GammaGamma(p=4, q=3, gamma=20)
    seen, everybody = 100.0, model.expected_spend
    once, often = (float(model.conditional_spend(x, seen)) for x in (1, 10))
    return QuickQuestion(
        f"Customers of a shop spend {everybody:.0f} yuan a purchase on average. One of them has a single "
        f"repeat purchase, of {seen:.0f} yuan. Their spend follows a Gamma-Gamma model with p = 4, q = 3 and "
        "γ = 20 yuan. What should the shop expect the customer to spend per purchase in the long run?",
        (
            Option(
                f"{seen:.0f} yuan",
                False,
                "One purchase is partly chance: who spent much once did so partly by luck. The estimate lies "
                "between the customer's own mean and the mean of all.",
            ),
            Option(
                f"{once:.0f} yuan",
                True,
                f"p · (γ + x · z̄) ÷ (p · x + q − 1) = 4 × 120 ÷ 6 = {once:.0f}: two thirds of the way from "
                f"the mean of all to the customer's own. After 10 purchases of {seen:.0f} yuan on average it "
                f"would be {often:.1f}.",
            ),
            Option(
                f"{(seen + everybody) / 2:.0f} yuan",
                False,
                "It does lie between the two, but halfway is a guess. The weight of the customer's own mean "
                "is p · x ÷ (p · x + q − 1), and it grows with every purchase.",
            ),
            Option(
                f"{everybody:.0f} yuan",
                False,
                "That ignores what the customer has shown. Spend differs among customers, so even one "
                "purchase tells something.",
            ),
        ),
    )


questions = QuickQuestions("lifetime", (_censored(), _rising_retention(), _silence(), _value(), _spend()))
