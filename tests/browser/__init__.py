"""Journeys named after people's tasks, in a real Chromium against a real server."""
