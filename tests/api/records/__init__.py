"""The calls of declared forms."""
