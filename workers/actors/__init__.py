"""One call of one verb each."""
