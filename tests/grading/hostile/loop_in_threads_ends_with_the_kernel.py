"""Threads that are no daemons go on after their cell.

question: pricing-q1
outcome: NOT_ATTEMPTED TIMED_OUT
"""
import threading


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin).start()
toaster = ...
