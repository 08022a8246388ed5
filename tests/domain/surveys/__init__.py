"""The surveys on a real PostgreSQL."""
