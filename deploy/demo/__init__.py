"""A believable salon chain to look at, made by a seeded generator and loaded like real data."""
