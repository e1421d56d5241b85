"""The widgets of the evidence chapter: what CRM means, and what a claim about it is worth."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from crmkit.models import evidence
from crmkit.models.evidence import Interval
from crmkit.widgets import style
from crmkit.widgets.style import number
from crmkit.widgets.widget import Choice, Slider, widget

NOTE = "#555555"
"""Colour of words that lead to what a figure says."""

# --- The CRM continuum -------------------------------------------------------------------------------

LEVELS = ("tactical", "integrative", "strategic")
"""The three perspectives of payne2005, from narrow to broad."""

PROCESSES = (
    "strategy\ndevelopment",
    "value\ncreation",
    "multichannel\nintegration",
    "information\nmanagement",
    "performance\nassessment",
)
"""The five cross-functional processes of payne2005, in the authors' order."""

# Which of the processes each level sets up: our reading, since the authors describe them for the third.
SET_UP = {"tactical": (), "integrative": (2, 3), "strategic": (0, 1, 2, 3, 4)}
IN_PART = {"tactical": (3,), "integrative": (), "strategic": ()}


@dataclass(frozen=True)
class Response:
    """What a firm with one meaning of CRM makes of one event (an invented case)."""

    finding: str
    gets: str
    leaves: str


EVENTS = {
    "a bottle arrives sour": (
        Response(
            "logs the complaint faster",
            "The new hotline program opens a ticket and books the refund.",
            "Why the bottle was warm: the depot never sees the ticket.",
        ),
        Response(
            "finds the warm route",
            "Hotline, routes and billing share one record: the refund goes out, and the route shows up.",
            "Whether freshness is worth a cool box on every cart.",
        ),
        Response(
            "decides what freshness is worth",
            "Freshness is what these households pay for: carts get cool boxes, the board sees spoilage.",
            "The money: depot and finance must move, not only software.",
        ),
    ),
    "a household cancels": (
        Response(
            "files the goodbye",
            "The account program closes the account and mails a coupon.",
            "Why the household left, and whether it was worth keeping.",
        ),
        Response(
            "sees the goodbye coming",
            "Late deliveries, complaints and bills sit in one file: three bad weeks raise an alarm.",
            "Which alarms to answer first: all households look alike.",
        ),
        Response(
            "knows whom to win back",
            "Households of high value to come get a visit; retention by segment goes to the board.",
            "The hard part of choosing: some customers are let go.",
        ),
    ),
    "a delivery person resigns": (
        Response(
            "prints a new round list",
            "The route program hands the addresses to a successor.",
            "The habits and the goodwill that leave with the person.",
        ),
        Response(
            "keeps the households in sight",
            "Addresses, wishes and payments are in one file, and the hotline calls each household.",
            "Why a household should stay with the dairy, not the person.",
        ),
        Response(
            "makes the tie the dairy's own",
            "Each household has had a card and a contact at the dairy from its first day.",
            "The time it takes: trust does not come with a licence.",
        ),
    ),
    "a new milk is proposed": (
        Response(
            "mails everybody",
            "The mailing program tells every subscriber of the milk.",
            "Who wants it, and whether it will earn anything.",
        ),
        Response(
            "mails those who might buy",
            "Purchases at the door, in shops and in the app are joined: likely buyers hear of it.",
            "Whether the dairy should make this milk at all.",
        ),
        Response(
            "asks whose need it meets",
            "A segment is chosen, the value for both sides is worked out, and a trial decides.",
            "The nerve to stop: the trial may say no.",
        ),
    ),
    "a rival cuts its price": (
        Response(
            "counts the losses sooner",
            "The sales program shows the fall in orders a week earlier.",
            "Which households go, and why.",
        ),
        Response(
            "shows who wavers",
            "Orders, calls and payments in one file show which zones and households waver.",
            "Whether to match the price, and for whom.",
        ),
        Response(
            "knows whom to defend",
            "The board knows what each segment values and earns, and defends the best by service.",
            "The losses it accepts: some zones go to the rival.",
        ),
    ),
}


@widget(
    level=Choice("CRM means", LEVELS),
    event=Choice("What happens", tuple(EVENTS)),
)
def crm_continuum(level: str, event: str) -> tuple[Figure, str]:
    """What does a dairy get, if this is what CRM means?"""
    response = EVENTS[event][LEVELS.index(level)]

    figure, (ax,) = style.new_figure(height=4.5)
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.axis("off")
    _draw_continuum(ax, level)
    _statement(ax, 68, f"When {event}:", response.gets)
    _statement(ax, 47, "What stays open:", response.leaves)
    _draw_processes(ax, level)
    style.headline(figure, f"{level.capitalize()} CRM {response.finding}")

    return figure, (
        f"CRM in the {level} sense, when {event} (an invented case): {response.gets} What stays open: "
        f"{response.leaves} Of the five processes of Payne and Frow, this level sets up "
        f"{_set_up_in_words(level)} (the course's reading)."
    )


def _set_up_in_words(level: str) -> str:
    if len(SET_UP[level]) == len(PROCESSES):
        return "all five"
    names = [PROCESSES[i].replace("\n", " ") for i in SET_UP[level]]
    names += [f"a part of {PROCESSES[i]}".replace("\n", " ") for i in IN_PART[level]]
    return " and ".join(names)


def _draw_continuum(ax: Axes, level: str) -> None:
    places = dict(zip(LEVELS, (17, 50, 83), strict=True))
    height = 85
    ax.annotate(
        "",
        xy=(98, height),
        xytext=(2, height),
        arrowprops={"arrowstyle": "-|>", "color": style.GREY, "linewidth": 2},
    )
    for name, x in places.items():
        here = name == level
        ax.plot(
            x,
            height,
            marker="o",
            markersize=15 if here else 9,
            color=style.BLUE if here else "white",
            markeredgecolor=style.BLUE if here else style.GREY,
            markeredgewidth=1.6,
        )
        ax.text(
            x,
            height - 4.5,
            name,
            ha="center",
            va="top",
            fontsize=style.LABEL,
            fontweight="bold" if here else "normal",
        )
    for x, end, side in ((2, "narrow", "left"), (98, "broad", "right")):
        ax.text(x, height + 1.5, end, ha=side, va="bottom", fontsize=style.SMALL, color=NOTE)


def _statement(ax: Axes, top: float, lead: str, text: str) -> None:
    ax.text(2.5, top, lead, va="top", fontsize=style.SMALL, color=NOTE)
    lines = textwrap.wrap(text, 60)
    ax.text(2.5, top - 5.5, "\n".join(lines), va="top", fontsize=style.TITLE, linespacing=1.25)


def _draw_processes(ax: Axes, level: str) -> None:
    lead = "Of Payne and Frow's five processes, set up:"
    ax.text(2.5, 27.5, lead, va="top", fontsize=style.SMALL, color=NOTE)
    width, gap = 18.5, 0.85
    for i, name in enumerate(PROCESSES):
        full, part = i in SET_UP[level], i in IN_PART[level]
        left = 2.0 + i * (width + gap)
        box = FancyBboxPatch(
            (left, 2.5),
            width,
            18,
            boxstyle="round,pad=0,rounding_size=1.2",
            facecolor="#CCE3F0" if full else "white",
            edgecolor=style.BLUE if full or part else style.GREY,
            linewidth=1.6 if full or part else 0.8,
            linestyle="--" if part else "-",
        )
        ax.add_patch(box)
        mark = "✓ yes" if full else "in part" if part else "–"
        middle = left + width / 2
        # Line by line: a text of two lines would hang by the height of its letters.
        for line, word in enumerate(name.split("\n")):
            ax.text(middle, 15.6 - 4.3 * line, word, ha="center", va="baseline", fontsize=style.SMALL)
        bold = "bold" if full else "normal"
        ax.text(middle, 5, mark, ha="center", va="baseline", fontsize=style.SMALL, fontweight=bold)


# --- Before and after, and difference in differences -------------------------------------------------

YEARS = (-2, -1, 0, 1)
MARKET_SO_FAR = (-10.0, 6.0, 0.0)
"""Simulated: how all dealers stood in the years up to the start, against that year."""
ADOPTERS_BEFORE, OTHERS_BEFORE = 120.0, 90.0
"""Simulated: sales a dealer in the year before the start, thousand yuan a month."""


@widget(
    effect=Slider("True effect of the CRM", 0, 40, 10, 10, "thousand yuan"),
    market=Slider("The market moves by", -20, 40, 20, 40, "thousand yuan"),
    head_start=Slider("Adopters gain anyway, a year", 0, 20, 10, 0, "thousand yuan"),
)
def before_and_after(effect: float, market: float, head_start: float) -> tuple[Figure, str]:
    """How much of the growth did the CRM bring?"""
    moves = (*MARKET_SO_FAR, market)
    others = [OTHERS_BEFORE + move for move in moves]
    without = [ADOPTERS_BEFORE + move + head_start * year for year, move in zip(YEARS, moves, strict=True)]
    adopters = [*without[:3], without[3] + effect]
    expected = evidence.counterfactual(ADOPTERS_BEFORE, others[2], others[3])
    naive = adopters[3] - adopters[2]
    did = evidence.difference_in_differences(adopters[2], adopters[3], others[2], others[3])

    figure, (lines, bars) = style.new_figure(panels=2, height=4.7)
    lines.set_position((0.135, 0.4, 0.57, 0.505))
    bars.set_position((0.135, 0.02, 0.835, 0.225))
    _draw_dealers(lines, adopters, others, expected)
    _draw_answers(bars, {"before/after": naive, "DiD": did, "truth": effect})
    style.headline(figure, _growth_finding(naive, did, effect, head_start))

    growth = evidence.relative_growth(adopters[2], adopters[3])
    verdict = (
        "equal to the true effect, since the trends are parallel"
        if head_start == 0
        else f"{head_start:.0f} more than the true effect of {effect:.0f}: the adopters were pulling ahead "
        "already, as the years before show"
    )
    return figure, (
        f"Adopters sell {adopters[2]:.0f} thousand yuan a month before the CRM and {adopters[3]:.0f} after "
        f"it, {number(growth, '+.0%')}; others {others[2]:.0f} and {others[3]:.0f} (simulated). Before and "
        f"after differ by {number(naive, '+.0f')}, the difference in differences is {number(did, '+.0f')}, "
        f"{verdict}."
    )


def _growth_finding(naive: float, did: float, effect: float, head_start: float) -> str:
    says, brought = number(naive, "+.0f"), number(effect, "+.0f")
    if head_start > 0:
        return f"Not parallel before: DiD says {number(did, '+.0f')}, the truth is {brought}"
    if naive == effect == 0:
        return "A still market and no effect: all answers are 0"
    if naive == effect:
        return f"A still market: before/after is right, too, with {says}"
    if effect == 0:
        return f"Before/after says {says}, the CRM brought nothing"
    return f"Before/after says {says}, the CRM brought {brought}"


def _draw_dealers(ax: Axes, adopters: Sequence[float], others: Sequence[float], expected: float) -> None:
    ax.set(xlim=(-2.25, 1.15), ylim=(45, 232), yticks=range(50, 201, 50))
    ax.set_xticks(YEARS, ["year −2", "year −1", "before", "after"])
    ax.set_ylabel("Sales, thousand yuan")
    ax.axvline(0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.text(0.45, 229, "CRM starts", ha="right", va="top", fontsize=style.SMALL)
    ax.plot(YEARS, others, color=style.ORANGE, linewidth=2, marker="s", markersize=6)
    ax.plot([0, 1], [adopters[2], expected], color=style.BLACK, linewidth=1.4, linestyle="--")
    ax.plot(1, expected, color="white", marker="D", markersize=6, markeredgecolor=style.BLACK)
    ax.plot(YEARS, adopters, color=style.BLUE, linewidth=2.4, marker="o", markersize=7)
    names = [
        (others[3], f"others {others[3]:.0f}"),
        (expected, f"if parallel {expected:.0f}"),
        (adopters[3], f"adopters {adopters[3]:.0f}"),
    ]
    style.edge_labels(ax, names, x=1.03)


def _draw_answers(ax: Axes, answers: dict[str, float]) -> None:
    ax.set(xlim=(-75, 115), ylim=(2.6, -0.6), xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    style.panel_title(ax, "Effect of the CRM, thousand yuan a month")
    looks = ((style.GREY, ""), (style.BLUE, "//"), (style.GREEN, ""))
    for row, ((name, answer), (colour, hatch)) in enumerate(zip(answers.items(), looks, strict=True)):
        ax.text(-75, row, name, va="center_baseline", fontsize=style.LABEL)
        ax.barh(row, answer, height=0.62, facecolor=colour, alpha=0.45, edgecolor=colour, hatch=hatch)
        ax.text(
            answer + (2 if answer >= 0 else -2),
            row,
            number(answer, "+.0f"),
            ha="left" if answer >= 0 else "right",
            va="center_baseline",
            fontsize=style.LABEL,
        )
    ax.axvline(0, color=style.BLACK, linewidth=1)


# --- What else could explain it ----------------------------------------------------------------------

TELLERS = ("the vendor", "a firm that bought it", "an outsider who shows the data")
NOTHING, BEFORE, OTHERS, BOTH, LOT = COMPARISONS = (
    "nothing",
    "the same firms before",
    "other firms, afterwards",
    "other firms, before and after",
    "firms left out by lot",
)
CASES = ("one success story", "30 success stories", "all 30 buyers", "all 1,000 buyers")

STANDS, WEAKENED, UNLIKELY = "stands", "weakened", "unlikely"


@widget(
    teller=Choice("Who says so", TELLERS),
    comparison=Choice("Compared with", COMPARISONS, start=BEFORE),
    cases=Choice("Cases", CASES, start="30 success stories"),
)
def source_scorecard(teller: str, comparison: str, cases: str) -> tuple[Figure, str]:
    """The CRM raised sales, says the source. What else could explain it?"""
    verdicts = _explanations(teller, comparison, cases)
    standing = [name for name, verdict in verdicts.items() if verdict == STANDS]
    weakened = [name for name, verdict in verdicts.items() if verdict == WEAKENED]

    figure, (ax,) = style.new_figure(height=3.9)
    ax.set_position((0, 0, 1, 0.87))
    ax.set(xlim=(0, 100), ylim=(6.1, -0.75))
    ax.axis("off")
    ax.text(2.5, -0.45, "What else could explain the claim:", va="center", fontsize=style.LABEL)
    for row, (name, verdict) in enumerate(verdicts.items()):
        _score(ax, row + 0.3, name, verdict)
    style.headline(figure, _source_finding(teller, cases, len(standing), len(weakened)))

    stands = f"{len(standing)} of {len(verdicts)} other explanations stand"
    listed = f": {'; '.join(standing)}" if standing else ""
    less = f" Weakened, yet possible: {'; '.join(weakened)}." if weakened else ""
    undone = " Picking the stories undoes the lot." if comparison == LOT and _is_picked(cases) else ""
    return figure, (
        f"{teller.capitalize()} tells of {cases}, compared with {comparison}: {stands}{listed}.{less}{undone}"
    )


def _is_picked(cases: str) -> bool:
    return "success" in cases


def _explanations(teller: str, comparison: str, cases: str) -> dict[str, str]:
    """Return each rival explanation with its verdict; after the threats to validity of shadish2002."""
    if comparison == LOT and _is_picked(cases):
        comparison = OTHERS  # those picked from the drawn are no longer drawn by lot
    stands_if = {True: STANDS, False: UNLIKELY}
    of_teller = dict(zip(TELLERS, (STANDS, WEAKENED, UNLIKELY), strict=True))
    of_cases = dict(zip(CASES, (STANDS, STANDS, WEAKENED, UNLIKELY), strict=True))
    return {
        "the teller gains by saying so": of_teller[teller],
        "only the best cases are told": stands_if[_is_picked(cases)],
        "chance": of_cases[cases],
        "everybody's sales rose": stands_if[comparison in (NOTHING, BEFORE)],
        "buyers were better firms before": stands_if[comparison in (NOTHING, OTHERS)],
        "buyers were growing faster anyway": stands_if[comparison != LOT],
    }


def _source_finding(teller: str, cases: str, standing: int, weakened: int) -> str:
    if standing == 0:
        if weakened == 0:
            return "Strong evidence: all other explanations are unlikely"
        return f"Fair evidence: nothing stands, {weakened} only weakened"
    kind = "A claim"
    if _is_picked(cases):
        kind = "An advert" if teller == TELLERS[0] else "An anecdote" if cases == CASES[0] else "Anecdotes"
    return f"{kind}: {standing} of 6 other explanations stand{'s' if standing == 1 else ''}"


def _score(ax: Axes, row: float, name: str, verdict: str) -> None:
    colour, face, sign = {
        STANDS: ("#9A3B00", "#F9DCCB", "✗"),
        WEAKENED: (style.BLACK, "#FBF3D9", "~"),
        UNLIKELY: ("#00664A", "white", "✓"),
    }[verdict]
    ax.add_patch(Rectangle((2.5, row - 0.38), 95, 0.76, facecolor=face, edgecolor="#DDDDDD", linewidth=0.8))
    bold = "bold" if verdict == STANDS else "normal"
    ax.text(4.5, row, name, va="center", fontsize=style.LABEL, fontweight=bold)
    ax.text(77, row, f"{sign} {verdict}", va="center", fontsize=style.LABEL, color=colour, fontweight="bold")


# --- Behind a percentage -----------------------------------------------------------------------------

ANSWERS = ("10", "30", "100", "300", "1,000")
ASKED_PER_ANSWER = {"1 in 10": 10, "1 in 5": 5, "1 in 2": 2, "all": 1}


@widget(
    share=Slider("Satisfied customers", 60, 100, 10, 90, "%"),
    answers=Choice("Customers who answered", ANSWERS, start="100"),
    response=Choice("Of those asked, answered", tuple(ASKED_PER_ANSWER), start="1 in 2"),
)
def satisfied_customers(share: float, answers: str, response: str) -> tuple[Figure, str]:
    """What do so many per cent satisfied customers leave open?"""
    cases = int(answers.replace(",", ""))
    satisfied = round(cases * share / 100)
    chance = evidence.wilson_interval(satisfied, cases)
    asked = cases * ASKED_PER_ANSWER[response]
    silence = evidence.nonresponse_bounds(share / 100, cases / asked)

    figure, (ax,) = style.new_figure(height=3.6)
    ax.set_position((0.05, 0.15, 0.9, 0.73))
    ax.set(xlim=(-3, 106), ylim=(3.0, -0.2), yticks=[], xlabel="Satisfied customers, %")
    ax.set(xticks=range(0, 101, 20))
    ax.spines["left"].set_visible(False)
    ax.axvline(share, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.plot(share, 0.2, marker="D", markersize=8, color=style.BLACK)
    ax.text(-2, 0.2, f"The claim: {share:.0f}%", va="center", fontsize=style.LABEL)
    _draw_range(ax, 1.35, chance, style.BLUE, f"Chance: {satisfied:,} of {cases:,} (95% interval)")
    _draw_range(ax, 2.55, silence, style.ORANGE, f"Silence: {asked - cases:,} of {asked:,} did not answer")
    style.headline(figure, _satisfaction_finding(chance, silence))

    return figure, (
        f"In an invented survey {satisfied:,} of {cases:,} who answered are satisfied, {share:.0f}%. If they "
        f"are a random sample, the 95% interval for all customers is {_in_percent(chance)}. "
        f"{_said_of_silence(asked, cases, silence)}"
    )


def _said_of_silence(asked: int, answered: int, bounds: Interval) -> str:
    if asked == answered:
        return f"All {asked:,} who were asked answered, so silence hides nothing."
    return (
        f"But {asked:,} were asked: the {asked - answered:,} who kept silent may all be dissatisfied or all "
        f"satisfied, so that of those asked {_in_percent(bounds)} are satisfied."
    )


def _in_percent(interval: Interval) -> str:
    return f"{_percent(interval.low)} to {_percent(interval.high)}"


def _percent(share: float) -> str:
    is_whole = math.isclose(100 * share, round(100 * share))
    return f"{share:.0%}" if is_whole else f"{share:.1%}"


def _satisfaction_finding(chance: Interval, silence: Interval) -> str:
    by_chance, by_silence = (interval.high - interval.low for interval in (chance, silence))
    is_chance = by_chance > by_silence
    wider, culprit, other = (chance, "Chance", "silence") if is_chance else (silence, "Silence", "chance")
    return f"{culprit} leaves more open than {other}: {_in_percent(wider)}"


def _draw_range(ax: Axes, row: float, interval: Interval, colour: str, name: str) -> None:
    low, high = 100 * interval.low, 100 * interval.high
    ax.text(-2, row - 0.5, name, va="center", fontsize=style.LABEL, path_effects=style.HALO)
    if high - low < 0.05:
        ax.text(-2, row, "nothing left open", va="center", fontsize=style.SMALL, color=NOTE)
        return
    hatch = "//" if colour == style.ORANGE else ""
    ax.barh(
        row, high - low, left=low, height=0.34, facecolor=colour, alpha=0.5, edgecolor=colour, hatch=hatch
    )
    ax.text(low - 1, row, _percent(interval.low), ha="right", va="center", fontsize=style.SMALL)
    ax.text(high + 1, row, _percent(interval.high), ha="left", va="center", fontsize=style.SMALL)


# --- Text with doubled letters -----------------------------------------------------------------------

TEXTS = (
    "coffee with good milk",
    "milk before six",
    "1100 bottles a week",
    "call 8000 by noon",
    "the committee agreed",
)
NOISES = {"every letter": 1, "every second letter": 2, "every third letter": 3, "none": 0}
PAIRS, RUNS = "each pair to one, once", "each run to one"


@widget(
    text=Choice("Text", TEXTS),
    noise=Choice("Doubled by noise", tuple(NOISES)),
    rule=Choice("Remove doubles", (RUNS, PAIRS)),
)
def de_doubler(text: str, noise: str, rule: str) -> tuple[Figure, str]:
    """Does removing doubled letters bring the text back?"""
    noisy = _add_noise(text, NOISES[noise])
    cleaned = evidence.collapse_pairs(noisy) if rule == PAIRS else evidence.collapse_runs(noisy)
    lost = len(text) - len(cleaned)

    figure, (ax,) = style.new_figure(height=3.3)
    ax.set_position((0, 0, 1, 0.87))
    ax.set(xlim=(0, style.WIDTH * 72), ylim=(100, 0))
    ax.axis("off")
    doubled = "nothing doubled" if noise == "none" else f"{noise} doubled"
    rows = ((14, "Written", text), (45, f"Copied: {doubled}", noisy), (76, f"Cleaned: {rule}", cleaned))
    wrong = _wrong_words(text, cleaned)
    for height, name, line in rows:
        ax.text(12, height - 9, name, va="center", fontsize=style.SMALL, color=NOTE)
        ax.text(12, height + 4, line, va="center", fontsize=MONO, family="monospace")
    _underline_words(ax, 76 + 11, cleaned, wrong)
    style.headline(figure, _cleaning_finding(text, cleaned, wrong))

    result = "it comes back whole"
    if lost > 0:
        result = f"it comes back as “{cleaned}”, {lost} of {len(text)} characters short"
    return figure, f"The invented text “{text}”, {doubled}, reads “{noisy}”. By the rule “{rule}”, {result}."


MONO = 12.0
"""Size of the monospaced lines in points; 46 characters fit into the figure's width."""


def _add_noise(text: str, every: int) -> str:
    """Return the text with the first of each `every` letters and digits doubled, none if 0.

    Blanks are left alone: a page would show two of them as one.
    """
    noisy, letters = "", 0
    for character in text:
        is_doubled = character != " " and every > 0 and letters % every == 0
        noisy += character * 2 if is_doubled else character
        letters += character != " "
    return noisy


def _wrong_words(text: str, cleaned: str) -> list[int]:
    # No text has two blanks in a row, so words keep their places.
    pairs = zip(text.split(" "), cleaned.split(" "), strict=True)
    return [i for i, (word, found) in enumerate(pairs) if word != found]


def _cleaning_finding(text: str, cleaned: str, wrong: list[int]) -> str:
    if not wrong:
        return "The text comes back whole"
    words, found = text.split(" "), cleaned.split(" ")
    # A changed number is the worst of all: nobody can see that it is wrong.
    worst = next((i for i in wrong if words[i].isdigit()), wrong[0])
    more = f", and {len(wrong) - 1} more wrong" if len(wrong) > 1 else ""
    return f"“{words[worst]}” comes back as “{found[worst]}”{more}"


def _underline_words(ax: Axes, height: float, line: str, words: list[int]) -> None:
    advance = 0.602 * MONO  # of DejaVu Sans Mono, matplotlib's own monospaced face, in points
    start = 0
    for i, word in enumerate(line.split(" ")):
        if i in words:
            left, right = 12 + start * advance, 12 + (start + len(word)) * advance
            ax.plot([left, right], [height, height], color=style.RED, linewidth=2.4, solid_capstyle="butt")
        start += len(word) + 1
    if words:
        ax.text(
            12,
            height + 6.5,
            "✗ wrong words are underlined",
            va="center",
            fontsize=style.SMALL,
            color=style.RED,
        )


# --- What a vague claim implies ----------------------------------------------------------------------

BOTTLES = 60_000
"""An invented dairy's "nearly 60,000 bottles a day"."""


@widget(
    low=Slider("“Several million” is at least", 2, 4, 1, 3, "million yuan"),
    high=Slider("“Several million” is at most", 5, 9, 2, 7, "million yuan"),
    bottles=Slider("“Nearly 60,000” is at least", 50_000, BOTTLES, 5_000, 55_000, "bottles"),
    days=Slider("Days of delivery, at least", 305, 365, 30, 365, "days"),
)
def vague_claim(low: float, high: float, bottles: float, days: float) -> tuple[Figure, str]:
    """What does a claim in round numbers say about one bottle?"""
    calculator = evidence.implied_unit_profit((low + high) / 2 * 1e6, BOTTLES)
    steps = [
        (f"profit {_span(low, high)} million yuan", _per_bottle(low, high, BOTTLES, 365)),
        (f"and {_span(bottles, BOTTLES)} bottles a day", _per_bottle(low, high, bottles, 365)),
        (f"and {_span(days, 365)} days a year", _per_bottle(low, high, bottles, days)),
    ]
    least, most = steps[-1][1]
    factor = most / least

    figure, (ax,) = style.new_figure(height=4.0)
    ax.set_position((0.05, 0.135, 0.9, 0.76))
    ax.set_xscale("log")
    ax.set(
        xlim=(0.075, 1.05),
        ylim=(4.45, -0.2),
        yticks=[],
        xlabel="Yuan a bottle, logarithmic scale",
    )
    ax.set_xticks([0.1, 0.2, 0.3, 0.5, 1.0], ["0.10", "0.20", "0.30", "0.50", "1.00"])
    ax.minorticks_off()
    ax.spines["left"].set_visible(False)
    ax.axvline(calculator, color=style.GREY, linewidth=0.8, linestyle=":")
    _name_row(ax, 0.2, "the middle profit, as a calculator gives it")
    ax.plot(calculator, 0.55, marker="D", markersize=7, color=style.BLACK)
    ax.text(calculator * 1.05, 0.55, f"{calculator:.4f}", va="center", fontsize=style.SMALL)
    for row, (name, (below, above)) in enumerate(steps, start=1):
        _name_row(ax, row * 1.12 + 0.2, name)
        _draw_factor(ax, row * 1.12 + 0.57, below, above, last=row == len(steps))
    style.headline(figure, f"Between {least:.2f} and {most:.2f} yuan a bottle: a factor of {factor:.1f}")

    return figure, (
        f"An invented dairy claims “nearly 60,000 bottles a day” and “several million yuan a year”. Read as "
        f"{_span(low, high)} million yuan, {_span(bottles, BOTTLES)} bottles and {_span(days, 365)} days, it "
        f"earns {least:.2f} to {most:.2f} yuan a bottle, a factor of {factor:.1f}. The middle profit gives "
        f"{calculator:.4f} yuan, with digits that the claim does not have."
    )


def _span(low: float, high: float) -> str:
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def _per_bottle(low: float, high: float, bottles: float, days: float) -> tuple[float, float]:
    """Return the least and the most profit on a bottle, in yuan, that the readings of the claim allow."""
    least = evidence.implied_unit_profit(low * 1e6, BOTTLES, 365)
    return least, evidence.implied_unit_profit(high * 1e6, bottles, days)


def _name_row(ax: Axes, row: float, name: str) -> None:
    ax.text(0.077, row, name, va="center", fontsize=style.LABEL, path_effects=style.HALO)


def _draw_factor(ax: Axes, row: float, below: float, above: float, *, last: bool) -> None:
    colour = style.BLUE if last else style.GREY
    ax.barh(row, above - below, left=below, height=0.36, color=colour, alpha=0.55)
    ax.text(below / 1.03, row, f"{below:.2f}", ha="right", va="center", fontsize=style.SMALL)
    ax.text(
        above * 1.03,
        row,
        f"{above:.2f}  (× {above / below:.1f})",
        va="center",
        fontsize=style.SMALL,
        fontweight="bold" if last else "normal",
    )


# --- Drawing -----------------------------------------------------------------------------------------
