"""Which tenants exist, and how code gets into exactly one of them."""
