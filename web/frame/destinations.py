"""A line of the index and the section it stands in; the lines that every tenant has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_pgettext as _p


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A page that navigation leads to; `values` are those of its address, read when it is shown."""

    endpoint: str
    text: Any  # a lazy text
    icon: str  # one of web/assets/icons.txt
    covers: tuple[str, ...] = ()
    values: Callable[[], dict[str, Any]] = dict

    @property
    def url(self) -> str:
        """Its address in this request's tenant."""
        return url_for(self.endpoint, **self.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Destinations under one heading; the first one of a tenant has none."""

    text: Any
    destinations: tuple[Destination, ...]
    name: str = ""  # under which a browser remembers that it is folded


OF_EVERY_TENANT = (
    Destination(endpoint="people_pages.people", text=_p("tab", "People"), icon="users"),
    Destination(
        endpoint="channel_pages.channels",
        text=_p("tab", "Notice channels"),
        icon="bell",
        covers=("wording_pages.wordings", "wording_pages.wording", "send_log_pages.log"),
    ),
    Destination(endpoint="job_pages.jobs", text=_p("tab", "Jobs"), icon="stack-2"),
)
