"""Quick questions on evidence. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.models.evidence import (
    difference_in_differences,
    missing_items,
    occupancy_rate,
    repeated_items,
    wilson_interval,
)
from crmkit.quick import Option, QuickQuestion, QuickQuestions

LEVEL = QuickQuestion(
    "A supermarket chain joins its till, web shop, app and hotline, so that each of them shows the same "
    "customer record. Which customers it wants to serve, and with what, it has not asked. Where does it "
    "stand on the CRM continuum?",
    (
        Option(
            "At the tactical end: it is all software",
            False,
            "The tactical meaning is one project with one technology, such as a program for the hotline "
            "alone. Here several are joined around the customer, which is a step further.",
        ),
        Option(
            "In the middle, the integrative level",
            True,
            "Several customer-oriented technologies work as one. What is missing for the strategic level is "
            "the choice of customers and of the value for them and for the firm.",
        ),
        Option(
            "At the strategic end: the whole firm takes part",
            False,
            "Many departments on one system are no strategy. The strategic level starts from the choice of "
            "customers and of the value that both sides gain, and the systems follow from it.",
        ),
        Option(
            "Nowhere: without a strategy it is not CRM at all",
            False,
            "The continuum orders what people do mean by CRM, narrow meanings included. That the broad one "
            "serves a firm better is a judgement about it, not its definition.",
        ),
    ),
)


def _growth() -> QuickQuestion:
    (t0, t1), (c0, c1) = (250.0, 310.0), (200.0, 215.0)
    effect = difference_in_differences(t0, t1, c0, c1)
    return QuickQuestion(
        f"Shops with a new CRM sold for {t0:.0f} thousand yuan a month before and {t1:.0f} after. Shops "
        f"without it went from {c0:.0f} to {c1:.0f}. What did the CRM bring, by the difference in "
        "differences?",
        (
            Option(
                f"{t1 - c1:.0f} thousand yuan",
                False,
                f"That compares the two groups afterwards. But they were {t0 - c0:.0f} thousand apart before "
                "the CRM came.",
            ),
            Option(
                f"{t1 - t0:.0f} thousand yuan",
                False,
                "That is before and after. It counts as the CRM's work what shops without it gained as well.",
            ),
            Option(
                f"{effect:.0f} thousand yuan",
                True,
                f"The shops with the CRM gained {t1 - t0:.0f}, the others {c1 - c0:.0f} without it: "
                f"{t1 - t0:.0f} − {c1 - c0:.0f} = {effect:.0f}. That is the effect if both groups would "
                "otherwise have gained the same, which the years before can make more or less plausible.",
            ),
            Option(
                f"{c1 - c0:.0f} thousand yuan",
                False,
                "That is what the shops without a CRM gained: the market's part, which has to come off.",
            ),
        ),
    )


def _eight_of_eight() -> QuickQuestion:
    cases = 8
    interval = wilson_interval(cases, cases)
    return QuickQuestion(
        f"A firm asked {cases} customers, drawn at random from thousands, and all {cases} would buy again. "
        "What does that say about all its customers?",
        (
            Option(
                "100% would buy again",
                False,
                f"That is the share in the sample. Were only {interval.low:.0%} of all customers willing, "
                f"one sample of {cases} in {1 / interval.low**cases:.0f} would still be all willing.",
            ),
            Option(
                f"With 95% confidence, between {interval.low:.0%} and 100% would",
                True,
                f"Wilson's interval for {cases} of {cases} starts at {interval.low:.1%}. The usual formula "
                "would give 100% ± 0, as if nothing could be learned from a ninth customer.",
            ),
            Option(
                "At least 95% would",
                False,
                "The 95% is how often such intervals hold the true share, not a share of customers. The "
                f"interval itself reaches down to {interval.low:.0%}.",
            ),
            Option(
                "Nothing: the sample is too small",
                False,
                f"Small is not empty. A share of one half is ruled out for practical purposes: {cases} in a "
                f"row would then come up once in {2**cases} samples.",
            ),
        ),
    )


def _full_hotel() -> QuickQuestion:
    guests, nights, rooms, per_room = 24_000, 3, 300, 2
    share = occupancy_rate(guests, nights, rooms, guests_per_room=per_room)
    one_night = occupancy_rate(guests, 1, rooms, guests_per_room=per_room)
    alone = occupancy_rate(guests, nights, rooms)
    return QuickQuestion(
        f"A speaker says of a hotel with {rooms} rooms (an invented one): “{guests:,} guests come back each "
        f"year, so it is always full.” They stay {nights} nights, {per_room} to a room. How full is it?",
        (
            Option(
                f"Full: there are {guests / rooms:.0f} guests for each room",
                False,
                f"A room can be sold {365} times a year. {guests / rooms:.0f} guests, two by two for "
                f"{nights} nights, take up {guests / rooms / per_room * nights:.0f} of its nights. A big "
                "number needs another to be compared with.",
            ),
            Option(
                f"About {alone:.0%}",
                False,
                f"That gives each guest a room. With {per_room} to a room they need half as many.",
            ),
            Option(
                f"About {share:.0%}",
                True,
                f"{guests:,} × {nights} ÷ {per_room} = {guests * nights / per_room:,.0f} room nights are "
                f"sold, of {rooms} × 365 = {rooms * 365:,}. The story may be true and the conclusion is not.",
            ),
            Option(
                f"About {one_night:.0%}",
                False,
                f"That counts one night for each guest. They stay {nights}.",
            ),
        ),
    )


def _missing_from_a_list() -> QuickQuestion:
    required = ["consumer", "cost", "convenience", "communication"]
    listed = ["consumer", "cost", "communication", "cost"]
    (missing,), (repeated,) = missing_items(listed, required), repeated_items(listed)
    return QuickQuestion(
        f"The 4C are {', '.join(required)}. A slide lists {', '.join(listed)}. Which line of Python finds "
        "what is missing?",
        (
            Option(
                "len(listed) == len(required)",
                False,
                f"It says True: both have {len(listed)}. The count is right because “{repeated}” stands "
                "there twice.",
            ),
            Option(
                "set(listed) - set(required)",
                False,
                "It is empty. It finds what the slide has too much, and the slide has nothing foreign.",
            ),
            Option(
                "set(listed) <= set(required)",
                False,
                "It says True: all that is listed belongs to the 4C. That is not to say that all the 4C are "
                "listed.",
            ),
            Option(
                "set(required) - set(listed)",
                True,
                f"It is {{'{missing}'}}: required, and not listed. The order of the difference decides what "
                "you find.",
            ),
        ),
    )


questions = QuickQuestions(
    "evidence", (LEVEL, _growth(), _eight_of_eight(), _full_hotel(), _missing_from_a_list())
)
