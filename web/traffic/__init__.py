"""The traffic analysis on the web: heat map, promotion windows, retention."""
