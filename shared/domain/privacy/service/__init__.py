"""Verbs of personal data: copy it out, erase it."""
