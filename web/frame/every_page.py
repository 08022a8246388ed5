"""What every page has: assets by their hashed names, filters, navigation, who may do what."""

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, g
from flask_babel import get_timezone

from shared.days import month_text
from web.frame import formats, labels, language, navigation
from web.people import agents

_BUILD = Path(__file__).parents[1] / "static" / "build"


def init_app(app: Flask) -> None:
    """Give templates their filters and globals."""
    app.jinja_env.globals.update(
        asset=asset, may=may, navigation=navigation, choices=labels.choices,
        in_chinese=language.is_chinese, static=static, month_text=month_text,
        money_sign=formats.money_sign,
    )  # fmt: skip
    app.jinja_env.filters.update(
        agent=agents.agent_name,
        money=formats.money,
        plain_money=formats.plain_money,
        percent=formats.percent,
        growth=formats.growth,
        count=formats.count,
        measured=formats.measured,
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


@lru_cache(maxsize=4)
def _manifest(stamp: int) -> dict[str, str]:
    if not stamp:
        return {}  # assets not built yet: pages still answer, `./rollbook up` builds them
    names: dict[str, str] = json.loads((_BUILD / "manifest.json").read_text())
    return names


def _zone() -> str:
    tenant = g.get("tenant")
    return tenant.time_zone if tenant else str(get_timezone())
