"""A plan of the capstone is judged field by field, and each fault is told in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit.capstone import BUDGET, check_plan, units_per_arm
from crmkit.capstone.plan import RULES, Facts, faults
from crmkit.data import load
from crmkit.exercise.answer import Form, Mismatch, describe, parts
from crmkit.exercise.check import judge
from crmkit.exercise.key import Entry
from crmkit.exercise.question import QuestionError, question
from crmkit.exercise.release import stub
from crmkit.exercise.verdict import Outcome

Change = Callable[[dict[str, Any]], Any]

FACTS = Facts(
    families=("functional", "milk"),
    accounts={(zone, tier): 100 * zone for zone in (1, 2, 3) for tier in ("major", "ordinary", "small")},
    routes={1: 20, 2: 20, 3: 20},
    uplift={"VIP": (-0.05, 0.07), "ordinary": (0.02, 0.06), "small": (-0.03, -0.01)},
)
PLAN: dict[str, Any] = {
    "tier": "ordinary",
    "product_group": "functional",
    "zones": [2, 3],
    "measures": [
        {"measure": "fence", "accounts": 400, "yuan_per_account": 6.5, "worth_per_account": 12},
        {"measure": "gift", "accounts": 500, "yuan_per_account": 3, "worth_per_account": 4.0},
    ],
    "total_yuan": 4_100,  # 400 × 6.5 + 500 × 3
    "experiment": {
        "outcome": "accounts that follow",
        "unit": "route",
        "control": 0.30,
        "treated": 0.15,
        "accounts_per_unit": 25,
        "icc": 0.05,
        "per_arm": 11,
    },
    "risks": [{"risk": f"risk {i}", "sign": "a number", "response": "a deed"} for i in range(3)],
    "ethics": "Nobody is kept against their will.",
}


def changed(change: Change) -> dict[str, Any]:
    plan = copy.deepcopy(PLAN)
    change(plan)
    return plan


def test_a_plan_that_keeps_the_rules_has_no_fault():
    assert faults(PLAN, FACTS) == dict.fromkeys(RULES)


FAULTS: dict[str, tuple[Change, str, str]] = {
    "missing field": (lambda p: p.pop("ethics"), "ethics", "this field is missing"),
    "blank": (lambda p: p.update(ethics="  "), "ethics", "this field is missing"),
    "stub": (lambda p: p.update(risks=...), "risks", "this field is missing"),
    "tier": (lambda p: p.update(tier="gold"), "tier", "'gold' is none of VIP, major, ordinary, small"),
    "family": (lambda p: p.update(product_group="tea"), "product_group", "'tea' is none of functional, milk"),
    "one zone": (lambda p: p.update(zones=3), "zones", "a list of zone numbers is expected"),
    "zone": (lambda p: p.update(zones=[2, 21]), "zones", "there is no zone 21"),
    "zone twice": (lambda p: p.update(zones=[2, 2, 3]), "zones", "a zone is named twice"),
    "no measure": (lambda p: p.update(measures=[]), "measures", "a list of measures is expected"),
    "no cost": (
        lambda p: p["measures"][1].pop("yuan_per_account"),
        "measures",
        "measure 2: the field yuan_per_account is missing",
    ),
    "cost with a unit": (
        lambda p: p["measures"][0].update(yuan_per_account="6.5 yuan"),
        "measures",
        "measure 1: yuan_per_account is a number of yuan above 0, without a unit, not '6.5 yuan'",
    ),
    "half an account": (
        lambda p: p["measures"][0].update(accounts=0.5),
        "measures",
        "measure 1: accounts is a whole number of accounts, not 0.5",
    ),
    "too many accounts": (
        lambda p: p["measures"][0].update(accounts=501),
        "measures",
        "measure 1: 501 accounts are more than the 500 that this tier has in these zones",
    ),
    "not worth it": (
        lambda p: p["measures"][0].update(worth_per_account=6),
        "measures",
        "measure 1: it spends 6.5 yuan on an account to gain 6",
    ),
    "gift without uplift": (
        lambda p: p.update(tier="small"),
        "measures",
        "measure 2: the trial shows no uplift of the gift on small accounts: its 95% interval, from -3.0 to "
        "-1.0 points, does not lie above 0",
    ),
    "gift not tried": (
        lambda p: p.update(tier="major", measures=[{**p["measures"][1], "accounts": 1}]),
        "measures",
        "measure 1: the gift was not tried on major accounts, so nobody knows what it does",
    ),
    "fen": (lambda p: p.update(total_yuan=410_000), "total_yuan", "410,000 looks like fen; give yuan"),
    "thousands": (
        lambda p: p.update(total_yuan=4.1),
        "total_yuan",
        "4.1 looks like thousands of yuan; give yuan",
    ),
    "sum": (
        lambda p: p.update(total_yuan=4_000),
        "total_yuan",
        "the measures add up to 4,100 yuan, not 4,000",
    ),
    "over budget": (
        lambda p: (
            p["measures"][0].update(yuan_per_account=50, worth_per_account=60),
            p.update(total_yuan=21_500),
        ),
        "total_yuan",
        "21,500 yuan are more than the budget of 20,000",
    ),
    "unit of the lot": (
        lambda p: p["experiment"].update(unit="zone"),
        "experiment",
        "the lot falls on a route or an account, not on 'zone'",
    ),
    "per cent": (
        lambda p: p["experiment"].update(control=30),
        "experiment",
        "control is a rate between 0 and 1 (20% is 0.20), not 30",
    ),
    "no effect": (
        lambda p: p["experiment"].update(treated=0.30),
        "experiment",
        "both arms have the same rate",
    ),
    "too small": (
        lambda p: p["experiment"].update(per_arm=10),
        "experiment",
        "10 routes per arm find this difference with less than 80% power; 11 are needed",
    ),
    "too many routes": (
        lambda p: p["experiment"].update(per_arm=31),
        "experiment",
        "two arms of 31 need more than the 60 routes of the dairy",
    ),
    "too many accounts drawn": (
        lambda p: p["experiment"].update(unit="account", accounts_per_unit=1, per_arm=301),
        "experiment",
        "two arms of 301 need more than the 600 accounts of the dairy",
    ),
    "accounts are single": (
        lambda p: p["experiment"].update(unit="account"),
        "experiment",
        "accounts_per_unit is 1",
    ),
    "two risks": (lambda p: p["risks"].pop(), "risks", "a list of at least 3 risks is expected"),
    "risk without a sign": (
        lambda p: p["risks"][2].update(sign=""),
        "risks",
        "risk 3: the field sign is missing",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_at_its_field_in_one_sentence(name: str):
    change, where, message = FAULTS[name]
    found = {part: fault for part, fault in faults(changed(change), FACTS).items() if fault}
    assert message in found[where].message
    assert "\n" not in found[where].message


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"tier", "zone", "one zone", "gift not tried"}))
def test_one_fault_is_told_at_one_field_only(name: str):
    change, where, _ = FAULTS[name]
    assert [part for part, fault in faults(changed(change), FACTS).items() if fault] == [where]


def test_an_unknown_field_is_told_with_the_known_ones():
    found = faults({**PLAN, "colour": "blue"}, FACTS)["colour"]
    assert found is not None
    assert found.message.endswith("a plan has the fields " + ", ".join(RULES))


@pytest.mark.parametrize("value", [None, ..., "", 5, [], {}, [None], {"x": ...}, float("nan"), "text"])
@pytest.mark.parametrize("name", RULES)
def test_nothing_that_a_student_may_write_makes_the_rules_fail(name: str, value: Any):
    is_fine = (name, value) == ("ethics", "text")
    assert any(faults({**PLAN, name: value}, FACTS).values()) != is_fine
    assert any(faults({name: value}, FACTS).values())
    for part in ("measures", "risks"):
        assert faults({**PLAN, part: [value]}, FACTS)[part]


def test_units_per_arm_is_the_published_number_of_accounts_times_the_design_effect():
    # 3,839 per arm for 10% against 12%, not pooled; with 20 accounts a route and ρ = 0.05, 1.95 times as
    # many.
    assert units_per_arm(0.10, 0.12, 1, 0.05) == 3_839
    assert units_per_arm(0.10, 0.12, 20, 0.05) == 375  # 3,839 × 1.95 / 20 = 374.3
    assert units_per_arm(0.12, 0.10, 20, 0) == 192  # 191.95


def test_the_facts_of_a_dairy_are_those_of_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    dairy = load.dairy()
    facts = Facts.of(dairy)
    assert facts.families == ("functional", "milk", "yogurt", "drink", "hyped")
    assert sum(facts.routes.values()) == 400
    assert (
        sum(facts.accounts.values())
        == dairy("hailang.sales_monthly").query("month == '1999-09'")["accounts"].sum()
    )
    assert set(facts.uplift) == {"VIP", "ordinary", "small"}
    rows = dairy("hailang.promo_assign").query("tier == 'small'").groupby("treated")["responded"]
    (p0, p1), (n0, n1) = rows.mean(), rows.size()
    error = (p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1) ** 0.5
    assert facts.uplift["small"] == pytest.approx(
        (p1 - p0 - 1.959964 * error, p1 - p0 + 1.959964 * error), rel=1e-5
    )


# As a question


@pytest.fixture
def valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A plan for the practice dairy, where the gift reaches the small accounts."""
    monkeypatch.chdir(tmp_path)
    measures = [{"measure": "gift", "accounts": 900, "yuan_per_account": 2, "worth_per_account": 3}]
    return {**PLAN, "tier": "small", "zones": [1], "measures": measures, "total_yuan": 1_800}


@pytest.fixture
def entry(valid: dict[str, Any]) -> Entry:
    over = {**valid, "risks": []}
    return question(
        "demo-q1",
        valid,
        points=1,
        minutes=1,
        hints=["one", "two"],
        mistakes={"Name more risks.": over},
        is_plan=True,
    ).entry


def test_check_plan_says_nothing_of_a_good_plan_and_a_line_for_each_fault(valid: dict[str, Any]):
    assert check_plan(valid, load.dairy()) == []
    said = check_plan({**valid, "total_yuan": BUDGET + 1, "zones": [0]}, load.dairy())
    assert [line.partition(": ")[0] for line in said] == ["zones", "total_yuan"]


def test_every_plan_without_a_fault_is_right(entry: Entry, valid: dict[str, Any]):
    other = {**valid, "product_group": "milk", "zones": [2, 3], "ethics": "Something else."}
    assert judge(entry, other).outcome is Outcome.CORRECT


def test_a_declared_fault_is_met_with_its_message(entry: Entry, valid: dict[str, Any]):
    verdict = judge(entry, {**valid, "risks": valid["risks"][:1]})
    assert (verdict.outcome, verdict.lines) == (Outcome.MISTAKE, ("Name more risks.",))


def test_another_fault_is_met_with_the_fields_that_are_right_and_wrong(entry: Entry, valid: dict[str, Any]):
    verdict = judge(entry, {**valid, "tier": "gold"})
    assert verdict.outcome is Outcome.INCORRECT
    assert verdict.lines[0].endswith("Look again at the value of tier.")


def test_a_blank_plan_is_not_attempted_and_something_else_is_no_plan(entry: Entry):
    assert judge(entry, dict.fromkeys(RULES, ...)).outcome is Outcome.NOT_ATTEMPTED
    assert judge(entry, "a plan").outcome is Outcome.MALFORMED
    assert judge(entry, {**PLAN, "extra": 1}).outcome is Outcome.MALFORMED


def test_the_stub_of_a_plan_has_its_fields():
    form = describe(PLAN, is_plan=True)
    assert stub("plan = {}", "plan", form).splitlines()[1] == '    "tier": ...,'
    assert Form.from_json(form.to_json()) == form
    with pytest.raises(Mismatch, match="missing key 'zones'"):
        parts({name: 1 for name in RULES if name != "zones"}, form)


def test_a_plan_with_a_fault_cannot_be_a_mistake_equal_to_the_answer(valid: dict[str, Any]):
    with pytest.raises(QuestionError, match="equals the answer"):
        question(
            "demo-q2",
            valid,
            points=1,
            minutes=1,
            hints=["one", "two"],
            mistakes={"No fault in it.": {**valid, "zones": [2]}},
            is_plan=True,
        )
