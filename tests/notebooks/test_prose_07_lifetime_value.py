"""Numbers that the prose of chapter 07 states are those that the models, the data and the widgets give."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from prose import (
    CHAPTERS,
    assert_minutes,
    assert_offered,
    cells,
    in_tex,
    in_words,
    is_about,
    is_nearly,
    numbers,
    prose,
    run,
    year_of,
)
from scipy import integrate, special, stats

from crmkit import load
from crmkit.data.hailang import TRUTH
from crmkit.exercise import key
from crmkit.models import lifetime, survival
from crmkit.widgets import lifetime as play
from crmkit.widgets.widget import Widget

STEM = "07-lifetime-value"
# One leaves in month 2, one is last seen in month 3, one leaves in month 4, two are seen to month 6.
FIVE = survival.kaplan_meier([2, 3, 4, 6, 6], [1, 0, 1, 0, 0])
SORTED = survival.ShiftedBetaGeometric(alpha=1, beta=3)
CLV = lifetime.customer_lifetime_value(27, 0.98, 0.01)
RETENTION = {
    name: rows["surviving"].to_numpy() for name, rows in load("published.retention").groupby("segment")
}


def after(cell: str) -> SimpleNamespace:
    return run(STEM)[cell]


def odds_of_having_left() -> float:
    """Return the odds after one repeat purchase in week 10 and now week 30."""
    music = after("bg-nbd").music
    return music.a / music.b * ((music.alpha + 30) / (music.alpha + 10)) ** (music.r + 1)


def censored(accounts: pd.DataFrame) -> stats.CensoredData:
    """Return for how long accounts were seen, the one way in which SciPy takes it."""
    left = accounts["left"].to_numpy()
    months = accounts["months"].to_numpy(dtype=float)
    return stats.CensoredData(uncensored=months[left], right=months[~left])


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (r"It is $0.98^{{12}} = {:.0f}\%$ a year", 100 * 0.98**12),
        ("a year, {:.0f}% after three years", 100 * 0.98**36),
        ("and a mean of {:.0f} months", (0.98 ** np.arange(5_000)).sum()),
        (r"$\hat S(4) = (1-\tfrac15)(1-\tfrac13) = {:.0f}\%$", 100 * FIVE.at(4)),
        (r"$\hat S(4) = (1-\tfrac1{:.0f})(1-\tfrac13)", FIVE.at_risk[0]),
        ("In month 4 only {} were at risk", in_words(FIVE.at_risk[1])),
        (r"retention is $\tfrac3{:.0f}$ in the first period", 3 / SORTED.retention(1)),
        (r"$\tfrac4{:.0f}$ in the second", 4 / SORTED.retention(2)),
        (r"$\tfrac5{:.0f}$ in the third", 5 / SORTED.retention(3)),
        (r"\tfrac34\cdot\tfrac45\cdot\tfrac56 = {:.0f}\%$", 100 * SORTED.survival(3)),
        ("At the constant rate of the first period it would be {:.0f}%", 100 * SORTED.retention(1) ** 3),
        (r"give $27 \cdot 0.98/0.03 = {}$ yuan", in_tex(CLV)),
        (r"add it: $m\,(1+d)/(1+d-r)$, here {:.0f}.", CLV + 27),
        ("At 98% and 1% that is {:.0f}. It sounds", lifetime.retention_elasticity(0.98, 0.01)),
        ("1% more retention means {:.2f}%", 1.01 * 98),
        (
            "Its classic table holds {} leukaemia patients, from a trial published in 1963",
            len(load("published.remission")),
        ),
        ("follows {} segments of an unnamed business", in_words(len(RETENTION))),
        ("of an unnamed business over {} years", in_words(len(RETENTION["Regular"]) - 1)),
        ("You will fit it to {:,} donors", load("real.donations")["donors"].sum()),
        (
            "{} parameters, found by highest likelihood",
            in_words(
                len(dataclasses.fields(lifetime.BGNBD)) - 1
            ).capitalize(),  # the likelihood is a field, too
        ),
    ],
)
def test_the_chapter_states_what_the_models_give(states: str, number: float | str) -> None:
    assert states.format(number) in prose(STEM)


@pytest.mark.parametrize(
    ("states", "cell", "number"),
    [
        ("In {} zones a rival delivers", "since-exit-rates", lambda c: in_words(len(c.with_rival))),
        ("the next rounds in those {} zones", "since-exit-rates", lambda c: in_words(len(c.with_rival))),
        ("the third of Hailang's {} tiers", "setup", lambda c: in_words(len(c.by_tier))),
        ("The data cover {} months", "setup", lambda c: c.orders["month"].nunique()),
        (
            "For {} months the risk is four times as high",
            "since-exit-rates",
            lambda c: in_words((c.leaving > 2 * c.leaving[12]).sum()),
        ),
        ("all purchases of the {:,} people", "bg-nbd", lambda c: c.bought["customer_id"].nunique()),
        (
            "We hold back the one in {} that the exercise uses",
            "bg-nbd",
            lambda c: in_words(c.bought["customer_id"].nunique() / len(c.sample)),
        ),
        ("$a/b = {:.3f}$ before", "bg-nbd", lambda c: c.music.a / c.music.b),
        ("and $({:.3f}/14.835)", "bg-nbd", lambda c: c.music.alpha + 30),
        ("/{:.3f})^{{1.253}}", "bg-nbd", lambda c: c.music.alpha + 10),
        ("14.835)^{{{:.3f}}}", "bg-nbd", lambda c: c.music.r + 1),
        (
            "^{{1.253}} = {:.2f}$",
            "bg-nbd",
            lambda c: odds_of_having_left() / (c.music.a / c.music.b),
        ),
        ("the odds of having left are {:.2f}", "bg-nbd", lambda _: odds_of_having_left()),
        ("the chance of being active {:.0f}%", "bg-nbd", lambda _: 100 / (1 + odds_of_having_left())),
        ("Hailang asked {:,} accounts in its last month", "chain", lambda c: len(c.survey)),
        (
            "`left` rests on {} accounts",
            "chain",
            lambda c: c.survey.query("tier_true == 'small'")["left"].sum(),
        ),
        ("Call it {:.0f}% a month", "minutes", lambda c: 100 * c.stay),
        (
            "They have to save one account in {}",
            "keep",
            lambda c: in_words(c.worth / 60),
        ),
    ],
)
def test_the_chapter_states_what_its_cells_compute(
    states: str, cell: str, number: Callable[[SimpleNamespace], Any]
) -> None:
    assert states.format(number(after(cell))) in prose(STEM)


@pytest.mark.parametrize(
    ("instruction", "widget", "values"),
    [
        ("set the month to 12", play.survival_builder, {"month": {12}}),
        (
            "compare α = 0.5, β = 1 with α = 2.5, β = 5",
            play.who_is_left,
            {"alpha": {0.5, 2.5}, "beta": {1, 5}},
        ),
        (
            'project the segment "Regular" from 3 years by each method; then "High End"',
            play.projection,
            {"known": {3}, "segment": {"Regular", "High End"}},
        ),
        (
            "set the silence to 40 weeks and raise the repeat purchases from 1 to 13",
            play.quiet_customer,
            {"quiet": {40}, "purchases": {1, 13}},
        ),
    ],
)
def test_a_try_names_what_its_widget_offers(
    instruction: str, widget: Widget, values: dict[str, set[Any]]
) -> None:
    assert_offered(STEM, instruction, widget, values)


def test_the_minutes_of_the_parts_and_of_the_questions_add_up_to_about_what_the_chapter_says() -> None:
    assert_minutes(STEM, key.topics()["lifetime"], chapter=75, exercise=100)


def test_most_tables_hold_1_in_20_routes() -> None:
    assert "most tables hold 1 in 20 of its routes" in prose(STEM)
    assert load("hailang.routes")["in_sample"].mean() == 1 / 20
    sampled = {"subscribers", "orders_monthly"}
    of_sample = set(load("hailang.routes").query("in_sample == 1")["route_id"])
    for name in sampled:
        accounts = load(f"hailang.{name}")["account_id"]
        routes = load("hailang.subscribers").set_index("account_id")["route_id"]
        assert set(routes[accounts]) == of_sample


def test_an_account_stays_far_longer_than_those_who_have_left_did() -> None:
    assert "It is far too short." in prose(STEM)
    cells_of = after("kaplan-meier")
    median = stats.ecdf(censored(cells_of.ordinary)).sf
    half = median.quantiles[median.probabilities <= 1 / 2][0]
    assert half == cells_of.curve.median > 2 * cells_of.gone["months"].mean()
    assert is_nearly(half, 36), "half stay for almost three years"


def test_leaving_out_or_counting_as_lost_looks_too_bad_and_counting_as_staying_too_good() -> None:
    assert "go through the four treatments" in prose(STEM)
    assert "To leave them out makes customers look fleeting, to count them as lost as well" in prose(STEM)
    right, lost, never, left_out = play.survival_builder.controls["treatment"].values
    (share,) = numbers(r"finds ([\d.]+)% still there", play.survival_builder, month=12, treatment=right)
    for treatment in (lost, left_out):
        wrong = numbers(r"it finds ([\d.]+)%\.$", play.survival_builder, month=12, treatment=treatment)
        assert wrong[0] < share
    assert numbers(r"it finds ([\d.]+)%\.$", play.survival_builder, month=12, treatment=never)[0] > share


def test_the_curve_takes_four_lines() -> None:
    assert "The same on data takes four lines:" in prose(STEM)
    (source,) = (cell.source for cell in cells(STEM) if cell.id == "kaplan-meier")
    by_hand = source.partition("\n\n")[0]
    assert len(by_hand.splitlines()) == 4
    assert by_hand.splitlines()[-1].startswith("by_hand =")


def test_the_interval_is_too_narrow_a_little_for_two_years_and_more_at_the_right_end() -> None:
    assert "so it is too narrow: a little for two years, more at the right end" in prose(STEM)
    cells_of = after("kaplan-meier")
    rounds = [accounts for _, accounts in cells_of.ordinary.groupby("route_id")]
    rng = np.random.default_rng(1)
    curves = []
    for _ in range(200):
        drawn = pd.concat([rounds[each] for each in rng.integers(0, len(rounds), len(rounds))])
        curves.append(survival.kaplan_meier(drawn["months"], drawn["left"]).at([12, 24, 35]))
    taken = cells_of.curve.standard_error[np.searchsorted(cells_of.curve.time, [12, 24, 35])]
    wider = np.std(curves, axis=0) / taken
    assert (wider[:2] > 1).all()
    assert (wider[:2] < 1.35).all()
    assert wider[2] > 1.35


def test_the_right_end_of_the_curve_rests_on_those_who_joined_in_1996_and_met_the_rival_late() -> None:
    assert "Its right end rests on those who joined in 1996 and met the rival late" in prose(STEM)
    ordinary = after("kaplan-meier").ordinary
    joined = ordinary.loc[ordinary["months"] >= 34, "join_month"]
    assert set(joined.str[:4]) == {"1996"}
    entry = load("hailang.zones")["rival_entry_month"].dropna().unique()
    assert entry.tolist() == ["1998-10"], "two years after"


def test_the_exercise_reproduces_the_leukaemia_patients_and_fits_the_donors() -> None:
    assert "[the exercise](../exercises/07-lifetime-value.ipynb) lets you reproduce it" in prose(STEM)
    exercise = nbformat.read(CHAPTERS.parent / f"exercises/{STEM}.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in exercise.cells if cell.cell_type == "code")
    assert {"published.remission", "real.donations", "real.cdnow_sample"} <= set(
        re.findall(r'load\("([\w.]+)"\)', code)
    )
    assert year_of("freireich1963") == 1963


def test_being_large_does_not_make_an_account_faithful() -> None:
    assert "No sign of it. Being large does not make an account faithful." in prose(STEM)
    assert "In these data, they are not more faithful." in prose(STEM)
    cells_of = after("log-rank")
    seen = {tier: censored(rows) for tier, rows in cells_of.accounts.groupby("tier_true")}
    small = seen.pop("small")
    assert [*seen] == ["VIP", "major", "ordinary"]
    assert "(The rates are of all tiers, which leave alike.)" in prose(STEM)
    assert cells_of.test.p_value > 0.05
    for larger in seen.values():
        assert stats.logrank(larger, small).pvalue > 0.05


def test_the_risk_is_four_times_as_high_and_then_as_if_nothing_had_happened() -> None:
    assert "then it is as if nothing had happened" in prose(STEM)
    cells_of = after("since-exit-rates")
    assert is_about(cells_of.leaving[:3].mean() / cells_of.leaving[3:].mean(), 4)
    undisturbed = cells_of.quiet.query("after_exit == 0")
    assert is_about(cells_of.leaving[3:].mean(), undisturbed["left"].sum() / undisturbed["accounts"].sum())


def test_the_retention_of_all_rises_although_both_kinds_keep_theirs() -> None:
    assert "move the share of movers" in prose(STEM)
    for movers in play.loyalty_or_sorting.controls["movers"].values:
        first, last = numbers(
            r"from ([\d.]+)% in year 1 to ([\d.]+)% in", play.loyalty_or_sorting, movers=movers
        )
        assert first < last < play.loyalty_or_sorting.start["stayers_stay"]


def test_two_mixtures_begin_at_the_same_retention_and_the_more_mixed_one_rises_faster() -> None:
    assert "*Both begin at the same retention; why does one rise so much faster?*" in prose(STEM)
    mixed, alike = (survival.ShiftedBetaGeometric(*pair) for pair in ((0.5, 1), (2.5, 5)))
    assert mixed.retention(1) == alike.retention(1)
    rises = [model.retention(7) - model.retention(1) for model in (mixed, alike)]
    assert rises[0] > 1.3 * rises[1]


def test_the_model_of_sorting_is_a_beta_distribution_of_constant_rates() -> None:
    assert r"S(t) = \frac{B(\alpha,\ \beta+t)}{B(\alpha,\ \beta)}" in prose(STEM)
    assert r"r_t = \frac{\beta+t-1}{\alpha+\beta+t-1}" in prose(STEM)
    leaves = stats.beta(0.7, 1.2)
    model = survival.ShiftedBetaGeometric(0.7, 1.2)
    for years in (1, 3, 8):
        stayed = leaves.expect(lambda chance, years=years: (1 - chance) ** years)
        assert model.survival(years) == pytest.approx(special.beta(0.7, 1.2 + years) / special.beta(0.7, 1.2))
        assert model.survival(years) == pytest.approx(stayed)
        assert model.retention(years) == pytest.approx((1.2 + years - 1) / (0.7 + 1.2 + years - 1))


def test_the_first_years_rate_gives_a_value_that_is_too_low_altogether() -> None:
    assert "a value built on the first year's rate is too low altogether" in prose(STEM)
    leaves = stats.beta(1, 3)
    worth, _ = integrate.quad(
        lambda chance: leaves.pdf(chance) * lifetime.customer_lifetime_value(1, 1 - chance, 0.10), 0, 1
    )
    assert worth == pytest.approx(after("heterogeneity").mixed, rel=0.001)
    assert lifetime.customer_lifetime_value(1, 1 - leaves.mean(), 0.10) < 0.7 * worth


def test_regular_needs_few_years_and_high_end_more_than_three() -> None:
    def misses(segment: str, known: int) -> list[float]:
        """Return by how many points each method misses the tenth year."""
        left = RETENTION[segment] / 100
        model = survival.fit_shifted_beta_geometric(left[: known + 1])
        ahead = 10 - known
        average = left[known] ** (1 + ahead / known)
        last = left[known] * (left[known] / left[known - 1]) ** ahead
        return [100 * abs(says - left[10]) for says in (float(model.survival(10)), average, last)]

    assert 'For "Regular" the model is good with very little.' in prose(STEM)
    assert misses("Regular", 3)[0] < 2
    assert 'For "High End" three years are too few for any method' in prose(STEM)
    assert min(misses("High End", 3)) > 10
    assert "from five on the last year's rate does about as well" in prose(STEM)
    for known in range(5, 10):
        model, _, last = misses("High End", known)
        assert last < model + 1
    assert misses("High End", 4)[2] > misses("High End", 4)[0] + 1.5


def test_the_retention_of_october_1996_falls_with_the_rival_in_the_third_year() -> None:
    assert "Retention *falls*." in prose(STEM)
    assert "in the third year, a rival" in prose(STEM)
    accounts = load("hailang.subscribers").query("join_month == '1996-10'")
    last = accounts["leave_month"].fillna("2000-01")
    there = [len(accounts), *((last > f"{year}-09").sum() for year in (1997, 1998, 1999))]
    assert there == after("cohort").still.tolist()
    kept = np.array(there[1:]) / there[:-1]
    assert kept[0] > kept[1] > kept[2]
    assert 24 <= TRUTH.rival_month < 36, "months after the first"


def test_undisturbed_accounts_leave_at_much_the_same_rate_in_each_year() -> None:
    assert "These accounts hardly differ in their patience; what makes them leave are events" in prose(STEM)
    served = load("hailang.orders_monthly")[["month", "account_id"]]
    served = served.merge(load("hailang.subscribers"), on="account_id")
    served = served.merge(load("hailang.route_months"), on=["month", "route_id"])
    entry = load("hailang.zones").set_index("zone_id")["rival_entry_month"]
    quiet = served[(served["after_exit"] == 0) & ~(served["zone_id"].map(entry) <= served["month"])]
    month, joined = (pd.to_datetime(quiet[column]) for column in ("month", "join_month"))
    tenure = month.dt.year - joined.dt.year - (month.dt.month < joined.dt.month)
    leave = (quiet["leave_month"] == quiet["month"]).groupby(tenure).mean()
    assert leave.index.tolist() == [0, 1, 2]
    for rate in leave:
        assert is_about(rate, leave.mean())


def test_each_year_of_data_brings_the_projection_nearer() -> None:
    assert "who has known customers for longer can say more about what they will do" in prose(STEM)
    for left in RETENTION.values():
        known = [
            survival.fit_shifted_beta_geometric(left[: years + 1]).survival(10) for years in range(3, 10)
        ]
        misses = np.abs(np.array(known) - left[10] / 100)
        assert (np.diff(misses) < 0.001).all()
        assert misses[-1] < misses[0] / 5


def test_cdnow_is_known_from_early_1997_to_mid_1998_and_39_weeks_are_hidden() -> None:
    assert "first bought there in the first quarter of 1997, up to mid-1998" in prose(STEM)
    bought = load("real.cdnow")
    first = bought.groupby("customer_id")["date"].min()
    assert set(first.str[:7]) == {"1997-01", "1997-02", "1997-03"}
    assert bought["date"].max() == "1998-06-30"
    assert "hide the last 39 weeks" in prose(STEM)
    assert "Ask the 39 weeks that we hid" in prose(STEM)
    (source,) = (cell.source for cell in cells(STEM) if cell.id == "bg-nbd")
    end, holdout_end = re.search(r'end="([\d-]+)", holdout_end="([\d-]+)"', source).groups()
    assert (pd.Timestamp(holdout_end) - pd.Timestamp(end)).days == 39 * 7


def test_who_never_came_back_is_alive_for_ever_and_still_expected_to_buy_little() -> None:
    assert "has **P(alive) = 100%** for ever" in prose(STEM)
    assert "Such buyers are expected to buy little all the same" in prose(STEM)
    music = after("bg-nbd").music
    assert music.probability_alive(0, 0, 10_000) == 1
    assert music.probability_alive(1, 10, 30) == pytest.approx(1 / (1 + odds_of_having_left()))
    buyers = after("bg-nbd").buyers
    ages = buyers.loc[buyers["frequency"] == 0, "age"]
    assert music.conditional_purchases(39, 0, 0, ages).max() < 1 / 3


def test_after_40_weeks_of_silence_the_best_customer_of_the_past_is_the_worst_bet() -> None:
    assert "*Why does the best customer of the past become the worst bet?*" in prose(STEM)
    for last in play.quiet_customer.controls["last"].values:
        found = [
            numbers(
                r"probability of ([\d.]+)% and ([\d.]+) purchases",
                play.quiet_customer,
                quiet=40,
                last=last,
                purchases=purchases,
            )
            for purchases in play.quiet_customer.controls["purchases"].values
        ]
        active, expected = zip(*found, strict=True)
        assert list(active) == sorted(active, reverse=True)
        assert expected[-1] == min(expected)


def test_the_forecast_is_a_third_or_a_quarter_short_for_one_or_two_repeats_and_its_order_right() -> None:
    assert "For those with one or two repeats the forecast is a third or a quarter short" in prose(STEM)
    cells_of = after("holdout-figure")
    short = 1 - cells_of.model_says / cells_of.real
    assert is_about(short[1], 1 / 3)
    assert is_about(short[2], 1 / 4)
    assert "the order is right" in prose(STEM)
    assert cells_of.model_says.is_monotonic_increasing
    assert cells_of.real.is_monotonic_increasing


def test_if_all_went_on_as_before_the_heaviest_would_come_out_far_too_high_and_the_others_at_zero() -> None:
    assert "the heaviest buyers come out far too high, those without a repeat at zero" in prose(STEM)
    buyers = after("bg-nbd").buyers
    as_before = buyers["frequency"] * 39 / buyers["age"]
    heaviest = buyers["frequency"] >= 7
    assert as_before[heaviest].mean() > 1.5 * buyers.loc[heaviest, "holdout_frequency"].mean()
    never = buyers["frequency"] == 0
    assert as_before[never].max() == 0 < buyers.loc[never, "holdout_frequency"].mean()


def test_a_mean_is_pulled_towards_that_of_all_the_more_the_fewer_purchases_stand_behind_it() -> None:
    assert "towards that of all, the more the fewer purchases stand behind it" in prose(STEM)
    spend = after("spend").spend
    for mean in (80, 10):
        pull = [abs(float(spend.conditional_spend(number, mean)) - mean) for number in (1, 2, 10)]
        assert abs(spend.expected_spend - mean) > pull[0] > pull[1] > pull[2] > 0
    p, q, gamma = spend.p, spend.q, spend.gamma
    assert spend.conditional_spend(2, 80) == pytest.approx(p * (gamma + 2 * 80) / (2 * p + q - 1))


def test_spend_and_frequency_hardly_correlate() -> None:
    assert "It takes spend and frequency as independent, so look at their correlation first." in prose(STEM)
    repeat = after("spend").repeat
    assert abs(repeat["frequency"].corr(repeat["monetary_value"])) < 0.1


def test_the_formula_is_the_sum_and_its_elasticities_are_those_stated() -> None:
    assert r"CLV = \sum_{t=1}^{\infty} m\,\frac{r^t}{(1+d)^t} = m\,\frac{r}{1+d-r}" in prose(STEM)
    months = np.arange(1, 5_000)
    assert pytest.approx((27 * 0.98**months / 1.01**months).sum()) == CLV
    assert "$m/(1-r)$, which forgets interest" in prose(STEM)
    assert 27 + lifetime.customer_lifetime_value(27, 0.98, 0) == pytest.approx(27 / (1 - 0.98))
    assert "The elasticity of CLV is 1 to the margin" in prose(STEM)
    assert lifetime.customer_lifetime_value(27 * 1.01, 0.98, 0.01) / CLV == pytest.approx(1.01)
    more = lifetime.customer_lifetime_value(27, 0.98 * 1.00001, 0.01)
    assert is_about((more / CLV - 1) / 0.00001, 34)


def test_1_per_cent_more_retention_takes_half_of_the_churn_away() -> None:
    assert "1% more retention means 98.98%, *half* of the churn gone" in prose(STEM)
    assert is_about((1.01 * 0.98 - 0.98) / (1 - 0.98), 1 / 2)


def test_the_shortcut_misleads_most_where_retention_is_high() -> None:
    def ratio(retention: float) -> float:
        worth, shortcut = numbers(
            r"is worth ([\d.]+) yuan at .* says ([\d.]+)\.", play.customer_value, retention=retention
        )
        return shortcut / worth

    ratios = [ratio(retention) for retention in play.customer_value.controls["retention"].values]
    assert ratios == sorted(ratios)
    gains = r"more margin adds ([\d.]+)% 1% more retention ([\d.]+)% and .* lower ([\d.]+)%"
    margin, retention, discount = numbers(gains, play.customer_value)
    assert retention > margin > discount


def test_what_an_extra_may_cost_leaves_the_value_as_it_was_if_a_fifth_of_the_churn_goes() -> None:
    assert "Let one take away a fifth of the churn" in prose(STEM)
    assert "The last column is the most that the extra may cost per month." in prose(STEM)
    cells_of = after("tiers")
    for tier, row in cells_of.tiers.iterrows():
        margin = cells_of.by_tier[tier]
        worth = lifetime.customer_lifetime_value(margin, 1 - cells_of.churn, 0.01)
        kept = lifetime.customer_lifetime_value(
            margin - row["may cost a month"], 1 - cells_of.churn * (1 - 1 / 5), 0.01
        )
        assert kept == pytest.approx(worth, rel=0.001)


def test_a_visit_to_a_vip_may_pay_and_a_small_household_pays_for_a_leaflet() -> None:
    assert "A visit to a VIP may pay; for a small household there is money for a leaflet." in prose(STEM)
    pools = load("hailang.cost_pools").set_index("activity").loc["account visits"]
    an_hour = 60 * pools["cost"] / pools["practical_capacity"]
    may_cost = after("tiers").tiers["may cost a month"]
    assert may_cost["small"] < 1 < an_hour < may_cost["VIP"]
    assert may_cost["major"] < an_hour


def test_the_satisfied_intend_to_order_a_little_more_and_nothing_else_separates_them() -> None:
    assert "The satisfied *intend* to order a little more a week." in prose(STEM)
    assert "nothing separates the two" in prose(STEM)
    answered = after("chain").survey.query("tier_true == 'small'")
    satisfied, others = answered[answered["csat"] >= 4], answered[answered["csat"] < 4]
    intended = [group["intended_bottles"] for group in (satisfied, others)]
    assert after("chain").orders["month"].max() == "1999-09"
    assert "September 1999" in load.about("hailang.survey").table.title
    assert 1 < intended[0].mean() / intended[1].mean() < 1.05
    assert stats.ttest_ind(*intended).pvalue < 0.05
    for column in ("left", "months", "contribution"):
        assert stats.ttest_ind(satisfied[column], others[column]).pvalue > 0.05


def test_where_the_firm_knew_fewer_left_but_not_where_the_solution_was_the_same() -> None:
    assert "Where the firm knew, fewer left within three months" in prose(STEM)
    assert "With the same solution, it makes no difference who knew." in prose(STEM)
    cases = after("knowing").cases
    gone = cases.groupby("firm")["gone"].mean()
    assert gone["knew"] < gone["did not"]
    assert stats.chi2_contingency(pd.crosstab(cases["firm"], cases["gone"])).pvalue < 0.05
    for _, alike in cases.groupby("solved", observed=True):
        assert stats.chi2_contingency(pd.crosstab(alike["firm"], alike["gone"])).pvalue > 0.05


def test_hardly_any_complaint_that_reached_the_firm_stayed_open_and_it_hears_of_some_only() -> None:
    assert "hardly any complaint that reached the firm stayed open" in prose(STEM)
    assert "the dairy hears of some complaints only" in prose(STEM)
    complaints = load("hailang.complaints").query("date < '1999-07'")
    open_still = complaints["hours_to_resolve"].isna().groupby(complaints["reached_firm"]).mean()
    assert open_still[1] < 0.06 < 1 / 3 < open_still[0]
    assert complaints["reached_firm"].mean() < 1 / 2


def test_a_rival_changed_retention_in_one_month() -> None:
    assert "A rival changed $r$ at Hailang in one month." in prose(STEM)
    months = after("since-exit-rates").routes.query("rival and after_exit == 0").groupby("month")
    leave = months["left"].sum() / months["accounts"].sum()
    before, since = leave[:"1998-09"], leave["1998-10":]
    assert since.min() > before.max()
    assert is_about(since["1998-10"], since.mean())
    assert is_about(since.mean() / before.mean(), TRUTH.rival_churn)


def test_at_a_high_retention_most_of_the_value_lies_years_ahead() -> None:
    assert "At a high $r$ most of the value lies years ahead" in prose(STEM)
    months = np.arange(1, 5_000)
    value = (0.99 / 1.01) ** months
    assert value[24:].sum() / value.sum() > 1 / 2
    years = (0.90 / 1.10) ** months
    assert years[2:].sum() / years.sum() > 1 / 2


def test_elsewhere_every_box_is_filled_in_the_next_month() -> None:
    assert "Elsewhere a waiting list fills every box in the next month." in prose(STEM)
    elsewhere = (
        after("since-exit-rates").quiet.query("month >= '1998-10'").groupby("month").sum(numeric_only=True)
    )
    assert (elsewhere["accounts"] == elsewhere["boxes"]).all()
    assert elsewhere["joined"].to_numpy()[1:].tolist() == elsewhere["left"].to_numpy()[:-1].tolist()


def test_only_in_the_rivals_zones_stand_empty_boxes() -> None:
    assert "milk boxes stand empty" in prose(STEM)
    empty = after("boxes").empty
    assert empty[False] == 0 < empty[True]


def test_an_account_just_won_is_worth_more_than_450_and_less_once_its_minutes_are_paid() -> None:
    assert "for 450 yuan each" in prose(STEM)
    assert "is worth more than the promoter asks, whatever its churn within the interval" in prose(STEM)
    cells_of = after("minutes")
    churns = (cells_of.leaves / cells_of.seen, cells_of.interval.low, cells_of.interval.high)
    gross, net = (
        [margin + lifetime.customer_lifetime_value(margin, 1 - churn, 0.01) for churn in churns]
        for margin in (cells_of.margin, cells_of.net)
    )
    assert min(gross) > 450
    assert "Once its minutes have to be paid it is worth less, at the churn observed." in prose(STEM)
    assert net[0] < 450
    assert "About three quarters of what he asks holds in every line above." in prose(STEM)
    assert is_about(min(gross + net) / 450, 3 / 4)
    assert min(gross + net) >= 450 * 3 / 4


def test_an_exit_costs_more_than_60_yuan_an_account() -> None:
    assert "wants to give 60 yuan to every ordinary account of the round" in prose(STEM)
    assert "An exit costs more than 60 yuan an account, so the idea is not foolish." in prose(STEM)
    cells_of = after("keep")
    assert 60 < cells_of.lost * cells_of.worth_net < cells_of.lost * cells_of.worth


def test_60_yuan_must_save_two_in_five_of_those_driven_away_and_two_thirds_after_minutes() -> None:
    assert "more than two in five of those whom an exit drives away; after minutes, two thirds" in prose(STEM)
    cells_of = after("keep")
    months = cells_of.routes.query("rival and month >= '1998-10'").groupby("after_exit")
    stays = (1 - months["left"].sum() / months["accounts"].sum()) ** 3
    driven_away = stays[0] - stays[1]
    assert 2 / 5 < 60 / cells_of.worth / driven_away < 1 / 2
    assert is_about(60 / cells_of.worth_net / driven_away, 2 / 3)


def test_the_mean_lifetime_and_the_share_left_follow_from_a_constant_rate() -> None:
    assert "$r^t$ are left after $t$ periods, and the mean lifetime is $1/(1-r)$ periods" in prose(STEM)
    leaves_in = stats.geom(1 - 0.98)
    assert leaves_in.sf(12) == pytest.approx(0.98**12)
    assert leaves_in.mean() == pytest.approx(1 / (1 - 0.98))
