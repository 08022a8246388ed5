"""The states of a month and who may move it.

Form: W9 month close 月结; F10 cost lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from shared import days, errors

# By when a manager has reviewed a month: of the next month, on the store's clock.
REVIEW_DAY, REVIEW_CLOCK = 3, time(18)
# For how long a reopened month may stay so.
CORRECTED_WITHIN = timedelta(days=3)


class MonthState(StrEnum):
    """How far a month has come."""

    OPEN = "OPEN"
    COMPUTED = "COMPUTED"
    REVIEWED = "REVIEWED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


# state -> (中文, English)
STATE_LABELS: dict[MonthState, tuple[str, str]] = {
    MonthState.OPEN: ("未结", "Open"),
    MonthState.COMPUTED: ("已计算", "Computed"),
    MonthState.REVIEWED: ("已复核", "Reviewed"),
    MonthState.CLOSED: ("已结", "Closed"),
    MonthState.REOPENED: ("已反结", "Reopened"),
}


class CostKind(StrEnum):
    """The cost lines of the monthly detail."""

    WAGES = "WAGES"
    RENT = "RENT"
    MATERIALS = "MATERIALS"
    UTILITIES = "UTILITIES"
    MARKETING = "MARKETING"
    OTHER = "OTHER"


# kind -> (中文, English), in the order the form prints them
COST_LABELS: dict[CostKind, tuple[str, str]] = {
    CostKind.WAGES: ("薪资", "Wages"),
    CostKind.RENT: ("房租", "Rent"),
    CostKind.MATERIALS: ("材料", "Materials"),
    CostKind.UTILITIES: ("水电", "Utilities"),
    CostKind.MARKETING: ("市场费用", "Marketing"),
    CostKind.OTHER: ("其他", "Other"),
}


class Reopened(StrEnum):
    """What a closed month is opened again for."""

    SALES = "SALES"
    F01 = "F01"
    F05 = "F05"
    F08 = "F08"
    F10 = "F10"
    F12 = "F12"


# form -> (中文, English)
REOPENED_LABELS: dict[Reopened, tuple[str, str]] = {
    Reopened.SALES: ("收银小票", "Receipts"),
    Reopened.F01: ("样品及礼品派送记录表", "Samples and gifts"),
    Reopened.F05: ("护理服务记录卡", "Treatment cards"),
    Reopened.F08: ("现金收支日报表", "Daily cash report"),
    Reopened.F10: ("月营业明细表(成本)", "Monthly detail (costs)"),
    Reopened.F12: ("员工出勤统计表", "Attendance statistics"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a month moves, and for one that is opened again which forms are to be corrected."""

    reason: str | None = None
    forms: tuple[str, ...] = ()


NO_REASON = Why()


class Authority(StrEnum):
    """On whose word a month moves."""

    STORE = "STORE"  # the manager
    HQ = "HQ"  # a headquarters' letter
    JOB = "JOB"  # the calendar, or a change of the days


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who moves a month; the name is kept because a headquarters' person is no member here."""

    authority: Authority
    id: UUID | None = None
    name: str = ""


JOB = Actor(authority=Authority.JOB)

# from -> to: who may; the store may stand in for a headquarters it does not have
_MOVES: dict[tuple[MonthState, MonthState], frozenset[Authority]] = {
    (MonthState.OPEN, MonthState.COMPUTED): frozenset({Authority.JOB, Authority.STORE}),
    (MonthState.REOPENED, MonthState.COMPUTED): frozenset({Authority.JOB, Authority.STORE}),
    (MonthState.COMPUTED, MonthState.COMPUTED): frozenset({Authority.JOB, Authority.STORE}),
    (MonthState.COMPUTED, MonthState.REVIEWED): frozenset({Authority.STORE}),
    (MonthState.REVIEWED, MonthState.COMPUTED): frozenset(Authority),
    (MonthState.REVIEWED, MonthState.CLOSED): frozenset({Authority.HQ, Authority.JOB}),
    (MonthState.CLOSED, MonthState.REOPENED): frozenset({Authority.HQ}),
}


class MonthNotThere(errors.Conflict):
    """The month is not in a state that allows this."""

    zh = "该月份当前状态不能执行此操作"


class HeadquartersDecides(errors.Forbidden):
    """The headquarters decides this for the store."""

    zh = "该操作由总部执行"


class ReasonMissing(errors.FormInvalid):
    """A reason is needed."""

    zh = "请填写原因"
    code = "REQUIRED"


def check_move(*, month: date, now_in: str, to: MonthState, actor: Actor, has_hq: bool) -> None:
    """Check that somebody may move a month from one state to another.

    Raises: MonthNotThere, HeadquartersDecides.
    """
    allowed = _MOVES.get((MonthState(now_in), to))
    if allowed is None:
        raise MonthNotThere(month=month, state=now_in, to=to)
    if actor.authority in allowed or (
        actor.authority is Authority.STORE and Authority.HQ in allowed and not has_hq
    ):
        return
    raise HeadquartersDecides(month=month, to=to)


def due_at(month: date, *, reopened_at: datetime | None, zone: str) -> datetime:
    """Say by when a month is to be reviewed, and one that was opened again to be closed again."""
    if reopened_at is not None:
        return reopened_at + CORRECTED_WITHIN
    by = days.next_month(month).replace(day=REVIEW_DAY)
    return datetime.combine(by, REVIEW_CLOCK, ZoneInfo(zone))


def is_live(state: str) -> bool:
    """Tell whether a month in this state shows its live figures (revision 0)."""
    return state in (MonthState.OPEN, MonthState.REOPENED)


def shown_revision(state: str, revision: int) -> int:
    """Name the revision a reader is shown."""
    return 0 if is_live(state) else revision


def reason_given(reason: str | None) -> str:
    """Trim a reason.

    Raises: ReasonMissing when nothing is left of it.
    """
    if not (text := (reason or "").strip()):
        raise ReasonMissing(problems=(errors.problem("reason", "REQUIRED"),))
    if len(text) > 500:
        raise ReasonMissing(problems=(errors.problem("reason", "LENGTH"),))
    return text


def reopening_given(why: Why) -> Why:
    """Trim why a month is opened again; each form stands once, in the order of the list.

    Raises: ReasonMissing with all that is missing: the reason, the forms.
    """
    problems = []
    try:
        reason = reason_given(why.reason)
    except ReasonMissing as missing:
        reason, problems = "", [*missing.problems]
    if not why.forms:
        problems.append(errors.problem("forms", "REQUIRED"))
    elif not set(why.forms) <= set(Reopened):
        problems.append(errors.problem("forms", "ENUM"))
    if problems:
        raise ReasonMissing(problems=tuple(problems))
    return Why(reason=reason, forms=tuple(one for one in Reopened if one in why.forms))


def missing_costs(entered: Iterable[str]) -> tuple[CostKind, ...]:
    """List the cost lines nobody has entered, in the order of the form."""
    present = set(entered)
    return tuple(kind for kind in CostKind if kind not in present)
