"""What cards are worth, and how their entries hang together."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import money
from shared.domain.cards.rules import chaining, terms, worth
from shared.domain.cards.rules.kinds import CardState, EntryKind, RefundRule
from shared.domain.cards.rules.worth import Balances
from shared.forms.texts import fen_of
from tests.golden import example

CONTENT = chaining.Content(
    card_id=1, seq=2, kind="DEDUCT", key=UUID(int=3), business_date=date(2025, 6, 10),
    at=datetime(2025, 6, 10, 7, 30, tzinfo=UTC), by_id=UUID(int=4), approver_id=None,
    sign=UUID(int=5), second_sign=None, item_id=6, category="FACIAL", quantity=1,
    before=Balances(principal_fen=100_00, paid=3, gift=1),
    after=Balances(principal_fen=66_67, paid=2, gift=1),
    value_fen=33_33, cost_fen=0, list_fen=40_00, source=None, reverses=None,
)  # fmt: skip


def test_a_package_is_worth_what_the_specification_says() -> None:
    block = example("G-PKG-1")
    asked, wanted = block["input"], block["expected"]

    values = worth.package_values(
        fen_of(asked["price"]), asked["paid_sessions"], asked["gift_sessions"]
    )

    assert values == [fen_of(value) for value in wanted["session_values"]]
    assert sum(values) == fen_of(wanted["sum"])


def test_stored_value_pays_as_the_specification_says() -> None:
    block = example("G-CARD-1")
    asked, wanted = block["input"], block["expected"]
    left = Balances(principal_fen=fen_of(asked["top_up"]), bonus_fen=fen_of(asked["bonus"]))

    turnover = []
    for amount in asked["deductions"]:
        after = worth.after_payment(left, fen_of(amount))
        turnover.append(left.principal_fen - after.principal_fen)
        left = after

    assert turnover == [fen_of(value) for value in wanted["turnover"]]
    assert left.principal_fen == fen_of(wanted["principal_left"])
    assert left.bonus_fen == fen_of(wanted["bonus_left"])


@given(st.integers(0, money.MAX_FEN), st.integers(1, 200), st.integers(0, 20))
def test_the_values_of_a_package_sum_to_its_price(price_fen: int, paid: int, gift: int) -> None:
    values = worth.package_values(price_fen, paid, gift)

    assert (len(values), sum(values), min(values) >= 0) == (paid + gift, price_fen, True)
    assert values[paid:] == [0] * gift
    assert set(values[: paid - 1]) <= {price_fen // paid}


@pytest.mark.parametrize(
    ("bought", "months", "last"),
    [
        (date(2025, 6, 10), 12, date(2026, 6, 9)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 6, 1), 1, date(2025, 6, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 6, 10), None, None),
    ],
)
def test_a_card_lasts_whole_months(bought: date, months: int | None, last: date | None) -> None:
    assert terms.valid_until(bought, months) == last


def test_a_refund_is_read_both_ways() -> None:
    left = Balances(principal_fen=666_67, paid=2, gift=1)

    by_price = worth.readings(
        paid_fen=1000_00, used_list_fen=400_00, left=left, rule=RefundRule.PAID
    )
    by_list = replace(by_price, rule=RefundRule.LIST)

    assert (by_price.by_paid_fen, by_price.by_list_fen) == (666_67, 600_00)
    assert (by_price.refund_fen, by_list.refund_fen) == (666_67, 600_00)
    assert by_price.used_fen == 333_33


@pytest.mark.parametrize(("used_list_fen", "refund_fen"), [(1200_00, 0), (100_00, 666_67)])
def test_a_refund_at_list_prices_is_never_below_0_nor_more_than_is_left(
    used_list_fen: int, refund_fen: int
) -> None:
    found = worth.readings(
        paid_fen=1000_00, used_list_fen=used_list_fen,
        left=Balances(principal_fen=666_67, paid=2), rule=RefundRule.LIST,
    )  # fmt: skip
    assert found.refund_fen == refund_fen


@pytest.mark.parametrize(
    ("kind", "before", "after", "state"),
    [
        (EntryKind.DEDUCT, CardState.ACTIVE, Balances(), CardState.SPENT),
        (EntryKind.DEDUCT, CardState.ACTIVE, Balances(gift=1), CardState.ACTIVE),
        (EntryKind.TOPUP, CardState.SPENT, Balances(principal_fen=1), CardState.ACTIVE),
        (EntryKind.REVERSAL, CardState.FROZEN, Balances(paid=1), CardState.FROZEN),
        (EntryKind.RELEASE, CardState.FROZEN, Balances(paid=1), CardState.ACTIVE),
        (EntryKind.WRITE_OFF, CardState.EXPIRED, Balances(), CardState.EXPIRED),
        (EntryKind.REFUND, CardState.FROZEN, Balances(), CardState.REFUNDED),
    ],
)
def test_where_a_card_stands_follows_from_its_entries(
    kind: EntryKind, before: CardState, after: Balances, state: CardState
) -> None:
    assert terms.state_after(kind, before, after) == state


CHANGES = [
    {"value_fen": 33_34}, {"sign": UUID(int=9)}, {"by_id": None}, {"source": "x"},
    {"after": Balances(principal_fen=66_67, paid=2, gift=2)}, {"seq": 3}, {"quantity": 11},
    {"business_date": date(2025, 6, 11)}, {"category": "BODY"}, {"item_id": 7},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_whatever_changes_in_an_entry_changes_its_hash(change: dict[str, Any]) -> None:
    original = chaining.entry_hash(CONTENT, chaining.NO_HASH)
    assert chaining.entry_hash(replace(CONTENT, **change), chaining.NO_HASH) != original


def test_a_hash_hangs_on_the_one_before_and_on_no_zone() -> None:
    original = chaining.entry_hash(CONTENT, chaining.NO_HASH)
    elsewhere = replace(CONTENT, at=datetime.fromisoformat("2025-06-10T15:30:00+08:00"))

    assert chaining.entry_hash(CONTENT, original) != original
    assert chaining.entry_hash(elsewhere, chaining.NO_HASH) == original
