"""Kinds of jobs that only tests know; `effects` is a table the fixture puts into a tenant."""

import os
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.events.messages import Request
from workers.job import At, job


class CannotBeDone(Conflict):
    """This can never be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Request):
    """Leave a mark."""

    wire: ClassVar[str] = "test.write"
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Request):
    """Leave a mark, then fail."""

    wire: ClassVar[str] = "test.fail"
    mark: int = 0
    how: str = "error"  # error, refusal, passing, exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Linger(Request):
    """Leave a mark, then take long."""

    wire: ClassVar[str] = "test.linger"
    mark: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop(Request):
    """Never end."""

    wire: ClassVar[str] = "test.loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Request):
    """Leave a mark, then wait for the test."""

    wire: ClassVar[str] = "test.wait"
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidy(Request):
    """Leave a mark; waiting ones join."""

    wire: ClassVar[str] = "test.tidy"

    def uniq(self) -> str | None:
        """Join a waiting one."""
        return "tidy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard(Request):
    """No worker knows this."""

    wire: ClassVar[str] = "test.unheard"
    text: str = ""


begun = threading.Semaphore(0)
released = threading.Event()


def leave(session: Session, mark: int) -> None:
    """Write one row of effect."""
    session.execute(text("INSERT INTO effects (mark) VALUES (:mark)"), {"mark": mark})


@job(Write)
def write(session: Session, request: Write, at: At) -> None:
    """Leave a mark."""
    leave(session, request.mark)


@job(Fail)
def fail(session: Session, request: Fail, at: At) -> None:
    """Leave a mark, then fail."""
    leave(session, request.mark)
    if request.how == "exit":
        os._exit(9)
    if request.how == "refusal":
        raise CannotBeDone(phone="13800000000")
    if request.how == "passing":
        raise OperationalError("x", None, psycopg.errors.DeadlockDetected("deadlock"))
    raise RuntimeError("13800000000 is a phone number")


@job(Linger)
def linger(session: Session, request: Linger, at: At) -> None:
    """Leave a mark, then take long, without a call into C that could not be interrupted."""
    leave(session, request.mark)
    until = time.monotonic() + request.seconds
    while time.monotonic() < until:
        time.sleep(0.01)


@job(Loop, time_limit_s=0.2)
def loop(session: Session, request: Loop, at: At) -> None:
    """Never end."""
    while True:
        time.sleep(0.01)


@job(Wait)
def wait(session: Session, request: Wait, at: At) -> None:
    """Leave a mark, then wait for the test."""
    leave(session, request.mark)
    begun.release()
    released.wait(20)


@job(Tidy)
def tidy(session: Session, request: Tidy, at: At) -> None:
    """Leave a mark."""
    leave(session, 1)
