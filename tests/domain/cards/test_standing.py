"""Cards are frozen, passed on, given back, ended: each step stands in the ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.queries import cards, chains, entries
from shared.domain.cards.rules.kinds import RefundRule
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import ledger, offers, standing, watching
from shared.domain.customers import queries as customers
from shared.domain.customers.service import erasing, merging
from shared.domain.sales.queries import figures
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewCardRefund, NewRefund, Paid, RefundLine
from shared.domain.sales.service import card_refunds, recording
from tests.factories import cards as made
from tests.factories.records import editor
from tests.factories.sales import DAY, MANAGER, NOW, SELLER, new_customer, new_item


def given_back(session: Session, card_id: int, fen: int, **more: UUID) -> None:
    """Give a card back for an amount."""
    refund = NewCardRefund(
        key=more.pop("key", uuid4()), card_id=card_id, reason="搬家",
        tenders=(Paid(tender=Tender.CASH, amount_fen=fen),),
    )  # fmt: skip
    card_refunds.refund_card(session, seller_id=SELLER, refund=refund, day=DAY, now=NOW, **more)


def described(session: Session, to: int, **more: Any) -> standing.Transfer:
    """Describe a transfer that both guests signed and the manager approved."""
    transfer = standing.Transfer(
        to_customer_id=to, giver_sign=made.signature(session), taker_sign=made.signature(session),
        relation="母女", approver_id=MANAGER,
    )  # fmt: skip
    return replace(transfer, **more)


def test_a_frozen_card_pays_nothing_until_it_is_released(store_session: Session) -> None:
    card = made.package(store_session)
    standing.freeze(store_session, card_id=card.id, reason="出国", act=made.act())

    with pytest.raises(ledger.CardNotUsable):
        made.use(store_session, card)
    with pytest.raises(standing.WrongState):
        standing.freeze(store_session, card_id=card.id, reason="出国", act=made.act())
    standing.release(store_session, card_id=card.id, reason="回国", act=made.act())

    assert made.use(store_session, card).value_fen == 333_33
    assert chains.breaks(store_session) == []


def test_a_card_passes_to_a_relative_with_the_worth_of_its_sessions(
    store_session: Session,
) -> None:
    card, daughter = made.package(store_session), new_customer(store_session, "王小妹")
    made.use(store_session, card)

    entry = standing.transfer(
        store_session, card_id=card.id, transfer=described(store_session, daughter.id),
        act=made.act(),
    )  # fmt: skip

    taken = cards.get(store_session, entry.card_id)
    assert (taken.customer_id, taken.sessions, taken.valid_until) == (daughter.id, 3, None)
    assert (cards.get(store_session, card.id).state, daughter.sessions_left) == ("SPENT", 0)
    store_session.refresh(daughter)
    assert daughter.sessions_left == 3
    assert [made.use(store_session, taken).value_fen for _ in range(3)] == [333_33, 333_34, 0]
    [total] = figures.day_figures(store_session, [DAY]).totals
    assert (total.turnover_fen, total.prepaid_fen) == (1000_00, 0)
    assert chains.breaks(store_session) == []


def test_a_transfer_wants_both_signatures_and_another_person(store_session: Session) -> None:
    card = made.package(store_session)
    wrong = described(
        store_session, card.customer_id, giver_sign=None, taker_sign=None, approver_id=SELLER
    )

    with pytest.raises(errors.FormInvalid) as refused:
        standing.transfer(store_session, card_id=card.id, transfer=wrong, act=made.act())

    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("to_customer_id", "RANGE"), ("giver_sign", "REQUIRED"), ("taker_sign", "REQUIRED"),
        ("approver_login", "LIMIT"),
    }  # fmt: skip


def test_a_card_goes_back_for_what_its_unused_sessions_were_paid_with(
    store_session: Session,
) -> None:
    card = made.package(store_session)
    made.use(store_session, card)

    with pytest.raises(errors.FormInvalid) as refused:
        given_back(store_session, card.id, 600_00)
    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("tenders", "SUM_MISMATCH"), ("approver_login", "LIMIT"),
    }  # fmt: skip
    given_back(store_session, card.id, 666_67, approver_id=MANAGER)

    assert cards.get(store_session, card.id).state == "REFUNDED"
    [total] = figures.day_figures(store_session, [DAY]).totals
    assert (total.turnover_fen, total.cash_sales_fen) == (333_33, 333_33)
    assert (total.refunds_fen, total.packages_fen, total.prepaid_fen) == (666_67, 333_33, 0)
    with pytest.raises(ledger.CardNotUsable):
        given_back(store_session, card.id, 0)


def test_the_tenants_rule_may_be_list_prices(store_session: Session) -> None:
    card = made.package(store_session)  # 400.00 at list price
    made.use(store_session, card)
    offers.choose_refund_rule(store_session, rule=RefundRule.LIST, by=MANAGER, now=NOW)
    rule = entries.refund_rule(store_session, now=NOW)

    read = entries.readings(store_session, card.id, rule=rule)
    given_back(store_session, card.id, 600_00, approver_id=MANAGER)

    assert (read.by_paid_fen, read.by_list_fen, read.refund_fen) == (666_67, 600_00, 600_00)
    [total] = figures.day_figures(store_session, [DAY]).totals
    assert (total.turnover_fen, total.cash_sales_fen, total.prepaid_fen) == (333_33, 400_00, 0)


def test_what_was_topped_up_twice_goes_back_over_both_receipts(store_session: Session) -> None:
    card = made.stored(store_session)
    offer = made.stored_offer(store_session, price_fen=500_00, bonus_fen=0)
    assert made.sold(store_session, offer, card.customer_id).id == card.id
    made.pay(store_session, card, new_item(store_session).id, 200_00)
    key = uuid4()

    given_back(store_session, card.id, 1300_00, approver_id=MANAGER, key=key)
    given_back(store_session, card.id, 1300_00, approver_id=MANAGER, key=key)  # pressed twice

    amounts = store_session.execute(
        text("SELECT amount_fen FROM sale_lines WHERE amount_fen < 0 ORDER BY id")
    )
    assert list(amounts.scalars()) == [-500_00, -800_00]


def test_the_line_of_a_card_is_not_refunded_as_goods_are(store_session: Session) -> None:
    offer, guest = made.stored_offer(store_session), new_customer(store_session)
    new = made.described_card(offer, guest.id)
    sale = recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)
    refund = NewRefund(
        key=uuid4(), sale_id=sale.id, reason="退",
        lines=(RefundLine(line_id=sale.lines[0].id, quantity=0, amount_fen=10),),
        tenders=(Paid(tender=Tender.CASH, amount_fen=10),),
    )  # fmt: skip
    with pytest.raises(errors.FormInvalid) as refused:
        recording.refund_sale(store_session, seller_id=SELLER, refund=refund, day=DAY, now=NOW)
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("lines.0.line_id", "STATE")
    ]


def test_the_till_refuses_a_wrong_card_line_with_every_mistake(store_session: Session) -> None:
    offer = made.stored_offer(store_session, on_sale_to=date(2025, 6, 9))
    new = made.described_card(offer, None, amount_fen=900_00, kind="PACKAGE")

    with pytest.raises(errors.FormInvalid) as refused:
        recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)

    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("lines.0.offer_id", "RANGE"), ("lines.0.amount_fen", "RANGE"), ("lines.0.kind", "ENUM"),
        ("customer_id", "REQUIRED"),
    }  # fmt: skip


def test_a_topped_up_card_lives_longer_and_a_spent_one_again(store_session: Session) -> None:
    offer = made.stored_offer(store_session, bonus_fen=0, valid_months=12)
    card = made.sold(store_session, offer, new_customer(store_session).id)
    made.pay(store_session, card, new_item(store_session).id, 1000_00)
    assert cards.get(store_session, card.id).state == "SPENT"

    again = made.sold(store_session, offer, card.customer_id, day=date(2025, 7, 10))

    assert (again.id, again.state, again.valid_until) == (card.id, "ACTIVE", date(2026, 7, 9))


def test_a_card_is_told_of_twice_then_ends_and_is_written_off_without_turnover(
    store_session: Session,
) -> None:
    offer = made.package_offer(store_session, new_item(store_session).id, valid_months=2)
    card = made.sold(store_session, offer, new_customer(store_session).id)
    assert card.valid_until == date(2025, 8, 9)

    def watched(day: date) -> int:
        now = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        return watching.watch_cards(store_session, day=day, now=now)

    told = [watched(date(2025, 7, 9)), watched(date(2025, 7, 10)), watched(date(2025, 7, 11)),
            watched(date(2025, 8, 2)), watched(date(2025, 8, 9))]  # fmt: skip
    assert told == [0, 1, 0, 1, 0]
    assert cards.get(store_session, card.id).state == "ACTIVE"
    watched(date(2025, 8, 10))
    watched(date(2025, 8, 10))
    assert cards.get(store_session, card.id).state == "EXPIRED"
    with pytest.raises(ledger.CardNotUsable):
        made.use(store_session, card, day=date(2025, 8, 10))

    off = made.act(day=date(2025, 8, 11))
    entry = standing.write_off(store_session, card_id=card.id, reason="到期未用", act=off)

    assert (entry.value_fen, cards.get(store_session, card.id).balances) == (0, Balances())
    [total] = figures.day_figures(store_session, [date(2025, 8, 11)]).totals
    assert (total.turnover_fen, total.cash_sales_fen, total.prepaid_fen) == (0, 0, -1000_00)
    with pytest.raises(standing.WrongState):
        standing.write_off(store_session, card_id=card.id, reason="再", act=made.act())
    assert chains.breaks(store_session) == []


def test_merged_profiles_share_their_cards_and_part_again(store_session: Session) -> None:
    card = made.stored(store_session)
    gone = customers.get(store_session, card.customer_id)
    kept = new_customer(store_session, "王丽丽")
    merge = merging.merge(
        store_session, kept_id=kept.id, gone_id=gone.id, reason="同一人", by=editor()
    )

    assert [one.id for one in cards.cards_of(store_session, kept.id)] == [card.id]
    assert kept.balance_fen == 1200_00
    made.pay(store_session, card, new_item(store_session).id, 200_00)
    store_session.refresh(kept)
    assert kept.balance_fen == 1000_00
    assert chains.breaks(store_session) == []
    with pytest.raises(erasing.StillOwed):
        erasing.ask(store_session, customer_id=kept.id, reason="要求删除", by=editor())

    store_session.expire_all()
    merging.unmerge(store_session, merge_id=merge.id, by=editor())
    assert (kept.balance_fen, gone.balance_fen) == (0, 1000_00)
    assert cards.cards_of(store_session, kept.id) == []
    assert chains.breaks(store_session) == []
