"""The daily cash report as a page: C2's figures, payments, opening, deposit; variances of late."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.sales.forms import cash as forms
from shared.domain.sales.queries import cash, figures, variances
from shared.domain.sales.rules import tills
from shared.domain.sales.service import cash as service
from shared.errors import DomainError, Missing
from tenants.people.colleagues import colleagues
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, key_of, loaded, message, reasons_of
from web.frame import formats
from web.people import signatures
from web.records.boxes import pictures_at

blueprint = Blueprint(
    "cash_pages", __name__, url_prefix="/s/<slug>/days", template_folder="../templates"
)

A_DAY = timedelta(days=1)
HISTORY = timedelta(days=89)


class NoSuchDay(Missing):
    """The day has not come yet."""

    zh = "该营业日尚未到来"


@blueprint.get("/<day:day>")
@requires("F08", "R", only="store")
def day(day: date) -> ResponseReturnValue:
    """Show the daily cash report."""
    return shown(day)


@blueprint.get("/variances")
@requires("F08", "R", only="store")
def history() -> ResponseReturnValue:
    """Show the variances of the last ninety days and what is striking in them."""
    listed = variances.history(db.session(), g.today - HISTORY, g.today)
    return render_template(
        "sales/variances.html",
        listed=listed,
        off=[one for one in listed if one.fen],
        patterns=variances.patterns(listed),
        people=names(),
        weekdays=formats.weekdays(),
        first=g.today - HISTORY,
    )


@blueprint.post("/<day:day>/payments")
@requires("F08", "C", only="store")
def pay_out(day: date) -> ResponseReturnValue:
    """Take cash out of the drawer."""
    try:
        data = read(forms.NewPayment(), purpose=str, payee=str, amount_fen=fen, voucher=str)
        service.pay_out(
            db.session(),
            payment=forms.payment_value(past(day), data),
            actor_id=g.actor.id,
            approver_id=signatures.second_person(request.form, "F08", now=g.now),
            now=g.now,
        )
    except DomainError as error:
        return shown(day, form="payment", problems=reasons_of(error)), 422
    return done(day, _("The payment is noted."))


@blueprint.post("/<day:day>/opening")
@requires("F08", "U", only="store")
def opening(day: date) -> ResponseReturnValue:
    """Note what lay in the drawer in the morning."""
    try:
        data = read(forms.CashOpening(), opening_fen=fen, reason=str)
        asked = tills.CashOpening(day=past(day), **data)
        service.open_cash_day(db.session(), opening=asked, now=g.now)
    except DomainError as error:
        return shown(day, form="opening", problems=reasons_of(error)), 422
    return done(day, _("The opening cash is noted."))


@blueprint.post("/<day:day>/deposit")
@requires("F08", "U", only="store")
def deposit(day: date) -> ResponseReturnValue:
    """Note what went to the bank."""
    try:
        data = read(forms.BankDeposit(), total_fen=fen)
        service.deposit(db.session(), day=past(day), total_fen=data["total_fen"], now=g.now)
    except DomainError as error:
        return shown(day, form="deposit", problems=reasons_of(error)), 422
    return done(day, _("The deposit is noted."))


def read(form: Any, **readers: Any) -> dict[str, Any]:
    """Load a declared form from the fields sent; a field that was not sent is left out."""
    sent = request.form
    typed = {name: read(sent[name]) for name, read in readers.items() if name in sent}
    return load(form, typed)


def load(form: Any, typed: dict[str, Any]) -> dict[str, Any]:
    """Load a declared form; pictures that nobody sent are left out, the key is the page's."""
    for name in ("voucher", "signature"):
        if not typed.get(name):
            typed.pop(name, None)
    if "key" in form.fields:
        typed["key"] = str(key_of(request.form.get("key")))
    data: dict[str, Any] = loaded(form, typed)
    return data


def past(day: date) -> date:
    """Refuse a day that has not come yet: there is no drawer of tomorrow."""
    if day > g.today:
        raise NoSuchDay(day=day)
    return day


def done(day: date, text: str) -> ResponseReturnValue:
    """Say that it is done, on the day's page."""
    flash(text, "good")
    return redirect(url_for("cash_pages.day", day=day), 303)


def shown(day: date, *, form: str = "", problems: Reasons | None = None) -> str:
    """Show the day, with the form that was refused as it was typed."""
    session = db.session()
    report = cash.cash_report(session, past(day))
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
        faces=tills.FACES_FEN,
        people=names(),
        blocks=[message(block) for block in report.blocks],
        pictures_at=pictures_at(),
        form=form,
        typed=request.form if form else {},
        problems=problems or {},
        key=key_of(request.form.get("key")) if form in ("payment", "correction") else uuid4(),
    )


def names() -> dict[UUID, str]:
    """Name the people of this store."""
    return {person: known.name for person, known in colleagues(g.tenant).items()}
