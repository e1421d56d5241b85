"""A range as long as can be, which takes no memory until it is encoded.

question: pricing-q4
outcome: TIMED_OUT ERROR DIED
"""
best_prices = range(10**15)
