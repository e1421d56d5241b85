"""The process aborts; no core is dumped.

question: pricing-q1
outcome: DIED
reason: the kernel died
"""
import os

os.abort()
