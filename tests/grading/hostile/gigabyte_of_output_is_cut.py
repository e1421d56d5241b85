"""A gigabyte is printed; what was asked for comes after it.

question: pricing-q2
outcome: INCORRECT TIMED_OUT DIED
"""
import sys

for _ in range(1_000):
    sys.stdout.write("x" * 1_000_000)
elasticity = 1.0
