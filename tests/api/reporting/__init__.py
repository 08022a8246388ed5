"""Days and months over HTTP."""
