"""The page of one guest (顾客), put together from what capabilities know; the grade set by hand.

Form: specification 13, customer. A new capability adds its part to PARTS.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries as customers
from shared.domain.customers.forms.grading import GradeOverride
from shared.domain.customers.rules import profile as rules
from shared.domain.customers.rules.grading import last_until
from shared.domain.customers.service import grading, overriding
from shared.domain.customers.service.profiles import PROFILES
from shared.forms.record import State
from shared.records import queries
from shared.records.register import Row
from web.appointments.guest import appointments, treatments
from web.auth import requires
from web.cards.guest import part as cards
from web.catalog.guest import part as handouts
from web.customers.guest import part as profile
from web.customers.standing import may_see_standing, standing
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of
from web.frame import language
from web.frame.guest_parts import Guest, Part
from web.records import access, shown
from web.records.boxes import own_fields
from web.records.pickers import Names
from web.sales.guest import part as receipts
from web.surveys.guest import part as opinions

blueprint = Blueprint("customer_pages", __name__, url_prefix="/s/<slug>/customers")

PARTS: tuple[Callable[[Session, Guest], Part | None], ...] = (
    cards,
    treatments,
    appointments,
    receipts,
    profile,
    handouts,
    opinions,
)
FACTS = (
    "birthday", "gender", "phone", "wechat", "channel_pref", "no_call_times", "consultant",
    "preferred_staff", "source", "balance_fen", "sessions_left", "registered_on",
)  # fmt: skip
HEALTH = ("contraindications", "allergies", "skin_type", "skin_problems")
CONSENTS = ("consent_service", "consent_sensitive", "consent_marketing", "consent_photo")


@blueprint.get("/<id:customer_id>")
@requires("F04", "R", only="store")
def customer(customer_id: int) -> ResponseReturnValue:
    """Show all that is known of one guest on one page."""
    return _page(customer_id, {}, {})


@blueprint.post("/<id:customer_id>/grade")
@requires("F02", "A", only="store")
def set_grade(customer_id: int) -> ResponseReturnValue:
    """Set the grade by hand; refused, the page stands there with the reasons."""
    names = ("grade", "reason", "until")
    typed = {name: text for name in names if (text := request.form.get(name))}
    try:
        overriding.set_by_hand(
            db.session(), customer_id=customer_id, new=loaded(GradeOverride(), typed),
            by=access.editor(grading.GRADINGS, "A"),
        )  # fmt: skip
    except errors.Missing:
        raise
    except errors.DomainError as error:
        return _page(customer_id, typed, reasons_of(error)), 422
    flash(_("The grade is set by hand."), "good")
    return redirect(url_for(".customer", customer_id=customer_id), 303)


@blueprint.post("/<id:customer_id>/grade/end")
@requires("F02", "A", only="store")
def end_grade(customer_id: int) -> ResponseReturnValue:
    """Let the computed grade count again."""
    by = access.editor(grading.GRADINGS, "A")
    overriding.take_back(db.session(), customer_id=customer_id, by=by)
    flash(_("The computed grade counts again."), "good")
    return redirect(url_for(".customer", customer_id=customer_id), 303)


def _page(customer_id: int, typed: Mapping[str, str], problems: Reasons) -> str:
    session = db.session()
    row, guest, openable, parts = seen(session, customer_id)
    known, names = own_fields(PROFILES.form), Names()
    names.learn(session, known, [guest.values])

    def said(name: str) -> tuple[str, str]:
        text = shown.text(known[name], guest.values[name], names)
        return shown.label_of(known[name]), text

    found = _standing(session, guest)
    return render_template(
        "guest/page.html",
        row=row,
        guest=guest,
        facts={name: said(name) for name in FACTS},
        health=[(name, *said(name)) for name in HEALTH],
        consents=[(said(name)[0], guest.values[name]) for name in CONSENTS],
        openable=openable,
        age=_age(guest.values["birthday"]),
        kept=customers.by_ids(session, [row.merged_into]).get(row.merged_into)
        if row.merged_into
        else None,
        parts=parts,
        steps=list(chain.from_iterable(part.steps for part in parts)),
        typed=typed,
        problems=problems,
        last_until=last_until(g.today),
        why=_why(found["grade"]),
        **found,
    )


def seen(session: Session, customer_id: int) -> tuple[Row, Guest, frozenset[str], list[Part]]:
    """Give a guest as the asking person may see the guest: row, values, openable fields, parts.

    Raises: NoSuchRecord, also for somebody else's guest with reach `o`.
    """
    sight = access.sight(PROFILES)
    row = queries.get(session, PROFILES, customer_id, own_of=sight.view.own_of)
    guest = Guest(
        id=row.id,
        profiles=frozenset(customers.whole_person(session, row.id))
        if row.state != State.VOID
        else frozenset({row.id}),
        values=sight.shown(row),
        closed=sight.view.closed_in(row),
    )
    found = (part(session, guest) for part in PARTS)
    return row, guest, sight.view.openable(row), [part for part in found if part is not None]


def overview(session: Session, customer_id: int) -> dict[str, Any]:
    """Give the same for programs.

    Raises: NoSuchRecord.
    """
    row, guest, _openable, parts = seen(session, customer_id)
    return {
        "id": row.id,
        "profile": guest.values,
        "steps": list(chain.from_iterable(part.steps for part in parts)),
        "parts": [part for part in parts if part.lines or part.empty],
        **_standing(session, guest),
    }


def _age(born: str | None) -> int | None:
    with suppress(ValueError):  # masked, it says no year
        return rules.age(born, on=g.today) if born else None
    return None


def _why(grade: Mapping[str, Any] | None) -> str:
    return language.chosen(grade["why_zh"], grade["why_en"]) if grade else ""


def _standing(session: Session, guest: Guest) -> dict[str, Any]:
    if may_see_standing(guest.values):
        return standing(session, guest.id)
    return {"grade": None, "activity": None}
