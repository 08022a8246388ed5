"""Secrets of endpoints: made here, shown once, encrypted before they come near a table."""

import base64
import secrets
from uuid import UUID

from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import Secrets
from tenants import vault

_BYTES = 24


def new_secret() -> str:
    """Make a signing secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


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
