"""How long a card lives, and where it stands after an entry."""

from datetime import date, timedelta

from shared import days
from shared.domain.cards.rules.kinds import CardState, EntryKind
from shared.domain.cards.rules.worth import Balances


def valid_until(day: date, months: int | None) -> date | None:
    """Give the last day of a card bought on a day; without months it has no end.

    Units: the day before the same day of a later month; the month's last day where it has no such.
    """
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = days.last_day(date(year, month + 1, 1))
    return last if day.day > last.day else last.replace(day=day.day) - timedelta(days=1)


def is_over(last: date | None, day: date) -> bool:
    """Tell whether a card's last day is over."""
    return last is not None and last < day


def later(one: date | None, other: date | None) -> date | None:
    """Give the later of two last days; no end is later than any."""
    return None if one is None or other is None else max(one, other)


def state_after(kind: EntryKind, before: CardState, after: Balances) -> CardState:
    """Say where a card stands after an entry."""
    fixed = {
        EntryKind.FREEZE: CardState.FROZEN,
        EntryKind.EXPIRE: CardState.EXPIRED,
        EntryKind.REFUND: CardState.REFUNDED,
        EntryKind.TRANSFER_OUT: CardState.SPENT,
    }
    if kind in fixed:
        return fixed[kind]
    if before in (CardState.FROZEN, CardState.EXPIRED) and kind != EntryKind.RELEASE:
        return before
    return CardState.SPENT if after.is_empty else CardState.ACTIVE
