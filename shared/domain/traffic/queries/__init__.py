"""Questions about traffic."""
