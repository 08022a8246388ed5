"""What guests without an account may do: ask for a free time, look at their request, call it off.

Form: W1 online request; one public address per store, and one link for each request.
Units: a request holds no time; what a guest hears tells nothing about anybody else.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import errors
from shared.db.tenant_settings import change_setting, setting
from shared.domain.appointments.forms.appointment import GUEST_FIELDS
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import free
from shared.domain.appointments.rules.slots import Slot
from shared.domain.appointments.rules.stages import CancelReason, Channel, Stage
from shared.domain.appointments.service import moving
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.forms.kinds import SEPARATORS
from shared.forms.record import State
from shared.records import service as records
from shared.records.register import Editor

MOST_OF_PHONE = 3  # open requests
MOST_WAITING = 100  # of a store; more are somebody's joke
_SETTING = "booking_link"


class LinkGone(errors.Missing):
    """This link is no longer valid."""

    zh = "链接已失效"


class NotFree(errors.Conflict):
    """This time has just been taken; choose another one."""

    code = "OVERLAP"
    zh = "该时间刚被预约,请另选时间"


class TooManyRequests(errors.Unavailable):
    """Too many requests are waiting; please call us."""

    zh = "待确认的预约过多,请致电门店"


def public_secret(session: Session, *, now: datetime) -> str | None:
    """Give the secret of the address under which the store takes requests; None: it does not."""
    found: str | None = setting(session, _SETTING, default={"secret": None}, at=now)["secret"]
    return found


def open_public(session: Session, *, by: UUID, now: datetime) -> str:
    """Take requests from now on, under a new address; a former one is gone."""
    secret = secrets.token_urlsafe(12)
    change_setting(session, _SETTING, {"secret": secret}, by=by, now=now)
    return secret


def close_public(session: Session, *, by: UUID, now: datetime) -> None:
    """Take no more requests."""
    change_setting(session, _SETTING, {"secret": None}, by=by, now=now)


def check_public(session: Session, secret: str, *, now: datetime) -> None:
    """Make sure that the store takes requests under an address.

    Raises: LinkGone.
    """
    standing = public_secret(session, now=now)
    if standing is None or not secrets.compare_digest(standing.encode(), secret.encode()):
        raise LinkGone


def request(
    session: Session, *, typed: Mapping[str, Any], asked: free.Asked, by: Editor
) -> tuple[Appointment, str]:
    """Ask for a time that is free at this moment; give the request and the secret of its link.

    Shape: only a guest's own fields are taken from `typed`; `asked` looks for a time on its day.
    Emits: AppointmentRequested, Notify.
    Raises: NotFree, TooManyRequests, FormInvalid.
    """
    given = {name: typed[name] for name in GUEST_FIELDS if name in typed}
    _check_number(session, given)
    start = given.get("start_at")
    if isinstance(start, str) and not _is_free(session, replace(asked, most=1), start):
        raise NotFree
    given["channel"] = str(Channel.ONLINE)
    row: Appointment = records.keep_new(session, APPOINTMENTS, typed=given, by=by)
    secret = secrets.token_urlsafe(16)
    row.guest_key = _hash(secret)
    return row, secret


def by_secret(session: Session, secret: str) -> Appointment:
    """Give the appointment of a guest's own link.

    Raises: LinkGone.
    """
    row = session.scalars(
        select(Appointment).where(
            Appointment.guest_key == _hash(secret), Appointment.state != State.VOID
        )
    ).one_or_none()
    if row is None:
        raise LinkGone
    return row


def call_off(session: Session, secret: str, *, by: Editor) -> Appointment:
    """Cancel the appointment of a guest's own link.

    Emits: AppointmentCancelled, Notify.
    Raises: LinkGone, stages.StepRefused.
    """
    row = by_secret(session, secret)
    return moving.cancel(
        session, appointment_id=row.id, version=row.version, why=CancelReason.CUSTOMER, by=by
    )


def _check_number(session: Session, given: Mapping[str, Any]) -> None:
    waiting = select(func.count()).where(
        Appointment.stage == Stage.REQUESTED, Appointment.state == State.SUBMITTED
    )
    phone = str(given.get("contact_phone") or "").translate(SEPARATORS)
    of_phone = session.scalar(waiting.where(Appointment.contact_phone == phone)) or 0
    if of_phone >= MOST_OF_PHONE or (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooManyRequests(retry_after_seconds=3600)


def _is_free(session: Session, asked: free.Asked, start: str) -> bool:
    try:
        wished = datetime.fromisoformat(start)
    except ValueError:
        return True  # the form says what is wrong with it
    nearest: list[Slot] = free.free_slots(session, replace(asked, near=wished))
    return bool(nearest) and nearest[0].start_at == wished


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
