"""A loop that catches everything, and goes on.

question: pricing-q1
outcome: TIMED_OUT DIED
reason: in time
"""
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
