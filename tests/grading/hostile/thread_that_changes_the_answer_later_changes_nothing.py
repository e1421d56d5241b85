"""A thread waits for the deadline, and goes on defining answers for cells that were left blank.

question: pricing-q1
outcome: NOT_ATTEMPTED MALFORMED
"""
import threading
import time

from IPython import get_ipython

space = get_ipython().user_ns


def later():
    while True:
        space.update(elasticity=1.0, best_prices=[1.0, 2.0], toaster={"unit_cost": 1})
        time.sleep(0.01)


threading.Thread(target=later, daemon=True).start()
toaster = ...
