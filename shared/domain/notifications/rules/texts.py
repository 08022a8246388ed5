"""Fill the braces of a text; nothing else is inserted.

Shape: a placeholder is `{name}`; a value is written as it is, in one pass, so braces inside a
value stay braces.
"""

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,30})\}")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")
NOTHING = "—"
LONGEST = 500
SHOWN = 5  # texts of a merged message; the others are counted


def placeholders(text: str) -> list[str]:
    """List a text's placeholders, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Fill a text; what nobody told stands as a dash, line ends of a value become spaces."""

    def value(found: re.Match[str]) -> str:
        return _SPACES.sub(" ", facts.get(found[1], "")).strip() or NOTHING

    return _PLACEHOLDER.sub(value, text)


def merged(texts: list[str], count: int) -> str:
    """Write several messages of one kind as one: their number, then the first few."""
    if count == 1:
        return texts[0]
    lines = [f"({count}) {texts[0]}", *texts[1:SHOWN]]
    if count > SHOWN:
        lines.append(f"… +{count - SHOWN}")
    return "\n".join(lines)
