"""The death signal is taken back, and the process group killed: whoever holds the deadline might be in it.

question: pricing-q1
outcome: TIMED_OUT DIED
"""
import ctypes
import os
import signal
import time

ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    os.kill(0, signal.SIGKILL)
time.sleep(0.2)
os.kill(0, signal.SIGKILL)
for _ in range(60):
    time.sleep(1)
