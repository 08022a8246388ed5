"""The inbox as a page (通知): one's own notices, read and unread."""

from datetime import datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.notifications.queries import inbox
from shared.domain.notifications.service import reading
from web.auth import signed_in
from web.extensions import db
from web.frame import labels

blueprint = Blueprint(
    "notice_pages", __name__, url_prefix="/s/<slug>/notices", template_folder="templates"
)

PAGE = 50


@blueprint.get("")
@signed_in
def notices() -> ResponseReturnValue:
    """List one's own notices, newest first."""
    is_unread, about = "unread" in request.args, request.args.get("about", "")
    listed = inbox.page(
        db.session(),
        g.actor.id,
        now=g.now,
        limit=PAGE + 1,
        asked=inbox.Asked(
            is_unread=is_unread,
            about=about if about in dict(labels.choices("about")) else "",
            before=position(request.args.get("before")),
        ),
    )
    shown = listed[:PAGE]
    older = f"{shown[-1].due_at.isoformat()}/{shown[-1].id}" if len(listed) > PAGE else None
    return render_template(
        "notifications/inbox.html", notices=shown, older=older, is_unread=is_unread, about=about
    )


@blueprint.post("/<id:notice_id>/reading")
@signed_in
def read_one(notice_id: int) -> ResponseReturnValue:
    """Mark a notice as read."""
    reading.read_notice(db.session(), notice_id, person_id=g.actor.id, now=g.now)
    return _back()


@blueprint.post("/reading")
@signed_in
def read_all() -> ResponseReturnValue:
    """Mark as read what the page showed when it was made."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        until = g.now
    if until.tzinfo is None:
        until = g.now
    reading.read_all(db.session(), person_id=g.actor.id, until=until, now=g.now)
    return _back()


def position(text: str | None) -> inbox.Position | None:
    """Read where the last page ended; anything else begins at the top."""
    instant, _, number = (text or "").partition("/")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return None
    if at.tzinfo is None or not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return at, int(number)


def _back() -> ResponseReturnValue:
    unread, about = request.form.get("unread") and "", request.form.get("about") or None
    return redirect(url_for("notice_pages.notices", unread=unread, about=about), 303)
