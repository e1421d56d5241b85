"""T1 to T20: what is planted in the simulated dairy is found again, with the methods that the chapters use.

Exact truths are exact. Estimated ones lie within two standard errors in the shipped tables, and over 30
other dairies the estimators are unbiased. T8 and T11 have a file of their own: test_price_panel.py.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxTimeVaryingFitter, KaplanMeierFitter

from crmkit.data import load
from crmkit.data.hailang import TRUTH
from crmkit.data.hailang.dairy import simulate
from crmkit.data.hailang.tables import table_of

Tables = Callable[[str], pd.DataFrame]
"""Gives a table of one dairy by its name."""

REDRAWS = range(30)


@dataclass(frozen=True)
class Estimate:
    value: float
    se: float
    truth: float

    @property
    def z(self) -> float:
        return (self.value - self.truth) / self.se


# --- Estimators ----------------------------------------------------------------------------------------


def month_number(months: pd.Series) -> pd.Series:
    return months.str[:4].astype(int) * 12 + months.str[5:7].astype(int) - 1


def proportion(successes: pd.Series) -> tuple[float, float]:
    share = successes.mean()
    return share, share * (1 - share) / len(successes)


def difference_in_response(tables: Tables, promo_id: str) -> tuple[float, float]:
    """T10: share that responds with the promotion, less the share without; and its standard error."""
    rows = tables("promo_assign").query("promo_id == @promo_id")
    (with_it, var1), (without, var0) = (
        proportion(rows.loc[rows["treated"] == arm, "responded"]) for arm in (1, 0)
    )
    return with_it - without, np.sqrt(var1 + var0)


def log_rate_ratios(table: pd.DataFrame, count: str, causes: list[str], exposure: str = "accounts") -> sm.GLM:
    """Poisson regression of counts by route; what happens on one route may hang together.

    Rows of one route with the same causes are added up first: that changes nothing but the time it takes.
    """
    rows = table.groupby(["route_id", *causes], as_index=False)[[count, exposure]].sum()
    rows = rows[rows[exposure] > 0]
    design = pd.get_dummies(rows[causes], drop_first=True, dtype=float)
    offset = np.log(rows[exposure])
    model = sm.GLM(rows[count], sm.add_constant(design), family=sm.families.Poisson(), offset=offset)
    return model.fit(cov_type="cluster", cov_kwds={"groups": rows["route_id"]})


def route_months(tables: Tables) -> pd.DataFrame:
    """All routes by month, with what is known about them."""
    table = tables("route_months").merge(tables("routes")[["route_id", "zone_id", "grade"]], on="route_id")
    table = table.merge(tables("carriers")[["carrier_id", "trained"]], on="carrier_id")
    entry = table["zone_id"].map(tables("zones").set_index("zone_id")["rival_entry_month"])
    table["rival"] = (table["month"] >= entry).astype(int)
    return table


def exit_effect(tables: Tables) -> Estimate:
    """T6: monthly rate of leaving after an exit, over the rate otherwise, where there is no rival."""
    table = route_months(tables).query("rival == 0")
    fit = log_rate_ratios(table, "left", ["after_exit"])
    return Estimate(fit.params["after_exit"], fit.bse["after_exit"], np.log(TRUTH.exit_hazard_ratio))


def base_rate(rows: pd.DataFrame) -> Estimate:
    """T6: share of the accounts that leave in a month in which nothing special happens."""
    usual = rows.query("rival == 0 and after_exit == 0")["left"]
    rate, variance = proportion(usual)
    return Estimate(rate, np.sqrt(variance), TRUTH.churn)


def account_months(tables: Tables) -> pd.DataFrame:
    """The sampled accounts in each month that they were served, with what might make them leave."""
    rows = tables("orders_monthly")[["month", "account_id"]].merge(
        tables("subscribers")[["account_id", "route_id", "leave_month"]], on="account_id"
    )
    rows["left"] = (rows["month"] == rows["leave_month"]).astype(int)
    known = route_months(tables)[["month", "route_id", "after_exit", "rival", "grade", "trained"]]
    rows = rows.merge(known, on=["month", "route_id"])
    rows["t"] = month_number(rows["month"])

    heard = tables("complaints").sort_values("date", kind="stable")
    heard["t"] = month_number(heard["date"])
    # The last complaint of an account before the month counts, for three months.
    heard = heard.drop_duplicates(["account_id", "t"], keep="last")
    remembered = [heard.assign(t=heard["t"] + ago, ago=ago) for ago in range(1, TRUTH.complaint_months + 1)]
    latest = pd.concat(remembered).sort_values("ago").drop_duplicates(["account_id", "t"])
    rows = rows.merge(
        latest[["account_id", "t", "ago", "hours_to_resolve"]], how="left", on=["account_id", "t"]
    )
    complained = rows["ago"].notna()
    rows["unresolved"] = (complained & rows["hours_to_resolve"].isna()).astype(int)
    rows["fast"] = (complained & (rows["hours_to_resolve"] < 24)).astype(int)
    rows["accounts"] = 1
    rows["slow"] = (complained & (rows["hours_to_resolve"] >= 24)).astype(int)
    return rows


def complaint_effects(rows: pd.DataFrame) -> dict[str, Estimate]:
    """T12: monthly rate of leaving after a complaint, over the rate without one."""
    kinds = ["unresolved", "fast", "slow", "after_exit", "rival", "trained", "grade"]
    fit = log_rate_ratios(rows, "left", kinds)
    truths = {
        "unresolved": TRUTH.unresolved_hazard_ratio,
        "fast": TRUTH.fast_hazard_ratio,
        "slow": TRUTH.slow_hazard_ratio,
    }
    return {kind: Estimate(fit.params[kind], fit.bse[kind], np.log(truth)) for kind, truth in truths.items()}


def carrier_survival(tables: Tables) -> Estimate:
    """T7: share of the delivery people still at work after twelve months (Kaplan–Meier)."""
    people = tables("carriers")
    end = people["exit_month"].fillna("1999-09")
    months = month_number(end) - month_number(people["start_month"]) + 1
    fit = KaplanMeierFitter().fit(months, people["exit_month"].notna())
    low, high = np.log(-np.log(fit.confidence_interval_survival_function_.loc[12]))
    survival = fit.predict(12)
    se = abs(high - low) / (2 * 1.96) * survival * abs(np.log(survival))
    return Estimate(survival, se, 1 - TRUTH.carrier_exit_per_year)


def decay(tables: Tables, hyped: bool) -> Estimate:
    """T9: monthly decay of the share of all bottles, one slope for several products with a level each."""
    sales = tables("sku_monthly").merge(tables("products"), on="sku")
    sales = sales[(sales["functional"] == 0) & (sales["concept_hype"] == hyped)]
    total = sales["month"].map(tables("sku_monthly").groupby("month")["bottles"].sum())
    age = month_number(sales["month"]) - month_number(sales["launch_month"])
    if hyped:  # for three half-lives: later there are few bottles left
        sales, total, age = (column[age < 18] for column in (sales, total, age))
    design = pd.get_dummies(sales["sku"], dtype=float).assign(age=age)
    model = sm.OLS(np.log(sales["bottles"] / total), design)
    if hyped:
        fit = model.fit(cov_type="HC3")
    else:
        # So little noise that it shows which boxes were opened when: a product's months hang together.
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": sales["sku"].astype("category").cat.codes})
    return Estimate(-fit.params["age"], fit.bse["age"], 0.12 if hyped else 0.01)


def rival_effect(tables: Tables, count: str) -> Estimate:
    """T16: difference in differences of log rates: zones with a rival and without, before and after."""
    table = route_months(tables).assign(months=1)
    table["treated"] = table["zone_id"].isin(TRUTH.rival_zones).astype(int)
    table["after"] = (table["month"] >= "1998-10").astype(int)
    exposure = "accounts" if count == "left" else "months"
    fit = log_rate_ratios(table, count, ["treated", "after", "rival"], exposure)
    truth = TRUTH.rival_churn if count == "left" else TRUTH.rival_acquisition
    return Estimate(fit.params["rival"], fit.bse["rival"], np.log(truth))


def fence_effect(tables: Tables) -> Estimate:
    """T17: takeaway with the fence less takeaway without, each route one observation."""
    trial = tables("fence_trial")
    share = trial["accounts_lost"] / trial["accounts"]
    arms = share.groupby(trial["arm"]).agg(["mean", "var", "count"])
    se = np.sqrt((arms["var"] / arms["count"]).sum())
    effect = arms.loc["fence", "mean"] - arms.loc["control", "mean"]
    return Estimate(effect, se, TRUTH.takeaway_fenced - TRUTH.takeaway)


def spoilage(tables: Tables) -> Estimate:
    """T19: slope of a logistic regression."""
    rows = tables("deliveries_daily")
    fit = sm.Logit(rows["spoiled"], sm.add_constant(rows[["hours_above_4C"]])).fit(disp=0)
    return Estimate(fit.params["hours_above_4C"], fit.bse["hours_above_4C"], TRUTH.spoilage_slope)


def training_effect(tables: Tables, by_grade: bool) -> Estimate:
    """T20: rate of leaving with a trained delivery person, over the rate with an untrained one."""
    causes = ["trained", "after_exit", "rival", *(["grade"] if by_grade else [])]
    fit = log_rate_ratios(route_months(tables), "left", causes)
    return Estimate(fit.params["trained"], fit.bse["trained"], np.log(TRUTH.training_effect))


def service_gaps(tables: Tables) -> dict[str, Estimate]:
    """Perception less expectation by dimension."""
    answers, found, item = tables("survey"), {}, 1
    for dimension, items, gap in TRUTH.service_gaps:
        numbers = range(item, item + items)
        item += items
        gaps = answers[[f"p{i}" for i in numbers]].mean(axis=1) - answers[[f"e{i}" for i in numbers]].mean(
            axis=1
        )
        found[dimension] = Estimate(gaps.mean(), gaps.std() / np.sqrt(len(gaps)), gap)
    return found


def trust_paths(tables: Tables) -> dict[str, Estimate]:
    """From extra service to trust, from trust to bottles, and from service to bottles directly."""
    rows = tables("survey")
    first = sm.OLS(rows["trust"], sm.add_constant(rows[["extra_service"]])).fit()
    second = sm.OLS(rows["intended_bottles"], sm.add_constant(rows[["extra_service", "trust"]])).fit()
    return {
        "a": Estimate(first.params["extra_service"], first.bse["extra_service"], TRUTH.service_to_trust),
        "b": Estimate(second.params["trust"], second.bse["trust"], TRUTH.trust_to_bottles),
        "c": Estimate(second.params["extra_service"], second.bse["extra_service"], TRUTH.service_to_bottles),
    }


def promotion_effects(tables: Tables) -> dict[str, Estimate]:
    return {
        gift.tier: Estimate(*difference_in_response(tables, gift.promo_id), gift.effect)
        for gift in TRUTH.promotions
    }


def every_estimate(tables: Tables) -> dict[str, Estimate]:
    rows = account_months(tables)
    return (
        {
            "T6 ratio": exit_effect(tables),
            "T6 base": base_rate(rows),
            "T7": carrier_survival(tables),
            "T9 fad": decay(tables, hyped=True),
            "T9 core": decay(tables, hyped=False),
            "T16 churn": rival_effect(tables, "left"),
            "T16 acquisition": rival_effect(tables, "joined"),
            "T17": fence_effect(tables),
            "T19": spoilage(tables),
            "T20": training_effect(tables, by_grade=True),
        }
        | {f"T10 {tier}": estimate for tier, estimate in promotion_effects(tables).items()}
        | {f"T12 {kind}": estimate for kind, estimate in complaint_effects(rows).items()}
        | {f"gap {dimension}": estimate for dimension, estimate in service_gaps(tables).items()}
        | {f"trust {path}": estimate for path, estimate in trust_paths(tables).items()}
    )


# --- The shipped dairy ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def estimates() -> dict[str, Estimate]:
    return every_estimate(lambda name: load(f"hailang.{name}"))


@pytest.fixture(scope="module")
def last_year() -> pd.DataFrame:
    return load("hailang.sales_monthly").query("month >= '1998-10'")


NAMES = (
    ["T6 ratio", "T6 base", "T7", "T9 fad", "T9 core"]
    + [f"T10 {gift.tier}" for gift in TRUTH.promotions]
    + ["T12 unresolved", "T12 fast", "T12 slow", "T16 churn", "T16 acquisition", "T17", "T19", "T20"]
    + [f"gap {dimension}" for dimension, _, _ in TRUTH.service_gaps]
    + ["trust a", "trust b", "trust c"]
)


@pytest.mark.parametrize("name", NAMES)
def test_an_estimate_is_within_2_se_of_what_is_planted(estimates: dict[str, Estimate], name: str):
    assert abs(estimates[name].z) < 2


def test_every_estimate_is_tested(estimates: dict[str, Estimate]):
    assert set(estimates) == set(NAMES)


def test_t1_exactly_100_000_bottles_a_day_in_year_three(last_year: pd.DataFrame):
    days = last_year.drop_duplicates("month")["days"].sum()
    assert days == 365
    assert last_year["bottles"].sum() == 100_000 * days


def test_t2_the_first_trading_month_is_october_1996():
    assert load("hailang.sales_monthly")["month"].min() == "1996-10"
    assert load("hailang.orders_monthly")["month"].min() == "1996-10"


def test_t3_thirteen_ordinary_products_and_the_functional_series():
    assert load("hailang.products").groupby("functional")["sku"].nunique().to_dict() == {0: 13, 1: 3}


def test_t4_tiers_of_1_4_15_and_80_percent_when_all_boxes_are_taken():
    sales = load("hailang.sales_monthly").query("month == '1998-09'")
    accounts = sales.groupby("tier")["accounts"].sum()
    assert accounts.to_dict() == {"VIP": 800, "major": 3_200, "ordinary": 12_000, "small": 64_000}
    people = load("hailang.subscribers").fillna({"leave_month": "9999-12"})
    served = people.query("join_month <= '1998-09' <= leave_month")
    assert served["tier_true"].value_counts().to_dict() == {
        "VIP": 40,
        "major": 160,
        "ordinary": 600,
        "small": 3_200,
    }


def test_t5_tiers_bring_18_17_30_and_35_percent_of_revenue(last_year: pd.DataFrame):
    revenue = last_year.groupby("tier")["revenue"].sum()
    shares = (revenue / revenue.sum()).round(3)
    assert shares.to_dict() == {"VIP": 0.18, "major": 0.17, "ordinary": 0.30, "small": 0.35}


def test_t5_the_gini_of_the_four_tiers_is_493_and_that_of_single_accounts_is_larger(last_year: pd.DataFrame):
    revenue = last_year.groupby("tier")["revenue"].sum()[["small", "ordinary", "major", "VIP"]]
    lorenz = np.cumsum([0, *(revenue / revenue.sum())])
    population = np.cumsum([0, 0.80, 0.15, 0.04, 0.01])
    assert 1 - np.sum(np.diff(population) * (lorenz[1:] + lorenz[:-1])) == pytest.approx(0.493, abs=0.0005)

    bottles = (
        load("hailang.orders_monthly").query("month >= '1998-10'").groupby("account_id")["bottles"].mean()
    )
    ranked, n = np.sort(bottles), len(bottles)
    gini = 2 * np.sum(np.arange(1, n + 1) * ranked) / (n * ranked.sum()) - (n + 1) / n
    assert 0.50 < gini < 0.60


def test_t6_cox_regression_of_the_sampled_accounts_agrees():
    rows = account_months(lambda name: load(f"hailang.{name}")).query("rival == 0")
    rows = rows.assign(start=rows["t"] - rows["t"].min(), stop=rows["t"] - rows["t"].min() + 1)
    columns = ["account_id", "start", "stop", "left", "after_exit"]
    fit = CoxTimeVaryingFitter().fit(rows[columns], id_col="account_id", event_col="left")
    coefficient, se = fit.params_["after_exit"], fit.standard_errors_["after_exit"]
    assert abs(coefficient - np.log(TRUTH.exit_hazard_ratio)) < 2 * se


def test_t13_thirty_percent_of_accounts_lose_money_and_the_whale_peaks_at_140_percent():
    sales = (
        load("hailang.orders_monthly").query("month == '1999-09'").merge(load("hailang.products"), on="sku")
    )
    margin = sales["bottles"] * (sales["price_paid"] - sales["unit_var_cost"] - TRUTH.commission)
    pools = load("hailang.cost_pools").query("practical_capacity > 0").set_index("activity")
    study = load("hailang.time_study")
    rates = study["activity"].map(pools["cost"] / pools["practical_capacity"])
    cost = (study["minutes"] * rates).groupby(study["account_id"]).sum()
    profit = margin.set_axis(sales["account_id"]) - cost
    assert profit.notna().all()
    assert (profit < 0).mean() == pytest.approx(TRUTH.unprofitable, abs=0.5 / len(profit))
    assert profit[profit > 0].sum() / profit.sum() == pytest.approx(TRUTH.whale_peak, abs=0.0005)


def test_the_dairy_earns_ten_fen_a_bottle_after_all_its_cost_pools():
    september = (
        load("hailang.sku_monthly").query("month == '1999-09'").merge(load("hailang.products"), on="sku")
    )
    unit = september["list_price"] - september["unit_var_cost"] - TRUTH.commission
    profit = (september["bottles"] * unit).sum() - load("hailang.cost_pools")["cost"].sum()
    assert profit / september["bottles"].sum() == pytest.approx(TRUTH.profit_per_bottle, abs=1e-6)
    assert load("hailang.cost_pools")["cost"].min() > 0


def test_t14_the_firm_knows_the_telephone_of_8_percent_of_households():
    people = load("hailang.subscribers")
    known = people.groupby("type")["phone_known_to_firm"].mean()
    assert known["household"] == pytest.approx(TRUTH.phone_known, abs=0.5 / len(people))
    assert known["institution"] == 1


def test_t15_of_the_cash_2_1_percent_does_not_arrive():
    cash = load("hailang.payments").query("channel == 'carrier cash'")
    missing = cash["due"].sum() - cash["paid"].sum()
    assert missing / cash["due"].sum() == pytest.approx(TRUTH.cash_leakage, abs=1e-7)
    assert (cash["paid"] > 0).all()
    others = load("hailang.payments").query("channel != 'carrier cash'")
    assert (others["due"] == others["paid"]).all()


def test_t18_in_45_percent_of_accounts_the_payer_is_not_the_user():
    people = load("hailang.subscribers")
    different = (people["payer"] != people["user"]).mean()
    assert different == pytest.approx(TRUTH.payer_is_not_user, abs=0.5 / len(people))


def test_t20_the_naive_comparison_doubles_the_effect_of_training(estimates: dict[str, Estimate]):
    naive = training_effect(lambda name: load(f"hailang.{name}"), by_grade=False)
    assert naive.z < -5
    gap, true_gap = 1 - np.exp(naive.value), 1 - TRUTH.training_effect
    assert gap == pytest.approx(2 * true_gap, rel=0.15)
    assert estimates["T20"].value < -2 * estimates["T20"].se


# --- The tables tell one story -------------------------------------------------------------------------


def test_the_deliveries_of_september_add_up_to_the_orders():
    delivered = load("hailang.deliveries_daily").groupby(["account_id", "sku"])["bottles"].sum()
    ordered = (
        load("hailang.orders_monthly").query("month == '1999-09'").set_index(["account_id", "sku"])["bottles"]
    )
    pd.testing.assert_series_equal(delivered.sort_index(), ordered.sort_index())


def test_the_sampled_accounts_add_up_to_the_months_of_their_routes():
    people = load("hailang.subscribers")
    table = load("hailang.route_months").set_index(["route_id", "month"])
    for column, month in (("joined", "join_month"), ("left", "leave_month")):
        counted = people.groupby(["route_id", month]).size()
        routes = people["route_id"].unique()
        expected = table.loc[routes, column]
        assert counted.reindex(expected.index, fill_value=0).equals(expected)
    served = (
        load("hailang.orders_monthly").merge(people, on="account_id").groupby(["route_id", "month"]).size()
    )
    assert served.equals(table.loc[served.index, "accounts"])


def test_dues_are_bottles_times_the_price_paid():
    both = load("hailang.orders_monthly").merge(load("hailang.payments"), on=["month", "account_id"])
    assert len(both) == len(load("hailang.orders_monthly")) == len(load("hailang.payments"))
    assert np.allclose(both["bottles"] * both["price_paid"], both["due"], atol=1e-9)


def test_sales_by_zone_and_by_product_have_the_same_bottles():
    by_zone = load("hailang.sales_monthly").groupby("month")["bottles"].sum()
    pd.testing.assert_series_equal(by_zone, load("hailang.sku_monthly").groupby("month")["bottles"].sum())


def test_discounts_are_paid_only_by_their_tier_in_their_month():
    orders = load("hailang.orders_monthly").merge(load("hailang.products"), on="sku")
    orders = orders.merge(load("hailang.subscribers"), on="account_id")
    orders = orders.merge(load("hailang.promotions"), on="promo_id", how="left")
    promoted = orders["promo_id"].notna()
    assert (orders["tier"] == orders["tier_true"])[promoted].all()
    assert (orders["month"] == orders["start"].str[:7])[promoted].all()
    discount = orders["discount"].where(promoted, 0)
    assert np.allclose(orders["price_paid"], orders["list_price"] * (1 - discount), atol=0.0051)


def test_nobody_complains_or_orders_outside_the_months_of_service():
    people = load("hailang.subscribers").fillna({"leave_month": "9999-12"}).set_index("account_id")
    for table, month in (("complaints", "date"), ("orders_monthly", "month")):
        rows = load(f"hailang.{table}").join(people[["join_month", "leave_month"]], on="account_id")
        assert rows[month].str[:7].between(rows["join_month"], rows["leave_month"]).all()


def test_a_route_has_one_delivery_person_at_a_time():
    people = load("hailang.carriers").sort_values(["route_id", "start_month"])
    before = people.groupby("route_id")["exit_month"].shift()
    successor = before.notna()
    assert (month_number(people["start_month"][successor]) == month_number(before[successor]) + 1).all()
    assert people.groupby("route_id")["start_month"].min().eq("1996-10").all()


# --- Other dairies -------------------------------------------------------------------------------------


def estimates_of(seed: int) -> dict[str, float]:
    """The z values of another dairy."""
    dairy = simulate(seed)
    drawn: dict[str, pd.DataFrame] = {}

    def tables(name: str) -> pd.DataFrame:
        if name not in drawn:
            drawn[name] = table_of(dairy, name)
        return drawn[name].copy()

    naive = training_effect(tables, by_grade=False)
    return {name: estimate.z for name, estimate in every_estimate(tables).items()} | {"naive": naive.z}


@pytest.fixture(scope="module")
def redraws() -> pd.DataFrame:
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        return pd.DataFrame(pool.map(estimates_of, REDRAWS))


@pytest.mark.parametrize("name", NAMES)
def test_an_estimator_is_unbiased_over_30_dairies(redraws: pd.DataFrame, name: str):
    # The mean of 30 standard normal numbers lies beyond ±3/√30 once in 370 times.
    assert abs(redraws[name].mean()) < 3 / np.sqrt(len(REDRAWS))


def test_standard_errors_are_honest_over_30_dairies(redraws: pd.DataFrame):
    z = redraws[NAMES].to_numpy()
    assert 0.85 < z.std() < 1.15
    assert (np.abs(z) > 2).mean() < 0.08


def test_the_naive_effect_of_training_misleads_in_every_dairy(redraws: pd.DataFrame):
    assert redraws["naive"].max() < -4


def test_exact_truths_are_exact_in_another_dairy():
    dairy = simulate(7)
    sales = table_of(dairy, "sales_monthly").query("month >= '1998-10'")
    assert sales["bottles"].sum() == 100_000 * 365
    cash = table_of(dairy, "payments").query("channel == 'carrier cash'")
    assert 1 - cash["paid"].sum() / cash["due"].sum() == pytest.approx(TRUTH.cash_leakage, abs=1e-7)
    people = table_of(dairy, "subscribers")
    assert (people["payer"] != people["user"]).mean() == pytest.approx(0.45, abs=0.5 / len(people))
