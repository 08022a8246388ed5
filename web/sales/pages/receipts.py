"""Pages of receipts: record a sale, list a day's receipts, one receipt and its refund."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.cards.queries import cards as card_queries
from shared.domain.cards.queries import offers as card_offers
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.domain.customers.forms import contact as customer_forms
from shared.domain.customers.service import adding as customer_service
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import receipts as queries
from shared.domain.sales.rules.slips import NewSale
from shared.domain.sales.service import recording
from shared.errors import DomainError, Problem, problem
from shared.forms import masking
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, Refused, day_of, loaded, reasons_of, sought
from web.frame import labels
from web.people import signatures
from web.sales.pages import drafts

blueprint = Blueprint(
    "receipt_pages", __name__, url_prefix="/s/<slug>/sales", template_folder="../templates"
)

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One receipt in a list."""

    id: int
    receipt_no: str
    kind: str
    source: str
    sold_at: datetime | None
    customer: str
    items: list[str]
    tenders: list[str]
    total_fen: int


@blueprint.get("/new")
@requires("F08", "C", only="store")
def new_sale() -> ResponseReturnValue:
    """Show an empty receipt; `customer` of the address stands in it already."""
    customer = sought(request.args.get("customer"), longest=140)
    return _till(drafts.SaleDraft(customer=customer), {})


@blueprint.post("/new")
@requires("F08", "C", only="store")
def record() -> ResponseReturnValue:
    """Record the receipt; refused, it stands there again with the reasons beside the fields."""
    session, draft = db.session(), drafts.SaleDraft.of(request.form)
    if first := queries.by_key(session, draft.key):  # pressed twice
        return _recorded(first)
    try:
        sale = recording.record_sale(
            session,
            seller_id=g.actor.id,
            new=_new_sale(session, draft),
            day=g.today,
            now=g.now,
        )
    except DomainError as error:
        return _till(draft.shown(), _in_words_of_the_page(reasons_of(error))), 422
    flash(_("Saved as %(no)s.", no=sale.receipt_no), "good")
    return _recorded(sale)


@blueprint.get("/customers")
@requires("F08", "C", only="store")
def find_customer() -> ResponseReturnValue:
    """List the customers that the typed text may mean, for the field that asks."""
    found = customers.search(db.session(), sought(request.args.get("customer")), limit=8)
    return render_template("sales/found_customers.html", found=found, masked=masking.masked_phone)


@blueprint.get("")
@requires("F08", "R", only="store")
def receipts() -> ResponseReturnValue:
    """List the receipts of a business day."""
    day = day_of(request.args.get("day")) or g.today
    session = db.session()
    return render_template(
        "sales/receipts.html",
        day=day,
        yesterday=day - A_DAY,
        tomorrow=day + A_DAY,
        rows=_rows(session, queries.sales_of_day(session, day)),
    )


@blueprint.get("/<id:sale_id>")
@requires("F08", "R", only="store")
def receipt(sale_id: int) -> ResponseReturnValue:
    """Show one receipt."""
    sale = queries.get(db.session(), sale_id)
    return _receipt(sale, drafts.RefundDraft(), {})


@blueprint.post("/<id:sale_id>/refund")
@requires("F08", "C", only="store")
def refund(sale_id: int) -> ResponseReturnValue:
    """Give money of a receipt back; refused, the form stands there again with the reasons."""
    session = db.session()
    sale = queries.get(session, sale_id)
    draft = drafts.RefundDraft.of(request.form, sale)
    try:
        given_back = recording.refund_sale(
            session,
            seller_id=g.actor.id,
            refund=drafts.new_refund(draft, sale),
            day=g.today,
            now=g.now,
            approver_id=signatures.second_person(request.form, "F08", now=g.now),
        )
    except DomainError as error:
        return _receipt(sale, draft, reasons_of(error)), 422
    flash(_("Saved as %(no)s.", no=given_back.receipt_no), "good")
    return _recorded(given_back)


def _new_sale(session: Session, draft: drafts.SaleDraft) -> NewSale:
    """Read the whole form, so that everything wrong with it is told at once."""
    try:
        wrong: tuple[Problem, ...] = ()
        customer_id = _customer(session, draft)
    except Refused as error:
        customer_id, wrong = None, error.problems
    return drafts.new_sale(session, draft, customer_id=customer_id, also=wrong)


def _customer(session: Session, draft: drafts.SaleDraft) -> int | None:
    if draft.new_name or draft.new_phone:
        typed = {"name": draft.new_name, "phone": draft.new_phone}
        try:
            data = loaded(customer_forms.NewCustomer(), typed)
        except Refused as error:
            renamed = tuple(problem(f"new_{p.field}", p.code) for p in error.problems)
            raise Refused(problems=renamed) from error
        new = customer_service.NewCustomer(**data)
        return customer_service.add_customer(
            session, new=new, now=g.now, day=g.today, by=g.actor.id
        ).id
    if not draft.customer:
        return None
    known = drafts.known_customer(session, draft.customer)
    if known is None:
        raise Refused(problems=(problem("customer", "NOT_FOUND"),))
    return known


def _in_words_of_the_page(found: Reasons) -> Reasons:
    """Call fields as the page calls them: `item_id` is typed into `item`."""
    words = {
        "item_id": "item",
        "offer_id": "item",
        "amount_fen": "amount",
        "customer_id": "customer",
    }
    renamed: Reasons = {}
    for field, texts in found.items():
        *path, last = field.split(".")
        renamed[".".join([*path, words.get(last, last)])] = texts
    return renamed


def _till(draft: drafts.SaleDraft, problems: Reasons) -> str:
    on_sale = catalog.items(db.session(), on_sale_on=g.today)
    cards = card_offers.page(db.session(), limit=100, on_sale_on=g.today)
    return render_template(
        "sales/new.html",
        draft=draft,
        problems=problems,
        items=[
            {"code": i.code, "name": i.name, "category": i.category, "price": i.price_fen}
            for i in on_sale
        ]
        + [
            {"code": o.code, "name": o.name, "category": o.kind, "price": o.price_fen}
            for o in cards
        ],
    )


def _recorded(sale: Sale) -> ResponseReturnValue:
    return redirect(url_for("receipt_pages.receipt", sale_id=sale.id, new=1), 303)


def _receipt(sale: Sale, draft: drafts.RefundDraft, problems: Reasons) -> str:
    session = db.session()
    return render_template(
        "sales/receipt.html",
        sale=sale,
        items=catalog.by_ids(session, [line.item_id for line in sale.lines if line.item_id]),
        cards=[
            card_queries.get(session, card_id)
            for card_id in dict.fromkeys(line.card_id for line in sale.lines)
            if card_id
        ],
        customer=customers.by_ids(session, [sale.customer_id]).get(sale.customer_id)
        if sale.customer_id
        else None,
        original=queries.get(session, sale.refund_of) if sale.refund_of else None,
        refunds=queries.refunds_of(session, sale.id),
        left=queries.left_to_refund(session, sale) if sale.kind == "SALE" else {},
        draft=draft,
        problems=problems,
        is_new="new" in request.args,
    )


def _rows(session: Session, sales: Sequence[Sale]) -> list[Row]:
    sold = [line for sale in sales for line in sale.lines]
    names = catalog.by_ids(session, [line.item_id for line in sold if line.item_id])
    people = customers.by_ids(session, [sale.customer_id for sale in sales if sale.customer_id])
    return [
        Row(
            id=sale.id,
            receipt_no=sale.receipt_no,
            kind=sale.kind,
            source=sale.source,
            sold_at=sale.sold_at,
            customer=people[sale.customer_id].name if sale.customer_id else "",
            items=[
                _named(line, names) + (f" ×{line.quantity}" if line.quantity not in (0, 1) else "")
                for line in sale.lines
            ],
            tenders=[part.tender for part in sale.tenders],
            total_fen=sale.total_fen,
        )
        for sale in sales
    ]


def _named(line: Any, items: Mapping[int, Any]) -> str:
    return str(items[line.item_id].name) if line.item_id else labels.label(line.kind, "line_kind")
