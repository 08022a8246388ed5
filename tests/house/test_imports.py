"""Code flows one way, and a capability's tables are its own."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.house.code import DOMAIN, ROOT, STOREYS, capabilities, product


def test_the_contracts_are_kept() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_models_are_private_to_their_capability() -> None:
    offences = [
        f"{source.name}:{line} imports {name}"
        for source in product()
        for line, name in source.imported()
        for capability in capabilities()
        if f"{name}.".startswith(f"shared.domain.{capability}.models.")
        and capability not in source.module.split(".")
        and source.module != "shared.domain.tables"
    ]
    assert offences == []


def test_capabilities_of_one_edge_never_import_each_other() -> None:
    offences = []
    for edge in ("web", "workers.actors"):
        for source in product():
            own = source.module.removeprefix(f"{edge}.").partition(".")[0]
            if not source.module.startswith(f"{edge}.") or own not in capabilities():
                continue
            offences += [
                f"{source.name}:{line} imports {name}"
                for line, name in source.imported()
                for other in capabilities() - {own}
                if f"{name}.".startswith(f"{edge}.{other}.")
            ]
    assert offences == []


def test_imports_stand_at_the_top_and_are_absolute() -> None:
    offences = []
    for source in product():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and (node.level or node.names[0].name == "*"):
                offences.append(f"{source.name}:{node.lineno} is relative or a star")
        for function in source.functions():
            offences += [
                f"{source.name}:{node.lineno} imports inside {function.name}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
        if "__all__" in source.text:
            offences.append(f"{source.name} has __all__")
    assert offences == []


def test_our_packages_load_from_this_checkout() -> None:
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import {', '.join(STOREYS)}, sys\nfor name in {STOREYS!r}: "
            "print(sys.modules[name].__file__)",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.split() == [str(ROOT / name / "__init__.py") for name in STOREYS]


def test_every_models_and_events_module_is_known_where_it_must_be() -> None:
    for room, register in (("models", "tables.py"), ("events", "wiring.py")):
        text = (DOMAIN / register).read_text(encoding="utf-8")
        missing = [
            name
            for name in capabilities()
            if ((DOMAIN / name / f"{room}.py").exists() or (DOMAIN / name / room).is_dir())
            and f"shared.domain.{name}" not in text
        ]
        assert missing == [], f"{register} does not import them"
