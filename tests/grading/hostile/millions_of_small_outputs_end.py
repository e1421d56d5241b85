"""Displays without an end.

question: pricing-q1
outcome: DIED TIMED_OUT
"""
from IPython.display import HTML, display

while True:
    display(HTML("<p>x</p>"))
