"""The capabilities: what a salon chain does, one folder each."""
