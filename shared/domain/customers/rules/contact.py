"""What a customer's number, phone and search text look like."""

import re

_OF_THE_FORM = re.compile(r"F04-\d{6}-\d{4,}", re.ASCII)
_DIGITS = re.compile(r"\d{3,20}", re.ASCII)


def own_number(row_id: int) -> str:
    """Make a number for a customer who came without one."""
    return f"C{row_id:06d}"


def is_own_number(number: str, row_id: int) -> bool:
    """Tell whether we made a number: one that somebody chose may be a phone, or a name."""
    return number.startswith(own_number(row_id)) or _OF_THE_FORM.fullmatch(number) is not None


def is_phone_tail(text: str) -> bool:
    """Tell whether a search text can be the end of a phone number: three digits or more."""
    return _DIGITS.fullmatch(text) is not None
