"""The inbox as JSON: one's own notices in this tenant, and the number the badge shows."""

from datetime import datetime
from typing import Any

from flask import g, request
from marshmallow import fields
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shared.domain.notifications.forms import Notice, Unread
from shared.domain.notifications.queries import inbox
from shared.domain.notifications.service import reading
from shared.forms.fields import Form
from web import paging
from web.api import ApiBlueprint
from web.auth import signed_in
from web.extensions import db

blueprint = ApiBlueprint("notices", __name__, description="通知 notices")


class NoticesAsked(paging.PageAsked):
    """One's own notices, all or those not read yet."""

    unread = fields.Boolean(load_default=False)


class ReadUntil(Form):
    """The instant up to which the inbox was seen."""

    until = fields.AwareDateTime(required=True)


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
