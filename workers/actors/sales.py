"""Jobs of sales."""
