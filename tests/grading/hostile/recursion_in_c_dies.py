"""Recursion without Python's limit, until the stack is used up.

question: pricing-q1
outcome: DIED ERROR TIMED_OUT
"""
import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


repr(getattr(Deep(), "x"))
