"""Who hears of an event: the members it goes to, and how a recipient is named in the tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.domain.notifications.rules.catalogue import Channel, Event
from shared.events.notices import Notify

MANAGERS = frozenset({"MGR", "HQA"})
OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who works in this tenant, as a notice needs to know him or her."""

    id: UUID
    roles: frozenset[str]
    locale: str
    mail: str | None = None
    phone: str | None = None

    def address(self, channel: Channel) -> str | None:
        """Say how this channel reaches the person; None when it does not."""
        return self.mail if channel is Channel.MAIL else self.phone


def person(person_id: UUID) -> str:
    """Name a person in the tables."""
    return f"person:{person_id}"


def customer(customer_id: int) -> str:
    """Name a guest in the tables."""
    return f"customer:{customer_id}"


def endpoint(endpoint_id: UUID) -> str:
    """Name an endpoint in the tables."""
    return f"endpoint:{endpoint_id}"


def staff_for(event: Event, notice: Notify, members: Iterable[Member]) -> list[Member]:
    """List who of the staff hears of it; the managers when nobody is left.

    Units: whoever is named by the publisher and no member any more hears nothing.
    """
    listed = list(members)
    named = set(notice.to_people)
    roles = frozenset(notice.to_roles) or _own_roles(event, is_somebody_named=bool(named))
    heard = [one for one in listed if one.id in named or one.roles & roles]
    if not heard and (roles or named):
        heard = [one for one in listed if one.roles & MANAGERS]
    return heard


def _own_roles(event: Event, *, is_somebody_named: bool) -> frozenset[str]:
    return event.roles if is_somebody_named else event.roles | event.named
