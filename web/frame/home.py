"""What a person sees first in a tenant: the store's day (门店首页), or the chain's month.

A new capability adds the `part` of its home.py to PARTS; the order is that of the page.
"""

from collections.abc import Callable
from itertools import chain

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from web.appointments.home import part as appointments
from web.auth import signed_in
from web.catalog.home import part as catalog
from web.customers.home import part as customers
from web.extensions import db
from web.frame.home_parts import Part
from web.franchise import dashboard
from web.jobs.home import part as jobs
from web.reporting.home import part as months
from web.sales.home import part as sales

blueprint = Blueprint("home_page", __name__, url_prefix="/s/<slug>")

PARTS: tuple[Callable[[Session], Part], ...] = (
    catalog,
    appointments,
    sales,
    months,
    customers,
    jobs,
)


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Show what matters now."""
    if g.tenant.kind == "hq":
        may_see = g.actor.may("F17", "R")
        return dashboard.page() if may_see else render_template("home/nothing.html")
    parts = [part(db.session()) for part in PARTS]
    panels = list(chain.from_iterable(part.panels for part in parts))
    return render_template(
        "home/store.html",
        figures=list(chain.from_iterable(part.figures for part in parts)),
        tasks=list(chain.from_iterable(part.tasks for part in parts)),
        alarms=list(chain.from_iterable(part.alarms for part in parts)),
        wide=[panel for panel in panels if not panel.is_narrow],
        narrow=[panel for panel in panels if panel.is_narrow],
    )
