"""An endpoint as a manager typed it, checked and sealed: for the page and for the API."""

from typing import Any
from uuid import uuid4

from shared.config import settings as of_process
from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import BOTS, Secrets
from shared.domain.notifications.service import endpoints
from shared.errors import FormInvalid, problem
from web.notifications import endpoint_secrets


def made_of(form: dict[str, Any]) -> tuple[endpoints.NewEndpoint, str | None]:
    """Make an endpoint of a loaded form; beside it the secret that its receiver checks.

    Raises: FormInvalid, rules.AddressRefused, vault.VaultClosed.
    """
    kept, made = _secrets_of(form), uuid4()
    is_robot = form["kind"] in BOTS
    new = endpoints.NewEndpoint(
        id=made,
        kind=form["kind"],
        name=form["name"],
        url=None if is_robot else form["url"],
        sealed=endpoint_secrets.sealed(kept, endpoint_id=made),
        hint=kept.key[-4:],
        locale=form["locale"],
        topics=frozenset(form["topics"]),
    )
    return new, None if is_robot else kept.secret


def _secrets_of(form: dict[str, Any]) -> Secrets:
    """Check what kind of address this is, and give it the secrets of its kind."""
    if form["kind"] in BOTS:
        key, secret = form["key"] or "", form["secret"] or ""
        if problems := rules.robot_problems(form["kind"], key=key, secret=secret):
            raise FormInvalid(problems=tuple(problems))
        return Secrets(key=key, secret=secret)
    if not form["url"]:
        raise FormInvalid(problems=(problem("url", "REQUIRED"),))
    rules.check_address(form["url"], allowed=of_process().outside_allowed)
    return Secrets(secret=endpoint_secrets.new_secret())
