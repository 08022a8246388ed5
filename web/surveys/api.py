"""Links for opinions as JSON.

Form: F09: the address stands in the answer that makes a link, and nowhere after it.
"""

from typing import Any

from flask import g

from shared.domain.surveys.forms.links import Link, MadeLink, NewLink
from shared.domain.surveys.service import links
from web import guests, paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("opinion_links", __name__, description="意见链接 links for opinions")


@blueprint.call("GET", "/opinion-links")
@requires("F09", "C", only="store")
@blueprint.gives(200, paging.page_of(Link))
def open_links() -> paging.Page:
    """List the links that can still be used."""
    return paging.Page(links.open_links(db.session(), now=g.now), None)


@blueprint.call("POST", "/opinion-links")
@requires("F09", "C", only="store")
@blueprint.takes(NewLink)
@blueprint.gives(201, MadeLink)
def make(loaded: dict[str, Any]) -> dict[str, Any]:
    """Make a link for a guest, or for the tablet at the desk."""
    link, secret = links.make_link(
        db.session(), kind=loaded["kind"], by_id=g.actor.id, now=g.now,
        customer_id=loaded["customer"], visit_on=loaded["visit_on"] or g.today,
    )  # fmt: skip
    return {
        "id": link.id, "kind": link.kind, "customer": link.customer, "made_at": link.made_at,
        "expires_at": link.expires_at, "url": guests.address("guest_pages.form", secret),
    }  # fmt: skip


@blueprint.call("POST", "/opinion-links/<id:link_id>/end")
@requires("F09", "C", only="store")
@blueprint.gives(200, Link)
def end(link_id: int) -> Any:
    """End a link at once."""
    return links.end_link(db.session(), link_id, now=g.now)
