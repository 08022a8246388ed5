"""Personal data as those see it who may not know it."""

from typing import Any

import pytest

from shared.forms import masking
from shared.forms.fields import Text, Whole
from shared.forms.kinds import PersonName, Phone

LABEL = ("名", "Name")


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812341234", "138****1234"), ("12345", "****"), (None, None)]
)
def test_phones_are_masked(phone: str | None, shown: str | None) -> None:
    assert masking.masked_phone(phone) == shown


def test_names_are_masked_to_their_first_character() -> None:
    assert masking.masked_name("王丽") == "王**"


@pytest.mark.parametrize(
    ("found", "value", "shown"),
    [
        (PersonName(LABEL), "王小丽", "王**"),
        (Phone(LABEL), "13800001234", "138****1234"),
        (Text(LABEL, max_length=9), "wx-88", "***"),
        (Whole(LABEL, minimum=0, maximum=9), 7, None),
        (PersonName(LABEL), None, None),
    ],
)
def test_each_kind_is_masked_in_its_way(found: Any, value: Any, shown: Any) -> None:
    assert masking.masked(found, value) == shown
