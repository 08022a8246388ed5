"""The guest signs: the card is deducted, the stock goes down, and only voiding undoes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.visits import Treatment
from shared.domain.appointments.queries import guests
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import Line, PayBy
from shared.domain.appointments.service import carding, visits
from shared.domain.appointments.service.materials import Use
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.cards.queries import cards
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.service.ledger import BalanceShort
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from shared.records import queries as records_queries
from shared.records import service as records
from shared.records.judging import NotInThisState
from tenants.pool import TenantPoolExhausted
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.domain.appointments.test_visits import codes, told
from tests.factories import visits as made
from tests.factories.cards import package, stored, use
from tests.factories.records import NOW, TODAY, editor
from tests.factories.sales import new_customer, new_item

DESK = editor()
AT_ONCE = 50


def well(session: Session, card: Held) -> Held:
    """Let the owner of a card consent to health data and photos."""
    guest = made.known(session, card.customer_id)
    guest.consent_sensitive, guest.contraindications = True, ["NONE"]
    session.flush()
    return card


def by_package(session: Session, card: Held) -> Treatment:
    """Begin a treatment that a package pays."""
    assert card.item_id is not None
    line = Line(item_id=card.item_id, pay_by=PayBy.PACKAGE)
    return made.begun(session, line, customer_id=card.customer_id)[1]


def on_stock(session: Session, quantity: int, *, expires_on: date | None = None) -> int:
    """Put a product on stock as batch A1."""
    item = new_item(session, category=Category.PRODUCT)
    batch = stock.Batch(item_id=item.id, quantity=quantity, batch_no="A1", expires_on=expires_on)
    stock.receive(session, batch, stock.Mover(by=DESK.id, now=NOW, day=TODAY))
    return item.id


def test_signing_takes_a_session_and_copies_what_was_left(store_session: Session) -> None:
    held = well(store_session, package(store_session))
    card = by_package(store_session, held)
    assert card.state == "DRAFT"

    made.sign(store_session, card)

    assert (card.sessions_before, card.sessions_after, card.unit_value_fen) == (4, 3, 333_33)
    assert (card.state, card.pay_by, card.number) == ("SUBMITTED", "PACKAGE", "F05-202506-0001")
    left = cards.get(store_session, held.id)
    assert (left.balances.paid, left.balances.gift) == (2, 1)


def test_without_signature_nothing_is_deducted(store_session: Session) -> None:
    held = well(store_session, package(store_session))
    card, by = by_package(store_session, held), made.later(DESK)
    with pytest.raises(errors.FormInvalid) as refused:
        carding.sign(
            store_session, treatment_id=card.id, version=card.version,
            typed=made.filled(card, by=by), products=None, by=by,
        )  # fmt: skip
    assert codes(refused.value) == {("guest_sign", "REQUIRED")}
    assert cards.get(store_session, held.id).sessions == 4


def test_a_signature_asks_for_the_whole_card_at_once(store_session: Session) -> None:
    card, by = by_package(store_session, well(store_session, package(store_session))), DESK
    sign = str(made.signature(store_session, by=UUID(int=1)))
    with pytest.raises(errors.FormInvalid) as refused:
        carding.sign(
            store_session, treatment_id=card.id, version=card.version,
            typed={"guest_sign": sign, "next_date": "2025-06-10"}, products=None, by=by,
        )  # fmt: skip
    assert codes(refused.value) == {
        ("ended_at", "REQUIRED"), ("skin_before", "REQUIRED"), ("skin_after", "REQUIRED"),
        ("reaction", "REQUIRED"), ("guest_feeling", "REQUIRED"), ("next_date", "RANGE"),
    }  # fmt: skip


def test_stored_value_pays_the_quoted_price_principal_first(store_session: Session) -> None:
    held = well(store_session, stored(store_session))
    item = new_item(store_session, price_fen=1100_00)
    line = Line(item_id=item.id, pay_by=PayBy.STORED)
    visit, card = made.begun(store_session, line, customer_id=held.customer_id)
    made.sign(store_session, card)
    assert (card.unit_value_fen, card.sessions_before) == (1000_00, None)
    assert cards.get(store_session, held.id).balances.bonus_fen == 100_00
    visits.check_result(store_session, visit, by=DESK)
    assert visits.check_settled(store_session, visit) == []


@pytest.mark.parametrize("pay_by", [PayBy.GIFT, PayBy.REWORK])
def test_what_is_given_or_done_again_counts_nothing(store_session: Session, pay_by: PayBy) -> None:
    line = Line(item_id=new_item(store_session).id, pay_by=pay_by)
    visit, card = made.begun(store_session, line)
    made.sign(store_session, card)
    visits.check_result(store_session, visit, by=DESK)
    assert card.unit_value_fen == 0
    assert visits.check_settled(store_session, visit) == []


def test_signing_takes_the_products_from_their_batches(store_session: Session) -> None:
    held = well(store_session, package(store_session))
    card, mask = by_package(store_session, held), on_stock(store_session, 3)
    made.sign(store_session, card, products=[Use(item_id=mask, quantity=2, batch_no="A1")])
    assert card.products_used == "补水护理 A1 ×2"
    assert catalog.stock_of(store_session, [mask]) == {mask: 1}

    boss = editor(UUID(int=9))
    records.void(
        store_session, TREATMENTS, record_id=card.id, version=card.version, reason="录错", by=boss
    )
    assert catalog.stock_of(store_session, [mask]) == {mask: 3}
    assert cards.get(store_session, held.id).sessions == 4
    assert [row.state for row in queries.cards_of_lines(store_session, [card.line])[card.line]] == [
        "VOID"
    ]


@pytest.mark.parametrize(
    ("expires_on", "batch", "quantity", "told_code"),
    [
        (date(2025, 6, 9), "A1", 1, ("products.0.batch_no", "RANGE")),
        (None, "A1", 4, ("products.0.quantity", "STOCK_SHORT")),
        (None, "B9", 1, ("products.0.batch_no", "NOT_FOUND")),
    ],
)
def test_expired_or_missing_products_stop_the_signature(
    store_session: Session, expires_on: date | None, batch: str, quantity: int,
    told_code: tuple[str, str],
) -> None:  # fmt: skip
    held = well(store_session, package(store_session))
    card, mask = by_package(store_session, held), on_stock(store_session, 3, expires_on=expires_on)
    with pytest.raises(errors.FormInvalid) as refused:
        made.sign(
            store_session, card,
            products=[Use(item_id=mask, quantity=quantity, batch_no=batch)],
        )  # fmt: skip
    assert codes(refused.value) == {told_code}
    assert cards.get(store_session, held.id).sessions == 4


def test_only_products_are_used_up(store_session: Session) -> None:
    held = well(store_session, package(store_session))
    card = by_package(store_session, held)
    with pytest.raises(errors.FormInvalid) as refused:
        made.sign(
            store_session, card, products=[Use(item_id=card.item, quantity=1)], skin_after=None
        )
    assert codes(refused.value) == {("products.0.item", "NOT_FOUND"), ("skin_after", "REQUIRED")}


def test_a_signed_card_is_changed_by_nobody(store_session: Session) -> None:
    card = by_package(store_session, well(store_session, package(store_session)))
    made.sign(store_session, card)
    with pytest.raises(NotInThisState):
        carding.save(
            store_session, treatment_id=card.id, version=card.version, typed={"parameters": "x"},
            products=None, by=DESK,
        )  # fmt: skip
    with pytest.raises(errors.FormInvalid) as refused:
        records.keep_change(
            store_session, TREATMENTS, record_id=card.id, version=card.version,
            typed={"parameters": "x"}, by=made.later(DESK),
        )  # fmt: skip
    assert codes(refused.value) == {("guest_sign", "STATE")}


def test_an_open_card_is_approved_by_nobody(store_session: Session) -> None:
    card = by_package(store_session, well(store_session, package(store_session)))
    with pytest.raises(NotInThisState):
        records.approve(
            store_session, TREATMENTS, record_id=card.id, version=card.version,
            by=editor(UUID(int=9)),
        )  # fmt: skip


def test_photos_and_skin_need_their_consents(store_session: Session) -> None:
    card = by_package(store_session, well(store_session, package(store_session)))
    guest = made.known(store_session, card.customer)
    guest.consent_sensitive = guest.consent_photo = False
    store_session.flush()
    with pytest.raises(errors.FormInvalid) as refused:
        made.sign(store_session, card, photo_before=str(UUID(int=77)))
    assert {("photo_before", "CONSENT"), ("skin_before", "CONSENT"), ("skin_after", "CONSENT")} <= (
        codes(refused.value)
    )
    made.sign(store_session, card, skin_before=None, skin_after=None)
    assert card.signed_at is not None


def test_a_guest_who_is_not_satisfied_is_asked_why(store_session: Session) -> None:
    card = by_package(store_session, well(store_session, package(store_session)))
    with pytest.raises(errors.FormInvalid) as refused:
        made.sign(store_session, card, guest_feeling="DISSATISFIED")
    assert codes(refused.value) == {("feeling_reason", "REQUIRED")}


def test_a_reaction_is_told_to_the_manager(store_session: Session) -> None:
    card = by_package(store_session, well(store_session, package(store_session)))
    made.sign(store_session, card, reaction="REDNESS")
    assert told(store_session, "visit.reaction") == 1


def test_a_line_has_one_card_and_a_new_one_when_that_is_void(store_session: Session) -> None:
    visit, card = made.begun(store_session, made.single(new_item(store_session).id))
    typed = {
        "line": card.line, "beautician": str(card.beautician), "assigned_by": "TURN",
        "started_at": DESK.now.isoformat(),
    }  # fmt: skip
    with pytest.raises(errors.FormInvalid) as refused:
        records.keep_new(store_session, TREATMENTS, typed=typed, by=DESK)
    assert codes(refused.value) == {("line", "DUPLICATE")}
    made.sign(store_session, card)
    visits.check_result(store_session, visit, by=DESK)
    visits.settle(store_session, visit, key=made.uuid4(), sale_id=None, by=DESK)
    boss = editor(UUID(int=9))
    records.void(
        store_session, TREATMENTS, record_id=card.id, version=card.version, reason="录错", by=boss
    )
    again = records.keep_new(store_session, TREATMENTS, typed=typed, by=DESK)
    assert [one.number for one in queries.open_things(store_session, TODAY)] == [again.number]


def test_the_last_card_of_the_same_item_lies_beside(store_session: Session) -> None:
    held = well(store_session, package(store_session))
    first = by_package(store_session, held)
    made.sign(store_session, first)
    visit = queries.get(store_session, first.visit)
    visits.check_result(store_session, visit, by=DESK)
    visits.settle(store_session, visit, key=made.uuid4(), sale_id=None, by=DESK)
    assert held.item_id is not None
    again = made.later(DESK, 90)
    line = Line(item_id=held.item_id, pay_by=PayBy.PACKAGE)
    _, second = made.begun(store_session, line, by=again, customer_id=held.customer_id)
    before = queries.previous_card(store_session, second)
    assert before is not None
    assert before.id == first.id
    assert queries.previous_card(store_session, first) is None


def test_fifty_rooms_sign_the_last_session_and_one_has_it(store: Tenant) -> None:
    """Fifty cards of fifty visits would spend one session; the other guests keep theirs."""
    with tenant_session(store) as session:
        held = well(session, package(session, gift=0, paid=2))
        use(session, held)
        card = by_package(session, held)
        signs = [str(made.signature(session, by=UUID(int=1))) for _ in range(AT_ONCE)]
        ids = card.id, card.version
        session.commit()
    barrier, by = Barrier(8), made.later(DESK)

    def sign(number: int) -> str:
        if number < 8:
            barrier.wait(timeout=20)
        with tenant_session(store) as session:
            row = records_queries.get(session, TREATMENTS, ids[0])
            typed = {**made.filled(row, by=by), "guest_sign": signs[number]}
            try:
                carding.sign(
                    session, treatment_id=ids[0], version=ids[1], typed=typed, products=None, by=by
                )
                session.commit()
            except (errors.DomainError, TenantPoolExhausted) as refused:
                return type(refused).__name__
        return "signed"

    with ThreadPoolExecutor(AT_ONCE // 4) as rooms:
        heard = list(rooms.map(sign, range(AT_ONCE)))
    assert heard.count("signed") == 1
    with tenant_session(store) as session:
        assert cards.get(session, held.id).sessions == 0


def test_two_visits_cannot_spend_one_session_twice(store_session: Session) -> None:
    held = well(store_session, package(store_session, gift=0, paid=1))
    card = by_package(store_session, held)
    use(store_session, held)
    with pytest.raises(BalanceShort):
        made.sign(store_session, card)


def test_a_signed_card_says_when_the_guest_was_meant_to_come_again(store_session: Session) -> None:
    guest, kept = made.guest(store_session), new_customer(store_session).id
    line = made.single(new_item(store_session).id)
    _, card = made.begun(store_session, line, customer_id=guest.id)
    again = TODAY + timedelta(days=14)
    assert guests.planned_next(store_session, merged={}, until=TODAY) == {}

    made.sign(store_session, card, next_date=again.isoformat())
    store_session.flush()

    assert guests.planned_next(store_session, merged={}, until=TODAY) == {guest.id: again}
    assert guests.planned_next(store_session, merged={guest.id: kept}, until=TODAY) == {kept: again}
    assert guests.planned_next(store_session, merged={}, until=TODAY - timedelta(days=1)) == {}
