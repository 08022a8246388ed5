"""What is booked beside people: rooms and beds, devices."""

import enum
import re


class Kind(enum.StrEnum):
    """Of which kind a resource is."""

    PLACE = "PLACE"
    DEVICE = "DEVICE"


KINDS: dict[Kind, tuple[str, str]] = {
    Kind.PLACE: ("房间 / 床位", "Room or bed"),
    Kind.DEVICE: ("仪器", "Device"),
}


class Condition(enum.StrEnum):
    """Whether a device can be used; W6 will say more."""

    GOOD = "GOOD"
    DOWN = "DOWN"


CONDITIONS: dict[Condition, tuple[str, str]] = {
    Condition.GOOD: ("完好", "Good"),
    Condition.DOWN: ("停用", "Out of order"),
}


class Busy(enum.StrEnum):
    """Who or what an appointment keeps busy."""

    GUEST = "GUEST"
    STAFF = "STAFF"
    PLACE = "PLACE"
    DEVICE = "DEVICE"


def reading_order(name: str) -> list[tuple[bool, int, str]]:
    """Give what names are sorted by as people read them: room 2 stands before room 10."""
    return [
        (part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split("([0-9]+)", name)
    ]


SERVING = frozenset({"BEA", "CON", "MGR"})  # roles of those who may be booked
