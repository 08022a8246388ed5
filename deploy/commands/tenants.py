"""`./rollbook tenants ...`: stores and headquarters, for the operator of the machine."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from deploy.commands import errands, founding, migrate, moving, options
from deploy.local.home import database_at_hand
from deploy.setup import say
from tenants import audit, provisioning, registry
from tenants.registry import Tenant

COLUMNS = ("slug", "kind", "code", "state", "hq_slug", "time_zone", "name", "display_name")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, says in {
        "create": "make a store, or a headquarters (--kind hq)",
        "list": "list all that are not retired",
        "show": "show one",
        "suspend": "stop writes and jobs of one",
        "resume": "let a suspended one work again",
        **moving.VERBS,
        "errands": "list what the provisioner was asked to do",
        "migrate": "bring all to the newest tables",
        "audit": "look for holes in the wall between tenants",
    }.items():
        verb = verbs.add_parser(name, help=says, description=says)
        options.add_data(verb)
        verb.add_argument("--json", action="store_true", help="answer as JSON")
        if name in ("show", "suspend", "resume"):
            verb.add_argument("slug")
        if name == "create":
            founding.add(verb)
        if name == "audit":
            verb.add_argument("--full", action="store_true", help="also what was whole last time")
        if name in moving.VERBS:
            moving.add(name, verb)
        if name in errands.LATER:
            errands.add(verb)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    if getattr(arguments, "later", False):
        return errands.ask(arguments)
    if arguments.verb in OTHERS:
        return OTHERS[arguments.verb](arguments)
    with database_at_hand(arguments.data):
        found = VERBS[arguments.verb](arguments)
    if arguments.json:
        rows = [asdict(tenant) for tenant in found]
        say.line(
            json.dumps(
                rows if arguments.verb == "list" else rows[0], default=str, ensure_ascii=False
            )
        )
    else:
        _print(found)
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    with database_at_hand(arguments.data):
        found = audit.holes(full=arguments.full)
    if arguments.json:
        say.line(json.dumps([asdict(hole) for hole in found]))
    else:
        say.line("the wall is whole" if not found else f"{len(found)} holes:")
        for hole in found:
            say.line(f"  {hole.check}: {hole.found}")
    return 1 if found else 0


def _create(arguments: argparse.Namespace) -> int:
    with database_at_hand(arguments.data):
        made, password = founding.create(arguments)
    if arguments.json:
        shown = {**asdict(made), "admin": arguments.admin, "password": password}
        say.line(json.dumps(shown, default=str, ensure_ascii=False))
        return 0
    _print([made])
    if password:
        say.line(f"{arguments.admin} may sign in with {password} (shown this once)")
    elif arguments.admin:
        say.line(f"{arguments.admin} may enter with the password they have")
    return 0


def _list(_arguments: argparse.Namespace) -> Sequence[Tenant]:
    return registry.all_tenants()


def _show(arguments: argparse.Namespace) -> Sequence[Tenant]:
    return [registry.named(arguments.slug)]


def _suspend(arguments: argparse.Namespace) -> Sequence[Tenant]:
    return [provisioning.suspend(registry.named(arguments.slug))]


def _resume(arguments: argparse.Namespace) -> Sequence[Tenant]:
    return [provisioning.resume(registry.named(arguments.slug))]


def _print(found: Sequence[Tenant]) -> None:
    rows = [[str(getattr(tenant, name) or "-") for name in COLUMNS] for tenant in found]
    table = [list(COLUMNS), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    for row in table:
        say.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


VERBS: dict[str, Callable[[argparse.Namespace], Sequence[Tenant]]] = {
    "list": _list,
    "show": _show,
    "suspend": _suspend,
    "resume": _resume,
}
OTHERS: dict[str, Callable[[argparse.Namespace], int]] = {
    "create": _create,
    **dict.fromkeys(moving.VERBS, moving.run),
    "errands": errands.show,
    "migrate": migrate.run,
    "audit": _audit,
}
