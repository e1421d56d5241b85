"""What lateness costs, at its edges. All expected values are counted on a calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.grading.late import Policy, charged, days_late, instant, penalty, reduced

DUE = instant("2026-03-31T23:59+08:00")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("submitted", "days"),
    [
        ("2026-03-31T20:00+08:00", 0),
        ("2026-03-31T23:59+08:00", 0),
        ("2026-03-31T23:59:00.000001+08:00", 1),
        ("2026-04-01T23:59+08:00", 1),
        ("2026-04-01T23:59:00.000001+08:00", 2),
        ("2026-04-30T23:59+08:00", 30),
        ("2026-04-30T23:59:01+08:00", 31),
    ],
)
def test_each_started_day_after_the_due_minute_is_a_late_day(submitted, days):
    assert days_late(instant(submitted), DUE, Policy(zone="Asia/Shanghai")) == days


def test_the_last_moment_of_the_grace_period_is_on_time():
    policy = Policy(grace=15)
    assert days_late(DUE + timedelta(minutes=15), DUE, policy) == 0
    assert days_late(DUE + timedelta(minutes=15, microseconds=1), DUE, policy) == 1


def test_past_the_grace_period_days_count_from_the_due_time():
    # With a grace of two hours, 24 h and a second after the due time is the second day.
    policy = Policy(grace=120)
    assert days_late(DUE + timedelta(hours=24), DUE, policy) == 1
    assert days_late(DUE + timedelta(hours=24) + SECOND, DUE, policy) == 2


def test_a_grace_period_of_more_than_a_day_hides_the_first_day_only():
    policy = Policy(grace=25 * 60)
    assert days_late(DUE + timedelta(hours=25), DUE, policy) == 0
    assert days_late(DUE + timedelta(hours=25) + SECOND, DUE, policy) == 2


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-31T23:59+08:00", "2026-03-31T15:59+00:00"),
        ("2026-03-31 23:59:30-05:00", "2026-04-01T04:59:30+00:00"),
        ("2026-03-31T23:59Z", "2026-03-31T23:59+00:00"),
    ],
)
def test_a_time_with_an_offset_is_a_moment_anywhere(text, utc):
    assert instant(text) == instant(text, "Asia/Tokyo") == datetime.fromisoformat(utc)


def test_a_time_without_an_offset_is_read_on_the_classs_clock():
    assert instant("2026-03-31T23:59", "Asia/Shanghai") == DUE


def test_submissions_from_elsewhere_are_compared_as_moments():
    # 16:59 in London (summer time) is 23:59 in Shanghai; 17:00 is a minute too late.
    assert days_late(instant("2026-03-31T16:59", "Europe/London"), DUE, Policy()) == 0
    assert days_late(instant("2026-03-31T17:00", "Europe/London"), DUE, Policy()) == 1


def test_a_day_on_which_clocks_are_put_back_lasts_25_hours():
    # Berlin leaves summer time on 25 October 2026 at 03:00.
    policy = Policy(zone="Europe/Berlin")
    due = instant("2026-10-24T23:59", "Europe/Berlin")
    end_of_first_day = instant("2026-10-25T23:59", "Europe/Berlin")
    assert end_of_first_day - due == timedelta(hours=25)
    assert days_late(end_of_first_day, due, policy) == 1
    assert days_late(end_of_first_day + SECOND, due, policy) == 2


def test_a_day_on_which_clocks_are_put_forward_lasts_23_hours():
    # Berlin enters summer time on 29 March 2026 at 02:00.
    policy = Policy(zone="Europe/Berlin")
    due = instant("2026-03-28T23:59", "Europe/Berlin")
    assert days_late(due + timedelta(hours=23), due, policy) == 1
    assert days_late(due + timedelta(hours=23) + SECOND, due, policy) == 2


def test_days_are_counted_across_the_day_that_samoa_skipped():
    # There was no 30 December 2011 in Samoa, so the days after the 29th and the 30th end at one moment.
    policy = Policy(zone="Pacific/Apia")
    due = instant("2011-12-28T12:00", "Pacific/Apia")
    assert days_late(due + timedelta(hours=24), due, policy) == 1
    assert days_late(due + timedelta(hours=48), due, policy) == 2
    assert days_late(instant("2011-12-31T12:00:01", "Pacific/Apia"), due, policy) == 4


def test_of_an_hour_that_comes_twice_the_later_one_is_due():
    # 02:30 in Berlin on 25 October 2026 is 00:30 and 01:30 UTC.
    assert instant("2026-10-25T02:30", "Europe/Berlin") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_of_an_hour_that_is_skipped_the_later_reading_is_due():
    # 02:30 in Berlin on 29 March 2026 is not on the clock; it is 00:30 or 01:30 UTC.
    assert instant("2026-03-29T02:30", "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-03-31", "20260331", "2026-02-30T10:00Z", "0001-01-01T00:00+14:00"]
)
def test_what_is_not_a_date_and_time_is_refused(text):
    with pytest.raises(ValueError, match="is not a date and time"):
        instant(text, "UTC")


def test_a_time_in_no_zone_is_refused():
    with pytest.raises(ValueError, match="names no time zone"):
        instant("2026-03-31T23:59")


@pytest.mark.parametrize(("days", "percent"), [(0, 0), (1, 10), (4, 40), (5, 50), (6, 50), (400, 50)])
def test_a_penalty_grows_by_the_day_up_to_the_cap(days, percent):
    assert penalty(days, Policy(per_day=10, cap=50)) == percent


def test_without_a_policy_lateness_costs_nothing():
    assert penalty(7, Policy()) == 0


def test_free_late_days_are_used_in_the_order_of_the_due_dates():
    assert charged([1, 0, 3, 2], free=3) == [0, 0, 1, 2]


def test_a_student_without_free_late_days_is_charged_all():
    assert charged([1, 0, 3], free=0) == [1, 0, 3]


@given(st.lists(st.integers(0, 30)), st.integers(0, 60))
def test_free_late_days_are_never_overdrawn_and_never_left_while_days_are_charged(days, free):
    left = charged(days, free)
    assert all(0 <= after <= before for after, before in zip(left, days, strict=True))
    assert sum(days) - sum(left) == min(free, sum(days))


@pytest.mark.parametrize(
    ("earned", "percent", "left"),
    [
        (10, 0, 10),
        (10, 100, 0),
        (10, 15, 8.5),
        (27, 10, 24.3),
        (2.675, 0, 2.68),
        (0.05, 50, 0.03),
        (3, 33.3, 2),
    ],
)
def test_what_is_left_of_the_points_is_rounded_half_up(earned, percent, left):
    # 3 × 0.667 = 2.001; 0.05 × 0.5 = 0.025
    assert reduced(earned, percent) == left


@given(
    st.floats(0, 1e4),
    st.floats(0, 100),
)
def test_lateness_never_adds_points_and_never_leaves_less_than_none(earned, percent):
    assert 0 <= reduced(earned, percent) <= earned + 0.005


@given(
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.timedeltas(timedelta(), timedelta(days=30)),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_handing_in_later_is_never_fewer_days_late(late, more, zone):
    policy = Policy(grace=30, zone=zone)
    assert days_late(DUE + late, DUE, policy) <= days_late(DUE + late + more, DUE, policy)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grace": -1}, "grace period is 0 minutes to a year, not -1"),
        ({"grace": float("nan")}, "grace period is 0 minutes to a year, not nan"),
        ({"grace": float("inf")}, "grace period is 0 minutes to a year, not inf"),
        ({"per_day": 101}, "day of a late policy is 0 to 100 per cent, not 101"),
        ({"cap": float("nan")}, "cap of a late policy is 0 to 100 per cent, not nan"),
        ({"zone": "Asia/Peking"}, "no time zone is called 'Asia/Peking'"),
        ({"zone": "../../etc/passwd"}, "no time zone is called"),
        ({"zone": ""}, "no time zone is called"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Policy(**given)
