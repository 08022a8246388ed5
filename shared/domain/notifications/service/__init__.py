"""Verbs of the notifications: tell, read, send, set up."""
