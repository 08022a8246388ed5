"""When a message goes out and what keeps it back: quiet hours, merging, tries."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MERGE_WITHIN = timedelta(minutes=10)
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


class State(StrEnum):
    """How far a message is."""

    WAITING = "WAITING"
    SENT = "SENT"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"  # not sent on purpose; the reason says why


class Withheld(StrEnum):
    """Why a message is not sent."""

    SWITCHED_OFF = "SWITCHED_OFF"
    NO_ADDRESS = "NO_ADDRESS"
    NO_CONSENT = "NO_CONSENT"
    NOT_SET_UP = "NOT_SET_UP"
    GONE = "GONE"  # the recipient is no longer there


# code -> (中文, English)
STATE_LABELS: dict[State, tuple[str, str]] = {
    State.WAITING: ("等待发送", "Waiting"),
    State.SENT: ("已发送", "Sent"),
    State.FAILED: ("失败", "Failed"),
    State.WITHHELD: ("未发送", "Not sent"),
}
WITHHELD_LABELS: dict[Withheld, tuple[str, str]] = {
    Withheld.SWITCHED_OFF: ("本人已关闭该渠道", "Switched off by the person"),
    Withheld.NO_ADDRESS: ("没有可用的地址", "No address"),
    Withheld.NO_CONSENT: ("顾客未同意", "No consent of the guest"),
    Withheld.NOT_SET_UP: ("该渠道未开通", "The channel is not set up"),
    Withheld.GONE: ("接收人已不存在", "The recipient is gone"),
}


Window = tuple[time, time]

NO_CALL_DEFAULT: tuple[Window, ...] = ((time(12), time(14)), (time(20), time(10)))  # F04


def windows(texts: Iterable[str]) -> tuple[Window, ...]:
    """Read a guest's no-call times, such as `12:00-14:00`; what is no time is left out."""
    read = []
    for text in texts:
        begins, _, ends = text.partition("-")
        with suppress(ValueError):
            read.append((time.fromisoformat(begins), time.fromisoformat(ends)))
    return tuple(read)


def after_all(instant: datetime, *, zone: str, quiet: Iterable[Window]) -> datetime:
    """Give the first instant from this one on that lies in none of the windows.

    Units: windows that leave no free minute keep nothing back.
    """
    windows = list(quiet)
    due = instant
    for _ in range(2 * len(windows) + 1):
        later = due
        for begins, ends in windows:
            later = after_quiet(later, zone=zone, begins=begins, ends=ends)
        if later == due:
            return due
        due = later
    return instant


def after_quiet(instant: datetime, *, zone: str, begins: time, ends: time) -> datetime:
    """Give the instant itself, or the end of the quiet hours it lies in.

    Units: store-local wall clock; the begin is quiet, the end is not; equal ones mean no quiet
        hours; they may go over midnight.
    """
    local = instant.astimezone(ZoneInfo(zone))
    now = local.time()
    over_midnight = begins > ends
    is_quiet = (now >= begins or now < ends) if over_midnight else begins <= now < ends
    if not is_quiet:
        return instant
    day = local.date() + timedelta(days=1) if over_midnight and now >= begins else local.date()
    return datetime.combine(day, ends, ZoneInfo(zone)).astimezone(instant.tzinfo)


def pause_after(attempts: int) -> timedelta | None:
    """Say how long to wait after so many failed tries; None: it was the last."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
