"""Questions about the productivity plan: its revisions, and what became of it so far.

Form: F11; calculation C1.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.reporting.models.months import Month, MonthFigure
from shared.domain.reporting.models.plans import Plan, PlanFigure, PlanInput, PlanLine
from shared.domain.reporting.queries.months import SHOWN
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.reporting.rules.plan import Cell, Number, PlanState

_OPEN = (PlanState.DRAFT, PlanState.SUBMITTED)


class NoSuchPlan(errors.Missing):
    """There is no plan for this year."""

    zh = "该年度没有生产力计划"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A revision of a plan that was handed in at least once, and where it stands."""

    id: int
    year: int
    revision: int
    state: str
    reason: str | None
    made_by: UUID | None
    submitted_by: UUID | None
    submitted_at: datetime | None


def revisions(session: Session, year: int | None = None) -> Sequence[Plan]:
    """List the plans, the latest year and revision first."""
    wanted = select(Plan).order_by(Plan.year.desc(), Plan.revision.desc())
    return session.scalars(wanted if year is None else wanted.where(Plan.year == year)).all()


def shown(session: Session, year: int, revision: int | None = None) -> Plan:
    """Give the revision that was asked for, else the approved one, else the latest.

    Raises: NoSuchPlan.
    """
    listed = revisions(session, year)
    asked = [one for one in listed if one.revision == revision]
    if revision is None:
        asked = [one for one in listed if one.state == PlanState.APPROVED] or list(listed)
    if not asked:
        raise NoSuchPlan(year=year)
    return asked[0]


def open_for_update(session: Session, year: int) -> Plan | None:
    """Find the revision that is being written or waits for approval, and hold it.

    Locks: the plan.
    """
    wanted = select(Plan).where(Plan.year == year, Plan.state.in_(_OPEN))
    held = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(held).one_or_none()


def approved(session: Session, year: int) -> Plan | None:
    """Find the approved revision of a year."""
    wanted = select(Plan).where(Plan.year == year, Plan.state == PlanState.APPROVED)
    return session.scalars(wanted).one_or_none()


def numbers(session: Session, plan_id: int) -> dict[str, dict[str, int]]:
    """Give a plan's base numbers.

    Shape: PRIOR and PLAN -> letter -> amount; last year may be unknown as a whole.
    """
    found: dict[str, dict[str, int]] = {"PRIOR": {}, "PLAN": {}}
    rows = session.execute(
        select(PlanFigure.side, PlanFigure.name, PlanFigure.amount).where(
            PlanFigure.plan_id == plan_id
        )
    )
    for side, name, amount in rows:
        found[side][name] = amount
    none = dict.fromkeys(Number, 0)
    return {"PRIOR": none | found["PRIOR"] if found["PRIOR"] else {}, "PLAN": none | found["PLAN"]}


def cells(session: Session, plan_id: int) -> dict[Cell, int]:
    """Give a plan's split, by month."""
    rows = session.execute(
        select(PlanLine.month, PlanLine.kind, PlanLine.part, PlanLine.amount_fen)
        .where(PlanLine.plan_id == plan_id)
        .order_by(PlanLine.month, PlanLine.kind, PlanLine.part)
    )
    return {(month, kind, part): fen for month, kind, part, fen in rows}


def fingerprint(session: Session, plan: Plan | HandedIn) -> str:
    """Fingerprint what was handed in: when, the numbers, the whole split with persons' targets."""
    handed_in = plan.submitted_at
    said = {
        "numbers": {
            side: sorted(known.items()) for side, known in numbers(session, plan.id).items()
        },
        "cells": [
            [month.isoformat(), kind, part, fen]
            for (month, kind, part), fen in sorted(cells(session, plan.id).items())
        ],
        "of": [plan.year, plan.revision, plan.reason],
        "at": handed_in.astimezone(UTC).isoformat() if handed_in else None,
    }
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def reported(session: Session) -> list[HandedIn]:
    """List the plans that were handed in at least once, oldest first."""
    names = [column.name for column in fields(HandedIn)]
    wanted = (
        select(*(getattr(Plan, name) for name in names))
        .where(Plan.submitted_at.is_not(None))
        .order_by(Plan.year, Plan.revision)
    )
    return [HandedIn(**row) for row in session.execute(wanted).mappings()]


def turnover_by_month(session: Session, year: int) -> dict[tuple[date, str], int]:
    """Give a year's turnover by month and category, as the months show it; "" is the whole."""
    rows = session.execute(
        select(MonthFigure.month, MonthFigure.part, MonthFigure.amount)
        .join(Month, (Month.month == MonthFigure.month) & (MonthFigure.revision == SHOWN))
        .where(
            MonthFigure.month.between(date(year, 1, 1), date(year, 12, 1)),
            MonthFigure.indicator == Indicator.TURNOVER,
        )
    )
    return {(month, part): amount for month, part, amount in rows}


def compared_months(session: Session, year: int) -> Sequence[date]:
    """List the months of a year that were computed once and can be put beside a plan."""
    within = Month.month.between(date(year, 1, 1), date(year, 12, 1))
    return session.scalars(
        select(Month.month).where(within, Month.revision > 0).order_by(Month.month)
    ).all()


def inputs(session: Session, month: date) -> dict[str, int]:
    """Give what was entered of a month for the comparison."""
    rows = session.execute(select(PlanInput.name, PlanInput.amount).where(PlanInput.month == month))
    return dict(rows.all())
