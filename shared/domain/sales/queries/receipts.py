"""Questions about receipts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    ScalarSelect,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session, selectinload

from shared import errors
from shared.domain.sales.forms import receipts as forms
from shared.domain.sales.models.receipts import Sale, SaleLine, SaleTender
from shared.forms.fields import Form

_WHOLE = (selectinload(Sale.lines), selectinload(Sale.tenders))


def _within(part: type[SaleLine] | type[SaleTender], form: type[Form]) -> ScalarSelect[Any]:
    """Write the question for a receipt's lines or tenders, as the form's JSON text in its row."""
    said: list[tuple[Any, Any]] = [
        (literal_column(f"'{name}'"), getattr(part, name)) for name in form().dump_fields
    ]
    one = func.json_build_object(*chain.from_iterable(said))
    found = select(func.coalesce(cast(func.json_agg(aggregate_order_by(one, part.id)), Text), "[]"))
    return found.where(part.sale_id == Sale.id).correlate(Sale).scalar_subquery()


_LINES = _within(SaleLine, forms.SaleLine).label("lines")
_TENDERS = _within(SaleTender, forms.SaleTender).label("tenders")


class NoSuchSale(errors.Missing):
    """There is no such receipt."""

    zh = "找不到该单据"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What of a line has not been given back yet."""

    quantity: int
    amount_fen: int


def by_number(session: Session, receipt_no: str) -> Sale | None:
    """Find a receipt by its whole number, with its lines and tenders."""
    wanted = select(Sale).where(Sale.receipt_no == receipt_no).options(*_WHOLE)
    return session.scalars(wanted).one_or_none()


def get(session: Session, sale_id: int) -> Sale:
    """Give one receipt with its lines and tenders.

    Raises: NoSuchSale.
    """
    found = session.scalars(select(Sale).where(Sale.id == sale_id).options(*_WHOLE)).one_or_none()
    if found is None:
        raise NoSuchSale(sale_id=sale_id)
    return found


def get_for_update(session: Session, sale_id: int) -> Sale:
    """Give one receipt with its lines and tenders, and hold it.

    Locks: the receipt.
    Raises: NoSuchSale.
    """
    session.execute(select(Sale.id).where(Sale.id == sale_id).with_for_update())
    return get(session, sale_id)


def by_key(session: Session, key: UUID) -> Sale | None:
    """Find the receipt that a till's key made, with its lines and tenders."""
    return session.scalars(select(Sale).where(Sale.key == key).options(*_WHOLE)).one_or_none()


def sales_of_day(session: Session, day: date) -> Sequence[Sale]:
    """List a business day's receipts in the order of their numbers, with lines and tenders."""
    return session.scalars(
        select(Sale).where(Sale.business_date == day).order_by(Sale.id).options(*_WHOLE)
    ).all()


def page(
    session: Session,
    *,
    first: date,
    last: date,
    before: tuple[date, int] | None = None,
    limit: int = 50,
) -> Sequence[Any]:
    """List receipts of some days, newest first, one page after another; in one round trip.

    Shape: rows with the columns of a receipt, `lines` and `tenders` as JSON text.
    Units: both ends are included; `before` is (business_date, id) of the last one seen.
    """
    wanted = select(*Sale.__table__.columns, _LINES, _TENDERS)
    wanted = wanted.where(Sale.business_date.between(first, last))
    if before is not None:
        wanted = wanted.where(tuple_(Sale.business_date, Sale.id) < before)
    newest = (Sale.business_date.desc(), Sale.id.desc())
    return session.execute(wanted.order_by(*newest).limit(limit)).all()


def search(session: Session, beginnings: Iterable[str], *, limit: int) -> Sequence[Sale]:
    """Find receipts whose number begins so, newest first; without lines and tenders."""
    begins = [Sale.receipt_no.startswith(one, autoescape=True) for one in beginnings]
    found = select(Sale).where(or_(*begins)).order_by(Sale.id.desc()).limit(limit)
    return session.scalars(found).all()


def refunds_of(session: Session, sale_id: int) -> Sequence[Sale]:
    """List the refunds of a receipt, oldest first, with lines and tenders."""
    return session.scalars(
        select(Sale).where(Sale.refund_of == sale_id).order_by(Sale.id).options(*_WHOLE)
    ).all()


def left_to_refund(session: Session, sale: Sale) -> dict[int, Left]:
    """Tell for each line of a receipt what may still be given back."""
    return left_of_lines(session, sale.lines)


def left_of_lines(session: Session, lines: Sequence[SaleLine]) -> dict[int, Left]:
    """Tell the same for any lines of sales."""
    given_back = {
        line_id: (quantity, amount_fen)
        for line_id, quantity, amount_fen in session.execute(
            select(SaleLine.refund_of, func.sum(SaleLine.quantity), func.sum(SaleLine.amount_fen))
            .where(SaleLine.refund_of.in_([line.id for line in lines]))
            .group_by(SaleLine.refund_of)
        )
    }
    left = {}
    for line in lines:
        quantity, amount_fen = given_back.get(line.id, (0, 0))  # both negative or zero
        left[line.id] = Left(
            quantity=line.quantity + int(quantity), amount_fen=line.amount_fen + int(amount_fen)
        )
    return left


_PAID_WITHIN = text(
    """
    SELECT coalesce(sum(s.total_fen), 0) FROM sales s
    WHERE EXISTS (
        SELECT FROM unnest(:customers, :firsts, :lasts) AS given (customer_id, first, last)
        WHERE given.customer_id = s.customer_id
            AND s.business_date BETWEEN given.first AND given.last
    )
    """
).bindparams(
    bindparam("customers", type_=ARRAY(BigInteger)),
    bindparam("firsts", type_=ARRAY(Date)),
    bindparam("lasts", type_=ARRAY(Date)),
)


def paid_within_fen(session: Session, spans: Sequence[tuple[int, date, date]]) -> int:
    """Sum what customers paid in spans of days, each receipt once; refunds are taken off.

    Shape: (customer id, first day, last day), both included.
    """
    if not spans:
        return 0
    customers, firsts, lasts = zip(*spans, strict=True)
    given = {"customers": list(customers), "firsts": list(firsts), "lasts": list(lasts)}
    return int(session.scalar(_PAID_WITHIN, given) or 0)
