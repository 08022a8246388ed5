"""What may be typed in about months and plans, and how both are told."""
