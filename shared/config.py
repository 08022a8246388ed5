"""Settings from the environment, read once, all mistakes in one message."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from environs import Env, EnvError, ValidationError, validate

# Each may lie in a file instead, named by the same variable with _FILE at its end.
SECRETS = (
    "ROLLBOOK_MASTER_KEY",
    "ROLLBOOK_SECRET_KEY",
    "ROLLBOOK_FORMER_SECRET_KEY",
    "ROLLBOOK_BROKER_URL",
    "ROLLBOOK_METRICS_TOKEN",
    "ROLLBOOK_MAIL_URL",
)
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")


class SettingsInvalid(Exception):
    """The environment does not describe a Rollbook; the text lists every mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One running Rollbook's settings; names are those of `deploy/env.example`."""

    database_url: str  # without a user: every login is one of ours
    database_auth: str  # peer or scram
    master_key: str  # derives the logins' passwords with scram; encrypts what must be read again
    broker_url: str  # stub:// or amqp://
    secret_key: str  # signs cookies
    former_secret_key: str  # still read, no longer written: so a new key signs nobody out
    data_dir: Path  # uploaded and exported files
    files_url: str  # another place for them, s3://bucket/prefix; empty: a folder in data_dir
    public_url: str
    stock: int  # ready schemas kept for new stores, and one for a new headquarters
    web_threads: int  # of each web process
    second_factor_days: int  # how long a headquarters' new member may go without one
    trusted_proxies: int  # how many proxies of ours stand in front and add X-Forwarded-For
    guest_domain: str  # each store has a host of its own below it for guests; empty: the public one
    other_hosts: tuple[str, ...]  # names by which our own machines ask, beside the public one
    metrics_token: str  # lets a monitor in from elsewhere; empty: from this machine only
    worker_listen: str  # host:port of a worker process's health and metrics; empty: none
    mail_url: str  # the server that takes mail, such as smtps://user:secret@host; empty: none
    mail_from: str  # whom mail comes from
    operator_mail: str  # who hears of jobs that were given up; empty: nobody
    outside_allowed: tuple[str, ...]  # host:port of inner receivers that notices may go to
    is_development: bool  # shows developers' pages; never in production

    @property
    def is_https(self) -> bool:
        """Whether people reach us by TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def is_embedded(self) -> bool:
        """Whether the broker lives inside the worker process."""
        return self.broker_url.startswith("stub:")

    def database_address(self) -> dict[str, str]:
        """Split the database URL into libpq keywords: host, port, dbname and URL options."""
        parts = urlsplit(self.database_url)
        address = dict(parse_qsl(parts.query))
        if parts.hostname:
            address["host"] = parts.hostname
        if parts.port:
            address["port"] = str(parts.port)
        address["dbname"] = parts.path.lstrip("/") or "rollbook"
        return address


def load(environ: Mapping[str, str]) -> Settings:
    """Read settings from a mapping.

    Raises: SettingsInvalid naming every wrong variable at once.
    """
    wanted, previous = _with_files(environ), dict(os.environ)
    env = Env(eager=False, prefix="ROLLBOOK_")
    try:
        os.environ.clear()
        os.environ.update(wanted)
        read = Settings(
            database_url=env.str("DATABASE_URL"),
            database_auth=env.str(
                "DATABASE_AUTH", "peer", validate=validate.OneOf(["peer", "scram"])
            ),
            master_key=env.str("MASTER_KEY", ""),
            broker_url=env.str("BROKER_URL", "stub://"),
            secret_key=env.str("SECRET_KEY", validate=validate.Length(min=32)),
            former_secret_key=env.str("FORMER_SECRET_KEY", "", validate=_empty_or_long),
            data_dir=env.path("DATA", Path(".rollbook")),
            files_url=env.str("FILES_URL", "", validate=validate.Regexp(r"(|s3://[^\s]+)$")),
            public_url=env.str("PUBLIC_URL", "http://127.0.0.1:8000"),
            stock=env.int("STOCK", 3, validate=validate.Range(min=0, max=1000)),
            web_threads=env.int("WEB_THREADS", 8, validate=validate.Range(min=1, max=200)),
            second_factor_days=env.int(
                "SECOND_FACTOR_DAYS", 7, validate=validate.Range(min=0, max=90)
            ),
            trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=5)),
            guest_domain=env.str(
                "GUEST_DOMAIN", "", validate=validate.Regexp(r"(|[a-z0-9-]+(\.[a-z0-9-]+)+)$")
            ),
            other_hosts=tuple(env.list("OTHER_HOSTS", [])),
            metrics_token=env.str("METRICS_TOKEN", "", validate=_empty_or_long),
            worker_listen=env.str(
                "WORKER_LISTEN", "", validate=validate.Regexp(r"(|[^:\s]+:\d{1,5})$")
            ),
            mail_url=env.str("MAIL_URL", "", validate=_mail_server),
            mail_from=env.str("MAIL_FROM", ""),
            operator_mail=env.str("OPERATOR_MAIL", ""),
            outside_allowed=tuple(env.list("OUTSIDE_ALLOWED", [])),
            is_development=env.bool("DEVELOPMENT", False),
        )
        env.seal()
    except EnvError as error:
        raise SettingsInvalid(str(error)) from error
    finally:
        os.environ.clear()
        os.environ.update(previous)
    _check(read)
    return read


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Give this process's settings; read on the first call."""
    return load(os.environ)


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Read secrets that lie in files, as systemd's credentials and container secrets do."""
    given, missing = dict(environ), []
    for name in SECRETS:
        path = given.get(f"{name}_FILE")
        if not path:
            continue
        if name in given:
            missing.append(f"{name} and {name}_FILE are both set")
            continue
        try:
            given[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            missing.append(f"{name}_FILE: {path}: {error.strerror}")
    if missing:
        raise SettingsInvalid("; ".join(missing))
    return given


def _empty_or_long(value: str) -> None:
    if value and len(value) < 16:
        raise ValidationError("Shorter than 16 characters.")


def _mail_server(value: str) -> None:
    if value and (urlsplit(value).scheme not in MAIL_SCHEMES or not urlsplit(value).hostname):
        raise ValidationError("Not smtp://, smtp+starttls:// or smtps:// and a host.")


def _check(read: Settings) -> None:
    if read.database_auth == "scram" and len(read.master_key) < 32:
        raise SettingsInvalid("ROLLBOOK_MASTER_KEY needs 32 characters for SCRAM logins")
    if read.mail_url and "@" not in read.mail_from:
        raise SettingsInvalid("ROLLBOOK_MAIL_FROM must be an address, as ROLLBOOK_MAIL_URL is set")
    if urlsplit(read.database_url).username:
        raise SettingsInvalid("ROLLBOOK_DATABASE_URL must name no user: each login is our own")
