"""Questions about days, months, their revisions and whether everything adds up."""
