"""Numbers as answers show them, labelled in both languages."""

from typing import Any

from marshmallow import fields


def fen(zh: str, en: str, **options: Any) -> fields.Integer:
    """Declare an amount in whole fen."""
    return fields.Integer(required=True, metadata={"label": (zh, en), "unit": "fen"}, **options)


def count(zh: str, en: str) -> fields.Integer:
    """Declare a count."""
    return fields.Integer(required=True, metadata={"label": (zh, en)})
