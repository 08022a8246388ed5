"""A whole tenant as one file: exported, restored, retired."""
