"""Post to addresses that people typed: to public ones only, and not for longer than ten seconds.

The name is resolved once and that very address is connected to, so a name that answers otherwise
the second time gains nothing. Redirects are not followed, proxies of the environment not used.

Form: abuse cases W-01 to W-10.
"""

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from dramatiq.middleware import TimeLimitExceeded
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError

from shared.config import settings
from shared.domain.notifications.rules.endpoints import (
    AddressRefused,
    check_address,
    is_public_ip,
)
from workers.limits import LIMITS

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 10.0
LONGEST_ANSWER = 64 * 1024
USER_AGENT = "Rollbook-Notices/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `error` names why nothing usable did."""

    status: int = 0
    body: bytes = b""
    error: str | None = None

    def json(self) -> dict[str, Any]:
        """Read the body as a JSON object; anything else is an empty one."""
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post a body; whatever goes wrong is the answer's `error`, never an exception."""
    try:
        check_address(url, allowed=settings().outside_allowed)
        with LIMITS.within(WHOLE_SECONDS), _session(_is_allowed(url)) as session:
            return _exchange(session, url, body, headers)
    except (AddressRefused, InvalidIPAddress):
        return Answer(error="AddressRefused")
    except TimeLimitExceeded:
        return Answer(error="TookTooLong")
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        return Answer(error=type(error).__name__)


def _exchange(session: requests.Session, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    until = time.monotonic() + WHOLE_SECONDS
    sent = {**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"}
    with session.post(url, data=body, headers=sent, stream=True) as answer:
        got = bytearray()
        while len(got) <= LONGEST_ANSWER and time.monotonic() < until:
            # not decoded: a small packed body may be a huge one
            part = answer.raw.read1(8192, decode_content=False)
            if not part:
                return Answer(answer.status_code, bytes(got), _refusal(answer.status_code))
            got += part
    return Answer(error="AnswerTooLong")


def _refusal(status: int) -> str | None:
    return None if 200 <= status < 300 else f"Http{status}"


class _Guard(IPFilterAdapter):  # type: ignore[misc]
    """Asks our own rule too about the one address that is connected to; theirs is wider."""

    def build_connection_pool_key_attributes(self, *asked: Any, **more: Any) -> Any:
        host, options = super().build_connection_pool_key_attributes(*asked, **more)
        if not is_public_ip(host["host"].strip("[]")):
            raise InvalidIPAddress
        return host, options


def _session(is_allowed: bool) -> requests.Session:
    session: requests.Session = HTTPSession(_config(is_allowed))
    session.trust_env = False
    if not is_allowed:
        session.mount("https://", _Guard(is_https_proto=True))
        session.mount("http://", _Guard(is_https_proto=False))
    return session


@lru_cache(maxsize=2)
def _config(is_allowed: bool) -> Config:
    return Config(
        ip_filter_enable=not is_allowed,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(CONNECT_SECONDS, READ_SECONDS),
        user_agent_override=USER_AGENT,
    )


def _is_allowed(url: str) -> bool:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" in settings().outside_allowed
