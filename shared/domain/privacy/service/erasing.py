"""Erase a guest in place: words, pictures, files and histories go, amounts and counts stay.

Shape: what each table loses follows from the classes of its columns (queries/inventory.py). Files
    go last: the caller's commit follows, and what was begun and not committed is done again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, String, Update, delete, literal, null, or_, select, update
from sqlalchemy.orm import Session

from shared.domain.customers.service import erasing as customers
from shared.domain.customers.service.erasing import MARK, Outcome
from shared.domain.notifications.service import forgetting as notices
from shared.domain.privacy.queries.inventory import REGISTER_OF, holdings
from shared.domain.privacy.queries.persons import Part, Person, parts
from shared.domain.privacy.service import words
from shared.domain.surveys.service import links
from shared.files import Shelf
from shared.forms.record import declared_fields
from shared.records import answers, attachments, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The tenant in which somebody is erased, and its files."""

    tenant: str
    pictures: Shelf
    runs: Shelf


def house_of(tenant_name: str) -> House:
    """Give a tenant's files."""
    pictures, made = Shelf(tenant_name, "attachments"), Shelf(tenant_name, "runs")
    return House(tenant=tenant_name, pictures=pictures, runs=made)


def erase(session: Session, person: Person, *, house: House, now: datetime) -> Outcome:
    """Erase all that is held about a person; done twice it is the same.

    Locks: all runs that have a file; the person's rows; every row that names the person.
    Raises: files.StoreAway.
    """
    naming = words.naming(session, person)
    tables = {part.holding.table.name: part for part in parts(person)}
    pictures = _ids(session, tables["attachments"])
    messages = _ids(session, tables["deliveries"])
    counts = {
        "record_runs": runs.forget_all(session, house.runs, now=now),
        "idempotency": answers.forget_all(session),
    }
    for name, part in tables.items():
        counts[name] = sum(_rows(session, one) for one in _changes(part))
    counts["attachments"] = attachments.erase(session, pictures, now=now)
    counts["deliveries"] = notices.rewrite(session, messages, gone=person.profiles)
    links.end_links_of(session, person.profiles, now=now)
    customers.empty_profiles(session, person.profiles, now=now)
    elsewhere = words.take_out(session, naming, tenant=house.tenant)
    house.pictures.delete(pictures)
    rows = {name: count for name, count in counts.items() if count}
    return Outcome(rows=rows, files=counts["attachments"], words=elsewhere)


def _ids(session: Session, part: Part) -> list[Any]:
    return list(session.scalars(select(part.holding.table.c.id).where(part.condition)))


def _rows(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _changes(part: Part) -> Iterator[Any]:
    holding, table = part.holding, part.holding.table
    if holding.deleted:
        yield delete(table).where(part.condition)
    elif table.name == "record_change_values":
        yield from _values_gone(part)
    elif table.name != "deliveries" and (columns := list(holding.columns())):
        yield _emptied(part, columns)


def _emptied(part: Part, columns: list[Column[Any]]) -> Update:
    blanks = {one.name: _blank(one) for one in columns}
    full = or_(*(one.is_distinct_from(blanks[one.name]) for one in columns))
    return update(part.holding.table).where(part.condition, full).values(blanks)


def _blank(column: Column[Any]) -> Any:
    if column.nullable:
        return null()
    if not isinstance(column.type, String):
        return literal([], column.type)
    default = getattr(column.server_default, "arg", MARK)
    return literal(default, column.type)


def _values_gone(part: Part) -> Iterator[Any]:
    """Give up the values of fields that hold what is personal; what a gift cost stays."""
    values, changes = part.holding.table, holdings()["record_changes"].table
    for register in REGISTER_OF.values():
        known = declared_fields(register.form)
        kept = [name for name, found in known.items() if found.metadata["class"] == "none"]
        of_form = select(changes.c.id).where(changes.c.form == register.code)
        yield delete(values).where(
            part.condition, values.c.change_id.in_(of_form), values.c.field.not_in(kept)
        )
