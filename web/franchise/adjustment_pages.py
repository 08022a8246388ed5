"""Pages of what months closed again owe the next statements.

Form: C12 adjustments, 9.5.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.franchise.queries import adjustments
from web.auth import requires
from web.extensions import db

blueprint = Blueprint(
    "adjustment_pages", __name__, url_prefix="/s/<slug>/adjustments", template_folder="templates"
)
PAGE = 50


@blueprint.get("")
@requires("statements", "R", only="hq")
def listed() -> ResponseReturnValue:
    """List them, newest first."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**63:
        before = None
    rows = adjustments.listed(db.session(), before=before, limit=PAGE + 1)
    return render_template(
        "franchise/adjustments.html",
        rows=rows[:PAGE],
        older=rows[PAGE - 1].booked.id if len(rows) > PAGE else None,
    )


@blueprint.get("/<id:adjustment_id>")
@requires("statements", "R", only="hq")
def behind(adjustment_id: int) -> ResponseReturnValue:
    """Show every figure that the two closed revisions state differently."""
    found = adjustments.behind(db.session(), adjustment_id)
    return render_template("franchise/adjustment.html", found=found)
