"""Deposits for appointments: a call for programs, and the form that stands on an appointment."""

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.sales.forms.receipts import NewDeposit, Sale
from shared.domain.sales.service import deposits as service
from shared.errors import DomainError
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.forms import fen, key_of, loaded, reasons_of
from web.records.pages import tried

api = ApiBlueprint("deposits", __name__, description="定金 deposits")
pages = Blueprint("deposit_pages", __name__, url_prefix="/s/<slug>/deposits")


@api.call("POST", "/deposits")
@requires("F08", "C", only="store")
@api.takes(NewDeposit)
@api.gives(201, Sale)
def take(loaded: dict[str, Any]) -> Any:
    """Take a deposit for an appointment; the same key again gives the first receipt."""
    return _taken(db.session(), loaded)


@pages.post("/<id:record_id>")
@requires("F08", "C", only="store")
def pay(record_id: int) -> ResponseReturnValue:
    """Take a deposit at the desk, by one means."""
    form = request.form
    typed = {
        "key": str(key_of(form.get("key"))), "appointment_id": record_id,
        "tenders": [{"tender": form.get("tender"), "amount_fen": fen(form.get("amount"))}],
    }  # fmt: skip
    try:
        asked = loaded(NewDeposit(), typed)
        sale = tried(lambda session: _taken(session, asked))
    except DomainError as error:
        flash(" ".join(text for texts in reasons_of(error).values() for text in texts), "bad")
    else:
        flash(_("%(number)s: the deposit is taken.", number=sale.receipt_no), "good")
    return redirect(url_for("appointment_pages.appointment", record_id=record_id), 303)


def _taken(session: Any, asked: dict[str, Any]) -> Any:
    return service.take_deposit(
        session, appointment_id=asked["appointment_id"], paid=asked["tenders"], key=asked["key"],
        seller_id=g.actor.id, at=(g.today, g.now),
    )  # fmt: skip
