"""A double fork into a session of its own, with signals ignored and the death signal taken back.

question: pricing-q1
outcome: MALFORMED
reason: got a str
"""
import ctypes
import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for _ in range(60):
            time.sleep(1)
    os._exit(0)
toaster = "left a daemon"
