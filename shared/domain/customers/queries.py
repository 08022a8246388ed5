"""Questions about customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import String, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import contact as rules
from shared.forms.record import State


class NoSuchCustomer(errors.Missing):
    """There is no such customer."""

    zh = "找不到该顾客"


def get(session: Session, customer_id: int) -> Customer:
    """Give one customer.

    Raises: NoSuchCustomer.
    """
    found = session.get(Customer, customer_id)
    if found is None:
        raise NoSuchCustomer(customer_id=customer_id)
    return found


def for_update(session: Session, customer_id: int) -> Customer | None:
    """Give one customer and hold the row; None when there is none.

    Locks: the customer.
    """
    return session.scalars(
        select(Customer)
        .where(Customer.id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def same_person(session: Session, customer_id: int) -> set[int]:
    """Name all profiles that are one person: this one and those merged into it, however often."""
    known, newer = {customer_id}, {customer_id}
    while newer:
        found = session.scalars(select(Customer.id).where(Customer.merged_into.in_(newer)))
        newer = set(found) - known
        known |= newer
    return known


def exists(session: Session, customer_id: int) -> bool:
    """Tell whether there is a customer with this id, merged ones too."""
    return session.scalar(select(Customer.id).where(Customer.id == customer_id)) is not None


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Customer]:
    """Give the customers that exist among these ids."""
    found = session.scalars(select(Customer).where(Customer.id.in_(set(ids))))
    return {customer.id: customer for customer in found}


def by_numbers(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    """Give the ids of the customers that exist among these numbers."""
    wanted = literal(sorted(set(numbers)), ARRAY(String))  # one parameter, however many they are
    found = session.execute(
        select(Customer.number, Customer.id).where(Customer.number == any_(wanted))
    )
    return dict(found.all())


def by_phones(session: Session, phones: Iterable[str]) -> dict[str, list[Customer]]:
    """Give the customers with these phone numbers; a number may be several people's."""
    wanted = literal(sorted(set(phones)), ARRAY(String))
    found: dict[str, list[Customer]] = {}
    for customer in session.scalars(select(Customer).where(Customer.phone == any_(wanted))):
        found.setdefault(str(customer.phone), []).append(customer)
    return found


def search(session: Session, text: str, *, limit: int = 20) -> Sequence[Customer]:
    """Find customers by the beginning of a number, a part of a name, the end of a phone number.

    No trigram index serves this: a Chinese name part of one or two characters holds no trigram,
    and a store has some thousand customers.
    """
    wanted = text.strip()
    if not wanted:
        return []
    matches = [
        Customer.number.istartswith(wanted, autoescape=True),
        Customer.name.icontains(wanted, autoescape=True),
    ]
    if rules.is_phone_tail(wanted):
        matches.append(Customer.phone.endswith(wanted, autoescape=True))
    exact_first = func.lower(Customer.number) == wanted.lower()
    return session.scalars(
        select(Customer)
        .where(or_(*matches))
        .order_by(exact_first.desc(), Customer.number)
        .limit(limit)
    ).all()


def page(session: Session, *, after: str | None, limit: int) -> Sequence[Customer]:
    """List customers by number, those after a number."""
    wanted = select(Customer).order_by(Customer.number).limit(limit)
    if after is not None:
        wanted = wanted.where(Customer.number > after)
    return session.scalars(wanted).all()


def new_counts(session: Session, first: date, last: date) -> dict[date, int]:
    """Count customers by the day they first paid; days without any are left out.

    Units: both ends are included.
    """
    counted = session.execute(
        select(Customer.first_paid_on, func.count())
        .where(Customer.first_paid_on.between(first, last))
        .group_by(Customer.first_paid_on)
    )
    return {day: count for day, count in counted if day is not None}


def birthdays(
    session: Session, on: Sequence[date], *, limit: int
) -> Sequence[tuple[date, str, str]]:
    """List who has their birthday on one of these days, in their order: day, name, number.

    Shape: a birthday is kept as `1990-06-10`, or `--06-10` without its year.
    """
    by_day = {f"{day:%m-%d}": day for day in on}
    wanted = literal(list(by_day), ARRAY(String))
    month_and_day = func.right(Customer.birthday, 5)
    found = session.execute(
        select(month_and_day, Customer.name, Customer.number)
        .where(month_and_day == any_(wanted), Customer.state != "VOID")
        .order_by(func.array_position(wanted, month_and_day), Customer.number)
        .limit(limit)
    )
    return [(by_day[text], name, number) for text, name, number in found]


@dataclass(frozen=True, slots=True)
class Reachable:
    """How a guest may be written to: the number, and the times he or she wants none."""

    phone: str | None
    no_call_times: tuple[str, ...]


def may_be_messaged(
    session: Session, customer_id: int, *, purpose: Literal["service", "marketing"]
) -> Reachable | None:
    """Say how a guest may be written to for a purpose; None without the consent for it.

    Shape: `no_call_times` are the guest's own, as `12:00-14:00`; none typed means the default.
    """
    found = session.get(Customer, customer_id)
    if found is None or found.state == State.VOID:
        return None
    agreed = found.consent_marketing if purpose == "marketing" else found.consent_service
    return Reachable(found.phone, tuple(found.no_call_times or ())) if agreed else None
