"""Thirty processes take memory side by side, each within its own limit.

question: pricing-q1
outcome: ERROR DIED TIMED_OUT MALFORMED
"""
import os
import time

for _ in range(30):
    if os.fork() == 0:
        held = []
        try:
            while True:
                held.append(bytearray(b"x") * (4 << 20))
        finally:
            time.sleep(60)
time.sleep(1.5)
toaster = "left a bomb"
