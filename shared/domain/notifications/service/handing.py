"""Hand a message to the queue of its carrier."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.domain.notifications.events import PostHook, SendMail, SendText
from shared.domain.notifications.models import Delivery
from shared.domain.notifications.rules.catalogue import Channel
from shared.events.jobs import publish

_CARRIERS: dict[Channel, type[SendMail | SendText | PostHook]] = {
    Channel.MAIL: SendMail,
    Channel.SMS: SendText,
    Channel.WX: SendText,
    Channel.BOT: PostHook,
    Channel.HOOK: PostHook,
}


def hand_over(session: Session, delivery: Delivery, *, at: datetime) -> None:
    """Have a message carried at an instant, which is when it is due now.

    Emits: SendMail, SendText or PostHook.
    """
    delivery.due_at = at
    publish(session, _CARRIERS[Channel(delivery.channel)](delivery_id=delivery.id), run_at=at)
