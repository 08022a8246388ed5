"""The productivity plan: its base numbers, the lines P01-P14, variances, and splits that add up.

Form: F11; calculation C1, golden tests G-PROD, G-SPLIT.
Units: base numbers are whole fen, tenths of a person, visits, days; a line is an exact fraction
of yuan, visits or a ratio, rounded once where it is shown; None without a base.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

MONTHS = 12
SOLUTION_BELOW = Fraction(-1, 10)  # a month's revenue further below its plan needs a solution


class PlanState(StrEnum):
    """How far a revision of a plan has come."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REPLACED = "REPLACED"  # by a later approved revision


class SplitBy(StrEnum):
    """What a month's target is split by."""

    STORE = "STORE"
    CONSULTANT = "CONSULTANT"
    CATEGORY = "CATEGORY"


class Number(StrEnum):
    """The base numbers of the plan."""

    R = "R"
    W = "W"
    E = "E"
    I = "I"  # noqa: E741 the specification's letters
    H = "H"
    V = "V"
    N = "N"
    K = "K"


class Unit(StrEnum):
    """How a number is written."""

    YUAN = "YUAN"  # two decimals
    PERSON = "PERSON"  # one
    COUNT = "COUNT"
    RATIO = "RATIO"  # four


# (中文, English, unit, more of it is worse)
NUMBERS: dict[Number, tuple[str, str, Unit, bool]] = {
    Number.R: ("总收入", "Revenue", Unit.YUAN, False),
    Number.W: ("总薪资", "Wages", Unit.YUAN, True),
    Number.E: ("总费用", "Expense (with wages)", Unit.YUAN, True),
    Number.I: ("利息", "Interest", Unit.YUAN, True),
    Number.H: ("总人数", "Headcount", Unit.PERSON, False),
    Number.V: ("顾客数(人次)", "Visits", Unit.COUNT, False),
    Number.N: ("工作日数", "Working days", Unit.COUNT, False),
    Number.K: ("总投资", "Investment", Unit.YUAN, False),
}
# line -> (中文, English, unit, more of it is worse)
LINES: dict[str, tuple[str, str, Unit, bool]] = {
    "P01": ("每人日薪资", "Wage per person-day", Unit.YUAN, True),
    "P02": ("每人日费用", "Expense per person-day", Unit.YUAN, True),
    "P03": ("每人月营收", "Revenue per person-month", Unit.YUAN, False),
    "P04": ("每人日顾客数", "Visits per person-day", Unit.RATIO, False),
    "P05": ("每客消费额", "Spend per customer", Unit.YUAN, False),
    "P06": ("薪资生产力", "Wage productivity", Unit.RATIO, False),
    "P07": ("费用生产力", "Expense productivity", Unit.RATIO, False),
    "P08": ("每日费用", "Expense per day", Unit.YUAN, True),
    "P09": ("每日顾客数", "Visits per day", Unit.RATIO, False),
    "P10": ("每日总收入", "Revenue per day", Unit.YUAN, False),
    "P11": ("投资生产力", "Investment productivity", Unit.RATIO, False),
    "P12": ("税前纯利", "Pre-tax profit", Unit.YUAN, False),
    "P13": ("投资利润率", "Return on investment", Unit.RATIO, False),
    "P14": ("销售利润率", "Sales margin", Unit.RATIO, False),
}
STATE_LABELS: dict[PlanState, tuple[str, str]] = {
    PlanState.DRAFT: ("草稿", "Draft"),
    PlanState.SUBMITTED: ("已提交", "Submitted"),
    PlanState.APPROVED: ("已审核", "Approved"),
    PlanState.REPLACED: ("已替换", "Replaced"),
}
SPLIT_LABELS: dict[SplitBy, tuple[str, str]] = {
    SplitBy.STORE: ("门店", "Store"),
    SplitBy.CONSULTANT: ("美容顾问", "Consultant"),
    SplitBy.CATEGORY: ("项目类别", "Category"),
}
# how much of a base unit makes one of what people read: fen to yuan, tenths to persons
SCALES = {Unit.YUAN: 100, Unit.PERSON: 10, Unit.COUNT: 1, Unit.RATIO: 1}
PLACES = {Unit.YUAN: 2, Unit.PERSON: 1, Unit.COUNT: 0, Unit.RATIO: 4}

Numbers = Mapping[str, Fraction | int]
Value = Fraction | None
Cell = tuple[date, str, str]  # month, kind, part


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A year's numbers as they were keyed, by the letters of C1; `consultants` share each month."""

    prior: Mapping[str, int]
    plan: Mapping[str, int]
    reason: str | None = None
    consultants: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Variance:
    """How far an actual value lies from its plan; `is_good` is None for no difference."""

    delta: Value
    rate: Value
    is_good: bool | None


def shown_values(numbers: Numbers) -> dict[str, Fraction]:
    """Give the base numbers as people read them: yuan, persons, counts."""
    return {
        name: Fraction(amount, SCALES[NUMBERS[Number(name)][2]]) for name, amount in numbers.items()
    }


def productivity(numbers: Numbers, *, months: int = MONTHS) -> dict[str, Value]:
    """Compute P01-P14; a zero divisor empties only the lines that use it.

    Form: C1.
    """
    known = shown_values(numbers)
    r, w, e, i, h, v, n, k = (known[name] for name in Number)
    profit = r - e - i
    return {
        "P01": _over(w, h * n),
        "P02": _over(e, h * n),
        "P03": _over(r, months * h),
        "P04": _over(v, h * n),
        "P05": _over(r, v),
        "P06": _over(r, w),
        "P07": _over(r, e),
        "P08": _over(e, n),
        "P09": _over(v, n),
        "P10": _over(r, n),
        "P11": _over(r, k),
        "P12": profit,
        "P13": _over(profit, k),
        "P14": _over(profit, r),
    }


def variance(actual: Value, plan: Value, *, more_is_worse: bool) -> Variance:
    """Compare an actual value with its plan; for costs more is unfavourable."""
    if actual is None or plan is None:
        return Variance(None, None, None)
    delta = actual - plan
    is_good = None if delta == 0 else (delta < 0) is more_is_worse
    return Variance(delta, _over(delta, abs(plan)), is_good)


def needs_solution(*, actual_fen: int, plan_fen: int) -> bool:
    """Tell whether a month lies so far below its plan that a solution is due."""
    rate = _over(Fraction(actual_fen - plan_fen), Fraction(plan_fen))
    return rate is not None and rate < SOLUTION_BELOW


def pro_rata(plan: Numbers, *, months: int, revenue_fen: int) -> dict[str, Fraction]:
    """Give what of a year's plan falls to some of its months.

    Units: revenue as it was split; people and investment do not grow with time, the rest does.
    """
    part = {name: Fraction(amount) * months / MONTHS for name, amount in plan.items()}
    part |= {name: Fraction(plan[name]) for name in (Number.H, Number.K)}
    return part | {Number.R: Fraction(revenue_fen)}


def _over(numerator: Fraction, denominator: Fraction | int) -> Value:
    return numerator / denominator if denominator else None
