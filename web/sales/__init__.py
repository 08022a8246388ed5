"""The till, the drawer and imported files over HTTP."""
