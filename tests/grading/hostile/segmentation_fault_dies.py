"""A read of address 0.

question: pricing-q1
outcome: DIED
reason: the kernel died
"""
import ctypes

ctypes.string_at(0)
