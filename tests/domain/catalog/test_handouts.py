"""F01: samples and gifts: stock, limits, who approves, and whether they bring sales."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.domain.catalog import queries
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.errors import FormInvalid
from shared.records import judging, service
from shared.records.register import Editor
from tests.factories.records import ANNA, BERTA, NOW, TODAY, editor, handout
from tests.factories.sales import new_customer, new_item, new_sale

MOVER = stock.Mover(by=ANNA, now=NOW, day=TODAY)
SIGNED = {"receiver_sign": str(UUID(int=7))}


def keep(session: Session, typed: dict[str, Any], by: Editor | None = None) -> Any:
    """Keep a hand-out."""
    return service.keep_new(session, HANDOUTS, typed=typed, by=by or editor())


def codes(refused: pytest.ExceptionInfo[FormInvalid]) -> set[tuple[str, str]]:
    """Name what was refused."""
    return {(p.field, p.code) for p in refused.value.problems}


def test_the_cost_is_that_of_the_day_and_the_stock_goes_down(store_session: Session) -> None:
    typed = handout(store_session, stocked=10, cost_fen=6_50)
    row = keep(store_session, typed)
    queries.get(store_session, typed["item"]).cost_fen = 9_99
    assert (row.unit_cost_fen, row.cost_fen) == (6_50, 13_00)
    assert queries.stock_of(store_session, [typed["item"]]) == {typed["item"]: 8}
    assert queries.moves(store_session, typed["item"])[0].source == row.number


def test_more_than_there_is_is_refused_and_a_change_or_void_gives_back(
    store_session: Session,
) -> None:
    typed = handout(store_session, stocked=3)
    row = keep(store_session, {**typed, "qty": 3})
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, {**typed, "qty": 1})
    assert codes(refused) == {("qty", "STOCK_SHORT")}
    service.keep_change(
        store_session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 1}, by=editor()
    )
    assert queries.stock_of(store_session, [typed["item"]]) == {typed["item"]: 2}
    service.void(store_session, HANDOUTS, record_id=row.id, version=2, reason="误", by=editor())
    assert queries.stock_of(store_session, [typed["item"]]) == {typed["item"]: 3}


def test_a_batch_must_be_one_of_the_items_and_what_expires_first_goes_first(
    store_session: Session,
) -> None:
    typed = handout(store_session, stocked=0)
    item = typed["item"]
    for number, expires in (("LATE", date(2026, 1, 1)), ("SOON", date(2025, 9, 1))):
        batch = stock.Batch(item_id=item, quantity=5, batch_no=number, expires_on=expires)
        stock.receive(store_session, batch, MOVER)
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, {**typed, "batch_no": "NEVER"})
    assert codes(refused) == {("batch_no", "NOT_FOUND"), ("qty", "STOCK_SHORT")}
    keep(store_session, {**typed, "qty": 7})
    left = {number: row.quantity for number, row in queries.batches(store_session, item).items()}
    assert left == {"SOON": 0, "LATE": 3}


def test_a_trial_is_a_treatment_and_a_sample_is_a_product(store_session: Session) -> None:
    typed = handout(store_session)
    facial = new_item(store_session, category=Category.FACIAL, cost_fen=30_00)
    customer = new_customer(store_session)
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, {**typed, "item": facial.id})
    assert codes(refused) == {("kind", "ENUM")}
    trial = {**typed, "item": facial.id, "kind": "TRIAL", "reason": "NEW", "qty": 1}
    assert keep(store_session, {**trial, "customer": customer.id}).cost_fen == 30_00


def test_above_the_months_limit_somebody_else_approves(store_session: Session) -> None:
    customer = new_customer(store_session)
    typed = handout(
        store_session, cost_fen=90_00, kind="GIFT", reason="BIRTHDAY", qty=1, customer=customer.id
    )
    for _ in range(2):
        keep(store_session, typed)
    with pytest.raises(judging.NeedsConfirmation) as doubtful:
        keep(store_session, typed)
    assert [(d.field, d.code, d.needs_second) for d in doubtful.value.doubts] == [
        ("cost_fen", "LIMIT", True)
    ]
    agreed = {**typed, "confirmations": [{"field": "cost_fen", "code": "LIMIT", "reason": "老客"}]}
    with pytest.raises(judging.NeedsConfirmation):
        keep(store_session, agreed)  # who hands out is not enough
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, agreed, editor(BERTA, approver=ANNA))
    assert codes(refused) == {("handed_by", "FORBIDDEN")}
    assert keep(store_session, agreed, editor(approver=BERTA)).approved_by == BERTA
    july = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
    typed["handed_at"] = july.isoformat()
    assert keep(store_session, typed, editor(now=july)).approved_by is None


def test_a_gift_of_a_hundred_yuan_is_signed_for(store_session: Session) -> None:
    customer = new_customer(store_session)
    typed = handout(
        store_session, cost_fen=100_00, kind="GIFT", reason="TOPUP", qty=1, customer=customer.id
    )
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, typed)
    assert codes(refused) == {("receiver_sign", "REQUIRED")}
    assert keep(store_session, {**typed, **SIGNED}).cost_fen == 100_00


def test_who_buys_within_thirty_days_is_converted_the_day_itself_not_counted(
    store_session: Session,
) -> None:
    facial = new_item(store_session)
    outcomes = []
    for days in (0, 1, 30, 31):
        customer = new_customer(store_session)
        row = keep(store_session, handout(store_session, customer=customer.id))
        new_sale(
            store_session, (facial.id, 100_00), customer_id=customer.id,
            day=TODAY + timedelta(days=days),
        )  # fmt: skip
        store_session.refresh(row)
        outcomes.append(row.converted_30d)
    assert outcomes == [False, True, True, False]


def test_a_sold_product_leaves_the_stock_that_is_kept_and_a_count_sets_it_right(
    store_session: Session,
) -> None:
    item = handout(store_session, stocked=1)["item"]
    untold = new_item(store_session, category=Category.PRODUCT)
    new_sale(store_session, (item, 50_00), (item, 50_00), (untold.id, 10_00))
    assert queries.stock_of(store_session, [item, untold.id]) == {item: -1}
    assert stock.count(store_session, stock.Batch(item_id=item, quantity=4), MOVER) == 5
    assert queries.stock_of(store_session, [item]) == {item: 4}
    moves = queries.moves(store_session, item)
    assert [(move.kind, move.quantity) for move in moves] == [
        ("COUNT", 5), ("SALE", -2), ("RECEIPT", 1),
    ]  # fmt: skip
