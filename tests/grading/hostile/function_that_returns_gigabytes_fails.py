"""A list without an end is returned.

question: pricing-q3
outcome: FAILED TIMED_OUT MALFORMED
"""
def break_even_change(price_change, margin):
    return ["x" * 10_000] * 1_000
