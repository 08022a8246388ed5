"""Revisions as texts: several threads that render them at once do not disturb one another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tenants import script

AT_ONCE = 8


def test_revisions_are_rendered_by_several_threads_at_once() -> None:
    known = script.steps("tenant", "base")
    start = Barrier(AT_ONCE)

    def render(_number: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
        start.wait()
        return script.steps.__wrapped__("tenant", "base")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert list(threads.map(render, range(AT_ONCE))) == [known] * AT_ONCE
