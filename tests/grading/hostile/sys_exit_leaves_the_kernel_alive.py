"""The cell asks Python to end.

question: pricing-q1
outcome: ERROR
reason: SystemExit
"""
import sys

sys.exit(0)
