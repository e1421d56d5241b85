"""The process group is stopped, so that nobody would be awake at the deadline.

question: pricing-q1
outcome: TIMED_OUT DIED
"""
import ctypes
import os
import signal
import time

ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.kill(0, signal.SIGSTOP)
for _ in range(60):
    time.sleep(1)
