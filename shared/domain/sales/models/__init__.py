"""Tables of the sales: receipts, the cash day, months, files from elsewhere."""
