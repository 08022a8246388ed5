"""The places where a person works, for the menu at the store's name.

From a page that every store has one comes to the same page of the other store, else to its home.
"""

from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tenants.people import identity
from tenants.registry import Tenant
from web.auth import signed_in
from web.frame import navigation

blueprint = Blueprint("places", __name__, url_prefix="/s/<slug>/places")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place and the page there that is nearest to the present one."""

    tenant: Tenant
    url: str
    is_here: bool


@blueprint.get("")
@signed_in
def listing() -> ResponseReturnValue:
    """List the person's places, as the menu shows them."""
    here = request.args.get("page", "")
    places = [_place(found, here) for found in identity.memberships(g.actor.id)]
    return render_template("frame/places_list.html", places=places)


def _place(found: identity.Membership, here: str) -> Place:
    kind = found.tenant.kind
    wanted = navigation.place_of(here, kind) if kind == g.tenant.kind else None
    if wanted is None or not navigation.may_open(wanted, kind=kind, roles=found.roles):
        url = url_for("home_page.home", slug=found.tenant.slug)
    else:
        url = url_for(wanted.endpoint, slug=found.tenant.slug, **wanted.values())
    return Place(tenant=found.tenant, url=url, is_here=found.tenant.name == g.tenant.name)
