"""The wall between tenants."""
