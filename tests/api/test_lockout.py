"""Limits on attempts: one count for all processes, and no stranger shuts anybody out for long."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants.people import attempts
from tenants.registry import Tenant
from tests.api.clients import CHEAP_HASH, PASSWORD, new_login
from tests.api.visitors import from_elsewhere, send, sign_in
from tests.factories.tenants import new_person
from web.app import App
from web.people import sign_in as rules

pytestmark = pytest.mark.shares_store

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from tenants.people import attempts
key, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
with ThreadPoolExecutor(4) as pool:
    seen = pool.map(lambda _: attempts.count([key, key + " too"], now=now)[key], range(25))
    print(*seen)
"""


def test_attempts_count_across_processes_and_threads_exactly(store: Tenant) -> None:
    key, now = f"test {uuid4()}", datetime.now(UTC)
    command = [sys.executable, "-c", PROGRAM, key, now.isoformat()]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]

    counted = [int(n) for process in running for n in process.communicate(timeout=60)[0].split()]

    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(counted) == list(range(1, 76))
    later = now + attempts.WINDOW + timedelta(seconds=1)
    assert attempts.count([key], now=later)[key] == 1


@pytest.fixture
def login() -> str:
    """Somebody's sign-in name."""
    return new_login()


@pytest.fixture
def person(store: Tenant, login: str) -> UUID:
    """Somebody who can sign in."""
    return new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


@pytest.mark.usefixtures("person")
def test_many_addresses_together_are_stopped_and_a_known_browser_still_gets_in(
    app: App, login: str
) -> None:
    mine = from_elsewhere(app)
    assert sign_in(mine, login).status_code == 303
    send(mine, "/sign-out")

    statuses = [sign_in(from_elsewhere(app), login, "wrong").status_code for _ in range(62)]

    assert statuses[:59] == [401] * 59  # one of the sixty was the owner's
    assert statuses[-2:] == [429, 429]
    assert sign_in(from_elsewhere(app), login).status_code == 429
    assert sign_in(mine, login).status_code == 303  # where the owner was before


@pytest.mark.usefixtures("person")
def test_a_known_browser_has_a_limit_of_its_own(app: App, login: str) -> None:
    mine = from_elsewhere(app)
    sign_in(mine, login)
    send(mine, "/sign-out")

    statuses = [sign_in(mine, login, "wrong").status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]


@pytest.mark.usefixtures("person")
def test_a_forged_or_foreign_browser_cookie_is_none(app: App, login: str, store: Tenant) -> None:
    other = new_person((store, "FD"), login=f"x{login}", password_hash=CHEAP_HASH)
    assert other
    theirs = from_elsewhere(app)
    sign_in(theirs, f"x{login}")
    cookie = theirs.get_cookie("known")
    assert cookie
    for value in (cookie.value, cookie.value[:-2] + "xx", "[]", "", "W10.x.y"):
        client = from_elsewhere(app)
        client.set_cookie("known", value)
        statuses = [sign_in(client, login, "wrong").status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]


@pytest.mark.usefixtures("person")
def test_every_name_of_a_person_counts_as_the_same_account(app: App, login: str) -> None:
    client = from_elsewhere(app)
    names = [login, login.upper(), f" {login} ", login.replace("l", "L"), login.title()]

    statuses = [sign_in(client, name, "wrong").status_code for name in names * 3]

    assert statuses.count(401) == 10


def test_known_and_unknown_names_are_answered_alike_to_the_header(
    app: App, person: UUID, login: str
) -> None:
    def told(name: str) -> tuple[int, str, list[tuple[str, str]]]:
        answer = sign_in(from_elsewhere(app), name, "wrong")
        body = answer.text.replace(name, "NAME")
        headers = [(k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Set-Cookie")]
        return answer.status_code, _without_token(body), headers

    assert told(login) == told(f"x{login[1:]}")


def _without_token(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if "csrf_token" not in line)


def test_the_same_work_is_done_for_known_and_unknown_names(
    app: App, person: UUID, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time itself is not asserted: the work is. One look-up, one count, one hash of full cost."""
    done: list[str] = []
    monkeypatch.setattr(
        rules, "_verify", lambda stored, password: bool(done.append(stored.rpartition("$p=")[0]))
    )
    real = attempts.count
    monkeypatch.setattr(
        attempts,
        "count",
        lambda keys, now: done.append(f"count {len(keys)}") or real(keys, now=now),
    )
    for name in (login, f"x{login}"):
        assert sign_in(from_elsewhere(app), name, PASSWORD).status_code == 401

    assert len(done) == 4
    assert done[0] == done[2] == "count 3"
