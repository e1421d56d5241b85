"""Chance decides.

question: pricing-q3
outcome: INCORRECT
"""
import random


def break_even_change(price_change, margin):
    return random.choice([math.inf, 1 / 3, -1 / 9, 0.25])
