"""nbval's comments ask that the cell be skipped, not compared, and expected to fail.

question: pricing-q2
outcome: INCORRECT
reason: Hint
shows: ran all the same
"""
# NBVAL_SKIP
# NBVAL_IGNORE_OUTPUT
# NBVAL_CHECK_OUTPUT
# NBVAL_RAISES_EXCEPTION
# PYTEST_VALIDATE_IGNORE_OUTPUT
print("ran all the same")
elasticity = 1.0
