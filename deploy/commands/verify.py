"""`./rollbook verify`: every report recomputed from the slips and compared, to the fen.

A headquarters' sums are compared with what its stores reported, and that with the stores' own
figures: each tenant under its own login, never a query over two.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from deploy.commands import options
from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from shared.domain.franchise.queries import checks as chain
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
    """Compare store by store, then each headquarters; a difference makes the exit status 1."""
    with database_at_hand(arguments.data):
        found = dict(_verify_across_tenants(set(arguments.slug)))
        chains = {} if arguments.slug else dict(_verify_chains_across_tenants())
    wrong = sum(not one.is_known for listed in found.values() for one in listed)
    wrong += sum(len(listed) for listed in chains.values())
    if arguments.json:
        shown = {slug: [asdict(one) for one in listed] for slug, listed in found.items()}
        shown |= {slug: [asdict(one) for one in listed] for slug, listed in chains.items()}
        say.line(json.dumps(shown, default=str, ensure_ascii=False))
        return 1 if wrong else 0
    for slug, listed in found.items():
        for one in listed:
            known = "  (closed month, stands until it is reopened)" if one.is_known else ""
            when = one.day or f"{one.month:%Y-%m}"
            say.line(f"{slug} {when} {one.what}: {one.stored}, slips say {one.expected}{known}")
    for slug, differing in chains.items():
        for other in differing:
            stored = f"{other.what}: {other.stored}, stores say {other.expected}"
            say.line(f"{slug} {other.month:%Y-%m} {stored}")
    say.line(f"{len(found)} stores, {len(chains)} headquarters verified, {wrong} differences")
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


def _verify_chains_across_tenants() -> Iterator[tuple[str, list[chain.ChainMismatch]]]:
    tenants = registry.all_tenants()
    for hq in tenants:
        if hq.kind == "hq":
            yield hq.slug, _verify_chain(hq, [store for store in tenants if store.hq == hq.name])


def _verify_chain(hq: Tenant, stores: list[Tenant]) -> list[chain.ChainMismatch]:
    with tenant_session(hq) as session:
        found = chain.verify_hq(session)
        heard = {store.name: chain.heard_by_hq(session, store.name) for store in stores}
    for store in stores:  # each side under its own login, one after the other
        with tenant_session(store) as session:
            said = chain.said_by_store(session)
        found += chain.compare(store.slug, said, heard[store.name])
    return found
