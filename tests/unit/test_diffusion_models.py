"""The Bass model against its known answers, its own differential equation, and simulated adopters."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize

from crmkit.models import diffusion

# p = .03 and q = .38 are the averages that Sultan, Farley and Lehmann report (sultan1990).
P, Q = 0.03, 0.38
OTHERS = [(0.03, 0.38), (0.005, 0.6), (0.02, 0.3), (0.2, 0.25)]


def test_at_average_coefficients_adoption_peaks_after_6_19_years_with_46_05_percent_adopted():
    peak = diffusion.peak_time(P, Q)
    assert peak == pytest.approx(math.log(0.38 / 0.03) / 0.41)
    assert round(peak, 2) == 6.19
    assert round(float(diffusion.cumulative_share(peak, P, Q)), 4) == 0.4605


@pytest.mark.parametrize(("p", "q"), OTHERS)
def test_the_closed_form_solves_the_differential_equation_of_bass(p, q):
    # bass1969: dF/dt = (p + qF)(1 − F), F(0) = 0, here integrated numerically.
    times = np.linspace(0, 20, 41)
    course = integrate.solve_ivp(
        lambda _, share: (p + q * share) * (1 - share), (0, 20), [0.0], t_eval=times, rtol=1e-10, atol=1e-12
    )
    assert diffusion.cumulative_share(times, p, q) == pytest.approx(course.y[0], abs=1e-8)


@pytest.mark.parametrize(("p", "q"), [*OTHERS, (0.1, 0.1), (0.1, 0.0)])
def test_the_rate_is_the_slope_of_the_cumulative_share(p, q):
    times, step = np.linspace(0.5, 20, 40), 1e-5
    after, before = (diffusion.cumulative_share(times + side, p, q) for side in (step, -step))
    assert diffusion.adoption_rate(times, p, q) == pytest.approx((after - before) / (2 * step), rel=1e-6)


@pytest.mark.parametrize(("p", "q"), OTHERS)
def test_no_other_time_has_a_higher_rate_than_the_peak(p, q):
    found = optimize.minimize_scalar(
        lambda t: -float(diffusion.adoption_rate(t, p, q)), bounds=(0, 30), options={"xatol": 1e-9}
    )
    assert diffusion.peak_time(p, q) == pytest.approx(found.x, abs=1e-3)
    assert diffusion.peak_rate(p, q) == pytest.approx(-found.fun)


@pytest.mark.parametrize(("p", "q"), OTHERS)
def test_at_the_peak_half_have_adopted_less_half_of_p_over_q(p, q):
    # bass1969: F(t*) = (1 − p/q) / 2, never more than half
    share = diffusion.cumulative_share(diffusion.peak_time(p, q), p, q)
    assert share == pytest.approx((1 - p / q) / 2)


@pytest.mark.parametrize(("p", "q"), [(0.1, 0.1), (0.3, 0.1), (0.1, 0.0)])
def test_where_imitation_is_no_stronger_than_innovation_adoption_only_falls(p, q):
    assert diffusion.peak_time(p, q) == 0
    assert diffusion.peak_rate(p, q) == p
    assert (np.diff(diffusion.adoption_rate(np.linspace(0, 20, 50), p, q)) < 0).all()


def test_without_imitation_adoption_is_exponential():
    times = np.linspace(0, 30, 31)
    assert diffusion.cumulative_share(times, 0.1, 0) == pytest.approx(1 - np.exp(-0.1 * times))


def test_nobody_has_adopted_at_the_launch_and_everybody_in_the_end():
    assert diffusion.cumulative_share(0, P, Q) == 0
    assert diffusion.cumulative_share(500, P, Q) == pytest.approx(1)


def test_more_innovation_and_more_imitation_both_bring_the_peak_forward():
    peaks = [diffusion.peak_time(*coefficients) for coefficients in ((0.01, 0.3), (0.02, 0.3), (0.02, 0.5))]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == 3


def test_one_time_gives_one_number_and_many_give_an_array_of_the_same_shape():
    assert np.ndim(diffusion.cumulative_share(3, P, Q)) == 0
    assert diffusion.adoption_rate([[1, 2], [3, 4]], P, Q).shape == (2, 2)
    assert diffusion.buying_share([[1, 2], [3, 4]], P, Q, 0.8).shape == (2, 2)
    assert np.ndim(diffusion.buying_share(3, P, Q, 0.8)) == 0


# Simulated adopters


def test_simulated_adopters_follow_basss_discrete_course_on_average():
    # bass1969: n_t = (p + q·N/M)(M − N). With 400,000 households chance moves the sum by far less than 1%.
    market, before, expected = 400_000, 0.0, []
    for _ in range(15):
        expected.append((P + Q * before / market) * (market - before))
        before += expected[-1]
    course = diffusion.simulate_adopters(market, P, Q, 15, seed=5)
    assert course == pytest.approx(np.array(expected), rel=0.03)
    assert course.sum() == pytest.approx(before, rel=0.01)


def test_the_first_period_is_a_draw_of_innovators_alone():
    first = [diffusion.simulate_adopters(1_000, 0.03, 0.38, 1, seed=seed)[0] for seed in range(400)]
    # Binomial(1000, 0.03): mean 30, standard error of 400 draws √29.1 / 20 = 0.27
    assert np.mean(first) == pytest.approx(30, abs=4 * math.sqrt(29.1 / 400))
    assert np.var(first) == pytest.approx(29.1, rel=0.3)


def test_short_periods_come_close_to_the_continuous_curve():
    # Ten steps a year with a tenth of the yearly coefficients.
    course = diffusion.simulate_adopters(1_000_000, P / 10, Q / 10, 120, seed=1).cumsum() / 1_000_000
    assert course[9::10] == pytest.approx(diffusion.cumulative_share(np.arange(1, 13), P, Q), abs=0.01)


def test_the_same_seed_gives_the_same_course_and_another_one_another():
    one, again, other = (diffusion.simulate_adopters(500, P, Q, 20, seed=seed) for seed in (3, 3, 4))
    assert (one == again).all()
    assert (one != other).any()


def test_nobody_adopts_twice():
    course = diffusion.simulate_adopters(50, 0.4, 0.6, 30, seed=2)
    assert (course >= 0).all()
    assert course.sum() == 50


# Those who go on buying


def test_where_nobody_stops_all_adopters_buy():
    times = np.linspace(0, 15, 16)
    assert (diffusion.buying_share(times, P, Q, 1) == diffusion.cumulative_share(times, P, Q)).all()


def test_without_imitation_buyers_are_a_difference_of_two_exponentials():
    # f = p·e^(−pt), each buyer stays with e^(−kt): U = p (e^(−kt) − e^(−pt)) / (p − k)
    p, retention, times = 0.1, 0.7, np.linspace(0, 20, 41)
    k = -math.log(retention)
    expected = p * (np.exp(-k * times) - np.exp(-p * times)) / (p - k)
    assert diffusion.buying_share(times, p, 0, retention) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("time", [0.5, 4, 9, 25])
def test_buyers_are_all_adopters_weighted_by_how_many_of_them_are_left(time):
    expected, _ = integrate.quad(
        lambda s: float(diffusion.adoption_rate(s, P, Q)) * 0.75 ** (time - s), 0, time
    )
    assert diffusion.buying_share(time, P, Q, 0.75) == pytest.approx(expected, abs=1e-8)


def test_buyers_decline_in_the_end_although_adopters_never_do():
    times = np.linspace(0, 40, 81)
    buyers = diffusion.buying_share(times, P, Q, 0.85)
    assert 0 < buyers.argmax() < len(times) - 1
    assert (np.diff(diffusion.cumulative_share(times, P, Q)) > 0).all()
    # When hardly anybody is left to adopt, each period keeps the share of the retention.
    assert buyers[-1] / buyers[-3] == pytest.approx(0.85, abs=1e-3)


# Stages of the life cycle


def test_stages_are_read_off_the_peak():
    sales = [0, 9, 10, 50, 90, 100, 95, 89, 92, 60, 0]
    assert list(diffusion.life_cycle_stages(sales)) == (
        ["introduction"] * 2 + ["growth"] * 2 + ["maturity"] * 5 + ["decline"] * 2
    )


def test_a_product_that_never_falls_has_no_decline():
    assert list(diffusion.life_cycle_stages([1, 50, 100])) == ["introduction", "growth", "maturity"]


def test_a_product_that_starts_at_its_peak_has_neither_introduction_nor_growth():
    assert list(diffusion.life_cycle_stages([100, 40, 10])) == ["maturity", "decline", "decline"]


def test_the_thresholds_can_be_moved():
    stages = diffusion.life_cycle_stages([10, 30, 100, 60], take_off=0.25, plateau=0.5)
    assert list(stages) == ["introduction", "growth", "maturity", "maturity"]


# Bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: diffusion.cumulative_share(-1, P, Q), "counted from the launch"),
        (lambda: diffusion.cumulative_share(math.nan, P, Q), "counted from the launch"),
        (lambda: diffusion.cumulative_share(1, 0, Q), "p must be above 0, or nobody would be the first"),
        (lambda: diffusion.adoption_rate(1, P, -0.1), "q must be 0 or more, got -0.1"),
        (lambda: diffusion.peak_time(math.nan, Q), "p must be above 0"),
        (lambda: diffusion.peak_rate(P, math.inf), "q must be 0 or more"),
        (lambda: diffusion.simulate_adopters(0, P, Q, 10, seed=1), "market must be a whole number"),
        (lambda: diffusion.simulate_adopters(10, P, Q, 2.5, seed=1), "periods must be a whole number"),
        (lambda: diffusion.simulate_adopters(10, 0.5, 0.6, 5, seed=1), "at most 1, got 1.1; take shorter"),
        (lambda: diffusion.buying_share(1, P, Q, 0), "above 0 and at most 1, got 0"),
        (lambda: diffusion.buying_share(1, P, Q, 80), "above 0 and at most 1, got 80"),
        (lambda: diffusion.life_cycle_stages([0, 0]), "no life cycle"),
        (lambda: diffusion.life_cycle_stages([1, -1]), "0 or more"),
        (lambda: diffusion.life_cycle_stages([]), "at least one row"),
        (lambda: diffusion.life_cycle_stages([1, 2], take_off=0.9, plateau=0.5), "the first smaller"),
    ],
)
def test_impossible_input_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as refused:
        call()
    assert "\n" not in str(refused.value)
