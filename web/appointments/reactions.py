"""A card as those reach it who hear of a reaction: whoever hears first writes it down (X2)."""

from typing import Any
from uuid import UUID

from shared.domain.appointments.models.visits import LateReaction, Treatment
from shared.domain.appointments.rules.visits import Reaction
from shared.domain.appointments.service import reactions
from shared.domain.appointments.service.treating import TREATMENTS
from shared.records import queries as records
from web.appointments import visits as shown
from web.extensions import db


def card(record_id: int, verb: str) -> Treatment:
    """Give a card whose reactions the asking person may hear of, or tell.

    Raises: records.NoSuchRecord.
    """
    own_of: UUID | None = shown.own_of("F05_reaction", verb)
    found: Treatment = records.get(db.session(), TREATMENTS, record_id, own_of=own_of)
    return found


def tell(record_id: int, asked: dict[str, Any]) -> LateReaction:
    """Write down what a loaded form tells."""
    told = reactions.Told(
        key=asked["key"], reaction=Reaction(asked["reaction"]), words=asked["words"]
    )
    return reactions.tell_later(db.session(), card(record_id, "C"), told, by=shown.editor())
