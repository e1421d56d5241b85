"""As many threads as there can be.

question: pricing-q1
outcome: ERROR
reason: can't start new thread
"""
import threading
import time

while True:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
