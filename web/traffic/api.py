"""Traffic as JSON: heat map with promotion windows, what is behind a cell, retention.

Form: F07; who may see their own guests alone is given those.
"""

from typing import Any

from flask import g

from shared.domain.appointments.rules.stages import CHANNELS
from shared.domain.catalog.rules import LABELS as CATEGORIES
from shared.domain.traffic import forms
from shared.domain.traffic.queries import heat, retention
from shared.domain.traffic.rules.heat import FEWEST_WEEKS
from shared.domain.traffic.rules.retention import Group
from shared.forms.fields import Choice, Day, Form
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.traffic import asking

blueprint = ApiBlueprint("traffic", __name__, description="客流分析 traffic analysis")


class RetentionAsked(Form):
    """Whole weeks up to the last one that is over by `until`."""

    weeks = paging.Number(
        ("周数", "Weeks"), minimum=FEWEST_WEEKS, maximum=heat.MOST_WEEKS,
        load_default=heat.USUAL_WEEKS,
    )  # fmt: skip
    until = Day(("截止日", "Until"))


class TrafficAsked(RetentionAsked):
    """Whole weeks up to the last one that is over by `until`, and what narrows the arrivals."""

    category = Choice(("项目类别", "Category"), CATEGORIES)
    guests = Choice(("新老客", "New or returning"), forms.GUEST_LABELS)
    channel = Choice(("预约渠道", "Channel"), CHANNELS)


class ArrivalsAsked(TrafficAsked):
    """A cell of the heat map; without an hour or a weekday, all of them."""

    weekday = paging.Number(("星期", "Weekday"), minimum=1, maximum=7)
    hour = paging.Number(("小时", "Hour"), minimum=0, maximum=23)


@blueprint.call("GET", "/traffic")
@requires("F07", "R", only="store")
@blueprint.takes(TrafficAsked, "query")
@blueprint.gives(200, forms.TrafficMap)
def traffic(asked: dict[str, Any]) -> dict[str, Any]:
    """Show when guests come, how many people that takes and when a promotion is worth while."""
    found = heat.traffic(db.session(), asking.asked(asked))
    return {
        "first": found.first, "last": found.asked.last, "weeks": found.weeks,
        "is_small": found.is_small, "arrivals": found.arrivals,
        "average_minutes": found.pace.minutes, "base": found.heat.base,
        "open_days": [
            {"weekday": weekday, "days": days} for weekday, days in sorted(found.open_days.items())
        ],
        "cells": [
            {
                "weekday": weekday, "hour": hour, "arrivals": one.arrivals, "average": one.average,
                "is_open": one.is_open, "mark": one.mark, "suggested": one.suggested,
            }
            for (weekday, hour), one in found.heat.cells.items()
        ],
        "windows": found.windows,
    }  # fmt: skip


@blueprint.call("GET", "/traffic/arrivals")
@requires("F07", "R", only="store")
@blueprint.takes(ArrivalsAsked, "query")
@blueprint.gives(200, forms.ArrivalsShown)
def arrivals(asked: dict[str, Any]) -> heat.Behind:
    """List the arrivals behind a number of the map."""
    cell = {name: asked.pop(name) for name in ("weekday", "hour")}
    return heat.behind(db.session(), asking.asked(asked), **cell)


@blueprint.call("GET", "/traffic/retention")
@requires("F07", "R", only="store")
@blueprint.takes(RetentionAsked, "query")
@blueprint.gives(200, forms.RetentionShown)
def kept(asked: dict[str, Any]) -> dict[str, Any]:
    """Show who came again and how many stay away."""
    wanted = asking.asked(asked)
    found = retention.kept(db.session(), wanted, now=g.now)
    return {
        "first": wanted.first, "last": wanted.last,
        "returning_rate": found.retention.returning_rate,
        "second_visit_rate": found.retention.second_visit_rate,
        "groups": [{"group": one, "guests": found.retention.count(one)} for one in Group],
        "states": found.states,
    }  # fmt: skip
