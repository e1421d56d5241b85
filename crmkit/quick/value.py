"""Quick questions on 4C and customer value. Numbers that an answer rests on are computed by the models."""

from __future__ import annotations

from crmkit.models import value
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _delivered_value() -> QuickQuestion:
    worth, price, hours, hour, produced = 150.0, 60.0, 1.5, 24.0, 42.0
    time = value.generalised_cost(0, hours, hour)
    delivered = value.customer_delivered_value(worth, value.total_customer_cost(money=price, time=time))
    by_price = value.customer_delivered_value(worth, price)
    return QuickQuestion(
        f"A month of yoghurt is worth {worth:.0f} yuan to a household and costs {price:.0f} yuan in the "
        f"dairy's shop. Fetching it takes {hours:g} hours, and an hour is worth {hour:.0f} yuan. The dairy "
        f"makes it for {produced:.0f} yuan. What is the customer delivered value?",
        (
            Option(
                f"{by_price:.0f} yuan",
                False,
                f"That subtracts only the money. The {hours:g} hours are a cost, too: {time:.0f} yuan.",
            ),
            Option(
                f"{price - produced:.0f} yuan",
                False,
                "That is what the dairy earns over its own cost. Delivered value is what is left for the "
                "customer.",
            ),
            Option(
                f"{delivered:.0f} yuan",
                True,
                f"{worth:.0f} − {price:.0f} − {time:.0f} = {delivered:.0f}: the total value less the money "
                "and the time. What the dairy spends is no cost to the customer: the price covers it.",
            ),
            Option(
                f"{delivered - produced:.0f} yuan",
                False,
                "That takes the cost of production off as well. The customer pays it once, in the price; "
                "whoever adds it counts it twice.",
            ),
        ),
    )


CONVENIENCE = QuickQuestion(
    "Lauterborn (1990) set a C against each P. A dairy lets customers move a delivery by text message until "
    "nine in the evening. Which pair does that belong to first of all?",
    (
        Option(
            "Price and cost",
            False,
            "No price changes. Cost to satisfy is wider than price, and time is part of it, but how one gets "
            "hold of the milk has a pair of its own.",
        ),
        Option(
            "Place and convenience",
            True,
            "Place asks where the firm delivers, convenience how easily the customer gets it. One decision "
            "can touch several C's; this one changes above all when and how the milk arrives.",
        ),
        Option(
            "Promotion and communication",
            False,
            "A text message is a means. Communication as a C is the exchange itself: being told, asked and "
            "heard. Here the message moves a bottle.",
        ),
        Option(
            "Product and customer needs",
            False,
            "The bottle is the same as before. What changes is how it reaches the customer.",
        ),
    ),
)


def _break_even_returns() -> QuickQuestion:
    margin, loss = 70.0, 130.0
    even = value.break_even_return_rate(margin, loss)
    return QuickQuestion(
        f"A kept trial earns {margin:.0f} yuan, a returned one loses {loss:.0f} yuan. Up to which share of "
        "returns does the free trial pay?",
        (
            Option(
                _percent(even),
                True,
                f"At {_percent(even)} the kept trials earn {_percent(1 - even)} · {margin:.0f} = "
                f"{(1 - even) * margin:.2f} yuan and the returned ones lose {_percent(even)} · {loss:.0f} = "
                f"{even * loss:.2f} yuan. Compare it with a trial of your own, not with somebody's success "
                "story.",
            ),
            Option(
                "0%: each return loses money",
                False,
                "Each return does, and each kept trial earns. What counts is the sum over both.",
            ),
            Option(
                _percent(margin / loss),
                False,
                "That is the margin over the loss: so many returns could be paid for by each kept trial. The "
                "rate divides by all trials, kept and returned.",
            ),
            Option(
                _percent(1 - even),
                False,
                "That is the share that must be kept. The share that may return is the rest.",
            ),
        ),
    )


def _zero_returns() -> QuickQuestion:
    trials = 60
    highest = value.exact_upper_bound(0, trials)
    two_more = value.exact_upper_bound(0, 2 * trials)
    return QuickQuestion(
        f"None of {trials} trial customers sent the product back. What do you know of the true return rate, "
        "with 95% confidence?",
        (
            Option(
                "It is 0%",
                False,
                f"0% is the best guess, not the only one left. A rate of {_percent(highest)} would still "
                f"show no return in {trials} trials once in 20 times.",
            ),
            Option(
                f"It is at most {_percent(1 / trials)}",
                False,
                f"That is 1 ÷ {trials}, as if the next one were sure to return. At that rate you would see "
                f"no return in {trials} trials {(1 - 1 / trials) ** trials:.0%} of the time.",
            ),
            Option(
                f"It is at most {_percent(highest)}",
                True,
                f"The rule of three says 3 ÷ {trials} = {_percent(value.rule_of_three(trials))}, the exact "
                f"bound is {_percent(highest)}. With {2 * trials} trials and no return it would be "
                f'{_percent(two_more)}. "Almost none returned" without a number of trials says nothing.',
            ),
            Option(
                "Nothing, as nothing happened",
                False,
                f"{trials} trials without a return do rule something out: high rates. The more trials, the "
                "lower the rates that are ruled out.",
            ),
        ),
    )


CHOICE = QuickQuestion(
    "A manager has read that too much choice puts customers off, and wants to cut 24 yoghurts to 6. What do "
    "the 50 experiments say that Scheibehenne and others (2010) put together?",
    (
        Option(
            "More options lower sales: cut them",
            False,
            "Some well-known studies found that. Others found nothing or the opposite, and it is all of them "
            "that count.",
        ),
        Option(
            "More options raise sales: keep all 24",
            False,
            "Some studies found that, too. On average there was no such effect.",
        ),
        Option(
            "The number of options does not matter to anybody",
            False,
            "A mean near zero can hide effects in both directions. The studies differed by more than chance "
            "would make them differ.",
        ),
        Option(
            "On average no effect, with large differences between studies: test it here",
            True,
            "The mean effect was about zero, and no condition was found that was sufficient for harm. So the "
            "question is when, and for these yoghurts only a test of one's own tells.",
        ),
    ),
)

questions = QuickQuestions(
    "value", (_delivered_value(), CONVENIENCE, _break_even_returns(), _zero_returns(), CHOICE)
)
