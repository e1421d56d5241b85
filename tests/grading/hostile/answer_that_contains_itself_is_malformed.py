"""A dict in itself.

question: pricing-q1
outcome: MALFORMED
reason: got a dict
"""
toaster = {"unit_cost": 16, "price": 20}
toaster["break_even"] = toaster
