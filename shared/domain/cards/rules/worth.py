"""What a card is worth, session by session and fen by fen.

Form: specification 4.5; G-PKG-1, G-CARD-1.
Units: `_fen` is whole fen. The principal of a package is the paid money that its unused paid
    sessions stand for; gift sessions and bonus money are worth nothing.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.cards.rules.kinds import RefundRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What a card holds at one moment."""

    principal_fen: int = 0
    bonus_fen: int = 0
    paid: int = 0
    gift: int = 0

    @property
    def sessions(self) -> int:
        """Count the sessions left, paid and given."""
        return self.paid + self.gift

    @property
    def money_fen(self) -> int:
        """Give what a stored-value card can pay."""
        return self.principal_fen + self.bonus_fen

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of any kind."""
        return self == Balances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What would go back for a card, read both ways; `rule` is the tenant's."""

    paid_fen: int  # money the guest paid in all
    used_fen: int  # value of what was used, by the price paid
    used_list_fen: int  # the same at list prices, gifts and bonus included
    by_paid_fen: int
    by_list_fen: int
    rule: RefundRule

    @property
    def refund_fen(self) -> int:
        """Give the amount by the tenant's rule."""
        return self.by_paid_fen if self.rule == RefundRule.PAID else self.by_list_fen


def package_values(price_fen: int, paid: int, gift: int) -> list[int]:
    """Give the value of each session of a package, in the order they are used.

    Units: price ÷ paid sessions in whole fen, the last paid one takes the rounding rest; gifts 0.
    """
    left, values = Balances(principal_fen=price_fen, paid=paid, gift=gift), []
    while left.sessions:
        after = after_session(left, unit_fen=unit_fen(price_fen, paid))
        values.append(left.principal_fen - after.principal_fen)
        left = after
    return values


def unit_fen(price_fen: int, paid: int) -> int:
    """Give what one paid session is worth, the last one apart; 0 where none is paid."""
    return price_fen // paid if paid else 0


def after_session(before: Balances, *, unit_fen: int) -> Balances:
    """Use one session, a paid one first; the last paid one takes all the money that is left."""
    if not before.paid:
        return Balances(
            principal_fen=before.principal_fen, bonus_fen=before.bonus_fen, gift=before.gift - 1
        )
    value_fen = before.principal_fen if before.paid == 1 else unit_fen
    return Balances(
        principal_fen=before.principal_fen - value_fen,
        bonus_fen=before.bonus_fen,
        paid=before.paid - 1,
        gift=before.gift,
    )


def after_payment(before: Balances, amount_fen: int) -> Balances:
    """Pay by stored value: principal first, then bonus."""
    principal_fen = min(amount_fen, before.principal_fen)
    return Balances(
        principal_fen=before.principal_fen - principal_fen,
        bonus_fen=before.bonus_fen - (amount_fen - principal_fen),
        paid=before.paid,
        gift=before.gift,
    )


def total(several: Iterable[Balances]) -> Balances:
    """Add balances up."""
    return functools.reduce(plus, several, Balances())


def plus(one: Balances, other: Balances) -> Balances:
    """Add two balances."""
    return Balances(
        principal_fen=one.principal_fen + other.principal_fen,
        bonus_fen=one.bonus_fen + other.bonus_fen,
        paid=one.paid + other.paid,
        gift=one.gift + other.gift,
    )


def undone(now: Balances, *, before: Balances, after: Balances) -> Balances:
    """Give back what a step from `before` to `after` took."""
    return Balances(
        principal_fen=now.principal_fen + before.principal_fen - after.principal_fen,
        bonus_fen=now.bonus_fen + before.bonus_fen - after.bonus_fen,
        paid=now.paid + before.paid - after.paid,
        gift=now.gift + before.gift - after.gift,
    )


def readings(*, paid_fen: int, used_list_fen: int, left: Balances, rule: RefundRule) -> Readings:
    """Reckon a refund both ways.

    By the price paid: what the unused paid sessions, or the unused principal, were paid with. By
    list prices: the price paid less what was used at list price, never below 0, and never more
    than is left of the money.
    """
    by_list_fen = max(0, min(paid_fen - used_list_fen, left.principal_fen))
    return Readings(
        paid_fen=paid_fen,
        used_fen=paid_fen - left.principal_fen,
        used_list_fen=used_list_fen,
        by_paid_fen=left.principal_fen,
        by_list_fen=by_list_fen,
        rule=rule,
    )
