"""The calculations of the franchise."""
