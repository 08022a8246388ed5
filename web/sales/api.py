"""Receipts and refunds as JSON.

Form: F08 receipt lines.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import g

from shared.domain.sales.forms.receipts import NewRefund, NewSale, Sale, refund_value
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import recording
from shared.forms.fields import Day
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.people.signatures import second_person

blueprint = ApiBlueprint("sales", __name__, description="收银 receipts and refunds")


class SalesAsked(paging.PageAsked):
    """Receipts of some business days; today's when nothing is said."""

    first = Day(("从", "First day"))
    last = Day(("到", "Last day"))


@blueprint.call("GET", "/sales")
@requires("F08", "R")
@blueprint.takes(SalesAsked, "query")
@blueprint.gives(200, paging.page_of(Sale))
def list_sales(asked: dict[str, Any]) -> paging.Page:
    """List receipts, newest first."""
    after = paging.after(asked)
    last = asked["last"] or asked["first"] or g.today
    rows = receipts.page(
        db.session(),
        first=asked["first"] or last,
        last=last,
        before=(date.fromisoformat(after[0]), after[1]) if after else None,
        limit=asked["limit"] + 1,
    )
    return paging.page(
        rows,
        limit=asked["limit"],
        position=lambda sale: [sale.business_date.isoformat(), sale.id],
    )


@blueprint.call("POST", "/sales")
@requires("F08", "C", only="store")
@blueprint.takes(NewSale)
@blueprint.gives(201, Sale)
def record_sale(new: slips.NewSale) -> Any:
    """Record a sale; the same key again gives the first receipt."""
    return recording.record_sale(
        db.session(),
        seller_id=g.actor.id,
        new=replace(new, source=_source()),
        day=g.today,
        now=g.now,
    )


@blueprint.call("GET", "/sales/<id:sale_id>")
@requires("F08", "R")
@blueprint.gives(200, Sale)
def get_sale(sale_id: int) -> Any:
    """Show one receipt."""
    return receipts.get(db.session(), sale_id)


@blueprint.call("GET", "/sales/<id:sale_id>/refunds")
@requires("F08", "R")
@blueprint.gives(200, paging.page_of(Sale))
def list_refunds(sale_id: int) -> paging.Page:
    """List the refunds of a receipt, oldest first."""
    session = db.session()
    return paging.Page(receipts.refunds_of(session, receipts.get(session, sale_id).id), None)


@blueprint.call("POST", "/sales/<id:sale_id>/refunds")
@requires("F08", "C", only="store")
@blueprint.takes(NewRefund)
@blueprint.gives(201, Sale)
def refund_sale(loaded: dict[str, Any], sale_id: int) -> Any:
    """Give money back; above the limit another person of the store approves."""
    approver_id = second_person(loaded, "F08", now=g.now)
    return recording.refund_sale(
        db.session(),
        seller_id=g.actor.id,
        refund=replace(refund_value(sale_id, loaded), source=_source()),
        day=g.today,
        now=g.now,
        approver_id=approver_id,
    )


def _source() -> kinds.Source:
    return kinds.Source.API if g.actor.by_token else kinds.Source.DESK
