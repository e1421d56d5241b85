"""An object whose call, name and code change with each look.

question: pricing-q3
outcome: INCORRECT MALFORMED FAILED ERROR
"""
class Function:
    def __getattr__(self, name):
        return Function()

    def __call__(self, *arguments):
        return 0.0


break_even_change = Function()
