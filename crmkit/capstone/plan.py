"""What a plan of the capstone must hold, and what is wrong with one.

A plan is a dict that JSON can carry. It is judged field by field: against its form, against the budget,
against the size of the dairy, and against what the dairy's own trial of a gift has shown. Whether it is a
good plan is for a reader of the report to say.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmkit.models.experiment import sample_size_per_arm
from crmkit.models.fence import design_effect
from crmkit.models.value import difference_in_proportions

if TYPE_CHECKING:
    from crmkit.data import Catalogue

BUDGET = 20_000
"""Yuan that the board gives for a year."""

RISKS = 3
"""Fewest risks that a plan names."""

MEASURE = ("measure", "accounts", "yuan_per_account", "worth_per_account")
RISK = ("risk", "sign", "response")
EXPERIMENT = ("outcome", "unit", "control", "treated", "accounts_per_unit", "icc", "per_arm")
UNITS = ("route", "account")
GIFT = "gift"


@dataclass(frozen=True)
class Fault:
    """What is wrong: a word for it that stays the same, and a sentence for the author of the plan."""

    kind: str
    message: str


@dataclass(frozen=True)
class Facts:
    """What the rules need to know of a dairy.

    Parameters
    ----------
    families : the product groups.
    accounts : accounts served in the last month, by zone and tier.
    routes : routes by zone.
    uplift : lowest and highest uplift of the gift that its trial leaves open (95%), by tier.
    tiers : the tiers, the same in every dairy.
    """

    families: tuple[str, ...]
    accounts: Mapping[tuple[int, str], int]
    routes: Mapping[int, int]
    uplift: Mapping[str, tuple[float, float]]
    tiers: tuple[str, ...] = ("VIP", "major", "ordinary", "small")

    @classmethod
    def of(cls, dairy: Catalogue) -> Facts:
        """Return the facts of a dairy."""
        sales = dairy("hailang.sales_monthly")
        last = sales[sales["month"] == sales["month"].max()]
        uplift = {}
        for tier, rows in dairy("hailang.promo_assign").groupby("tier"):
            arms = rows.groupby("treated")["responded"].agg(["sum", "size"])
            found = difference_in_proportions(*map(int, (*arms.loc[0], *arms.loc[1])))
            uplift[str(tier)] = (found.low, found.high)
        return cls(
            families=tuple(dict.fromkeys(dairy("hailang.products")["family"])),
            accounts=dict(
                zip(zip(last["zone_id"], last["tier"], strict=True), map(int, last["accounts"]), strict=True)
            ),
            routes={int(zone): len(rows) for zone, rows in dairy("hailang.routes").groupby("zone_id")},
            uplift=uplift,
        )


def units_per_arm(control: float, treated: float, accounts_per_unit: float, icc: float) -> int:
    """Return the units, such as routes, that each arm of a trial needs: n · (1 + (m − 1) ρ) / m.

    n is the number of accounts per arm if the lot fell on single accounts: a two-sided test at 5% whose
    variances are not pooled, with a power of 80%.

    Parameters
    ----------
    control, treated : expected rates of the two arms, different and between 0 and 1.
    accounts_per_unit : accounts m of a unit, at least 1.
    icc : intracluster correlation ρ, from 0 to 1; it does not matter if a unit is one account.

    Returns
    -------
    Units per arm, rounded up.

    Raises
    ------
    ValueError : rates that are equal or not between 0 and 1, fewer than 1 account or a correlation outside
        [0, 1].

    Source: fleiss1980 for n, kish1965 for the factor.
    """
    single = sample_size_per_arm(control, treated, pooled=False)
    return math.ceil(single * design_effect(accounts_per_unit, icc) / accounts_per_unit)


def check_plan(plan: Mapping[str, Any], dairy: Catalogue) -> list[str]:
    """Say what is wrong with a plan.

    Parameters
    ----------
    plan : the plan, as the exercise describes it.
    dairy : the dairy's tables, `load.dairy()`.

    Returns
    -------
    One sentence for each fault; none if the plan keeps all rules.
    """
    found = faults(plan, Facts.of(dairy))
    return [f"{name}: {fault.message}" for name, fault in found.items() if fault]


def faults(plan: Mapping[str, Any], facts: Facts) -> dict[str, Fault | None]:
    """Return the first fault of each field of a plan, or None where there is none.

    Fields that a plan must not have are told among them.
    """
    found = {name: _fault(rule, plan, name, facts) for name, rule in RULES.items()}
    extra = [str(name) for name in plan if name not in RULES]
    known = f"a plan has the fields {', '.join(RULES)}"
    return found | {name: Fault("unknown", f"there is no such field; {known}") for name in extra}


def _fault(rule: Rule, plan: Mapping[str, Any], name: str, facts: Facts) -> Fault | None:
    if _is_empty(plan.get(name)):
        return Fault("missing", "this field is missing")
    return next(rule(plan, facts), None)


def _is_empty(value: Any) -> bool:
    return value is None or value is ... or (isinstance(value, str) and not value.strip())


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) >= 1


def _tier(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    if plan["tier"] not in facts.tiers:
        yield Fault("unknown", f"{plan['tier']!r} is none of {', '.join(facts.tiers)}")


def _product_group(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    if plan["product_group"] not in facts.families:
        yield Fault("unknown", f"{plan['product_group']!r} is none of {', '.join(facts.families)}")


def _zones(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    zones = plan["zones"]
    if not isinstance(zones, list) or not zones:
        yield Fault("missing", "a list of zone numbers is expected, at least one")
        return
    unknown = [zone for zone in zones if not _is_count(zone) or zone not in facts.routes]
    if unknown:
        yield Fault("unknown", f"there is no zone {unknown[0]!r}; zones are whole numbers from 1 to 20")
    elif len(set(zones)) < len(zones):
        yield Fault("twice", "a zone is named twice")


def _accounts_there(plan: Mapping[str, Any], facts: Facts) -> int | None:
    """Return how many accounts of the plan's tier are served in its zones; None if either is faulty."""
    if _fault(_tier, plan, "tier", facts) or _fault(_zones, plan, "zones", facts):
        return None
    return sum(facts.accounts.get((zone, plan["tier"]), 0) for zone in plan["zones"])


def _measures(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    measures = plan["measures"]
    if not isinstance(measures, list) or not measures:
        yield Fault("missing", "a list of measures is expected, at least one")
        return
    for number, measure in enumerate(measures, start=1):
        for fault in _of_one_measure(measure, plan, facts):
            yield Fault(fault.kind, f"measure {number}: {fault.message}")


def _of_one_measure(measure: Any, plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    yield from _incomplete(measure, MEASURE)
    if not isinstance(measure["measure"], str):
        yield Fault("missing", "measure is the name of what is done, such as 'fence'")
    for name in ("yuan_per_account", "worth_per_account"):
        if not _is_number(measure[name]) or measure[name] <= 0:
            yield Fault("unit", f"{name} is a number of yuan above 0, without a unit, not {measure[name]!r}")
    if not _is_count(measure["accounts"]):
        yield Fault("unit", f"accounts is a whole number of accounts, not {measure['accounts']!r}")
    there = _accounts_there(plan, facts)
    if there is not None and measure["accounts"] > there:
        yield Fault(
            "too many",
            f"{measure['accounts']:,} accounts are more than the {there:,} that this tier has in these zones",
        )
    if measure["measure"] == GIFT and plan.get("tier") in facts.tiers:
        yield from _gift_for(plan["tier"], facts)
    cost, worth = measure["yuan_per_account"], measure["worth_per_account"]
    if cost > worth:
        yield Fault("not worth it", f"it spends {cost:g} yuan on an account to gain {worth:g}")


def _gift_for(tier: str, facts: Facts) -> Iterator[Fault]:
    if tier not in facts.uplift:
        yield Fault("no uplift", f"the gift was not tried on {tier} accounts, so nobody knows what it does")
    elif facts.uplift[tier][0] <= 0:
        low, high = (100 * limit for limit in facts.uplift[tier])
        yield Fault(
            "no uplift",
            f"the trial shows no uplift of the gift on {tier} accounts: its 95% interval, from {low:+.1f} to "
            f"{high:+.1f} points, does not lie above 0",
        )


def _total(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    total = plan["total_yuan"]
    if not _is_number(total):
        yield Fault("unit", f"total_yuan is a number of yuan, without a unit, not {total!r}")
        return
    if not _fault(_measures, plan, "measures", facts):
        spent = sum(measure["accounts"] * measure["yuan_per_account"] for measure in plan["measures"])
        if abs(total - spent) > 1:
            units = {1_000: "thousands of yuan", 0.01: "fen"}
            given = next((unit for size, unit in units.items() if abs(total * size - spent) <= size), "")
            if given:
                yield Fault("unit", f"{total:,.9g} looks like {given}; give yuan")
            yield Fault("sum", f"the measures add up to {spent:,.0f} yuan, not {total:,.0f}")
    if total > BUDGET:
        yield Fault("over budget", f"{total:,.0f} yuan are more than the budget of {BUDGET:,}")
    if total <= 0:
        yield Fault("unit", "the plan spends nothing")


def _experiment(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    trial = plan["experiment"]
    yield from _incomplete(trial, EXPERIMENT)
    if trial["unit"] not in UNITS:
        yield Fault("unknown", f"the lot falls on a {' or an '.join(UNITS)}, not on {trial['unit']!r}")
    for name in ("control", "treated"):
        if not _is_number(trial[name]) or not 0 < trial[name] < 1:
            yield Fault("unit", f"{name} is a rate between 0 and 1 (20% is 0.20), not {trial[name]!r}")
    if trial["control"] == trial["treated"]:
        yield Fault("no effect", "both arms have the same rate; a trial looks for a difference")
    if not _is_number(trial["icc"]) or not 0 <= trial["icc"] <= 1:
        yield Fault("unit", f"icc is a correlation from 0 to 1, not {trial['icc']!r}")
    if not _is_number(trial["accounts_per_unit"]) or trial["accounts_per_unit"] < 1:
        yield Fault("unit", f"accounts_per_unit is at least 1, not {trial['accounts_per_unit']!r}")
    if trial["unit"] == "account" and trial["accounts_per_unit"] != 1:
        yield Fault("unit", "if the lot falls on single accounts, accounts_per_unit is 1")
    if not _is_count(trial["per_arm"]):
        yield Fault("unit", f"per_arm is a whole number of units, not {trial['per_arm']!r}")
    rates = trial["control"], trial["treated"]
    needed = units_per_arm(*rates, trial["accounts_per_unit"], trial["icc"])
    if trial["per_arm"] < needed:
        yield Fault(
            "too small",
            f"{trial['per_arm']:,} {trial['unit']}s per arm find this difference with less than 80% power; "
            f"{needed:,} are needed",
        )
    # The lot may fall anywhere in the dairy: what is learnt there holds for the plan's zones, too.
    if trial["unit"] == "route":
        there = sum(facts.routes.values())
    else:
        there = sum(count for (_, tier), count in facts.accounts.items() if tier == plan.get("tier"))
    if 2 * trial["per_arm"] > there:
        yield Fault(
            "too many",
            f"two arms of {trial['per_arm']:,} need more than the {there:,} {trial['unit']}s of the dairy",
        )


def _risks(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    risks = plan["risks"]
    if not isinstance(risks, list) or len(risks) < RISKS:
        yield Fault("missing", f"a list of at least {RISKS} risks is expected")
        return
    for number, risk in enumerate(risks, start=1):
        for fault in _incomplete(risk, RISK):
            yield Fault(fault.kind, f"risk {number}: {fault.message}")


def _ethics(plan: Mapping[str, Any], facts: Facts) -> Iterator[Fault]:
    if not isinstance(plan["ethics"], str):
        yield Fault("missing", "a sentence or two are expected")


def _incomplete(value: Any, names: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what is missing in a part of the plan; there is nothing else to say of it then."""
    if not isinstance(value, Mapping):
        yield Fault("missing", f"a dict with the fields {', '.join(names)} is expected")
        return
    missing = [name for name in names if _is_empty(value.get(name))]
    if missing:
        yield Fault("missing", f"the field {missing[0]} is missing")


Rule = Callable[[Mapping[str, Any], Facts], Iterator[Fault]]
RULES: dict[str, Rule] = {
    "tier": _tier,
    "product_group": _product_group,
    "zones": _zones,
    "measures": _measures,
    "total_yuan": _total,
    "experiment": _experiment,
    "risks": _risks,
    "ethics": _ethics,
}
"""The fields of a plan, each with its rule: a generator of faults of which only the first is told."""
