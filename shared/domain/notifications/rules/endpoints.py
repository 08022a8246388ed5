"""Chat groups, webhooks and providers: what each kind needs, and which addresses are refused.

Shape: secrets are kept as one JSON text, which the edges encrypt before it comes to a table.
"""

import ipaddress
import json
import re
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from shared import errors
from shared.errors import Problem, problem

ROTATION = timedelta(hours=24)  # how long both secrets sign
MOST_FAILURES = 10  # in a row; then an endpoint is off
PORTS = (443, 8443)
PURPOSE = "notice-endpoint"  # under which its secrets are encrypted

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given to anybody
_RESERVED = tuple(  # global by name, but tunnels to inner addresses, or services of a cloud
    map(
        ipaddress.ip_network,
        ("2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
)
_INNER = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain")


class Kind(StrEnum):
    """What stands behind an endpoint."""

    WECOM = "WECOM"
    DINGTALK = "DINGTALK"
    FEISHU = "FEISHU"
    WEBHOOK = "WEBHOOK"
    SMS = "SMS"
    WX = "WX"


# code -> (中文, English)
KIND_LABELS: dict[Kind, tuple[str, str]] = {
    Kind.WECOM: ("企业微信群机器人", "WeCom group robot"),
    Kind.DINGTALK: ("钉钉群机器人", "DingTalk group robot"),
    Kind.FEISHU: ("飞书群机器人", "Feishu group robot"),
    Kind.WEBHOOK: ("Webhook", "Webhook"),
    Kind.SMS: ("短信网关", "SMS gateway"),
    Kind.WX: ("微信网关", "WeChat gateway"),
}
BOTS = (Kind.WECOM, Kind.DINGTALK, Kind.FEISHU)
PROVIDERS = (Kind.SMS, Kind.WX)
# What a robot's key looks like: it becomes a part of an address that we build ourselves.
_KEYS = {
    Kind.WECOM: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    Kind.DINGTALK: re.compile(r"[0-9a-f]{64}"),
    Kind.FEISHU: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
_SECRET = re.compile(r"[A-Za-z0-9_\-]{8,100}", re.ASCII)


class AddressRefused(errors.Invalid):
    """This address may not be sent to."""

    zh = "不允许发送到该地址"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What an endpoint signs or identifies itself with.

    Shape: `key` is a robot's; `secret` signs; `previous` signs as well until an instant.
    """

    key: str = ""
    secret: str = ""
    previous: str = ""
    previous_until: datetime | None = None

    def rotated(self, secret: str, *, now: datetime) -> "Secrets":
        """Take a new secret; the old one signs beside it for a day."""
        return Secrets(
            key=self.key, secret=secret, previous=self.secret, previous_until=now + ROTATION
        )

    def signing(self, now: datetime) -> list[str]:
        """List the secrets that sign now, the newest first."""
        both = self.previous and self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous] if both else [self.secret]


def packed(secrets: Secrets) -> bytes:
    """Write secrets as what is encrypted."""
    until = secrets.previous_until
    return json.dumps(
        {
            "key": secrets.key,
            "secret": secrets.secret,
            "previous": secrets.previous,
            "previous_until": until.isoformat() if until else None,
        }
    ).encode()


def unpacked(text: bytes) -> Secrets:
    """Read what `packed` wrote."""
    read = json.loads(text)
    until = read.pop("previous_until")
    return Secrets(**read, previous_until=datetime.fromisoformat(until) if until else None)


def robot_problems(kind: Kind, *, key: str, secret: str) -> list[Problem]:
    """Say what is wrong with a robot's key and signing secret; WeCom has no secret."""
    problems = []
    if not _KEYS[kind].fullmatch(key):
        problems.append(problem("key", "TYPE"))
    if secret and (kind is Kind.WECOM or not _SECRET.fullmatch(secret)):
        problems.append(problem("secret", "TYPE"))
    return problems


def check_address(url: str, *, allowed: tuple[str, ...] = ()) -> None:
    """Make sure that an address is a public https one, as far as its text tells.

    Units: `allowed` lists `host:port` pairs of the operator's own, where http is fine too. What a
        name resolves to is asked when something is sent.
    Raises: AddressRefused.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise AddressRefused(problems=(problem("url", "TYPE"),)) from error
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not is_plain or "@" in parts.netloc or not host or parts.fragment:
        raise AddressRefused(problems=(problem("url", "TYPE"),))
    if f"{host}:{port}" in allowed and parts.scheme in ("http", "https"):
        return
    if (
        parts.scheme != "https"
        or (443 if port is None else port) not in PORTS
        or not _is_public(host)
    ):
        raise AddressRefused(
            problems=(
                problem(
                    "url",
                    "TYPE",
                    zh="只能填写公网的 https 地址(端口 443 或 8443)",
                    en="a public https address, port 443 or 8443",
                ),
            )
        )


def is_public_ip(text: str) -> bool:
    """Whether an address of the internet protocol is somebody else's, out there."""
    address = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return (
        address.is_global
        and not address.is_multicast
        and (address.version == 4 or address in _UNICAST)
        and not any(address in net for net in _RESERVED if net.version == address.version)
    )


def _is_public(host: str) -> bool:
    try:
        return is_public_ip(host)
    except ValueError:
        pass
    try:
        socket.inet_aton(host)  # 127.1, 2130706433, 0x7f.1 and 0177.1 are addresses as well
    except OSError:
        return bool(_HOST.fullmatch(host)) and not f".{host}".endswith(_INNER)
    return False
