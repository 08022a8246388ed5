"""The till on a real PostgreSQL."""
