"""Counting and closing a cash day on its page: the count, its rejection, the closure, late slips.

Form: W12; F08 counted by denomination, settlement totals, 更正单.
"""

from datetime import date
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.sales.forms import cash as forms
from shared.domain.sales.rules import kinds, tills
from shared.domain.sales.service import cash as service
from shared.domain.sales.service import correcting, counting
from shared.domain.sales.service.drawer import CashDayClosed
from shared.errors import DomainError
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, reasons_of, whole
from web.people import signatures
from web.sales.pages.cash_days import done, load, past, read, shown

blueprint = Blueprint(
    "closing_pages", __name__, url_prefix="/s/<slug>/days", template_folder="../templates"
)


@blueprint.post("/<day:day>/count")
@requires("F08", "U", only="store")
def count(day: date) -> ResponseReturnValue:
    """Keep what is counted so far, or hand it in signed."""
    is_saved = request.form.get("then") == "save"
    try:
        asked = forms.count_value(past(day), load(forms.CashCount(), _typed_count(day)))
        keep = counting.save_count if is_saved else service.count_cash
        keep(db.session(), count=asked, actor_id=g.actor.id, now=g.now)
    except DomainError as error:
        return _refused(day, error, form="count")
    if is_saved:
        return done(day, _("The count is kept so far; it is not handed in yet."))
    return done(day, _("The count is handed in; the manager closes the day."))


@blueprint.post("/<day:day>/rejection")
@requires("F08", "A", only="store")
def reject(day: date) -> ResponseReturnValue:
    """Send the count back to be counted again."""
    try:
        data = read(forms.CashRejection(), reason=str)
        counting.reject_count(
            db.session(), day=past(day), reason=data["reason"], actor_id=g.actor.id, now=g.now
        )
    except DomainError as error:
        return _refused(day, error, form="reject")
    return done(day, _("The count is sent back; the cashier counts again."))


@blueprint.post("/<day:day>/closure")
@requires("F08", "A", only="store")
def close(day: date) -> ResponseReturnValue:
    """Close the cash day under the manager's signature."""
    typed = {"counted_fen": fen, "variance_reason": str, "manager_reason": str, "signature": str}
    try:
        asked = tills.CashClosing(day=past(day), **read(forms.CashClosing(), **typed))
        service.close_cash_day(db.session(), closing=asked, actor_id=g.actor.id, now=g.now)
    except DomainError as error:
        return _refused(day, error, form="close")
    return done(day, _("The cash day is closed."))


@blueprint.post("/<day:day>/corrections")
@requires("F08", "C", only="store")
def correct(day: date) -> ResponseReturnValue:
    """Enter a late slip of this closed day, dated today."""
    try:
        data = read(
            forms.NewCorrection(),
            kind=str,
            receipt_no=str,
            purpose=lambda text: text or None,
            payee=str,
            amount_fen=fen,
            voucher=str,
            reason=str,
        )
        correcting.correct_day(
            db.session(),
            new=forms.correction_value(past(day), data, today=g.today),
            actor_id=g.actor.id,
            approver_id=signatures.second_person(request.form, "F08", now=g.now),
            now=g.now,
        )
    except DomainError as error:
        return _refused(day, error, form="correction")
    return done(day, _("The late slip is entered today, with its correction."))


def _typed_count(day: date) -> dict[str, Any]:
    """Read the count: the pieces where any were typed, else the sum; totals that were typed."""
    sent = request.form
    pieces = {face: sent.get(f"denominations.{face}", "").strip() for face in tills.FACES_FEN}
    typed: dict[str, Any] = {"signature": sent.get("signature")}
    if sent.get("variance_reason"):
        typed["variance_reason"] = sent["variance_reason"]
    if any(pieces.values()):
        typed["denominations"] = [
            {"face_fen": face, "pieces": whole(text or "0")} for face, text in pieces.items()
        ]
    else:
        typed["counted_fen"] = fen(sent.get("counted_fen"))
    settlements = [
        {
            "tender": str(tender),
            "amount_fen": fen(text),
            "reason": sent.get(f"settlement_reason.{tender}"),
        }
        for tender in kinds.Tender
        if (text := sent.get(f"settlements.{tender}", "").strip())
    ]
    if settlements:
        typed["settlements"] = settlements
    return typed


def _refused(day: date, error: DomainError, *, form: str) -> ResponseReturnValue:
    """Show the day as it stands now, with what was typed; a day closed meanwhile says by whom."""
    db.session.rollback()  # the page is shown from what is saved
    if isinstance(error, CashDayClosed):
        return shown(day, form="late", problems={"": [_("The day was closed meanwhile.")]}), 409
    problems = _placed(reasons_of(error))
    return shown(day, form=form, problems=problems), 409 if error.kind == "conflict" else 422


def _placed(problems: Reasons) -> Reasons:
    """Put what is wrong with a row of the count beside the field that it was typed in."""
    tenders = [str(t) for t in kinds.Tender if request.form.get(f"settlements.{t}", "").strip()]
    placed: Reasons = {}
    for field, texts in problems.items():
        name, _dot, rest = field.partition(".")
        number, _dot, _column = rest.partition(".")
        if number.isdecimal() and name == "settlements":
            field = f"settlements.{tenders[int(number)]}"
        elif number.isdecimal() and name == "denominations" and int(number) < len(tills.FACES_FEN):
            field = f"denominations.{tills.FACES_FEN[int(number)]}"
        placed.setdefault(field, []).extend(texts)
    return placed
