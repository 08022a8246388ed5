"""Notices as JSON: one's own inbox and channels, the badge's number, the store's send log."""

from datetime import datetime
from typing import Any

from flask import g, request
from marshmallow import fields, validate
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shared import errors
from shared.domain.notifications.forms import Notice, OwnChannels, Sent, Unread
from shared.domain.notifications.queries import inbox, settings
from shared.domain.notifications.queries import sending as queries
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import State
from shared.domain.notifications.service import preferences, reading, sending
from shared.forms.fields import Form
from web import paging
from web.api import ApiBlueprint
from web.auth import requires, signed_in
from web.extensions import db
from web.versions import ETAG, IF_MATCH, seen_version

blueprint = ApiBlueprint("notices", __name__, description="通知 notices")


class NoticesAsked(paging.PageAsked):
    """One's own notices, all or those not read yet."""

    unread = fields.Boolean(load_default=False)


class ReadUntil(Form):
    """The instant up to which the inbox was seen."""

    until = fields.AwareDateTime(required=True)


class LogAsked(paging.PageAsked):
    """All messages, or those by one channel or in one state."""

    channel = fields.String(load_default=None, validate=validate.OneOf(list(Channel), error="ENUM"))
    state = fields.String(load_default=None, validate=validate.OneOf(list(State), error="ENUM"))


class ChoiceMoved(errors.Conflict):
    """Your choice was changed meanwhile, in another window."""

    code = "CONFLICT"
    zh = "您的设置已在别处修改,请刷新"


class Unchanged(HTTPException):
    """The badge shows the right number already."""

    code = 304


@blueprint.call("GET", "/notices")
@signed_in
@blueprint.takes(NoticesAsked, "query")
@blueprint.gives(200, paging.page_of(Notice))
def list_notices(asked: dict[str, Any]) -> paging.Page:
    """List one's own notices, newest first."""
    after = paging.after(asked)
    rows = inbox.page(
        db.session(),
        g.actor.id,
        now=g.now,
        limit=asked["limit"] + 1,
        asked=inbox.Asked(
            is_unread=asked["unread"],
            before=(datetime.fromisoformat(after[0]), int(after[1])) if after else None,
        ),
    )
    return paging.page(
        rows, limit=asked["limit"], position=lambda row: [row.due_at.isoformat(), row.id]
    )


@blueprint.call("GET", "/notices/unread")
@signed_in
@blueprint.gives(200, Unread)
def count_unread() -> tuple[dict[str, int], int, dict[str, str]]:
    """Count what waits to be read; 304 to who names the number in If-None-Match."""
    unread = inbox.unread_count(db.session(), g.actor.id, now=g.now)
    if request.if_none_match.contains(str(unread)):
        raise Unchanged(response=Response(status=304, headers={"ETag": f'"{unread}"'}))
    return {"unread": unread}, 200, {"ETag": f'"{unread}"'}


@blueprint.call("POST", "/notices/<id:notice_id>/reading")
@signed_in
@blueprint.gives(204)
def read_notice(notice_id: int) -> None:
    """Mark one of one's own notices as read."""
    reading.read_notice(db.session(), notice_id, person_id=g.actor.id, now=g.now)


@blueprint.call("POST", "/notices/reading")
@signed_in
@blueprint.takes(ReadUntil)
@blueprint.gives(204)
def read_all(loaded: dict[str, Any]) -> None:
    """Mark as read what stood in the inbox at an instant."""
    reading.read_all(db.session(), person_id=g.actor.id, until=loaded["until"], now=g.now)


@blueprint.call("GET", "/notices/channels")
@signed_in
@blueprint.gives(200, OwnChannels, headers=ETAG)
def own_channels() -> Any:
    """List the channels by which one hears in this tenant."""
    heard = _heard()
    return {"channels": heard}, 200, {"ETag": f'"{_choice(heard)}"'}


@blueprint.call("PUT", "/notices/channels")
@signed_in
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(OwnChannels)
@blueprint.gives(204)
def choose_channels(loaded: dict[str, Any]) -> None:
    """Hear by these channels alone; what obliges comes by all of its own."""
    if seen_version() != _choice(_heard()):
        raise ChoiceMoved
    wanted = frozenset(loaded["channels"])
    preferences.choose_channels(db.session(), person_id=g.actor.id, wanted=wanted, now=g.now)


@blueprint.call("GET", "/notices/log")
@requires("notices", "R")
@blueprint.takes(LogAsked, "query")
@blueprint.gives(200, paging.page_of(Sent))
def send_log(asked: dict[str, Any]) -> paging.Page:
    """List what was sent to whom, newest first."""
    after = paging.after(asked)
    wanted = queries.LogAsked(
        channel=asked["channel"] or "",
        state=asked["state"] or "",
        before=(datetime.fromisoformat(after[0]), int(after[1])) if after else None,
    )
    rows = queries.log(db.session(), asked=wanted, limit=asked["limit"] + 1)
    return paging.page(
        rows, limit=asked["limit"], position=lambda row: [row.created_at.isoformat(), row.id]
    )


@blueprint.call("POST", "/notices/log/<id:delivery_id>/again")
@requires("notices", "U")
@blueprint.gives(200, Sent)
def send_again(delivery_id: int) -> Any:
    """Send a message that failed once more."""
    return sending.send_again(db.session(), delivery_id, now=g.now)


def _heard() -> list[Channel]:
    off = {channel for _, channel in settings.switched_off(db.session(), g.actor.id)}
    return [code for code in preferences.OWN_CHANNELS if code not in off]


def _choice(heard: list[Channel]) -> int:
    """A choice of channels is its own version: one bit for each."""
    return sum(2**n for n, code in enumerate(preferences.OWN_CHANNELS) if code in heard)
