"""A reaction that a guest tells of when the card is signed long since, at the desk or by phone.

Form: F05 reaction. What comes of it is F06's: until that is built, the manager is told at once.
"""

from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import errors
from shared.domain.appointments.forms.reaction import BAD, NewLateReaction
from shared.domain.appointments.queries import reactions as queries
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.errors import DomainError
from web.appointments import reactions
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of
from web.records.shown import said

blueprint = Blueprint(
    "reaction_pages", __name__, url_prefix="/s/<slug>/treatment-card", template_folder="templates"
)


@blueprint.get("/<id:record_id>/reaction")
@requires("F05_reaction", "C", only="store")
def form(record_id: int) -> ResponseReturnValue:
    """Ask what the guest tells; show what was told before to whom health data are open."""
    return _page(record_id, {"key": str(uuid4())}, {})


@blueprint.post("/<id:record_id>/reaction")
@requires("F05_reaction", "C", only="store")
def tell(record_id: int) -> ResponseReturnValue:
    """Write it down; refused, the form stands there again."""
    typed = {
        name: text for name in ("key", "reaction", "words") if (text := request.form.get(name))
    }
    try:
        reactions.tell(record_id, loaded(NewLateReaction(), typed))
    except errors.Missing:
        raise
    except DomainError as error:
        # nothing was written, so a new key: one that is taken would be refused for ever
        return _page(record_id, {**typed, "key": str(uuid4())}, reasons_of(error)), 422
    flash(_("Noted; the manager is told now. Nothing on the signed card has changed."), "good")
    return redirect(url_for(".form", record_id=record_id), 303)


def _page(record_id: int, typed: dict[str, Any], problems: Reasons) -> str:
    session, row = db.session(), reactions.card(record_id, "C")
    return render_template(
        "appointments/reaction.html",
        row=row,
        guest=customers.by_ids(session, [row.customer])[row.customer],
        item=catalog.by_ids(session, [row.item])[row.item],
        told=queries.of_card(session, row.id) if g.actor.may("F05_reaction", "R") else None,
        choices=[("", "—"), *((str(code), said(label)) for code, label in BAD.items())],
        typed=typed,
        problems=problems,
    )
