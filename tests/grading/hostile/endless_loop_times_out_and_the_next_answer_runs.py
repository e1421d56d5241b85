"""A loop without an end.

question: pricing-q1
outcome: TIMED_OUT
reason: did not end in time
"""
while True:
    pass
# %% pricing-q2
elasticity = "still here"
