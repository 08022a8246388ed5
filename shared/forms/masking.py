"""Personal data as those see it who may not know it: `王**`, `138****1234`.

Form: specification 4.4.
Shape: what is masked is the value as JSON; nothing stays of a value whose form would betray it.
"""

from typing import Any

from marshmallow import fields

from shared.forms.kinds import PersonName, Phone

HIDDEN = "***"


def masked(found: fields.Field[Any], value: Any) -> Any:
    """Mask one value of a field; an empty one stays empty."""
    if value is None:
        return None
    if isinstance(found, Phone):
        return masked_phone(value)
    if not isinstance(found, fields.String):
        return None
    return masked_name(value) if isinstance(found, PersonName) else HIDDEN


def masked_name(name: str) -> str:
    """Show a name as `王**`."""
    return f"{name[:1]}**"


def masked_phone(phone: str | None) -> str | None:
    """Show a phone number as `138****1234`."""
    if phone is None:
        return None
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else "****"
