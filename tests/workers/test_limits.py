"""An interrupt strikes inside its block or not at all."""

import time
from threading import Thread

import pytest
from dramatiq.middleware import Shutdown, TimeLimitExceeded

from workers.limits import Limits


def busy(seconds: float) -> None:
    """Do something in Python for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.001)


def test_a_block_over_its_time_is_interrupted() -> None:
    with pytest.raises(TimeLimitExceeded), Limits().within(0.05):
        busy(5)


def test_a_block_within_its_time_is_left_alone() -> None:
    limits = Limits()
    with limits.within(0.1):
        busy(0.01)
    busy(0.2)


def test_an_interrupt_at_the_very_end_still_strikes_inside() -> None:
    limits = Limits()
    for _ in range(200):
        try:
            with limits.within(0.002):
                busy(0.002)
        except TimeLimitExceeded:
            continue
        busy(0.0001)


def test_closing_interrupts_after_a_grace() -> None:
    limits = Limits()
    struck: list[type[BaseException]] = []

    def work() -> None:
        try:
            with limits.within(60):
                busy(10)
        except Shutdown:
            struck.append(Shutdown)

    thread = Thread(target=work)
    thread.start()
    time.sleep(0.05)
    limits.close(grace_seconds=0.05)
    thread.join(5)
    assert struck == [Shutdown]

    with pytest.raises(Shutdown), limits.within(60):
        busy(5)
    limits.reopen()
    with limits.within(60):
        busy(0.01)
