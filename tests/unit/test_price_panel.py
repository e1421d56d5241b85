"""The two simulated pricing experiments give back what was planted in them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from crmkit.data import hailang, load
from crmkit.data.hailang import TRUTH, Tier

REDRAWS = range(30)


@dataclass(frozen=True)
class Estimate:
    value: float
    se: float

    def z(self, truth: float) -> float:
        return (self.value - truth) / self.se


def elasticity(panel: pd.DataFrame, tier: Tier, zone_effects: bool) -> Estimate:
    """Regress log bottles on log price, with a level for each zone or with one level for all."""
    rows = panel[panel["tier"] == tier.name]
    price = np.log(rows[["price"]])
    levels = pd.get_dummies(rows["zone_id"], dtype=float) if zone_effects else pd.Series(1.0, rows.index)
    fit = sm.OLS(np.log(rows["bottles"]), pd.concat([price, levels], axis=1)).fit(cov_type="HC1")
    return Estimate(fit.params["price"], fit.bse["price"])


def charm_effect(routes: pd.DataFrame, adjusted: bool) -> Estimate:
    """Difference in mean log bottles between the arms: of the month of the test, or of its change."""
    outcome = np.log(routes["bottles_after"])
    if adjusted:
        outcome -= np.log(routes["bottles_before"])
    arms = outcome.groupby(routes["arm"]).agg(["mean", "var", "count"])
    return Estimate(
        arms.loc["1.79", "mean"] - arms.loc["1.80", "mean"], np.sqrt((arms["var"] / arms["count"]).sum())
    )


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return load("hailang.price_panel")


@pytest.fixture(scope="module")
def redraws() -> list[pd.DataFrame]:
    return [hailang.price_panel(seed) for seed in REDRAWS]


@pytest.fixture(scope="module")
def within(redraws: list[pd.DataFrame]) -> list[list[Estimate]]:
    """The within-zone estimates of each redraw, a list of four tiers."""
    return [[elasticity(panel, tier, zone_effects=True) for tier in TRUTH.tiers] for panel in redraws]


@pytest.fixture(scope="module")
def charm() -> pd.DataFrame:
    return load("hailang.charm_test")


tiers = pytest.mark.parametrize("tier", TRUTH.tiers, ids=lambda tier: tier.name)


def test_the_panel_has_a_row_for_each_month_zone_and_tier(panel: pd.DataFrame):
    assert len(panel) == 36 * 20 * 4
    assert not panel.duplicated(["month", "zone_id", "tier"]).any()
    assert panel["tier"].unique().tolist() == ["VIP", "major", "ordinary", "small"]
    assert panel.groupby("zone_id")["income_index"].nunique().eq(1).all()


def test_prices_stay_within_15_percent_of_the_level_of_the_zone(panel: pd.DataFrame):
    level = 1.80 * (panel["income_index"] / 100) ** TRUTH.income_elasticity_of_price
    assert (panel["price"] / level).between(0.845, 1.155).all()
    assert level.between(1.80 * 0.92, 1.80 * 1.08).all()


@tiers
def test_the_tiers_sell_their_planted_volume_at_the_list_price(panel: pd.DataFrame, tier: Tier):
    rows = panel[panel["tier"] == tier.name]
    at_list_price = rows["bottles"] / (rows["price"] / TRUTH.list_price) ** tier.price_elasticity
    assert at_list_price.sum() / TRUTH.months == pytest.approx(tier.bottles_per_day, rel=0.02)


@tiers
def test_the_within_zone_estimate_is_within_2_se_of_the_planted_elasticity(panel: pd.DataFrame, tier: Tier):
    assert abs(elasticity(panel, tier, zone_effects=True).z(tier.price_elasticity)) < 2


@tiers
def test_the_pooled_estimate_is_many_se_too_high(panel: pd.DataFrame, tier: Tier):
    assert elasticity(panel, tier, zone_effects=False).z(tier.price_elasticity) > 5


def test_the_pooled_estimate_gives_vip_customers_a_demand_that_rises_with_price(panel: pd.DataFrame):
    assert elasticity(panel, TRUTH.tiers[0], zone_effects=False).value > 0


def test_the_within_zone_estimate_is_unbiased_with_honest_standard_errors(within: list[list[Estimate]]):
    truths = [tier.price_elasticity for tier in TRUTH.tiers]
    z = np.array([[e.z(truth) for e, truth in zip(row, truths, strict=True)] for row in within])
    assert np.abs(z.mean(axis=0)).max() < 3 / np.sqrt(len(REDRAWS))
    assert abs(z.mean()) < 3 / np.sqrt(z.size)
    # 5% of 120 is 6; more than 14 would be a one in a thousand accident.
    assert (np.abs(z) > 2).sum() <= 14


def test_the_standard_errors_are_those_that_the_tolerances_assume(within: list[list[Estimate]]):
    se = np.mean([[estimate.se for estimate in row] for row in within], axis=0)
    assert se == pytest.approx([0.058, 0.034, 0.019, 0.010], rel=0.05)


@tiers
def test_the_pooled_estimate_misleads_in_every_redraw(redraws: list[pd.DataFrame], tier: Tier):
    pooled = [elasticity(panel, tier, zone_effects=False) for panel in redraws]
    assert min(estimate.z(tier.price_elasticity) for estimate in pooled) > 5
    assert np.mean([estimate.value for estimate in pooled]) - tier.price_elasticity > 0.8


def test_the_same_seed_gives_the_same_panel_and_another_seed_another():
    again = hailang.price_panel()
    pd.testing.assert_frame_equal(hailang.price_panel(), again)
    assert not hailang.price_panel(hailang.SEED + 1)["price"].equals(again["price"])


def test_every_table_has_its_own_stream():
    assert len(set(hailang.STREAMS.values())) == len(hailang.STREAMS)


def test_the_charm_test_has_60_routes_in_each_arm(charm: pd.DataFrame):
    assert charm["arm"].value_counts().to_dict() == {"1.80": 60, "1.79": 60}
    assert (charm["arm"].astype(float) == charm["price"]).all()
    assert charm["route_id"].tolist() == list(range(1, 121))


def test_both_estimates_of_the_charm_price_are_within_2_se_of_8_percent(charm: pd.DataFrame):
    lift = np.log(1.08)
    assert abs(charm_effect(charm, adjusted=False).z(lift)) < 2
    assert abs(charm_effect(charm, adjusted=True).z(lift)) < 2


def test_using_the_month_before_makes_the_standard_error_much_smaller(charm: pd.DataFrame):
    assert charm_effect(charm, adjusted=True).se < 0.4 * charm_effect(charm, adjusted=False).se


def test_the_price_cut_itself_explains_at_most_1_percent():
    most_elastic = min(tier.price_elasticity for tier in TRUTH.tiers)
    assert (TRUTH.charm_price / TRUTH.list_price) ** most_elastic - 1 < 0.01


def test_before_and_after_alone_overstates_the_charm_price(charm: pd.DataFrame):
    routes = charm[charm["arm"] == "1.79"]
    change = np.log(routes["bottles_after"] / routes["bottles_before"]).mean()
    assert change > charm_effect(charm, adjusted=True).value


def test_the_charm_estimate_is_unbiased():
    z = [charm_effect(hailang.charm_test(seed), adjusted=True).z(np.log(1.08)) for seed in REDRAWS]
    assert abs(np.mean(z)) < 3 / np.sqrt(len(z))
    assert np.sum(np.abs(z) > 2) <= 6
