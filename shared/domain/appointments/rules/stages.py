"""The stages of an appointment and the only steps between them.

Form: W1. A step that is not in the table is refused with STATE.
"""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared import errors

STEP_MINUTES = 5
CHANGE_OVER_MINUTES = 10
LATE_CANCEL = timedelta(hours=2)
NO_SHOW_AFTER = timedelta(minutes=30)
NO_SHOWS_DAYS = 90
MOST_NO_SHOWS = 3


class Stage(enum.StrEnum):
    """Where an appointment stands."""

    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    ARRIVED = "ARRIVED"
    IN_SERVICE = "IN_SERVICE"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"


STAGES: dict[Stage, tuple[str, str]] = {
    Stage.REQUESTED: ("待确认", "Requested"),
    Stage.CONFIRMED: ("已预约", "Booked"),
    Stage.ARRIVED: ("已到店", "Arrived"),
    Stage.IN_SERVICE: ("护理中", "In treatment"),
    Stage.COMPLETED: ("已完成", "Completed"),
    Stage.NO_SHOW: ("爽约", "No-show"),
    Stage.CANCELLED: ("已取消", "Cancelled"),
}

STEPS: Mapping[Stage, frozenset[Stage]] = {
    Stage.REQUESTED: frozenset({Stage.CONFIRMED, Stage.CANCELLED}),
    Stage.CONFIRMED: frozenset({Stage.ARRIVED, Stage.NO_SHOW, Stage.CANCELLED}),
    Stage.NO_SHOW: frozenset({Stage.ARRIVED}),
    Stage.ARRIVED: frozenset({Stage.IN_SERVICE, Stage.CANCELLED}),
    Stage.IN_SERVICE: frozenset({Stage.COMPLETED}),
    Stage.COMPLETED: frozenset(),
    Stage.CANCELLED: frozenset(),
}

# While these last, time and items may move; whom and where also once the guest is there, or
# comes after all.
MOVABLE = frozenset({Stage.REQUESTED, Stage.CONFIRMED})
ASSIGNABLE = MOVABLE | {Stage.ARRIVED, Stage.NO_SHOW}
# What keeps people, rooms and devices busy; a request keeps the guest alone.
BUSY = frozenset({Stage.CONFIRMED, Stage.ARRIVED, Stage.IN_SERVICE, Stage.COMPLETED})
LIVE = BUSY | {Stage.REQUESTED}
ARRIVED_ONCE = frozenset({Stage.ARRIVED, Stage.IN_SERVICE, Stage.COMPLETED})


class Channel(enum.StrEnum):
    """F03: how somebody booked."""

    PHONE = "PHONE"
    WECHAT = "WECHAT"
    ONLINE = "ONLINE"
    EMAIL = "EMAIL"
    WALKIN = "WALKIN"
    OUTBOUND = "OUTBOUND"


CHANNELS: dict[Channel, tuple[str, str]] = {
    Channel.PHONE: ("电话", "Phone"),
    Channel.WECHAT: ("微信", "WeChat"),
    Channel.ONLINE: ("网络", "Online"),
    Channel.EMAIL: ("邮件", "E-mail"),
    Channel.WALKIN: ("到店", "Walk-in"),
    Channel.OUTBOUND: ("主动邀约", "We called"),
}


class CancelReason(enum.StrEnum):
    """F03: why an appointment was cancelled."""

    CUSTOMER = "CUSTOMER"
    STORE = "STORE"
    STAFF = "STAFF"
    EQUIPMENT = "EQUIPMENT"
    OTHER = "OTHER"


CANCEL_REASONS: dict[CancelReason, tuple[str, str]] = {
    CancelReason.CUSTOMER: ("顾客原因", "Guest"),
    CancelReason.STORE: ("门店原因", "Store"),
    CancelReason.STAFF: ("人员原因", "Staff"),
    CancelReason.EQUIPMENT: ("仪器原因", "Device"),
    CancelReason.OTHER: ("其他", "Other"),
}


class StepRefused(errors.Conflict):
    """The appointment is not in a state in which this can be done."""

    zh = "当前状态不能执行该操作"


class TooEarly(errors.Conflict):
    """A no-show can be noted thirty minutes after the start."""

    zh = "开始30分钟后仍未到店,方可记为爽约"


def check_step(now: Stage, to: Stage) -> None:
    """Make sure that W1 knows a step.

    Raises: StepRefused.
    """
    if to not in STEPS[now]:
        raise StepRefused(now=str(now), to=str(to))


def is_late_cancel(*, stage: Stage, start_at: datetime, now: datetime) -> bool:
    """Tell whether a booked guest cancels too late for somebody else to come.

    Units: less than two hours before the start; exactly two hours are in time.
    """
    return stage is Stage.CONFIRMED and start_at - now < LATE_CANCEL
