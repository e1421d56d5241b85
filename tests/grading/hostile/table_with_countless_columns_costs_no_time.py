"""A table whose twenty thousand columns all have the name of one that is asked for.

question: pricing-q7
outcome: MALFORMED
reason: larger than any answer
"""
elasticities = pd.DataFrame([], columns=["tier"] * 20_000)
