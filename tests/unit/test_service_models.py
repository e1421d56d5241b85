"""Each service formula against a published value, a closed form, or an independent computation."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmkit.models import service
from crmkit.models.service import Step

# Little's law


def test_what_waits_is_the_arrival_rate_times_the_wait():
    # 20 an hour who wait 12.5 minutes: 20 · 12.5 / 60
    assert service.little_number(20, 12.5 / 60) == pytest.approx(25 / 6)


def test_the_two_forms_of_littles_law_undo_each_other():
    assert service.little_time(service.little_number(7, 0.3), 7) == pytest.approx(0.3)


def test_littles_law_holds_exactly_between_two_moments_at_which_the_shop_is_empty():
    # Sum the number present over time by hand: customers at 0, 1, 5 stay 3, 2.5, 1 → present from 0 to 6.
    gaps, services = [0, 1, 4], [3, 0.5, 1]
    stays = service.lindley_waits(gaps, services) + services
    area = 1 * 1 + 2 * 2 + 1 * 0.5 + 0 * 1.5 + 1 * 1  # alone, two, one, nobody, one
    assert stays.sum() == pytest.approx(area)
    assert service.little_number(3 / 6, stays.mean()) == pytest.approx(area / 6)


# One server: 20 customers an hour, 24 can be served (the exercise's numbers)


def test_at_20_an_hour_and_24_served_a_customer_waits_12_5_minutes_and_5_are_present():
    assert 60 * service.mm1_wait(20, 24) == pytest.approx(12.5)
    assert service.little_number(20, service.mm1_time(20, 24)) == pytest.approx(5)


@pytest.mark.parametrize(("arrivals", "served"), [(1, 3), (20, 24), (0.95, 1)])
def test_the_time_in_the_system_is_the_wait_and_one_service(arrivals, served):
    assert service.mm1_time(arrivals, served) == pytest.approx(
        service.mm1_wait(arrivals, served) + 1 / served
    )


@pytest.mark.parametrize("load", [0.3, 0.8, 0.95])
def test_the_number_in_the_system_is_the_mean_of_its_geometric_distribution(load):
    # M/M/1: P(n) = (1 − ρ) · ρⁿ
    count = np.arange(5_000)
    mean = (count * (1 - load) * load**count).sum()
    assert service.little_number(load, service.mm1_time(load, 1)) == pytest.approx(mean)


def test_nobody_waits_when_nobody_comes_and_the_wait_has_no_limit_at_full_load():
    assert service.mm1_wait(0, 24) == 0
    assert service.mm1_wait(24, 24) == service.mm1_wait(30, 24) == math.inf
    assert service.mm1_wait(23.999, 24) > 40


def test_the_wait_depends_on_the_unit_of_time_only_as_time_does():
    assert 60 * service.mm1_wait(20, 24) == pytest.approx(service.mm1_wait(20 / 60, 24 / 60))


def test_lindleys_recursion_is_that_of_its_definition():
    random = np.random.default_rng(4)
    gaps, services = random.exponential(1, 500), random.exponential(0.9, 500)
    wait, waits = 0.0, []
    for customer in range(500):
        if customer:
            wait = max(0.0, wait + services[customer - 1] - gaps[customer])
        waits.append(wait)
    assert service.lindley_waits(gaps, services) == pytest.approx(waits)


def test_simulated_waits_have_the_mean_of_the_formula():
    random = np.random.default_rng(11)
    runs = [
        service.lindley_waits(random.exponential(1 / 0.6, 60_000), random.exponential(1, 60_000))[
            1_000:
        ].mean()
        for _ in range(20)
    ]
    error = np.std(runs, ddof=1) / math.sqrt(len(runs))
    assert abs(np.mean(runs) - service.mm1_wait(0.6, 1)) < 3 * error < 0.03


def test_nobody_waits_in_a_line_of_regular_customers_and_regular_work():
    assert service.lindley_waits([1.0] * 50, [0.99] * 50).max() == 0


# Erlang B and C


def test_erlang_at_a_load_of_8_and_10_servers():
    # The exercise's numbers: B = 0.12166, C = 0.40918.
    assert round(service.erlang_b(8, 10), 5) == 0.12166
    assert round(service.erlang_c(8, 10), 5) == 0.40918


@pytest.mark.parametrize(
    ("lines", "load", "lost"),
    # Published traffic tables: the load that so many lines carry at this share of lost calls. 15 lines are
    # an example of the manual of erlang.com's calculator, 50 a row of the usual table of mobile networks.
    [(15, 8.108, 0.01), (50, 40.26, 0.02)],
)
def test_the_published_loads_lose_the_published_share_of_calls(lines, load, lost):
    in_last_digit = 0.5 * 10.0 ** -len(str(load).partition(".")[2])
    assert (
        service.erlang_b(load - in_last_digit, lines) < lost < service.erlang_b(load + in_last_digit, lines)
    )


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (3, 4), (8, 10), (30, 25), (100, 117), (900, 1000)])
def test_erlang_b_is_the_poisson_distribution_cut_off_at_the_servers(load, servers):
    poisson = stats.poisson(load)
    assert service.erlang_b(load, servers) == pytest.approx(poisson.pmf(servers) / poisson.cdf(servers))


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (3, 4), (8, 10), (24, 25), (100, 117), (900, 1000)])
def test_erlang_c_is_the_share_of_time_with_all_servers_busy(load, servers):
    # Balance equations of M/M/c, in logarithms: p(n) = aⁿ/n! up to c, then a factor a/c for each in line.
    below = stats.poisson(load).logcdf(servers - 1)
    all_busy = stats.poisson(load).logpmf(servers) - math.log(1 - load / servers)
    assert service.erlang_c(load, servers) == pytest.approx(1 / (1 + math.exp(below - all_busy)))


def test_erlang_stays_exact_for_ten_thousand_servers():
    # As the load grows with the servers, √c · B tends to φ(β)/Φ(β) for c = a + β√a (Jagerman's limit).
    load, beta = 10_000.0, 1.0
    servers = round(load + beta * math.sqrt(load))
    limit = stats.norm.pdf(beta) / stats.norm.cdf(beta) / math.sqrt(load)
    assert service.erlang_b(load, servers) == pytest.approx(limit, rel=0.02)
    poisson = stats.poisson(load)
    assert service.erlang_b(load, servers) == pytest.approx(
        poisson.pmf(servers) / poisson.cdf(servers), rel=1e-9
    )


@pytest.mark.parametrize(
    ("agents", "waiting", "level", "mean_wait"),
    # Package ErlangC 0.1.0 for R, example of its README: 100 calls in 30 minutes, 180 s each, 20 s.
    [(14, 0.1741319, 0.88835, 7.83593701177724), (11, 0.6821182, 0.3896138, None)],
)
def test_a_hundred_calls_in_half_an_hour(agents, waiting, level, mean_wait):
    calls, handled = 100 / 1_800, 1 / 180  # per second
    assert service.erlang_c(10, agents) == pytest.approx(waiting, abs=5e-8)
    assert service.service_level(calls, handled, agents, within=20) == pytest.approx(level, abs=1e-6)
    if mean_wait:
        assert service.mmc_wait(calls, handled, agents) == pytest.approx(mean_wait)


def test_a_hundred_calls_in_half_an_hour_need_14_to_answer_80_percent_within_20_seconds():
    # The same example, and the README of pyworkforce 0.1.0.
    assert service.smallest_staff(100 / 1_800, 1 / 180, within=20, target=0.80) == 14
    assert service.utilisation(100 / 1_800, 1 / 180, 14) == pytest.approx(10 / 14)


def test_one_server_of_erlang_is_the_single_server():
    assert service.erlang_c(0.7, 1) == pytest.approx(0.7)
    assert service.mmc_wait(20, 24, 1) == pytest.approx(service.mm1_wait(20, 24))
    assert service.erlang_b(0.7, 1) == pytest.approx(0.7 / 1.7)


def test_a_simulated_line_before_three_servers_has_erlangs_waits():
    random = np.random.default_rng(8)
    shares, means = [], []
    for _ in range(20):
        arrivals, work = random.exponential(1 / 2.4, 20_000).cumsum(), random.exponential(1, 20_000)
        free_at, waits = [0.0, 0.0, 0.0], []
        for arrival, time in zip(arrivals, work, strict=True):
            first = min(range(3), key=free_at.__getitem__)
            start = max(arrival, free_at[first])
            free_at[first] = start + time
            waits.append(start - arrival)
        shares.append(np.mean(np.array(waits[500:]) > 0))
        means.append(np.mean(waits[500:]))
    for found, formula in ((shares, service.erlang_c(2.4, 3)), (means, service.mmc_wait(2.4, 1, 3))):
        error = np.std(found, ddof=1) / math.sqrt(len(found))
        assert abs(np.mean(found) - formula) < 3 * error < 0.15 * formula


def test_without_load_nobody_waits_and_with_too_much_load_everybody_does():
    assert service.erlang_b(0, 3) == service.erlang_c(0, 3) == service.mmc_wait(0, 1, 3) == 0
    assert service.service_level(0, 1, 3, within=0) == 1
    assert service.erlang_c(3, 3) == service.erlang_c(5, 3) == 1
    assert service.mmc_wait(3, 1, 3) == math.inf
    assert service.service_level(3, 1, 3, within=9) == 0
    assert service.erlang_b(1e6, 3) == pytest.approx(1, abs=1e-5)


def test_the_share_that_need_not_wait_is_the_service_level_within_no_time():
    assert service.service_level(8, 1, 10, within=0) == pytest.approx(1 - service.erlang_c(8, 10))


def test_waits_fall_with_staff_and_grow_with_load():
    by_staff = [service.erlang_c(8, servers) for servers in range(8, 30)]
    by_load = [service.erlang_c(load, 10) for load in np.linspace(0, 10, 21)]
    assert all(more < fewer for fewer, more in pairwise(by_staff))
    assert all(low < high for low, high in pairwise(by_load))


@pytest.mark.parametrize("load", [2.5, 9, 40])
def test_one_line_for_two_teams_makes_fewer_people_wait_than_two_lines(load):
    servers = math.ceil(load) + 1
    assert service.erlang_c(2 * load, 2 * servers) < service.erlang_c(load, servers)
    assert service.mmc_wait(2 * load, 1, 2 * servers) < service.mmc_wait(load, 1, servers) / 2


@pytest.mark.parametrize("within", [0, 0.02, 0.5])
@pytest.mark.parametrize("target", [0.5, 0.8, 0.99])
@pytest.mark.parametrize("calls", [0, 0.3, 7, 7.9, 8, 250])
def test_the_smallest_staff_reaches_the_target_and_one_fewer_does_not(calls, target, within):
    staff = service.smallest_staff(calls, 1, within=within, target=target)
    assert service.service_level(calls, 1, staff, within) >= target
    assert staff == 1 or service.service_level(calls, 1, staff - 1, within) < target


# Blueprints: three steps whose sums fit in the head

STEPS = [Step("take", 6, 0.10), Step("load", 12, 0.20, staff=3), Step("carry", 5, 0.5)]


def test_the_total_time_of_a_blueprint_is_the_sum_whoever_shares_a_step():
    assert service.total_minutes(STEPS) == 23


def test_the_yield_of_a_blueprint_is_the_product_of_what_goes_right():
    assert service.rolled_yield(STEPS) == pytest.approx(0.9 * 0.8 * 0.5)


def test_the_bottleneck_is_the_step_with_the_least_capacity_and_not_the_longest():
    # 60/6 = 10, 3 · 60/12 = 15, 60/5 = 12 an hour
    assert [step.capacity for step in STEPS] == [10, 15, 12]
    assert service.bottleneck(STEPS).name == "take"


def test_of_two_equally_slow_steps_the_first_is_the_bottleneck():
    assert service.bottleneck([Step("one", 10, 0), Step("two", 20, 0, staff=2)]).name == "one"


def test_a_service_that_never_fails_has_a_yield_of_one_and_one_that_always_fails_of_zero():
    assert service.rolled_yield([Step("one", 1, 0)] * 4) == 1
    assert service.rolled_yield([Step("one", 1, 0), Step("two", 1, 1)]) == 0


def test_more_staff_moves_the_bottleneck_but_not_the_total_time():
    helped = [Step("take", 6, 0.10, staff=2), *STEPS[1:]]
    assert service.bottleneck(helped).name == "carry"
    assert service.total_minutes(helped) == service.total_minutes(STEPS)


# Service quality


def test_a_gap_is_what_was_received_less_what_was_expected():
    # Reliability: (5+3+4+4)/4 − (7+6+7+6)/4 = 4 − 6.5; tangibles: (6+5)/2 − (5+5)/2
    expected = [[7, 5, 6], [7, 5, 6]]
    received = [[5, 6, 3], [4, 5, 4]]
    gaps = service.servqual_gaps(expected, received, ["reliability", "tangibles", "reliability"])
    assert gaps == {"reliability": pytest.approx(-2.5), "tangibles": pytest.approx(0.5)}
    assert list(gaps) == ["reliability", "tangibles"]


def test_gaps_by_dimension_are_those_of_a_long_table_in_pandas():
    random = np.random.default_rng(2)
    dimensions = ["tangibles"] * 4 + ["reliability"] * 5 + ["responsiveness"] * 4 + ["assurance"] * 4
    dimensions += ["empathy"] * 5
    expected, received = random.integers(1, 8, (2, 80, 22))
    long = pd.DataFrame({"gap": (received - expected).ravel(), "dimension": dimensions * 80})
    assert service.servqual_gaps(expected, received, dimensions) == pytest.approx(
        long.groupby("dimension")["gap"].mean().to_dict()
    )


def test_a_service_that_is_just_as_expected_has_no_gap():
    answers = pd.DataFrame([[7, 1], [4, 4], [2, 6]])
    assert service.servqual_gaps(answers, answers, ["assurance", "empathy"]) == {"assurance": 0, "empathy": 0}


# Deliveries and freshness


def test_otif_counts_only_deliveries_that_are_both():
    assert service.otif_rate([True, True, False, False], [True, False, True, False]) == 0.25


def test_otif_takes_columns_of_ones_and_zeros():
    table = pd.DataFrame({"on_time": [1, 1, 1, 0, 1], "in_full": [1, 0, 1, 1, 1]})
    assert service.otif_rate(table["on_time"], table["in_full"]) == 0.6


@pytest.mark.parametrize("seed", range(5))
def test_otif_lies_between_the_bounds_that_the_two_shares_allow(seed):
    timely, complete = np.random.default_rng(seed).random((2, 200)) < [[0.9], [0.8]]
    rate = service.otif_rate(timely, complete)
    assert timely.mean() + complete.mean() - 1 <= rate <= min(timely.mean(), complete.mean())


def test_half_of_the_bottles_have_spoiled_where_the_log_odds_are_zero():
    assert service.spoilage_probability(6.0, intercept=-3, slope=0.5) == 0.5


def test_each_hour_multiplies_the_odds_of_spoilage_by_the_same_factor():
    shares = service.spoilage_probability([0, 1, 2, 5, 9], intercept=-5, slope=0.6)
    odds = shares / (1 - shares)
    assert odds == pytest.approx(np.exp(-5 + 0.6 * np.array([0, 1, 2, 5, 9])))


def test_spoilage_never_leaves_the_range_of_a_probability():
    shares = service.spoilage_probability(np.array([[0, 1e4], [50, 1e6]]), intercept=-800, slope=3)
    assert shares.shape == (2, 2)
    assert ((shares >= 0) & (shares <= 1)).all()


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.9])
def test_the_hours_until_a_share_has_spoiled_give_that_share_back(share):
    hours = service.spoilage_hours(share, intercept=-5, slope=0.6)
    assert service.spoilage_probability(hours, intercept=-5, slope=0.6) == pytest.approx(share)


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: service.little_number(-1, 2), "arrival_rate must be 0 or more and finite, got -1"),
        (lambda: service.little_number(1, math.inf), "time must be 0 or more and finite, got inf"),
        (lambda: service.little_time(3, 0), "arrival_rate must be above 0, got 0"),
        (lambda: service.mm1_wait(20, 0), "service_rate must be above 0, got 0"),
        (lambda: service.mm1_wait(math.nan, 24), "arrival_rate must be 0 or more and finite, got nan"),
        (lambda: service.utilisation(1, 1, 0), "servers must be a whole number, at least 1, got 0"),
        (lambda: service.lindley_waits([1, 2], [1]), "as many as each other, got 2 and 1"),
        (lambda: service.lindley_waits([], []), "gaps must be one column with at least one row"),
        (lambda: service.lindley_waits([1, 1], [1, -1]), "services must be 0 or more in every row"),
        (lambda: service.erlang_b(-1, 3), "load must be 0 or more and finite, got -1"),
        (lambda: service.erlang_c(1, 2.5), "servers must be a whole number, at least 1, got 2.5"),
        (lambda: service.service_level(1, 1, 2, within=-1), "within must be 0 or more and finite, got -1"),
        (lambda: service.smallest_staff(1, 1, within=0, target=1), "between 0 and 1, got 1"),
        (lambda: service.smallest_staff(1, 1, within=0, target=80), "between 0 and 1, got 80"),
        (lambda: Step("load", 0, 0.1), "step 'load': minutes must be above 0, got 0"),
        (lambda: Step("load", 5, 2), "step 'load': failure_rate is a share from 0 to 1, got 2"),
        (lambda: Step("load", 5, 0.1, staff=0), "step 'load': staff must be a whole number"),
        (lambda: service.total_minutes([]), "the blueprint has no step"),
        (lambda: service.rolled_yield([]), "the blueprint has no step"),
        (lambda: service.bottleneck([]), "the blueprint has no step"),
        (lambda: service.servqual_gaps([[1, 2]], [[1, 2], [3, 4]], ["a", "b"]), "the same shape"),
        (lambda: service.servqual_gaps([[1, 2]], [[1, 2]], ["a"]), "1 dimensions are given for 2 items"),
        (
            lambda: service.servqual_gaps([[1, 2], [3, 4]], [[1, 2], [3, math.nan]], ["a", "b"]),
            "perceptions: respondent 1 has no answer to item 1",
        ),
        (lambda: service.servqual_gaps([1, 2], [1, 2], ["a", "b"]), "one row a respondent"),
        (lambda: service.otif_rate([True, False], [True]), "as many as each other, got 2 and 1"),
        (lambda: service.otif_rate([], []), "on_time must be one column with at least one row"),
        (lambda: service.otif_rate([0.9, 1], [1, 1]), "on_time must be true or false"),
        (lambda: service.spoilage_probability([-1], intercept=-5, slope=1), "hours must be 0 or more"),
        (lambda: service.spoilage_probability([1], intercept=-5, slope=0), "slope must be above 0, got 0"),
        (lambda: service.spoilage_hours(1, intercept=-5, slope=1), "a share of 1 cannot be asked for"),
        (lambda: service.spoilage_hours(0.001, intercept=-5, slope=1), "it is 0.006693 at 0 hours"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
