"""Which facts become notices, and what the notifications ask to be done."""
