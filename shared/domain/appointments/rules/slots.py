"""Free times for a person, a room and devices together.

Units: instants in UTC, starts in steps of five minutes; an interval holds its start, not its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.domain.appointments.rules.stages import CHANGE_OVER_MINUTES, STEP_MINUTES

STEP = timedelta(minutes=STEP_MINUTES)
CHANGE_OVER = timedelta(minutes=CHANGE_OVER_MINUTES)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A start at which somebody, some room and each needed device are free until the end."""

    start_at: datetime
    end_at: datetime
    staff: str
    place: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Shape: `staff` in the order in which they are to be proposed, as are `places`; `devices` a list
        of choices for each kind that is needed; `opens` the open span of the day; `guest` what
        the guest does then.
    """

    length: timedelta  # with the change-over
    opens: Span
    not_before: datetime
    staff: Sequence[str]
    places: Sequence[str]
    devices: Sequence[Sequence[str]] = ()
    guest: Sequence[Span] = field(default_factory=tuple)


def slots(wanted: Wanted, busy: Mapping[str, Sequence[Span]]) -> Iterator[Slot]:
    """Give the free starts of a day in order, each with the first of each kind who is free.

    Shape: `busy` is who -> spans, of persons, places and devices.
    """
    start = on_step(max(wanted.opens[0], wanted.not_before))
    # the guest has to be out by closing time; tidying up may take longer
    while start + wanted.length - CHANGE_OVER <= wanted.opens[1]:
        end = start + wanted.length
        found = None if _meets(wanted.guest, start, end) else _found(wanted, busy, start, end)
        if found is not None:
            yield found
        start += STEP


def thinned(found: Sequence[Slot], *, every: timedelta) -> list[Slot]:
    """Leave of each run of free starts its first one and those on whole steps of the clock."""
    kept: list[Slot] = []
    before: datetime | None = None
    for one in found:
        is_first = before is None or one.start_at != before + STEP
        if is_first or not (one.start_at - EPOCH) % every:
            kept.append(one)
        before = one.start_at
    return kept


def nearest(found: Sequence[Slot], *, to: datetime | None, most: int) -> list[Slot]:
    """Choose the slots nearest to an instant, or the first ones, and give them in order."""
    if to is None:
        return list(found[:most])
    return sorted(sorted(found, key=lambda one: abs(one.start_at - to))[:most], key=_start)


def on_step(instant: datetime) -> datetime:
    """Round an instant up to the next step of five minutes."""
    return EPOCH + -((EPOCH - instant) // STEP) * STEP


def is_on_step(instant: datetime) -> bool:
    """Tell whether an instant lies on a step."""
    return on_step(instant) == instant


def _start(slot: Slot) -> datetime:
    return slot.start_at


def _found(
    wanted: Wanted, busy: Mapping[str, Sequence[Span]], start: datetime, end: datetime
) -> Slot | None:
    def first_free(listed: Sequence[str], taken: Sequence[str] = ()) -> str | None:
        return next(
            (w for w in listed if w not in taken and not _meets(busy.get(w, ()), start, end)), None
        )

    staff, place = first_free(wanted.staff), first_free(wanted.places)
    devices: list[str] = []
    for choices in wanted.devices:
        device = first_free(choices, devices)
        if device is None:
            return None
        devices.append(device)
    if staff is None or place is None:
        return None
    return Slot(start_at=start, end_at=end, staff=staff, place=place, devices=tuple(devices))


def _meets(spans: Sequence[Span], start: datetime, end: datetime) -> bool:
    return any(begins < end and start < ends for begins, ends in spans)
