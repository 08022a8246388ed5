"""How days, months and plans are told, and what may be typed in about them."""
