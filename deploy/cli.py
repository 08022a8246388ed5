"""`python -m deploy.cli COMMAND ...`: what `./rollbook` runs once everything is installed."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import psycopg
import structlog

from deploy.commands import checks, demo, import_sales, migrate, people, tenants, up, verify
from deploy.faults import Fault
from shared.config import SettingsInvalid
from shared.errors import DomainError

CHECKS: dict[str, Callable[[Sequence[str]], int]] = {
    "test": checks.test,
    "test-fast": checks.test_fast,
    "house": checks.house,
    "lint": checks.lint,
    "bench": checks.bench,
}


class Command(Protocol):
    """What a module of `deploy.commands` offers."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; the answer is the exit status."""


COMMANDS: dict[str, Command] = {
    "up": up,
    "demo": demo,
    "tenants": tenants,
    "people": people,
    "migrate": migrate,
    "import": import_sales,
    "verify": verify,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; foreseeable failures are told in words."""
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)  # a command speaks for itself; processes have logs
    try:
        return _run(*arguments)
    except BrokenPipeError:  # whoever read our words has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (Fault, SettingsInvalid, DomainError, psycopg.OperationalError) as failure:
        sys.stderr.write(f"rollbook: {_words(failure)}\n")
        return 1


def _run(name: str, *rest: str) -> int:
    if name in CHECKS:
        return CHECKS[name](rest)
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"./rollbook {name}", description=command.__doc__)
    command.add(parser)
    return command.run(parser.parse_args(rest))


def _words(failure: Exception) -> str:
    if isinstance(failure, DomainError):
        facts = ", ".join(f"{key}={value}" for key, value in failure.facts.items())
        problems = "; ".join(f"{p.message_zh} ({p.message_en})" for p in failure.problems)
        return f"{failure.message_en} {problems or facts}".strip()
    if isinstance(failure, psycopg.OperationalError):
        return f"the database does not answer: {failure}"
    return str(failure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
