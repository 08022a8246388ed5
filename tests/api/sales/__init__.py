"""Receipts and cash days over HTTP."""
