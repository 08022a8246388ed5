"""The surveys on the web: links for guests, the guests' own page."""
