"""Cards on offer as pages: what can be bought, how refunds are reckoned; the manager changes it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.cards import forms
from shared.domain.cards.models import CardOffer
from shared.domain.cards.queries import entries
from shared.domain.cards.queries import offers as queries
from shared.domain.cards.service import offers as service
from shared.domain.catalog import queries as catalog
from shared.errors import DomainError
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, loaded, reasons_of, whole
from web.frame.formats import plain_money

blueprint = Blueprint(
    "card_offer_pages", __name__, url_prefix="/s/<slug>/card-offers", template_folder="templates"
)

MOST = 500
_MONEY = ("price_fen", "bonus_fen")
_NUMBERS = ("item_id", "paid_sessions", "gift_sessions", "valid_months")


@blueprint.get("")
@requires("catalog", "R", only="store")
def offers() -> ResponseReturnValue:
    """List the cards on offer, and take a new one."""
    return _list({"on_sale_from": f"{g.today}", "kind": "STORED"}, {})


@blueprint.post("")
@requires("catalog", "C", only="store")
def add() -> ResponseReturnValue:
    """Put a card on offer; refused, the form stands there again with the reasons."""
    try:
        offer = service.add_offer(db.session(), new=_new(), now=g.now)
    except DomainError as error:
        return _list(request.form, reasons_of(error)), 422
    return _done(_("%(code)s %(name)s is on the list.", code=offer.code, name=offer.name))


@blueprint.get("/<id:offer_id>")
@requires("catalog", "U", only="store")
def offer(offer_id: int) -> ResponseReturnValue:
    """Show one offer to be changed."""
    found = queries.get(db.session(), offer_id)
    return _offer(found, _typed(found), {})


@blueprint.post("/<id:offer_id>")
@requires("catalog", "U", only="store")
def change(offer_id: int) -> ResponseReturnValue:
    """Say anew what an offer is; cards already sold stay as they are."""
    session = db.session()
    found = queries.get(session, offer_id)
    seen = whole(request.form.get("version"))
    version = seen if isinstance(seen, int) else 0
    try:
        changed = service.change_offer(session, offer_id=offer_id, version=version, new=_new())
    except DomainError as error:
        return _offer(found, request.form, reasons_of(error)), 422
    return _done(_("%(code)s %(name)s is changed.", code=changed.code, name=changed.name))


@blueprint.post("/refund-rule")
@requires("catalog", "U", only="store")
def choose_rule() -> ResponseReturnValue:
    """Choose how refunds of cards are reckoned from now on."""
    try:
        asked = loaded(forms.RefundRule(), {"rule": request.form.get("rule")})
    except DomainError as error:
        return _list({}, reasons_of(error)), 422
    service.choose_refund_rule(db.session(), rule=asked["rule"], by=g.actor.id, now=g.now)
    return _done(_("Refunds of cards are reckoned so from now on."))


def _new() -> service.NewOffer:
    """Read the form as sent; an empty field counts as left out."""
    readers: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(_MONEY, fen),
        **dict.fromkeys(_NUMBERS, whole),
    }
    typed = {
        name: readers.get(name, str.strip)(request.form[name])
        for name in forms.NewOffer().fields
        if name in request.form
    }
    filled = {name: value for name, value in typed.items() if value not in (None, "")}
    return service.NewOffer(**loaded(forms.NewOffer(), filled))


def _typed(found: CardOffer) -> dict[str, str]:
    plain = {name: getattr(found, name) for name in ("version", *forms.NewOffer().fields)}
    return {
        name: plain_money(value) if name in _MONEY else f"{'' if value is None else value}"
        for name, value in plain.items()
    }


def _done(text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for(".offers"), 303)


def _list(typed: Mapping[str, str], problems: Reasons) -> str:
    session = db.session()
    found = queries.page(session, limit=MOST)
    return render_template(
        "cards/offers.html",
        offers=found,
        item_names=_item_names([one.item_id for one in found if one.item_id]),
        items=_items(),
        rule=entries.refund_rule(session, now=g.now),
        typed=typed,
        problems=problems,
    )


def _offer(found: CardOffer, typed: Mapping[str, str], problems: Reasons) -> str:
    return render_template(
        "cards/offer.html", offer=found, items=_items(), typed=typed, problems=problems
    )


def _items() -> list[tuple[str, str]]:
    """Give the treatments that a package may be of, as the choices of a field."""
    on_sale = catalog.items(db.session(), on_sale_on=g.today)
    return [(f"{one.id}", f"{one.code} {one.name}") for one in on_sale if one.category != "PRODUCT"]


def _item_names(ids: list[int]) -> dict[int, str]:
    return {one.id: one.name for one in catalog.by_ids(db.session(), ids).values()}
