"""Numbers that JSON does not have, by the way that answers take.

question: pricing-q2
outcome: MALFORMED
reason: unknown kind
"""
from IPython.display import publish_display_data

import crmkit.grading.values as values


def emit(question, value, calls=()):
    publish_display_data({"text/plain": "x", values.MIME: {"value": ["f", float("nan")]}})
    publish_display_data({"text/plain": "x", values.MIME: {"value": ["i", "9" * 5000]}})
    publish_display_data({"text/plain": "x", values.MIME: {"value": [float("inf"), {}, "F"]}})


values.emit = emit
elasticity = 1.0
