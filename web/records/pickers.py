"""What a form points to, by name: records, items and staff; found while one types.

Shape: one query for each kind of reference, however many rows name it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from flask import g
from marshmallow import fields
from sqlalchemy.orm import Session

from shared.domain.appointments.queries import resources, visits
from shared.domain.appointments.rules.resources import Kind
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.domain.customers.service.profiles import PROFILES
from shared.forms.kinds import Reference, References
from shared.forms.masking import masked_name, masked_phone
from shared.records import queries
from shared.records.directories import pointed
from shared.records.searching import search_text
from tenants.people.colleagues import Colleague, colleagues

MOST = 12  # more than a list under a field can show is searched further


class Found(NamedTuple):
    """One match: its id, what it is called, what tells it from its namesakes."""

    id: int
    text: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A list that a reference is picked from; `resource` is who may look through it.

    Shape: `every` gives a list that is short enough to be ticked.
    """

    resource: str
    names: Callable[[Session, Collection[int]], dict[int, str]]
    search: Callable[[Session, str], list[Found]]
    every: Callable[[Session], dict[int, str]] | None = None


def _customer_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    found = customers.by_ids(session, ids)
    return {row.id: _customer_name(row.name) for row in found.values()}


def _customers(session: Session, text: str) -> list[Found]:
    own = g.actor.id if g.actor.reach(PROFILES.form.sheet.resource, "R") == "own" else None
    asked = queries.Asked(text=text, sort="name", limit=MOST, own_of=own)
    return [
        Found(row.id, _customer_name(row.name), _told_apart(row.number, row.phone))
        for row in queries.page(session, PROFILES, asked)
    ]


def _told_apart(number: str, phone: str | None) -> str:
    return f"{number} {masked_phone(phone) or ''}".strip()


def _customer_name(name: str) -> str:
    reach = g.actor.reach(PROFILES.form.sheet.resource, "R")
    return name if reach in ("all", "own") else masked_name(name)


def _item_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    return {row.id: f"{row.code} {row.name}" for row in catalog.by_ids(session, ids).values()}


def _items(session: Session, text: str) -> list[Found]:
    return _matching(_every_item(session), text)


def _every_item(session: Session) -> dict[int, str]:
    offered = catalog.items(session, on_sale_on=g.today)
    return {row.id: f"{row.code} {row.name}" for row in offered}


def _resources(kind: Kind) -> Place:
    """Rooms or devices, as few as a store has."""

    def every(session: Session) -> dict[int, str]:
        return {one.id: one.name for one in resources.listed(session, kind)}

    return Place(
        resource="F03",
        names=lambda session, ids: {
            one.id: one.name for one in resources.by_ids(session, ids).values()
        },
        search=lambda session, text: _matching(every(session), text),
        every=every,
    )


def _visits(session: Session, text: str) -> list[Found]:
    found = visits.by_numbers(session, [text.strip().upper()])
    return [Found(one, number, "") for number, one in found.items()]


def _matching(listed: Mapping[int, str], text: str) -> list[Found]:
    """Find in a short list, read whole, so that pinyin initials find too."""
    words = text.casefold().split()
    found = [
        Found(one, name, "")
        for one, name in listed.items()
        if all(word in search_text((name,)) for word in words)
    ]
    return found[:MOST]


PLACES: dict[str, Place] = {
    "customers": Place(resource="F04", names=_customer_names, search=_customers),
    "items": Place(resource="catalog", names=_item_names, search=_items, every=_every_item),
    "places": _resources(Kind.PLACE),
    "devices": _resources(Kind.DEVICE),
    "visits": Place(
        resource="visits",
        names=lambda session, ids: {
            one.id: one.number for one in visits.by_ids(session, ids).values()
        },
        search=_visits,
    ),
}


class Names:
    """What the references and people of some records are called, asked for once.

    Shape: `records` are (kind of list, id) -> name; a person who is no member has none.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, int], str] = {}
        self._staff: dict[UUID, Colleague] | None = None

    @property
    def staff(self) -> dict[UUID, Colleague]:
        """The members of this tenant by name; read when first asked for."""
        if self._staff is None:
            self._staff = colleagues(g.tenant)
        return self._staff

    def person(self, person_id: Any) -> str:
        """Name a member by an id or its text; empty for anybody else."""
        try:
            known = self.staff.get(person_id if isinstance(person_id, UUID) else UUID(person_id))
        except (ValueError, TypeError):
            return ""
        return known.name if known else ""

    def choices(self, role: str) -> list[tuple[str, str]]:
        """List the members who have a role, for a choice."""
        return [(str(one), who.name) for one, who in self.staff.items() if role in who.roles]

    def learn(
        self,
        session: Session,
        known: Mapping[str, fields.Field[Any]],
        rows: Iterable[Mapping[str, Any]],
    ) -> None:
        """Read what the references in some records' JSON values are called."""
        listed = list(rows)
        wanted: dict[str, set[int]] = {}
        for name, found in known.items():
            if isinstance(found, (Reference, References)):
                ids = {
                    one for row in listed for one in pointed(row.get(name)) if isinstance(one, int)
                }
                wanted.setdefault(found.to, set()).update(ids)
        for to, ids in wanted.items():
            missing = {one for one in ids if (to, one) not in self.records}
            if missing:
                read = PLACES[to].names(session, missing)
                self.records.update({(to, one): text for one, text in read.items()})

    def every(self, session: Session, to: str) -> dict[int, str]:
        """List what may be ticked of a short list, with what was ticked before it left."""
        ticked = {one: text for (of, one), text in self.records.items() if of == to}
        offered = PLACES[to].every
        return {**(offered(session) if offered else {}), **ticked}

    def record(self, to: str, record_id: Any) -> str:
        """Name what a reference to a list points to; what is not there keeps its number."""
        return self.records.get((to, record_id), f"#{record_id}")
