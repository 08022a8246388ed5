"""Verbs of the customers: add them, keep their profiles."""
