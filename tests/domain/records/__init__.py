"""Kept forms on a real PostgreSQL."""
