"""What happens at the drawer of a store besides receipts, and what a month costs.

One store has a cash problem: on the shifts of one person money is missing, again and again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from random import Random

from deploy.demo.shapes import DemoDrawer, DemoPayment, DemoReceipt, StorePlan
from shared import days

_ERRANDS = (
    ("PURCHASE", "百果园水果", 35, 120),
    ("PURCHASE", "花点时间鲜花", 58, 98),
    ("PURCHASE", "名创优品日用", 30, 160),
    ("MISC", "顺丰速运", 18, 46),
    ("MISC", "饮水机滤芯", 68, 138),
    ("UTILITIES", "物业停车费", 60, 180),
)
_COST_SHARE = {"MATERIALS": 0.115, "OTHER": 0.018}


def drawers(
    plan: StorePlan, open_days: Iterable[date], rng: Random, *, unsigned: date | None
) -> tuple[DemoDrawer, ...]:
    """Tell the drawer's story of the days given; on the day `unsigned` the manager has to sign."""
    told = (_drawer(plan, day, rng) for day in open_days)
    return tuple(replace(drawer, is_signed=drawer.day != unsigned) for drawer in told)


def month_costs(
    plan: StorePlan, receipts: Iterable[DemoReceipt], months: Iterable[date], rng: Random
) -> dict[date, dict[str, int]]:
    """Give the costs of each month: partly fixed, partly by turnover."""
    turnover_fen: dict[date, int] = {}
    for receipt in receipts:
        month = days.month_of(receipt.day)
        turnover_fen[month] = turnover_fen.get(month, 0) + receipt.total_fen
    months = [month for month in months if days.last_day(month) >= plan.opened_on]
    return {month: _costs(plan, month, turnover_fen, rng) for month in months}


def _drawer(plan: StorePlan, day: date, rng: Random) -> DemoDrawer:
    variance_fen, reason = _variance(plan, day, rng)
    return DemoDrawer(
        day=day,
        payments=_payments(rng),
        is_banking_day=day.isoweekday() in (3, 7),
        variance_fen=variance_fen,
        variance_reason=reason,
        cashier=1 if day.isoweekday() in (plan.short_weekdays or (2, 5)) else 0,
    )


def _payments(rng: Random) -> tuple[DemoPayment, ...]:
    if rng.random() > 0.3:
        return ()
    purpose, payee, low, high = rng.choice(_ERRANDS)
    return (DemoPayment(purpose, payee, rng.randrange(low, high) * 100),)


def _variance(plan: StorePlan, day: date, rng: Random) -> tuple[int, str | None]:
    if day.isoweekday() in plan.short_weekdays and rng.random() < 0.8:
        return -rng.choice((2000, 3000, 5000, 5000, 8000, 10000)), "找不到原因，已复点两次"
    if rng.random() < 0.06:
        return rng.choice((-500, -200, -100, 100, 500)), "找零差错"
    return 0, None


def _costs(
    plan: StorePlan, month: date, turnover_fen: Mapping[date, int], rng: Random
) -> dict[str, int]:
    turned_over = turnover_fen.get(month, 0)
    usual_fen = plan.visits_a_month * 340_00 * plan.price_level
    is_cold_or_hot = month.month in (1, 2, 6, 7, 8, 12)
    is_campaign = month.month in (3, 5, 11, 12)
    yuan = {
        "WAGES": (usual_fen * 0.27 + turned_over * 0.15) / 100,
        "RENT": plan.rent_fen / 100,
        "UTILITIES": (5200 if is_cold_or_hot else 3600) * rng.uniform(0.92, 1.08),
        "MARKETING": turned_over / 100 * (0.055 if is_campaign else 0.028),
        **{
            kind: turned_over / 100 * share * rng.uniform(0.95, 1.05)
            for kind, share in _COST_SHARE.items()
        },
    }
    return {kind: round(amount) * 100 for kind, amount in yuan.items()}
