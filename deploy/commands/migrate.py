"""`./rollbook migrate`: the registry and every tenant to the newest tables."""

import argparse
import json
from dataclasses import asdict

from deploy.commands import options
from deploy.local.home import database_at_hand
from deploy.setup import say
from tenants import migrations


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    options.add_data(parser)
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Migrate; one failing tenant stops no other, and makes the exit status 1."""
    with database_at_hand(arguments.data):
        applied = migrations.upgrade_registry()
        outcome = migrations.upgrade_across_tenants()
    if arguments.json:
        say.line(json.dumps({"registry": applied, **asdict(outcome)}))
    else:
        say.line(f"registry: {', '.join(applied) or 'up to date'}")
        say.line(f"tenants: {len(outcome.migrated)} migrated, {len(outcome.failed)} failed")
        for name, reason in outcome.failed.items():
            say.line(f"  {name}: {reason}")
    return 1 if outcome.failed else 0
