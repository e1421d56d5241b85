"""Exercises: an answer's canonical form, the key, `check`, and the way from solution to exercise."""
