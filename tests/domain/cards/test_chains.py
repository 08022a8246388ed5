"""Whoever changes or removes an entry behind our back shows in `verify`; sums always agree."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import cards, chains, entries
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import deducting, ledger, standing, watching
from shared.domain.reporting.queries import checks
from shared.domain.sales.queries import figures
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewCardRefund, Paid
from shared.domain.sales.service import card_refunds
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import cards as made
from tests.factories.reporting import roll_up
from tests.factories.sales import MANAGER, NOW, SELLER, new_customer, new_item

FIRST = date(2025, 5, 20)

TAMPERED = {
    "changed": "UPDATE {}.card_entries SET value_fen = 1, cost_fen = 7 WHERE seq = 1",
    "richer": "UPDATE {}.card_entries SET gift_after = 9 WHERE seq = 4",
    "unsigned": "UPDATE {}.card_entries SET by_id = NULL WHERE seq = 3",
    "last removed": "DELETE FROM {}.card_entries WHERE seq = 4",
    "middle removed": "DELETE FROM {}.card_entries WHERE seq = 3",
    "all removed": "DELETE FROM {}.card_entries",
    "moved": "UPDATE {}.card_entries SET business_date = business_date + 1 WHERE seq = 2",
    "put back": "UPDATE {}.cards SET last_seq = 3",
    "balance": "UPDATE {}.customers SET sessions_left = 9",
}


@pytest.fixture
def card_id(store: Tenant) -> int:
    """A package with three of its four sessions used."""
    with tenant_session(store) as session:
        card = made.package(session)
        for _ in range(3):
            made.use(session, card)
        roll_up(session)
        session.commit()
        assert checks.verify(session) == []
        return card.id


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_ledger_shows(store: Tenant, card_id: int, how: str) -> None:
    with connect("app_migrator", autocommit=True) as owner:
        owner.execute("SET ROLE app_owner")
        owner.execute(TAMPERED[how].format(store.name).encode())
    with tenant_session(store) as session:
        found = [one.what for one in checks.verify(session)]
    assert any(what.startswith("card ") for what in found), found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE card_entries SET value_fen = 0",
        "UPDATE card_entries SET hash = previous_hash",
        "DELETE FROM card_entries",
    ],
)
def test_the_tenants_own_login_may_not_touch_an_entry(
    store: Tenant, card_id: int, statement: str
) -> None:
    with tenant_session(store) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(statement))


def test_the_database_refuses_a_negative_balance_and_a_number_twice(
    store: Tenant, card_id: int
) -> None:
    copied = ", ".join(
        column.name for column in CardEntry.__table__.columns if column.name not in ("id", "key")
    )
    again = f"INSERT INTO card_entries (key, {copied}) SELECT gen_random_uuid(), {copied} "
    worse = copied.replace("gift_after", "-1").replace(" seq", " 9")
    for values in (copied, worse):
        with tenant_session(store) as session, pytest.raises(DBAPIError, match="23|violates"):
            session.execute(
                text(again.replace(f"gen_random_uuid(), {copied}", f"gen_random_uuid(), {values}")
                     + "FROM card_entries WHERE seq = 2")
            )  # fmt: skip


class Desk:
    """A desk at which random things happen to cards."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.drawn = session, random.Random(seed)
        self.item = new_item(session, price_fen=300_00, cost_fen=7)
        self.guests = [new_customer(session).id for _ in range(2)]
        self.packages = [
            made.package_offer(session, self.item.id, price_fen=self.drawn.randint(0, 999),
                               paid=self.drawn.randint(1, 4), gift=self.drawn.randint(0, 2))
            for _ in range(2)
        ]  # fmt: skip
        self.stored = made.stored_offer(session, price_fen=701, bonus_fen=99)

    def day(self) -> date:
        """Any day of six weeks."""
        return FIRST + timedelta(days=self.drawn.randint(0, 41))

    def sell(self) -> None:
        """Sell a card or top one up."""
        offer = self.drawn.choice([*self.packages, self.stored])
        made.sold(self.session, offer, self.drawn.choice(self.guests), day=self.day())

    def use(self) -> None:
        """Use a session, or some money."""
        card = self._any()
        if card.kind == "PACKAGE":
            made.use(self.session, card, day=self.day())
        else:
            made.pay(self.session, card, self.item.id, self.drawn.randint(1, 500), day=self.day())

    def reverse(self) -> None:
        """Take a deduction back."""
        card = self._any()
        seq = self.drawn.randint(1, card.version)
        deducting.reverse(
            self.session, card_id=card.id, seq=seq, reason="错", act=made.act(day=self.day())
        )

    def freeze(self) -> None:
        """Freeze a card, or release it."""
        verb = self.drawn.choice([standing.freeze, standing.release])
        verb(self.session, card_id=self._any().id, reason="因", act=made.act(day=self.day()))

    def transfer(self) -> None:
        """Pass a card on."""
        passed = standing.Transfer(
            to_customer_id=self.drawn.choice(self.guests), relation="家人", approver_id=MANAGER,
            giver_sign=made.signature(self.session), taker_sign=made.signature(self.session),
        )  # fmt: skip
        act = made.act(day=self.day())
        standing.transfer(self.session, card_id=self._any().id, transfer=passed, act=act)

    def refund(self) -> None:
        """Give a card back."""
        card = self._any()
        rule = entries.refund_rule(self.session, now=NOW)
        fen = entries.readings(self.session, card.id, rule=rule).refund_fen
        refund = NewCardRefund(
            key=made.act().key, card_id=card.id, reason="退",
            tenders=(Paid(tender=Tender.CASH, amount_fen=fen),),
        )  # fmt: skip
        card_refunds.refund_card(
            self.session, seller_id=SELLER, refund=refund, day=self.day(), now=NOW
        )

    def watch(self) -> None:
        """Look for cards that end."""
        watching.watch_cards(self.session, day=self.day(), now=NOW)

    def roll_up(self) -> None:
        """Follow what changed."""
        roll_up(self.session)

    def _any(self) -> cards.Held:
        return self.drawn.choice(cards.page(self.session, limit=100) or [made.stored(self.session)])


@pytest.mark.parametrize("seed", range(25))
def test_after_any_history_balances_are_sums_and_values_are_what_was_paid(
    store_session: Session, seed: int
) -> None:
    desk = Desk(store_session, seed)
    steps: list[Callable[[], None]] = [
        desk.sell, desk.use, desk.use, desk.use, desk.reverse, desk.freeze, desk.transfer,
        desk.refund, desk.watch, desk.roll_up,
    ]  # fmt: skip
    refused = (ledger.CardNotUsable, ledger.BalanceShort, standing.WrongState)
    for _ in range(30):
        try:
            desk.drawn.choice(steps)()
        except (*refused, deducting.CannotReverse):
            continue
        except Exception as error:  # a transfer to oneself
            if type(error).__name__ != "FormInvalid":
                raise

    roll_up(store_session)
    assert checks.verify(store_session) == []
    ledgers = store_session.query(CardEntry).order_by(CardEntry.seq).all()
    for card in store_session.query(Card):
        own = [one for one in ledgers if one.card_id == card.id]
        held = cards.get(store_session, card.id).balances
        assert held.principal_fen == sum(
            one.principal_after_fen - one.principal_before_fen for one in own
        )
        into = [one for one in own if one.kind in ("ISSUE", "TOPUP", "TRANSFER_IN")]
        out = [one for one in own if one.kind in ("REFUND", "WRITE_OFF", "TRANSFER_OUT")]
        bought = sum(one.principal_after_fen - one.principal_before_fen for one in into)
        left = held.principal_fen + sum(
            one.principal_before_fen - one.principal_after_fen for one in out
        )
        assert sum(one.value_fen for one in own) == bought - left
        if card.state == "SPENT" and not out:
            assert held == Balances()
    totals = figures.day_figures(store_session, [FIRST + timedelta(days=n) for n in range(42)])
    assert sum(day.prepaid_fen for day in totals.totals) == sum(
        card.balances.principal_fen for card in cards.page(store_session, limit=100)
    )
    assert chains.breaks(store_session) == []
