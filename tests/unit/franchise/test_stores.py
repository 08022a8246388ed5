"""The store file and which months a store counts in."""

from datetime import date

import pytest

from shared import errors
from shared.domain.franchise.rules import stores
from shared.domain.franchise.rules.stores import StoreDetails

JUNE = date(2025, 6, 1)


def test_everything_wrong_with_a_store_file_is_said_at_once() -> None:
    wrong = StoreDetails(
        tenant="t_aaaaaaaaaa",
        code="1",
        name=" ",
        region="x" * 41,
        opened_on=JUNE,
        closed_on=date(2025, 5, 31),
    )

    with pytest.raises(errors.FormInvalid) as caught:
        stores.check_details(wrong)

    assert [(p.field, p.code) for p in caught.value.problems] == [
        ("code", "TYPE"),
        ("region", "LENGTH"),
        ("name", "REQUIRED"),
        ("closed_on", "DATE_ORDER"),
    ]


@pytest.mark.parametrize(
    ("opened", "closed", "expected"),
    [
        (date(2025, 6, 30), None, True),
        (date(2025, 7, 1), None, False),
        (date(2024, 1, 1), date(2025, 6, 1), True),
        (date(2024, 1, 1), date(2025, 5, 31), False),
    ],
)
def test_a_store_is_expected_in_the_months_it_trades(
    opened: date, closed: date | None, expected: bool
) -> None:
    assert stores.is_expected(opened_on=opened, closed_on=closed, month=JUNE) is expected


@pytest.mark.parametrize(
    ("opened", "month"),
    [(date(2025, 4, 1), JUNE), (date(2025, 3, 2), JUNE), (date(2025, 4, 2), date(2025, 7, 1))],
)
def test_a_store_is_ranked_from_its_third_full_month(opened: date, month: date) -> None:
    assert stores.is_ranked_from(opened) == month
