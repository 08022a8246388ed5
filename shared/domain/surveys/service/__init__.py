"""Verbs of the surveys: take opinions."""
