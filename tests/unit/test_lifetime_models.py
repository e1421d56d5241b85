"""Each lifetime model against the estimates in print, the package `lifetimes`, and closed forms."""

import itertools
import math
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import pytest
from scipy import integrate

from crmkit.data import load
from crmkit.models import lifetime
from crmkit.models.lifetime import BGBB, BGNBD, GammaGamma, ParetoNBD
from crmkit.models.survival import fit_shifted_beta_geometric

# The calibration of fader2005: the first 39 weeks of 1997, and 39 more as holdout.
END, HOLDOUT_END = "1997-09-30", "1998-06-30"

# Histories (x, tₓ, T) from no repeat to many, bought long ago and just now.
GRID = [(0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (7, 29.43, 38.86), (26, 30.86, 31), (40, 5, 39)]
X, T_X, T = (np.array(column, dtype=float) for column in zip(*GRID, strict=True))


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """The histories of the CDNOW sample, by number in the sample."""
    purchases = load("real.cdnow").merge(load("real.cdnow_sample"), on="customer_id")
    return lifetime.purchase_histories(
        purchases["sample_id"], purchases["date"], purchases["dollars"], end=END, holdout_end=HOLDOUT_END
    )


@pytest.fixture(scope="module")
def repeaters(cdnow: pd.DataFrame) -> pd.DataFrame:
    return cdnow[cdnow["frequency"] > 0]


@pytest.fixture(scope="module")
def bg_nbd(cdnow: pd.DataFrame) -> BGNBD:
    return lifetime.fit_bg_nbd(cdnow["frequency"], cdnow["recency"], cdnow["age"])


@pytest.fixture(scope="module")
def pareto_nbd(cdnow: pd.DataFrame) -> ParetoNBD:
    return lifetime.fit_pareto_nbd(cdnow["frequency"], cdnow["recency"], cdnow["age"])


@pytest.fixture(scope="module")
def gamma_gamma(repeaters: pd.DataFrame) -> GammaGamma:
    return lifetime.fit_gamma_gamma(repeaters["frequency"], repeaters["monetary_value"])


@pytest.fixture(scope="module")
def donations() -> pd.DataFrame:
    return load("real.donations")


@pytest.fixture(scope="module")
def bg_bb(donations: pd.DataFrame) -> BGBB:
    return lifetime.fit_bg_bb(*(donations[name] for name in donations.columns))


# Histories


def test_the_histories_are_the_published_ones(cdnow: pd.DataFrame):
    # Fader and Hardie's own summary comes with the package, rounded to two decimals.
    (folder,) = find_spec("lifetimes").submodule_search_locations
    theirs = pd.read_csv(Path(folder, "datasets", "cdnow_customers_summary_with_transactions.csv"))
    assert cdnow.index.tolist() == theirs["ID"].tolist()
    assert cdnow["frequency"].tolist() == theirs["x"].tolist()
    columns = ["recency", "age", "monetary_value"]
    assert cdnow[columns].to_numpy() == pytest.approx(theirs[["t_x", "T", "zbar"]].to_numpy(), abs=0.00501)


def test_the_split_of_repeat_purchases_is_the_published_one(cdnow: pd.DataFrame):
    counts = cdnow["frequency"].clip(upper=7).value_counts().sort_index()
    assert counts.tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]


def test_customer_1_is_the_one_of_the_published_example(cdnow: pd.DataFrame):
    assert cdnow.loc[1, ["frequency", "recency", "age"]].round(2).tolist() == [2, 30.43, 38.86]


def test_mean_spend_is_hardly_correlated_with_the_number_of_purchases(repeaters: pd.DataFrame):
    assert len(repeaters) == 946
    assert round(repeaters["frequency"].corr(repeaters["monetary_value"]), 3) == 0.114


def histories(rows: list[tuple], **options) -> pd.DataFrame:
    customer, date, spend = zip(*rows, strict=True)
    return lifetime.purchase_histories(customer, date, spend, **({"end": "2024-01-31"} | options))


def test_two_transactions_on_one_day_are_one_purchase():
    rows = [("a", "2024-01-03", 5.0), ("a", "2024-01-10", 6.0), ("a", "2024-01-10", 8.0)]
    expected = {"frequency": 1, "recency": 1.0, "age": 4.0, "monetary_value": 14.0}
    assert histories(rows).loc["a"].to_dict() == expected


def test_dates_may_be_dates_with_a_time_of_day():
    days = pd.to_datetime(["2024-01-03 08:15", "2024-01-10 09:00", "2024-01-10 17:30"])
    found = lifetime.purchase_histories(["a", "a", "a"], days, [5, 6, 8], end="2024-01-31")
    assert found.loc["a"].tolist() == [1, 1, 4, 14]


def test_the_first_purchase_does_not_count_towards_the_mean_spend():
    rows = [("a", "2024-01-01", 100.0), ("a", "2024-01-08", 6.0), ("a", "2024-01-15", 8.0)]
    assert histories(rows).loc["a", "monetary_value"] == 7


def test_a_customer_without_a_repeat_has_no_recency_and_no_spend():
    assert histories([("a", "2024-01-03", 5.0)]).loc["a"].to_list() == [0, 0, 4, 0]


def test_who_buys_only_after_the_end_is_left_out_and_later_purchases_are_the_holdout():
    rows = [("a", "2024-01-31", 5.0), ("a", "2024-02-01", 5.0), ("a", "2024-02-14", 5.0)]
    rows += [("a", "2024-02-14", 5.0), ("a", "2024-02-15", 5.0), ("b", "2024-02-01", 5.0)]
    found = histories(rows, holdout_end="2024-02-14")
    assert found.index.tolist() == ["a"]
    assert found.loc["a", "holdout_frequency"] == 2


def test_the_period_can_be_a_month_of_30_days():
    rows = [("a", "2024-01-01", 5.0), ("a", "2024-01-16", 5.0)]
    assert histories(rows, days_per_period=30).loc["a", ["recency", "age"]].tolist() == [0.5, 1.0]


def test_calibration_and_holdout_have_39_weeks_each(cdnow: pd.DataFrame):
    days = (pd.Timestamp(HOLDOUT_END) - pd.Timestamp(END)).days
    assert days / 7 == 39
    assert (pd.Timestamp(END) - pd.Timestamp("1996-12-31")).days == days


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"end": "2023-12-31"}, "nobody bought by 2023-12-31"),
        ({"holdout_end": "2024-01-31"}, "not after 2024-01-31"),
        ({"days_per_period": 0}, "days_per_period must be above 0"),
    ],
)
def test_periods_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        histories([("a", "2024-01-03", 5.0)], **options)


def test_transactions_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="2, 1 and 1 rows"):
        lifetime.purchase_histories(["a", "a"], ["2024-01-01"], [5.0], end="2024-01-31")
    with pytest.raises(ValueError, match="spend must be a finite"):
        histories([("a", "2024-01-03", math.nan)])


# The estimates in print


@pytest.mark.parametrize("name", ["BG/NBD", "Pareto/NBD", "Gamma-Gamma", "BG/BB", "sBG"])
def test_a_fit_gives_the_estimates_in_print(name: str, bg_nbd, pareto_nbd, gamma_gamma, bg_bb):
    retention = load("published.retention")
    segments = {
        f"retention: {segment}, years 1 to 7": fit_shifted_beta_geometric(rows["surviving"].iloc[:8])
        for segment, rows in retention.groupby("segment")
    }
    fits = {"BG/NBD": bg_nbd, "Pareto/NBD": pareto_nbd, "Gamma-Gamma": gamma_gamma, "BG/BB": bg_bb}
    printed = load("published.lifetime_estimates").query("model == @name")
    assert len(printed) >= 3
    for row in printed.itertuples():
        model = segments[row.data] if name == "sBG" else fits[name]
        decimals = {"log_likelihood": 1}.get(row.parameter, 2 if name == "Gamma-Gamma" else 3)
        assert round(getattr(model, row.parameter), decimals) == row.estimate, row


def test_log_likelihoods_that_other_fits_give(gamma_gamma: GammaGamma, bg_bb: BGBB):
    # The tests of the R package CLVTools hold −4055.9177 for the Gamma-Gamma model.
    assert round(gamma_gamma.log_likelihood, 4) == -4055.9177
    # Seen in no print: an earlier fit of the course, by other code.
    assert round(bg_bb.log_likelihood, 1) == -33225.6


@pytest.mark.parametrize("name", ["bg_nbd", "pareto_nbd", "gamma_gamma", "bg_bb"])
def test_no_neighbour_of_a_fit_is_more_likely(name: str, request: pytest.FixtureRequest):
    model = request.getfixturevalue(name)
    if name == "bg_bb":
        table = request.getfixturevalue("donations")
        columns, number = ["frequency", "recency", "periods"], table["donors"]
    else:
        table = request.getfixturevalue("repeaters" if name == "gamma_gamma" else "cdnow")
        columns = (
            ["frequency", "monetary_value"] if name == "gamma_gamma" else ["frequency", "recency", "age"]
        )
        number = 1
    parameters = {key: value for key, value in vars(model).items() if key != "log_likelihood"}
    for key, factor in itertools.product(parameters, (0.99, 1.01)):
        neighbour = type(model)(**(parameters | {key: parameters[key] * factor}))
        total = (number * neighbour.log_likelihoods(*(table[column] for column in columns))).sum()
        assert total < model.log_likelihood


# BG/NBD


def test_the_published_customer_is_expected_to_buy_1_226_times_in_39_weeks(bg_nbd: BGNBD):
    assert bg_nbd.conditional_purchases(39, 2, 30.43, 38.86).round(3) == 1.226
    assert bg_nbd.probability_alive(2, 30.43, 38.86).round(3) == 0.727


def test_a_new_customers_purchases_are_those_of_the_authors_spreadsheet(bg_nbd: BGNBD):
    weeks = [0.1429, 1, 3, 31.8571, 32, 78]
    expected = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert bg_nbd.expected_purchases(weeks) == pytest.approx(expected, abs=0.0005)
    assert bg_nbd.expected_purchases(78).round(3) == 1.858


def test_the_chance_of_no_repeat_in_39_weeks_is_that_of_the_package_btyd():
    # The manual of the R package BTYD prints 0.5737864 for these parameters.
    model = BGNBD(0.243, 4.414, 0.793, 2.426)
    assert math.exp(model.log_likelihoods(0, 0, 39)) == pytest.approx(0.5737864, abs=5e-8)


@pytest.fixture(scope="module")
def their_bg_nbd() -> lifetimes.BetaGeoFitter:
    fitter = lifetimes.BetaGeoFitter()
    fitter.params_ = pd.Series({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    return fitter


def test_bg_nbd_is_that_of_the_package_lifetimes(their_bg_nbd: lifetimes.BetaGeoFitter):
    ours, theirs = BGNBD(**their_bg_nbd.params_), their_bg_nbd
    assert ours.probability_alive(X, T_X, T) == pytest.approx(theirs.conditional_probability_alive(X, T_X, T))
    for weeks in (1, 39, 520):
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(weeks, X, T_X, T)
        assert ours.conditional_purchases(weeks, X, T_X, T) == pytest.approx(expected)
        expected = theirs.expected_number_of_purchases_up_to_time(weeks)
        assert ours.expected_purchases(weeks) == pytest.approx(expected)
    parameters = np.log(list(vars(ours).values())[:4])
    total = -len(X) * theirs._negative_log_likelihood(parameters, X, T_X, T, np.ones(len(X)), 0)
    assert ours.log_likelihoods(X, T_X, T).sum() == pytest.approx(total)


def test_customers_who_almost_never_leave_buy_at_their_mean_rate():
    model = BGNBD(0.5, 4, 1e-6, 1)
    assert model.expected_purchases([1, 10, 50]) == pytest.approx(np.array([1, 10, 50]) * 0.5 / 4, rel=1e-4)
    assert model.probability_alive([0, 3], [0, 10], [39, 11]) == pytest.approx(1, abs=1e-3)


def test_at_first_a_new_customer_buys_at_the_mean_rate():
    model = BGNBD(0.243, 4.414, 0.793, 2.426)
    assert model.expected_purchases(1e-4) / 1e-4 == pytest.approx(0.243 / 4.414, rel=1e-3)


@pytest.mark.parametrize(("a", "b"), [(1, 2.4), (0.5, 0.5), (0.3, 0.2), (3, 0.4)])
def test_expected_purchases_have_no_gap_where_the_formula_is_0_over_0(a: float, b: float):
    # E[X(t)] is the sum over k ≥ 1 of the chance to be active before purchase k and to buy k times.
    model, weeks = BGNBD(0.8, 5, a, b), 30
    k = np.arange(1, 4000)
    stay = np.cumprod(np.concatenate([[1.0], (b + k - 1) / (a + b + k - 1)]))[:-1]
    terms = np.cumprod(np.concatenate([[1.0], (0.8 + k - 1) / k * weeks / (5 + weeks)]))
    at_least = 1 - np.cumsum(terms * (5 / (5 + weeks)) ** 0.8)[:-1]
    assert model.expected_purchases(weeks) == pytest.approx((stay * at_least).sum(), rel=1e-6)


def test_purchases_of_a_very_frequent_customer_are_finite_and_near_the_own_rate():
    # 1,000 purchases in 100 weeks, the last one just now: about 10 a week.
    model = BGNBD(0.243, 4.414, 0.01, 2.426)
    assert model.conditional_purchases(10, 1000, 100, 100) == pytest.approx(100, rel=0.06)


def test_without_a_repeat_a_bg_nbd_customer_is_alive_for_sure(bg_nbd: BGNBD):
    assert bg_nbd.probability_alive(0, 0, [1, 39, 500]).tolist() == [1, 1, 1]


# Pareto/NBD


def test_expected_purchases_are_those_of_the_package_btyd():
    # The manual of the R package BTYD prints them for these parameters and 0 to 9 weeks.
    model = ParetoNBD(0.55, 10.56, 0.61, 11.64)
    expected = [0, 0.05077821, 0.09916088, 0.14542507, 0.18979930]
    expected += [0.23247466, 0.27361274, 0.31335159, 0.35181024, 0.38909211]
    assert model.expected_purchases(range(10)) == pytest.approx(expected, abs=5e-9)


def test_a_very_active_customer_is_that_of_the_btyd_walkthrough(pareto_nbd: ParetoNBD):
    # The walkthrough of the R package BTYD: x = 26, tₓ = 30.86, T = 31.
    assert pareto_nbd.probability_alive(26, 30.86, 31).round(4) == 0.9979
    assert pareto_nbd.conditional_purchases(52, 26, 30.86, 31).round(2) == 25.46


def test_pareto_nbd_is_that_of_the_package_lifetimes():
    theirs = lifetimes.ParetoNBDFitter()
    theirs.params_ = pd.Series({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669})
    ours = ParetoNBD(**theirs.params_)
    parameters = list(theirs.params_)
    assert ours.log_likelihoods(X, T_X, T) == pytest.approx(
        theirs._conditional_log_likelihood(parameters, X, T_X, T)
    )
    assert ours.probability_alive(X, T_X, T) == pytest.approx(theirs.conditional_probability_alive(X, T_X, T))
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(39, X, T_X, T)
    assert ours.conditional_purchases(39, X, T_X, T) == pytest.approx(expected)


def pareto_log_likelihood(model: ParetoNBD, x: float, t_x: float, t: float) -> float:
    """The logarithm of the likelihood with its integral done numerically."""

    def log_rate(u: float) -> float:
        return -(model.r + x) * math.log(model.alpha + u) - (model.s + 1) * math.log(model.beta + u)

    scale = log_rate(t_x)  # the integrand falls, so this is its highest value
    left, _ = integrate.quad(lambda u: math.exp(log_rate(u) - scale), t_x, t, epsabs=0, limit=500)
    active = -(model.r + x) * math.log(model.alpha + t) - model.s * math.log(model.beta + t)
    constant = math.lgamma(model.r + x) - math.lgamma(model.r)
    constant += model.r * math.log(model.alpha) + model.s * math.log(model.beta)
    return constant + float(np.logaddexp(active, scale + math.log(model.s * left)))


@pytest.mark.parametrize(
    "model",
    [
        ParetoNBD(0.553, 10.578, 0.606, 11.669),
        ParetoNBD(0.553, 20.0, 1.5, 4.0),
        ParetoNBD(1.2, 5.0, 1.0, 5.0),
        # The package lifetimes once overflowed here.
        ParetoNBD(10.465, 0.00798565181, 3.0516, 2.820),
        ParetoNBD(3.0516, 2.820, 10.465, 0.00798565181),
    ],
)
@pytest.mark.parametrize("history", [(1, 1.71, 38.86), (2, 30.43, 38.86), (400, 5, 6), (500, 1, 37)])
def test_the_likelihood_of_pareto_nbd_is_its_integral_also_where_hypergeometric_functions_overflow(
    model: ParetoNBD, history: tuple[float, float, float]
):
    assert model.log_likelihoods(*history) == pytest.approx(pareto_log_likelihood(model, *history), rel=1e-9)
    assert 0 <= model.probability_alive(*history) <= 1


def test_a_customer_who_bought_at_the_very_end_is_alive():
    assert ParetoNBD(0.553, 10.578, 0.606, 11.669).probability_alive(3, 38.86, 38.86) == 1


def test_expected_purchases_have_no_gap_at_s_of_1():
    # The limit of the published formula: r · β / α · ln((β + t) / β).
    model = ParetoNBD(0.5, 10, 1, 12)
    assert model.expected_purchases(39) == pytest.approx(0.5 * 12 / 10 * math.log(51 / 12))
    assert ParetoNBD(0.5, 10, 1.0001, 12).expected_purchases(39) == pytest.approx(
        model.expected_purchases(39), rel=1e-3
    )


def test_the_more_often_a_customer_bought_the_more_a_silence_says(pareto_nbd: ParetoNBD, bg_nbd: BGNBD):
    for model in (pareto_nbd, bg_nbd):
        alive = model.probability_alive([1, 5, 20], [15, 15, 15], 39)
        assert (np.diff(alive) < 0).all()


# BG/BB


def test_donors_are_alive_as_in_table_6(bg_bb: BGBB):
    # fader2010, Table 6: no repeat; 2 repeats, the last in 1999; 6 repeats.
    assert bg_bb.probability_alive([0, 2, 6], [0, 4, 6], 6).round(2).tolist() == [0.11, 0.59, 0.93]


def test_the_donors_next_five_years_are_those_of_the_authors_spreadsheet(
    bg_bb: BGBB, donations: pd.DataFrame
):
    each = bg_bb.conditional_purchases(5, donations["frequency"], donations["recency"], donations["periods"])
    # brucehardie.com/notes/010, sheet "Conditional Expectations (II)".
    assert (each * donations["donors"]).sum() == pytest.approx(12_884.2, abs=0.05)


PATTERNS = [(0, 0), *((x, last) for last in range(1, 7) for x in range(1, last + 1))]


def chances(model: BGBB, periods: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All patterns (x, tₓ) of some periods with the probability of each."""
    patterns = [(x, last) for x, last in PATTERNS if last <= periods]
    x, last = np.array(patterns).T
    ways = [math.comb(t - 1, k - 1) if k else 1 for k, t in patterns]
    return x, last, ways * np.exp(model.log_likelihoods(x, last, periods))


BG_BB = BGBB(1.204, 0.750, 0.657, 2.783)


@pytest.mark.parametrize("periods", [1, 3, 6])
def test_the_probabilities_of_all_patterns_sum_to_one(periods: int):
    assert chances(BG_BB, periods)[2].sum() == pytest.approx(1)


def test_expected_purchases_are_the_mean_over_all_patterns():
    x, _, chance = chances(BG_BB, 6)
    assert BG_BB.expected_purchases(6) == pytest.approx((x * chance).sum())
    assert BG_BB.expected_purchases(0) == 0


def test_what_is_expected_now_is_what_is_expected_after_each_pattern():
    x, last, chance = chances(BG_BB, 4)
    later = BG_BB.conditional_purchases(3, x, last, 4)
    expected = BG_BB.expected_purchases(7) - BG_BB.expected_purchases(4)
    assert (chance * later).sum() == pytest.approx(expected)


def test_bg_bb_is_that_of_the_package_lifetimes(donations: pd.DataFrame):
    theirs = lifetimes.BetaGeoBetaBinomFitter()
    theirs.params_ = pd.Series({"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783})
    history = [donations[name].to_numpy() for name in ("frequency", "recency", "periods")]
    expected = theirs.conditional_probability_alive(1, *history)
    assert BG_BB.probability_alive(*history) == pytest.approx(expected)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(5, *history)
    assert BG_BB.conditional_purchases(5, *history) == pytest.approx(expected)


def test_rows_that_stand_for_several_donors_fit_like_one_row_a_donor(donations: pd.DataFrame, bg_bb: BGBB):
    each = donations.loc[donations.index.repeat(donations["donors"])]
    again = lifetime.fit_bg_bb(each["frequency"], each["recency"], each["periods"])
    assert vars(again) == pytest.approx(vars(bg_bb), rel=1e-6)


# Gamma-Gamma


def test_conditional_spend_is_that_of_the_authors_spreadsheet(cdnow: pd.DataFrame):
    # brucehardie.com/notes/025, the first ten customers; the sheet has more digits of the parameters.
    first = cdnow.head(10)
    expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    model = GammaGamma(6.25, 3.74, 15.44)
    spend = model.conditional_spend(first["frequency"], first["monetary_value"])
    assert spend == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("frequency", [1, 3, 10])
def test_the_density_of_the_mean_spend_integrates_to_one_and_has_the_mean_spend(frequency: int):
    model = GammaGamma(6.25, 3.74, 15.44)

    def density(mean: float) -> float:
        return math.exp(model.log_likelihoods(frequency, mean))

    total, _ = integrate.quad(density, 0, np.inf, limit=200)
    mean, _ = integrate.quad(lambda value: value * density(value), 0, np.inf, limit=200)
    assert total == pytest.approx(1, rel=1e-6)
    assert mean == pytest.approx(model.expected_spend, rel=1e-4)


def test_conditional_spend_goes_from_the_mean_of_all_to_the_customers_own():
    model = GammaGamma(6.25, 3.74, 15.44)
    assert model.expected_spend == pytest.approx(6.25 * 15.44 / 2.74)
    assert model.conditional_spend(0, 0) == pytest.approx(model.expected_spend)
    assert model.conditional_spend([1, 10, 100_000], 60) == pytest.approx(
        [(15.44 + 60) * 6.25 / (6.25 + 2.74), (15.44 + 600) * 6.25 / (62.5 + 2.74), 60], rel=1e-4
    )


def test_a_tail_too_heavy_for_a_mean_has_an_infinite_one():
    assert GammaGamma(6, 0.9, 15).expected_spend == math.inf
    assert GammaGamma(6, 0.9, 15).conditional_spend(0, 0) == math.inf


# Histories and data that cannot be

HISTORY_MODELS = [BGNBD(0.243, 4.414, 0.793, 2.426), ParetoNBD(0.553, 10.578, 0.606, 11.669)]


@pytest.mark.parametrize("model", HISTORY_MODELS, ids=["BG/NBD", "Pareto/NBD"])
@pytest.mark.parametrize(
    ("history", "message"),
    [
        ((-1, 0, 39), "whole number of repeat purchases"),
        ((1.5, 10, 39), "whole number of repeat purchases"),
        ((1, 40, 39), "from 0 to the age"),
        ((1, -1, 39), "from 0 to the age"),
        ((0, 5, 39), "0 without a repeat"),
        ((2, 0, 39), "0 without a repeat"),
        ((2, math.nan, 39), "recency must be a finite number"),
        (([1, 2], [5, 6, 7], 39), "as long as each other"),
    ],
)
def test_a_history_that_cannot_be_is_refused(model: BGNBD | ParetoNBD, history: tuple, message: str):
    for function in (model.log_likelihoods, model.probability_alive):
        with pytest.raises(ValueError, match=message):
            function(*history)
    with pytest.raises(ValueError, match=message):
        model.conditional_purchases(39, *history)


@pytest.mark.parametrize("history", [(3, 2, 6), (1, 1.5, 6), (1, 1, 6.5)])
def test_a_history_that_is_not_in_whole_periods_is_refused(history: tuple):
    with pytest.raises(ValueError, match="must be whole"):
        BG_BB.log_likelihoods(*history)


@pytest.mark.parametrize("model", [*HISTORY_MODELS, BG_BB], ids=["BG/NBD", "Pareto/NBD", "BG/BB"])
def test_a_negative_time_is_refused(model):
    with pytest.raises(ValueError, match="0 or more"):
        model.expected_purchases(-1)


@pytest.mark.parametrize("fit", [lifetime.fit_bg_nbd, lifetime.fit_pareto_nbd, lifetime.fit_bg_bb])
def test_customers_who_never_bought_again_have_no_fit(fit: Callable):
    with pytest.raises(ValueError, match="nobody bought again"):
        fit([0, 0], [0, 0], [6, 5])


@pytest.mark.parametrize("fit", [lifetime.fit_bg_nbd, lifetime.fit_pareto_nbd])
def test_customers_who_are_all_alike_have_no_fit(fit: Callable):
    with pytest.raises(ValueError, match="rises without end"):
        fit([3] * 50, [37] * 50, [39] * 50)


def test_a_purchase_without_spend_has_no_place_in_a_spending_model():
    with pytest.raises(ValueError, match="repeat purchase and a spend above 0"):
        lifetime.fit_gamma_gamma([2, 3], [0, 10])
    with pytest.raises(ValueError, match="repeat purchase and a spend above 0"):
        lifetime.fit_gamma_gamma([0, 3], [20, 10])
    with pytest.raises(ValueError, match="must be 0 or more"):
        GammaGamma(6, 4, 15).conditional_spend(-1, 10)


def test_rows_must_stand_for_somebody():
    with pytest.raises(ValueError, match="customers must count"):
        lifetime.fit_bg_nbd([1, 2], [5, 6], [39, 39], [1, -1])


@pytest.mark.parametrize("model", [BGNBD, ParetoNBD, BGBB])
def test_a_parameter_that_is_not_positive_is_refused(model: type):
    with pytest.raises(ValueError, match="must be above 0"):
        model(1, 0, 1, 1)


# The value of a customer


def test_a_customer_who_stays_at_80_percent_is_worth_2_667_margins():
    assert round(lifetime.customer_lifetime_value(1, 0.8, 0.1), 3) == 2.667
    assert round(lifetime.retention_elasticity(0.8, 0.1), 3) == 3.667


def test_the_value_is_the_sum_of_the_discounted_margins():
    margins = [50 * 0.8**t / 1.1**t for t in range(1, 400)]
    assert lifetime.customer_lifetime_value(50, 0.8, 0.1) == pytest.approx(sum(margins))


@pytest.mark.parametrize(("retention", "discount"), [(0.5, 0.1), (0.8, 0.1), (0.95, 0.02)])
def test_the_elasticity_is_the_relative_slope(retention: float, discount: float):
    step = 1e-6
    values = [lifetime.customer_lifetime_value(1, retention + sign * step, discount) for sign in (-1, 0, 1)]
    slope = (values[2] - values[0]) / (2 * step) * retention / values[1]
    assert lifetime.retention_elasticity(retention, discount) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 1.2, 0.1), "retention is a share"),
        ((1, -0.1, 0.1), "retention is a share"),
        ((1, 0.8, -0.1), "discount must be 0 or more"),
        ((1, 1, 0), "no limit"),
        ((math.inf, 0.8, 0.1), "finite amount"),
    ],
)
def test_a_value_without_meaning_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        lifetime.customer_lifetime_value(*arguments)
