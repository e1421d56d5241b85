"""Arithmetic in C on a number with billions of digits.

question: pricing-q1
outcome: TIMED_OUT DIED ERROR
"""
toaster = 7**7**7**7
