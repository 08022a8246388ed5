"""`./rollbook tenants export|restore|retire|stock`: whole tenants out, in and away, and new ones.

An export holds people's names and a store's books: it is written for its owner's eyes alone.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from deploy.commands import founding, options
from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from tenants import registry, stock
from tenants.moving import exporting, restoring, retiring
from tenants.moving.exporting import Exported
from tenants.moving.restoring import Wanted
from tenants.registry import Tenant

VERBS = {
    "export": "copy one into a file",
    "restore": "make a new one from such a file, from here or from another server",
    "retire": "export one, then close it for good",
    "stock": "keep schemas ready, so that new ones take a moment",
}


def add(name: str, verb: argparse.ArgumentParser) -> None:
    """Declare a verb's options."""
    if name in ("export", "retire"):
        verb.add_argument("slug")
    if name == "export":
        verb.add_argument("file", type=options.path, nargs="?")
    if name == "restore":
        verb.add_argument("file", type=options.path)
    if name == "restore":
        verb.add_argument("--slug", required=True, help="how its address shall begin")
        verb.add_argument("--name", help="as people see it (default: as exported)")
        verb.add_argument("--code", help="its number in the chain (default: as exported)")
        verb.add_argument("--no-people", action="store_true", help="admit nobody")
        founding.add_place(verb)
    if name == "retire":
        verb.add_argument("--yes", action="store_true", help="yes, for good")
        verb.add_argument("--to", type=options.path, metavar="FILE", help="where to export it to")
        verb.add_argument("--no-export", action="store_true", help="its rows are lost for ever")
    if name == "stock":
        verb.add_argument("--target", type=int, metavar="N", help="how many for stores (and 1 HQ)")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says.

    Raises: Fault, errors.DomainError.
    """
    with database_at_hand(arguments.data):
        says, facts = _RUN[arguments.verb](arguments)
    say.line(json.dumps(facts, default=str, ensure_ascii=False) if arguments.json else says)
    return 0


def _export(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    if arguments.file is None:
        raise Fault("say where its rows go: FILE")
    done = exporting.export(registry.named(arguments.slug), arguments.file)
    return _said(done), asdict(done)


def _restore(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    if not arguments.file.is_file():
        raise Fault(f"there is no file {arguments.file}")

    def make(hq: Tenant | None) -> Tenant:
        wanted = Wanted(
            slug=arguments.slug,
            display_name=arguments.name,
            code=arguments.code,
            hq=hq,
            with_people=not arguments.no_people,
        )
        return restoring.restore(arguments.file, wanted)

    if arguments.hq is None:
        made = make(None)
    else:
        exported = restoring.manifest_of(arguments.file).tenant
        code = arguments.code or exported["code"]
        name = arguments.name or exported["display_name"]
        made = founding.in_chain(arguments, code=code, name=name, make=make)
    return f"{made.slug} is restored as {made.name}", asdict(made)


def _retire(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    tenant = registry.named(arguments.slug)
    if not arguments.yes:
        raise Fault(
            f"retiring {tenant.slug} ({tenant.display_name}) cannot be undone",
            "Say --yes if you mean it.",
        )
    if arguments.no_export == (arguments.to is not None):
        raise Fault("say where its rows go: --to FILE, or --no-export to lose them")
    done = retiring.retire(tenant, export_to=arguments.to)
    said = f"{_said(done)}\n" if done else ""
    return f"{said}{tenant.slug} is retired", {
        "slug": tenant.slug,
        "name": tenant.name,
        "export": asdict(done) if done else None,
    }


def _stock(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    dropped = stock.drop_abandoned()
    if arguments.target is not None:
        while stock.refill(arguments.target):
            pass
    ready = stock.ready()
    listed = ", ".join(f"{count} for {kind}" for kind, count in ready.items())
    return f"ready: {listed}", {"ready": ready, "dropped": dropped}


def _said(done: Exported) -> str:
    size = f"{done.bytes / 1024:,.0f} KiB"
    what = f"{done.tables} tables, {done.rows} rows, {done.people} people"
    return f"{Path(done.file)}: {what}, {size}"


_RUN: dict[str, Callable[[argparse.Namespace], tuple[str, dict[str, Any]]]] = {
    "export": _export,
    "restore": _restore,
    "retire": _retire,
    "stock": _stock,
}
