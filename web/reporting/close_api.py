"""The month's close as JSON: compute, review, close, reopen; cost lines.

Form: W9 月结; F10 cost block.
"""

from datetime import date
from typing import Any

from flask import g

from shared import days, errors
from shared.domain.reporting.forms import closing as forms
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules.states import Actor, Authority, CostKind, Why
from shared.domain.reporting.service import closing, entries
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("month_close", __name__, description="月结 month close")


@blueprint.call("POST", "/months/<month:month>/computation")
@requires("month_close", "A", only="store")
@blueprint.gives(201, forms.MonthStanding)
def compute_month(month: date) -> closing.Computation:
    """Fix the figures of a month that is over as a revision."""
    return closing.compute_month(db.session(), month=month, actor=_actor(), day=g.today, now=g.now)


@blueprint.call("POST", "/months/<month:month>/review")
@requires("month_close", "A", only="store")
@blueprint.takes(forms.Review)
@blueprint.gives(201, forms.MonthStanding)
def review_month(loaded: dict[str, Any], month: date) -> Any:
    """Sign a computed month as checked."""
    acknowledged = loaded["acknowledged"]
    return closing.review_month(
        db.session(), month=month, actor=_actor(), now=g.now, acknowledged=acknowledged
    )


@blueprint.call("POST", "/months/<month:month>/return")
@requires("month_close", "A", only="store")
@blueprint.takes(forms.Reason)
@blueprint.gives(201, forms.MonthStanding)
def send_back(loaded: dict[str, Any], month: date) -> Any:
    """Take the review of a month back."""
    return closing.send_back(
        db.session(), month=month, reason=loaded["reason"], actor=_actor(), now=g.now
    )


@blueprint.call("POST", "/months/<month:month>/closure")
@requires("month_close", "A", only="store")
@blueprint.gives(201, forms.MonthStanding)
def close_month(month: date) -> Any:
    """Close a reviewed month of a store without a headquarters."""
    return closing.close_month(
        db.session(), month=month, actor=_actor(), has_hq=g.tenant.hq is not None, now=g.now
    )


@blueprint.call("POST", "/months/<month:month>/reopening")
@requires("month_close", "A", only="store")
@blueprint.takes(forms.Reopening)
@blueprint.gives(201, forms.MonthStanding)
def reopen_month(loaded: dict[str, Any], month: date) -> Any:
    """Open a closed month of a store without a headquarters for corrections."""
    return closing.reopen_month(
        db.session(),
        month=month,
        why=Why(reason=loaded["reason"], forms=tuple(loaded["forms"])),
        actor=_actor(),
        has_hq=g.tenant.hq is not None,
        now=g.now,
    )


@blueprint.call("GET", "/months/<month:month>/costs")
@requires("costs", "R", only="store")
@blueprint.gives(200, forms.MonthCosts)
def get_costs(month: date) -> dict[str, int | None]:
    """Show the cost lines that somebody entered."""
    return _entered(month)


@blueprint.call("PUT", "/months/<month:month>/costs")
@requires("costs", "U", only="store")
@blueprint.takes(forms.MonthCosts)
@blueprint.gives(200, forms.MonthCosts)
def set_costs(loaded: dict[str, int | None], month: date) -> dict[str, int | None]:
    """Enter cost lines; those left out stay as they are."""
    if month > days.month_of(g.today):
        raise errors.FormInvalid(problems=(errors.problem("month", "FUTURE"),))
    before = _entered(month)
    amounts = {
        kind: amount_fen
        for kind in CostKind
        if (amount_fen := loaded[kind]) is not None and amount_fen != before[kind]
    }
    entries.set_costs(db.session(), month=month, amounts=amounts, actor=_actor(), now=g.now)
    return _entered(month)


def _actor() -> Actor:
    return Actor(authority=Authority.STORE, id=g.actor.id, name=g.actor.name)


def _entered(month: date) -> dict[str, int | None]:
    entered = months.costs(db.session(), month)
    return {kind: entered.get(kind) for kind in CostKind}
