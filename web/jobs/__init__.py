"""The job centre: what runs in the background for a tenant."""
