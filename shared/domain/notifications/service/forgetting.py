"""Write messages again after what they tell of a guest was erased."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.notifications.models import Delivery
from shared.domain.notifications.queries import telling as queries
from shared.domain.notifications.rules import people, texts
from shared.domain.notifications.rules.delivery import State, Withheld


def rewrite(session: Session, delivery_ids: Collection[int], *, gone: Collection[int]) -> int:
    """Write messages from what they tell now; what was still to go to a guest who is gone stays.

    Locks: those messages.
    """
    held = session.scalars(
        select(Delivery).where(Delivery.id.in_(delivery_ids)).order_by(Delivery.id)
        .with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip
    told, recipients = queries.texts_of(session, delivery_ids), set(map(people.customer, gone))
    changed = 0
    for message in held:
        lines = told[message.id]
        zh, en = (texts.merged([line[at] for line in lines], len(lines)) for at in (0, 1))
        changed += (message.text_zh, message.text_en) != (zh, en)
        message.text_zh, message.text_en = zh, en
        if message.recipient in recipients and message.state == State.WAITING:
            message.state, message.reason = State.WITHHELD, Withheld.GONE
    session.flush()  # what follows looks for words in the table
    return changed
