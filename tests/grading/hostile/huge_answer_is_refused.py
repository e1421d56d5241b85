"""A text of three hundred million characters, and a list of ten million.

question: pricing-q2
outcome: DIED MALFORMED TIMED_OUT ERROR
"""
elasticity = ["x" * 300_000_000, list(range(10_000_000))]
