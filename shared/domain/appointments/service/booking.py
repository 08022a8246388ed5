"""The register of appointments: one that has a person and a room is booked, else it is a request.

Form: F03; W1: request, confirm, reschedule.
Locks: the customer's prospect when one is made; people, rooms and devices by the constraint.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from shared.domain.appointments.events import (
    AppointmentConfirmed,
    AppointmentMoved,
    AppointmentRequested,
)
from shared.domain.appointments.forms.appointment import READ_BACK
from shared.domain.appointments.forms.appointment import Appointment as AppointmentForm
from shared.domain.appointments.models.bookings import Appointment, Occupancy
from shared.domain.appointments.queries import occupancy
from shared.domain.appointments.rules.stages import (
    ASSIGNABLE,
    LIVE,
    MOST_NO_SHOWS,
    MOVABLE,
    NO_SHOWS_DAYS,
    Stage,
)
from shared.domain.appointments.service import checking, telling
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.queries import Offer
from shared.domain.customers import queries as customers
from shared.domain.customers.service import adding
from shared.events.jobs import publish_all
from shared.events.messages import Fact, Request
from shared.forms.record import State
from shared.records.register import Attempt, Editor, Register, Row, Sitting


class Appointments(Sitting):
    """Appointments judged at one sitting: guests, items, rooms and devices are read once."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        super().__init__(session, attempts)
        self._items = catalog.offers(
            session, {i for a in attempts for i in a.values["items"] or ()}
        )
        self._resources = checking.known_resources(session, attempts)
        self._guests = _guests(session, attempts)
        self._members = next((a.by.members() for a in attempts if a.by.members is not None), None)
        self._overlaps: dict[int, set[tuple[str, str]]] = {}  # id of an attempt -> on purpose

    def check(self, attempt: Attempt) -> None:
        """Judge one appointment."""
        stage = _stage(attempt)
        attempt.computed |= {"stage": stage, "agreed_at": _agreed_at(attempt)}
        _check_movable(attempt, stage)
        self._check_guest(attempt)
        items = checking.check_items(attempt, self._items)
        checking.check_time(self.session, attempt)
        checking.check_staff(attempt, self._members)
        needed = {item.device_kind for item in items if item.device_kind}
        is_booked = stage is not Stage.REQUESTED
        checking.check_resources(attempt, self._resources, needed, is_booked=is_booked)
        _check_readback(attempt, stage)
        self._check_health(attempt, items)
        if stage in LIVE:
            found = checking.check_overlaps(self.session, attempt, stage)
            self._overlaps[id(attempt)] = {one.who for one in found}
        if is_booked:
            self._check_reliable(attempt)

    def count_in(self, attempt: Attempt) -> None:
        """Make a first-timer a prospect, once somebody of the store takes the booking."""
        values, by = attempt.values, attempt.by
        if values["customer"] is None and by.id is not None:
            new = adding.NewCustomer(name=values["contact_name"], phone=values["contact_phone"])
            made = adding.add_customer(self.session, new=new, now=by.now, day=by.today, by=by.id)
            values["customer"] = made.id
            self._guests[made.id] = []

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Keep people, rooms and devices busy, and tell of it."""
        for row, attempt in written:
            occupy(
                self.session, row,
                on_purpose=self._overlaps.get(id(attempt), set()), by=attempt.by,
            )  # fmt: skip
        names = {one.id: one.name for one in self._items.values()}
        publish_all(
            self.session, [one for row, attempt in written for one in _news(row, attempt, names)]
        )

    def _check_guest(self, attempt: Attempt) -> None:
        """Know the guest; who types the name and phone of somebody known means that profile."""
        values = attempt.values
        is_desk = attempt.by.id is not None  # whoever else learns nothing of who is known here
        if is_desk and values["customer"] is None and values["contact_phone"] is not None:
            same = customers.by_phones(self.session, [values["contact_phone"]])
            known = [
                one.id for one in same.get(values["contact_phone"], []) if one.state != State.VOID
            ]
            if len(known) == 1:
                values["customer"] = known[0]
                self._guests |= _contraindicated(self.session, known)
        is_there = values["customer"] is None or values["customer"] in self._guests
        if not is_there and checking.moved(attempt, "customer"):  # else erased since
            attempt.refuse("customer", "NOT_FOUND")

    def _check_health(self, attempt: Attempt, items: Sequence[Offer]) -> None:
        """Ask the consultant where an item is not for this guest; which reason is health data."""
        is_booked_now = attempt.computed["stage"] != attempt.was.get("stage")
        is_new = is_booked_now or checking.moved(attempt, "items", "customer")
        if attempt.by.id is None or not is_new:
            return  # a guest hears nothing of it; the desk does when it confirms
        has = set(self._guests.get(attempt.values["customer"], ()))
        if any(has & set(item.contraindications) for item in items):
            attempt.warn("items", "CONTRAINDICATED", permission=("F04_health", "U"))

    def _check_reliable(self, attempt: Attempt) -> None:
        """Ask for a deposit from who did not come three times."""
        values = attempt.values
        is_new = attempt.was.get("stage") in (None, Stage.REQUESTED)
        if not is_new or values["customer"] is None or values["deposit_fen"]:
            return
        missed = occupancy.no_shows(self.session, values["customer"], now=attempt.by.now)
        if missed >= MOST_NO_SHOWS:
            attempt.warn(
                "deposit_fen", "CONFIRM", permission=("F03", "C"),
                zh=f"该顾客{NO_SHOWS_DAYS}天内爽约{missed}次,建议收取定金",
                en=f"did not come {missed} times in {NO_SHOWS_DAYS} days: ask for a deposit",
            )  # fmt: skip


def occupy(session: Session, row: Row, *, on_purpose: set[tuple[str, str]], by: Editor) -> None:
    """Keep busy what an appointment needs at its stage, and nothing else.

    Shape: `on_purpose` are those that a second person lets be booked twice.
    Locks: people, rooms and devices by the constraint; sqlalchemy's IntegrityError (23P01) when
        somebody else was quicker.
    """
    during = Range(row.start_at, row.end_at)
    needed = checking.wanted_by(row) if row.stage in LIVE and row.state != State.VOID else set()
    standing = session.scalars(select(Occupancy).where(Occupancy.appointment_id == row.id)).all()
    for one in standing:
        if (one.kind, one.who) in needed and one.during == during:
            needed.remove((one.kind, one.who))
        else:
            session.delete(one)
    session.flush()  # before the same place is taken at another time
    approver = by.approver_id or by.id
    busy = [
        {
            "appointment_id": row.id, "kind": kind, "who": who,
            "during": during,
            "is_deliberate": (kind, who) in on_purpose,
            "approved_by": approver if (kind, who) in on_purpose else None,
        }
        for kind, who in sorted(needed)
    ]  # fmt: skip
    if busy:
        session.execute(insert(Occupancy), busy)


def _stage(attempt: Attempt) -> Stage:
    values = attempt.values
    stood = attempt.was.get("stage")
    if stood not in (None, Stage.REQUESTED):
        return Stage(stood)
    is_whole = values["assigned_staff"] is not None and values["room"] is not None
    return Stage.CONFIRMED if is_whole else Stage.REQUESTED


def _agreed_at(attempt: Attempt) -> Any:
    is_same = attempt.before is not None and not checking.moved(attempt, "start_at")
    return attempt.before.agreed_at if attempt.before is not None and is_same else attempt.by.now


def _check_movable(attempt: Attempt, stage: Stage) -> None:
    """Refuse what cannot move any more; who is booked keeps a person and a room."""
    if attempt.before is None:
        return
    if stage not in MOVABLE:
        for name in ("start_at", "items", "customer"):
            if checking.moved(attempt, name):
                attempt.refuse(name, "STATE")
    for name in ("assigned_staff", "room"):
        if stage not in ASSIGNABLE and checking.moved(attempt, name):
            attempt.refuse(name, "STATE")
        elif stage is not Stage.REQUESTED and attempt.values[name] is None and attempt.was[name]:
            attempt.refuse(name, "REQUIRED")
    for name in ("equipment", "extra_minutes"):
        if stage not in ASSIGNABLE and checking.moved(attempt, name):
            attempt.refuse(name, "STATE")


def _check_readback(attempt: Attempt, stage: Stage) -> None:
    is_asked = attempt.values["channel"] in READ_BACK and stage is Stage.CONFIRMED
    if is_asked and not attempt.values["readback_done"]:
        attempt.refuse(
            "readback_done", "REQUIRED", zh="电话预约须复述确认", en="read it back to the caller"
        )


def _guests(session: Session, attempts: Sequence[Attempt]) -> dict[int, list[str]]:
    asked = {a.values["customer"] for a in attempts} - {None}
    return _contraindicated(session, customers.known(session, asked)) if asked else {}


def _contraindicated(session: Session, ids: Any) -> dict[int, list[str]]:
    found = customers.by_ids(session, ids)
    return {one.id: list(one.contraindications or ()) for one in found.values()}


def _news(row: Row, attempt: Attempt, items: Mapping[int, str]) -> Iterator[Fact | Request]:
    """Tell what became of an appointment: asked for, booked, moved."""
    told = telling.About(
        row, by=attempt.by, items=[items[one] for one in row.items if one in items]
    )
    was = attempt.was.get("stage")
    if row.stage == Stage.REQUESTED and was is None:
        yield AppointmentRequested(appointment_id=row.id)
        yield told.notice("appt.requested")
    elif row.stage == Stage.CONFIRMED and was != Stage.CONFIRMED:
        yield AppointmentConfirmed(appointment_id=row.id)
        yield told.notice("appt.confirmed")
    elif row.stage == Stage.CONFIRMED and checking.moved(attempt, "start_at", "assigned_staff"):
        old_day = attempt.by.day_of(attempt.was["start_at"])
        yield AppointmentMoved(appointment_id=row.id, old_day=old_day)
        if checking.moved(attempt, "start_at"):
            yield told.notice("appt.changed", to=(attempt.was["assigned_staff"],))


def _voided(session: Session, row: Row, attempt: Attempt) -> None:
    occupy(session, row, on_purpose=set(), by=attempt.by)


APPOINTMENTS = Register(
    form=AppointmentForm,
    model=Appointment,
    sitting=Appointments,
    voided=_voided,
    day=lambda values, by: by.day_of(values["start_at"]),
    owners=("assigned_staff", "requested_staff", "created_by"),
)
