"""A float that is equal to everything, and prints as whatever is asked for.

question: pricing-q2
outcome: MALFORMED
reason: got a Chameleon
"""
class Chameleon(float):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __repr__(self):
        return "-1.2222222222222223"

    __str__ = __repr__


elasticity = Chameleon(-1.2222222222222223)
