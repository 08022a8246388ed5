"""Runs `migrate_schemas` over all tenants and prints its seconds, start-up of Python left out."""

import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402

began = time.perf_counter()
call_command("migrate_schemas", "--tenant", "-v0", f"--executor={sys.argv[1]}")
sys.stdout.write(f"{time.perf_counter() - began}\n")
