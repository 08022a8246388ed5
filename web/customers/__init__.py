"""The customers over HTTP."""
