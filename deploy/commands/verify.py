"""`./rollbook verify`: every report recomputed from the slips and compared, to the fen."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from deploy.commands import options
from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from shared.domain.reporting.queries import checks
from tenants import registry
from tenants.registry import Tenant
from tenants.sessions import tenant_session


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    options.add_data(parser)
    parser.add_argument("slug", nargs="*", help="only these stores (default: all)")
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Compare store by store; a difference makes the exit status 1."""
    with database_at_hand(arguments.data):
        found = dict(_verify_across_tenants(set(arguments.slug)))
    wrong = sum(not one.is_known for listed in found.values() for one in listed)
    if arguments.json:
        shown = {slug: [asdict(one) for one in listed] for slug, listed in found.items()}
        say.line(json.dumps(shown, default=str, ensure_ascii=False))
        return 1 if wrong else 0
    for slug, listed in found.items():
        for one in listed:
            known = "  (closed month, stands until it is reopened)" if one.is_known else ""
            when = one.day or f"{one.month:%Y-%m}"
            say.line(f"{slug} {when} {one.what}: {one.stored}, slips say {one.expected}{known}")
    say.line(f"{len(found)} stores verified, {wrong} differences")
    return 1 if wrong else 0


def _verify_across_tenants(slugs: set[str]) -> Iterator[tuple[str, list[checks.Mismatch]]]:
    stores = [store for store in registry.all_tenants() if store.kind == "store"]
    if unknown := slugs - {store.slug for store in stores}:
        raise Fault(f"no such stores: {', '.join(sorted(unknown))}")
    for store in stores:
        if not slugs or store.slug in slugs:
            yield store.slug, _verify(store)


def _verify(store: Tenant) -> list[checks.Mismatch]:
    with tenant_session(store) as session:
        return checks.verify(session)
