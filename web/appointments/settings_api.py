"""Rooms, devices and the turn queue as JSON."""

from datetime import date
from typing import Any

from shared.domain.appointments.forms.resources import NewResource, Queue, QueueChange, Resource
from shared.domain.appointments.queries import board as board_queries
from shared.domain.appointments.queries import resources as queries
from shared.domain.appointments.service import resources, turns
from web import paging, versions
from web.api import ApiBlueprint
from web.appointments import board
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint(
    "resources", __name__, description="房间、仪器与轮牌 rooms, devices, turns"
)


@blueprint.call("GET", "/resources")
@requires("resources", "R", only="store")
@blueprint.gives(200, paging.page_of(Resource))
def list_resources() -> paging.Page:
    """List all rooms and devices, also those out of use."""
    return paging.Page(queries.every(db.session()), None)


@blueprint.call("POST", "/resources")
@requires("resources", "C", only="store")
@blueprint.takes(NewResource)
@blueprint.gives(201, Resource, headers=versions.ETAG)
def add_resource(loaded: dict[str, Any]) -> Any:
    """Add a room or device."""
    return _one(resources.add(db.session(), new=resources.NewResource(**loaded)))


@blueprint.call("GET", "/resources/<id:resource_id>")
@requires("resources", "R", only="store")
@blueprint.gives(200, Resource, headers=versions.ETAG)
def get_resource(resource_id: int) -> Any:
    """Show one room or device."""
    return _one(queries.get(db.session(), resource_id))


@blueprint.call("PUT", "/resources/<id:resource_id>")
@requires("resources", "U", only="store")
@blueprint.says(parameters=[versions.IF_MATCH])
@blueprint.takes(NewResource)
@blueprint.gives(200, Resource, headers=versions.ETAG)
def change_resource(loaded: dict[str, Any], resource_id: int) -> Any:
    """Say anew what a room or device is; If-Match names the version that was seen."""
    seen, new = versions.seen_version(), resources.NewResource(**loaded)
    return _one(resources.change(db.session(), resource_id=resource_id, version=seen, new=new))


@blueprint.call("GET", "/turns/<day:day>")
@requires("F03_desk", "R", only="store")
@blueprint.gives(200, Queue)
def show_turns(day: date) -> dict[str, Any]:
    """Show the turn queue of a day."""
    return {"places": board_queries.turns(db.session(), day)}


@blueprint.call("PUT", "/turns/<day:day>")
@requires("F03_desk", "U", only="store")
@blueprint.takes(QueueChange)
@blueprint.gives(200, Queue)
def set_turns(loaded: dict[str, Any], day: date) -> dict[str, Any]:
    """Say who stands in the turn queue of a day; refused when it is not as it was seen."""
    session = db.session()
    places, seen = ([turns.Place(**one) for one in loaded[of]] for of in ("places", "seen"))
    serving = frozenset(board.serving())
    turns.set_queue(session, day=day, places=places, seen=seen, serving=serving)
    return {"places": board_queries.turns(session, day)}


def _one(found: Any) -> tuple[Any, dict[str, str]]:
    return found, {"ETag": f'"{found.version}"'}
