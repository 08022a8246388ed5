"""A full day on the board: people, rooms and bookings, made by the verbs of the domain."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update

from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.rules.stages import Stage
from shared.domain.appointments.service import turns
from shared.records.models import OpeningHours
from tenants import provisioning
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.appointments import booked, room
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = (
    "陈静", "黄蓉", "李娜", "刘洋", "孙悦", "王芳", "吴霞", "徐佳", "杨梅", "张丽", "赵敏", "周婷",
)  # fmt: skip
GUESTS = ["王女士", "李小姐", "欧阳女士", "陈太太", "林小姐", "Ms. Alexandra Montgomery"]


def tomorrow() -> date:
    """Name the store's next day: everything on it is still to come."""
    return datetime.now(SHANGHAI).date() + timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Name an instant by the store's clock."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def beauticians(store: Tenant, count: int) -> list[UUID]:
    """Add people who serve guests, in the order of their columns."""
    people = []
    for name in NAMES[:count]:
        one = provisioning.add_person(
            login=f"{name}@{store.slug}.test", name=name, password_hash=None
        )
        provisioning.grant_role(one, store, "BEA")
        people.append(one)
    return people


def open_daily(store: Tenant, opens: int = 9, closes: int = 21) -> None:
    """Let a store open every day at the same hours."""
    with tenant_session(store) as session:
        for weekday in range(1, 8):
            hours = OpeningHours(weekday=weekday, opens_at=time(opens), closes_at=time(closes))
            session.add(hours)
        session.commit()


def book(store: Tenant, people: Sequence[UUID], day: date, *hours: int) -> list[int]:
    """Book one guest with each person at each hour, in a room of the person's own."""
    made = []
    with tenant_session(store) as session:
        items = [new_item(session, f"F{n:03d}", duration_minutes=20 + 5 * n) for n in range(1, 6)]
        rooms = [room(session, f"{n}号房").id for n, _ in enumerate(people, 1)]
        by = editor(now=at(day, 8) - timedelta(days=1))
        for column, person in enumerate(people):
            for n, hour in enumerate(hours):
                guest = new_customer(session, GUESTS[(column + n) % len(GUESTS)])
                row = booked(
                    session, by=by, at=at(day, hour, 5 * (column % 3)), customer=guest.id,
                    items=[items[(column + n) % 5].id], room=rooms[column],
                    assigned_staff=f"{person}",
                    requested_staff=f"{person}" if (column + n) % 4 == 0 else None,
                )  # fmt: skip
                made.append(row.id)
        session.commit()
    return made


def in_every_stage(store: Tenant, ids: Sequence[int]) -> None:
    """Give bookings one stage after the other, as a day has them."""
    with tenant_session(store) as session:
        for number, one in enumerate(ids):
            stage = list(Stage)[number % 6]
            session.execute(update(Appointment).where(Appointment.id == one).values(stage=stage))
        session.commit()


def queue(store: Tenant, people: Sequence[UUID], day: date) -> None:
    """Let people stand in the turn queue of a day."""
    with tenant_session(store) as session:
        places = [turns.Place(person=one, is_paused=n == 1) for n, one in enumerate(people)]
        turns.set_queue(session, day=day, places=places, seen=(), serving=frozenset(people))
        session.commit()
