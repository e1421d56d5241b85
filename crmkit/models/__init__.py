"""The field's formulas as pure functions, one module a theory."""
