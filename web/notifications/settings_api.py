"""Where the store's messages go and what they say, as JSON: channels, texts, quiet hours.

Shape: an answer with one thing carries its version as ETag, and a change names the one that was
seen in If-Match. A secret is told once, when it is made; who makes one proves who it is.
"""

from datetime import time
from typing import Any
from uuid import UUID

from flask import g

from shared import errors
from shared.domain.notifications.forms import (
    Endpoint,
    EndpointChange,
    MadeEndpoint,
    MadeSecret,
    NewEndpoint,
    QuietHours,
    Sent,
    StorePhone,
    Switch,
    WordingChange,
    WordingShown,
)
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import catalogue, texts
from shared.domain.notifications.rules.catalogue import Event, Wording
from shared.domain.notifications.rules.endpoints import BOTS, Kind
from shared.domain.notifications.service import endpoints, preferences
from shared.domain.notifications.service.preferences import Author
from web import idempotency, paging
from web.api import ApiBlueprint
from web.auth import fresh, requires
from web.extensions import db
from web.notifications import endpoint_secrets, new_endpoints
from web.versions import ETAG, IF_MATCH, seen_version

blueprint = ApiBlueprint("notice_settings", __name__, description="通知设置 notice settings")
AUDIENCES = ("staff", "guest")


class QuietHoursMoved(errors.Conflict):
    """Somebody changed the quiet hours meanwhile."""

    code = "CONFLICT"
    zh = "他人已修改免打扰时段,请刷新"


@blueprint.call("GET", "/notices/endpoints")
@requires("notices", "R")
@blueprint.gives(200, paging.page_of(Endpoint))
def list_endpoints() -> paging.Page:
    """List the store's channels: chat groups, webhooks, providers; there are few."""
    return paging.Page([_shown(one) for one in settings.endpoints(db.session())], None)


@blueprint.call("POST", "/notices/endpoints")
@requires("notices", "C")
@fresh
@idempotency.secret
@blueprint.takes(NewEndpoint)
@blueprint.gives(201, MadeEndpoint, headers=ETAG)
def add_endpoint(loaded: dict[str, Any]) -> Any:
    """Add a channel; the secret that its receiver checks is told this one time."""
    new, secret = new_endpoints.made_of(loaded)
    endpoints.add_endpoint(db.session(), new=new, by=g.actor.id, now=g.now)
    made = _shown(settings.target(db.session(), new.id))
    return {**made, "signing_secret": secret}, 201, _tag(made["version"])


@blueprint.call("GET", "/notices/endpoints/<uuid:endpoint_id>")
@requires("notices", "R")
@blueprint.gives(200, Endpoint, headers=ETAG)
def get_endpoint(endpoint_id: UUID) -> Any:
    """Show one channel."""
    return _one(endpoint_id)


@blueprint.call("PUT", "/notices/endpoints/<uuid:endpoint_id>")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(EndpointChange)
@blueprint.gives(200, Endpoint, headers=ETAG)
def change_endpoint(loaded: dict[str, Any], endpoint_id: UUID) -> Any:
    """Change a channel's name, language and what it hears."""
    endpoints.change_endpoint(
        db.session(), endpoint_id, name=loaded["name"], locale=loaded["locale"],
        topics=frozenset(loaded["topics"]), seen=seen_version(),
    )  # fmt: skip
    return _one(endpoint_id)


@blueprint.call("PUT", "/notices/endpoints/<uuid:endpoint_id>/switch")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(Switch)
@blueprint.gives(200, Endpoint, headers=ETAG)
def switch_endpoint(loaded: dict[str, Any], endpoint_id: UUID) -> Any:
    """Switch a channel on, with its failures forgotten, or off."""
    endpoints.switch_endpoint(db.session(), endpoint_id, is_on=loaded["is_on"], seen=seen_version())
    return _one(endpoint_id)


@blueprint.call("POST", "/notices/endpoints/<uuid:endpoint_id>/rotation")
@requires("notices", "U")
@fresh
@idempotency.secret
@blueprint.gives(200, MadeSecret)
def rotate_secret(endpoint_id: UUID) -> Any:
    """Make a new signing secret; the old one signs beside it for a day."""
    return {"signing_secret": endpoint_secrets.rotate(db.session(), endpoint_id, now=g.now)}


@blueprint.call("POST", "/notices/endpoints/<uuid:endpoint_id>/test")
@requires("notices", "U")
@blueprint.gives(201, Sent)
def send_test(endpoint_id: UUID) -> Any:
    """Send a test message; the send log says how it ended."""
    return endpoints.send_test(db.session(), endpoint_id, store=g.tenant.display_name, now=g.now)


@blueprint.call("DELETE", "/notices/endpoints/<uuid:endpoint_id>")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(204)
def remove_endpoint(endpoint_id: UUID) -> None:
    """Take a channel away; what was sent to it stays in the send log."""
    endpoints.remove_endpoint(db.session(), endpoint_id, now=g.now, seen=seen_version())


@blueprint.call("GET", "/notices/texts")
@requires("notices", "R")
@blueprint.gives(200, paging.page_of(WordingShown))
def list_texts() -> paging.Page:
    """List every event's texts as they count now; there are as many as events."""
    newest = settings.newest_wordings(db.session())
    listed = [
        _text(event, audience, newest.get((event.name, audience)))
        for event in catalogue.events().values()
        for audience in AUDIENCES
    ]
    return paging.Page(listed, None)


@blueprint.call("GET", "/notices/texts/<event_name>/<audience>")
@requires("notices", "R")
@blueprint.gives(200, WordingShown, headers=ETAG)
def get_text(event_name: str, audience: str) -> Any:
    """Show the text that counts for an event."""
    return _one_text(_event(event_name, audience), audience)


@blueprint.call("PUT", "/notices/texts/<event_name>/<audience>")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(WordingChange)
@blueprint.gives(200, WordingShown, headers=ETAG)
def write_text(loaded: dict[str, Any], event_name: str, audience: str) -> Any:
    """Write the next version of a text; what was told stays as told."""
    event = _event(event_name, audience)
    _write(event, audience, Wording(loaded["zh"], loaded["en"]))
    return _one_text(event, audience)


@blueprint.call("DELETE", "/notices/texts/<event_name>/<audience>")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, WordingShown, headers=ETAG)
def restore_text(event_name: str, audience: str) -> Any:
    """Go back to the default, as a version of its own."""
    event = _event(event_name, audience)
    _write(event, audience, None)
    return _one_text(event, audience)


@blueprint.call("GET", "/notices/quiet-hours")
@requires("notices", "R")
@blueprint.gives(200, QuietHours, headers=ETAG)
def get_quiet_hours() -> Any:
    """Say when staff is not disturbed."""
    return _quiet_hours()


@blueprint.call("PUT", "/notices/quiet-hours")
@requires("notices", "U")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(QuietHours)
@blueprint.gives(200, QuietHours, headers=ETAG)
def set_quiet_hours(loaded: dict[str, Any]) -> Any:
    """Set when staff is not disturbed; the same begin and end mean never."""
    if seen_version() != _hours_version(*settings.quiet_hours(db.session(), now=g.now)):
        raise QuietHoursMoved
    preferences.set_quiet_hours(db.session(), **loaded, by=g.actor.id, now=g.now)
    return loaded, _tag(_hours_version(**loaded))


@blueprint.call("GET", "/notices/phone")
@requires("notices", "R")
@blueprint.gives(200, StorePhone)
def get_phone() -> dict[str, Any]:
    """Say which number guests call."""
    return {"number": settings.phone(db.session(), now=g.now) or None}


@blueprint.call("PUT", "/notices/phone")
@requires("notices", "U")
@blueprint.takes(StorePhone)
@blueprint.gives(200, StorePhone)
def set_phone(loaded: dict[str, Any]) -> dict[str, Any]:
    """Set the number that notices tell guests to call; none when it is left out."""
    preferences.set_phone(db.session(), **loaded, by=g.actor.id, now=g.now)
    return loaded


def _one(endpoint_id: UUID) -> Any:
    shown = _shown(settings.target(db.session(), endpoint_id))
    return shown, _tag(shown["version"])


def _shown(target: settings.Target) -> dict[str, Any]:
    held = target.endpoint
    own = ("id", "kind", "name", "url", "locale", "is_on", "failures", "last_error", "version")
    is_robot = Kind(held.kind) in BOTS
    return {
        **{name: getattr(held, name) for name in own},
        "hint": held.hint if is_robot else None,
        "topics": sorted(target.topics),
    }


def _event(name: str, audience: str) -> Event:
    if audience not in AUDIENCES:
        raise catalogue.NoSuchEvent(event=name)
    return catalogue.event(name)


def _write(event: Event, audience: str, wording: Wording | None) -> None:
    author = Author(id=g.actor.id, name=g.actor.name, now=g.now)
    preferences.write_wording(
        db.session(), event, audience, wording, seen=seen_version(), author=author
    )


def _one_text(event: Event, audience: str) -> Any:
    newest = settings.newest_wordings(db.session(), event=event.name)
    shown = _text(event, audience, newest.get((event.name, audience)))
    return shown, _tag(shown["version"])


def _text(event: Event, audience: str, written: Any) -> dict[str, Any]:
    default = event.guest_text if audience == "guest" else event.staff
    counts = written if written is not None and written.zh is not None else default
    names = ["store", *texts.placeholders(default.zh), *texts.placeholders(default.en)]
    return {
        "event": event.name,
        "audience": audience,
        "zh": counts.zh,
        "en": counts.en,
        "version": written.number if written is not None else 0,
        "is_default": counts is default,
        "placeholders": list(dict.fromkeys(names)),
    }


def _quiet_hours() -> Any:
    begins, ends = settings.quiet_hours(db.session(), now=g.now)
    return {"begins": begins, "ends": ends}, _tag(_hours_version(begins, ends))


def _hours_version(begins: time, ends: time) -> int:
    """Two times are their own version: who saw the same hours saw the newest."""
    return int(f"1{begins:%H%M}{ends:%H%M}")


def _tag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
