"""Everything that starts, stops and feeds a running Rollbook."""
