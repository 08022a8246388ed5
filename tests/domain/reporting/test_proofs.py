"""`verify` finds a planted error of every kind, one fen or one piece at a time."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from shared.domain.cards.queries import cards as queries
from shared.domain.cards.service import standing, watching
from shared.domain.reporting.queries import checks
from shared.domain.reporting.rules.states import CostKind, Why
from shared.domain.reporting.service import closing, entries
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import cards, reporting
from tests.factories.reporting import HQ, JUNE, LATER, SHOP
from tests.factories.sales import new_item, new_sale

# What is moved by one -> what is said of it; the month has two computed revisions.
PLANTED = {
    "day_items SET turnover_fen = turnover_fen": "categories",
    "day_totals SET receipts = receipts": "totals",
    "day_totals SET new_customers = new_customers": "new_customers",
    "day_tenders SET amount_fen = amount_fen": "tenders",
    "day_totals SET prepaid_fen = prepaid_fen": "prepaid balances",
    "month_figures SET amount = amount": "turnover parts, revision 1",
    "month_cells SET turnover_fen = turnover_fen": "matrix, revision 1",
    "sale_tenders SET amount_fen = amount_fen": "journal",
    "card_entries SET cost_fen = cost_fen": "card K-202506-0001 #2 hash",
    "customers SET sessions_left = sessions_left": "card customer 1 balance",
}
WHERE = {
    "month_figures": "indicator = 'turnover' AND part <> '' AND revision = 1",
    "month_cells": "revision = 1",
    "card_entries": "seq = 2",
    "customers": "id = 1",
}


@pytest.fixture
def busy(store: Tenant) -> Tenant:
    """A store whose June was closed, opened again and computed anew, with a card in use."""
    with tenant_session(store) as session:
        cards.use(session, cards.package(session))
        new_sale(session, (new_item(session).id, 300_00))
        reporting.roll_up(session)
        reporting.closed(session)
        why = Why(reason="改", forms=("F10",))
        closing.reopen_month(session, month=JUNE, why=why, actor=HQ, has_hq=True, now=LATER)
        _rent(session)
        reporting.computed(session, now=LATER)
        session.commit()
    return store


def test_an_error_of_every_kind_is_found_and_nothing_else_is_wrong(busy: Tenant) -> None:
    assert found(busy) == set()

    for moved, said in PLANTED.items():
        plant(busy, moved, by=1)
        assert said in found(busy), moved
        plant(busy, moved, by=-1)

    assert found(busy) == set()


def test_a_month_in_which_cards_only_stood_still_lacks_nothing(store_session: Session) -> None:
    frozen, ending = cards.package(store_session), cards.package(store_session, valid_months=1)
    reporting.roll_up(store_session)
    act = cards.act(day=date(2025, 8, 1), now=LATER)
    standing.freeze(store_session, card_id=frozen.id, reason="出差", act=act)
    watching.watch_cards(store_session, day=date(2025, 9, 1), now=LATER)
    reporting.roll_up(store_session)

    assert queries.get(store_session, ending.id).state == "EXPIRED"
    assert checks.verify(store_session) == []


def plant(store: Tenant, moved: str, *, by: int) -> None:
    """Move a column by one, as nobody but the owner of the tables may."""
    where = WHERE.get(moved.split()[0], "true")
    with connect("app_migrator", autocommit=True) as owner:
        owner.execute("SET ROLE app_owner")
        owner.execute(f"UPDATE {store.name}.{moved} + {by} WHERE {where}".encode())


def found(store: Tenant) -> set[str]:
    """Name what `verify` finds."""
    with tenant_session(store) as session:
        return {one.what for one in checks.verify(session)}


def _rent(session: Session) -> None:
    entries.set_cost(session, month=JUNE, kind=CostKind.RENT, amount_fen=7, actor=SHOP, now=LATER)
