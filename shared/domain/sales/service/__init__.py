"""Verbs of the till: record, refund, pay out, count, close, import."""
