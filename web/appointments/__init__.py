"""The appointments on the web: the day board, booking, the guests' own page, rooms and devices."""
