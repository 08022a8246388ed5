"""Verbs and questions of the domain on a real PostgreSQL."""
