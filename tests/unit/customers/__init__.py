"""Rules of the customers, without a database."""
