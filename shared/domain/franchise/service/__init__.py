"""Verbs of the franchise: send, read, aggregate, decide, keep store files."""
