"""People and their accounts: signing in, one's own account, who works here as what."""
