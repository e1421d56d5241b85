"""Large figures, more than anybody looks at.

question: pricing-q1
outcome: DIED TIMED_OUT
"""
import matplotlib.pyplot as plt

while True:
    plt.figure(figsize=(20, 20))
    plt.imshow(np.random.default_rng(1).random((800, 800)))
    plt.show()
