"""The headquarters as JSON: stores, dashboard, ranking, a store's month, decisions on it.

A headquarters reads its own copy of what stores published; it never reads a store.
"""

from datetime import date
from typing import Any

from flask import g

from shared import days, errors
from shared.domain.franchise import forms
from shared.domain.franchise.queries import dashboard as dashboards
from shared.domain.franchise.queries import ranking as rankings
from shared.domain.franchise.queries import stores as queries
from shared.domain.franchise.rules.benchmark import LABELS, Ranking
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.rules.stores import StoreDetails
from shared.domain.franchise.service import decisions, stores
from shared.domain.reporting.forms.reports import MonthDetail
from shared.forms.fields import Choice, Form, Month
from web import paging
from web.api import ApiBlueprint
from web.auth import NotPermitted, requires
from web.extensions import db

blueprint = ApiBlueprint("franchise", __name__, description="总部 headquarters")
MOST_MONTHS = 36
# specification 3, month close: the analyst closes (or sends back), the admin reopens
DECIDERS = {Decision.ACCEPT: "HQN", Decision.BACK: "HQN", Decision.REOPEN: "HQA"}


class MonthsAsked(Form):
    """From which month to which; the last twelve reported ones when nothing is said."""

    first = Month(("从", "First month"))
    last = Month(("到", "Last month"))


class RankingAsked(paging.PageAsked):
    """Which month, by what; a page of it."""

    month = Month(("月份", "Month"), required=True)
    by = Choice(
        ("指标", "Indicator"),
        {name: (zh, en) for name, (zh, en, _) in LABELS.items()},
        load_default=Ranking.TURNOVER,
    )


@blueprint.call("GET", "/stores")
@requires("stores", "R", only="hq")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(forms.StoreFile))
def list_stores(asked: dict[str, Any]) -> paging.Page:
    """List the stores of the chain by code."""
    after = paging.after(asked)
    rows = [
        file for file in queries.store_files(db.session()) if after is None or file.code > after[0]
    ]
    return paging.page(rows, limit=asked["limit"], position=lambda file: [file.code])


@blueprint.call("GET", "/stores/<code>")
@requires("stores", "R", only="hq")
@blueprint.gives(200, forms.StoreFile)
def get_store(code: str) -> Any:
    """Show one store's file."""
    return queries.by_code(db.session(), store_code(code))


@blueprint.call("PUT", "/stores/<code>")
@requires("stores", "U", only="hq")
@blueprint.takes(forms.StoreChange)
@blueprint.gives(200, forms.StoreFile)
def change_store(loaded: dict[str, Any], code: str) -> Any:
    """Say anew what a store's file says."""
    session = db.session()
    file = queries.by_code(session, store_code(code))
    details = StoreDetails(tenant=file.tenant, **{**loaded, "region": loaded["region"] or ""})
    stores.register_store(session, details=details)
    session.expire_all()  # the file was read before it was written
    return queries.by_code(session, details.code)


@blueprint.call("GET", "/stores/<code>/months")
@requires("F10", "R", only="hq")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(forms.StoreMonth))
def list_store_months(asked: dict[str, Any], code: str) -> paging.Page:
    """List the months a store has reported, newest first."""
    session = db.session()
    after = paging.after(asked)
    found = queries.months_of(session, queries.by_code(session, store_code(code)).tenant)
    rows = [row for row in found if after is None or row.month.isoformat() < after[0]]
    return paging.page(rows, limit=asked["limit"], position=lambda row: [row.month.isoformat()])


@blueprint.call("GET", "/stores/<code>/months/<month:month>")
@requires("F10", "R", only="hq")
@blueprint.gives(200, MonthDetail)
def store_month(code: str, month: date) -> Any:
    """Show a store's monthly detail as it was reported."""
    session = db.session()
    store = queries.by_code(session, store_code(code))
    return queries.store_month(session, store.tenant, month).detail


@blueprint.call("POST", "/stores/<code>/months/<month:month>/decisions")
@requires("month_close", "A", only="hq")
@blueprint.takes(forms.MonthDecision)
@blueprint.gives(202, forms.StoreMonth)
def decide_month(loaded: dict[str, Any], code: str, month: date) -> Any:
    """Accept a store's month, send it back or reopen it; the store's own job follows."""
    if DECIDERS[loaded["decision"]] not in g.actor.roles:
        raise NotPermitted(permission=f"month_close:A ({loaded['decision']})")
    session = db.session()
    return decisions.decide_month(
        session,
        store=queries.by_code(session, store_code(code)).tenant,
        decision=MonthDecision(
            month=month,
            by_name=g.actor.name,
            **{**loaded, "forms": tuple(loaded["forms"] or ())},
        ),
        actor_id=g.actor.id,
        day=g.today,
        now=g.now,
    )


@blueprint.call("GET", "/dashboard")
@requires("F10", "R", only="hq")
@blueprint.takes(MonthsAsked, "query")
@blueprint.gives(200, forms.Dashboard)
def dashboard(asked: dict[str, Any]) -> dashboards.Dashboard:
    """Show turnover by month and store, with what it covers."""
    session = db.session()
    last = asked["last"] or dashboards.last_reported_month(session) or days.month_of(g.today)
    first = asked["first"] or days.next_month(last.replace(year=last.year - 1))  # twelve months
    _check_range(first, last)
    return dashboards.dashboard(session, first, last)


@blueprint.call("GET", "/ranking")
@requires("ranking", "R", only="hq")
@blueprint.takes(RankingAsked, "query")
@blueprint.gives(200, forms.RankingTable)
def ranking(asked: dict[str, Any]) -> dict[str, Any]:
    """Rank the stores of a month."""
    session = db.session()
    (skip,) = paging.after(asked) or (0,)
    rows = rankings.ranking(
        session, asked["month"], asked["by"], skip=skip, limit=asked["limit"] + 1
    )
    cut = paging.page(rows, limit=asked["limit"], position=lambda _: [skip + asked["limit"]])
    return {
        "rows": cut.items,
        "next": cut.next,
        "groups": rankings.quartiles(session, asked["month"], asked["by"]),
    }


def _check_range(first: date, last: date) -> None:
    if last < first:
        raise errors.FormInvalid(problems=(errors.problem("last", "DATE_ORDER"),))
    if len(days.months_between(first, last)) > MOST_MONTHS:
        raise errors.FormInvalid(problems=(errors.problem("first", "RANGE"),))


def store_code(code: str) -> str:
    """Let nothing but a code reach the database: a NUL would break there."""
    if not (code.isascii() and code.isalnum()):
        raise queries.NoSuchStore(code=code)
    return code
