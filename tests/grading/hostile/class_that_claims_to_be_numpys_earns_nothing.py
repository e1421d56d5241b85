"""A class that says it is numpy's is asked for its item, and tells another one each time.

question: pricing-q2
outcome: INCORRECT MALFORMED
"""
import itertools


class float64:  # noqa: N801
    ndim = 0
    found = itertools.cycle([0.1, -3.0, "x"])

    def item(self):
        return next(self.found)


float64.__module__ = "numpy"
elasticity = float64()
