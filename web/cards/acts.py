"""What is done with a card on its page: deduct, reverse, freeze, release, write off, pass on, back.

Each form is the API's own form read from texts; refused, the card stands there again.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.cards import forms
from shared.domain.cards.service import deducting, standing
from shared.domain.sales.forms.receipts import NewCardRefund, card_refund_value
from shared.domain.sales.service import card_refunds
from shared.errors import DomainError
from shared.forms.fields import Form
from web.auth import requires
from web.cards import access, api, pages
from web.extensions import db
from web.forms import fen, loaded, reasons_of, whole
from web.people.signatures import second_person

blueprint = Blueprint(
    "card_acts", __name__, url_prefix="/s/<slug>/cards/<id:card_id>", template_folder="templates"
)

_READERS: dict[str, Callable[[str], Any]] = {
    "item_id": whole, "to_customer_id": whole, "quantity": whole, "amount_fen": fen,
}  # fmt: skip


@blueprint.post("/deduction")
@requires("F05", "C", only="store")
def deduct(card_id: int) -> ResponseReturnValue:
    """Use a session or some stored value; the guest has signed on this page."""
    found = access.seen(card_id)

    def done() -> Any:
        api.deducted(found.id, _typed(forms.NewDeduction()))
        return _("Deducted; the balance stands in the ledger.")

    return _tried("deduct", card_id, done)


@blueprint.post("/reversal/<id:seq>")
@requires("F05", "A", only="store")
def reverse(card_id: int, seq: int) -> ResponseReturnValue:
    """Take a mistaken deduction back."""
    said = _("The deduction was taken back.")
    return _because(f"reverse-{seq}", card_id, deducting.reverse, said, seq=seq)


@blueprint.post("/freeze")
@requires("F08", "A", only="store")
def freeze(card_id: int) -> ResponseReturnValue:
    """Stop the card from paying."""
    said = _("The card is frozen.")
    return _because("standing", card_id, standing.freeze, said)


@blueprint.post("/release")
@requires("F08", "A", only="store")
def release(card_id: int) -> ResponseReturnValue:
    """Let the card pay again."""
    said = _("The card can be used again.")
    return _because("standing", card_id, standing.release, said)


@blueprint.post("/write-off")
@requires("F08", "A", only="store")
def write_off(card_id: int) -> ResponseReturnValue:
    """Give up what is left on an expired card."""
    said = _("What was left is written off.")
    return _because("standing", card_id, standing.write_off, said)


@blueprint.post("/transfer")
@requires("F08", "C", only="store")
def transfer(card_id: int) -> ResponseReturnValue:
    """Pass the card on to a relative."""

    def done() -> Any:
        approver_id = second_person(request.form, "F08", now=g.now)
        api.transferred(card_id, _typed(forms.NewTransfer()), approver_id)
        return _("The card was passed on.")

    return _tried("transfer", card_id, done)


@blueprint.post("/refund")
@requires("F08", "C", only="store")
def refund(card_id: int) -> ResponseReturnValue:
    """Give the card's money back and close it."""

    def done() -> Any:
        tender = {"tender": request.form.get("tender"), "amount_fen": fen(request.form["amount"])}
        asked = loaded(NewCardRefund(), {**_texts(NewCardRefund()), "tenders": [tender]})
        receipt = card_refunds.refund_card(
            db.session(),
            seller_id=g.actor.id,
            refund=card_refund_value(card_id, asked),
            day=g.today,
            now=g.now,
            approver_id=second_person(request.form, "F08", now=g.now),
        )
        return _("Saved as %(no)s.", no=receipt.receipt_no)

    return _tried("refund", card_id, done)


def _typed(form: Form) -> Any:
    return loaded(form, _texts(form))


def _texts(form: Form) -> dict[str, Any]:
    """Read what stands in the fields of a form; an empty one is left out."""
    typed = {
        name: _READERS.get(name, str.strip)(request.form[name])
        for name in form.fields
        if name in request.form
    }
    return {name: value for name, value in typed.items() if value not in (None, "")}


def _because(
    form: str, card_id: int, verb: Callable[..., Any], said: str, **more: Any
) -> ResponseReturnValue:
    def done() -> str:
        access.because(verb, card_id, _typed(forms.Because()), **more)
        return said

    return _tried(form, card_id, done)


def _tried(form: str, card_id: int, do: Callable[[], Any]) -> ResponseReturnValue:
    found = access.seen(card_id)
    try:
        flash(do(), "good")
    except DomainError as error:
        shown = pages.page(found, refused=form, problems=reasons_of(error), typed=request.form)
        return shown, 422
    return redirect(url_for("card_pages.card", card_id=card_id), 303)
