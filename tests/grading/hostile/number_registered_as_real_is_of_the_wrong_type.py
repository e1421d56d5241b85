"""A class is registered as a real number, with a metaclass that lies about its type.

question: pricing-q2
outcome: MALFORMED
reason: Expected a number, got a Number
"""
import numbers


class Lie(type):
    __module__ = "builtins"

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(float)

    def __instancecheck__(cls, instance):
        return True


class Number(metaclass=Lie):
    __class__ = float

    def __float__(self):
        return -1.2222


numbers.Real.register(Number)
elasticity = Number()
