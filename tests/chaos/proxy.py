"""A small TCP proxy of our own: delays, cuts, goes silent, or is not there at all.

It runs in a thread of its own; every method may be called from any thread.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

CHUNK = 65_536


class _Link:
    """One client's connection and the one behind it."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.ends = (near, far)
        self.is_silent = False
        self.left: int | None = None  # bytes until it is cut

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Proxy:
    """Stands before a server until it is stopped."""

    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._links: set[_Link] = set()
        self._delay_seconds = 0.0
        self._is_away = False
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every connection and the thread."""
        self._call(self._cut)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def cut(self) -> None:
        """Reset every connection."""
        self._call(self._cut)

    def cut_after(self, count: int) -> None:
        """Reset every connection when it has carried so many bytes more: in the midst of a word."""
        self._call(lambda: [setattr(link, "left", count) for link in self._links])

    def fall_silent(self) -> None:
        """Let what is connected stay so, and never hear anything again; new ones work."""
        self._call(lambda: [setattr(link, "is_silent", True) for link in self._links])

    def delay(self, seconds: float) -> None:
        """Carry every piece so much later; 0 ends it."""
        self._delay_seconds = seconds

    def go_away(self) -> None:
        """Reset every connection and refuse new ones."""
        self._is_away = True
        self.cut()

    def come_back(self) -> None:
        """Take connections again."""
        self._is_away = False

    def _call(self, act: Callable[[], object]) -> None:
        done = threading.Event()

        def call() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(call)
        done.wait(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, sock=self._listener)
        )
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0.1))  # what was aborted closes its sockets
        self._loop.close()

    def _cut(self) -> None:
        for link in list(self._links):
            link.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_away:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._behind)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, far_writer)
        self._links.add(link)
        try:
            with contextlib.suppress(asyncio.CancelledError):  # the proxy is stopped
                await asyncio.gather(
                    self._carry(link, reader, far_writer), self._carry(link, far_reader, writer)
                )
        finally:
            link.abort()
            self._links.discard(link)

    async def _carry(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if link.is_silent:
                    continue
                if self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                if link.left is not None:
                    data, link.left = data[: link.left], link.left - len(data)
                writer.write(data)
                await writer.drain()
                if link.left is not None and link.left <= 0:
                    link.abort()
                    return
        if not link.is_silent:
            link.abort()
