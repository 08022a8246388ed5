"""Cards are used once, signed, in order, and never below zero."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.queries import cards, chains, entries
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import deducting, ledger, standing
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from shared.domain.customers import queries as customers
from shared.domain.sales.queries import figures
from shared.records import marks, periods
from tenants.pool import TenantPoolExhausted
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import cards as made
from tests.factories.sales import DAY, NOW, SELLER, new_customer, new_item

AT_ONCE = 50


def test_sessions_are_worth_their_share_and_the_gift_comes_last(store_session: Session) -> None:
    card = made.package(store_session)

    used = [made.use(store_session, card) for _ in range(4)]

    assert [entry.value_fen for entry in used] == [333_33, 333_33, 333_34, 0]
    assert [entry.kind for entry in used] == ["DEDUCT"] * 3 + ["GIFT_SESSION"]
    assert cards.get(store_session, card.id).state == "SPENT"
    with pytest.raises(ledger.BalanceShort):
        made.use(store_session, card)
    [total] = figures.day_figures(store_session, [DAY]).totals
    assert (total.turnover_fen, total.consumption_fen, total.cash_sales_fen) == (1000_00,) * 3
    assert (total.visits, total.packages_fen, total.prepaid_fen) == (1, 1000_00, 0)
    [category] = figures.day_figures(store_session, [DAY]).categories
    assert (category.category, category.quantity, category.cost_fen) == ("FACIAL", 4, 120_00)
    assert chains.breaks(store_session) == []


def test_stored_value_is_used_principal_first(store_session: Session) -> None:
    card, item = made.stored(store_session), new_item(store_session)

    first = made.pay(store_session, card, item.id, 600_00)
    second = made.pay(store_session, card, item.id, 500_00)

    assert (first.value_fen, second.value_fen) == (600_00, 400_00)
    assert cards.get(store_session, card.id).balances == Balances(bonus_fen=100_00)
    assert customers.get(store_session, card.customer_id).balance_fen == 100_00
    with pytest.raises(ledger.BalanceShort):
        made.pay(store_session, card, item.id, 100_01)
    assert marks.take(store_session, 10) == [DAY]


def test_a_product_paid_by_stored_value_is_turnover_but_no_consumption(
    store_session: Session,
) -> None:
    card, cream = made.stored(store_session), new_item(store_session, category=Category.PRODUCT)
    mover = stock.Mover(by=SELLER, now=NOW, day=DAY)
    stock.receive(store_session, stock.Batch(item_id=cream.id, quantity=5), mover)

    entry = made.pay(store_session, card, cream.id, 100_00)

    [total] = figures.day_figures(store_session, [DAY]).totals
    assert (total.turnover_fen, total.consumption_fen, total.product_fen) == (100_00, 0, 100_00)
    assert catalog.stock_of(store_session, [cream.id]) == {cream.id: 4}
    deducting.reverse(store_session, card_id=card.id, seq=entry.seq, reason="点错", act=made.act())
    assert catalog.stock_of(store_session, [cream.id]) == {cream.id: 5}


def test_nothing_is_deducted_without_a_signature_or_by_a_used_one(store_session: Session) -> None:
    card = made.package(store_session)
    assert card.item_id is not None
    signed = made.act(store_session)
    wrong = {"REQUIRED": made.act(), "NOT_FOUND": replace(signed, key=uuid4())}
    deducting.deduct_session(store_session, card_id=card.id, item_id=card.item_id, act=signed)

    for code, act in wrong.items():
        with pytest.raises(errors.FormInvalid) as refused:
            deducting.deduct_session(store_session, card_id=card.id, item_id=card.item_id, act=act)
        assert [(one.field, one.code) for one in refused.value.problems] == [("sign", code)]
    assert cards.get(store_session, card.id).balances.paid == 2


def test_a_repeated_key_is_one_deduction_and_another_content_is_refused(
    store_session: Session,
) -> None:
    card, other = made.package(store_session), made.package(store_session)
    assert card.item_id is not None
    assert other.item_id is not None
    signed = made.act(store_session)

    first = deducting.deduct_session(
        store_session, card_id=card.id, item_id=card.item_id, act=signed
    )
    again = deducting.deduct_session(
        store_session, card_id=card.id, item_id=card.item_id, act=signed
    )

    assert again.id == first.id
    with pytest.raises(ledger.KeyUsedOtherwise):
        deducting.deduct_session(store_session, card_id=other.id, item_id=other.item_id, act=signed)


def test_a_package_pays_its_own_item_only_and_a_closed_month_nothing(
    store_session: Session,
) -> None:
    card, item = made.package(store_session), new_item(store_session)

    with pytest.raises(errors.FormInvalid):
        deducting.deduct_session(
            store_session, card_id=card.id, item_id=item.id, act=made.act(store_session)
        )
    periods.close(store_session, date(2025, 6, 1))
    with pytest.raises(periods.MonthClosed):
        made.use(store_session, card)


def test_a_reversal_gives_back_what_was_taken_on_its_own_day(store_session: Session) -> None:
    card = made.package(store_session)
    entry = made.use(store_session, card)
    later = date(2025, 6, 11)

    back = deducting.reverse(
        store_session, card_id=card.id, seq=entry.seq, reason="录错", act=made.act(day=later)
    )

    assert (back.value_fen, back.quantity, back.reverses) == (-333_33, -1, entry.seq)
    assert cards.get(store_session, card.id).balances == card.balances
    with pytest.raises(deducting.CannotReverse):
        deducting.reverse(
            store_session, card_id=card.id, seq=entry.seq, reason="录错", act=made.act(day=later)
        )
    days = figures.day_figures(store_session, [DAY, later]).totals
    assert [(day.turnover_fen, day.visits) for day in days] == [(333_33, 1), (-333_33, 0)]
    values = [made.use(store_session, card).value_fen for _ in range(3)]
    assert sum(values) == 1000_00


def test_of_fifty_who_take_the_last_session_at_once_one_gets_it(store: Tenant) -> None:
    with tenant_session(store) as session:
        card = made.package(session, paid=1, gift=0)
        acts = [made.act(session) for _ in range(AT_ONCE)]
        session.commit()
    assert card.item_id is not None
    start = threading.Barrier(AT_ONCE)

    def take(n: int) -> str:
        start.wait(timeout=60)
        while True:
            try:
                with tenant_session(store) as session:
                    deducting.deduct_session(
                        session, card_id=card.id, item_id=card.item_id or 0, act=acts[n]
                    )
                    session.commit()
                    return "taken"
            except ledger.BalanceShort:
                return "short"
            except TenantPoolExhausted:  # more than a tenant has connections: come again
                continue

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = Counter(threads.map(take, range(AT_ONCE)))

    assert outcomes == {"taken": 1, "short": AT_ONCE - 1}
    with tenant_session(store) as session:
        assert [entry.kind for entry in entries.entries(session, card.id)] == ["DEDUCT", "ISSUE"]
        assert cards.get(session, card.id).sessions == 0
        assert chains.breaks(session) == []


def test_what_can_pay_an_item_is_found_packages_first(store_session: Session) -> None:
    guest, item = new_customer(store_session), new_item(store_session)
    stored = made.sold(store_session, made.stored_offer(store_session), guest.id)
    soon = made.package_offer(store_session, item.id, valid_months=1)
    late = made.package_offer(store_session, item.id, valid_months=12)
    last, first = (made.sold(store_session, one, guest.id) for one in (late, soon))
    frozen = made.sold(store_session, soon, guest.id)
    standing.freeze(store_session, card_id=frozen.id, reason="暂停", act=made.act())

    def found(day: date) -> list[int]:
        return [one.id for one in cards.usable_for(store_session, guest.id, item.id, day)]

    assert found(DAY) == [first.id, last.id, stored.id]
    assert found(date(2025, 7, 10)) == [last.id, stored.id]
    other = new_item(store_session)
    assert [one.id for one in cards.usable_for(store_session, guest.id, other.id, DAY)] == [
        stored.id
    ]
    left = cards.balance_of(store_session, [guest.id])[guest.id]
    assert (left.money_fen, left.sessions) == (1200_00, 12)
