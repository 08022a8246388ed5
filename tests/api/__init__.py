"""The JSON API and the web core over a real PostgreSQL."""
