"""The forms of the demo stores that people are led to: profiles, samples and gifts, opinions.

Shape: written by the same verbs as by the pages, into months that are still open when the demo is
loaded; a store that has opinions already is left alone.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from deploy.demo import bookings, people, till
from deploy.demo import form_texts as texts
from deploy.demo.shapes import StorePlan
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import handouts, stock
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers import queries as customers
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.sales.queries import receipts
from shared.domain.surveys.service.opinions import OPINIONS
from shared.files import Shelf
from shared.records import attachments, queries, service
from shared.records.queries import Asked
from shared.records.register import Editor, Register
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction

NAMESPACE = UUID("8c0e7c55-6a0a-5f4b-9f0c-3b7a52f3c3b1")
TELLING = ("001", "005", "012")  # whose logins are printed
PROFILES_KEPT, SAMPLES_KEPT, OPINIONS_KEPT = 24, 20, 26
SPAN_DAYS = 75
DAYS_BACK = {"001": 28}  # of visits: four weeks where the tour begins, so that its hours show


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who fills in what in one store."""

    manager: UUID
    desk: UUID
    consultant: UUID
    beautician: UUID

    @classmethod
    def of(cls, plan: StorePlan, ids: Mapping[str, UUID]) -> "Staff":
        """Find them by their logins; a large chain's stores have no consultants of their own."""
        manager, desk = ids[people.manager(plan)], ids[people.cashiers(plan)[0]]
        return cls(
            manager=manager,
            desk=desk,
            consultant=ids.get(f"c{plan.code}", manager),
            beautician=ids.get(f"b{plan.code}", desk),
        )


class Desk:
    """One store's desk, where forms are filled in."""

    signs_from = 0  # signatures are numbered, and no two desks of a store have the same

    def __init__(self, session: Session, tenant: Tenant, staff: Staff, *, today: date) -> None:
        """Begin with chance that is the same for the same store."""
        self.session, self.tenant, self.staff = session, tenant, staff
        self.today, self.chance = today, Random(f"forms/{tenant.code}")
        self._signatures = self.signs_from

    def keep_profiles(self, guests: list[int]) -> None:
        """Register guests that only sales know so far."""
        for number, guest in enumerate(guests):
            day = self._day(number, len(guests))
            row = customers.by_ids(self.session, [guest])[guest]
            phone = self._own(row.phone)
            typed = texts.profile(self.chance, phone=phone, day=day, number=number)
            typed |= {
                "front_desk_no": str(self.staff.desk),
                "consultant": str(self.staff.consultant),
                "customer_sign": self._signature(PROFILES, "customer_sign", self.staff.consultant),
            }
            if number % 3 == 0:
                typed["preferred_staff"] = str(self.staff.beautician)
            service.keep_change(
                self.session, PROFILES, record_id=guest, version=row.version, typed=typed,
                by=self._editor(self.staff.consultant, day),
            )  # fmt: skip

    def _own(self, phone: str | None) -> str | None:
        """Give a guest's number, unless receipts know somebody else by it too."""
        known = customers.by_phones(self.session, [phone] if phone else [])
        return phone if phone and len(known[phone]) == 1 else None

    def keep_samples(self, guests: list[int]) -> None:
        """Receive two batches of each of some products, and hand out of them."""
        products = [i for i in catalog.items(self.session) if i.category == Category.PRODUCT][:4]
        if not products:
            return
        mover = stock.Mover(by=self.staff.manager, now=self._at(self.today), day=self.today)
        for number, item in enumerate(products):
            for batch, left in (("A", 40), ("B", 120)):
                received = stock.Batch(
                    item_id=item.id, quantity=36, batch_no=f"{self.today:%y%m}{batch}{number + 1}",
                    expires_on=self.today + timedelta(days=left * (number + 1)),
                )  # fmt: skip
                stock.receive(self.session, received, mover)
        for number in range(SAMPLES_KEPT):
            day = self._day(number, SAMPLES_KEPT)
            typed = texts.sample(self.chance, number=number) | {
                "handed_at": self._at(day).isoformat(),
                "item": self.chance.choice(products).id,
                "customer": self.chance.choice(guests),
                "handed_by": str(self.staff.desk if number % 2 else self.staff.consultant),
                "confirmations": [texts.GENEROUS],
                "receiver_sign": self._signature(HANDOUTS, "receiver_sign", self.staff.desk),
            }
            self._keep(HANDOUTS, typed, self.staff.desk, day)
            self._note_paid(typed["customer"], day)

    def _note_paid(self, guest: int, day: date) -> None:
        """Say what the receipts say, which were there before what was handed out."""
        next_day = day + timedelta(days=1)
        if receipts.paid_within_fen(self.session, [(guest, next_day, day + timedelta(days=30))]):
            handouts.note_paid(self.session, customer_id=guest, day=next_day)

    def keep_opinions(self, guests: list[int]) -> None:
        """Type in what guests said; of one suggestion it is known what became of it."""
        for number in range(OPINIONS_KEPT):
            day = self._day(number, OPINIONS_KEPT)
            typed = texts.opinion(self.chance, number=number)
            if not typed.get("anonymous"):
                typed |= {"customer": guests[number % len(guests)], "visit_on": f"{day}"}
            row = self._keep(OPINIONS, typed, self.staff.desk, day)
            state = texts.became(number)
            if state and row.suggestion:
                service.keep_change(
                    self.session, OPINIONS, record_id=row.id, version=row.version,
                    typed={"suggestion_state": state},
                    by=self._editor(self.staff.manager, day + timedelta(days=1)),
                )  # fmt: skip

    def keep_diary(self, guests: list[int], *, now: datetime, today: date) -> None:
        """Book some days around today, and ring up what was sold since the store opened."""
        staff = self.staff
        by = replace(self._editor(staff.desk, today), now=now)
        serving = [staff.beautician, staff.consultant, staff.manager]

        def sign() -> str:
            return self._signature(TREATMENTS, "guest_sign", staff.desk)

        diary = bookings.Diary(self.session, by=by, serving=serving, sign=sign)
        diary.fill(guests, days_back=DAYS_BACK.get(self.tenant.code or "", 1))
        till.ring_up_today(self.session, guests, by=by)

    def _keep(self, register: Register, typed: dict[str, Any], by: UUID, day: date) -> Any:
        return service.keep_new(
            self.session, register, typed=typed, by=self._editor(by, day, approver=True)
        )

    def _day(self, number: int, of: int) -> date:
        return self.today - timedelta(days=SPAN_DAYS - number * SPAN_DAYS // of)

    def _at(self, day: date) -> datetime:
        clock = time(10 + self.chance.randrange(9), self.chance.randrange(60))
        return datetime.combine(day, clock, ZoneInfo(self.tenant.time_zone))

    def _editor(self, by: UUID, day: date, *, approver: bool = False) -> Editor:
        return Editor(
            id=by, permits=lambda resource, verb: True, today=day,
            now=datetime.combine(day, time(20), ZoneInfo(self.tenant.time_zone)),
            day_of=lambda instant: instant.astimezone(ZoneInfo(self.tenant.time_zone)).date(),
            zone=self.tenant.time_zone, approver_id=self.staff.manager if approver else None,
        )  # fmt: skip

    def _signature(self, register: Register, field: str, by: UUID) -> str:
        self._signatures += 1
        made = uuid5(NAMESPACE, f"{self.tenant.name}/{self._signatures}")
        content = signature(self.chance)
        Shelf(self.tenant.name, "attachments").put(made, content)
        sent = attachments.Sent(
            id=made, field=field, content_type="image/png", size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        attachments.note(self.session, register.code, sent, by=by, now=self._at(self.today))
        return str(made)


def keep_forms(tenant: Tenant, staff: Staff, *, now: datetime, today: date) -> None:
    """Fill in the forms of one store, unless it has some."""
    with tenant_transaction(tenant) as session:
        if queries.count(session, OPINIONS, Asked()):
            return
        newest = queries.page(session, PROFILES, Asked(limit=PROFILES_KEPT))
        guests = [row.id for row in newest]
        if not guests:
            return
        desk = Desk(session, tenant, staff, today=today - timedelta(days=1))
        desk.keep_profiles(guests)
        desk.keep_samples(guests)
        desk.keep_opinions(guests)
        desk.keep_diary(guests, now=now, today=today)


def signature(chance: Random) -> bytes:
    """Draw something like a name written in a hurry."""
    image = Image.new("RGB", (420, 130), "white")
    pen = ImageDraw.Draw(image)
    left = 30.0
    for _ in range(2 + chance.randrange(2)):
        points = []
        for step in range(9):
            left += chance.uniform(4, 14)
            high = chance.uniform(25, 55) if step % 2 else chance.uniform(70, 105)
            points.append((left, high))
        pen.line(_rounded(points), fill="#1b2a4a", width=4, joint="curve")
        left += 12
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Cut corners twice (Chaikin), so that a zigzag becomes a stroke."""
    for _ in range(2):
        cut = [points[0]]
        for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
            cut += [(0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1)]
            cut += [(0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1)]
        points = [*cut, points[-1]]
    return points
