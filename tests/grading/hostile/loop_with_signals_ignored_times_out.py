"""A loop in a process that ignores every signal that can be.

question: pricing-q1
outcome: TIMED_OUT DIED
reason: in time
"""
import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    pass
