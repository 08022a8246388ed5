"""Jobs of the till."""
