"""A grading of guests summed up by grade, with the way to its rows."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.customers.service import summing
from web.auth import requires
from web.customers.grade_api import block, own_of
from web.extensions import db

blueprint = Blueprint(
    "grade_pages", __name__, url_prefix="/s/<slug>/customer-grades", template_folder="templates"
)


@blueprint.get("")
@requires("F02", "R", only="store")
def summary() -> ResponseReturnValue:
    """Show the newest grading, or that of another month."""
    gradings = summing.gradings(db.session())
    typed = request.args.get("as_of")
    as_of = next((day for day in gradings if day.isoformat() == typed), None) or (
        gradings[0] if gradings else None
    )
    found = summing.summary(db.session(), as_of, own_of=own_of()) if as_of else []
    return render_template(
        "customers/grades.html", gradings=gradings, as_of=as_of, grades=block(found)
    )
