"""How numbers, days and moments are written for people, and how their typing is read back.

Units: money is fen inside and yuan with two decimals on paper, under the sign of the tenant's
currency; a rate is 0-1 inside, percent outside.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from babel.numbers import get_currency_symbol
from flask import g, has_request_context
from flask_babel import format_date, get_locale

from shared.forms.texts import decimal_text

NOTHING = "—"  # specification 4.1: a ratio without a base is empty, never 0

_FULL = str.maketrans(",:;!?", "，：；！？")
_HALF = re.compile(r"(?<=[\u4e00-\u9fff”」》）])[,:;!?] ?|[,:;!?](?=[\u4e00-\u9fff“「《（])")
_BRACKETS = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
_MONEY = re.compile(r"^-?\d{1,12}(\.\d{1,2})?$")


def in_chinese_signs(text: str) -> str:
    """Write the half-width commas, colons and brackets of a Chinese sentence as Chinese print does.

    Shape: codes and API answers keep what the specification says; pages show this.
    """
    full = _HALF.sub(lambda found: found[0].strip().translate(_FULL), text)
    return _BRACKETS.sub(r"（\1）", full)


def money(fen: int | None) -> str:
    """Write fen as `¥12,345.60`; nothing known is a dash."""
    if fen is None:
        return NOTHING
    sign = "-" if fen < 0 else ""
    return f"{sign}{money_sign()}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def money_sign() -> str:
    """Give the sign of the tenant's currency, such as ¥ or HK$; yuan where there is no tenant."""
    tenant = g.get("tenant") if has_request_context() else None
    if tenant is None or tenant.currency == "CNY":
        return "¥"  # in English too: who works here does not need CN¥
    sign = str(get_currency_symbol(tenant.currency, get_locale()))
    return f"{sign}\N{NO-BREAK SPACE}" if sign[-1].isalpha() else sign


def plain_money(fen: int | None) -> str:
    """Write fen as `12345.60`, the way a form field holds it."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def read_money(text: str) -> int | None:
    """Read `12,345.60` or `￥12.5` as fen; None when it is not an amount of money."""
    bare = text.strip().translate(str.maketrans("０１２３４５６７８９．，－", "0123456789.,-"))
    bare = bare.lstrip("¥￥").replace(",", "").strip()
    if not _MONEY.match(bare):
        return None
    return int((Decimal(bare) * 100).to_integral_value())


def measured(value: Fraction | None, unit: str, *, sign: bool = False) -> str:
    """Write an exact value in its unit: YUAN, PERSON, COUNT or RATIO, rounded once, half up."""
    if value is None:
        return NOTHING
    plus = "+" if sign and value > 0 else ""
    if unit == "YUAN":
        return plus + money(int(Decimal(decimal_text(value, places=2)) * 100))
    places = {"PERSON": 1, "COUNT": 0}.get(unit, 4)
    return plus + f"{Decimal(decimal_text(value, places=places)):,}"


def percent(rate: Fraction | Decimal | float | None) -> str:
    """Write a rate as `40.00%`, rounded once, half up."""
    if rate is None:
        return NOTHING
    exact = Fraction(rate) * 10000
    hundredths = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1), rounding=ROUND_HALF_UP
    )
    return f"{Decimal(hundredths) / 100:,.2f}%"


def growth(rate: Fraction | Decimal | float | None) -> str:
    """Write a growth with its sign: `+12.50%`."""
    text = percent(rate)
    return f"+{text}" if rate is not None and rate > 0 else text


def count(number: int | None) -> str:
    """Write a whole number with thousands apart."""
    return NOTHING if number is None else f"{number:,}"


def day_text(day: date | None) -> str:
    """Write a day with its weekday: `2025-06-10 周二`."""
    return NOTHING if day is None else str(format_date(day, "yyyy-MM-dd EEE"))


def short_day(day: date) -> str:
    """Write a day inside a known month: `10 周二`."""
    return str(format_date(day, "dd EEE"))


def weekdays(width: Literal["wide", "abbreviated"] = "wide") -> dict[int, str]:
    """Name the weekdays, 1 is Monday: `星期二`, abbreviated `周二`."""
    names = get_day_names(width, locale=get_locale())
    return {day + 1: str(name) for day, name in names.items()}


def month_name(month: date | None) -> str:
    """Write a month: `2025年6月`, `June 2025`."""
    if month is None:
        return NOTHING
    chinese = str(get_locale()).startswith("zh")
    return str(format_date(month, "yyyy年M月" if chinese else "MMMM yyyy"))


def moment(at: datetime | None, zone: str) -> str:
    """Write an instant on the store's own clock: `2025-06-10 14:05`."""
    return NOTHING if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def clock(at: datetime | None, zone: str) -> str:
    """Write the time of day on the store's own clock: `14:05`."""
    return NOTHING if at is None else f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
