"""The daily cash report as JSON.

Form: F08; W12.
"""

from datetime import date, timedelta
from typing import Any

from flask import g

from shared import errors
from shared.domain.sales.forms.cash import (
    BankDeposit,
    CashClosing,
    CashCount,
    CashOpening,
    CashRejection,
    NewCorrection,
    NewPayment,
    correction_value,
    count_value,
    payment_value,
)
from shared.domain.sales.forms.reports import CashPayment, CashReport, Correction, Variances
from shared.domain.sales.queries import cash as queries
from shared.domain.sales.queries import variances
from shared.domain.sales.rules import tills
from shared.domain.sales.service import cash, correcting, counting
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.people.signatures import second_person

blueprint = ApiBlueprint("cash_days", __name__, description="现金日报 cash days")


@blueprint.call("GET", "/cash-days/<day:day>")
@requires("F08", "R")
@blueprint.gives(200, CashReport)
def cash_report(day: date) -> queries.CashReport:
    """Show the cash report of a business day."""
    return queries.cash_report(db.session(), day)


@blueprint.call("PUT", "/cash-days/<day:day>/opening")
@requires("F08", "U", only="store")
@blueprint.takes(CashOpening)
@blueprint.gives(200, CashReport)
def open_cash_day(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Say what lies in the drawer in the morning, when it is not what was carried on."""
    _check_day(day)
    cash.open_cash_day(db.session(), opening=tills.CashOpening(day=day, **loaded), now=g.now)
    return queries.cash_report(db.session(), day)


@blueprint.call("POST", "/cash-days/<day:day>/payments")
@requires("F08", "C", only="store")
@blueprint.takes(NewPayment)
@blueprint.gives(201, CashPayment)
def pay_out(loaded: dict[str, Any], day: date) -> Any:
    """Take money out of the drawer; the same key again gives the first payment."""
    _check_day(day)
    approver_id = second_person(loaded, "F08", now=g.now)
    return cash.pay_out(
        db.session(),
        payment=payment_value(day, loaded),
        actor_id=g.actor.id,
        now=g.now,
        approver_id=approver_id,
    )


@blueprint.call("PUT", "/cash-days/<day:day>/deposit")
@requires("F08", "U", only="store")
@blueprint.takes(BankDeposit)
@blueprint.gives(200, CashReport)
def deposit(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Say how much of the day went to the bank, in all."""
    _check_day(day)
    cash.deposit(db.session(), day=day, total_fen=loaded["total_fen"], now=g.now)
    return queries.cash_report(db.session(), day)


@blueprint.call("PUT", "/cash-days/<day:day>/counting")
@requires("F08", "U", only="store")
@blueprint.takes(CashCount)
@blueprint.gives(200, CashReport)
def save_count(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Keep what is counted so far; nothing is signed yet."""
    _check_day(day)
    count = count_value(day, loaded)
    counting.save_count(db.session(), count=count, actor_id=g.actor.id, now=g.now)
    return queries.cash_report(db.session(), day)


@blueprint.call("PUT", "/cash-days/<day:day>/count")
@requires("F08", "U", only="store")
@blueprint.takes(CashCount)
@blueprint.gives(200, CashReport)
def count_cash(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Hand in what was counted, with the other tenders' settlement totals, as the cashier."""
    _check_day(day)
    count = count_value(day, loaded)
    cash.count_cash(db.session(), count=count, actor_id=g.actor.id, now=g.now)
    return queries.cash_report(db.session(), day)


@blueprint.call("POST", "/cash-days/<day:day>/rejection")
@requires("F08", "A", only="store")
@blueprint.takes(CashRejection)
@blueprint.gives(201, CashReport)
def reject_count(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Send a count back to be counted again."""
    counting.reject_count(
        db.session(), day=day, reason=loaded["reason"], actor_id=g.actor.id, now=g.now
    )
    return queries.cash_report(db.session(), day)


@blueprint.call("POST", "/cash-days/<day:day>/closure")
@requires("F08", "A", only="store")
@blueprint.takes(CashClosing)
@blueprint.gives(201, CashReport)
def close_cash_day(loaded: dict[str, Any], day: date) -> queries.CashReport:
    """Close a counted day under a second signature."""
    _check_day(day)
    closing = tills.CashClosing(day=day, **loaded)
    cash.close_cash_day(db.session(), closing=closing, actor_id=g.actor.id, now=g.now)
    return queries.cash_report(db.session(), day)


@blueprint.call("POST", "/cash-days/<day:day>/corrections")
@requires("F08", "C", only="store")
@blueprint.takes(NewCorrection)
@blueprint.gives(201, Correction)
def correct_day(loaded: dict[str, Any], day: date) -> Any:
    """Enter a late slip of a closed day, dated today, under a second signature."""
    _check_day(day)
    return correcting.correct_day(
        db.session(),
        new=correction_value(day, loaded, today=g.today),
        actor_id=g.actor.id,
        approver_id=second_person(loaded, "F08", now=g.now),
        now=g.now,
    )


@blueprint.call("GET", "/cash-days/<day:day>/variances")
@requires("F08", "R", only="store")
@blueprint.gives(200, Variances)
def variance_history(day: date) -> dict[str, Any]:
    """List the variances of the ninety days up to a day, and what is striking in them."""
    listed = variances.history(db.session(), day - HISTORY, day)
    return {"days": listed, "patterns": variances.patterns(listed)}


HISTORY = timedelta(days=89)


def _check_day(day: date) -> None:
    if day > g.today:
        raise errors.FormInvalid(problems=(errors.problem("day", "FUTURE"),))
