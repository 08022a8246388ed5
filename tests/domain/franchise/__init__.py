"""Stores and their headquarters on a real PostgreSQL."""
