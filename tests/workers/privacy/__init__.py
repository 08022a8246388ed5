"""Jobs of personal data."""
