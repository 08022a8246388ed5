"""Appointments as JSON beside the calls of the declared form: the board, free times, each step.

Form: F03, W1. To confirm a request is to change it: PATCH with a person and a room; to move one is
to change its time, person or room. Every step names the version seen in If-Match.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Response, g, jsonify, request
from marshmallow import ValidationError, fields

from shared import errors
from shared.domain.appointments.forms.board import Board
from shared.domain.appointments.forms.moving import Cancellation, Kept, Slots, Span
from shared.domain.appointments.queries import board as queries
from shared.domain.appointments.queries import free
from shared.domain.appointments.rules.rates import rates
from shared.domain.appointments.rules.slots import Slot
from shared.domain.appointments.service import moving
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.forms.dumping import builder
from shared.forms.fields import Day, Form, Key
from shared.forms.kinds import Instant
from web import paging
from web.api import ApiBlueprint
from web.appointments import board
from web.auth import requires
from web.extensions import db
from web.records import access
from web.records.schemas import shapes_of
from web.versions import ETAG, IF_MATCH, seen_version, tagged

blueprint = ApiBlueprint("appointments", __name__, description="预约 appointments")
_SHOWN = shapes_of(APPOINTMENTS.form).shown
LONGEST_DAYS = 366


class Ids(fields.Field[list[int]]):
    """Numbers of records in a query string, `3,7`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[int]:
        parts = str(value).split(",")[:20]
        if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise ValidationError("TYPE")
        return [int(part) for part in parts]


class BoardAsked(Form):
    """Which days of the board: one, or up to seven."""

    day = Day(("日期", "Day"), required=True)
    last = Day(("到", "To"))


class FreeAsked(Form):
    """For what a free time is looked for."""

    day = Day(("日期", "Day"), required=True)
    items = Ids(required=True, metadata={"label": ("项目", "Items"), "class": "none"})
    staff = Key(("指定美容师", "Asked for"))
    near = Instant(("希望时间", "Wished for"))
    every = paging.Number(("间隔分钟", "Every"), minimum=5, maximum=60, load_default=5)
    most = paging.Number(("最多", "At most"), minimum=1, maximum=288, load_default=12)
    customer = paging.Number(("顾客", "Guest"), minimum=1, maximum=2**63 - 1)
    moving = paging.Number(("改约的预约", "Moved"), minimum=1, maximum=2**63 - 1)


@blueprint.call("GET", "/appointments/board")
@requires("F03", "R", only="store")
@blueprint.takes(BoardAsked, "query")
@blueprint.gives(200, Board, headers=ETAG)
def day_board(asked: dict[str, Any]) -> Response:
    """Show the board of some days; unchanged since its ETag, it answers 304 without a body."""
    first, last = asked["day"], asked["last"] or asked["day"]
    if not first <= last <= first + timedelta(days=board.MOST_DAYS - 1):
        raise errors.FormInvalid(problems=(errors.problem("last", "RANGE"),))
    session = db.session()
    facts = queries.fingerprint(session, first, last), board.own_of(), sorted(g.actor.roles)
    tag = sha256(repr(facts).encode()).hexdigest()[:24]
    if request.if_none_match.contains(tag):
        answer = Response(status=304)
    else:
        answer = jsonify(builder(Board)(board.shown(session, first, last)))
    answer.set_etag(tag)
    return answer


@blueprint.call("GET", "/appointments/free-slots")
@requires("F03", "R", only="store")
@blueprint.takes(FreeAsked, "query")
@blueprint.gives(200, Slots)
def free_slots(asked: dict[str, Any]) -> dict[str, Any]:
    """Propose free times of a day: person, room and devices together, the nearest first."""
    found = free.free_slots(
        db.session(),
        free.Asked(
            day=asked["day"], items=asked["items"], staff=asked["staff"], near=asked["near"],
            guest=asked["customer"], moving=asked["moving"], serving=list(board.serving()),
            zone=g.tenant.time_zone, now=g.now, most=asked["most"], every_minutes=asked["every"],
        ),
    )  # fmt: skip
    return {"slots": [slot(one) for one in found]}


@blueprint.call("GET", "/appointments/rates")
@requires("F03", "R", only="store")
@blueprint.takes(Span, "query")
@blueprint.gives(200, Kept)
def kept_rates(asked: dict[str, Any]) -> dict[str, Any]:
    """Tell how well the appointments of some days were kept (C14)."""
    first, last = asked["first"], asked["last"]
    if last < first:
        raise errors.FormInvalid(problems=(errors.problem("last", "DATE_ORDER"),))
    if (last - first).days > LONGEST_DAYS:
        raise errors.FormInvalid(problems=(errors.problem("last", "RANGE"),))
    counts = queries.counts(db.session(), first, last)
    found = rates(counts)
    return {
        "completed": counts.completed, "arrived": counts.arrived, "no_show": counts.no_show,
        "late_cancel": counts.late_cancel, "requested": counts.requested,
        "no_show_rate": found.no_show, "keep_rate": found.keep, "requested_rate": found.requested,
    }  # fmt: skip


@blueprint.call("POST", "/appointments/<id:appointment_id>/cancellation")
@requires("F03_cancel", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(Cancellation)
@blueprint.gives(200, _SHOWN, headers=ETAG)
def cancel(loaded: dict[str, Any], appointment_id: int) -> Response:
    """Cancel an appointment with a reason."""
    row = moving.cancel(
        db.session(), appointment_id=appointment_id, version=seen_version(), why=loaded["reason"],
        note=loaded["note"], by=access.editor(APPOINTMENTS, "U"),
    )  # fmt: skip
    return _one(row)


@blueprint.call("POST", "/appointments/<id:appointment_id>/arrival")
@requires("F03_desk", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, _SHOWN, headers=ETAG)
def arrive(appointment_id: int) -> Response:
    """Check a guest in."""
    return _one(moving.arrive(db.session(), **_seen(appointment_id)))


@blueprint.call("POST", "/appointments/<id:appointment_id>/greeting")
@requires("F03_desk", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, _SHOWN, headers=ETAG)
def greet(appointment_id: int) -> Response:
    """Note that a guest who arrived was greeted (SLA-03)."""
    return _one(moving.greet(db.session(), **_seen(appointment_id)))


@blueprint.call("POST", "/appointments/<id:appointment_id>/no-show")
@requires("F03_desk", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, _SHOWN, headers=ETAG)
def no_show(appointment_id: int) -> Response:
    """Note that a guest did not come, thirty minutes after the start at the earliest."""
    return _one(moving.mark_no_show(db.session(), **_seen(appointment_id)))


def slot(one: Slot) -> dict[str, Any]:
    """Write a free time as JSON values."""
    return {
        "start_at": one.start_at,
        "end_at": one.end_at,
        "staff": one.staff,
        "room": int(one.place),
        "equipment": [int(device) for device in one.devices],
    }


def _seen(appointment_id: int) -> dict[str, Any]:
    return {
        "appointment_id": appointment_id,
        "version": seen_version(),
        "by": access.editor(APPOINTMENTS, "U"),
    }


def _one(row: Any) -> Response:
    return tagged(jsonify(access.sight(APPOINTMENTS).shown(row)), row.version)
