"""Each call sleeps, and swallows what would wake it.

question: pricing-q3
outcome: FAILED TIMED_OUT DIED
"""
def break_even_change(price_change, margin):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
