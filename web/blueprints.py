"""Every address of the application, in one list: JSON first, then pages."""

from flask import Blueprint, Flask

from web import api_docs, health
from web.api import Api, ApiBlueprint

API: tuple[ApiBlueprint, ...] = ()
PAGES: tuple[Blueprint, ...] = (health.blueprint, api_docs.blueprint)


def register(app: Flask, api: Api) -> None:
    """Hang every capability's addresses into the app."""
    for blueprint in API:
        api.register_blueprint(blueprint)
    for pages in PAGES:
        app.register_blueprint(pages)
