"""Secrets that must be read again, encrypted under the master key; and digests under it.

Shape: a key per purpose is derived from the master key; a sealed secret is 12 bytes of nonce and
AES-256-GCM's output, bound to whom it belongs: put into another's row it does not open.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared import errors
from shared.config import settings

_NONCE_BYTES = 12
_SHORTEST_KEY = 32


class VaultClosed(errors.Unavailable):
    """ROLLBOOK_MASTER_KEY is not set, so no secret can be kept."""

    zh = "未设置主密钥,无法保存密钥"


class SealBroken(Exception):
    """A sealed secret was changed, moved, or sealed under another master key."""


def is_open() -> bool:
    """Whether there is a master key to seal with."""
    return len(settings().master_key) >= _SHORTEST_KEY


def sealed(secret: bytes, *, purpose: str, owner: str) -> bytes:
    """Encrypt a secret for one owner.

    Raises: VaultClosed.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(purpose)).encrypt(nonce, secret, owner.encode())


def opened(kept: bytes, *, purpose: str, owner: str) -> bytes:
    """Decrypt what was sealed for this owner.

    Raises: VaultClosed, SealBroken.
    """
    nonce, rest = kept[:_NONCE_BYTES], kept[_NONCE_BYTES:]
    try:
        return AESGCM(_key(purpose)).decrypt(nonce, rest, owner.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error


def digest(text: str, *, purpose: str, owner: str) -> bytes:
    """Hash a short secret so that without the master key it cannot be guessed.

    Raises: VaultClosed.
    """
    return hmac.digest(_key(purpose), f"{owner}/{text}".encode(), "sha256")


def _key(purpose: str) -> bytes:
    if not is_open():
        raise VaultClosed
    master = settings().master_key.encode()
    return hmac.new(master, f"rollbook/vault/{purpose}".encode(), hashlib.sha256).digest()
