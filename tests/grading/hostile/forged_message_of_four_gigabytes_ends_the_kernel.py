"""A message says that it is as long as can be said, and is never finished.

question: pricing-q1
outcome: DIED
reason: is no message
"""
import os

for number in range(3, 20):
    try:
        if os.readlink(f"/proc/self/fd/{number}").startswith("socket:"):
            os.write(number, b"\xff\xff\xff\xff" + b"[" * 1000)
    except OSError:
        pass
