"""Verbs of the bookings: book, move, cancel, check in; rooms and devices; the turns."""
