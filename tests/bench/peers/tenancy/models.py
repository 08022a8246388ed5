"""django-tenants' two tables."""

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Client(TenantMixin):
    """A tenant; saving it makes its schema."""

    name = models.CharField(max_length=100)
    auto_create_schema = True
    auto_drop_schema = True


class Domain(DomainMixin):
    """The host name that leads to a tenant."""
