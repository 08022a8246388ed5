"""What a person signs in by: a mail address, a telephone number, or a name an operator gave.

Shape: normal form is lower case, Unicode compatibility letters folded; a telephone number is
`+` and digits (E.164), read as a Chinese one when it has no country.
"""

import re
import unicodedata

import phonenumbers

LONGEST = 120
_MAIL = re.compile(r"[^@\s,;<>\"\\]{1,64}@[^@\s,;<>\"\\]+\.[^@\s,;<>\"\\.]{2,}")
_PHONE = re.compile(r"\+[0-9]{6,15}", re.ASCII)
_DIALLED = re.compile(r"[+0-9 ()./-]{6,30}", re.ASCII)
HOME_COUNTRY = "CN"


def normal(typed: str) -> str:
    """Write a sign-in name in its one form, whatever was typed."""
    text = unicodedata.normalize("NFKC", typed).strip().lower()[:LONGEST]
    return _phone(text) or text


def is_mail(name: str) -> bool:
    """Whether a name in normal form is a mail address."""
    return (
        len(name) <= LONGEST
        and name.isascii()
        and name.isprintable()
        and _MAIL.fullmatch(name) is not None
    )


def is_phone(name: str) -> bool:
    """Whether a name in normal form is a telephone number."""
    return _PHONE.fullmatch(name) is not None


def _phone(text: str) -> str | None:
    if not _DIALLED.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, HOME_COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
