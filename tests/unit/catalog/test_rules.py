"""When an item is on sale, and what its form refuses."""

from datetime import date

import pytest
from marshmallow import ValidationError

from shared.domain.catalog import forms, rules
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
