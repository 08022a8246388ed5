"""Who comes to a store on a day: regulars when they are due again, and new faces.

A heap of guests by the day they mean to come next; a busy day pulls the next ones forward, a
quiet one lets them wait. Whoever waits too long is lost.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from deploy.demo.shapes import DemoItem, Guest, StorePlan

_PULLED_DAYS = 4  # a guest may come this much before the day meant
_PATIENCE_DAYS = 45


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of guest behaves.

    Units: `gap_days` between visits on average; `stays_rate` after the first visit and later.
    """

    gap_days: int
    first_stays_rate: float
    stays_rate: float
    old_share: int
    new_share: int


HABITS = {
    "fortnightly": Habit(14, 0.95, 0.985, 20, 7),
    "monthly": Habit(28, 0.85, 0.955, 36, 21),
    "seldom": Habit(56, 0.70, 0.90, 32, 26),
    "trial": Habit(35, 0.42, 0.15, 12, 46),
}
_CATEGORY_TASTE = {"FACIAL": 56, "BODY": 26, "SLIMMING": 12, "OTHER": 6}


class Circle:
    """The guests of one store."""

    def __init__(
        self, plan: StorePlan, items: tuple[DemoItem, ...], rng: Random, make: Callable[[], Guest]
    ) -> None:
        """Start with nobody; `make` gives a nameless guest a name, number and telephone."""
        self._plan = plan
        self._rng = rng
        self._make = make
        self._favourites = {
            category: [item.code for item in items if item.category == category and item.weight]
            for category in _CATEGORY_TASTE
        }
        self._due: list[tuple[int, int, Guest]] = []
        self._told = 0

    def move_in(self, count: int, *, first_day: date) -> None:
        """Let guests of earlier years in, each somewhere between two visits."""
        for _ in range(count):
            guest = self._new("old")
            gap = HABITS[guest.habit].gap_days
            guest.visits = 3
            self._expect(guest, first_day.toordinal() + self._rng.randrange(gap))

    def come(self, day: date, *, count: int, new_rate: float) -> list[Guest]:
        """Name the guests of a day, nobody twice."""
        today = day.toordinal()
        here = [self._new("new") for _ in range(self._rounded(count * new_rate))][:count]
        while len(here) < count:
            here.append(self._next(today) or self._new("new"))
        for guest in here:
            self._leave(guest, today)
        self._rng.shuffle(here)
        return here

    def _next(self, today: int) -> Guest | None:
        while self._due and self._due[0][0] <= today + _PULLED_DAYS:
            due, _, guest = heapq.heappop(self._due)
            if today - due < _PATIENCE_DAYS or self._rng.random() < 0.3:
                return guest
        return None

    def _leave(self, guest: Guest, today: int) -> None:
        habit = HABITS[guest.habit]
        rate = habit.stays_rate if guest.visits else habit.first_stays_rate
        guest.visits += 1
        if self._rng.random() < rate:
            gap = habit.gap_days * self._rng.lognormvariate(-0.05, 0.32)
            self._expect(guest, today + max(_PULLED_DAYS + 1, round(gap)))

    def _expect(self, guest: Guest, due: int) -> None:
        self._told += 1  # guests do not compare
        heapq.heappush(self._due, (due, self._told, guest))

    def _new(self, side: str) -> Guest:
        shares = [getattr(habit, f"{side}_share") for habit in HABITS.values()]
        guest = self._make()
        guest.habit = self._rng.choices(list(HABITS), shares)[0]
        category = self._rng.choices(list(_CATEGORY_TASTE), list(_CATEGORY_TASTE.values()))[0]
        guest.favourite = self._rng.choice(self._favourites[category])
        return guest

    def _rounded(self, number: float) -> int:
        whole = int(number)
        return whole + (self._rng.random() < number - whole)
