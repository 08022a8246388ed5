"""When guests come and whether they come again: F07, C4."""
