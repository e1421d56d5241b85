"""The wall-clock limit ends what a student's code may do, except what it cannot."""

import sys
import threading
import time
from collections.abc import Callable

import pytest

from crmkit.exercise.limit import TimeExceeded, time_limit


def never_ends() -> None:
    while True:
        pass


def sleeps() -> None:
    time.sleep(60)


def swallows_while_computing() -> None:
    count = 0
    while True:
        try:
            count += 1
        except:  # noqa: E722
            continue


def swallows_while_sleeping() -> None:
    while True:
        try:
            time.sleep(0.01)
        except:  # noqa: E722
            continue


def swallows_two_calls_deep() -> None:
    while True:
        try:
            sleeps()
        except BaseException as error:
            print(error, end="")


@pytest.mark.parametrize(
    "endless",
    [never_ends, sleeps, swallows_while_computing, swallows_while_sleeping, swallows_two_calls_deep],
)
def test_endless_code_is_ended_in_time(endless: Callable[[], None]):
    begun = time.perf_counter()
    with pytest.raises(TimeExceeded), time_limit(0.1):
        endless()
    assert 0.1 <= time.perf_counter() - begun < 5


def test_code_that_ends_in_time_is_left_alone():
    with time_limit(0.1):
        result = sum(range(10))
    time.sleep(0.15)
    assert result == 45


def test_a_tracer_such_as_a_debugger_is_put_back():
    def tracer(*_: object) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(TimeExceeded), time_limit(0.05):
            swallows_while_sleeping()
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is tracer


def test_where_there_is_no_timer_a_loop_is_still_ended():
    ended: list[bool] = []

    def in_thread() -> None:
        try:
            with time_limit(0.1):
                never_ends()
        except TimeExceeded:
            ended.append(True)

    thread = threading.Thread(target=in_thread, daemon=True)
    thread.start()
    thread.join(5)
    assert ended == [True]
