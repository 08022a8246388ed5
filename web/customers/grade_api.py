"""Grades as JSON: a grading summed up, a grade set by hand."""

from fractions import Fraction
from typing import Any

from flask import g

from shared.domain.customers.forms.grading import GradeOverride, GradingRow
from shared.domain.customers.forms.standing import GradeSummary
from shared.domain.customers.service import grading, overriding, summing
from shared.domain.customers.service.summing import Summary
from shared.forms.fields import Day, Form
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.records import access

blueprint = ApiBlueprint("grades", __name__, description="顾客分级 grades of guests")


class SummaryAsked(Form):
    """Which grading; the newest when nothing is said."""

    as_of = Day(("截止日", "As of"))


@blueprint.call("GET", "/customer-grades")
@requires("F02", "R", only="store")
@blueprint.takes(SummaryAsked, "query")
@blueprint.gives(200, GradeSummary)
def summary(asked: dict[str, Any]) -> dict[str, Any]:
    """Sum a grading up by grade; own guests only for who reads own ones."""
    as_of = asked["as_of"] or next(iter(summing.gradings(db.session(), limit=1)), None)
    if as_of is None:
        return {"as_of": None, "grades": []}
    return {"as_of": as_of, "grades": block(summing.summary(db.session(), as_of, own_of=own_of()))}


@blueprint.call("PUT", "/customers/<id:customer_id>/grade-override")
@requires("F02", "A", only="store")
@blueprint.takes(GradeOverride)
@blueprint.gives(200, GradingRow)
def set_by_hand(loaded: dict[str, Any], customer_id: int) -> Any:
    """Set a guest's grade by hand until a day, at most six months ahead."""
    by = access.editor(grading.GRADINGS, "A")
    return overriding.set_by_hand(db.session(), customer_id=customer_id, new=loaded, by=by)


@blueprint.call("DELETE", "/customers/<id:customer_id>/grade-override")
@requires("F02", "A", only="store")
@blueprint.gives(200, GradingRow)
def take_back(customer_id: int) -> Any:
    """Let a guest's computed grade count again."""
    by = access.editor(grading.GRADINGS, "A")
    return overriding.take_back(db.session(), customer_id=customer_id, by=by)


def own_of() -> Any:
    """Name the person whose guests alone are counted; None for all guests."""
    return g.actor.id if g.actor.reach("F02", "R") == "own" else None


def block(found: list[Summary]) -> list[dict[str, Any]]:
    """Write a grading's summary with its shares and averages; without a base they are empty."""
    guests, spend = sum(one.guests for one in found), sum(one.spend_fen for one in found)
    return [
        {
            "grade": one.grade, "guests": one.guests, "guests_share": _rate(one.guests, guests),
            "spend_fen": one.spend_fen, "spend_share": _rate(one.spend_fen, spend),
            "visits": one.visits,
            "average_spend_fen": round(one.spend_fen / one.guests) if one.guests else None,
            "moved_up": one.moved_up, "moved_down": one.moved_down,
            "without_consultant": one.without_consultant,
        }
        for one in found
    ]  # fmt: skip


def _rate(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
