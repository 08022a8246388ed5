"""Notices over HTTP: the inbox and the settings behind it (通知)."""
