"""The daily cash report as a page: C2's figures, payments, deposit, count and close."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.sales import forms, rules
from shared.domain.sales.queries import cash, figures
from shared.domain.sales.service import cash as service
from shared.errors import DomainError, Missing
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, key_of, loaded, reasons_of
from web.people import signatures

blueprint = Blueprint(
    "cash_pages", __name__, url_prefix="/s/<slug>/days", template_folder="../templates"
)

A_DAY = timedelta(days=1)


class NoSuchDay(Missing):
    """The day has not come yet."""

    zh = "该营业日尚未到来"


@blueprint.get("/<day:day>")
@requires("F08", "R", only="store")
def day(day: date) -> ResponseReturnValue:
    """Show the daily cash report."""
    return _report(day)


@blueprint.post("/<day:day>/payments")
@requires("F08", "C", only="store")
def pay_out(day: date) -> ResponseReturnValue:
    """Take cash out of the drawer."""
    try:
        data = _read(forms.NewPayment(), purpose=str, payee=str, amount_fen=fen)
        service.pay_out(
            db.session(),
            payment=forms.payment_value(_past(day), data),
            actor_id=g.actor.id,
            approver_id=signatures.second_person(request.form, "F08", now=g.now),
            now=g.now,
        )
    except DomainError as error:
        return _report(day, form="payment", problems=reasons_of(error)), 422
    return _done(day, _("The payment is noted."))


@blueprint.post("/<day:day>/opening")
@requires("F08", "U", only="store")
def opening(day: date) -> ResponseReturnValue:
    """Note what lay in the drawer in the morning."""
    try:
        data = _read(forms.CashOpening(), opening_fen=fen, reason=str)
        asked = rules.CashOpening(day=_past(day), **data)
        service.open_cash_day(db.session(), opening=asked, now=g.now)
    except DomainError as error:
        return _report(day, form="opening", problems=reasons_of(error)), 422
    return _done(day, _("The opening cash is noted."))


@blueprint.post("/<day:day>/deposit")
@requires("F08", "U", only="store")
def deposit(day: date) -> ResponseReturnValue:
    """Note what went to the bank."""
    try:
        data = _read(forms.BankDeposit(), total_fen=fen)
        service.deposit(db.session(), day=_past(day), total_fen=data["total_fen"], now=g.now)
    except DomainError as error:
        return _report(day, form="deposit", problems=reasons_of(error)), 422
    return _done(day, _("The deposit is noted."))


@blueprint.post("/<day:day>/count")
@requires("F08", "U", only="store")
def count(day: date) -> ResponseReturnValue:
    """Hand in what the cashier counted."""
    try:
        data = _read(forms.CashCount(), counted_fen=fen, variance_reason=str)
        asked = rules.CashCount(day=_past(day), **data)
        service.count_cash(db.session(), count=asked, actor_id=g.actor.id, now=g.now)
    except DomainError as error:
        return _report(day, form="count", problems=reasons_of(error)), 422
    return _done(day, _("The count is handed in; the manager closes the day."))


@blueprint.post("/<day:day>/closure")
@requires("F08", "A", only="store")
def close(day: date) -> ResponseReturnValue:
    """Close the cash day under the manager's signature."""
    try:
        data = _read(forms.CashClosing(), counted_fen=fen, variance_reason=str, manager_reason=str)
        asked = rules.CashClosing(day=_past(day), **data)
        service.close_cash_day(db.session(), closing=asked, actor_id=g.actor.id, now=g.now)
    except DomainError as error:
        return _report(day, form="close", problems=reasons_of(error)), 422
    return _done(day, _("The cash day is closed."))


def _read(form: Any, **readers: Any) -> dict[str, Any]:
    """Load a declared form from the fields sent; a field that was not sent is left out."""
    sent = request.form
    typed = {name: read(sent[name]) for name, read in readers.items() if name in sent}
    if "key" in form.fields:
        typed["key"] = str(key_of(sent.get("key")))
    data: dict[str, Any] = loaded(form, typed)
    return data


def _past(day: date) -> date:
    """Refuse a day that has not come yet: there is no drawer of tomorrow."""
    if day > g.today:
        raise NoSuchDay(day=day)
    return day


def _done(day: date, text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for("cash_pages.day", day=day), 303)


def _report(day: date, *, form: str = "", problems: Reasons | None = None) -> str:
    session = db.session()
    report = cash.cash_report(session, _past(day))
    of_day = figures.day_figures(session, [day])
    return render_template(
        "sales/day.html",
        day=day,
        yesterday=day - A_DAY,
        tomorrow=day + A_DAY,
        report=report,
        drawer=report.drawer,
        figures=report.figures,
        total=of_day.totals[0],
        quantities={row.category: row.quantity for row in of_day.categories},
        is_open=report.state != "CLOSED",
        form=form,
        typed=request.form if form else {},
        problems=problems or {},
        key=key_of(request.form.get("key")) if form == "payment" else uuid4(),
    )
