"""Judge every morning how active guests are, and list those who lapse.

Form: F02 activity, F04 last visit, F07-B; J06; event customer.activity.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Select, bindparam, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.db.inserting import upsert_all
from shared.db.tenant_settings import setting
from shared.domain.customers.models import Customer, GuestActivity
from shared.domain.customers.rules import activity as rules
from shared.domain.customers.rules import grading
from shared.domain.customers.rules.activity import ACTIVITIES, LAPSED, Activity, Limits
from shared.domain.customers.rules.grading import Grade
from shared.domain.customers.service.grading import GuestFigures
from shared.events.jobs import publish_all
from shared.events.notices import Notify
from shared.forms.record import State


def limits_at(session: Session, at: datetime) -> Limits:
    """Give the setting activity_days as it was at an instant."""
    return rules.limits_of(setting(session, rules.SETTING, default={}, at=at))


def judge(session: Session, *, figures: Sequence[GuestFigures], on: date, limits: Limits) -> int:
    """Judge all guests who ever came, on a day; the same day judged again gives the same rows.

    Units: a day that is judged after a later one was changes nothing. Gives how many there are.
    Locks: the rows that change; the profiles whose last visit moved, by id.
    Emits: Notify customer.activity for those whose state changed; of who is judged for the first
        time nobody is told.
    """
    guests = _guests(session)
    known = [one for one in figures if one.customer_id in guests]
    stood = dict(session.execute(select(GuestActivity.customer, GuestActivity.state)).all())
    if (session.scalar(select(func.max(GuestActivity.judged_on))) or on) > on:
        return len(stood)
    rows = [_judged(one, guests[one.customer_id], limits, on) for one in known]
    upsert_all(session, GuestActivity, rows, key=("customer",))
    note_last_visits(session, {one.customer_id: one.last_visit for one in known})
    publish_all(
        session,
        [
            _told(row, guests[row["customer"]].consultant, on)
            for row in rows
            if stood.get(row["customer"], row["state"]) != row["state"]
        ],
    )
    return len(rows)


_NOTE = text(
    """
    WITH visit AS (SELECT unnest(:ids) AS id, unnest(:days) AS day),
    moved AS (
        SELECT c.id, visit.day FROM customers c JOIN visit USING (id)
        WHERE c.last_visit IS DISTINCT FROM visit.day
              AND NOT (:only_later AND coalesce(c.last_visit > visit.day, false))
        ORDER BY c.id FOR UPDATE OF c
    )
    UPDATE customers c SET last_visit = moved.day FROM moved WHERE c.id = moved.id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("days", type_=ARRAY(Date)))


def note_last_visits(
    session: Session, visits: Mapping[int, date], *, only_later: bool = False
) -> None:
    """Keep on the profiles when guests last came; of a part of all visits only what is later.

    Locks: the profiles whose last visit moves, by id.
    """
    if visits:
        noted = {"ids": list(visits), "days": list(visits.values()), "only_later": only_later}
        session.execute(_NOTE, noted)


def standing(session: Session, customer_id: int) -> GuestActivity | None:
    """Give how active a guest is; None for who never came."""
    return session.get(GuestActivity, customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """Which of the lapsing guests are asked for, and after whom the page begins.

    Shape: `after` is (value at risk, id) of the last one seen.
    """

    states: Collection[str] = LAPSED
    own_of: UUID | None = None
    grade: str | None = None
    consultant: UUID | None = None
    after: tuple[int, int] | None = None
    limit: int = 50


def lapsing(session: Session, asked: Lapse) -> Sequence[Any]:
    """List guests who stay away, the most value at risk first.

    Form: F07-B.
    Shape: rows (customer, activity).
    """
    place = tuple_(GuestActivity.at_risk_fen, GuestActivity.customer)
    wanted = _lapsing(select(Customer, GuestActivity), asked)
    if asked.after is not None:
        wanted = wanted.where(place < tuple_(*asked.after))
    newest = (GuestActivity.at_risk_fen.desc(), GuestActivity.customer.desc())
    return session.execute(wanted.order_by(*newest).limit(asked.limit)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """How many guests are in a state, and how much value is at risk with them."""

    state: str
    guests: int
    at_risk_fen: int


def counted(session: Session, asked: Lapse) -> list[Lapsed]:
    """Count the guests of each activity, whatever states were asked for; in the states' order."""
    everyone = Lapse(
        states=tuple(Activity), own_of=asked.own_of, grade=asked.grade, consultant=asked.consultant
    )
    wanted = _lapsing(
        select(GuestActivity.state, func.count(), func.sum(GuestActivity.at_risk_fen)), everyone
    )
    rows = session.execute(wanted.group_by(GuestActivity.state))
    found = {state: (count, int(fen)) for state, count, fen in rows}
    return [
        Lapsed(state=one, guests=found.get(one, (0, 0))[0], at_risk_fen=found.get(one, (0, 0))[1])
        for one in Activity
    ]


def _lapsing(wanted: Select[*tuple[Any, ...]], asked: Lapse) -> Select[*tuple[Any, ...]]:
    wanted = (
        wanted.select_from(GuestActivity)
        .join(Customer, Customer.id == GuestActivity.customer)
        .where(
            GuestActivity.state.in_(asked.states),
            Customer.state != State.VOID,
            Customer.restricted_at.is_(None),
        )
    )
    if asked.own_of is not None:
        wanted = wanted.where(
            or_(Customer.consultant == asked.own_of, Customer.preferred_staff == asked.own_of)
        )
    if asked.grade is not None:
        wanted = wanted.where(Customer.grade == asked.grade)
    if asked.consultant is not None:
        wanted = wanted.where(Customer.consultant == asked.consultant)
    return wanted


def _guests(session: Session) -> dict[int, Any]:
    living = select(Customer.id, Customer.consultant, Customer.grade).where(
        Customer.state != State.VOID, Customer.restricted_at.is_(None)
    )
    return {row.id: row for row in session.execute(living)}


def _judged(one: GuestFigures, guest: Any, limits: Limits, on: date) -> dict[str, Any]:
    traces = one.traces
    state = rules.activity(traces, limits, on=on)
    cycle = grading.CYCLES[Grade(guest.grade or Grade.C)]
    return {
        "customer": one.customer_id,
        "state": state,
        "since": rules.since(state, traces, limits),
        "judged_on": on,
        "last_visit": traces.last_visit,
        "spend_12m_fen": one.spend_12m_fen,
        "at_risk_fen": rules.at_risk_fen(
            one.spend_12m_fen, away_days=(on - traces.last_visit).days, limits=limits
        ),
        "next_contact": grading.next_contact(traces.met_on, cycle, on=on),
    }


def _told(row: Mapping[str, Any], consultant: UUID | None, on: date) -> Notify:
    zh, en = ACTIVITIES[row["state"]]
    return Notify(
        event="customer.activity",
        key=f"{row['customer']}/{row['state']}/{row['since']}",
        facts={"state": zh, "days": str((on - row["last_visit"]).days)},
        facts_en={"state": en},
        records={"customer": f"customers/{row['customer']}"},
        to_people=(consultant,) if consultant else (),
    )
