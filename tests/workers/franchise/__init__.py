"""Jobs between a store and its headquarters."""
