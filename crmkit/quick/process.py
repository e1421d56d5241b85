"""Quick questions on process, measurement and implementation. The models compute their numbers."""

from __future__ import annotations

import math

from crmkit.models.control import net_promoter_score
from crmkit.models.costing import capacity_cost_rate, capacity_use
from crmkit.models.experiment import false_alarm_rate, sample_size_per_arm
from crmkit.quick import Option, QuickQuestion, QuickQuestions

TESTING = QuickQuestion(
    "A plan for a CRM system reads: agree on goals, choose a system, install it for everybody, test it, run "
    "it. Where does testing belong?",
    (
        Option(
            "Where it stands: what is not installed cannot be tested",
            False,
            "By then everybody depends on the system, and each fault found costs customers. A part of the "
            "firm can have it first.",
        ),
        Option(
            "With the vendor, who has tested the product",
            False,
            "The vendor has tested the product, but not your data, your procedures, your staff or the links "
            "to your other systems. That is where it fails.",
        ),
        Option(
            "Before going live: some staff pilot it with real data, and faults are mended",
            True,
            "A pilot finds faults while few suffer from them and the old way still works. The plan lacks "
            "more: moving the data, winning the staff over, deciding who is in charge, and a way out.",
        ),
        Option(
            "In the first months of running, when real customers show what matters",
            False,
            "Watching the system goes on for ever, but that is not testing: whoever starts without a pilot "
            "lets customers find the faults.",
        ),
    ),
)


def _half_the_lift() -> QuickQuestion:
    base, large, small = 0.20, 0.26, 0.23
    for_large, for_small = sample_size_per_arm(base, large), sample_size_per_arm(base, small)
    return QuickQuestion(
        f"To find a rise of the response from {base:.0%} to {large:.0%} with a power of 80%, a test needs "
        f"{for_large:,} households in each arm. How many does it need for a rise from {base:.0%} to "
        f"{small:.0%}?",
        (
            Option(
                f"{for_large / 2:,.0f}",
                False,
                "A smaller effect is harder to tell from chance, not easier: it needs more households.",
            ),
            Option(
                f"{for_large:,}",
                False,
                "That size finds the larger rise. Of tests of that size, most would miss the smaller one.",
            ),
            Option(
                f"{2 * for_large:,}",
                False,
                "The noise falls with the root of the size: twice the households reduce it by 29% only, but "
                "half the rise needs half the noise.",
            ),
            Option(
                f"{for_small:,}",
                True,
                f"About {for_small / for_large:.1f} times as many: the size goes with one over the square of "
                "the rise. So decide first which rise would be worth having.",
            ),
        ),
    )


def _five_looks() -> QuickQuestion:
    looks, level = 5, 0.05
    rate = false_alarm_rate(looks, significance=level)
    return QuickQuestion(
        f"A promotion has no effect. A manager tests it at {level:.0%} after each of {looks} equal batches "
        "of customers and stops as soon as a test is significant. How likely is a false success?",
        (
            Option(
                f"{level / looks:.0%}",
                False,
                f"That is {level:.0%} divided by {looks}: the strict level at which each look might be "
                "tested to make up for looking so often. This manager tests at the full level.",
            ),
            Option(
                f"{level:.0%}",
                False,
                "That holds for one look at a size fixed beforehand. Each further look is a further chance "
                "to be fooled.",
            ),
            Option(
                f"{rate:.0%}",
                True,
                f"Chance needs to win only once in {looks} looks. It is less than with {looks} separate "
                "tests, since the looks share customers. Fix the size first, or use a method made for "
                "looking early.",
            ),
            Option(
                f"{1 - (1 - level) ** looks:.0%}",
                False,
                f"That would be {looks} tests with customers of their own. Here each look counts the earlier "
                "customers again, so the looks tend to agree.",
            ),
        ),
    )


def _cost_of_a_complaint() -> QuickQuestion:
    cost, paid, practical, used, each = 90_000.0, 75_000, 60_000, 45_000, 20
    rate = capacity_cost_rate(cost, practical)
    unused = capacity_use(cost, practical, used).unused_cost
    return QuickQuestion(
        f"A service team costs {cost:,.0f} yuan a quarter. It is paid for {paid:,} minutes; {practical:,} "
        f"are left after breaks, training and meetings, and customers used {used:,}. What does a complaint "
        f"of {each} minutes cost?",
        (
            Option(
                f"{each * cost / paid:.0f} yuan",
                False,
                f"That divides by the minutes paid for. Nobody can work in all of them: {practical:,} are "
                "the practical capacity.",
            ),
            Option(
                f"{each * rate:.0f} yuan",
                True,
                f"{cost:,.0f} ÷ {practical:,} = {rate:.2f} yuan a minute. The {unused:,.0f} yuan of unused "
                "capacity are no customer's cost: they ask whether the team is too large.",
            ),
            Option(
                f"{each * cost / used:.0f} yuan",
                False,
                "That divides by the minutes used, so that customers pay for idle time, too. With fewer "
                "complaints each would seem dearer, although nothing about it changed.",
            ),
            Option(
                "Nothing, since the team is paid anyway",
                False,
                "This quarter the pay is fixed. But teams are made as large as their work, so that over time "
                "minutes used are minutes paid.",
            ),
        ),
    )


def _risen_score() -> QuickQuestion:
    before, after = net_promoter_score(72, 42, 36), net_promoter_score(75, 46, 29)
    rise = after.score - before.score
    chance = math.hypot(before.high - before.score, after.high - after.score)
    return QuickQuestion(
        f"The Net Promoter Score was {before.score:+.0f} last quarter and is "
        f"{after.score:+.0f} now, each from 150 answers drawn by lot. What do you report?",
        (
            Option(
                f"Customers recommend us more: the score rose by {rise:.0f} points",
                False,
                f"By chance alone two such scores differ by up to {chance:.0f} points in 95% of cases. "
                f"{rise:.0f} points may be nothing.",
            ),
            Option(
                "A rise that the surveys are too small to tell from chance",
                True,
                f"The difference is {rise:.0f} ± {chance:.0f} points: each score has its own error, and a "
                "difference has both. Report the interval, and ask more customers or wait.",
            ),
            Option(
                f"{rise / before.score:.0%} more satisfied customers",
                False,
                "A score that can be negative has no percentages, and it counts recommendations, not "
                "satisfaction.",
            ),
            Option(
                "A rise for certain, since both surveys were drawn by lot",
                False,
                "The lot makes a sample fair, not exact: it is why the error can be computed at all.",
            ),
        ),
    )


questions = QuickQuestions(
    "process", (TESTING, _half_the_lift(), _five_looks(), _cost_of_a_complaint(), _risen_score())
)
