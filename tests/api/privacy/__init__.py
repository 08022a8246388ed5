"""Personal data over HTTP."""
