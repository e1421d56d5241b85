"""Loan payments against published schedules, the closed form, and a schedule kept month by month."""

import math

import pytest

from crmkit.models import finance


def schedule(principal, rate, payment, periods):
    """Keep the account: interest on what is owed is added, the payment taken off. Return the balances."""
    balances = [principal]
    for _ in range(periods):
        balances.append(balances[-1] * (1 + rate) - payment)
    return balances


def test_a_million_at_6_percent_for_a_year_costs_86066_43_a_month():
    # L · r / (1 − (1 + r)^−n) with r = 0.005: 5000 / (1 − 1.005^−12)
    payment = finance.annuity_payment(1_000_000, 0.06 / 12, 12)
    assert payment == pytest.approx(5_000 / (1 - 1.005**-12))
    assert round(payment, 2) == 86_066.43


def test_the_payment_is_the_one_that_numpys_manual_prints():
    # numpy.pmt in the manual of NumPy 1.3: 200,000 over 15 years at 7.5%
    assert finance.annuity_payment(200_000, 0.075 / 12, 180) == pytest.approx(1854.0247200054619, rel=1e-12)


@pytest.mark.parametrize(("rate", "periods"), [(0.005, 12), (0.02, 7), (1e-9, 60), (0.5, 3), (0, 24)])
def test_an_account_kept_month_by_month_ends_at_zero_and_has_the_same_balances(rate, periods):
    payment = finance.annuity_payment(5_000, rate, periods)
    balances = schedule(5_000, rate, payment, periods)
    assert balances[-1] == pytest.approx(0, abs=1e-6)
    found = [finance.balance_after(5_000, rate, periods, paid) for paid in range(periods + 1)]
    assert found == pytest.approx(balances, abs=1e-6)


def test_the_interest_is_all_that_is_paid_beyond_the_loan():
    payment = finance.annuity_payment(1_200, 0.01, 10)
    balances = schedule(1_200, 0.01, payment, 10)
    monthly_interest = [0.01 * owed for owed in balances[:-1]]
    assert finance.total_interest(1_200, 0.01, 10) == pytest.approx(sum(monthly_interest))


def test_without_interest_the_loan_is_split_evenly():
    assert finance.annuity_payment(1_200, 0, 12) == 100
    assert finance.total_interest(1_200, 0, 12) == 0
    assert finance.balance_after(1_200, 0, 12, 5) == pytest.approx(700)


def test_a_tiny_rate_gives_the_limit_and_not_rounding_noise():
    # To first order, PMT = L / n · (1 + r · (n + 1) / 2).
    assert finance.annuity_payment(1_200, 1e-12, 12) == pytest.approx(100 * (1 + 6.5e-12), rel=1e-14)


def test_one_payment_is_the_loan_and_one_periods_interest():
    assert finance.annuity_payment(1_000, 0.03, 1) == pytest.approx(1_030)


def test_a_loan_that_never_ends_costs_its_interest():
    assert finance.annuity_payment(1_000, 0.03, 10_000) == pytest.approx(30)


def test_a_longer_loan_has_smaller_payments_and_more_interest():
    payments = [finance.annuity_payment(1_000, 0.01, n) for n in (6, 12, 24, 60)]
    interest = [finance.total_interest(1_000, 0.01, n) for n in (6, 12, 24, 60)]
    assert payments == sorted(payments, reverse=True)
    assert interest == sorted(interest)


def test_a_loan_is_paid_off_exactly_by_the_last_payment():
    assert finance.balance_after(1_000, 0.01, 12, 12) == 0
    assert finance.balance_after(1_000, 0.01, 12, 0) == pytest.approx(1_000)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: finance.annuity_payment(0, 0.01, 12), "principal must be above 0, got 0"),
        (lambda: finance.annuity_payment(math.nan, 0.01, 12), "principal must be above 0, got nan"),
        (lambda: finance.annuity_payment(100, -0.01, 12), "rate is a share per period, 0 or more, got -0.01"),
        (lambda: finance.total_interest(100, 0.01, 0), "periods must be a whole number, at least 1, got 0"),
        (lambda: finance.annuity_payment(100, 0.01, 2.5), "periods must be a whole number"),
        (
            lambda: finance.balance_after(100, 0.01, 12, 13),
            "paid must be a whole number from 0 to 12, got 13",
        ),
        (lambda: finance.balance_after(100, 0.01, 12, 1.5), "paid must be a whole number"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
