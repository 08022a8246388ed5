"""A Django app with django-tenants' list of tenants."""
