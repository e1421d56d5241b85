"""The keys of the dict are strings that are equal to every other.

question: pricing-q1
outcome: MALFORMED
reason: Missing key 'unit_cost', 'price', 'break_even'
"""
class Key(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


toaster = {Key(): 16}
