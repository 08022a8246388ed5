"""What the operator does for people: links, lost phones, shut accounts, the first keeper."""

import argparse
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from deploy.commands import people as command
from deploy.local.postgres import Cluster
from tenants.people import identity, links, people_log, second_factors
from tenants.registry import NoSuchTenant, Tenant
from tests.api.visitors import enrolled
from tests.factories.tenants import new_person


@pytest.fixture
def login(store: Tenant) -> str:
    """Somebody's sign-in name."""
    return f"operated-{store.slug}@example.test"


@pytest.fixture
def person(cluster: Cluster, store: Tenant, login: str) -> UUID:
    """Somebody who works in the store."""
    return new_person((store, "FD"), login=login)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args(words))


def test_a_reset_link_is_printed_and_nowhere_kept(
    person: UUID, login: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("reset", login.upper())

    link = urlsplit(capsys.readouterr().out.strip())
    assert (link.netloc, link.path[:7]) == ("127.0.0.1:8000", "/reset/")
    proven = links.holder("reset", link.path.removeprefix("/reset/"), now=datetime.now(UTC))
    assert proven
    assert proven.person_id == person


def test_a_lost_phone_and_a_shut_account(person: UUID, login: str) -> None:
    now = datetime.now(UTC)
    enrolled(person)
    token = identity.open_session(person, now=now)

    run("drop-factor", login)
    assert second_factors.standing(person).since is None
    assert identity.visit_by_session(token, slug=None, now=now) is None

    token = identity.open_session(person, now=now)
    run("disable", login)
    assert identity.credentials(login) is None
    assert identity.visit_by_session(token, slug=None, now=now) is None
    run("enable", login)
    assert identity.credentials(login)
    assert identity.visit_by_session(token, slug=None, now=now) is None
    token = identity.open_session(person, now=now)
    run("sign-out", login)
    assert identity.visit_by_session(token, slug=None, now=now) is None


def test_the_operator_names_a_keeper_and_that_is_written_down(
    person: UUID, login: str, store: Tenant, hq: Tenant
) -> None:
    for tenant, role in ((store, "MGR"), (hq, "HQA")):
        run("grant", login, tenant.slug)
        assert role in identity.roles_of(person, tenant)
        change = people_log.changes(tenant, limit=1)[0]
        assert (change.action, change.actor, change.new) == ("GRANTED", None, (role,))
    with pytest.raises(NoSuchTenant):
        run("grant", login, "no-such-shop")


def test_nobody_of_that_name_is_said(cluster: Cluster) -> None:
    for act in ("reset", "drop-factor", "sign-out", "disable", "enable"):
        with pytest.raises(command.NoSuchPerson):
            run(act, "nobody-at-all")
