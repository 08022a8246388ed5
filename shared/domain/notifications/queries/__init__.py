"""Questions about notices: the inbox, the send log, the settings."""
