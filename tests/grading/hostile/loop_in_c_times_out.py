"""A loop in C, in which Python looks at no signal.

question: pricing-q1
outcome: TIMED_OUT DIED
reason: in time
"""
sum(iter(int, 1))
