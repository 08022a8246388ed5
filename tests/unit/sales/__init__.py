"""Rules of the sales, without a database."""
