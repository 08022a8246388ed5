"""Links for opinions, as the front desk makes them: a QR code for a guest, a tablet for the day."""

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.customers import queries as customers
from shared.domain.surveys.rules import Way
from shared.domain.surveys.service import links
from shared.errors import DomainError
from web import guests
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, reasons_of, whole

blueprint = Blueprint(
    "opinion_link_pages",
    __name__,
    url_prefix="/s/<slug>/opinion-links",
    template_folder="templates",
)


@blueprint.get("")
@requires("F09", "C", only="store")
def open_links() -> ResponseReturnValue:
    """List the links that can still be used, and offer new ones."""
    return _list({})


@blueprint.post("")
@requires("F09", "C", only="store")
def make() -> ResponseReturnValue:
    """Make a link and show its code; the address is not shown again."""
    kind = Way.TABLET if request.form.get("kind") == Way.TABLET else Way.LINK
    customer = whole(request.form.get("customer"))
    try:
        link, secret = links.make_link(
            db.session(), kind=kind, by_id=g.actor.id, now=g.now,
            customer_id=customer if isinstance(customer, int) else None, visit_on=g.today,
        )  # fmt: skip
    except DomainError as error:
        return _list(reasons_of(error)), 422
    url = guests.address("guest_pages.form", secret)
    return render_template("surveys/link.html", link=link, url=url, code=_code(url))


@blueprint.post("/<id:link_id>/end")
@requires("F09", "C", only="store")
def end(link_id: int) -> ResponseReturnValue:
    """End a link at once."""
    links.end_link(db.session(), link_id, now=g.now)
    flash(_("The link no longer works."), "good")
    return redirect(url_for(".open_links"), 303)


def _code(url: str) -> str:
    picture: str = segno.make(url, error="m").svg_data_uri(scale=6, border=3)
    return picture


def _list(problems: Reasons) -> str:
    found = links.open_links(db.session(), now=g.now)
    known = customers.by_ids(db.session(), [n for link in found if (n := link.customer)])
    return render_template("surveys/links.html", links=found, customers=known, problems=problems)
