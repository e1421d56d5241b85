"""A wall-clock limit on a call into a student's code."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class TimeExceeded(BaseException):
    """The code ran for longer than it may. Not an `Exception`, so that `except Exception` does not eat it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeExceeded` in the body once it has run for `seconds`.

    Uses an interval timer where there is one and the body runs in the main thread. Elsewhere (Windows, the
    browser, other threads) it looks at the clock at each line of Python; that ends neither a call that
    sleeps nor a loop that swallows every exception.
    """
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if timed else _trace(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    entered = set(_stack(sys._getframe()))

    def expire(_: int, frame: FrameType | None) -> None:
        # A bare `except:` in the body swallows this exception. Then the tracer raises another one at the next
        # line, which is inside that `except`.
        for running in _stack(frame):
            if running in entered:
                break
            running.f_trace = _raise_at_line
        sys.settrace(_trace_no_call)
        raise TimeExceeded

    before, tracer = signal.signal(signal.SIGALRM, expire), sys.gettrace()
    # Repeats, because what was swallowed once may be swallowed again.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.settrace(tracer)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _raise_at_line(frame: FrameType, event: str, argument: Any) -> Any:
    if event == "line":
        raise TimeExceeded
    return _raise_at_line


def _trace_no_call(*_: Any) -> None:
    # Frames are traced only while some global tracer is set, even one that wants no new call traced.
    return None


@contextmanager
def _trace(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > deadline:
            raise TimeExceeded
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)
