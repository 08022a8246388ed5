"""Rules of the catalog, without a database."""
