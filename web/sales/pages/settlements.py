"""Settle a visit at the till: every line explained, what is paid, how.

Form: W2, CHECKED to SETTLED.
"""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import errors
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.domain.sales.forms.receipts import Settlement
from shared.domain.sales.service import settling
from shared.errors import DomainError
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, loaded, reasons_of, whole
from web.records import access
from web.records.pages import tried

blueprint = Blueprint(
    "settlement_pages", __name__, url_prefix="/s/<slug>/settlements", template_folder="../templates"
)
TENDERS = 2  # so many means beside one another


@blueprint.get("/<id:visit_id>")
@requires("F08", "C", only="store")
def settlement(visit_id: int) -> ResponseReturnValue:
    """Show every line of a visit and what is to be paid."""
    return _page(visit_id, str(uuid4()), [], {})


@blueprint.post("/<id:visit_id>")
@requires("F08", "C", only="store")
def settle(visit_id: int) -> ResponseReturnValue:
    """Settle it; refused, the page says why."""
    key, version = request.form.get("key", ""), whole(request.form.get("version"))
    columns = (request.form.getlist(name) for name in ("tender", "amount"))
    typed = [(tender, amount) for tender, amount in zip(*columns, strict=False) if amount.strip()]
    paid = [{"tender": tender, "amount_fen": fen(amount)} for tender, amount in typed]
    try:
        asked = loaded(Settlement(), {"key": key, "tenders": paid or None})
        sale = tried(
            lambda session: settling.settle_visit(
                session, visit_id=visit_id, version=version if isinstance(version, int) else 0,
                key=asked["key"], tenders=asked["tenders"] or [],
                by=access.editor(TREATMENTS, "R"),
            )
        )  # fmt: skip
    except errors.Missing:
        raise
    except DomainError as error:
        return _page(visit_id, key, typed, reasons_of(error)), 422
    flash(_("Settled.") if sale is None else _("Saved as %(no)s.", no=sale.receipt_no), "good")
    return redirect(url_for("visit_pages.visit", visit_id=visit_id), 303)


def _page(visit_id: int, key: str, typed: list[tuple[str, str]], problems: Reasons) -> str:
    session = db.session()
    visit = queries.get(session, visit_id)
    lines = [
        one
        for one in queries.lines_of(session, [visit_id]).get(visit_id, [])
        if one.agreed_at is not None
    ]
    due = [one.id for one in queries.due_lines(session, visit_id)]
    price_fen = sum(one.price_fen for one in lines if one.id in due)
    ahead_fen = queries.deposits_of(session, [visit.appointment_id]).get(visit.appointment_id, 0)
    deposit_fen = min(ahead_fen, price_fen)
    due_fen = price_fen - deposit_fen
    cards = {one.line: one for one in queries.cards_of(session, [visit_id]).get(visit_id, [])}
    tenders = typed or [("WECHAT", f"{due_fen // 100}.{due_fen % 100:02d}" if due_fen else "")]
    return render_template(
        "sales/settlement.html",
        visit=visit,
        guest=customers.by_ids(session, [visit.customer_id])[visit.customer_id],
        lines=lines,
        items=catalog.by_ids(session, [one.item_id for one in lines]),
        cards=cards,
        due=due,
        due_fen=due_fen,
        deposit_fen=deposit_fen,
        key=key,
        tenders=[*tenders, *[("CASH", "")] * (TENDERS - len(tenders))],
        problems=problems,
    )
