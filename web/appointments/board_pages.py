"""The day board 预约看板 as a page: it is drawn by web/assets/board.ts from the board's answer.

Form: F03; screens of specification 13.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _
from flask_babel import pgettext

from shared.domain.appointments.rules.stages import STAGES, Stage
from web.appointments import board
from web.auth import requires
from web.forms import day_of
from web.frame import language

blueprint = Blueprint(
    "board_pages", __name__, url_prefix="/s/<slug>/appointments", template_folder="templates"
)
VIEWS = ("staff", "room", "week")
STAGE_ICONS = {
    Stage.REQUESTED: "help-circle", Stage.CONFIRMED: "calendar-check", Stage.ARRIVED: "door-enter",
    Stage.IN_SERVICE: "player-play", Stage.COMPLETED: "circle-check", Stage.NO_SHOW: "user-off",
    Stage.CANCELLED: "ban",
}  # fmt: skip


@blueprint.get("/board")
@requires("F03", "R", only="store")
def day_board() -> str:
    """Show the board of a day by person or room, or a week of one person."""
    day, by = day_of(request.args.get("day")) or g.today, request.args.get("by")
    by = by if by in VIEWS else VIEWS[0]
    people = _people()
    first = day - timedelta(days=day.weekday()) if by == "week" else day
    step = timedelta(days=7 if by == "week" else 1)
    return render_template(
        "appointments/board.html",
        day=day, first=first, last=first + step - timedelta(days=1), before=day - step,
        after=day + step, by=by, views=_views(), people=people,
        person=_person(request.args.get("person"), people), own=board.own_of(), words=_words(),
        stage_icons=STAGE_ICONS,
        stages={code: texts[0 if language.is_chinese() else 1] for code, texts in STAGES.items()},
    )  # fmt: skip


def _people() -> dict[UUID, str]:
    own = board.own_of()
    return {one: known.name for one, known in board.serving().items() if own is None or one == own}


def _person(text: str | None, people: Mapping[UUID, str]) -> UUID | None:
    named = [one for one in people if str(one) == text]
    mine = [one for one in people if one == g.actor.id]
    return next(iter([*named, *mine, *people]), None)


def _views() -> dict[str, str]:
    return {"staff": _("By person"), "room": _("By room"), "week": _("Week")}


def _words() -> dict[str, Any]:
    """Give the texts that the script writes; it fills in what stands in braces."""
    return {
        "asked": pgettext("mark", "R"), "askedFor": _("asked for {who}"),
        "bookAt": _("+ book {time}"),
        "contraindicated": _("contraindication"), "count": _("{n} booked"),
        "deliberate": _("booked twice on purpose"), "down": _("Move {who} down"),
        "failed": _("That did not work. Try again."), "free": _("free {n}"),
        "freeFrom": _("Book {who}, free from {from} to {to}"),
        "hours": _("{n} h"), "minutes": _("{n} min"),
        "goesOn": _("{who} takes turns again"), "joins": _("{who} joins the queue"),
        "lasts": _("{n} min, until {end}"), "leaves": _("{who} leaves the queue"),
        "news": _("Bookings changed at another desk: {n}"), "next": _("next"),
        "noRoom": _("Without a room"), "noTurns": _("Nobody stands in the queue."),
        "nobody": _("Not assigned"), "paused": _("pauses"), "pauses": _("{who} pauses"),
        "queueMoved": _("Another desk has just changed the turn queue. Try again."),
        "putDown": _("Enter puts it down, Esc leaves it"), "takes": _("{who} takes the next guest"),
        "turn": _("turn {n}"), "undo": _("Undo"),
        "undone": _("Undone: {who}"), "up": _("Move {who} up"),
    }  # fmt: skip
