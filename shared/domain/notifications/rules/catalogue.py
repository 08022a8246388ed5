"""The events of specification 11: recipients, channels and default texts.

Shape: `catalogue.toml` beside this file explains its fields.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from shared import errors

_FILE = Path(__file__).with_name("catalogue.toml")


class Channel(StrEnum):
    """How a notice reaches somebody."""

    APP = "APP"  # 站内: the inbox
    MAIL = "MAIL"
    SMS = "SMS"
    WX = "WX"  # 微信, through the store's provider
    BOT = "BOT"  # a chat group's robot
    HOOK = "HOOK"  # a signed webhook


# code -> (中文, English)
CHANNEL_LABELS: dict[Channel, tuple[str, str]] = {
    Channel.APP: ("站内", "Inbox"),
    Channel.MAIL: ("邮件", "Mail"),
    Channel.SMS: ("短信", "SMS"),
    Channel.WX: ("微信", "WeChat"),
    Channel.BOT: ("群机器人", "Group robot"),
    Channel.HOOK: ("Webhook", "Webhook"),
}


class NoSuchEvent(errors.Missing):
    """There is no such event."""

    zh = "没有这个通知事件"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages, placeholders in braces."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the table."""

    name: str
    staff: Wording
    guest_text: Wording
    roles: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    hq: frozenset[str] = frozenset()
    operator: bool = False
    channels: tuple[Channel, ...] = ()
    urgent_channels: tuple[Channel, ...] = ()
    guest: tuple[Channel, ...] = ()
    purpose: str = "service"
    passes: str = "never"
    obliges: bool = False

    def passes_quiet_hours(self, *, is_urgent: bool) -> bool:
        """Whether it may wake somebody: L1 complaints and cash alerts."""
        return self.passes == "always" or (self.passes == "urgent" and is_urgent)

    def may_be_switched_off(self, *, is_urgent: bool) -> bool:
        """Whether a person's opt-out counts: not for L1 complaints, cash, survey deadlines."""
        return not self.obliges and not self.passes_quiet_hours(is_urgent=is_urgent)

    def channels_for(self, *, is_urgent: bool) -> tuple[Channel, ...]:
        """List by what staff hears of it."""
        return (*self.channels, *(self.urgent_channels if is_urgent else ()))


@cache
def events() -> dict[str, Event]:
    """Read the table, in its order."""
    with _FILE.open("rb") as file:
        rows = tomllib.load(file)
    return {name: _event(name, row) for name, row in rows.items()}


def event(name: str) -> Event:
    """Give one row.

    Raises: NoSuchEvent.
    """
    found = events().get(name)
    if found is None:
        raise NoSuchEvent(event=name)
    return found


def _event(name: str, row: dict[str, Any]) -> Event:
    text = Wording(row.pop("zh"), row.pop("en"))
    guest_text = Wording(row.pop("guest_zh", text.zh), row.pop("guest_en", text.en))
    for field in ("roles", "named", "hq"):
        row[field] = frozenset(row.get(field, ()))
    for field in ("channels", "urgent_channels", "guest"):
        row[field] = tuple(Channel(code) for code in row.get(field, ()))
    return Event(name=name, staff=text, guest_text=guest_text, **row)
