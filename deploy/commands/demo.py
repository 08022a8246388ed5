"""`./rollbook demo`: the demo chain, loaded by the product's own import and verbs."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from deploy.commands import options
from deploy.demo import load, marker, progress
from deploy.demo.generator import Size
from deploy.demo.people import Login
from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from tenants import registry
from tenants.pool import pool
from tenants.services import close_services
from workers.idle import StillBusy

SIZES: tuple[Size, ...] = ("small", "large")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    options.add_data(parser)
    parser.add_argument("--size", choices=SIZES, default="small", help="12 stores, or 200")


def run(arguments: argparse.Namespace) -> int:
    """Load the demo chain, or finish loading it."""
    with database_at_hand(arguments.data):
        if not is_wanted():
            raise Fault(
                "there are stores already", "Load the demo into a folder of its own: --data"
            )
        show(load_chain(arguments.size))
    return 0


def is_wanted() -> bool:
    """Say whether this Rollbook is empty or was begun with the demo."""
    return marker.read() is not None or not registry.all_tenants()


def load_chain(size: Size) -> list[Login]:
    """Load what is missing of the demo chain; give the logins to show.

    Raises: Fault.
    """
    bar = progress.for_output()
    begun = marker.read()
    if begun is not None and begun.is_done:
        return load.load(size, now=datetime.now(UTC), progress=bar)
    with say.step("Loading the demo chain"):
        try:
            return load.load(size, now=datetime.now(UTC), progress=bar)
        except StillBusy as error:
            raise Fault("the demo's jobs do not end", "Run the same command again.") from error
        finally:
            bar.end()
            pool().close()  # `up` goes on for days and has no further use for them
            close_services()


def show(logins: Sequence[Login]) -> None:
    """Print who may sign in."""
    width = max((len(one.login) for one in logins), default=0)
    for one in logins:
        say.line(f"  {one.login:<{width}}  {one.password}  {one.name} {one.role} {one.place}")
