"""The typed-in tables against other copies of them and against what the works say of them."""

import math

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_leukemia

from crmkit.data import load
from crmkit.models.survival import fit_shifted_beta_geometric

# The survival of two segments: fader2007, Table 1.


@pytest.fixture(scope="module")
def retention() -> pd.DataFrame:
    return load("published.retention").pivot(index="year", columns="segment", values="surviving")


def test_two_segments_are_followed_for_12_years_and_only_shrink(retention: pd.DataFrame):
    assert list(retention.columns) == ["High End", "Regular"]
    assert retention.index.tolist() == list(range(13))
    assert (retention.loc[0] == 100).all()
    assert (retention.diff().dropna() < 0).all(axis=None)


def test_retention_rises_from_year_to_year(retention: pd.DataFrame):
    # With one decimal the rates of neighbouring years may change places, those three years apart may not.
    rates = (retention / retention.shift()).dropna()
    assert (rates.diff(3).dropna() > 0).all(axis=None)


def test_curves_drawn_through_seven_years_miss_the_twelfth_as_the_article_says(retention: pd.DataFrame):
    # High End, years 0 to 7: R² of .922 and .998, and at year 12 the line is 81% too low, the exponential
    # 30% too low, the parabola 92% too high.
    years, share = np.arange(8), retention.loc[:7, "High End"]
    line, parabola = np.polyfit(years, share, 1), np.polyfit(years, share, 2)
    exponential = np.polyfit(years, np.log(share), 1)
    squared = [np.corrcoef(np.polyval(curve, years), share)[0, 1] ** 2 for curve in (line, parabola)]
    assert np.round(squared, 3).tolist() == [0.922, 0.998]
    at_12 = [np.polyval(line, 12), math.exp(np.polyval(exponential, 12)), np.polyval(parabola, 12)]
    assert np.round(at_12 / retention.loc[12, "High End"] - 1, 2).tolist() == [-0.81, -0.30, 0.92]


def test_the_model_of_the_article_misses_the_twelfth_year_by_4_and_2_percent(retention: pd.DataFrame):
    for segment, miss in [("High End", 0.04), ("Regular", 0.02)]:
        projected = 100 * fit_shifted_beta_geometric(retention.loc[:7, segment]).survival(12)
        assert round(abs(projected / retention.loc[12, segment] - 1), 2) == miss


# The remissions: freireich1963.


@pytest.fixture(scope="module")
def remission() -> pd.DataFrame:
    return load("published.remission")


def test_the_remissions_are_those_that_lifelines_has(remission: pd.DataFrame):
    theirs = load_leukemia()
    for arm, code in [("6-MP", 0), ("placebo", 1)]:
        ours = remission.loc[remission["arm"] == arm, ["weeks", "relapsed"]]
        copy = theirs.loc[theirs["Rx"] == code, ["t", "status"]]
        assert sorted(ours.itertuples(index=False, name=None)) == sorted(
            copy.itertuples(index=False, name=None)
        )


def test_every_pair_has_one_patient_in_each_arm(remission: pd.DataFrame):
    assert remission["pair_id"].tolist() == [pair for pair in range(1, 22) for _ in range(2)]
    assert remission["arm"].tolist() == ["placebo", "6-MP"] * 21


def test_the_trial_stopped_with_18_pairs_in_favour_of_6_mp(remission: pd.DataFrame):
    # The trial counted who of a pair stayed in remission for longer.
    weeks = remission.pivot(index="pair_id", columns="arm", values="weeks")
    assert (weeks["6-MP"] > weeks["placebo"]).sum() == 18
    assert (weeks["6-MP"] < weeks["placebo"]).sum() == 3


def test_nine_of_21_relapsed_under_6_mp_and_all_under_placebo(remission: pd.DataFrame):
    assert remission.groupby("arm")["relapsed"].sum().to_dict() == {"6-MP": 9, "placebo": 21}
    assert remission.groupby("arm")["weeks"].sum().to_dict() == {"6-MP": 359, "placebo": 182}


def test_the_remissions_are_said_to_be_medical():
    assert "medical" in repr(load.about("published.remission"))


# The customer-service department: kaplan2004.


@pytest.fixture(scope="module")
def activities() -> pd.DataFrame:
    return load("published.tdabc_activities").set_index("activity")


@pytest.fixture(scope="module")
def department() -> pd.Series:
    return load("published.tdabc_department").set_index("item")["value"]


def test_the_older_method_costs_8_dollars_an_order_40_an_inquiry_and_44_80_a_check(
    activities: pd.DataFrame, department: pd.Series
):
    # The rates that the article prints.
    rates = department["expenses"] * activities["time_share"] / 100 / activities["quantity"]
    assert rates.round(2).tolist() == [8, 40, 44.8]
    assert activities["time_share"].sum() == 100


def test_a_minute_of_capacity_costs_80_cents_and_462_880_dollars_are_used(
    activities: pd.DataFrame, department: pd.Series
):
    rate = department["expenses"] / department["practical capacity"]
    used = (activities["quantity"] * activities["minutes"]).sum()
    assert rate == pytest.approx(0.80)
    assert used == 578_600
    assert rate * used == pytest.approx(462_880)


def test_what_was_not_checked_against_the_article_says_so():
    assert "not checked against the article" in repr(load.about("published.tdabc_activities"))
    assert "practical capacity was not" in repr(load.about("published.tdabc_department"))


# The estimates in print: reproduced in test_lifetime_models.py.


def test_every_estimate_names_a_work_in_the_bibliography_and_a_table_of_the_course():
    estimates = load("published.lifetime_estimates")
    bibliography = (load.folder.parent / "references.bib").read_text(encoding="utf-8")
    assert all(f"{{{key}," in bibliography for key in estimates["source"])
    tables = {"CDNOW sample": "real.cdnow_sample", "donations": "real.donations"}
    for data in estimates["data"]:
        assert tables.get(data, "published." + data.partition(":")[0]) in load.names()


def test_every_parameter_of_a_model_is_there_once():
    estimates = load("published.lifetime_estimates")
    assert not estimates.duplicated(["model", "data", "parameter"]).any()
    parameters = estimates[estimates["parameter"] != "log_likelihood"].groupby(["model", "data"]).size()
    by_model = parameters.groupby("model").agg(list).to_dict()
    assert by_model == {"BG/BB": [4], "BG/NBD": [4], "Gamma-Gamma": [3], "Pareto/NBD": [4], "sBG": [2, 2]}
    positive = estimates.loc[estimates["parameter"] != "log_likelihood", "estimate"]
    assert np.all(positive > 0)
