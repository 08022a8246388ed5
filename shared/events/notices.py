"""What every capability may ask to be told to people; who listens is the notifications' business.

Below the notifications, customers and catalog cannot import their events; so the message stands
here, where all may publish it.
"""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from shared.events.messages import Request

# A job's arguments are few and small: a row of them holds 4 kB.
LONGEST_FACT = 200  # characters, and fewer when there are many
MOST_FACTS = 2000  # bytes
MOST_PEOPLE = 40
LONGEST_NAME = 119  # characters of event and key


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Request):
    """Tell people that something happened: one row of specification 11.

        publish(session, Notify(event="opinion.negative", key=str(opinion.id),
                                facts={"level": "不满意", "reason": "..."},
                                facts_en={"level": "dissatisfied"}))

    That is all most publishers say: text, recipients and channels stand in
    `shared/domain/notifications/rules/catalogue.toml`, and the store's manager may change the text.

    Shape: `event` is a name of that file. `key` names what happened, once and for ever within the
        event: the same event and key reaches the same person by the same channel once, however
        often it is published (an id; a date; an id and a revision). `facts` fill the braces of
        the text; ready for reading, in yuan, store-local time, and Chinese where it is a word;
        `facts_en` holds those that read otherwise in English. `{store}` is filled by itself.
        What is a guest's, name or words, is no fact: `records` says where it is read when the
        text is made, fact -> `customers/5` for number and name, `F09/12/reason` for a field,
        `people/<id>` for a member's name. A
        row of jobs then names nobody, and erasure finds every text that a guest stands in.
        `to_people` are ids of members, in place of the event's "named" roles (the guest's own
        consultant rather than all of them). `to_roles`, when given, replaces all of the event's
        roles of this tenant. `to_customer_id` is the guest, for events that guests hear of.
        `is_urgent`: the complaint is L1, the work order urgent.
    Raises: ValueError when event and key together are longer than 119 characters, or for more
        than 40 people; facts that are too long are cut.
    """

    wire: ClassVar[str] = "notifications.notify"

    event: str
    key: str
    facts: dict[str, str] = field(default_factory=dict)
    facts_en: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    to_people: tuple[UUID, ...] = ()
    to_roles: tuple[str, ...] = ()
    to_customer_id: int | None = None
    is_urgent: bool = False

    def __post_init__(self) -> None:
        if len(self.event) + len(self.key) > LONGEST_NAME or len(self.to_people) > MOST_PEOPLE:
            raise ValueError(f"too much for one notice: {self.event}")
        longest = LONGEST_FACT
        _cut(self.facts, self.facts_en, longest)
        while _size(self.facts, self.facts_en) > MOST_FACTS and longest > 1:
            longest //= 2
            _cut(self.facts, self.facts_en, longest)

    def uniq(self) -> str:
        """Join a waiting request of the same event and key: it tells the same."""
        return f"{self.event}/{self.key}"


def _cut(facts: dict[str, str], facts_en: dict[str, str], longest: int) -> None:
    for several in (facts, facts_en):
        several.update({name: text[:longest] for name, text in several.items()})


def _size(*several: dict[str, str]) -> int:
    return sum(len(f"{name}{text}".encode()) for facts in several for name, text in facts.items())
