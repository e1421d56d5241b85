"""The process ends at once, with the code of success.

question: pricing-q1
outcome: DIED
reason: the kernel died
"""
import os

os._exit(0)
