"""Questions about rooms and devices."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Resource
from shared.domain.appointments.rules.resources import Kind, reading_order


class NoSuchResource(errors.Missing):
    """There is no such room or device."""

    zh = "找不到该房间或仪器"


def get(session: Session, resource_id: int, *, held: bool = False) -> Resource:
    """Give one room or device; hold it when asked.

    Locks: the row, when held.
    Raises: NoSuchResource.
    """
    found = session.get(Resource, resource_id, with_for_update=held or None, populate_existing=held)
    if found is None:
        raise NoSuchResource(resource_id=resource_id)
    return found


def every(session: Session) -> list[Resource]:
    """List all rooms and devices in the order of the board, also those out of use."""
    return sorted(session.scalars(select(Resource)), key=_place_on_the_board)


def in_use(session: Session) -> list[Resource]:
    """List the rooms and devices in use, in the order of the board."""
    return [one for one in every(session) if one.is_active]


def listed(session: Session, kind: Kind) -> list[Resource]:
    """List the rooms or devices that may be booked, in the order of the board."""
    return [one for one in in_use(session) if one.kind == kind]


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Resource]:
    """Give the rooms and devices that exist among these ids."""
    found = session.scalars(select(Resource).where(Resource.id.in_(set(ids))))
    return {one.id: one for one in found}


def by_names(session: Session, kind: Kind, names: Iterable[str]) -> dict[str, int]:
    """Find rooms or devices by their names."""
    found = session.execute(
        select(Resource.name, Resource.id).where(
            Resource.kind == kind, Resource.name.in_(set(names))
        )
    )
    return dict(found.all())


def _place_on_the_board(one: Resource) -> tuple[bool, int, list[tuple[bool, int, str]]]:
    return one.kind != Kind.PLACE, one.place_no, reading_order(one.name)
