"""Schemathesis asks every call of the API what its own description says it answers."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from tenants.people import permissions
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories import records
from tests.factories.tenants import new_person
from web.app import App

EXAMPLES = 2  # of each call and way; test_openapi.py asks far more of what may break
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.mark.parametrize("way", GenerationMode, ids=str)
@pytest.mark.filterwarnings("ignore")  # its own, about strategies
def test_what_the_api_answers_is_what_it_says(
    app: App, store: Tenant, store_session: Session, way: GenerationMode
) -> None:
    roles = ((store, role) for role in permissions.ROLES)
    caller = Caller.with_token(app, new_person(*roles), store)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = {"Authorization": f"Bearer {caller.token}", "If-Match": '"1"'}
    _furnish(caller, store_session)
    wrong, asked = [], 0

    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(way))
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: schemathesis.Case) -> None:
            nonlocal asked
            case.path_parameters["slug"] = store.slug
            if asked % 2:  # what is there, as well as what is not
                ids = {n: 1 for n, v in case.path_parameters.items() if type(v) is int}
                case.path_parameters.update(ids)
            case.headers.pop("Authorization", None)
            asked += 1
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            ask()
        except schemathesis.errors.SchemathesisError as error:
            wrong.append(f"{operation.label}: {error}")
        except BaseExceptionGroup as error:
            wrong.append(f"{operation.label}: {error.exceptions[0]}")

    assert wrong == []
    assert asked > 100


def _furnish(caller: Caller, session: Session) -> None:
    """Keep one of each that has an id, so that the answers are not all 404."""
    handout = records.handout(session)
    profile = records.profile(customer_sign=records.send_picture(caller))
    session.commit()
    for path, typed in (
        ("/customer-profiles", profile), ("/handouts", handout),
        ("/opinions", records.opinion()),
    ):  # fmt: skip
        made = caller.post(path, typed)
        assert made.status_code == 201, made.text
