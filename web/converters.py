"""Path parts as values: an id that fits the column, a day, month, year. Anything else is a 404."""

from datetime import date
from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from shared import days

FIRST_YEAR, LAST_YEAR = 1900, 2999  # beyond, a month has no month before or after
LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """`<id:sale_id>`: a bigint; a longer number would reach the driver and break there."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, min=1, max=LARGEST_ID, **options)

    def to_python(self, value: str) -> Any:
        """Refuse a number of twenty digits before it is computed."""
        if len(value) > 19:
            raise ValidationError
        return super().to_python(value)


class DayConverter(BaseConverter):
    """`<day:day>`: 2025-06-30 as a date."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Read the day."""
        try:
            return _bounded(date.fromisoformat(value))
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: Any) -> str:
        """Write the day."""
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


class MonthConverter(BaseConverter):
    """`<month:month>`: 2025-06 as its first day."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Read the month."""
        try:
            return _bounded(days.parse_month(value))
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: Any) -> str:
        """Write the month."""
        return days.month_text(value) if isinstance(value, date) else str(value)


class YearConverter(IntegerConverter):
    """`<year:year>`: four digits; it has a year before and one after."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, fixed_digits=4, min=FIRST_YEAR + 1, max=LAST_YEAR - 1, **options)


def init_app(app: Flask) -> None:
    """Teach the router our converters."""
    app.url_map.converters.update(
        id=IdConverter, day=DayConverter, month=MonthConverter, year=YearConverter
    )


def _bounded(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day
