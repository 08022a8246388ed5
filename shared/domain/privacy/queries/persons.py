"""Which rows of which tables are one person's; what is copied is what is erased.

Shape: a condition is SQL over one table; nothing is read here, so it costs what the caller asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.privacy.queries.inventory import REGISTER_OF, Holding, holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A guest: all profiles that became one, and the phone numbers that are nobody else's."""

    profiles: frozenset[int]
    phones: frozenset[str]


class Part(NamedTuple):
    """One table with the condition on a person's rows in it."""

    holding: Holding
    condition: ColumnElement[bool]


def person_of(session: Session, customer_id: int) -> Person:
    """Tell who a profile is, with those merged into it and those it was merged into."""
    return of_profiles(session, customers.whole_person(session, customer_id))


def of_profiles(session: Session, profiles: set[int]) -> Person:
    """Tell who exactly these profiles are."""
    rows = customers.by_ids(session, profiles).values()
    phones = {row.phone for row in rows if row.phone}
    shared = {
        phone
        for phone, owners in customers.by_phones(session, phones).items()
        if any(owner.id not in profiles for owner in owners)
    }
    return Person(profiles=frozenset(profiles), phones=frozenset(phones - shared))


def parts(person: Person) -> Iterator[Part]:
    """Give the tables that may hold rows of a person: first those that hang on others, then these.

    Shape: conditions ask about rows that come later, so whoever empties rows keeps the order.
    """
    found = [one for one in holdings().values() if one.is_a_guests]
    for holding in sorted(found, key=lambda one: (bool(one.of), one.table.name == "customers")):
        yield Part(holding, condition(holding, person))


def condition(holding: Holding, person: Person) -> ColumnElement[bool]:
    """Say which rows of a table are a person's."""
    if holding.of:
        return _named(holding, person)
    if holding.within:
        column, parent = holding.within
        of = holdings()[parent]
        rows = select(of.table.c.id).where(condition(of, person))
        return holding.table.c[column].in_(rows)
    if holding.by_record:
        return _of_records(holding, person)
    if holding.table.name == "deliveries":
        return or_(_addressed(holding, person), holding.table.c.id.in_(_told_in(person)))
    return _about(person) if holding.told else false()


def _named(holding: Holding, person: Person) -> ColumnElement[bool]:
    columns = [holding.table.c[name] for name in holding.of]
    found: list[ColumnElement[bool]] = [one.in_(sorted(person.profiles)) for one in columns]
    if holding.of_phone and person.phones:
        left = holding.table.c[holding.of_phone].in_(sorted(person.phones))
        found.append(and_(left, *(one.is_(None) for one in columns)))
    return or_(*found)


def _of_records(holding: Holding, person: Person) -> ColumnElement[bool]:
    table = holding.table
    return or_(
        *(
            and_(table.c.form == register.code, table.c.record_id.in_(_records(name, person)))
            for name, register in REGISTER_OF.items()
            if holdings()[name].is_a_guests
        )
    )


def _records(name: str, person: Person) -> Any:
    kept = holdings()[name]
    return select(kept.table.c.id).where(condition(kept, person))


def _addressed(holding: Holding, person: Person) -> ColumnElement[bool]:
    return holding.table.c.recipient.in_([f"customer:{one}" for one in sorted(person.profiles)])


def _about(person: Person) -> ColumnElement[bool]:
    told = holdings()["told_events"]
    guests = cast([f"customers/{one}" for one in sorted(person.profiles)], ARRAY(String))
    pointed = [told.table.c.about.overlap(guests)]
    for name, register in REGISTER_OF.items():
        if holdings()[name].is_a_guests:
            records = _records(name, person).subquery()
            pointer = literal(f"{register.code}/").concat(cast(records.c.id, String))
            several = select(func.array_agg(pointer)).scalar_subquery()
            pointed.append(told.table.c.about.overlap(cast(several, ARRAY(String))))
    return or_(_addressed(told, person), *pointed)


def _told_in(person: Person) -> Any:
    told = holdings()["told_events"].table
    return select(told.c.delivery_id).where(_about(person))
