"""`./rollbook people ...`: accounts, for the operator of the machine.

What a person cannot do alone: a forgotten password where no mail is sent, a lost phone together
with its recovery codes, an account that must be shut at once, the first person of a place.
"""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from deploy.commands import options
from deploy.commands.founding import FIRST_ROLE
from deploy.local.home import database_at_hand
from deploy.setup import say
from shared import errors
from shared.config import settings
from tenants import registry
from tenants.people import accounts, devices, links, second_factors
from tenants.provisioning import grant_role

ACTS = {
    "reset": "print a link by which one sets a new password; it works once, for 30 minutes",
    "drop-factor": "take somebody's second factor off: phone and recovery codes are lost",
    "sign-out": "end all sessions of somebody",
    "disable": "shut an account: sessions end, tokens open nothing",
    "enable": "open a shut account again",
    "grant": "make somebody the manager of a store, or the admin of a headquarters",
}


class NoSuchPerson(errors.Missing):
    """Nobody signs in by that name."""

    zh = "没有这个登录名"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, says in ACTS.items():
        act = acts.add_parser(name, help=says, description=says)
        options.add_data(act)
        act.add_argument("--json", action="store_true", help="answer as JSON")
        act.add_argument("login", help="sign-in name, mail or phone")
        if name == "grant":
            act.add_argument("slug", help="the store or headquarters")


def run(arguments: argparse.Namespace) -> int:
    """Do it and say what was done.

    Raises: NoSuchPerson, NoSuchTenant.
    """
    with database_at_hand(arguments.data):
        person = accounts.by_name(arguments.login)
        if person is None:
            raise NoSuchPerson(login=arguments.login)
        said = _DONE[arguments.act](person, arguments)
    say.line(json.dumps({"said": said}, ensure_ascii=False) if arguments.json else said)
    return 0


def _reset(person: UUID, _: argparse.Namespace) -> str:
    token = links.make("reset", person, now=datetime.now(UTC))
    return f"{settings().public_url.rstrip('/')}/reset/{token}"


def _drop_factor(person: UUID, _: argparse.Namespace) -> str:
    second_factors.remove(person)
    return f"the second factor is off, {devices.end_all(person)} sessions ended"


def _sign_out(person: UUID, _: argparse.Namespace) -> str:
    return f"{devices.end_all(person)} sessions ended"


def _disable(person: UUID, _: argparse.Namespace) -> str:
    accounts.set_disabled(person, datetime.now(UTC))
    return f"shut, {devices.end_all(person)} sessions ended"


def _enable(person: UUID, _: argparse.Namespace) -> str:
    accounts.set_disabled(person, None)
    return "open"


def _grant(person: UUID, arguments: argparse.Namespace) -> str:
    tenant = registry.named(arguments.slug)
    grant_role(person, tenant, FIRST_ROLE[tenant.kind])
    return f"{arguments.login} keeps {tenant.display_name} now"


_DONE: dict[str, Callable[[UUID, argparse.Namespace], str]] = {
    "reset": _reset,
    "drop-factor": _drop_factor,
    "sign-out": _sign_out,
    "disable": _disable,
    "enable": _enable,
    "grant": _grant,
}
