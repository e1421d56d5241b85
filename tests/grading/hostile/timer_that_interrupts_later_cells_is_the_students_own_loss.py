"""A timer interrupts every later cell, the check cells too.

question: pricing-q1
outcome: NOT_ATTEMPTED ERROR TIMED_OUT
"""
import signal


def ring(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.01)
toaster = ...
