"""The description of the API is valid, and what it describes cannot be broken by bad input."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from tenants.people import permissions
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_hq, new_person
from web.app import App

DEEP = "[" * 100_000 + "]" * 100_000
# raw JSON values that must never surface as a 500
BAD_VALUES = (
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\u202e"',
    '"' + "x" * 100_000 + '"',
    "1" + "0" * 40,
    "-1" + "0" * 40,
    "9223372036854775808",
    "1" + "0" * 5_000,
    "1e999",
    "1.5",
    "true",
    "null",
    "[]",
    "{}",
    "[[1]]",
    '{"a": {"b": 1}}',
    '"0000-00-00"',
    '"9999-99"',
    '""',
)
BAD_BODIES = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b"NaN",
    b'{"a": 1, "a": 2}',
    b'{"\\ud800": 1}',
    b'{"\\u0000": 1}',
    b'{"a": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    b"{",
    DEEP.encode(),
    b'{"a": ' * 40 + b"1" + b"}" * 40,
)
REFUSED_BODIES = BAD_BODIES[5:]  # what is no JSON, or could be read in two ways
BAD_QUERY = ("%00", "%ff", "1" * 40, "-1", "", "x" * 5_000, "1e9", "%F0%9F%92%84", "2025-13-01")


def _document(app: App) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.get_json()
    return document


def test_the_document_is_valid_openapi(app: App) -> None:
    document = _document(app)

    validate(document)
    assert document["openapi"].startswith("3.1")
    names = list(document["components"]["schemas"])
    assert not [name for name in names if name[-1].isdigit()]  # two schemas under one name


def test_examples_are_what_their_schemas_say(app: App) -> None:
    given = {
        f"{schema}.{name}": (found, example)
        for schema, described in _document(app)["components"]["schemas"].items()
        for name, found in described.get("properties", {}).items()
        for example in found.get("examples", ())
    }
    assert {"ProfileNew.phone", "ProfileNew.birthday", "HandoutNew.handed_at"} <= given.keys()
    for name, (found, example) in given.items():
        assert OAS31Validator(found).is_valid(example), name


def test_every_call_is_described(app: App) -> None:
    described = {
        (method.upper(), path)
        for path, operations in _document(app)["paths"].items()
        for method in operations
        if method != "parameters"
    }
    served = {
        (method, _as_template(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/s/")
    }
    assert described == served


def test_the_listing_for_people_shows_the_calls(app: App) -> None:
    page = app.test_client().get("/api/v1/")

    assert page.status_code == 200
    assert "/api/v1/s/{slug}/items" in page.text


@pytest.fixture
def everybody(app: App, store: Tenant) -> dict[str, Caller]:
    """A caller with every role, in a store and in a headquarters."""
    hq = new_hq()
    roles = permissions.ROLES
    return {
        tenant.kind: Caller.with_token(app, new_person(*((tenant, r) for r in roles)), tenant)
        for tenant in (store, hq)
    }


def test_no_body_breaks_any_call(app: App, everybody: dict[str, Caller]) -> None:
    document = _document(app)
    for method, path, operation in _operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        good = _sample(content["application/json"]["schema"], document)
        for caller in _where_it_is(everybody, method, path):
            whole = caller.call(method, _path(path), json=good)
            # a form refused by its fields is refused by all at once; else one value counts alone
            spoilt = _spoilt_at_once if whole.status_code in (403, 422) else _spoilt
            for body in [*BAD_BODIES, *spoilt(good)]:
                answer = caller.call(
                    method, _path(path), data=body, content_type="application/json"
                )
                assert answer.status_code < 500, (method, path, body[:200], answer.text)
                if body in REFUSED_BODIES:
                    assert answer.status_code >= 400, (method, path, body[:200])


def test_no_call_takes_a_field_that_is_not_its_own(app: App, everybody: dict[str, Caller]) -> None:
    document, refused = _document(app), 0
    foreign = {"role": "MGR", "tenant_id": 1, "is_admin": True, "created_by": str(uuid4())}
    for method, path, operation in _operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        good = _sample(content["application/json"]["schema"], document)
        for caller in everybody.values():
            headers = {"If-Match": '"1"'}
            answer = caller.call(method, _path(path), json={**good, **foreign}, headers=headers)
            assert 400 <= answer.status_code < 500, (method, path, answer.text)
            if answer.status_code == 422:
                assert answer.json is not None
                named = {problem["field"] for problem in answer.json["errors"]}
                assert named >= set(foreign) - set(good) or "approver_login" in named, named
                refused += 1
    assert refused > 10


def test_what_came_packed_is_not_unpacked(everybody: dict[str, Caller]) -> None:
    bomb = gzip.compress(b'{"name": "' + b"x" * 50_000_000 + b'"}', 9)
    assert len(bomb) < 2**20
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = everybody["store"].call(
            "POST", "/items", data=bomb, content_type=kind, headers={"Content-Encoding": "gzip"}
        )
        assert answer.status_code in (400, 415, 422)


def test_no_query_or_path_breaks_any_call(app: App, everybody: dict[str, Caller]) -> None:
    document = _document(app)
    for method, path, operation in _operations(document):
        names = [p["name"] for p in operation.get("parameters", []) if p.get("in") == "query"]
        queries = [f"?{name}={bad}" for name in names for bad in BAD_QUERY]
        queries += [f"?unknown={bad}" for bad in BAD_QUERY[:3]]
        queries += [f"?{name}=1&{name}=2" for name in names]
        paths = [_path(path) + query for query in queries]
        paths += [_path(path, sample) for sample in ("0", "9" * 19, "9" * 40, "%00", "2025-99-99")]
        for caller in _where_it_is(everybody, method, path):
            for asked in paths:
                answer = caller.call(method, asked, **({} if method == "GET" else {"json": {}}))
                assert answer.status_code < 500, (method, asked, answer.text)
            if method == "GET" and names:
                assert caller.get(_path(path) + "?unknown=1").status_code in (404, 422)


def test_large_bodies_are_refused_before_they_are_read(everybody: dict[str, Caller]) -> None:
    answer = everybody["store"].call(
        "POST",
        "/items",
        data=b'{"name": "' + b"x" * (3 * 2**20) + b'"}',
        content_type="application/json",
    )

    assert answer.status_code == 413


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                yield method.upper(), path, operation


def _where_it_is(everybody: dict[str, Caller], method: str, path: str) -> list[Caller]:
    """Ask the store alone, unless the address exists in a headquarters only: its code is one."""
    answer = everybody["store"].call(method, _path(path), json={})
    is_there = answer.status_code != 404 or answer.data != everybody["store"].get("/no").data
    return [everybody["store"] if is_there else everybody["hq"]]


def _as_template(rule: str) -> str:
    parts = []
    for part in rule.split("/"):
        is_variable = part.startswith("<")
        parts.append("{" + part.strip("<>").rpartition(":")[2] + "}" if is_variable else part)
    return "/".join(parts)


def _path(path: str, sample: str | None = None) -> str:
    made = path.removeprefix("/api/v1/s/{slug}")
    values = {"day": "2025-06-10", "month": "2025-06", "job_id": str(uuid4())}
    while "{" in made:
        name = made[made.index("{") + 1 : made.index("}")]
        made = made.replace("{" + name + "}", sample or values.get(name, "1"), 1)
    return made


def _sample(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Make a value that fits a schema, as far as fitting can be described."""
    if "$ref" in schema:
        return _sample(document["components"]["schemas"][schema["$ref"].split("/")[-1]], document)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {n: _sample(s, document) for n, s in schema.get("properties", {}).items()}
    if kind == "array":
        return [_sample(schema["items"], document)]
    if kind in ("integer", "boolean"):
        return schema.get("minimum", 1) if kind == "integer" else True
    samples = {"uuid": str(uuid4()), "date": "2025-06-10"}
    return samples.get(schema.get("format", ""), "sample")


def _spoilt(good: Any) -> Iterator[bytes]:
    """Put every bad value into every place of a good body, one at a time."""
    for place in _places(good, ()):
        marked = json.dumps(_with(good, place, "@@"))
        for bad in BAD_VALUES:
            yield marked.replace('"@@"', bad).encode()


def _spoilt_at_once(good: Any) -> Iterator[bytes]:
    """Put every bad value into every place as well, but into all places of a body at a time."""
    places = list(_places(good, ()))
    leaves = [at for at in places if not any(at == more[: len(at)] != more for more in places)]
    inner = [at for at in places if at not in leaves]
    for turn in range(len(BAD_VALUES)):
        text = good
        for number, at in enumerate(leaves):
            text = _with(text, at, f"@{(turn + number) % len(BAD_VALUES)}@")
        yield _filled(text)
        for at in inner:
            yield _filled(_with(good, at, f"@{turn}@"))


def _filled(body: Any) -> bytes:
    text = json.dumps(body)
    for number, bad in enumerate(BAD_VALUES):
        text = text.replace(f'"@{number}@"', bad)
    return text.encode()


def _places(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in inner if isinstance(value, (dict, list)) else ():
        yield (*at, key)
        if isinstance(below, (dict, list)):
            yield from _places(below, (*at, key))


def _with(value: Any, place: tuple[Any, ...], put: Any) -> Any:
    if not place:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _with(value[place[0]], place[1:], put)
    return copy
