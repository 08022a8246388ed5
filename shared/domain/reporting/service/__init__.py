"""Verbs of reporting: roll days up, compute, review, close and reopen months."""
