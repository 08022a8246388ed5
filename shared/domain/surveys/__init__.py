"""What guests think of the store (意见), and later what the field wants (F16, F18, F19)."""
