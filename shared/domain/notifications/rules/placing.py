"""Decide for each message: when it goes out, or why it does not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.domain.notifications.rules.catalogue import Channel, Event
from shared.domain.notifications.rules.delivery import (
    MERGE_WITHIN,
    NO_CALL_DEFAULT,
    State,
    Window,
    Withheld,
    after_all,
)
from shared.domain.notifications.rules.people import OPERATOR, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message stands from its beginning."""

    state: State
    due_at: datetime
    reason: Withheld | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What of the tenant decides it; `carriers` are the channels that are set up."""

    zone: str
    quiet: Window
    carriers: frozenset[Channel]
    switched_off: set[tuple[UUID, str]] = field(default_factory=set)


def for_staff(
    event: Event, member: Member, channel: Channel, *, is_urgent: bool, house: House, now: datetime
) -> Place:
    """Place a message to one of the staff.

    Units: quiet hours hold back all but L1 complaints and cash alerts. Messages that leave the
        house wait ten minutes for others of their kind, unless they may wake somebody.
    """
    if (member.id, channel) in house.switched_off and event.may_be_switched_off(
        is_urgent=is_urgent
    ):
        return _withheld(Withheld.SWITCHED_OFF, now)
    passes = event.passes_quiet_hours(is_urgent=is_urgent)
    if channel is Channel.APP:
        due = now if passes else after_all(now, zone=house.zone, quiet=[house.quiet])
        return Place(state=State.SENT, due_at=due)
    if channel not in house.carriers:
        return _withheld(Withheld.NOT_SET_UP, now)
    if member.address(channel) is None:
        return _withheld(Withheld.NO_ADDRESS, now)
    return Place(state=State.WAITING, due_at=_due(house, now, passes=passes))


def for_group(
    event: Event, channel: Channel, *, is_urgent: bool, house: House, now: datetime
) -> Place:
    """Place a message to a chat group, which sleeps at night as its people do, or to a machine."""
    passes = channel is Channel.HOOK or event.passes_quiet_hours(is_urgent=is_urgent)
    return Place(state=State.WAITING, due_at=_due(house, now, passes=passes))


def for_guest(
    event: Event,
    channel: Channel,
    *,
    phone: str | None,
    no_call: Iterable[Window],
    house: House,
    now: datetime,
) -> Place:
    """Place a message to a guest who agreed to it: at once; marketing not in the no-call times."""
    if channel not in house.carriers:
        return _withheld(Withheld.NOT_SET_UP, now)
    if not phone:
        return _withheld(Withheld.NO_ADDRESS, now)
    quiet = quiet_for(
        event, channel, to="customer", is_urgent=False, quiet=house.quiet, no_call=no_call
    )
    return Place(state=State.WAITING, due_at=after_all(now, zone=house.zone, quiet=quiet))


def quiet_for(
    event: Event,
    channel: Channel,
    *,
    to: str,
    is_urgent: bool,
    quiet: Window,
    no_call: Iterable[Window],
) -> list[Window]:
    """List the windows in which a message to a person, customer, endpoint or operator waits."""
    if to == "customer":
        is_wanted = event.purpose != "marketing"
        return [] if is_wanted else [quiet, *(tuple(no_call) or NO_CALL_DEFAULT)]
    is_heard = channel is Channel.HOOK or to == OPERATOR
    return [] if is_heard or event.passes_quiet_hours(is_urgent=is_urgent) else [quiet]


def no_consent(now: datetime) -> Place:
    """Place a message to a guest who did not agree to it."""
    return _withheld(Withheld.NO_CONSENT, now)


def for_operator(*, house: House, has_address: bool, now: datetime) -> Place:
    """Place a message to the operator of the platform."""
    if Channel.MAIL not in house.carriers or not has_address:
        return _withheld(Withheld.NOT_SET_UP, now)
    return Place(state=State.WAITING, due_at=now)


def _due(house: House, now: datetime, *, passes: bool) -> datetime:
    if passes:
        return now
    return after_all(now + MERGE_WITHIN, zone=house.zone, quiet=[house.quiet])


def _withheld(reason: Withheld, now: datetime) -> Place:
    return Place(state=State.WITHHELD, due_at=now, reason=reason)
