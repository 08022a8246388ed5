"""Where a person can go: the index of this tenant's kind, as far as it is open to this person.

Form: specification 13; sections are its screens, and only what exists stands in them.
A new capability adds its lines to index_store or index_hq and nothing else: whether a person sees a
destination is what its view declares with `requires`. A page without a line of its own stands under
the line that covers it, else under the first line of its own blueprint.
"""

from collections.abc import Iterable, Iterator

from flask import current_app, g, request

from tenants.people import permissions
from web.auth import access_of
from web.frame.destinations import Destination, Section
from web.frame.index_hq import HEADQUARTERS
from web.frame.index_store import STORE

SECTIONS = {"store": STORE, "hq": HEADQUARTERS}


def sections() -> list[Section]:
    """List what this person may open in this tenant; a section without any is left out."""
    open_to = [
        Section(
            text=one.text,
            name=one.name,
            destinations=tuple(
                found
                for found in one.destinations
                if may_open(found, kind=g.tenant.kind, roles=g.actor.roles)
            ),
        )
        for one in SECTIONS[g.tenant.kind]
    ]
    return [one for one in open_to if one.destinations]


def destinations(kind: str) -> Iterator[Destination]:
    """Give all destinations of a kind of tenant, whoever asks."""
    return (found for section in SECTIONS[kind] for found in section.destinations)


def may_open(destination: Destination, *, kind: str, roles: Iterable[str]) -> bool:
    """Say whether these roles in a tenant of that kind open it, by what its view declares."""
    access = access_of(current_app.view_functions.get(destination.endpoint))
    if access is None or (access.only is not None and access.only != kind):
        return False
    if access.resource is None or access.verb is None:
        return True
    return permissions.allowed(roles, access.resource, access.verb)


def current() -> Destination | None:
    """Find the destination that this request's page is or stands under."""
    return place_of(request.endpoint or "", g.tenant.kind)


def place_of(endpoint: str, kind: str) -> Destination | None:
    """Find the destination that a page is or stands under."""
    listed = list(destinations(kind))
    own = endpoint.partition(".")[0]
    for is_it in (
        lambda d: d.endpoint == endpoint,
        lambda d: endpoint in d.covers,
        lambda d: d.endpoint.partition(".")[0] == own,
    ):
        if found := next(filter(is_it, listed), None):
            return found
    return None
