"""The opinion form as a guest sees it: no account, one page, large targets; the tablet's too."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import days, errors
from shared.domain.surveys.forms.opinion import GUEST_FIELDS, Opinion
from shared.domain.surveys.models import OpinionLink
from shared.domain.surveys.rules import Way
from shared.domain.surveys.service import links
from shared.forms.fields import Choice
from shared.forms.kinds import Flag
from shared.forms.record import declared_fields
from shared.records.register import Editor
from web import guests
from web.auth import guest
from web.extensions import db
from web.forms import Reasons, reasons_of
from web.frame import language

blueprint = Blueprint("guest_pages", __name__, url_prefix="/g/<token>", template_folder="templates")

_FIELDS = {name: declared_fields(Opinion)[name] for name in GUEST_FIELDS}


@blueprint.get("")
@guest
def form(token: str) -> ResponseReturnValue:
    """Show the form, or that the link is used up."""
    try:
        link = links.open_link(db.session(), g.guest_secret, now=g.now)
    except links.LinkGone:
        return render_template("surveys/gone.html"), 404
    return _form(link, {}, {})


@blueprint.post("")
@guest
def answer(token: str) -> ResponseReturnValue:
    """Take the opinion; refused, the form stands there again with the reasons."""
    guests.count_answer(g.guest_secret, now=g.now)
    session = db.session()
    try:
        link = links.open_link(session, g.guest_secret, now=g.now)
    except links.LinkGone:
        return render_template("surveys/gone.html"), 404
    by = Editor(
        id=None,
        permits=lambda resource, verb: False,
        now=g.now,
        today=g.today,
        day_of=_day_of,
        zone=g.tenant.time_zone,
    )
    try:
        with session.begin_nested():
            links.answer(session, g.guest_secret, typed=_typed(), by=by)
    except errors.Invalid as error:
        return _form(link, request.form, reasons_of(error)), 422
    return redirect(url_for(".thanks", token=token), 303)


@blueprint.get("/thanks")
@guest
def thanks(token: str) -> ResponseReturnValue:
    """Thank; a tablet goes back to an empty form by itself."""
    try:
        link = links.open_link(db.session(), g.guest_secret, now=g.now)
    except links.LinkGone:
        return render_template("surveys/thanks.html", is_tablet=False)
    return render_template("surveys/thanks.html", is_tablet=link.kind == Way.TABLET)


def _form(link: OpinionLink, typed: Mapping[str, str], problems: Reasons) -> str:
    return render_template(
        "surveys/guest_form.html",
        labels={name: _said(field.metadata["label"]) for name, field in _FIELDS.items()},
        options={
            name: [(str(code), _said(label)) for code, label in field.choices.items()]
            for name, field in _FIELDS.items()
            if isinstance(field, Choice)
        },
        typed=typed,
        problems=problems,
        knows_guest=link.customer is not None,
    )


def _typed() -> dict[str, Any]:
    """Read the form as sent: an untouched field is left out, a tick is true."""
    typed: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        text = request.form.get(name, "")
        if isinstance(field, Flag):
            typed[name] = bool(text)
        elif text.strip():
            typed[name] = text
    return typed


def _said(label: tuple[str, str]) -> str:
    return label[0] if language.is_chinese() else label[1]


def _day_of(instant: Any) -> Any:
    tenant = g.tenant
    return days.business_day(instant, zone=tenant.time_zone, change_hour=tenant.day_change_hour)
