"""Quick questions on services. Every number that an answer rests on is computed by the models."""

from __future__ import annotations

from crmkit.models.service import Step, erlang_c, mm1_time, mm1_wait, otif_rate, rolled_yield
from crmkit.quick import Option, QuickQuestion, QuickQuestions


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _a_busier_gate() -> QuickQuestion:
    before, after = 0.80, 0.90
    wait = mm1_wait(after, 1) / mm1_wait(before, 1)
    time = mm1_time(after, 1) / mm1_time(before, 1)
    more_work = after / before - 1
    return QuickQuestion(
        f"A gate loads one carrier after the other, each in a time of its own, and is busy {before:.0%} of "
        f"the time. More carriers come, and it is busy {after:.0%} of the time. What happens to the mean "
        "wait in line (M/M/1)?",
        (
            Option(
                f"It grows by {_percent(more_work)}, as the work does",
                False,
                "Waits do not follow the work but the slack. The idle share falls from "
                f"{1 - before:.0%} to {1 - after:.0%}, and it stands in the denominator.",
            ),
            Option(
                f"It is {time:.2f} times as long",
                False,
                "That is the time in line and at the gate together, 1 / (μ − λ). The loading itself has not "
                "become longer, so the wait alone grows by more.",
            ),
            Option(
                f"It is {wait:.2f} times as long",
                True,
                "Measured in loading times, the wait is ρ / (1 − ρ): "
                f"{mm1_wait(before, 1):g} before and {mm1_wait(after, 1):g} after.",
            ),
            Option(
                "Nothing, as long as the gate is not busy all the time",
                False,
                "That holds for carriers who come like clockwork and all take equally long. When times vary, "
                "a line forms well before the gate is fully busy.",
            ),
        ),
    )


def _one_line_for_two_teams() -> QuickQuestion:
    load, staff = 3.0, 4
    apart, together = erlang_c(load, staff), erlang_c(2 * load, 2 * staff)
    return QuickQuestion(
        f"Two phone lines have {staff} people each, and callers keep {load:g} of them busy on average. "
        f"On each line, {_percent(apart)} of callers have to wait. The dairy joins the lines: "
        f"{2 * staff} people, twice the calls. How many callers wait now (Erlang C)?",
        (
            Option(
                _percent(apart),
                False,
                f"Each person is still busy {load / staff:.0%} of the time, but now a caller waits only if "
                f"all {2 * staff} are busy at once. Nobody sits idle any more while others have a line.",
            ),
            Option(
                _percent(together),
                True,
                f"Erlang C for a load of {2 * load:g} and {2 * staff} people. Pooling cuts the waits with no "
                "more staff, as long as everybody can take every call.",
            ),
            Option(
                _percent(apart**2),
                False,
                "That is the chance that both teams are fully busy at the same moment while they work apart. "
                "Joined, they share the work, and so they fill up together.",
            ),
            Option(
                _percent(1 - (1 - apart) ** 2),
                False,
                "That is the chance that at least one of two separate lines makes its caller wait. Joining "
                "lines makes waiting rarer, not more frequent.",
            ),
        ),
    )


def _six_good_steps() -> QuickQuestion:
    count, failures = 6, 0.10
    step = Step("step", minutes=1, failure_rate=failures)
    right = rolled_yield([step] * count)
    return QuickQuestion(
        f"A service has {count} steps, and each goes right for {1 - failures:.0%} of customers, "
        "independently of the others. For how many customers does everything go right?",
        (
            Option(
                _percent(1 - failures),
                False,
                "That is one step. A customer goes through all of them, and each loses some.",
            ),
            Option(
                _percent(1 - count * failures),
                False,
                "That adds the failures up, and so counts a customer with two failures twice. With eleven "
                "steps it would come out below zero.",
            ),
            Option(
                _percent(right),
                True,
                f"{1 - failures:.1f} to the power of {count}. A chain of good steps can be a poor service; "
                "fewer steps help as much as better ones.",
            ),
            Option(
                _percent(1 - right),
                False,
                "That is the rest: the customers for whom something goes wrong, at one step or at several.",
            ),
        ),
    )


def _on_time_and_in_full() -> QuickQuestion:
    deliveries, timely, complete = 200, 180, 190
    late, short = deliveries - timely, deliveries - complete
    # The shortages may all fall on late deliveries, or none of them may.
    on_time = [False] * late + [True] * timely
    best = otif_rate(on_time, [False] * short + [True] * complete)
    worst = otif_rate(on_time, [True] * complete + [False] * short)
    product, mean = timely * complete / deliveries**2, (timely + complete) / 2 / deliveries
    return QuickQuestion(
        f"Of {deliveries} deliveries, {timely} came on time and {complete} were complete. What is the share "
        "on time and in full (OTIF)?",
        (
            Option(
                f"{_percent(mean)}, halfway between the two",
                False,
                "That is the mean of the two shares. A delivery counts only if it is both, so OTIF cannot be "
                f"above the smaller share, {_percent(timely / deliveries)}.",
            ),
            Option(
                f"{_percent(product)}, the two multiplied",
                False,
                "That takes lateness and shortage to be independent. Often they are not: a badly loaded "
                "crate is late and incomplete.",
            ),
            Option(
                f"Anything from {_percent(worst)} to {_percent(best)}",
                True,
                f"If the {short} incomplete ones are all among the {late} late ones, {_percent(best)} are "
                f"both; if none is, {_percent(worst)}. Two totals cannot tell: count delivery by delivery.",
            ),
            Option(
                f"{_percent(timely / deliveries)}, the smaller of the two",
                False,
                "That is the most it can be: it would need every incomplete delivery to be late as well.",
            ),
        ),
    )


LENDER = QuickQuestion(
    "The seven Ps hold for a bank that lends to firms, too. Which of these is its physical evidence?",
    (
        Option(
            "The interest rate",
            False,
            "That is the price, even though it is called a rate and not a price.",
        ),
        Option(
            "The officer who knows the firm and decides on the loan",
            False,
            "That is people. What the officer hands over, wears or sits in may be evidence.",
        ),
        Option(
            "The days from the application to the money, and the forms on the way",
            False,
            "How long it takes and in which steps is the process. What a form looks like is evidence.",
        ),
        Option(
            "The branch, the contract folder and the statement of account",
            True,
            "A loan cannot be seen. The customer judges it by what can: rooms, papers, screens, signs.",
        ),
    ),
)

questions = QuickQuestions(
    "service",
    (
        _a_busier_gate(),
        _one_line_for_two_teams(),
        _six_good_steps(),
        _on_time_and_in_full(),
        LENDER,
    ),
)
