"""`./rollbook tenants ... --later`: let the provisioner do it, as an errand that survives kills.

Files of errands lie in the folder `exports` of the data folder, on the provisioner's machine.
"""

import argparse
import json
from typing import Any
from uuid import UUID

from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from tenants import errands, registry

LATER = ("suspend", "resume", "export", "restore", "retire")


def add(verb: argparse.ArgumentParser) -> None:
    """Declare the option."""
    verb.add_argument("--later", action="store_true", help="as an errand of the provisioner")


def ask(arguments: argparse.Namespace) -> int:
    """Write the errand down.

    Raises: Fault, errors.DomainError.
    """
    with database_at_hand(arguments.data):
        errand = _restore(arguments) if arguments.verb == "restore" else _of_one(arguments)
    told = json.dumps({"errand": str(errand)}) if arguments.json else f"errand {errand} is asked"
    say.line(told)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """List the errands, newest first."""
    with database_at_hand(arguments.data):
        rows = errands.listed()
    if arguments.json:
        say.line(json.dumps(rows, default=str, ensure_ascii=False))
        return 0
    for row in rows:
        told = row["error_class"] or (row["result"] or {}).get("file") or ""
        when = f"{row['created_at']:%Y-%m-%d %H:%M}"
        say.line(f"{when}  {row['kind']:8} {row['slug'] or '-':24} {row['state']:8} {told}")
    return 0


def _of_one(arguments: argparse.Namespace) -> UUID:
    tenant = registry.named(arguments.slug)
    given: dict[str, Any] = {}
    if arguments.verb == "export" and arguments.file:
        raise Fault("an errand names its file itself: leave FILE away")
    if arguments.verb == "retire":
        if not arguments.yes:
            raise Fault(f"retiring {tenant.slug} cannot be undone", "Say --yes if you mean it.")
        if arguments.to:
            raise Fault("an errand names its file itself: leave --to away")
        given["export"] = not arguments.no_export
    return errands.ask(arguments.verb, tenant=tenant, **given)


def _restore(arguments: argparse.Namespace) -> UUID:
    if arguments.hq:
        raise Fault("an errand restores a store by itself", "Leave --hq away, or --later.")
    return errands.ask(
        "restore",
        file=arguments.file.name,
        slug=arguments.slug,
        name=arguments.name,
        code=arguments.code,
        people=not arguments.no_people,
    )
