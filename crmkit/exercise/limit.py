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
    browser, other threads) it looks at the clock at each line of Python, which cannot end a call that sleeps.
    """
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if timed else _trace(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def expire(*_: Any) -> None:
        raise TimeExceeded

    before = signal.signal(signal.SIGALRM, expire)
    # Repeats, because a bare `except:` in the body may swallow the first one.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
