"""Cards on offer and the rule of refunds, as JSON."""

from typing import Any

from flask import g

from shared.domain.cards import forms
from shared.domain.cards.queries import entries
from shared.domain.cards.queries import offers as queries
from shared.domain.cards.service import offers as service
from shared.forms.fields import Day
from web import paging, versions
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("card_offers", __name__, description="卡项 cards on offer")


class OffersAsked(paging.PageAsked):
    """All offers, or those on sale on a day."""

    on_sale_on = Day(("在售日期", "On sale on"))


@blueprint.call("GET", "/card-offers")
@requires("catalog", "R")
@blueprint.takes(OffersAsked, "query")
@blueprint.gives(200, paging.page_of(forms.Offer))
def list_offers(asked: dict[str, Any]) -> paging.Page:
    """List offers by code."""
    after = paging.after(asked)
    rows = queries.page(
        db.session(),
        after=after[0] if after else None,
        limit=asked["limit"] + 1,
        on_sale_on=asked["on_sale_on"],
    )
    return paging.page(rows, limit=asked["limit"], position=lambda offer: [offer.code])


@blueprint.call("POST", "/card-offers")
@requires("catalog", "C", only="store")
@blueprint.takes(forms.NewOffer)
@blueprint.gives(201, forms.Offer, headers=versions.ETAG)
def add_offer(loaded: dict[str, Any]) -> Any:
    """Put a card on offer."""
    return _one(service.add_offer(db.session(), new=service.NewOffer(**loaded), now=g.now))


@blueprint.call("GET", "/card-offers/<id:offer_id>")
@requires("catalog", "R")
@blueprint.gives(200, forms.Offer, headers=versions.ETAG)
def get_offer(offer_id: int) -> Any:
    """Show one offer."""
    return _one(queries.get(db.session(), offer_id))


@blueprint.call("PUT", "/card-offers/<id:offer_id>")
@requires("catalog", "U", only="store")
@blueprint.says(parameters=[versions.IF_MATCH])
@blueprint.takes(forms.NewOffer)
@blueprint.gives(200, forms.Offer, headers=versions.ETAG)
def change_offer(loaded: dict[str, Any], offer_id: int) -> Any:
    """Say anew what an offer is; If-Match names the version that was seen."""
    seen, new = versions.seen_version(), service.NewOffer(**loaded)
    return _one(service.change_offer(db.session(), offer_id=offer_id, version=seen, new=new))


@blueprint.call("GET", "/card-settings")
@requires("catalog", "R", only="store")
@blueprint.gives(200, forms.RefundRule)
def get_rule() -> Any:
    """Show how refunds of cards are reckoned."""
    return {"rule": entries.refund_rule(db.session(), now=g.now)}


@blueprint.call("PUT", "/card-settings")
@requires("catalog", "U", only="store")
@blueprint.takes(forms.RefundRule)
@blueprint.gives(200, forms.RefundRule)
def choose_rule(asked: dict[str, Any]) -> Any:
    """Choose how refunds of cards are reckoned from now on."""
    service.choose_refund_rule(db.session(), rule=asked["rule"], by=g.actor.id, now=g.now)
    return asked


def _one(offer: Any) -> tuple[Any, dict[str, str]]:
    return offer, {"ETag": f'"{offer.version}"'}
