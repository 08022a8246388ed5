"""Traffic over HTTP."""
