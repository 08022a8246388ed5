"""What guests say, for those who act on it."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.messages import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(Fact):
    """A guest gave an opinion; one who wants to be called or is not satisfied is to be called."""

    wire: ClassVar[str] = "surveys.opinion_given"
    opinion_id: int
    is_negative: bool
    wants_contact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionAdopted(Fact):
    """A suggestion was adopted; its guest has 20 % off the next treatment."""

    wire: ClassVar[str] = "surveys.suggestion_adopted"
    opinion_id: int
