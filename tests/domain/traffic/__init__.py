"""Traffic on a real PostgreSQL."""
