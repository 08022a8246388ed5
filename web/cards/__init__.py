"""HTTP of the cards."""
