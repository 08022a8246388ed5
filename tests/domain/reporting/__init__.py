"""Days and months on a real PostgreSQL."""
