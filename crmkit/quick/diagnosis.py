"""Quick questions on the diagnosis. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.models import channel
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _level() -> QuickQuestion:
    from_firm = channel.herfindahl([1] * 250)
    return QuickQuestion(
        "A water company has 250 couriers with equally many customers. Each customer knows only one of them. "
        f"A consultant finds a concentration of {from_firm:.0f} of 10,000 and calls the risk negligible. "
        "What is missing?",
        (
            Option(
                "Nothing: 250 couriers are far from a monopoly",
                False,
                f"From the company's desk: {from_firm:.0f}, no single exit can hurt it much. But nobody buys "
                "from 250 couriers. The customer has one.",
            ),
            Option(
                "The index as the customer sees it",
                True,
                "At each door one courier brings everything. That is the level at which a relationship is "
                "kept or taken along. The same network is scattered from above and a monopoly from below.",
            ),
            Option(
                "The mean of both levels",
                False,
                "The two numbers answer two questions: how much hangs on one courier for the company, and "
                "for a customer. Their mean answers neither.",
            ),
            Option(
                "The size of the rounds, which decides the matter",
                False,
                "Unequal rounds would raise the company's index somewhat. They change nothing at the door.",
            ),
        ),
    )


def _ratio() -> QuickQuestion:
    found = channel.rate_ratio(54, 1_800, 180, 18_000)
    per_month = 54 / 1_800 - 180 / 18_000
    return QuickQuestion(
        "In the months after a courier's exit 54 of 1,800 account-months were the last; in all other months "
        "180 of 18,000. How much likelier is leaving after an exit?",
        (
            Option(
                "54 / 180 = 0.3 times as likely",
                False,
                "That compares counts. There are ten times as many other months, so more happens in them.",
            ),
            Option(
                f"{found.ratio:.0f} times as likely",
                True,
                f"3% a month against 1%: a rate ratio of {found.ratio:.0f}, with a 95% interval of "
                f"{found.low:.1f} to {found.high:.1f} if accounts leave independently of each other.",
            ),
            Option(
                f"{per_month:.0%} likelier",
                False,
                f"That is the difference of the two rates, {per_month * 100:.0f} points a month. It says how "
                "many are lost, not how many times as likely it is.",
            ),
            Option(
                "It cannot be said without knowing who left because of the exit",
                False,
                "Nobody knows that of a single account, and nobody has to. Rates compare what happened with "
                "what usually happens. Whether the exit is the cause is a further question.",
            ),
        ),
    )


def _half_life() -> QuickQuestion:
    halves = channel.half_life(0.14)
    left = channel.Decay(start=1, rate=0.14).at(2 * halves)
    return QuickQuestion(
        "A new drink fades by 14% a month, continuously. When has it a quarter of its first sales?",
        (
            Option(
                f"After {2 * halves:.0f} months",
                True,
                f"It halves in ln 2 / 0.14 = {halves:.2f} months, and halves again in as many: "
                f"{float(left):.0%} after two half-lives.",
            ),
            Option(
                f"After {0.75 / 0.14:.1f} months",
                False,
                "That takes 14% of the *first* sales off each month. The decay is a share of what is left.",
            ),
            Option(
                f"After {1.5 * halves:.1f} months: half of a half-life for the next quarter",
                False,
                "From a half to a quarter is again a halving, so it takes a whole half-life.",
            ),
            Option(
                "Never: an exponential never ends",
                False,
                "It never reaches zero, but it passes every level above zero, and the half-life says when.",
            ),
        ),
    )


def _claims() -> QuickQuestion:
    return QuickQuestion(
        "A case text says, without date or source, that a dairy is “number one of the subscriber market”. "
        "What may a diagnosis do with the sentence?",
        (
            Option(
                "Use it as given; the firm should know",
                False,
                "The firm knows its own sales. A rank takes everybody's, and a definition of the market.",
            ),
            Option(
                "Drop it; what cannot be checked is false",
                False,
                "Unchecked is not false. The claim also tells how the firm sees itself, which is part of a "
                "diagnosis.",
            ),
            Option(
                "Quote it as the firm's claim and name what would test it",
                True,
                "Right: whose market, in which year, measured by what? Sales of all dairies that deliver, or "
                "a survey of households, would test it. Until then nothing may rest on it.",
            ),
            Option(
                "Print it in the firm's advertising",
                False,
                "An unproven superlative is the last thing to print: advertising law asks for proof, and "
                "bans some such words outright.",
            ),
        ),
    )


def _symptom() -> QuickQuestion:
    return QuickQuestion(
        "Money is missing from a delivery person's collections. The accountant concludes that he has stolen "
        "it. What does the table of payments show?",
        (
            Option(
                "That he is a thief",
                False,
                "The table holds what was due and what arrived. It was in three hands on the way: a "
                "household that paid too little, a slip that was wrong and a theft leave the same row.",
            ),
            Option(
                "That nobody but him can know where it went",
                True,
                "That is the finding, and it is about the channel: one person carries money and news, so "
                "there is no second witness, against him or for him.",
            ),
            Option(
                "That customers who pay cash are dishonest",
                False,
                "It shows no such thing. Customers may have paid in full and have no receipt to prove it.",
            ),
        ),
    )


questions = QuickQuestions("diagnosis", (_level(), _ratio(), _half_life(), _claims(), _symptom()))
