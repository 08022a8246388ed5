"""Whole stories through the product: real input, real jobs, a headquarters page at the end."""
