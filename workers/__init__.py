"""Turn due job rows into calls of the domain: dispatcher, clock, workers."""
