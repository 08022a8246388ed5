"""The register of treatment cards: what a card must be, and what its signature does.

Form: F05. Signing is the moment of deduction: the card, the stock and the copies of both on the
form are one transaction. A signed card is only voided, which gives both back.
Locks: the record; the stock of the products; the card and the guest's profiles.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.domain.appointments.forms.treatment import Treatment as TreatmentForm
from shared.domain.appointments.models.visits import Treatment, VisitLine
from shared.domain.appointments.queries import resources
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.resources import SERVING, Condition, Kind
from shared.domain.appointments.rules.visits import BY_CARD, PayBy, Reaction, VisitStage
from shared.domain.appointments.service import materials, reactions
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.service import deducting
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.customers import queries as customers
from shared.forms.record import State
from shared.records.register import Attempt, Editor, Register, Row, Sitting

_SKIN = ("skin_before", "skin_after")
_PHOTOS = ("photo_before", "photo_after")
_CARED_FOR = (VisitStage.IN_SERVICE, VisitStage.CHECKED)


class Treatments(Sitting):
    """Cards judged at one sitting: lines, visits, guests, items, devices, products read once."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        super().__init__(session, attempts)
        asked = {a.values["line"] for a in attempts} - {None}
        self._lines = queries.lines(session, asked)
        self._visits = queries.by_ids(session, [one.visit_id for one in self._lines.values()])
        guests = [one.customer_id for one in self._visits.values()]
        self._guests = customers.by_ids(session, guests)
        named = {one for a in attempts for one in a.values["recommended"] or ()}
        self._items = catalog.by_ids(session, named | {one.item_id for one in self._lines.values()})
        devices = {a.values["equipment"] for a in attempts} - {None}
        self._devices = resources.by_ids(session, devices) if devices else {}
        self._cards = queries.cards_of_lines(session, asked)
        self._members = next((a.by.members() for a in attempts if a.by.members is not None), None)
        self._used = materials.Used(session, attempts)
        self._taken: set[int] = set()  # lines that a card before this one has

    def check(self, attempt: Attempt) -> None:
        """Judge one card."""
        if attempt.before is not None and attempt.before.signed_at is not None:
            attempt.refuse("guest_sign", "STATE", zh="已签字,只能作废", en="signed: only voided")
            return
        line = self._lines.get(attempt.values["line"])
        if line is None:
            if attempt.values["line"] is not None:
                attempt.refuse("line", "NOT_FOUND")
            return
        visit = self._visits[line.visit_id]
        is_signed = attempt.values["guest_sign"] is not None
        attempt.computed |= {
            "visit": visit.id, "customer": visit.customer_id, "item": line.item_id,
            "pay_by": line.pay_by, "products_used": self._used.text(attempt),
        }  # fmt: skip
        self._check_line(attempt, line, VisitStage(visit.stage), is_signed=is_signed)
        self._check_staff(attempt)
        _check_times(attempt)
        self._check_consent(attempt, self._guests[visit.customer_id], is_signed=is_signed)
        self._check_device(attempt)
        self._check_next(attempt)
        if is_signed:
            self._used.check(attempt)

    def count_in(self, attempt: Attempt) -> None:
        """Remember which line has its card."""
        self._taken.add(attempt.values["line"])

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Leave an unsigned card open; take off the card and the stock what a signed one used."""
        for row, attempt in written:
            if row.guest_sign is None:
                row.state = State.DRAFT
                continue
            row.state = State.SUBMITTED
            _deduct(self.session, row, self._lines[row.line], attempt.by)
            row.signed_at = attempt.by.now  # from here on the table wants the card's entry
            self._used.take(row, attempt.by)
            if row.reaction != Reaction.NONE:
                reactions.publish(self.session, row, Reaction(row.reaction), by=attempt.by)

    def _check_line(
        self, attempt: Attempt, line: VisitLine, stage: VisitStage, *, is_signed: bool
    ) -> None:
        had = self._cards.get(line.id, [])
        own = attempt.before.id if attempt.before is not None else None
        live = [one for one in had if one.state != State.VOID and one.id != own]
        if attempt.before is not None and attempt.before.line != line.id:
            attempt.refuse("line", "STATE", zh="不能更换项目", en="stays with its item")
        elif live or (own is None and line.id in self._taken):
            attempt.refuse("line", "DUPLICATE", zh="该项目已有护理卡", en="has a card already")
        elif line.agreed_at is None:
            attempt.refuse("line", "CONSENT", zh="顾客尚未同意该项目", en="the guest has to agree")
        elif self._items[line.item_id].category == Category.PRODUCT:
            attempt.refuse("line", "ENUM", zh="产品没有护理卡", en="a product has no card")
        is_replaced = any(one.state == State.VOID for one in had)
        if (
            (own is None or is_signed)
            and stage not in _CARED_FOR
            and not (is_replaced and stage in rules.OVER)
        ):
            attempt.refuse(
                "line", "STATE", zh="到店单不在护理中", en="the visit is not in treatment"
            )

    def _check_staff(self, attempt: Attempt) -> None:
        for name in ("beautician", "assistant"):
            person = attempt.values[name]
            if person is None or self._members is None or attempt.was.get(name) == person:
                continue
            if not SERVING & set(self._members.get(person, ())):
                attempt.refuse(name, "NOT_FOUND", zh="该员工不提供护理", en="does not serve guests")
        if attempt.values["assistant"] == attempt.values["beautician"] is not None:
            attempt.refuse("assistant", "DUPLICATE")

    def _check_consent(self, attempt: Attempt, guest: Any, *, is_signed: bool) -> None:
        for name in _SKIN:
            text = attempt.values[name]
            if text is not None and not guest.consent_sensitive:
                attempt.refuse(name, "CONSENT")
            elif text is None and is_signed and guest.consent_sensitive:
                attempt.refuse(name, "REQUIRED")
        for name in _PHOTOS:
            if attempt.values[name] is not None and not guest.consent_photo:
                attempt.refuse(name, "CONSENT", zh="未取得照片同意", en="no consent to photos")

    def _check_device(self, attempt: Attempt) -> None:
        """Ask for a device that works; whether it was checked today the equipment will say."""
        wanted = attempt.values["equipment"]
        if wanted is None:
            return
        device = self._devices.get(wanted)
        if device is None or device.kind != Kind.DEVICE or not device.is_active:
            attempt.refuse("equipment", "NOT_FOUND")
        elif device.condition == Condition.DOWN and attempt.was.get("equipment") != wanted:
            attempt.refuse("equipment", "EQUIPMENT_DOWN")

    def _check_next(self, attempt: Attempt) -> None:
        planned = attempt.values["next_date"]
        if planned is not None and planned <= attempt.by.today:
            attempt.refuse("next_date", "RANGE", zh="须为将来日期", en="a day to come")
        if any(one not in self._items for one in attempt.values["recommended"] or ()):
            attempt.refuse("recommended", "NOT_FOUND")


def _check_times(attempt: Attempt) -> None:
    began, ended = attempt.values["started_at"], attempt.values["ended_at"]
    if began is None or ended is None:
        return
    if ended <= began:
        attempt.refuse("ended_at", "DATE_ORDER")
    elif ended - began > rules.LONGEST:
        attempt.refuse("ended_at", "RANGE", zh="最长6小时", en="six hours at most")


def _deduct(session: Session, row: Row, line: VisitLine, by: Editor) -> None:
    """Take the session or the money off the card; note on the form what that was worth."""
    row.unit_value_fen = line.price_fen if row.pay_by == PayBy.SINGLE else 0
    if row.pay_by not in BY_CARD:
        return
    assert line.card_id is not None  # the table says so
    act = _act(row, "sign", by, sign=row.guest_sign)
    if row.pay_by == PayBy.PACKAGE:
        entry = deducting.deduct_session(session, card_id=line.card_id, item_id=row.item, act=act)
        row.sessions_before = entry.paid_before + entry.gift_before
        row.sessions_after = entry.paid_after + entry.gift_after
    else:
        entry = deducting.deduct_value(
            session, card_id=line.card_id, item_id=row.item, amount_fen=line.price_fen, act=act
        )
    row.unit_value_fen, row.card_seq = entry.value_fen, entry.seq


def _voided(session: Session, row: Row, attempt: Attempt) -> None:
    """Give card and stock back what the signature took; the till refunds what was paid."""
    if row.signed_at is None:
        return
    if row.card_seq is not None:
        line = queries.lines(session, [row.line])[row.line]
        assert line.card_id is not None  # the table says so
        deducting.reverse(
            session, card_id=line.card_id, seq=row.card_seq, reason=f"{row.number}",
            act=_act(row, "void", attempt.by),
        )  # fmt: skip
    materials.give_back(session, row, attempt.by)


def _act(row: Row, what: str, by: Editor, *, sign: UUID | None = None) -> Act:
    key = uuid5(NAMESPACE_URL, f"{row.number}/{what}")
    return Act(key=key, by_id=by.id, day=by.today, now=by.now, sign=sign, source=row.number)


def _day(values: Mapping[str, Any], by: Editor) -> date:
    """Give the business day on which the treatment began."""
    return by.day_of(values["started_at"])


def _own(person_id: UUID) -> ColumnElement[bool]:
    """Count the cards of a consultant's own guests as own."""
    return Treatment.customer.in_(customers.looked_after_by(person_id))


TREATMENTS = Register(
    form=TreatmentForm,
    model=Treatment,
    sitting=Treatments,
    voided=_voided,
    day=_day,
    owners=("beautician", "assistant", "created_by"),
    own=_own,
)
