"""The calculations of reporting."""
