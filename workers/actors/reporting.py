"""Jobs of reporting."""
