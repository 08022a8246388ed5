"""Makes tenants by django-tenants: a schema's name per line in, the seconds it took out.

The tenant is dropped again afterwards, without being timed, unless its name begins with `kept`.
"""

import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402

from tests.bench.peers.tenancy.models import Client, Domain  # noqa: E402

for line in sys.stdin:
    name = line.strip()
    began = time.perf_counter()
    client = Client(schema_name=name, name=name)
    client.save(verbosity=0)
    Domain.objects.create(domain=f"{name}.localhost", tenant=client, is_primary=True)
    sys.stdout.write(f"{time.perf_counter() - began}\n")
    sys.stdout.flush()
    connection.set_schema_to_public()
    if not name.startswith("kept"):
        client.delete(force_drop=True)
