"""The Dramatiq tier: turns a message into one call of the domain."""
