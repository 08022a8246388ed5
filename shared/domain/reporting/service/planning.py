"""Write, split and submit the productivity plan; a month's inputs and solution.

Form: F11: an approved plan changes only by a revision with a new approval.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.reporting.events import PlanMoved
from shared.domain.reporting.models.plans import Plan, PlanFigure, PlanInput, PlanLine, PlanSolution
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules import figures, splits
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Cell, PlanState, SplitBy
from shared.domain.reporting.service import splitting
from shared.errors import Problem, problem
from shared.events.jobs import publish


class PlanNotThere(errors.Conflict):
    """The plan is not in a state that allows this."""

    zh = "该计划当前状态不能执行此操作"


def save_draft(
    session: Session, *, year: int, new: rules.NewPlan, actor_id: UUID | None, now: datetime
) -> Plan:
    """Write a year's numbers: into the draft, or as the next revision of an approved plan.

    The split keeps its proportions; a first one follows last year's months and categories.

    Locks: the plan.
    Raises: FormInvalid, PlanNotThere while a revision waits for its approval.
    """
    held = plans.open_for_update(session, year)
    if held is not None and held.state != PlanState.DRAFT:
        raise PlanNotThere(year=year, state=held.state)
    earlier = plans.revisions(session, year)
    is_revision = any(one.state == PlanState.APPROVED for one in earlier)
    problems = _number_problems(new)
    if is_revision and not new.reason:
        problems.append(problem("reason", "REQUIRED"))
    _raise_if(problems)
    if held is None:
        held = Plan(
            year=year,
            revision=max((one.revision for one in earlier), default=0) + 1,
            state=PlanState.DRAFT,
            made_by=actor_id,
            made_at=now,
        )
        session.add(held)
    held.reason = new.reason
    session.flush()  # the numbers below carry its id
    stood = plans.cells(session, held.id)
    if not stood and earlier:
        stood = plans.cells(session, earlier[0].id)
    revenue_fen = new.plan["R"]
    split = (
        splits.rescaled(stood, revenue_fen=revenue_fen)
        if stood
        else splitting.first_split(session, year, new)
    )
    _write_numbers(session, held, new)
    _write_cells(session, held, split)
    return held


def save_split(
    session: Session, *, year: int, cells: Mapping[Cell, int | None], is_spread: bool
) -> Plan:
    """Write the split of a draft; it adds up exactly, or the rest is spread.

    Units: largest remainder; what was left empty takes the rest.
    Locks: the plan.
    Raises: FormInvalid (SUM_MISMATCH), PlanNotThere.
    """
    held = held_plan(session, year, PlanState.DRAFT)
    revenue_fen = plans.numbers(session, held.id)["PLAN"]["R"]
    _raise_if(_cell_problems(cells, year))
    months = [date(year, number, 1) for number in range(1, 13)]
    whole: dict[Cell, int | None] = {(month, str(SplitBy.STORE), ""): None for month in months}
    whole |= cells
    if is_spread:
        made = splits.filled(whole, revenue_fen=revenue_fen)
    else:
        made = {cell: fen or 0 for cell, fen in whole.items()}
    _raise_if(_sum_problems(made, revenue_fen))
    _write_cells(session, held, made)
    return held


def submit_plan(session: Session, *, year: int, actor_id: UUID, now: datetime) -> Plan:
    """Hand a draft in for approval; its split must add up.

    Locks: the plan.
    Emits: PlanMoved.
    Raises: PlanNotThere, FormInvalid (SUM_MISMATCH).
    """
    held = held_plan(session, year, PlanState.DRAFT)
    revenue_fen = plans.numbers(session, held.id)["PLAN"]["R"]
    _raise_if(_sum_problems(plans.cells(session, held.id), revenue_fen))
    held.state = PlanState.SUBMITTED
    held.submitted_by, held.submitted_at, held.rejection = actor_id, now, None
    held.decided_by_name = None
    session.flush()  # the page of this transaction asks the table
    publish(session, PlanMoved(year=year, revision=held.revision))
    return held


def held_plan(session: Session, year: int, state: PlanState) -> Plan:
    """Hold the revision of a year that is being written or waits, in the state it must be in.

    Locks: the plan.
    Raises: PlanNotThere, plans.NoSuchPlan.
    """
    held = plans.open_for_update(session, year)
    if held is None:
        plans.shown(session, year)
    if held is None or held.state != state:
        raise PlanNotThere(year=year, state=held.state if held else None)
    return held


def enter_inputs(session: Session, *, month: date, amounts: Mapping[str, int]) -> None:
    """Note a month's interest, people and investment; entered again, the last number counts."""
    for name, amount in amounts.items():
        written = insert(PlanInput).values(month=month, name=name, amount=amount)
        session.execute(
            written.on_conflict_do_update(
                index_elements=["month", "name"], set_={"amount": written.excluded.amount}
            )
        )


def write_solution(
    session: Session, *, month: date, text: str, actor_id: UUID, now: datetime
) -> None:
    """Say why a month stayed below its plan and what is done; what was said before stays."""
    session.add(PlanSolution(month=month, text=text, by_id=actor_id, at=now))
    session.flush()  # the page of this transaction asks the table


def _raise_if(problems: Sequence[Problem]) -> None:
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))


def _number_problems(new: rules.NewPlan) -> list[Problem]:
    return [
        problem(f"{side}.wages_fen", "RANGE", zh="总薪资不能超过总费用", en="wages exceed expense")
        for side, known in (("prior", new.prior), ("plan", new.plan))
        if known["W"] > known["E"]
    ]


def _cell_problems(cells: Mapping[Cell, int | None], year: int) -> list[Problem]:
    problems = []
    for number, (month, kind, part) in enumerate(cells):
        if month.year != year:
            problems.append(problem(f"cells.{number}.month", "RANGE"))
        if (kind == SplitBy.STORE) != (part == ""):
            problems.append(problem(f"cells.{number}.part", "ENUM"))
        if kind == SplitBy.CATEGORY and part not in figures.CATEGORIES:
            problems.append(problem(f"cells.{number}.part", "ENUM"))
    return problems


def _sum_problems(cells: Mapping[Cell, int], revenue_fen: int) -> list[Problem]:
    problems = []
    for month, kind in splits.misfits(cells, revenue_fen=revenue_fen):
        field = f"split.{kind}" + (f".{month:%Y-%m}" if month else "")
        problems.append(problem(field, "SUM_MISMATCH"))
    return problems


def _write_numbers(session: Session, held: Plan, new: rules.NewPlan) -> None:
    session.execute(delete(PlanFigure).where(PlanFigure.plan_id == held.id))
    session.execute(
        insert(PlanFigure),
        [
            {"plan_id": held.id, "side": side, "name": name, "amount": amount}
            for side, known in (("PRIOR", new.prior), ("PLAN", new.plan))
            for name, amount in known.items()
        ],
    )


def _write_cells(session: Session, held: Plan, cells: Mapping[Cell, int]) -> None:
    session.execute(delete(PlanLine).where(PlanLine.plan_id == held.id))
    session.execute(
        insert(PlanLine),
        [
            {"plan_id": held.id, "month": m, "kind": str(kind), "part": part, "amount_fen": fen}
            for (m, kind, part), fen in cells.items()
        ],
    )
