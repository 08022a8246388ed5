"""Who may do what: the matrix of specification 3 as data, in `permissions.md` beside this file.

Shape: per resource and role the letters of the matrix; verbs are C R U A X, limits o m g s.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROLES = ("HQA", "HQN", "MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD")
VERBS = "CRUAX"

_MATRIX = Path(__file__).with_name("permissions.md")
_NOTE = re.compile(r"\([^)]*\)")


def allowed(roles: Iterable[str], resource: str, verb: str) -> bool:
    """Say whether any of a person's roles may do this.

    Raises: KeyError for a resource that the matrix does not have.
    """
    letters = matrix()[resource]
    return any(verb in letters.get(role, "") for role in roles)


@cache
def matrix() -> dict[str, dict[str, str]]:
    """Read the matrix: resource -> role -> letters, notes in brackets left out."""
    rows = [line for line in _MATRIX.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    read: dict[str, dict[str, str]] = {}
    for row in rows[1:]:
        key, _, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        read[key] = {
            role: _NOTE.sub("", cell).replace("-", "").strip()
            for role, cell in zip(ROLES, cells, strict=True)
        }
    return read
