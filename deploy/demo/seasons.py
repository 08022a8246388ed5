"""How busy a salon is on a given day: weekday, payday, season, holidays.

Units: factors around 1; 0 means shut.
"""

from datetime import date, timedelta

from deploy.demo.shapes import StorePlan

_WEEKDAYS = (0.76, 0.81, 0.91, 0.95, 1.06, 1.33, 1.20)  # Monday first
_MONTHS = (0.97, 0.93, 1.06, 1.00, 1.04, 1.02, 0.96, 0.95, 1.00, 0.98, 1.06, 1.06)
# The first day of the lunar year: nothing in the standard library knows it.
_SPRING_FESTIVALS = (
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
    date(2032, 2, 11),
    date(2033, 1, 31),
    date(2034, 2, 19),
    date(2035, 2, 8),
    date(2036, 1, 28),
    date(2037, 2, 15),
    date(2038, 2, 4),
    date(2039, 1, 24),
    date(2040, 2, 12),
)
# (month, first day, last day, factor); campaigns run a few days and pull visits forward
_PEAKS = {
    "china": (
        (3, 4, 8, 1.45),  # 三八
        (5, 18, 20, 1.25),  # 520
        (6, 16, 18, 1.15),
        (9, 28, 30, 1.15),  # before the National Day week
        (10, 1, 5, 0.72),
        (11, 7, 11, 1.55),  # 双十一
        (12, 22, 25, 1.30),  # 圣诞
        (12, 29, 31, 1.20),
    ),
    "overseas": (
        (2, 12, 14, 1.30),
        (3, 6, 8, 1.20),
        (5, 7, 10, 1.30),  # Mother's Day
        (11, 23, 26, 0.55),  # Thanksgiving
        (12, 14, 23, 1.35),
        (12, 24, 24, 0.60),
    ),
}
_CAMPAIGNS = ((3, 4, 8), (5, 18, 20), (11, 7, 11), (12, 22, 25))


def day_factor(day: date, plan: StorePlan) -> float:
    """Say how busy the store is on a day, against its average day."""
    factor = _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * _payday_factor(day)
    for month, first, last, peak in _PEAKS[plan.habits]:
        if day.month == month and first <= day.day <= last:
            factor *= peak
    return factor * _spring_factor(day, plan) / _weekday_mean(plan)


def growth_factor(day: date, plan: StorePlan, *, since: date) -> float:
    """Say how far the store has grown since the first day told, and how far a new one has come."""
    months = (day - since).days / 30.4
    young = (day - plan.opened_on).days / 30.4
    ramp = min(1.0, 0.38 + 0.12 * young) if plan.opened_on >= since else 1.0
    return float((1 + plan.growth_rate) ** months * ramp)


def shut_reason(day: date, plan: StorePlan) -> str | None:
    """Say why the store stays shut on a day although its weekday is open; None when it opens."""
    if plan.habits == "overseas":
        return "圣诞节休息" if (day.month, day.day) == (12, 25) else None
    away = _days_from_spring(day)
    holidays = (-1, 0, 1, 2) if plan.kind == "DIRECT" else (-1, 0, 1, 2, 3)
    return "春节放假" if away in holidays else None


def is_campaign(day: date, plan: StorePlan) -> bool:
    """Tell whether a promotion runs: prices are lower and new guests come."""
    return plan.habits == "china" and any(
        day.month == month and first <= day.day <= last for month, first, last in _CAMPAIGNS
    )


def category_factor(category: str, month: int) -> float:
    """Say how much a category is asked for in a month, against its average."""
    if category == "SLIMMING":
        return (0.6, 0.7, 1.1, 1.4, 1.6, 1.5, 1.3, 1.0, 0.8, 0.7, 0.6, 0.6)[month - 1]
    if category == "BODY":
        return (1.2, 1.1, 1.0, 0.9, 0.9, 0.8, 0.8, 0.9, 1.0, 1.1, 1.2, 1.2)[month - 1]
    return 1.0


def _payday_factor(day: date) -> float:
    if 10 <= day.day <= 12:
        return 1.13
    if 15 <= day.day <= 16:
        return 1.07
    return 0.96 if day.day >= 24 else 1.0


def _spring_factor(day: date, plan: StorePlan) -> float:
    away = _days_from_spring(day)
    if away is None:
        return 1.0
    if plan.habits == "overseas":
        return 1.15 if -10 <= away < 0 else 1.0
    if -14 <= away <= -2:
        return 1.38  # everybody wants to look well for the feast
    if -1 <= away <= 3:
        return 0.25
    return 0.55 if away <= 7 else 0.80 if away <= 14 else 1.0


def _days_from_spring(day: date) -> int | None:
    near = [day - first for first in _SPRING_FESTIVALS if abs(day - first) <= timedelta(days=20)]
    return near[0].days if near else None


def _weekday_mean(plan: StorePlan) -> float:
    open_days = [
        factor
        for weekday, factor in enumerate(_WEEKDAYS, start=1)
        if weekday not in plan.shut_weekdays
    ]
    return sum(open_days) / len(_WEEKDAYS)
