"""The line to the grader is closed; the process goes on.

question: pricing-q1
outcome: DIED
reason: the kernel died
"""
import os
import signal
import time

signal.signal(signal.SIGINT, signal.SIG_IGN)
os.closerange(3, 256)
for _ in range(60):
    time.sleep(1)
