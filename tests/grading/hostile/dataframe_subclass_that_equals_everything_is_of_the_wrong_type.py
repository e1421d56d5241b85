"""A DataFrame of its own class, whose columns are equal to every table's.

question: pricing-q7
outcome: MALFORMED
reason: Expected a DataFrame
"""
class Table(pd.DataFrame):
    @property
    def _constructor(self):
        return Table

    def equals(self, other):
        return True

    def __eq__(self, other):
        return True

    __hash__ = None


elasticities = Table({"tier": ["VIP"], "elasticity": [0.0]})
