"""The Flask tier: turns HTTP into one call of the domain and back."""
