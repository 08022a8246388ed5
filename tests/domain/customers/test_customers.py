"""Customers: found by what people know of them, new on the day they first paid."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.domain.customers.service import adding as service
from tests.factories.sales import NOW, new_customer

FIRST, LATER = date(2025, 6, 3), date(2025, 6, 20)


def test_customers_are_found_by_number_name_part_and_phone_tail(store_session: Session) -> None:
    wang = new_customer(store_session, "王小丽", phone="13812345678", number="V100")
    new_customer(store_session, "李100%", phone="13900000000")

    def found(text: str) -> list[str]:
        return [customer.name for customer in queries.search(store_session, text)]

    assert found("小丽") == found("5678") == found("v100") == ["王小丽"]
    assert found("0%") == ["李100%"]
    assert found("_") == found(" ") == []
    assert queries.by_numbers(store_session, ["V100", "V9"]) == {"V100": wang.id}


def test_a_customer_without_a_number_gets_one_and_a_taken_one_is_refused(
    store_session: Session,
) -> None:
    first = new_customer(store_session)
    taken = new_customer(store_session, number=f"C{first.id + 2:06d}")
    third = new_customer(store_session)

    assert first.number == f"C{first.id:06d}"
    assert third.number.startswith(taken.number)
    with pytest.raises(service.CustomerNumberTaken):
        new_customer(store_session, number=taken.number)


def test_the_first_paid_day_only_moves_back_and_tells_both_days(store_session: Session) -> None:
    guest = new_customer(store_session)

    assert service.note_paid_visits(store_session, {guest.id: LATER}) == {LATER}
    assert service.note_paid_visits(store_session, {guest.id: LATER}) == set()
    assert service.note_paid_visits(store_session, {guest.id: FIRST}) == {FIRST, LATER}
    assert queries.new_counts(store_session, FIRST, LATER) == {FIRST: 1}


def test_missing_customers_are_added_and_known_ones_keep_their_names(
    store_session: Session,
) -> None:
    known = new_customer(store_session, "王丽", number="K1")
    news = [
        service.NewCustomer(number="K1", name="别名"),
        service.NewCustomer(number="K2", name=""),
        service.NewCustomer(number="K2", name="李红", phone="139"),
    ]

    ids = service.add_missing(store_session, news, now=NOW)

    assert ids["K1"] == known.id
    names = {c.number: c.name for c in queries.by_ids(store_session, ids.values()).values()}
    assert names == {"K1": "王丽", "K2": "李红"}
