"""The forms of the surveys."""
