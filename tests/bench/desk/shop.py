"""The store that is measured: twelve people and rooms, 120 bookings a day, guests in the house."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tenants.people import api_tokens
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser import board_days
from tests.browser.conftest import CHEAP_HASH
from tests.factories import visits as made
from tests.factories.appointments import booked, room
from tests.factories.cards import package_offer, sold
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person, new_store

HOURS = (9, 10, 11, 12, 13, 15, 16, 17, 18, 19)
WALKS = 5
LOGIN = "desk@example.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The store, its full day, who works where, and what the walks begin with."""

    store: Tenant
    day: date
    people: list[str]
    token: str
    guests: list[str]  # phone tails of guests who want to book
    bookings: list[int]  # of today, to be checked in
    visits: list[int]  # treated and looked at, to be settled
    care: int


def open_shop() -> Shop:
    """Make the store by the verbs of the domain."""
    store = new_store()
    desk = new_person(*[(store, role) for role in ("FD", "CON", "BEA", "MGR")], login=LOGIN,
                      password_hash=CHEAP_HASH)  # fmt: skip
    day = board_days.tomorrow()
    people = board_days.beauticians(store, 12)
    board_days.open_daily(store, 0, 23)
    board_days.book(store, people, day, *HOURS)
    now = datetime.now(UTC)
    soon = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + timedelta(minutes=10)
    by, before = editor(now=now), editor(now=now - timedelta(hours=1))
    with tenant_session(store) as session:
        care = new_item(session, "C001", price_fen=400_00)
        care.name = "补水焕颜护理"
        offer = package_offer(session, care.id)
        tails = [f"{7001 + n}" for n in range(WALKS)]
        for n, tail in enumerate(tails):
            guest = new_customer(session, f"王女士{n}", phone=f"1380000{tail}")
            sold(session, offer, guest.id)
        bookings = [
            booked(
                session, by=before, at=soon + timedelta(minutes=5 * n), items=[care.id],
                customer=new_customer(session, f"李女士{n}").id, room=room(session, f"贵宾{n}").id,
                assigned_staff=f"{people[n]}",
            ).id
            for n in range(WALKS)
        ]  # fmt: skip
        visits = []
        for n in range(WALKS):
            guest = made.guest(session, name=f"陈女士{n}")
            visit, card = made.begun(session, made.single(care.id), customer_id=guest.id, by=before)
            made.sign(session, card, by=by)
            visits.append(visit.id)
        session.commit()
    token = api_tokens.make_api_token(desk, store, label="bench", now=now)
    return Shop(
        store=store, day=day, people=[f"{one}" for one in people], token=token, guests=tails,
        bookings=bookings, visits=visits, care=care.id,
    )  # fmt: skip
