"""Quick questions on segments and the pyramid. Numbers that an answer rests on are computed by the models."""

from __future__ import annotations

from crmkit.models import segment
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _one_vip() -> QuickQuestion:
    vip, small = 0.30, 0.24
    vips, smalls = segment.PYRAMID["VIP"], segment.PYRAMID["small"]
    each = (vip / vips) / (small / smalls)
    return QuickQuestion(
        f"VIPs are {vips:.0%} of the customers and bring {vip:.0%} of the revenue; small customers are "
        f"{smalls:.0%} and bring {small:.0%}. One VIP brings as much as how many small customers?",
        (
            Option(
                f"{vip / small:g}",
                False,
                "That compares the two tiers as a whole. There are many more small customers to share their "
                "tier's revenue.",
            ),
            Option(
                f"{vip / vips:.0f}",
                False,
                "That is how a VIP compares with the average customer of all tiers. A small customer brings "
                "less than the average.",
            ),
            Option(
                f"{smalls / vips:.0f}",
                False,
                "That is how many small customers there are for each VIP. It does not say what they bring.",
            ),
            Option(
                f"{each:.0f}",
                True,
                f"Each 1% of the customers brings {vip / (100 * vips):.0%} of the revenue if they are VIPs "
                f"and {small / (100 * smalls):.1%} if they are small: {each:.0f} to 1. Such a gap says who "
                "is large, not yet who is profitable.",
            ),
        ),
    )


def _top_of_the_top() -> QuickQuestion:
    share, value_share = 0.20, 0.70
    alpha = segment.pareto_alpha(share, value_share)
    inner = segment.pareto_top_share(share**2, alpha)
    return QuickQuestion(
        f"The top {share:.0%} of the customers bring {value_share:.0%} of the revenue, and spending follows "
        f"a Pareto distribution. What do the top {share**2:.0%} bring?",
        (
            Option(
                f"{share * value_share:.0%}",
                False,
                f"They are a fifth of the top {share:.0%}, but not an average fifth: this shares the "
                f"{value_share:.0%} out equally within the top.",
            ),
            Option(
                f"{inner:.0%}",
                True,
                f"The rule repeats itself: a fifth of the top {share:.0%} bring {value_share:.0%} of its "
                f"{value_share:.0%}, and {value_share:.0%} · {value_share:.0%} = {inner:.0%}.",
            ),
            Option(
                f"{value_share:.0%}",
                False,
                f"That is what the whole top {share:.0%} bring. A smaller group brings less.",
            ),
            Option(
                "It cannot be said from one top share",
                False,
                "For a Pareto distribution one top share is enough: it fixes the exponent "
                f"(α = {alpha:.2f}), and the exponent fixes every other. Whether spending follows that "
                "distribution is another question.",
            ),
        ),
    )


LAPSED = QuickQuestion(
    "A customer of a shop has the RFM code 155: R = 1, F = 5, M = 5. What does it say?",
    (
        Option(
            "Bought very recently, often and much",
            False,
            "A score of 1 is the worst fifth, whatever is scored. For recency that is the longest time since "
            "the last purchase.",
        ),
        Option(
            "Bought often and much, but not for a long time",
            True,
            "Frequency and spending are in the best fifth, recency in the worst. Among the first to ask why "
            "they stopped, if they have stopped.",
        ),
        Option(
            "An average customer: (1 + 5 + 5) ÷ 3 is about 4 of 5",
            False,
            "The mean hides the one thing to act on. The same mean belongs to a good customer who bought "
            "yesterday.",
        ),
        Option(
            "Buys 1 time in 5 months for 5 yuan",
            False,
            "The digits are no amounts. Each says in which fifth of all customers this one is.",
        ),
    ),
)


def _age_bands() -> QuickQuestion:
    segments = {
        "toddlers": lambda ages: any(age < 6 for age in ages),
        "pupils": lambda ages: any(6 <= age < 15 for age in ages),
        "pensioners": lambda ages: all(age >= 60 for age in ages),
    }
    siblings, couple = (3, 9, 35), (40, 42)
    found = segment.check_mece(segments, [siblings, couple])
    in_both = " and ".join(found.overlaps[0][1])
    assert found.overlaps[0][0] == siblings
    assert found.gaps == (couple,)
    return QuickQuestion(
        "A dairy sorts households into “toddlers” (with a child under 6), “pupils” (with a child from 6 to "
        "14) and “pensioners” (all aged 60 or over). Are these segments mutually exclusive and collectively "
        "exhaustive (MECE)?",
        (
            Option(
                "Yes: the ages do not overlap",
                False,
                "The ages do not, but households do: one of them may have children of 3 and 9.",
            ),
            Option(
                "No: they overlap, but leave nobody out",
                False,
                "They overlap, and a couple of 40 and 42 without children is in none of them.",
            ),
            Option(
                "No: they leave some out, but do not overlap",
                False,
                "They leave childless couples out, and a household with children of 3 and 9 is in two.",
            ),
            Option(
                "No: they overlap and leave some out",
                True,
                f"A household with children of {siblings[0]} and {siblings[1]} is in {in_both}; a couple of "
                f"{couple[0]} and {couple[1]} is in none. It takes one question that every household answers "
                "in one way, such as the age of its youngest member, cut into bands that meet.",
            ),
        ),
    )


def _four_patterns() -> QuickQuestion:
    pattern = segment.purchase_patterns(
        ["kitchen"] * 4,
        ["1999-09-06", "1999-09-13", "1999-09-20", "1999-09-27"],
        [150] * 4,
        bulk_from=50,
        regular_to=0.5,
    ).loc["kitchen"]
    return QuickQuestion(
        "A text sorts purchase behaviour into four kinds: bulk, odd-lot, regular and random. A kitchen "
        "orders 150 bottles every Monday. Which kind is it?",
        (
            Option(
                "Bulk, since 150 bottles are many",
                False,
                "It is bulk by size. But nothing stops a bulk buyer from being regular as well.",
            ),
            Option(
                "Regular, since it orders every Monday",
                False,
                "It is regular by timing. But nothing stops a regular buyer from buying in bulk as well.",
            ),
            Option(
                f"Both {pattern['size']} and {pattern['timing']}: the list mixes two bases",
                True,
                "Size (bulk or odd-lot) is one basis, timing (regular or random) another. Two bases with two "
                "values each make four segments, and each customer belongs to one.",
            ),
            Option(
                "Random, since nothing obliges it to order",
                False,
                "Regular is a matter of the gaps between purchases, not of a contract. Seven days each time "
                f"are a coefficient of variation of {pattern['gap_cv']:.0f}.",
            ),
        ),
    )


questions = QuickQuestions("segment", (_one_vip(), _top_of_the_top(), LAPSED, _age_bands(), _four_patterns()))
