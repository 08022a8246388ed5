"""Secrets of endpoints: made here, shown once, encrypted before they come near a table."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import BOTS, Kind, Secrets
from shared.domain.notifications.service import endpoints
from tenants import vault

_BYTES = 24


def new_secret() -> str:
    """Make a signing secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def rotate(session: Session, endpoint_id: UUID, *, now: datetime) -> str:
    """Give an endpoint a new signing secret; the old one signs beside it for a day.

    Locks: the endpoint.
    Raises: settings.NoSuchEndpoint; errors.Conflict for a robot, whose secret is its group's.
    """
    held = settings.endpoint(session, endpoint_id)
    if Kind(held.kind) in BOTS:
        raise errors.Conflict(endpoint=endpoint_id)
    secret = new_secret()
    old = opened(held.sealed, endpoint_id=endpoint_id)
    kept = sealed(old.rotated(secret, now=now), endpoint_id=endpoint_id)
    endpoints.reseal_endpoint(session, endpoint_id, sealed=kept)
    return secret


def sealed(kept: Secrets, *, endpoint_id: UUID) -> bytes:
    """Encrypt secrets for one endpoint.

    Raises: vault.VaultClosed.
    """
    return vault.sealed(rules.packed(kept), purpose=rules.PURPOSE, owner=str(endpoint_id))


def opened(kept: bytes, *, endpoint_id: UUID) -> Secrets:
    """Decrypt an endpoint's secrets.

    Raises: vault.VaultClosed, vault.SealBroken.
    """
    return rules.unpacked(vault.opened(kept, purpose=rules.PURPOSE, owner=str(endpoint_id)))
