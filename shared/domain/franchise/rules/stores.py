"""The store file: what a headquarters knows of a store, and its peers.

Form: store file 门店档案 (9.1), peer group 同类组.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared import days, errors


class StoreKind(StrEnum):
    """Whose store it is."""

    DIRECT = "DIRECT"
    FRANCHISED = "FRANCHISED"


# kind -> (中文, English)
KIND_LABELS: dict[StoreKind, tuple[str, str]] = {
    StoreKind.DIRECT: ("直营店", "Company-owned"),
    StoreKind.FRANCHISED: ("加盟店", "Franchised"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDetails:
    """A store file as the headquarters keyed it."""

    tenant: str  # the store's opaque name
    code: str
    name: str
    opened_on: date
    region: str = ""
    kind: StoreKind = StoreKind.FRANCHISED
    size_class: str = "M"
    city_tier: str = "2"
    closed_on: date | None = None


def check_details(details: StoreDetails) -> None:
    """Check a store file.

    Raises: errors.FormInvalid with everything that is wrong.
    """
    found = []
    if not re.fullmatch(r"[0-9]{3}", details.code):
        found.append(errors.problem("code", "TYPE"))
    for field, text, limit in (
        ("name", details.name, 80),
        ("region", details.region, 40),
        ("size_class", details.size_class, 10),
        ("city_tier", details.city_tier, 10),
    ):
        if len(text) > limit:
            found.append(errors.problem(field, "LENGTH"))
    if not details.name.strip():
        found.append(errors.problem("name", "REQUIRED"))
    if details.closed_on and details.closed_on < details.opened_on:
        found.append(errors.problem("closed_on", "DATE_ORDER"))
    if found:
        raise errors.FormInvalid(problems=tuple(found))


def peer_group(details: StoreDetails) -> str:
    """Name the stores this one is compared with: same kind, size class and city tier."""
    return f"{details.kind}/{details.size_class}/{details.city_tier}"


def is_expected(*, opened_on: date, closed_on: date | None, month: date) -> bool:
    """Tell whether a store trades in a month."""
    return opened_on <= days.last_day(month) and (closed_on is None or closed_on >= month)


def is_ranked_from(opened_on: date) -> date:
    """Name the first month with three full months of trading behind it, itself included."""
    first = opened_on if opened_on.day == 1 else days.next_month(opened_on)
    return days.next_month(days.next_month(first))
