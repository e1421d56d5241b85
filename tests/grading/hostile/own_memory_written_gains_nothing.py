"""Numbers of the process are changed in place, so that 1 and 16 are the same.

question: pricing-q1
outcome: MALFORMED INCORRECT DIED ERROR TIMED_OUT
"""
import ctypes

with open("/proc/self/mem", "r+b", 0) as memory:
    memory.seek(id(16) + 24)
    digit = ctypes.string_at(id(1) + 24, 4)
    memory.write(digit)
toaster = {"unit_cost": 1, "price": 1, "break_even": 1}
