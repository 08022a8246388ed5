"""What may be typed in at the till and at the drawer, and how both are told."""
