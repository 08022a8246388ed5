"""Every address says who may use it."""

from pathlib import Path

import pytest
from flask import Flask

from shared.config import load
from web.app import create_app
from web.auth import access_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a database: nothing here asks it anything."""
    folder: Path = tmp_path_factory.mktemp("house")
    settings = load(
        {
            "ROLLBOOK_DATABASE_URL": "postgresql:///nowhere",
            "ROLLBOOK_SECRET_KEY": "s" * 32,
            "ROLLBOOK_DATA": str(folder),
        }
    )
    return create_app(settings=settings)


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    silent = [
        f"{sorted(rule.methods or ())} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if access_of(app.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_only_what_must_be_public_is(app: Flask) -> None:
    public = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (access := access_of(app.view_functions[rule.endpoint])) and access.is_public
    }
    assert not {rule for rule in public if "<slug>" in rule}


def test_whole_numbers_in_addresses_have_an_end(app: Flask) -> None:
    # A number of 37 digits is a number to the router and an error to the database.
    endless = [
        rule.rule
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if getattr(converter, "num_convert", None) is int
        and getattr(converter, "max", None) is None
    ]
    assert endless == []
