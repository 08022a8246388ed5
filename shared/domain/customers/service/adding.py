"""Add customers, and remember when they first paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Date, String, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import contact as rules
from shared.records.searching import search_text


class CustomerNumberTaken(errors.Conflict):
    """Another customer has this number."""

    code = "DUPLICATE"
    zh = "顾客编号已被使用"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A customer before he or she is added; without a number the store gives one."""

    name: str
    number: str | None = None
    phone: str | None = None


def add_customer(
    session: Session,
    *,
    new: NewCustomer,
    now: datetime,
    day: date | None = None,
    by: UUID | None = None,
) -> Customer:
    """Add a customer; `day` and `by` say when and who, if a person did it.

    Raises: CustomerNumberTaken.
    """
    values = {
        "number": new.number or uuid4().hex,
        "name": new.name,
        "phone": new.phone,
        "business_date": day,
        "created_at": now,
        "created_by": by,
        "search_text": search_text([new.name, new.phone, new.number]),
    }
    added = session.scalars(
        insert(Customer)
        .values(values)
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(Customer)
    ).one_or_none()
    if added is None:
        taken = errors.problem("number", "DUPLICATE")
        raise CustomerNumberTaken(number=new.number, problems=(taken,))
    if new.number is None:
        added.number = free_number(session, added.id)
        session.flush()  # whoever adds next sees the number
    return added


# One statement for all; the locked old row tells which day loses its new customer. Ordered, so
# that two runs never wait for each other crosswise.
_NOTE = text(
    """
    WITH visit AS (SELECT unnest(:ids) AS id, unnest(:days) AS day),
    old AS (
        SELECT c.id, c.first_paid_on, visit.day FROM customers c JOIN visit USING (id)
        WHERE c.first_paid_on IS NULL OR c.first_paid_on > visit.day
        ORDER BY c.id FOR UPDATE OF c
    )
    UPDATE customers c SET first_paid_on = old.day FROM old WHERE c.id = old.id
    RETURNING old.first_paid_on, old.day
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("days", type_=ARRAY(Date)))


def note_paid_visits(session: Session, visits: Mapping[int, date]) -> set[date]:
    """Remember paid visits; give the days whose number of new customers changed by it.

    Shape: customer id -> the earliest of the days noted now.
    Locks: the customers whose first day moves, by id.
    """
    if not visits:
        return set()
    moved = session.execute(_NOTE, {"ids": list(visits), "days": list(visits.values())})
    return {day for row in moved for day in row if day is not None}


_NOTE_PREPAID = text(
    """
    UPDATE customers c SET balance_fen = given.balance_fen, sessions_left = given.sessions_left
    FROM unnest(:ids, :balances, :sessions) AS given (id, balance_fen, sessions_left)
    WHERE c.id = given.id
    """
).bindparams(
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("ids", "balances", "sessions"))
)


def note_prepaid(session: Session, left: Mapping[int, tuple[int, int]]) -> None:
    """Remember what profiles have left on their cards.

    Shape: customer id -> (stored value in fen, sessions).
    Locks: those customers.
    """
    given = {
        "ids": list(left),
        "balances": [balance_fen for balance_fen, _ in left.values()],
        "sessions": [sessions for _, sessions in left.values()],
    }
    session.execute(_NOTE_PREPAID, given)


_ADD_MISSING = text(
    """
    INSERT INTO customers (number, name, phone, search_text, created_at)
    SELECT DISTINCT ON (number) number, coalesce(name, number), phone, search_text, :now
    FROM unnest(:numbers, :names, :phones, :found_by) AS given (number, name, phone, search_text)
    ORDER BY number, name NULLS LAST
    ON CONFLICT (number) DO NOTHING
    """
).bindparams(
    *(bindparam(name, type_=ARRAY(String)) for name in ("numbers", "names", "phones", "found_by"))
)


def add_missing(session: Session, news: list[NewCustomer], *, now: datetime) -> dict[str, int]:
    """Add those customers whose number is new; give the ids of all of them by number.

    Units: a customer already known keeps name and phone; without a name the number stands for it.
    """
    named = [new for new in news if new.number is not None]
    numbers = [str(new.number) for new in named]
    given = {
        "numbers": numbers,
        "names": [new.name or None for new in named],
        "phones": [new.phone for new in named],
        "found_by": [search_text([new.name, new.phone, new.number]) for new in named],
    }
    session.execute(_ADD_MISSING, {**given, "now": now})
    return queries.by_numbers(session, numbers)


def free_number(session: Session, row_id: int) -> str:
    """Make a number of ours that no other customer has."""
    number = rules.own_number(row_id)
    return f"{number}-{uuid4().hex[:4]}" if queries.by_numbers(session, [number]) else number
