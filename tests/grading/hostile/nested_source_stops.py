"""An expression that is nested deeper than the parser goes.

question: pricing-q1
outcome: ERROR DIED
"""
toaster = eval("(" * 100_000 + ")" * 100_000)
