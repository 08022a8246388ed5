"""The fields forms are declared with: labels in both languages, bounds, the specification's codes.

Shape: every field carries `metadata["label"] = (中文, English)` and `metadata["class"]`, one of
none, personal, sensitive, free. What a record's declaration says beside it (see `record.py`):
`section` of the paper form, `width` in twelfths, `unit`, `help`, `required_if` a condition.
"""

import enum
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.days import month_text, parse_month
from shared.forms.problems import said
from shared.forms.texts import clean, ratio_text

Label = tuple[str, str]
Secrecy = Literal["none", "personal", "sensitive", "free"]

_CODES: dict[str, Any] = {
    "required": "REQUIRED",
    "null": "REQUIRED",
    "invalid": "TYPE",
    "invalid_utf8": "TYPE",
    "invalid_uuid": "TYPE",
    "too_large": "RANGE",
    "unknown": "ENUM",
    "type": "TYPE",
    "validator_failed": "TYPE",
}
_MUCH = 20  # times the longest: no blanks around it explain that
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)


class Form(Schema):
    """A form: unknown fields are refused, and every mistake is told with its code."""

    error_messages = {"unknown": "UNKNOWN_FIELD", "type": "TYPE"}

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A text without control characters, trimmed; an empty one is no answer."""

    def __init__(
        self,
        label: Label,
        *,
        max_length: int,
        multiline: bool = False,
        secrecy: Secrecy = "none",
        **options: Any,
    ) -> None:
        longest = said(
            "LENGTH", f"内容过长(最多 {max_length} 字)", f"at most {max_length} characters"
        )
        options.setdefault("validate", validate.Length(max=max_length, error=longest))
        super().__init__(**declared(label, {"secrecy": secrecy, **options}))
        self._too_long = longest
        self.multiline = multiline
        self.max_length = max_length

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Read the text; blank counts as left out."""
        if isinstance(value, str) and not value.strip():
            if self.required:
                raise self.make_error("required")
            value = None
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if len(value) > _MUCH * self.max_length:  # not looked at sign by sign
            raise ValidationError(self._too_long)
        try:
            return clean(value, multiline=self.multiline)
        except ValueError as error:
            raise self.make_error("invalid") from error


class Whole(fields.Integer):
    """A whole number between two bounds, both included; `true`, `1.5` and `"1"` are none."""

    def __init__(self, label: Label, *, minimum: int, maximum: int, **options: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        bounds = said(
            "RANGE", f"数值应在 {minimum} 到 {maximum} 之间", f"between {minimum} and {maximum}"
        )
        options.setdefault("validate", validate.Range(minimum, maximum, error=bounds))
        super().__init__(**declared(label, options))

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Id(Whole):
    """The number of a row of this tenant."""

    def __init__(self, label: Label, **options: Any) -> None:
        super().__init__(label, minimum=1, maximum=2**63 - 1, **options)


class Fen(Whole):
    """Money in whole fen; the page shows yuan with two decimals."""

    def __init__(self, label: Label, *, minimum: int = 0, maximum: int, **options: Any) -> None:
        super().__init__(label, minimum=minimum, maximum=maximum, unit="fen", **options)


class Day(fields.Date):
    """A store's day, `2025-06-01`."""

    def __init__(self, label: Label, **options: Any) -> None:
        options.setdefault("validate", validate.Range(FIRST_DAY, LAST_DAY, error="RANGE"))
        super().__init__(format="%Y-%m-%d", **declared(label, options))


class Month(fields.Field[date]):
    """A month, `2025-06`; inside, its first day."""

    def __init__(self, label: Label, **options: Any) -> None:
        options.setdefault("validate", validate.Range(FIRST_DAY, LAST_DAY, error="RANGE"))
        super().__init__(**declared(label, options))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else month_text(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        try:
            return parse_month(value)
        except (TypeError, ValueError) as error:
            raise self.make_error("invalid") from error


class Key(fields.UUID):
    """A key made by the sender: sent again, it is the same thing."""

    def __init__(self, label: Label = ("幂等键", "Key"), **options: Any) -> None:
        super().__init__(**declared(label, options))

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> uuid.UUID:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return self._validated(value)


class Person(Key):
    """The id of a person who is a member here."""


class Choice(fields.Enum[enum.StrEnum]):
    """One of a list; `choices` on the field gives code -> (中文, English) in the form's order."""

    def __init__(self, label: Label, choices: Mapping[Any, Label], **options: Any) -> None:
        kind: type[enum.StrEnum] = type(next(iter(choices)))
        super().__init__(kind, by_value=fields.String, **declared(label, options))
        self.choices = dict(choices)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> enum.StrEnum:
        try:
            chosen: enum.StrEnum = self.enum(value)
        except (ValueError, TypeError) as error:
            raise ValidationError("ENUM") from error
        if chosen not in self.choices:
            raise ValidationError("ENUM")
        return chosen

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)  # a column holds the code, not the member


class Ratio(fields.String):
    """A ratio as it is shown: text with 4 decimals, null without a base."""

    def __init__(self, label: Label, **options: Any) -> None:
        super().__init__(**declared(label, {"dump_only": True, **options}))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else ratio_text(value)


class Rows(fields.List[Any]):
    """Several rows of a smaller form, at least one."""

    def __init__(self, label: Label, row: type[Schema], *, most: int, **options: Any) -> None:
        count = said("RANGE", f"应有 1 到 {most} 行", f"between 1 and {most} rows")
        options.setdefault("validate", validate.Length(1, most, error=count))
        nested = fields.Nested(row, error_messages=_CODES)
        super().__init__(nested, **declared(label, options))


_SAID = ("section", "width", "unit", "help", "required_if")


def declared(label: Label, options: dict[str, Any]) -> dict[str, Any]:
    """Make marshmallow's options of what a declaration says about a field."""
    secrecy: Secrecy = options.pop("secrecy", "none")
    metadata = {"label": label, "class": secrecy, **options.pop("metadata", {})}
    metadata |= {name: options.pop(name) for name in _SAID if name in options}
    if not options.get("required"):
        options.setdefault("allow_none", True)
        options.setdefault("load_default", None)
    return {"error_messages": _CODES, "metadata": metadata, **options}
