"""A Django app with the tables of one tenant."""
