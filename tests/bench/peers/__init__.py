"""The peers as their manuals say to set them up, over the same tables as a tenant of ours."""
