"""What every kept form shares: a number without gaps, a life, a version, a history, its periods."""
