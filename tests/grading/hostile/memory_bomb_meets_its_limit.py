"""Memory is taken and written until there is none.

question: pricing-q1
outcome: ERROR DIED
"""
held = []
while True:
    held.append(bytearray(b"x") * (16 << 20))
