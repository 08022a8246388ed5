"""Who may look behind the curtain: somebody on this very machine, or the holder of a token."""

import hmac
import ipaddress

from flask import request

from shared.config import Settings

# Added by whatever stands between: then the peer is a proxy, not who asks.
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded")


def is_insider(settings: Settings) -> bool:
    """Whether this request comes from this machine without a proxy, or carries the token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.metrics_token.encode())
    return _is_loopback(_peer()) and not any(name in request.headers for name in _FORWARDED)


def _peer() -> str:
    """Give the address at the other end of the wire, not the one a header tells."""
    before = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    return before.get("REMOTE_ADDR") or ""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a Unix socket has none
        return False
