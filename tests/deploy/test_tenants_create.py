"""An operator opens a chain with commands alone, and its people can sign in."""

import argparse
import json
from datetime import date
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from deploy.commands import tenants as command
from deploy.local.postgres import Cluster
from shared.domain.franchise.queries import stores
from shared.domain.franchise.service.stores import StoreCodeTaken
from shared.errors import FormInvalid
from tenants import registry
from tenants.people import identity
from tenants.sessions import tenant_session


@pytest.fixture
def mark(cluster: Cluster) -> str:
    return f"c{uuid4().hex[:8]}"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args(words))


def test_a_store_of_a_chain_has_its_file_at_the_headquarters(mark: str) -> None:
    run("create", f"{mark}-hq", "--kind", "hq", "--name", "总部", "--code", "000")
    store = ["create", f"{mark}-1", "--name", "朝阳店", "--code", "001", "--hq", f"{mark}-hq"]
    run(*store, "--region", "华北", "--direct", "--opened", "2024-05-01")

    hq = registry.tenant_by_slug(f"{mark}-hq")
    assert hq
    with tenant_session(hq) as session:
        (file,) = stores.store_files(session)
    made = registry.tenant_by_slug(f"{mark}-1")
    assert made
    assert made.hq == hq.name
    assert (file.tenant, file.name, file.region) == (made.name, "朝阳店", "华北")
    assert (file.kind, file.opened_on) == ("DIRECT", date(2024, 5, 1))


def test_a_code_that_cannot_be_filed_makes_no_store(mark: str) -> None:
    chain = ["--hq", f"{mark}-hq"]
    run("create", f"{mark}-hq", "--kind", "hq", "--name", "总部", "--code", "000")
    run("create", f"{mark}-1", "--name", "一店", "--code", "001", *chain)
    with pytest.raises(StoreCodeTaken):
        run("create", f"{mark}-2", "--name", "二店", "--code", "001", *chain)
    with pytest.raises(FormInvalid):
        run("create", f"{mark}-3", "--name", "三店", "--code", "A1", *chain)
    assert registry.tenant_by_slug(f"{mark}-2") is None
    assert registry.tenant_by_slug(f"{mark}-3") is None


def test_the_first_person_gets_a_password_once(
    mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = ["--admin", f"{mark}@example.test", "--json"]
    run("create", f"{mark}-hq", "--kind", "hq", "--name", "总部", "--code", "000", *admin)
    said = json.loads(capsys.readouterr().out)
    run("create", f"{mark}-1", "--name", "一店", "--code", "001", *admin)
    again = json.loads(capsys.readouterr().out)

    found = identity.credentials(f"{mark}@example.test")
    assert found
    assert PasswordHasher().verify(found.password_hash or "", said["password"])
    assert again["password"] is None
    roles = {place.tenant.slug: place.roles for place in identity.memberships(found.person.id)}
    assert roles == {f"{mark}-hq": {"HQA"}, f"{mark}-1": {"MGR"}}
