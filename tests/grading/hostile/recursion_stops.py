"""A function that calls itself.

question: pricing-q1
outcome: ERROR
reason: RecursionError
"""
def deeper():
    return deeper()


deeper()
