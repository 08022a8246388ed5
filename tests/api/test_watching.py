"""What a monitor sees: ready or not, counts by template, and nothing for strangers."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families as families

from shared.config import settings
from tenants import readiness, script
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_person
from web.app import App, create_app

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
TOKEN = "a monitor's token of 30 letters"


@pytest.fixture
def guarded(app: App) -> FlaskClient:
    """A browser of an application with a token, behind one proxy."""
    read = replace(settings(), metrics_token=TOKEN, trusted_proxies=1)
    return create_app({"TESTING": True}, read).test_client()


def counted(client: FlaskClient, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Read one metric: labels -> value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in families(answer.text)
        for sample in family.samples
        if sample.name == name
    }


def requests_of(client: FlaskClient, route: str) -> dict[str, float]:
    """Read how many requests of a route there were, by status."""
    found = {}
    for labels, value in counted(client, "rollbook_requests_total").items():
        given = dict(labels)
        if given["route"] == route:
            found[given["status"]] = found.get(given["status"], 0) + value
    return found


def test_requests_are_counted_by_template_and_status(
    app: App, anonymous: FlaskClient, store: Tenant
) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)
    route = "/api/v1/s/<slug>/customers"
    before = requests_of(anonymous, route)

    assert caller.get("/customers").status_code == 200
    assert caller.get("/customers").status_code == 200
    assert anonymous.get(f"/api/v1/s/{store.slug}/customers").status_code == 401

    after = requests_of(anonymous, route)
    assert after["200"] - before.get("200", 0) == 2
    assert after["401"] - before.get("401", 0) == 1
    pool = counted(anonymous, "rollbook_pool_requests_total")
    assert pool[(("result", "miss"),)] >= 1
    assert pool[(("result", "hit"),)] >= 1


def test_no_label_names_a_tenant_a_person_or_what_was_typed(
    app: App, anonymous: FlaskClient, store: Tenant
) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)
    caller.get("/customers?text=王小明13800001234")
    caller.call("PURGE", "/王小明/13800001234")
    anonymous.get("/s/王小明-13800001234")
    anonymous.open("/sign-in", method="WANG")

    text = anonymous.get("/metrics").text

    for secret in (store.slug, store.name, store.display_name, "13800001234", "王小明", "WANG"):
        assert secret not in text


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_strangers_see_no_parts(guarded: FlaskClient, path: str) -> None:
    strangers: list[dict[str, Any]] = [
        {"environ_overrides": ELSEWHERE},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},  # a proxy of this machine asks for somebody
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"headers": {"Authorization": "Bearer "}, "environ_overrides": ELSEWHERE},
    ]
    for stranger in strangers:
        answer = guarded.get(path, **stranger)
        assert "rollbook_" not in answer.text
        assert "parts" not in answer.text
        assert answer.status_code == (404 if path == "/metrics" else 200)

    insiders: list[dict[str, Any]] = [
        {},
        {"headers": {"Authorization": f"Bearer {TOKEN}"}, "environ_overrides": ELSEWHERE},
    ]
    for insider in insiders:
        answer = guarded.get(path, **insider)
        assert "rollbook_requests_total" in answer.text or "parts" in answer.text


def test_without_a_token_in_the_settings_no_token_opens(anonymous: FlaskClient) -> None:
    for token in ("", " ", "None"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = anonymous.get("/metrics", headers=headers, environ_overrides=ELSEWHERE)
        assert answer.status_code == 404


def test_a_migrated_database_is_ready(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/readyz")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["parts"]["database"] == answer.json["parts"]["registry"] == "ok"


def test_a_registry_behind_is_not_ready_and_a_newer_one_is(
    anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = script.head("registry")
    monkeypatch.setattr(script, "older", lambda history: [here] if history == "registry" else [])
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "not ready",
        "parts": {"database": "ok", "registry": "behind"},
    }

    monkeypatch.setattr(script, "older", lambda history: ["of-long-ago"])  # ours is newer
    assert anonymous.get("/readyz").status_code == 200


def test_one_tenant_behind_is_told_and_stops_nobody(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {"tenant": [script.head("tenant")], "hq": [], "registry": []}
    monkeypatch.setattr(script, "older", older.__getitem__)

    parts = readiness.parts_as("app_auth")

    assert parts["tenants"].endswith(" behind")
    assert readiness.is_ready(parts)


def test_a_database_that_is_away_is_told_and_liveness_goes_on(
    anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(login: str) -> Any:
        raise readiness.Unavailable

    monkeypatch.setattr(readiness, "service", away)
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["parts"] == {"database": "away"}
    assert anonymous.get("/healthz").status_code == 200


def test_every_line_of_a_request_has_its_number_and_tenant_and_nothing_personal(
    app: App, store: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)
    secrets = ("王小明", "13800001234", caller.token, store.display_name)

    capsys.readouterr()
    answer = caller.get("/customers?text=王小明 13800001234")
    caller.post("/customers", {"number": "王小明", "name": 5, "phone": "13800001234" * 9})

    printed = capsys.readouterr().err
    first, *_ = (json.loads(line) for line in printed.splitlines())
    assert first["request_id"] == answer.headers["X-Request-Id"]
    assert first["tenant"] == store.name
    assert set(first) <= {
        *("event", "request_id", "method", "route", "status", "ms", "tenant", "person"),
        *("level", "timestamp"),
    }
    for secret in secrets:
        assert secret not in printed
        assert json.dumps(secret)[1:-1] not in printed
