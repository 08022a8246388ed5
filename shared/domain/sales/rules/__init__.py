"""What receipts and cash days are, and the arithmetic of both, without a database."""
