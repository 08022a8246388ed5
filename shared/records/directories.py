"""What records are called in workbooks and on paper, and how a text finds them again.

Shape: a reference's `to` names a directory, e.g. `customers`; shared/domain/directories.py lists
    them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.forms import cells
from shared.forms.cells import Field, Known, Manner
from shared.forms.kinds import Reference, References

_MOST_WORDS = 6  # of a text, when a number with spaces in it is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What tells a record: its number for all, its words for those who may read the records."""

    number: str
    words: str

    @property
    def text(self) -> str:
        """Write both."""
        return f"{self.number} {self.words}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One list of records that others point to.

    Shape: `resource` is who may read it; `by_texts` finds ids by number, or by name and phone; a
        text that fits two records finds none. Both ask once, however much is asked.
    """

    resource: str
    names: Callable[[Session, Collection[int]], Mapping[int, Name]]
    by_texts: Callable[[Session, Collection[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a workbook needs of its surroundings; remembers the names it has read.

    Shape: `people` are the members by id; `readable(resource)` says whose names may be shown.
    """

    zone: str
    people: Mapping[UUID, str]
    directories: Mapping[str, Directory]
    readable: Callable[[str], bool]
    _read: dict[tuple[str, int], str] = field(default_factory=dict)

    def manner(self, *, chinese: bool) -> Manner:
        """Say how cells are written; what is learned later counts too."""
        people = cells.people_names(self.people)
        return Manner(chinese=chinese, zone=self.zone, records=self._read, people=people)

    def learn(self, session: Session, fields: Mapping[str, Field], rows: Sequence[Any]) -> None:
        """Read what the references of some rows are called."""
        for to, names in _pointing(fields).items():
            ids = {one for row in rows for name in names for one in pointed(getattr(row, name))}
            self.learn_ids(session, to, ids)

    def learn_ids(self, session: Session, to: str, ids: Collection[int]) -> None:
        """Read what some records of a directory are called."""
        missing = {one for one in ids if (to, one) not in self._read}
        if missing:
            directory = self.directories[to]
            plain = self.readable(directory.resource)
            for found_id, name in directory.names(session, missing).items():
                self._read[to, found_id] = name.text if plain else name.number

    def known(
        self, session: Session, fields: Mapping[str, Field], typed: Iterable[Mapping[str, str]]
    ) -> Known:
        """Find what the cells of some rows point to: one question for each directory."""
        lines = list(typed)
        records: dict[tuple[str, str], int] = {}
        for to, names in _pointing(fields).items():
            texts = {
                part
                for line in lines
                for name in names
                if (text := line.get(name))
                for part in ([text] if isinstance(fields[name], Reference) else cells.named(text))
            }
            if texts:
                found = self.directories[to].by_texts(session, texts)
                records |= {(to, text): one for text, one in found.items()}
        people = {name: person for person, name in cells.people_names(self.people).items()}
        people |= {str(person): person for person in self.people}
        return Known(zone=self.zone, records=records, people=people)


def pointed(value: Any) -> list[int]:
    """Give the ids that a reference, or a list of them, holds."""
    return value if isinstance(value, list) else [] if value is None else [value]


def prefixes(text: str) -> list[str]:
    """List the beginnings of a text that may be a number, the longest first: `K 1`, `K`."""
    words = text.split(" ")[:_MOST_WORDS]
    return [text, *(" ".join(words[:n]) for n in range(len(words), 0, -1))]


def by_number(texts: Collection[str], ids: Mapping[str, int]) -> dict[str, int]:
    """Match texts that begin with a number, as a workbook writes them, to ids by number."""
    found = {}
    for text in texts:
        number = next((part for part in prefixes(text) if part in ids), None)
        if number is not None:
            found[text] = ids[number]
    return found


def _pointing(fields: Mapping[str, Field]) -> dict[str, list[str]]:
    sorted_out: dict[str, list[str]] = {}
    for name, found in fields.items():
        if isinstance(found, (Reference, References)):
            sorted_out.setdefault(found.to, []).append(name)
    return sorted_out
