"""Jobs through the real wrapper, on a real database, on both brokers."""
