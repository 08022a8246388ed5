"""The register of samples and gifts and what it asks beyond the declaration.

Form: F01.
Locks: the customer's row while the month's limit is judged; the item's stock.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.domain.catalog import queries
from shared.domain.catalog.forms.samples import Handout as HandoutForm
from shared.domain.catalog.models import Handout, Item
from shared.domain.catalog.rules import (
    CONVERSION_DAYS,
    GIFT_LIMIT_MONTH_FEN,
    Category,
    HandoutKind,
    is_on_sale,
)
from shared.domain.catalog.service import stock
from shared.domain.customers import queries as customers
from shared.forms.record import State
from shared.forms.texts import yuan_text
from shared.records.register import Attempt, Editor, Register, Row


def _check(session: Session, attempt: Attempt) -> None:
    values, before = attempt.values, attempt.before
    item = session.get(Item, values["item"]) if values["item"] is not None else None
    if item is None:
        if values["item"] is not None:
            attempt.refuse("item", "NOT_FOUND")
    else:
        _price(attempt, item)
        _check_item(session, attempt, item)
        _check_stock(session, attempt, item)
    attempt.computed["approved_by"] = before.approved_by if before is not None else None
    _check_customer(session, attempt)


def _price(attempt: Attempt, item: Item) -> None:
    """Take the cost of the day it is handed out; a later change of the item moves it not."""
    before = attempt.before
    same = before is not None and before.item == item.id
    unit = before.unit_cost_fen if before is not None and same else item.cost_fen
    attempt.computed["unit_cost_fen"] = unit
    if attempt.values["qty"] is not None:
        attempt.computed["cost_fen"] = unit * attempt.values["qty"]


def _check_item(session: Session, attempt: Attempt, item: Item) -> None:
    day = attempt.by.today
    on_sale = is_on_sale(sale_from=item.on_sale_from, sale_to=item.on_sale_to, day=day)
    if not on_sale and (attempt.before is None or attempt.before.item != item.id):
        attempt.refuse("item", "STATE", zh="该项目已下架", en="not on sale any more")
    batch_no = attempt.values["batch_no"]
    if batch_no is not None and batch_no not in queries.batches(session, item.id):
        attempt.refuse("batch_no", "NOT_FOUND", zh="没有该批号", en="no such batch of this item")
    is_treatment = item.category != Category.PRODUCT
    if attempt.values["kind"] is not None and is_treatment != (
        attempt.values["kind"] == HandoutKind.TRIAL
    ):
        attempt.refuse(
            "kind", "ENUM",
            zh="体验护理须选护理项目,样品和礼品须选产品",
            en="a trial is a treatment, a sample or gift is a product",
        )  # fmt: skip


def _check_stock(session: Session, attempt: Attempt, item: Item) -> None:
    wanted = attempt.values["qty"]
    if wanted is None or item.category != Category.PRODUCT:
        return
    batch_no = attempt.values["batch_no"]
    there = stock.held(session, item.id, batch_no)
    before = attempt.before
    if before is not None and before.item == item.id and batch_no in (None, before.batch_no):
        there += before.qty
    if wanted > there:
        attempt.refuse(
            "qty", "STOCK_SHORT", zh=f"库存不足,现有 {there}", en=f"only {there} in stock"
        )


def _check_customer(session: Session, attempt: Attempt) -> None:
    values, before = attempt.values, attempt.before
    if values["customer"] is None:
        return
    customer = customers.for_update(session, values["customer"])
    if customer is None:
        attempt.refuse("customer", "NOT_FOUND")
        return
    cost_fen = attempt.computed.get("cost_fen")
    if cost_fen is None or values["handed_at"] is None:
        return
    given_fen = queries.given_fen(
        session,
        customer_ids=customers.same_person(session, customer.id),
        month=month_of(_day(values, attempt.by)),
        but_not=before.id if before is not None else None,
    )
    if given_fen + cost_fen > GIFT_LIMIT_MONTH_FEN:
        _ask_approver(attempt, given_fen + cost_fen)


def _ask_approver(attempt: Attempt, total_fen: int) -> None:
    was = attempt.was
    if was.get("approved_by") is not None and attempt.computed["cost_fen"] <= was["cost_fen"]:
        return  # approved already, and not more than that
    limit = yuan_text(GIFT_LIMIT_MONTH_FEN)
    attempt.warn(
        "cost_fen", "LIMIT", permission=("F01", "A"), needs_second=True,
        zh=f"本月累计赠送 {yuan_text(total_fen)} 元,超过限额 {limit} 元,须他人批准",
        en=f"{yuan_text(total_fen)} given this month, above {limit}: somebody else approves",
    )  # fmt: skip
    approver = attempt.by.approver_id
    attempt.computed["approved_by"] = approver
    if approver is not None and approver == attempt.values["handed_by"]:
        attempt.refuse(
            "handed_by", "FORBIDDEN",
            zh="批准人不能是派送人", en="who hands out cannot approve",
        )  # fmt: skip


def _kept(session: Session, row: Row, attempt: Attempt) -> None:
    """Move the stock by what changed."""
    if attempt.was:
        was = stock.Batch(
            item_id=attempt.was["item"],
            batch_no=attempt.was["batch_no"] or stock.NO_BATCH,
            quantity=-attempt.was["qty"],
        )
        _take(session, row, attempt, was)
    _take(session, row, attempt, _given(row))


def _voided(session: Session, row: Row, attempt: Attempt) -> None:
    given = _given(row)
    _take(session, row, attempt, dataclasses.replace(given, quantity=-given.quantity))


def _given(row: Row) -> stock.Batch:
    batch_no = row.batch_no or stock.NO_BATCH
    return stock.Batch(item_id=row.item, quantity=row.qty, batch_no=batch_no)


def _take(session: Session, row: Row, attempt: Attempt, batch: stock.Batch) -> None:
    if queries.get(session, batch.item_id).category != Category.PRODUCT:
        return
    by = attempt.by
    mover = stock.Mover(by=by.id, now=by.now, day=by.today, source=row.number)
    stock.take(session, batch, mover)


def note_paid(session: Session, *, customer_id: int, day: date) -> None:
    """Mark what the customer was given in the thirty days before as converted.

    Units: the day of the hand-out itself does not count.
    """
    session.execute(
        update(Handout)
        .where(
            Handout.customer == customer_id,
            Handout.converted_30d.is_(False),
            Handout.business_date < day,
            Handout.business_date >= day - timedelta(days=CONVERSION_DAYS),
            Handout.state != State.VOID,
        )
        .values(converted_30d=True)
    )


def _day(values: Mapping[str, Any], by: Editor) -> date:
    """Give the business day of the hand-out; a form filled in later belongs to that day."""
    return by.day_of(values["handed_at"])


HANDOUTS = Register(
    form=HandoutForm,
    model=Handout,
    check=_check,
    day=_day,
    kept=_kept,
    voided=_voided,
    owners=("handed_by", "created_by"),
)
