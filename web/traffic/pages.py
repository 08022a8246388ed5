"""The traffic analysis 客流分析: heat map, promotion windows, retention, what is behind a number.

Form: F07 panels A, A2, B2.
"""

from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from shared.domain.traffic.queries import heat, retention
from shared.domain.traffic.rules.retention import Group
from shared.forms import masking
from web.auth import requires
from web.extensions import db
from web.frame import formats
from web.traffic import asking

blueprint = Blueprint(
    "traffic_pages", __name__, url_prefix="/s/<slug>/traffic", template_folder="templates"
)
PERIODS = (4, 8, 13, 26, 52)


@blueprint.get("")
@requires("F07", "R", only="store")
def traffic() -> ResponseReturnValue:
    """Show when guests come, how many people that takes, who comes again."""
    said = asking.typed()
    return render_template("traffic/heat.html", said=asking.address(said), **shown(said))


@blueprint.get("/paper")
@requires("F07", "R", only="store")
def paper() -> ResponseReturnValue:
    """Show the analysis as it is printed on A4."""
    said = asking.typed()
    return render_template("traffic/paper.html", said=asking.address(said), **shown(said))


@blueprint.get("/arrivals")
@requires("F07", "R", only="store")
def arrivals() -> ResponseReturnValue:
    """List the arrivals behind a cell."""
    said, cell = asking.typed(), asking.cell()
    return render_template(
        "traffic/arrivals.html",
        found=heat.behind(db.session(), asking.asked(said), **cell),
        said=asking.address(said),
        cell=cell,
        weekdays=formats.weekdays("abbreviated"),
        name_of=_name_of,
    )


@blueprint.get("/guests")
@requires("F07", "R", only="store")
def guests() -> ResponseReturnValue:
    """List the guests behind a number of the retention."""
    said, text = asking.typed(), request.args.get("group", "")
    group = Group(text) if text in list(Group) else Group.RETURNED
    found = retention.kept(db.session(), asking.asked(said), now=g.now)
    return render_template(
        "traffic/guests.html",
        group=group,
        people=retention.guests_in(db.session(), found, group),
        count=found.retention.count(group),
        said=asking.address(said),
        name_of=_name_of,
    )


def shown(said: dict[str, Any]) -> dict[str, Any]:
    """Give what page, paper and files show: the map, retention, the names of the weekdays."""
    asked = asking.asked(said)
    return {
        "found": heat.traffic(db.session(), asked),
        "kept": retention.kept(db.session(), asked, now=g.now),
        "asked": asked,
        "weekdays": formats.weekdays("abbreviated"),
        "offered": [
            (weeks, ngettext("%(num)s week", "%(num)s weeks", weeks))
            for weeks in sorted({*PERIODS, asked.weeks})
        ],
        "groups": list(Group),
    }


def _name_of(guest: Any) -> str:
    sees_names = g.actor.reach("F04", "R") in ("all", "own")
    return str(guest.name) if sees_names else masking.masked_name(guest.name)
