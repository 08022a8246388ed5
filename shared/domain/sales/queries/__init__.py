"""Questions about receipts, the drawer, day figures and imported files."""
