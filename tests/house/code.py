"""Our source files, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ("deploy", "web", "workers", "tenants", "shared")
DOMAIN = ROOT / "shared" / "domain"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file of ours."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path from the root, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """The dotted name."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def imported(self) -> Iterator[tuple[int, str]]:
        """Give line and dotted name of everything imported; names of `from` imports included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[Function]:
        """Give every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Read all Python files below these folders of the root."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Source(path, text, ast.parse(text)))
    return tuple(found)


def product() -> tuple[Source, ...]:
    """Give all files of the five storeys."""
    return sources(*STOREYS)


def capabilities() -> set[str]:
    """Name the capabilities that the domain has."""
    return {path.parent.name for path in DOMAIN.glob("*/__init__.py")}
