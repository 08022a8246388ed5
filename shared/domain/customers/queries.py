"""Questions about customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, String, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers.models import Customer, Erasure
from shared.domain.customers.rules import contact as rules
from shared.domain.customers.rules import profile
from shared.forms.record import State

_NOT_ERASED = Customer.restricted_at.is_(None)


class NoSuchCustomer(errors.Missing):
    """There is no such customer."""

    zh = "找不到该顾客"


class NoSuchErasure(errors.Missing):
    """There is no such receipt."""

    zh = "找不到该删除记录"


def get(session: Session, customer_id: int) -> Customer:
    """Give one customer.

    Raises: NoSuchCustomer.
    """
    found = session.get(Customer, customer_id)
    if found is None or found.restricted_at is not None:
        raise NoSuchCustomer(customer_id=customer_id)
    return found


def known(session: Session, ids: Iterable[int]) -> set[int]:
    """Tell which of these customers exist, so that new records may be made of them."""
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(set(ids)), _NOT_ERASED)))


def hold(session: Session, ids: Iterable[int]) -> set[int]:
    """Hold the customers that exist among these ids until the transaction ends; give their ids.

    Locks: those customers, by id.
    """
    held = select(Customer.id).where(Customer.id.in_(set(ids)), _NOT_ERASED).order_by(Customer.id)
    return set(session.scalars(held.with_for_update()))


def same_people(session: Session, ids: Iterable[int]) -> dict[int, set[int]]:
    """Name for each customer all profiles that are one person: it, and those merged into it."""
    people = {one: {one} for one in ids}
    merged: dict[int, list[int]] = {}  # kept -> given up for it
    newer = known = set(people)
    while newer:
        found = session.execute(
            select(Customer.merged_into, Customer.id).where(Customer.merged_into.in_(newer))
        )
        for kept, gone in found:
            merged.setdefault(kept or 0, []).append(gone)  # those merged into none are not asked
        newer = {gone for one in newer for gone in merged.get(one, ())} - known
        known = known | newer
    for person in people.values():
        left = list(person)
        while left:
            added = set(merged.get(left.pop(), ())) - person
            person |= added
            left += added
    return people


def merged_into(session: Session) -> dict[int, int]:
    """Name for each profile that was given up the one that stays in the end."""
    given_up = select(Customer.id, Customer.merged_into).where(Customer.merged_into.is_not(None))
    step: dict[int, int] = {gone: kept for gone, kept in session.execute(given_up) if kept}
    stays = {}
    for gone in step:
        kept = step[gone]
        while kept in step:
            kept = step[kept]
        stays[gone] = kept
    return stays


def guests_of(session: Session, staff: Iterable[UUID]) -> dict[UUID, int]:
    """Count the guests who asked for each of these people; who has none is left out."""
    counted = session.execute(
        select(Customer.preferred_staff, func.count())
        .where(Customer.preferred_staff.in_(set(staff)), Customer.state != State.VOID)
        .group_by(Customer.preferred_staff)
    )
    return {person: count for person, count in counted if person is not None}


def whole_person(session: Session, customer_id: int) -> set[int]:
    """Name all profiles that are one person, whichever of them is asked about."""
    known: set[int] = set()
    newer: int | None = customer_id
    while newer is not None and newer not in known:
        known.add(newer)
        newer = session.scalar(select(Customer.merged_into).where(Customer.id == newer))
    return set().union(*same_people(session, known).values())


def looked_after_by(person_id: UUID) -> Select[int]:
    """Ask for the ids of a consultant's or beautician's own customers; for use in a question."""
    is_own = or_(Customer.consultant == person_id, Customer.preferred_staff == person_id)
    return select(Customer.id).where(is_own)


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Customer]:
    """Give the customers that exist among these ids, to name them; also erased ones."""
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
    same = select(Customer).where(Customer.phone == any_(wanted), _NOT_ERASED)
    for customer in session.scalars(same):
        found.setdefault(str(customer.phone), []).append(customer)
    return found


def search(
    session: Session, text: str, *, limit: int = 20, own_of: UUID | None = None
) -> Sequence[Customer]:
    """Find customers by the beginning of a number, a part of a name, the end of a phone number.

    Shape: `own_of` narrows to the guests of one person.

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
    found = select(Customer).where(or_(*matches), _NOT_ERASED)
    if own_of is not None:
        found = found.where(Customer.id.in_(looked_after_by(own_of)))
    in_order = found.order_by(exact_first.desc(), Customer.number)
    return session.scalars(in_order.limit(limit)).all()


def page(session: Session, *, after: str | None, limit: int) -> Sequence[Customer]:
    """List customers by number, those after a number."""
    listed = select(Customer).where(_NOT_ERASED)
    wanted = listed.order_by(Customer.number).limit(limit)
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
    session: Session, on: Sequence[date], *, own_of: UUID | None = None, limit: int | None = None
) -> Sequence[tuple[date, Customer]]:
    """List who has their birthday on one of these days, in their order; one person's guests only.

    Shape: a birthday is kept as `1990-06-10`, or `--06-10` without its year.
    """
    by_day = {written: day for day in on for written in profile.birth_days(day)}
    wanted = literal(list(by_day), ARRAY(String))
    month_and_day = func.right(Customer.birthday, 5)
    asked = select(month_and_day, Customer).where(
        month_and_day == any_(wanted), Customer.state != State.VOID, _NOT_ERASED
    )
    if own_of is not None:
        asked = asked.where(Customer.id.in_(looked_after_by(own_of)))
    in_order = asked.order_by(func.array_position(wanted, month_and_day), Customer.number)
    found = session.execute(in_order.limit(limit))
    return [(by_day[month_day], customer) for month_day, customer in found]


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
    if found is None or found.state == State.VOID or found.restricted_at is not None:
        return None
    agreed = found.consent_marketing if purpose == "marketing" else found.consent_service
    return Reachable(found.phone, tuple(found.no_call_times or ())) if agreed else None


def prepaid(session: Session) -> dict[int, tuple[int, int]]:
    """Give what profiles remember as left on their cards: stored value in fen, sessions."""
    columns = (Customer.id, Customer.balance_fen, Customer.sessions_left)
    has_any = (Customer.balance_fen != 0) | (Customer.sessions_left != 0)
    return {
        one: (fen, count) for one, fen, count in session.execute(select(*columns).where(has_any))
    }


def erasure(session: Session, erasure_id: int) -> Erasure:
    """Give one receipt of an erasure.

    Raises: NoSuchErasure.
    """
    found = session.get(Erasure, erasure_id)
    if found is None:
        raise NoSuchErasure(erasure_id=erasure_id)
    return found


def erasures(session: Session, *, limit: int, before: int | None = None) -> Sequence[Erasure]:
    """List the receipts of erasures, the newest first; those before one."""
    wanted = select(Erasure).order_by(Erasure.id.desc()).limit(limit)
    return session.scalars(wanted.where(Erasure.id < before) if before else wanted).all()


def unfinished_erasures(session: Session) -> Sequence[Erasure]:
    """List the erasures that were asked for and not done yet, the oldest first."""
    waiting = select(Erasure).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)
    return session.scalars(waiting).all()


def made_at(session: Session, *, restricted: bool) -> dict[int, datetime]:
    """Say when each profile was made, of those that are restricted or of the others."""
    is_open = _NOT_ERASED
    wanted = select(Customer.id, Customer.created_at).where(~is_open if restricted else is_open)
    return dict(session.execute(wanted).all())


def first_paid_between(
    session: Session, first: date, last: date, *, limit: int
) -> Sequence[Customer]:
    """List the customers who paid for the first time in some days, in the order of these days.

    Units: both ends are included.
    """
    return session.scalars(
        select(Customer)
        .where(Customer.first_paid_on.between(first, last), _NOT_ERASED)
        .order_by(Customer.first_paid_on, Customer.id)
        .limit(limit)
    ).all()
