"""Jobs of declared forms."""
