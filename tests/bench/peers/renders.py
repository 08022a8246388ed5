"""Prints the SQL of the tenants' first migration, as django-tenants would run it in a schema."""

import io
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

connection.set_schema(sys.argv[1])  # in public the tenants' tables are left out
text = io.StringIO()
call_command("sqlmigrate", "store", "0001", stdout=text)
kept = [line for line in text.getvalue().splitlines() if line not in ("BEGIN;", "COMMIT;")]
sys.stdout.write(" ".join(line for line in kept if not line.startswith("--")) + "\n")
