"""Tables of reporting: day rows, months with their revisions, costs, plans."""
