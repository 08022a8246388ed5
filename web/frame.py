"""What every page has: assets by their hashed names, filters, the navigation a role may use."""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, g, request, url_for
from flask_babel import pgettext

from shared.days import month_text
from web import formats, labels, language

_BUILD = Path(__file__).parent / "static" / "build"


class Tab(NamedTuple):
    """One page of the navigation."""

    endpoint: str
    text: str
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Give templates their filters and globals."""
    app.jinja_env.globals.update(
        asset=asset, may=may, tabs=tabs, choices=labels.choices,
        in_chinese=language.is_chinese, static=static, month_text=month_text,
    )  # fmt: skip
    app.jinja_env.filters.update(
        money=formats.money,
        plain_money=formats.plain_money,
        percent=formats.percent,
        growth=formats.growth,
        count=formats.count,
        day=formats.day_text,
        short_day=formats.short_day,
        month=formats.month_name,
        label=labels.label,
        tone=labels.tone,
        part_label=labels.part_label,
        is_money=labels.is_money,
        moment=lambda at: formats.moment(at, _zone()),
        clock=lambda at: formats.clock(at, _zone()),
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def asset(name: str) -> str:
    """Give the address of a built asset, e.g. `app.js`."""
    manifest = _BUILD / "manifest.json"
    stamp = manifest.stat().st_mtime_ns if manifest.exists() else 0
    return static(f"build/{_manifest(stamp).get(name, name)}")


def static(name: str) -> str:
    """Give the address of a file that whitenoise serves."""
    return f"/static/{name}"


def may(resource: str, verb: str) -> bool:
    """Say whether the signed-in person may do this here; hides buttons, the server checks again."""
    allowed: bool = g.actor.may(resource, verb)
    return allowed


def tabs() -> list[Tab]:
    """List the pages this person may open in this tenant."""
    listed = _hq_tabs() if g.tenant.kind == "hq" else _store_tabs()
    return [
        Tab(endpoint, text, url, current=_is_current(endpoint))
        for endpoint, text, url, open_to in listed
        if open_to
    ]


def _store_tabs() -> list[tuple[str, str, str, bool]]:
    today: date = g.today
    return [
        _tab("home_page.home", pgettext("tab", "Home"), True),
        _tab("receipt_pages.new_sale", pgettext("tab", "New sale"), may("F08", "C")),
        _tab("receipt_pages.receipts", pgettext("tab", "Receipts"), may("F08", "R")),
        _tab("cash_pages.day", pgettext("tab", "Day report"), may("F08", "R"), day=today),
        _tab("month_pages.months_list", pgettext("tab", "Months"), may("F10", "R")),
        _tab("item_pages.items", pgettext("tab", "Items"), may("catalog", "R")),
        _tab("import_pages.history", pgettext("tab", "Import"), may("import", "R")),
        _tab("job_pages.jobs", pgettext("tab", "Jobs"), may("job_centre", "R")),
    ]


def _hq_tabs() -> list[tuple[str, str, str, bool]]:
    return [
        _tab("home_page.home", pgettext("tab", "Dashboard"), True),
        _tab("chain_pages.stores", pgettext("tab", "Stores"), may("stores", "R")),
        _tab("job_pages.jobs", pgettext("tab", "Jobs"), may("job_centre", "R")),
    ]


def _tab(endpoint: str, text: str, open_to: bool, **values: Any) -> tuple[str, str, str, bool]:
    return endpoint, text, url_for(endpoint, **values), open_to


# A page that has no tab of its own belongs under this one.
_UNDER = {
    "receipt_pages.receipt": "receipt_pages.receipts",
    "receipt_pages.refund": "receipt_pages.receipts",
    "receipt_pages.record": "receipt_pages.new_sale",
    "item_pages.add": "item_pages.items",
    "item_pages.item": "item_pages.items",
    "item_pages.change": "item_pages.items",
    "import_pages.run": "import_pages.history",
    "month_pages.month": "month_pages.months_list",
    "month_pages.differences": "month_pages.months_list",
    "chain_pages.store_month": "chain_pages.stores",
}


def _is_current(endpoint: str) -> bool:
    here = request.endpoint or ""
    return endpoint == _UNDER.get(here, here)


@lru_cache(maxsize=4)
def _manifest(stamp: int) -> dict[str, str]:
    if not stamp:
        return {}  # assets not built yet: pages still answer, `./rollbook up` builds them
    names: dict[str, str] = json.loads((_BUILD / "manifest.json").read_text())
    return names


def _zone() -> str:
    tenant = g.get("tenant")
    return tenant.time_zone if tenant else "UTC"
