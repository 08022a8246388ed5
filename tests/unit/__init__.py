"""Rules without a database: quick."""
