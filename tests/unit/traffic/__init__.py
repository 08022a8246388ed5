"""The calculations of traffic."""
