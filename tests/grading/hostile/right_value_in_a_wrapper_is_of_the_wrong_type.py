"""The right number, but in an object with a conversion: only plain values count.

question: pricing-q2
outcome: MALFORMED
reason: got a Fraction
"""
from fractions import Fraction

elasticity = Fraction(-11, 9)
