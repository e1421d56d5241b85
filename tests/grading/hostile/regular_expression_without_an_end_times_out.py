"""A regular expression that backtracks for longer than the course lasts.

question: pricing-q1
outcome: TIMED_OUT DIED
reason: in time
"""
import re

re.match(r"(a|a|aa)+$", "a" * 200 + "b")
