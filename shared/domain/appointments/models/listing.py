"""What both files of tables need."""

from enum import StrEnum


def listed(kind: type[StrEnum], *, but: str = "") -> str:
    """Write the codes of a kind for a constraint, but for one."""
    return ", ".join(f"'{code}'" for code in kind if code != but)
