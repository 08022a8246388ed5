"""Factories: what a test needs of a capability, as plain functions."""
