"""Every address of the application, made concrete, for tests that visit all of them."""

from dataclasses import dataclass
from uuid import UUID

from werkzeug.routing import Rule

from web.app import App
from web.auth import Access, access_of
from web.converters import DayConverter, IdConverter, MonthConverter, YearConverter

_SAMPLES = {
    IdConverter: "1",
    DayConverter: "2025-06-10",
    MonthConverter: "2025-06",
    YearConverter: "2025",
}
ANY_METHOD = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """One method of one address, with sample values in its path."""

    method: str
    template: str
    access: Access

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def is_api(self) -> bool:
        """Whether it answers in JSON."""
        return self.template.startswith("/api/")

    def in_tenant(self, slug: str) -> str:
        """Give the path below a tenant."""
        return self.template.replace("<slug>", slug)


def tenant_addresses(app: App) -> list[Address]:
    """List all addresses below a tenant."""
    return [found for found in _all(app) if "<slug>" in found.template]


def _all(app: App) -> list[Address]:
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append(Address(method, _concrete(rule), access))
    return sorted(found, key=str)


def _concrete(rule: Rule) -> str:
    path = rule.rule
    for name, converter in rule._converters.items():
        if name == "slug":
            continue
        sample = _SAMPLES.get(type(converter))
        if sample is None:
            kind = type(converter).__name__
            sample = str(UUID(int=7)) if kind == "UUIDConverter" else "x"
        end = path.index(f"{name}>") + len(name) + 1
        start = path.rindex("<", 0, end)
        path = path[:start] + sample + path[end:]
    return path
