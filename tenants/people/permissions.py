"""Who may do what: the matrix of specification 3 as data, in `permissions.md` beside this file.

Shape: per resource and role the letters of the matrix; verbs are C R U A X, limits o m g s.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

ROLES = ("HQA", "HQN", "MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD")
VERBS = "CRUAX"
Reach = Literal["all", "masked", "own"]
_WIDEST_FIRST: tuple[Reach, ...] = ("all", "masked", "own")

_MATRIX = Path(__file__).with_name("permissions.md")
_NOTE = re.compile(r"\([^)]*\)")


def allowed(roles: Iterable[str], resource: str, verb: str) -> bool:
    """Say whether any of a person's roles may do this.

    Raises: KeyError for a resource that the matrix does not have.
    """
    letters = matrix()[resource]
    return any(verb in letters.get(role, "") for role in roles)


def roles_with(resource: str, verb: str) -> tuple[str, ...]:
    """List the roles that may do this, in the matrix' order; none: nobody may.

    Raises: KeyError for a resource that the matrix does not have.
    """
    letters = matrix()[resource]
    return tuple(role for role in ROLES if verb in letters.get(role, ""))


def reach(roles: Iterable[str], resource: str, verb: str) -> Reach | None:
    """Say how far a permission reaches: the widest of a person's roles; None when not permitted.

    Raises: KeyError for a resource that the matrix does not have.
    """
    letters = matrix()[resource]
    granted = [letters[role] for role in roles if verb in letters.get(role, "")]
    reaches: list[Reach] = [
        "own" if "o" in given else "masked" if "m" in given else "all" for given in granted
    ]
    return min(reaches, key=_WIDEST_FIRST.index, default=None)


@cache
def matrix() -> dict[str, dict[str, str]]:
    """Read the matrix: resource -> role -> letters, notes in brackets left out."""
    read: dict[str, dict[str, str]] = {}
    for key, _, *cells in _rows():
        read[key] = {
            role: _NOTE.sub("", cell).replace("-", "").strip()
            for role, cell in zip(ROLES, cells, strict=True)
        }
    return read


@cache
def names() -> dict[str, str]:
    """Name each resource as the matrix does, in both languages where it has both."""
    return {key: name.replace("(ours)", "").strip() for key, name, *_ in _rows()}


def _rows() -> list[list[str]]:
    lines = _MATRIX.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line[:2] == "| "]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]
