"""Measures beside the field: `./rollbook bench`, and `scale` by hand. Never a part of the tests."""
