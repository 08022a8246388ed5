"""Jobs of franchise."""
