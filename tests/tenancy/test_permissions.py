"""The permission matrix is the specification's, and is asked as the specification means it."""

import pytest

from tenants.people.permissions import ROLES, VERBS, allowed, matrix
from tests.golden import SPEC

# Who notes what became of a suggestion: the specification has the state and gives nobody the verb.
DECIDED = {"F09": {"MGR": ("RX", "RUX"), "CON": ("Ro", "RUo")}}


@pytest.mark.skipif(not SPEC.exists(), reason="the specification is not beside this checkout")
def test_every_row_of_the_specification_stands_in_ours() -> None:
    lines = SPEC.read_text("utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("| resource 资源"))
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")][1:])
    ours = list(matrix().items())[: len(rows)]

    assert len(rows) > 30
    for specified, (resource, row) in zip(rows, ours, strict=True):
        bare = [cell.split("(")[0].strip() for cell in specified]
        for role, (was, decided) in DECIDED.get(resource, {}).items():
            assert bare[ROLES.index(role)] == was
            bare[ROLES.index(role)] = decided
        said = [row[role].split(",")[0] or "-" for role in ROLES]
        assert [c.split(",")[0].split(" ")[0] for c in bare] == [s.split(" ")[0] for s in said]


def test_every_letter_is_known() -> None:
    for resource, row in matrix().items():
        for letters in row.values():
            assert set(letters) <= set(VERBS + "omgs, "), (resource, letters)


@pytest.mark.parametrize(
    ("roles", "resource", "verb", "may"),
    [
        (["FD"], "F08", "C", True),
        (["MGR"], "F08", "C", False),  # the manager reviews and signs; the front desk enters
        (["MGR"], "F08", "A", True),
        (["MGR", "FD"], "F08", "C", True),
        (["BEA"], "F08", "R", False),
        (["HQA"], "F08", "R", False),  # totals only
        (["HQN"], "F10", "R", True),
        (["HQA"], "month_close", "A", True),
        (["FD"], "month_close", "A", False),
        (["AUD"], "F08", "X", True),
        ([], "F08", "R", False),
    ],
)
def test_a_role_may_exactly_what_the_matrix_says(
    roles: list[str], resource: str, verb: str, may: bool
) -> None:
    assert allowed(roles, resource, verb) is may


def test_a_resource_nobody_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        allowed(["HQA"], "F99", "R")
