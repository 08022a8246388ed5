"""Things that only the edges may do."""

import ast
import re

import pytest

from tests.house.code import Source, product, sources

COMMITTERS = re.compile(
    r"web/app\.py|workers/(job|dispatcher|clock|rows|sweeper|leases)\.py|tenants/"
)
CATCHERS = re.compile(r"web/app\.py|web/errors\.py|workers/(job|loop)\.py")
PATH_SETTERS = re.compile(r"tenants/|alembic/")
CLOCK_READERS = re.compile(r"web/|workers/|tenants/|deploy/")


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (re.compile(r"\.commit\("), COMMITTERS),
        (re.compile(r"SET (LOCAL |SESSION )?(search_path|ROLE)\b", re.I), PATH_SETTERS),
        (re.compile(r"\b(datetime\.(now|utcnow)|date\.today|time\.time)\("), CLOCK_READERS),
    ],
    ids=["commit", "search_path and role", "clock"],
)
def test_is_done_only_where_it_is_allowed(
    pattern: re.Pattern[str], allowed: re.Pattern[str]
) -> None:
    offences = [
        f"{source.name}:{number}: {line.strip()}"
        for source in product()
        if not allowed.match(source.name)
        for number, line in _code_lines(source)
        if pattern.search(line)
    ]
    assert offences == []


def test_everything_is_caught_only_at_the_edges() -> None:
    offences = [
        f"{source.name}:{node.lineno}"
        for source in product()
        if not CATCHERS.match(source.name)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") == "Exception")
    ]
    assert offences == []


def test_work_over_many_tenants_says_so_in_its_name() -> None:
    offences = [
        f"{source.name}:{function.lineno} {function.name}"
        for source in sources("shared", "web", "workers")
        for function in source.functions()
        if "all_tenants(" in ast.unparse(function) and "across_tenants" not in function.name
    ]
    assert offences == []


def _code_lines(source: Source) -> list[tuple[int, str]]:
    prose = {
        line
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [
        (number, line.partition("#")[0])
        for number, line in enumerate(source.text.splitlines(), 1)
        if number not in prose
    ]
