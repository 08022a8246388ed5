"""What a booking must be: judged against items, rooms, devices, opening hours and other bookings.

Form: F03 validation.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Resource
from shared.domain.appointments.queries import occupancy, resources
from shared.domain.appointments.queries.occupancy import Taken, Who
from shared.domain.appointments.rules import slots
from shared.domain.appointments.rules.resources import SERVING, Busy, Condition, Kind
from shared.domain.appointments.rules.stages import CHANGE_OVER_MINUTES, STEP_MINUTES, Stage
from shared.domain.catalog.queries import Offer
from shared.domain.catalog.rules import Category
from shared.records import opening
from shared.records.register import Attempt

FARTHEST_DAYS = 366
LASTING = ("start_at", "items", "extra_minutes")  # what says from when to when
FIELDS = {
    Busy.GUEST: "customer",
    Busy.STAFF: "assigned_staff",
    Busy.PLACE: "room",
    Busy.DEVICE: "equipment",
}


def moved(attempt: Attempt, *names: str) -> bool:
    """Tell whether one of these fields is new or changed."""
    return any(attempt.values[name] != attempt.was.get(name) for name in names)


def check_items(attempt: Attempt, items: Mapping[int, Offer]) -> list[Offer]:
    """Judge the items and compute how long they take; give those that are there."""
    wanted: Sequence[int] = attempt.values["items"] or ()
    stood = attempt.was.get("items") or ()
    found = [items[one] for one in wanted if one in items]
    if len(found) < len(wanted):
        attempt.refuse("items", "NOT_FOUND")
    for item in found:
        is_treatment = item.category != Category.PRODUCT
        if item.id not in stood and not (is_treatment and item.is_on_sale(attempt.by.today)):
            attempt.refuse("items", "STATE", zh="该项目不可预约", en="cannot be booked")
    extra = attempt.values["extra_minutes"] or 0
    minutes = sum(item.duration_minutes for item in found) + CHANGE_OVER_MINUTES + extra
    if extra % STEP_MINUTES:
        attempt.refuse("extra_minutes", "RANGE", zh="须为5分钟的整数倍", en="in steps of 5 minutes")
    if found and minutes < CHANGE_OVER_MINUTES + STEP_MINUTES:
        attempt.refuse("extra_minutes", "RANGE", zh="预约时长过短", en="leaves no time")
        minutes = CHANGE_OVER_MINUTES + STEP_MINUTES
    attempt.computed["duration"] = minutes
    if attempt.values["start_at"] is not None:
        length = timedelta(minutes=minutes)
        attempt.computed["end_at"] = attempt.values["start_at"] + length
    return found


def check_time(session: Session, attempt: Attempt) -> None:
    """Judge start and end: to come, in steps of five minutes, while the store is open."""
    start, by = attempt.values["start_at"], attempt.by
    if start is None or not moved(attempt, *LASTING):
        return
    if moved(attempt, "start_at"):
        if not slots.is_on_step(start):
            attempt.refuse("start_at", "RANGE", zh="须为5分钟的整数倍", en="in steps of 5 minutes")
        if start <= by.now - timedelta(minutes=STEP_MINUTES):
            attempt.refuse("start_at", "RANGE", zh="预约时间已过", en="lies in the past")
        if start > by.now + timedelta(days=FARTHEST_DAYS):
            attempt.refuse("start_at", "RANGE", zh="最多提前一年", en="at most a year ahead")
            return
    hours = opening.hours_of(session, start.astimezone(ZoneInfo(by.zone)).date(), zone=by.zone)
    done = attempt.computed["end_at"] - slots.CHANGE_OVER
    if hours is None or start < hours[0] or done > hours[1]:
        attempt.refuse("start_at", "OUT_OF_HOURS")
    # NOT_ON_ROSTER and the skills for each item come here with rosters and files of staff.


def check_staff(attempt: Attempt, members: Mapping[UUID, tuple[str, ...]] | None) -> None:
    """Judge whether those asked for and chosen serve guests here."""
    for name in ("requested_staff", "assigned_staff"):
        person = attempt.values[name]
        if person is None or members is None or not moved(attempt, name):
            continue
        if not SERVING & set(members.get(person, ())):
            attempt.refuse(name, "NOT_FOUND", zh="该员工不提供护理", en="does not serve guests")


def check_resources(
    attempt: Attempt, known: Mapping[int, Resource], needed: Collection[str], *, is_booked: bool
) -> None:
    """Judge room and devices: there, in use, in order, and of every kind that is needed."""
    room: int | None = attempt.values["room"]
    if room is not None and moved(attempt, "room") and not _is_offered(known, room, Kind.PLACE):
        attempt.refuse("room", "NOT_FOUND")
    stood = attempt.was.get("equipment") or ()
    devices: Sequence[int] = attempt.values["equipment"] or ()
    for one in devices:
        if one not in stood and not _is_offered(known, one, Kind.DEVICE):
            attempt.refuse("equipment", "NOT_FOUND")
        elif known[one].condition == Condition.DOWN and moved(attempt, "equipment", "start_at"):
            attempt.refuse("equipment", "EQUIPMENT_DOWN")
    kinds = {known[one].device_kind for one in devices if one in known}
    missing = sorted(set(needed) - {kind for kind in kinds if kind})
    if is_booked and missing:
        attempt.refuse(
            "equipment", "REQUIRED",
            zh=f"所选项目需要仪器:{'、'.join(missing)}", en=f"needs a device: {', '.join(missing)}",
        )  # fmt: skip


def check_overlaps(session: Session, attempt: Attempt, stage: Stage) -> list[Taken]:
    """Judge whether guest, person, room and devices are free; give what overlaps on purpose.

    A guest cannot be in two places. Persons, rooms and devices may be booked twice when a second
    person signs for it. Only the other's time is told.
    """
    values, before = attempt.values, attempt.before
    if values["start_at"] is None or values["items"] is None:
        return []
    span = values["start_at"], attempt.computed["end_at"]
    found = occupancy.taken(
        session, wanted(values, stage), span, but_for=before.id if before is not None else None
    )
    stood = set() if _has_moved(attempt) else wanted(attempt.was, Stage(attempt.was["stage"]))
    for one in found:
        kind = Busy(one.who[0])
        told = f"{_clock(one.start_at, attempt)}-{_clock(one.end_at, attempt)}"
        if kind is Busy.GUEST:
            attempt.refuse(
                FIELDS[kind], "DUPLICATE",
                zh=f"该顾客此时已有预约({told})", en=f"this guest has another booking ({told})",
            )  # fmt: skip
        elif one.who not in stood:
            attempt.warn(
                FIELDS[kind], "OVERLAP", permission=("F03_overlap", "A"), needs_second=True,
                zh=f"时间冲突:{told} 已被占用", en=f"taken from {told}",
            )  # fmt: skip
    return [one for one in found if one.who[0] != Busy.GUEST]


def wanted(values: Mapping[str, Any], stage: Stage) -> set[Who]:
    """Name whom and what an appointment keeps busy at a stage."""
    busy: set[Who] = set()
    if values["customer"] is not None:
        busy.add((Busy.GUEST, str(values["customer"])))
    if stage is Stage.REQUESTED:
        return busy
    if values["assigned_staff"] is not None:
        busy.add((Busy.STAFF, str(values["assigned_staff"])))
    if values["room"] is not None:
        busy.add((Busy.PLACE, str(values["room"])))
    return busy | {(Busy.DEVICE, str(one)) for one in values["equipment"] or ()}


def wanted_by(row: Appointment) -> set[Who]:
    """Name whom and what an appointment keeps busy as it stands."""
    names = ("customer", "assigned_staff", "room", "equipment")
    return wanted({name: getattr(row, name) for name in names}, Stage(row.stage))


def known_resources(session: Session, attempts: Sequence[Attempt]) -> dict[int, Resource]:
    """Read the rooms and devices that some attempts name or named."""
    named = {a.values["room"] for a in attempts} | {
        one for a in attempts for one in a.values["equipment"] or ()
    }
    return resources.by_ids(session, named - {None}) if named - {None} else {}


def _is_offered(known: Mapping[int, Resource], resource_id: int, kind: Kind) -> bool:
    found = known.get(resource_id)
    return found is not None and found.kind == kind and found.is_active


def _has_moved(attempt: Attempt) -> bool:
    is_new = attempt.before is None or attempt.was["stage"] == Stage.REQUESTED
    return is_new or moved(attempt, *LASTING)


def _clock(instant: datetime, attempt: Attempt) -> str:
    return f"{instant.astimezone(ZoneInfo(attempt.by.zone)):%H:%M}"
