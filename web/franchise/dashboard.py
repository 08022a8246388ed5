"""What the dashboard shows of a chain: months by store, ranking, what waits for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from shared import days
from shared.domain.franchise.models.stores import StoreMonth
from shared.domain.franchise.queries import dashboard as queries
from shared.domain.franchise.queries import ranking, store_plans, stores
from shared.domain.franchise.rules.benchmark import Ranking
from web.extensions import db
from web.frame import formats

SHOWN_MONTHS = 6
SHOWN_PLACES = 100
MOST_SKIPPED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A store's reviewed month that waits for the headquarters' word."""

    code: str
    name: str
    month: date
    revision: int


def page() -> str:
    """Show the chain up to one month, with the five before."""
    session = db.session()
    newest = queries.last_reported_month(session) or days.month_of(g.today)
    # a month that has only begun compares badly with whole ones: it is one step further on
    last = _asked_month() or min(newest, days.previous_month(days.month_of(g.today)))
    first = last
    for _step in range(SHOWN_MONTHS - 1):
        first = days.previous_month(first)
    shown = queries.dashboard(session, first, last)
    return render_template(
        "franchise/dashboard.html",
        month=last,
        previous=days.previous_month(last),
        following=days.next_month(last),
        newest=newest,
        dashboard=shown,
        column=shown.months[-1],
        chart=_chart(shown.months),
        plans=store_plans.listed(session, only_waiting=True),
        waiting=_waiting(stores.waiting_for_decision(session), stores.store_files(session)),
        **ranked(last),
    )


def ranked(month: date) -> dict[str, Any]:
    """Give a part of a month's ranking by the indicator asked for."""
    asked = request.args.get("by", Ranking.TURNOVER)
    indicator = Ranking(asked) if asked in set(Ranking) else Ranking.TURNOVER
    skip = min(max(request.args.get("skip", 0, type=int), 0), MOST_SKIPPED)
    found = ranking.ranking(db.session(), month, indicator, skip=skip, limit=SHOWN_PLACES + 1)
    rows = found[:SHOWN_PLACES]
    best = max((abs(row.value) for row in rows if row.value is not None), default=0)
    return {
        "ranking_month": month,
        "indicator": indicator,
        "groups": [(name, list(peers)) for name, peers in groupby(rows, _peer_group)],
        "best": best or 1,
        "skip_to": skip + SHOWN_PLACES if len(found) > SHOWN_PLACES else None,
        "quartiles": ranking.quartiles(db.session(), month, indicator),
    }


def _peer_group(row: ranking.RankRow) -> str:
    return row.peer_group


def _asked_month() -> date | None:
    try:
        return days.parse_month(request.args.get("month", ""))
    except ValueError:
        return None


def _chart(columns: Sequence[queries.ChainColumn]) -> dict[str, Any]:
    return {
        "labels": [formats.month_name(column.month) for column in columns],
        "series": [{"name": _("Turnover"), "fen": [column.turnover_fen for column in columns]}],
        "marks": {
            str(index): "part"
            for index, column in enumerate(columns)
            if column.coverage.is_provisional
        },
    }


def _waiting(reviewed: Sequence[StoreMonth], files: Sequence[Any]) -> list[Waiting]:
    known = {file.tenant: file for file in files}
    return [
        Waiting(
            code=known[row.tenant].code,
            name=known[row.tenant].name,
            month=row.month,
            revision=row.revision,
        )
        for row in reviewed
    ]
