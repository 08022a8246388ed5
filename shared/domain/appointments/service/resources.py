"""Rooms, beds and devices: add them, change them, take them out of use or out of order."""

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Resource
from shared.domain.appointments.queries import resources
from shared.domain.appointments.rules.resources import Condition, Kind
from shared.records.judging import ChangedMeanwhile


class NameTaken(errors.Conflict):
    """Another room or device has this name."""

    code = "DUPLICATE"
    zh = "名称已被使用"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResource:
    """What there is to say about a room or device."""

    kind: Kind
    name: str
    device_kind: str | None = None
    condition: Condition = Condition.GOOD
    is_active: bool = True
    place_no: int = 0


def add(session: Session, *, new: NewResource) -> Resource:
    """Add a room or device.

    Raises: NameTaken.
    """
    added = session.scalars(
        insert(Resource)
        .values(_values(new))
        .on_conflict_do_nothing(index_elements=["kind", "name"])
        .returning(Resource)
    ).one_or_none()
    if added is None:
        raise _taken(new)
    return added


def change(session: Session, *, resource_id: int, version: int, new: NewResource) -> Resource:
    """Say anew what a room or device is, seen in a version; its kind stays.

    Locks: the row.
    Raises: resources.NoSuchResource, ChangedMeanwhile, NameTaken.
    """
    found = resources.get(session, resource_id, held=True)
    if found.version != version:
        raise ChangedMeanwhile(resource_id=resource_id, version=found.version)
    same = resources.by_names(session, Kind(found.kind), [new.name])
    if same.get(new.name, resource_id) != resource_id:
        raise _taken(new)
    for name, value in _values(new).items():
        if name != "kind":
            setattr(found, name, value)
    found.version += 1
    session.flush()  # a name taken meanwhile shows here, not at commit
    return found


def _values(new: NewResource) -> dict[str, object]:
    is_device = new.kind is Kind.DEVICE
    return {
        "kind": str(new.kind),
        "name": new.name,
        "device_kind": new.device_kind if is_device else None,
        "condition": str(new.condition) if is_device else str(Condition.GOOD),
        "is_active": new.is_active,
        "place_no": new.place_no,
    }


def _taken(new: NewResource) -> NameTaken:
    return NameTaken(name=new.name, problems=(errors.problem("name", "DUPLICATE"),))
