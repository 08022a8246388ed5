"""Jobs of the books."""
