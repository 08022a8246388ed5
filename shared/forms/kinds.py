"""Kinds of fields that paper forms need beside the plain ones: instants, phones, lists, pictures.

Shape: like `fields`, each says label, class and place; `Reference.to` names what it points to.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import fields, validate

from shared.forms.fields import FIRST_DAY, LAST_DAY, Choice, Id, Key, Label, Text, declared
from shared.forms.problems import said

_PHONE = re.compile(r"^(1[0-9]{10}|\+[1-9][0-9]{6,14})$")
SEPARATORS = str.maketrans("", "", " -()（）")
_TIMES = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")


class Instant(fields.AwareDateTime):
    """A moment with its offset, `2025-06-01T14:00:00+08:00`; kept in UTC, shown in store time.

    `past=True`: not in the future (the verb checks, it knows the clock).
    """

    def __init__(self, label: Label, *, past: bool = False, **options: Any) -> None:
        first = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
        last = datetime.combine(LAST_DAY, datetime.min.time(), UTC)
        options.setdefault("validate", validate.Range(first, last, error="RANGE"))
        super().__init__(format="iso", **declared(label, options))
        self.past = past

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid") from error


class Flag(fields.Boolean):
    """Yes or no; only JSON's `true` and `false` are."""

    def __init__(self, label: Label, **options: Any) -> None:
        if not options.get("required"):
            options.setdefault("load_default", False)
        super().__init__(**declared(label, options))

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class PersonName(Text):
    """What a person is called; masked as `王**`."""

    def __init__(self, label: Label, **options: Any) -> None:
        super().__init__(label, max_length=40, secrecy="personal", **options)


class Phone(Text):
    """A phone number: 11 digits that begin with 1, or + and a country's; kept without spaces."""

    def __init__(self, label: Label, **options: Any) -> None:
        wrong = said(
            "TYPE",
            "电话格式不正确(11位手机号或+国家码)",
            "11 digits beginning with 1, or +country code",
        )
        options.setdefault("secrecy", "personal")
        super().__init__(
            label,
            max_length=20,
            validate=validate.Regexp(_PHONE, error=wrong),
            **options,
        )

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs)).translate(SEPARATORS)


class _AtMost(validate.Length):
    """Bound a list that may be left out."""

    def __call__(self, value: Any) -> Any:
        return value if value is None else super().__call__(value)


class Choices(fields.List[Any]):
    """Any of a list, each once, in the form's order; `choices` as on Choice."""

    def __init__(self, label: Label, choices: Mapping[Any, Label], **options: Any) -> None:
        super().__init__(Choice(label, choices), **declared(label, options))
        self.choices = dict(choices)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, list) or len(value) > len(self.choices) or None in value:
            raise self.make_error("invalid")
        ticked = super()._deserialize(value, attr, data, **kwargs)
        if not ticked and self.required:
            raise self.make_error("required")
        return [choice for choice in self.choices if choice in ticked] or None


class Hours(fields.List[Any]):
    """Ranges of a day, `12:00-14:00`; one whose end is earlier runs over midnight."""

    MOST = 6

    def __init__(self, label: Label, **options: Any) -> None:
        wrong = said("TYPE", "应为 12:00-14:00 的形式", "written as 12:00-14:00")
        regular = validate.Regexp(_TIMES, error=wrong)
        times = Text(label, max_length=11, required=True, validate=regular)
        options.setdefault("validate", validate.Length(max=self.MOST, error="RANGE"))
        super().__init__(times, **declared(label, options))


class BirthDay(Text):
    """A birthday whose year may be left out: `1990-05-20` or `--05-20`."""

    def __init__(self, label: Label, **options: Any) -> None:
        super().__init__(label, max_length=10, secrecy="personal", **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        whole = "2000" + text[1:] if text.startswith("--") else text  # a leap year
        try:
            date.fromisoformat(whole if len(whole) == 10 else "")
        except ValueError as error:
            raise self.make_error("invalid") from error
        return text


class Reference(Id):
    """The number of another record; `to` names the list it is picked from, e.g. `customers`."""

    def __init__(self, label: Label, *, to: str, **options: Any) -> None:
        super().__init__(label, **options)
        self.to = to


class References(fields.List[Any]):
    """The numbers of several records of one list, each once; an empty list is no answer."""

    def __init__(self, label: Label, *, to: str, most: int, **options: Any) -> None:
        many = said("RANGE", f"最多 {most} 个", f"at most {most}")
        options.setdefault("validate", _AtMost(max=most, error=many))
        super().__init__(Id(label, required=True), **declared(label, options))
        self.to = to

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        named = list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))
        if not named and self.required:
            raise self.make_error("required")
        return named or None


class Staff(Key):
    """The id of a person who works here, picked from the members of the tenant."""


class Picture(Key):
    """A file that was sent before, by its id: a photo."""


class FaceChart(Picture):
    """Marks on the outline of a face, or a photo of one marked on paper; a file by its id."""


class Signature(Picture):
    """A signature: drawn on the screen, or a photo of the signed paper; a file by its id."""

    def __init__(self, label: Label, **options: Any) -> None:
        super().__init__(label, secrecy="personal", **options)


class Pictures(fields.List[Any]):
    """Several photos by their ids, each once; an empty list is no answer."""

    def __init__(self, label: Label, *, most: int = 6, **options: Any) -> None:
        many = said("RANGE", f"最多 {most} 张照片", f"at most {most} photos")
        options.setdefault("validate", _AtMost(max=most, error=many))
        super().__init__(Key(label, required=True), **declared(label, options))
        self.most = most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs))) or None
