"""What a record is found by: its texts in small letters, and the pinyin initials of its names."""

from collections.abc import Iterable

from pypinyin import Style, lazy_pinyin

LONGEST = 600


def search_text(texts: Iterable[str | None]) -> str:
    """Write what a search looks through.

    Shape: each text in small letters; one with Chinese characters also in pinyin, whole and by
        initials: `王小丽 wangxiaoli wxl`.
    """
    parts: list[str] = []
    for text in filter(None, texts):
        parts.append(text.casefold())
        if not text.isascii():
            parts += _pinyin(text)
    return "\n".join(parts)[:LONGEST]


def _pinyin(text: str) -> list[str]:
    whole = lazy_pinyin(text, style=Style.NORMAL, errors="ignore")
    return ["".join(whole), "".join(part[:1] for part in whole)] if whole else []
