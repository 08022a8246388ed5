"""What the notifications ask to be done: one message carried out, by a queue per kind of carrier.

A carrier that hangs holds up its own queue alone.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.messages import Queue, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Request):
    """Hand one message to the mail server."""

    wire: ClassVar[str] = "notifications.send_mail"
    queue: ClassVar[Queue] = "mail"
    delivery_id: int

    def uniq(self) -> str:
        """One waiting job per message."""
        return str(self.delivery_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText(Request):
    """Hand one message to the store's SMS or WeChat provider."""

    wire: ClassVar[str] = "notifications.send_text"
    queue: ClassVar[Queue] = "texts"
    delivery_id: int

    def uniq(self) -> str:
        """One waiting job per message."""
        return str(self.delivery_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHook(Request):
    """Post one message to a chat group or a webhook."""

    wire: ClassVar[str] = "notifications.post_hook"
    queue: ClassVar[Queue] = "hooks"
    delivery_id: int

    def uniq(self) -> str:
        """One waiting job per message."""
        return str(self.delivery_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchJobs(Request):
    """Tell of jobs that were given up since the last look (J28)."""

    wire: ClassVar[str] = "notifications.watch_jobs"

    def uniq(self) -> str:
        """One waiting look."""
        return "jobs"
