"""The kernel's own code objects are overwritten with noise.

question: pricing-q1
outcome: DIED ERROR TIMED_OUT
"""
import ctypes

import crmkit.grading.values as values

for function in (values.emit, values.encode, values.encode_function):
    code = function.__code__
    size = len(code.co_code)
    ctypes.memset(id(code) + type(code).__basicsize__, 0xFF, size)
