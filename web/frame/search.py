"""Search over everything a person may see in this tenant (⌘K): pages, and what capabilities find.

A new capability adds its source to SOURCES; each takes one statement, so one search takes a few.
What a source shows follows the person's reach there: masked names and numbers for an auditor,
nothing for who sees own rows only.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.records.searching import search_text
from web.auth import signed_in
from web.catalog.search import SOURCE as ITEMS
from web.customers.search import SOURCE as CUSTOMERS
from web.extensions import db
from web.forms import sought
from web.frame import navigation
from web.frame.finding import Hit, Source
from web.franchise.search import SOURCE as STORES
from web.reporting.search import SOURCE as MONTHS
from web.sales.search import SOURCE as RECEIPTS

blueprint = Blueprint("search", __name__, url_prefix="/s/<slug>/search")

SOURCES: tuple[Source, ...] = (RECEIPTS, CUSTOMERS, ITEMS, MONTHS, STORES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The hits of one source under their heading."""

    heading: Any
    icon: str
    hits: list[Hit]


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Answer what was typed; with nothing typed, list the pages. For htmx the answer alone."""
    typed = sought(request.args.get("q"))
    is_part = "HX-Request" in request.headers
    template = "search/answers.html" if is_part else "search/page.html"
    return render_template(template, typed=typed, found=_found(typed), is_part=is_part)


def _found(typed: str) -> list[Found]:
    everything = [Found(heading=_("Pages"), icon="chevron-right", hits=_pages(typed))]
    if typed:
        everything += [
            Found(
                heading=source.heading,
                icon=source.icon,
                hits=list(source.find(db.session(), typed)),
            )
            for source in SOURCES
            if source.is_open()
        ]
    return [one for one in everything if one.hits]


def _pages(typed: str) -> list[Hit]:
    words = typed.casefold().split()
    return [
        Hit(text=str(one.text), note=str(section.text), url=one.url)
        for section in navigation.sections()
        for one in section.destinations
        if all(word in _looked_through(f"{section.text} {one.text}") for word in words)
    ]


@cache
def _looked_through(name: str) -> str:
    return search_text((name,))  # pinyin initials find too: no input method for a page
