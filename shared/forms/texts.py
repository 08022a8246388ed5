"""What people type: amounts, days, whole numbers, names; read strictly, never guessed.

Units: money is yuan with at most two decimals on screen and whole fen inside.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from fractions import Fraction

_AMOUNT = re.compile(r"[-+]?(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,12}(\.0+)?", re.ASCII)
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean(text: str, *, multiline: bool = False) -> str:
    """Trim a text and bring it into Unicode's composed form.

    Raises: ValueError for characters that no name has: NUL, control codes, half surrogates, and
        those that turn the direction of the text around them.
    """
    kept = "\n\t" if multiline else ""
    trimmed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    for char in trimmed:
        is_control = unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING
        if is_control and char not in kept:
            raise ValueError("control character")
    return trimmed


def fen_of(text: str) -> int:
    """Read yuan such as `1,234.50` or `￥12` as fen.

    Units: full-width digits count; a comma only where it parts thousands.
    Raises: ValueError when it is not an amount with at most two decimals.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("¥").removesuffix("元").strip()
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(text)
    sign = -1 if plain.startswith("-") else 1
    yuan, _, decimals = plain.lstrip("+-").replace(",", "").partition(".")
    return sign * (int(yuan) * 100 + int(decimals.ljust(2, "0")))


def yuan_text(fen: int) -> str:
    """Write fen as yuan with two decimals, `-15.00`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def ratio_text(exact: Fraction | Decimal) -> str:
    """Write a ratio with 4 decimals, rounded once, half up (away from zero): `0.1235`."""
    return decimal_text(exact, places=4)


def decimal_text(exact: Fraction | Decimal, *, places: int) -> str:
    """Write a number with some decimals, rounded once, half up (away from zero)."""
    scale = 10**places
    units = int(abs(Fraction(exact)) * scale + Fraction(1, 2))
    sign = "-" if exact < 0 and units else ""
    return f"{sign}{units // scale}" + (f".{units % scale:0{places}d}" if places else "")


def whole_of(text: str) -> int:
    """Read a whole number; a spreadsheet's `3.0` is one.

    Raises: ValueError otherwise.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _WHOLE.fullmatch(plain):
        raise ValueError(text)
    return int(plain.partition(".")[0])


def day_of(text: str) -> date:
    """Read a day written year first, such as `2025-06-01`, `2025/6/1`, `2025年6月1日`.

    Units: a time behind it is dropped; `03/04/05` could mean three days and is refused.
    Raises: ValueError when it is not such a day.
    """
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return date(year, month, day)
