"""What the traffic analysis is asked for, as an address says it and the asking person may see it.

Shape: what of a page's address cannot be read narrows nothing; a program is told instead.
"""

from collections.abc import Mapping
from typing import Any

from flask import g, request

from shared.domain.traffic.forms import CHOICES, Guests
from shared.domain.traffic.queries import heat
from shared.domain.traffic.rules.heat import FEWEST_WEEKS
from web.forms import day_of, whole


def asked(said: Mapping[str, Any]) -> heat.Asked:
    """Name the range and what narrows it."""
    guests = said.get("guests")
    return heat.Asked(
        last=heat.last_sunday(said.get("until"), today=g.today),
        weeks=said.get("weeks") or heat.USUAL_WEEKS,
        zone=g.tenant.time_zone,
        category=said.get("category"),
        channel=said.get("channel"),
        is_new=None if guests is None else guests == Guests.NEW,
        own_of=g.actor.id if g.actor.reach("F07", "R") == "own" else None,
    )


def typed() -> dict[str, Any]:
    """Read a page's address; what is not there or cannot be read is left out."""
    args = request.args
    weeks, until = whole(args.get("weeks")), day_of(args.get("until"))
    said: dict[str, Any] = {
        name: args[name] for name, known in CHOICES.items() if args.get(name) in known
    }
    if isinstance(weeks, int) and FEWEST_WEEKS <= weeks <= heat.MOST_WEEKS:
        said["weeks"] = weeks
    return said if until is None else {**said, "until": until}


def address(said: Mapping[str, Any]) -> dict[str, str]:
    """Write what was asked for again as parts of an address."""
    return {name: str(value) for name, value in said.items()}


def cell() -> dict[str, int | None]:
    """Read which weekday and hour are meant."""
    return {"weekday": _within("weekday", 1, 7), "hour": _within("hour", 0, 23)}


def _within(name: str, least: int, most: int) -> int | None:
    found = whole(request.args.get(name))
    return found if isinstance(found, int) and least <= found <= most else None
