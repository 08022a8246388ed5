"""What happens to cards, and what their calendar asks for."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.events.messages import Fact, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUsed(Fact):
    """A card was deducted from, or an entry of it changed a day's figures otherwise."""

    wire: ClassVar[str] = "cards.card_used"
    entry_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCards(Request):
    """Tell of cards that end soon, and end those whose last day is over (J08)."""

    wire: ClassVar[str] = "cards.watch_cards"
    day: date

    def uniq(self) -> str:
        """One waiting look a day."""
        return self.day.isoformat()
