"""Customers on a real PostgreSQL."""
