"""Every declared form over HTTP: who may see what of it, and its calls."""
