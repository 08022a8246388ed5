"""The headquarters over HTTP."""
