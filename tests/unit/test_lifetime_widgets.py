"""The six widgets of the lifetime chapter: what they say, how many frames they have, that texts fit."""

import re

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from scipy import integrate, stats
from widget_checks import headline, sample

from crmkit.data import load
from crmkit.models import lifetime, survival
from crmkit.models.survival import ShiftedBetaGeometric
from crmkit.quick import find as find_questions
from crmkit.widgets import find
from crmkit.widgets import lifetime as chapter

NAMES = (
    "survival_builder",
    "loyalty_or_sorting",
    "who_is_left",
    "projection",
    "quiet_customer",
    "customer_value",
)
WIDGETS = [find(f"lifetime.{name}") for name in NAMES]
each_widget = pytest.mark.parametrize("widget", WIDGETS, ids=NAMES)


# How many


@each_widget
def test_a_widget_has_between_40_and_100_frames(widget):
    assert 40 <= len(list(widget.frames())) <= 100


# What the captions say


@pytest.mark.parametrize(
    ("widget", "values", "says"),
    [
        # 11/12 · 10/11 · 8/9 · 6/7, since 3 and 4 months are where the first two are censored.
        (chapter.survival_builder, {}, "7 were seen up to month 6 or longer, and 1 of them left in it"),
        (chapter.survival_builder, {}, "finds 63.5% still there"),
        # 0.4 · 0.9 + 0.6 · 0.5; 400 · 0.9⁸ + 600 · 0.5⁸; 1,000 · 0.66⁸
        (chapter.loyalty_or_sorting, {}, "rises from 66.0% in year 1"),
        (chapter.loyalty_or_sorting, {}, "175 are left; the rate of year 1 for everybody would leave 36"),
        # (2/3) · (3/4) are left, of whom (2 + 2) / (1 + 2 + 2) stay.
        (chapter.who_is_left, {}, "50.0% are still there, and 80.0% of them stay another year"),
        (chapter.who_is_left, {}, "against 66.7% in year 1"),
        # Fader and Hardie's table has 42.7% of High End and 19.4% of Regular in year 10. Of Regular 46.8% and
        # 38.2% are there in years 2 and 3: 38.2 · (38.2 / 46.8)⁷, and 100 · 0.382^(10/3).
        (chapter.projection, {}, "it was 42.7%"),
        (
            chapter.projection,
            {"known": 3, "segment": "Regular", "method": "the rate of the last year"},
            "kept for good, puts 9.2% of the customers in year 10; it was 19.4%, so the miss is −10.2 points",
        ),
        (
            chapter.projection,
            {"known": 3, "segment": "Regular", "method": "the average rate so far"},
            "puts 4.0% of the customers",
        ),
        # With x = 1: 1 / (1 + 0.793 / 2.426 · ((4.414 + 50) / (4.414 + 40))^1.243)
        (chapter.quiet_customer, {"purchases": 1, "last": 40, "quiet": 10}, "probability of 70.4%"),
        # 100 · 0.7 / 0.42 and 100 · 0.7 / 0.3; 1.01 · 0.42 / (1.12 − 0.707); 0.42 / (1.1188 − 0.7)
        (chapter.customer_value, {}, "is worth 166.7 yuan"),
        (chapter.customer_value, {}, "says 233.3"),
        (chapter.customer_value, {}, "1.00%, 1% more retention 2.71%, and a discount rate 1% lower 0.29%"),
        # 100 · 1.04 / 0.09 and 100 / 0.05
        (
            chapter.customer_value,
            {"retention": 95, "discount": 4, "timing": "at once"},
            "is worth 1,155.6 yuan at a discount rate of 4% (simulated). The shortcut, margin times the "
            "expected number of payments, says 2,000.0",
        ),
    ],
)
def test_a_caption_has_the_known_number(widget, values, says):
    assert says in widget.caption(**values)


def test_no_caption_and_no_quick_question_answers_a_question_of_the_exercise():
    # What freireich1963, fader2005, fader2013, fader2007, fader2010 and gupta2003 are asked for there.
    answers = r"85\.7%|75\.3%|44\.8%|16\.79|72\.7%|1\.226|1\.23 purch|1\.858|\.243|4\.414|\.793|2\.426"
    answers += r"|6\.25|3\.74|15\.44|37\.8|17\.0%|0\.668|3\.806|0\.704|1\.182|266\.7|3\.667|2\.667"
    told = [f"{o.text} {o.reason}" for q in find_questions("lifetime").questions for o in q.options]
    told += [widget.caption() for widget in WIDGETS]
    assert not re.search(answers, " ".join(told))


def test_no_setting_is_that_of_an_exercise():
    assert 10 not in chapter.customer_value.controls["discount"].values
    assert 2 not in chapter.quiet_customer.controls["purchases"].values
    assert chapter.TARGET_YEAR != 12


@pytest.mark.parametrize(
    ("widget", "word"),
    [
        (chapter.survival_builder, "simulated"),
        (chapter.loyalty_or_sorting, "simulated"),
        (chapter.who_is_left, "simulated"),
        (chapter.projection, "published data"),
        (chapter.quiet_customer, "made-up customer"),
        (chapter.customer_value, "simulated"),
    ],
)
def test_a_caption_says_where_its_data_come_from(widget, word):
    assert word in widget.caption()


def test_quick_answers_are_those_that_the_arithmetic_gives():
    # 8/10 · 4/5; 60 · 0.75 / 0.30; 4 · (20 + 100) / (4 + 2)
    right = [question.answer.text for question in find_questions("lifetime").questions]
    assert right == ["64%", "Nothing yet: the rates also rise if nobody changes", "A", "150 yuan", "80 yuan"]


def test_the_rates_of_the_quick_question_are_those_of_its_model():
    # 1.4 / 2 and (1.4 + 5) / (2 + 5)
    prompt = find_questions("lifetime").questions[1].prompt
    assert "70% are still there" in prompt
    assert "five years of service, 91%" in prompt


# Survival


def test_the_curve_built_is_that_of_lifelines():
    theirs = KaplanMeierFitter().fit(chapter.SEEN, chapter.LEFT)
    for month in (1, 4, 8, 11):
        share = float(theirs.predict(month))
        assert f"finds {share:.1%} still there" in chapter.survival_builder.caption(month=month)


@pytest.mark.parametrize(
    ("treatment", "says"),
    [
        # By the end of month 9, 5 of 12 have left and 4 are censored, and 5 of the 6 who ever left are gone.
        ("lost when last seen", "it finds 25.0%"),
        ("never lost", "it finds 58.3%"),
        ("left out of the data", "it finds 16.7%"),
    ],
)
def test_another_treatment_of_the_censored_gives_another_share(treatment, says):
    caption = chapter.survival_builder.caption(month=9, treatment=treatment)
    assert "finds 50.8% still there" in caption
    assert says in caption


def test_until_somebody_has_left_after_a_censoring_never_lost_makes_no_difference():
    findings = [headline(chapter.survival_builder, month=m, treatment="never lost") for m in (1, 3, 4)]
    assert findings[0] == "Never lost: no difference up to 1 month"
    assert findings[1] == "Never lost: no difference up to 3 months"
    assert findings[2] == "Never lost: 75%, not 74%"


def test_counting_the_censored_as_lost_is_never_above_and_as_never_lost_never_below():
    def share(month, treatment):
        printed = re.findall(
            r"finds ([\d.]+)%", chapter.survival_builder.caption(month=month, treatment=treatment)
        )
        return [float(text) for text in printed]

    for month in (2, 5, 12):
        right, low = share(month, "lost when last seen")
        _, high = share(month, "never lost")
        assert low <= right <= high


# Sorting


def test_retention_lies_between_that_of_movers_and_that_of_stayers_and_nears_the_latter():
    first, last = re.findall(r"(\d+)%", headline(chapter.loyalty_or_sorting, movers=80, movers_stay=30))
    assert 30 < int(first) < int(last) <= 90
    assert headline(chapter.loyalty_or_sorting, movers_stay=30).startswith("Retention rises from 54% to 90%")


def test_where_all_are_nearly_alike_retention_hardly_rises():
    finding = headline(chapter.loyalty_or_sorting, movers=20, movers_stay=70, stayers_stay=80)
    assert finding == "Retention rises from 78% to 79%, yet nobody changed"


def test_the_bars_of_customers_are_the_integral_of_the_beta_density():
    model = ShiftedBetaGeometric(1.5, 3)
    density = stats.beta(1.5, 3).pdf
    for years in (0, 4):
        bars = chapter._kinds(model, years)
        expected = [
            1_000 * integrate.quad(lambda p: density(p) * (1 - p) ** years, low, low + 0.1)[0]  # noqa: B023
            for low in np.arange(10) / 10
        ]
        assert bars == pytest.approx(expected)
        assert bars.sum() == pytest.approx(1_000 * model.survival(years))


def test_the_fewer_are_left_the_more_of_them_stay():
    findings = [headline(chapter.who_is_left, alpha=0.5, beta=1, year=year) for year in (1, 3, 7)]
    assert findings == [
        # 1/1.5; then (1/1.5) · (2/2.5) and 3/3.5; then on to 6/6.5, and 7/7.5
        "Year 1: everybody is there, and 67% will stay",
        "Year 3: 53% are there, and 86% of them will stay",
        "Year 7: 34% are there, and 93% of them will stay",
    ]


# Projection


def miss(known, method, segment):
    caption = chapter.projection.caption(known=known, method=method, segment=segment)
    return float(re.search(r"miss is ([+−]?[\d.]+)", caption)[1].replace("−", "-"))


@pytest.mark.parametrize("segment", ["High End", "Regular"])
@pytest.mark.parametrize("method", chapter.METHODS)
def test_more_years_of_data_miss_by_less(segment, method):
    misses = [abs(miss(known, method, segment)) for known in (3, 5, 9)]
    assert misses == sorted(misses, reverse=True)
    assert misses[0] > misses[-1]


@pytest.mark.parametrize("segment", ["High End", "Regular"])
def test_a_model_in_which_customers_differ_misses_by_less_than_one_rate_for_all(segment):
    for known in (3, 5):
        sbg, average, _ = (abs(miss(known, method, segment)) for method in chapter.METHODS)
        assert sbg < average


def test_the_projection_needs_no_data_but_those_of_the_wheel():
    left = load("published.retention").query("segment == 'Regular'")["surviving"].to_numpy()
    assert chapter._retention_table()["Regular"] == pytest.approx(left / 100)


# The quiet customer


def alive(**values):
    return float(re.search(r"probability of ([\d.]+)%", chapter.quiet_customer.caption(**values))[1])


def test_silence_says_little_of_a_rare_buyer_and_much_of_a_frequent_one():
    assert alive(purchases=1, quiet=10) - alive(purchases=1, quiet=50) < 20
    assert alive(purchases=10, quiet=10) - alive(purchases=10, quiet=50) > 50
    assert alive(purchases=1) > alive(purchases=7) > alive(purchases=13)


def test_after_a_long_silence_few_purchases_promise_more_than_many():
    assert "from 1 to 13, 13 promise most" in chapter.quiet_customer.caption(last=40, quiet=10)
    assert re.search(r"from 1 to 13, [23] promise most", chapter.quiet_customer.caption(last=40, quiet=50))


def test_a_probability_that_rounds_to_nothing_is_said_to_be_below_1_percent():
    finding = headline(chapter.quiet_customer, purchases=13, last=20, quiet=50)
    assert finding == "13 repeats, 50 weeks quiet: P(alive) < 1%"


def test_the_last_point_of_the_history_is_what_the_caption_says():
    figure, _ = chapter.quiet_customer.draw(purchases=4, last=20, quiet=30)
    line = figure.axes[0].lines[0].get_xydata()
    assert line[-1] == pytest.approx([50, alive(purchases=4, last=20, quiet=30) / 100], abs=0.0005)
    assert (line[line[:, 0] < 5, 1] == 1).all()  # nobody leaves before the first repeat


# Lifetime value


def test_the_shortcut_is_margin_times_mean_lifetime():
    assert "says 500.0" in chapter.customer_value.caption(retention=80, timing="at once")
    assert "says 400.0" in chapter.customer_value.caption(retention=80)


def test_one_percent_of_retention_adds_about_its_elasticity():
    caption = chapter.customer_value.caption(retention=60, discount=16)
    added = float(re.search(r"retention ([\d.]+)%", caption.partition("more margin")[2])[1])
    assert added == pytest.approx(lifetime.retention_elasticity(0.60, 0.16), rel=0.02)


def test_retention_is_worth_more_the_longer_customers_stay():
    captions = [chapter.customer_value.caption(retention=retention) for retention in (50, 80, 95)]
    added = [float(re.search(r"more retention ([\d.]+)%", caption)[1]) for caption in captions]
    assert added == sorted(added)
    assert added[0] > 1


# Numbers


def amounts_of_survival(month, treatment):
    seen, left = chapter.SEEN, chapter.LEFT
    changed = {
        "lost when last seen": (seen, np.ones(12)),
        "never lost": (np.where(left, seen, 99), left),
        "left out of the data": (seen[left], left[left]),
    }
    shares = [float(survival.kaplan_meier(seen, left).at(month))]
    if treatment in changed:
        shares.append(float(survival.kaplan_meier(*changed[treatment]).at(month)))
    there = [share * 100 for share in shares]
    return [12, sum(seen >= month), month, sum(left[seen == month]), there[0], month, *there[1:]]


def amounts_of_sorting(movers, movers_stay, stayers_stay):
    def left(years):
        return 10 * (movers * (movers_stay / 100) ** years + (100 - movers) * (stayers_stay / 100) ** years)

    first, last = (100 * left(year) / left(year - 1) for year in (1, 8))
    shares = [movers, movers_stay, stayers_stay, first, 1, last, 8]
    return [1_000, *shares, 8, left(8), 1, 1_000 * (first / 100) ** 8]


def amounts_of_who_is_left(alpha, beta, year):
    stay = [100 * (beta + t) / (alpha + beta + t) for t in range(8)]
    left = 100 * np.prod([rate / 100 for rate in stay[: int(year) - 1]])
    return [1_000, alpha, beta, year, left, stay[int(year) - 1], *([stay[0], 1] if year > 1 else [])]


def amounts_of_projection(known, method, segment):
    table = load("published.retention")
    left = table.loc[table["segment"] == segment, "surviving"].to_numpy()

    def projected(years):
        if method.startswith("sBG"):
            return 100 * survival.fit_shifted_beta_geometric(left[: years + 1]).survival(10)
        if method.startswith("the average"):
            return 100 * (left[years] / 100) ** (10 / years)
        return left[years] * (left[years] / left[years - 1]) ** (10 - years)

    misses = [projected(years) - left[10] for years in (int(known), 3, 9)]
    return [known, projected(int(known)), 10, left[10], misses[0], misses[1], 3, misses[2], 9]


def amounts_of_silence(purchases, last, quiet):
    model = lifetime.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    now = last + quiet
    promised = [float(model.conditional_purchases(26, x, last, now)) for x in range(1, 14)]
    active = 100 * float(model.probability_alive(purchases, last, now))
    own = promised[int(purchases) - 1]
    return [purchases, last, quiet, active, own, 26, 1, 13, 1 + int(np.argmax(promised))]


def amounts_of_value(retention, discount, timing):
    def worth(m, r, d):
        return m * (1 + d if timing == "at once" else r) / (1 + d - r)

    r, d = retention / 100, discount / 100
    gains = [worth(101, r, d), worth(100, 1.01 * r, d), worth(100, r, 0.99 * d)]
    added = [100 * (gain / worth(100, r, d) - 1) for gain in gains]
    values = [worth(100, r, d), discount, worth(100, r, 0)]
    return [100, retention, *values, 1, added[0], 1, added[1], 1, added[2]]


AMOUNTS = (
    amounts_of_survival,
    amounts_of_sorting,
    amounts_of_who_is_left,
    amounts_of_projection,
    amounts_of_silence,
    amounts_of_value,
)


@pytest.mark.parametrize(("widget", "amounts"), list(zip(WIDGETS, AMOUNTS, strict=True)), ids=NAMES)
def test_every_number_of_a_caption_is_the_models_own_rounded(widget, amounts):
    for frame in sample(widget, 8):
        caption = widget.caption(**frame)
        printed = re.findall(r"[+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", caption)
        for text, amount in zip(printed, amounts(**frame), strict=True):
            half_a_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
            shown = float(text.replace(",", "").replace("−", "-"))
            assert shown == pytest.approx(amount, abs=half_a_unit + 1e-9), (caption, frame)


# What the pictures show
