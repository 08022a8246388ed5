"""Imports every models module, so that the metadata is whole; for Alembic and provisioning only."""
