"""Numbers, masks and the form of customers."""

import pytest
from marshmallow import ValidationError

from shared.domain.customers.forms import contact as forms
from shared.domain.customers.rules import contact as rules
from shared.forms.problems import problems_of


@pytest.mark.parametrize(("text", "is_tail"), [("1234", True), ("12", False), ("王", False)])
def test_three_digits_can_be_the_end_of_a_phone_number(text: str, is_tail: bool) -> None:
    assert rules.is_phone_tail(text) is is_tail


@pytest.mark.parametrize("phone", ["138-1234-1234", "+86 13812341234", "0571-88001234"])
def test_phones_are_taken_as_people_write_them(phone: str) -> None:
    assert forms.NewCustomer().load({"name": "王丽", "phone": phone})["phone"] == phone


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"name": ""}, ("name", "REQUIRED")),
        ({"name": "王" * 81}, ("name", "LENGTH")),
        ({"name": "a\0b"}, ("name", "TYPE")),
        ({"phone": "打电话"}, ("phone", "TYPE")),
        ({"vip": True}, ("vip", "UNKNOWN_FIELD")),
    ],
)
def test_each_mistake_has_its_code(changed: dict[str, object], mistake: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        forms.NewCustomer().load({"name": "王丽", **changed})

    assert [(found.field, found.code) for found in problems_of(refused.value)] == [mistake]
