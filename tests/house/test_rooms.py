"""One capability has one name, spelled the same in every room."""

import ast

from tests.house.code import DOMAIN, ROOT, Source, capabilities, product

KNOWN_FILES = {"rules", "events", "models", "forms", "queries", "service", "__init__"}
DOCUMENTED = (
    "shared.db",
    "shared.events",
    "shared.forms",
    "shared.records",
    "shared.domain",
    "tenants",
)
WEB_ROOMS = {"frame", "jobs", "people", "records"}  # what all capabilities share, and who comes in
TEST_FOLDERS = ("unit", "api", "workers")
KERNEL_TESTS = {"shared", "tenants", "web", "workers", "deploy", "events", "db", "forms", "records"}


def test_every_web_package_is_a_capability() -> None:
    packages = {path.parent.name for path in (ROOT / "web").glob("*/__init__.py")}
    assert packages - capabilities() - WEB_ROOMS == set()


def test_every_actors_module_is_a_capability() -> None:
    modules = {path.stem for path in (ROOT / "workers" / "actors").glob("*.py")} - {"__init__"}
    assert modules - capabilities() - {"records"} == set()


def test_every_test_folder_is_a_capability() -> None:
    for folder in TEST_FOLDERS:
        packages = {path.parent.name for path in (ROOT / "tests" / folder).glob("*/__init__.py")}
        assert packages - capabilities() - KERNEL_TESTS == set()


def test_a_capability_has_the_known_rooms_only() -> None:
    strange = [
        path.relative_to(ROOT).as_posix()
        for name in capabilities()
        for path in (DOMAIN / name).iterdir()
        if path.stem not in KNOWN_FILES and path.name != "__pycache__"
    ]
    assert strange == []


def test_templates_lie_under_their_capability() -> None:
    # Without the inner folder another blueprint's list.html is shown, silently.
    strange = [
        path.relative_to(ROOT).as_posix()
        for name in capabilities()
        for path in (ROOT / "web" / name / "templates").rglob("*.html")
        if path.relative_to(ROOT / "web" / name / "templates").parts[0] != name
    ]
    assert strange == []


def test_every_module_says_what_it_is() -> None:
    assert [source.name for source in product() if not ast.get_docstring(source.tree)] == []


def test_every_public_function_of_the_meaning_says_what_it_does() -> None:
    silent = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in product()
        if source.module.startswith(DOCUMENTED)
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_a_package_init_holds_a_docstring_alone() -> None:
    busy = [
        source.name
        for source in product()
        if source.path.name == "__init__.py" and _code_of(source)
    ]
    assert busy == []


def test_every_package_folder_is_one() -> None:
    missing = {
        source.path.parent.relative_to(ROOT).as_posix()
        for source in product()
        if not (source.path.parent / "__init__.py").exists()
    }
    assert missing == set()
    assert not list((ROOT / "alembic").rglob("__init__.py"))


def test_no_module_is_named_after_nothing() -> None:
    banned = {"utils", "util", "helpers", "common", "misc"}
    assert [source.name for source in product() if source.path.stem in banned] == []


def _code_of(source: Source) -> list[ast.stmt]:
    return [node for node in source.tree.body if not isinstance(node, ast.Expr)]
