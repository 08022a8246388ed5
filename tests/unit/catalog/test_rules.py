"""When an item is on sale, and what its form refuses."""

from datetime import date

import pytest
from marshmallow import ValidationError

from shared.domain.catalog import rules
from shared.domain.catalog.forms import items as forms
from shared.forms.problems import problems_of

NEW = {
    "code": "F1",
    "name": "补水护理",
    "category": "FACIAL",
    "price_fen": 198_00,
    "on_sale_from": "2025-01-01",
}


@pytest.mark.parametrize(
    ("day", "is_on_sale"),
    [(31, False), (1, True), (10, True), (11, False)],
)
def test_an_item_is_on_sale_from_its_first_to_its_last_day(day: int, is_on_sale: bool) -> None:
    asked = date(2025, 5, 31) if day == 31 else date(2025, 6, day)

    found = rules.is_on_sale(sale_from=date(2025, 6, 1), sale_to=date(2025, 6, 10), day=asked)

    assert found is is_on_sale


def test_an_item_without_an_end_stays_on_sale() -> None:
    assert rules.is_on_sale(sale_from=date(2025, 6, 1), sale_to=None, day=date(2099, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (9, None, "ON_SALE"),
        (10, 10, "ON_SALE"),
        (11, None, "COMING"),
        (1, 9, "WITHDRAWN"),
    ],
)
def test_an_item_has_one_state_on_a_day(first: int, last: int | None, state: str) -> None:
    day, end = date(2025, 6, 10), date(2025, 6, last) if last else None

    assert rules.sale_state(sale_from=date(2025, 6, first), sale_to=end, day=day) == state
    on_sale = rules.is_on_sale(sale_from=date(2025, 6, first), sale_to=end, day=day)
    assert on_sale is (state == "ON_SALE")


@pytest.mark.parametrize(
    ("first", "last", "gone"),
    [
        (1, None, (1, 9)),
        (1, 30, (1, 9)),
        (1, 5, (1, 5)),  # withdrawn before: stays as it was
        (10, None, (9, 9)),  # put on sale this morning by mistake
        (20, 30, (9, 9)),
    ],
)
def test_a_withdrawn_item_is_sold_no_more_that_very_day(
    first: int, last: int | None, gone: tuple[int, int]
) -> None:
    day, end = date(2025, 6, 10), date(2025, 6, last) if last else None

    found = rules.withdrawn(sale_from=date(2025, 6, first), sale_to=end, day=day)

    assert found == (date(2025, 6, gone[0]), date(2025, 6, gone[1]))
    assert rules.sale_state(sale_from=found[0], sale_to=found[1], day=day) == "WITHDRAWN"


def test_every_category_has_a_name_in_both_languages() -> None:
    assert set(rules.LABELS) == set(rules.Category)
    assert all(zh and en for zh, en in rules.LABELS.values())


def test_an_item_form_fills_what_may_be_left_out() -> None:
    loaded = forms.NewItem().load(NEW)

    assert (loaded["cost_fen"], loaded["on_sale_to"]) == (0, None)


def test_an_item_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValidationError) as refused:
        forms.NewItem().load({**NEW, "on_sale_to": "2024-12-31"})

    [found] = problems_of(refused.value)
    assert (found.field, found.code) == ("on_sale_to", "DATE_ORDER")
