"""Jobs of the customers."""
