"""Files in memory, which no limit on a process's own memory counts.

question: pricing-q1
outcome: ERROR DIED TIMED_OUT
"""
import os

held = []
while True:
    number = os.memfd_create("x")
    held.append(number)
    for _ in range(31):
        os.write(number, bytes(1 << 20))
