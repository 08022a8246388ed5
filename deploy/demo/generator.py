"""Tell the story of a salon chain: the same seed and day tell the same story.

Fourteen months up to yesterday: the month yesterday lies in and the thirteen before it. Nothing
here reads a clock or a database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Literal

from deploy.demo import drawers, items, names, seasons, stores
from deploy.demo.guests import HABITS, Circle
from deploy.demo.receipts import Counter
from deploy.demo.shapes import DemoReceipt, Guest, StorePlan, StoreStory
from shared import days

Size = Literal["small", "large"]

MONTHS = 14
DRAWER_DAYS = 60
SEED = 20_250_610


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain before its stores are told.

    Units: history from `first_day` to `last_day`, both included.
    """

    seed: int
    first_day: date
    last_day: date
    plans: tuple[StorePlan, ...]

    @property
    def months(self) -> list[date]:
        """List the months of the history, in order."""
        return days.months_between(self.first_day, self.last_day)

    @property
    def finished_months(self) -> list[date]:
        """List the months that are over, in order."""
        return [month for month in self.months if days.last_day(month) <= self.last_day]


def plan_chain(size: Size, *, today: date, seed: int = SEED, months: int = MONTHS) -> Chain:
    """Name the stores and the days of a chain that has worked up to the day before `today`."""
    last_day = today - timedelta(days=1)
    first_day = days.month_of(last_day)
    for _ in range(months - 1):
        first_day = days.previous_month(first_day)
    plans = (
        stores.twelve(first_day)
        if size == "small"
        else stores.two_hundred(first_day, Random(f"{seed}/stores"))
    )
    return Chain(seed=seed, first_day=first_day, last_day=last_day, plans=plans)


def tell(chain: Chain, plan: StorePlan) -> StoreStory:
    """Tell all of one store; independent of the others, so they may be told in any order."""
    rng = Random(f"{chain.seed}/{plan.code}")
    price_list = items.price_list(
        plan,
        launched_on=chain.first_day + timedelta(days=130),
        withdrawn_on=chain.first_day + timedelta(days=270),
    )
    first_day = max(chain.first_day, plan.opened_on)
    all_days = [
        first_day + timedelta(days=number)
        for number in range((chain.last_day - first_day).days + 1)
    ]
    shut_days = {day: why for day in all_days if (why := seasons.shut_reason(day, plan))}
    open_days = [
        day
        for day in all_days
        if day not in shut_days and day.isoweekday() not in plan.shut_weekdays
    ]
    circle = Circle(plan, price_list, rng, _Namer(plan, rng))
    if plan.opened_on < chain.first_day:
        circle.move_in(_old_guests(plan), first_day=first_day)
    counter = Counter(plan, price_list, rng)
    receipts = tuple(_receipts(chain, plan, open_days, (circle, counter), rng))
    last_drawers = [day for day in open_days if (chain.last_day - day).days < DRAWER_DAYS]
    return StoreStory(
        plan=plan,
        items=price_list,
        receipts=receipts,
        shut_days=shut_days,
        drawers=drawers.drawers(plan, last_drawers, rng, unsigned=_unsigned(chain, plan)),
        costs=drawers.month_costs(plan, receipts, chain.finished_months, rng),
    )


class _Namer:
    def __init__(self, plan: StorePlan, rng: Random) -> None:
        self._plan, self._rng, self._numbers = plan, rng, count(1)

    def __call__(self) -> Guest:
        return Guest(
            number=f"{self._plan.code}{next(self._numbers):05d}",
            name=names.full_name(self._rng),
            phone=names.phone(self._rng, self._plan.habits),
            habit="",
            favourite="",
        )


def _unsigned(chain: Chain, plan: StorePlan) -> date | None:
    # one store leaves something to sign, unless that would keep a whole month from being closed
    is_midway = days.last_day(chain.last_day) != chain.last_day
    return chain.last_day if plan.code == "001" and is_midway else None


def _old_guests(plan: StorePlan) -> int:
    shares = sum(habit.old_share for habit in HABITS.values())
    a_day = sum(habit.old_share / shares / habit.gap_days for habit in HABITS.values())
    return round(plan.visits_a_month / 30.4 / a_day)


def _receipts(
    chain: Chain,
    plan: StorePlan,
    open_days: list[date],
    shop: tuple[Circle, Counter],
    rng: Random,
) -> Iterator[DemoReceipt]:
    circle, counter = shop
    for day in open_days:
        growth = seasons.growth_factor(day, plan, since=chain.first_day)
        mean = plan.visits_a_month / 30.4 * growth * seasons.day_factor(day, plan)
        visits = max(0, round(rng.gauss(mean, 0.75 * mean**0.5)))
        guests = circle.come(day, count=visits, new_rate=_new_rate(day, plan))
        for number, guest in enumerate(guests, start=1):
            lines, tender = counter.buy(guest, day)
            yield DemoReceipt(f"{plan.code}-{day:%y%m%d}-{number:03d}", day, guest, lines, tender)


def _new_rate(day: date, plan: StorePlan) -> float:
    rate = 0.10 if seasons.is_campaign(day, plan) else 0.045
    young_months = (day - plan.opened_on).days / 30.4
    return rate + max(0.0, 0.35 - 0.05 * young_months)
