"""A RabbitMQ node of our own, to be alarmed, stopped, killed and emptied without hurting anybody.

It has a name, ports, a port mapper, a folder and a secret of its own, no plugins, and ends with the
thread that started it.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local import children
from deploy.local.ports import free_port

# Debian's command of the same name changes to an account of its own; what is below it does not.
PLACES = (Path("/usr/lib/rabbitmq/bin"), Path(shutil.which("rabbitmq-server") or "/none").parent)
START_SECONDS = 240


def is_installed() -> bool:
    """Say whether there is a server to start."""
    return _programs() is not None


class Node:
    """One node that runs on a folder."""

    def __init__(self, folder: Path) -> None:
        programs = _programs()
        assert programs, "RabbitMQ is not installed"
        self._programs = programs
        self._folder = folder
        self._port, dist, mapper = free_port(), free_port(), free_port()
        self._env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "NOTIFY_SOCKET": str(folder / "nobody"),  # then the script becomes the server itself
            "RABBITMQ_NODENAME": f"rollbook-{secrets.token_hex(4)}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(dist),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
        }
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises: TimeoutError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + START_SECONDS
        with (self._folder / "said.log").open("ab") as output:
            self._server = children.spawn(
                [str(self._programs / "rabbitmq-server")],
                farewell=signal.SIGKILL,
                output=output,
                env=self._env,
                cwd=self._folder,
            )
        while not self._takes_connections():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"RabbitMQ does not start, see {self._folder}/said.log")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it politely: what is durable is kept."""
        if self._server:
            children.end(self._server, (signal.SIGTERM, 30))

    def kill(self) -> None:
        """Kill it: what is durable and was confirmed is kept."""
        if self._server:
            children.end(self._server, (signal.SIGKILL, 10))

    def wipe(self) -> None:
        """Lose the disk of a node that does not run."""
        shutil.rmtree(self._folder / "data", ignore_errors=True)

    def reset(self) -> subprocess.Popen[bytes]:
        """Begin to empty it while it runs."""
        return self._evaluate("rabbit:stop(), rabbit_mnesia:reset(), rabbit:start().")

    def alarm(self, seconds: float) -> subprocess.Popen[bytes]:
        """Let it believe for a while that its memory is full: it blocks who publishes alone."""
        return self._evaluate(
            "vm_memory_monitor:set_vm_memory_high_watermark(0.00001), "
            f"timer:sleep({int(seconds * 1000)}), "
            "vm_memory_monitor:set_vm_memory_high_watermark(0.6)."
        )

    def end(self) -> None:
        """Kill it and its port mapper."""
        self.kill()
        mapper = shutil.which("epmd")
        if mapper:
            subprocess.run([mapper, "-kill"], env=self._env, capture_output=True, check=False)

    def _takes_connections(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
            return True
        return False

    def _evaluate(self, expression: str) -> subprocess.Popen[bytes]:
        # One command for all of it: each is an Erlang of its own and takes its time to start.
        with (self._folder / "control.log").open("ab") as output:
            return children.spawn(
                [str(self._programs / "rabbitmqctl"), "eval", expression],
                farewell=signal.SIGKILL,
                output=output,
                env=self._env,
                cwd=self._folder,
            )


@contextmanager
def running(folder: Path) -> Iterator[Node]:
    """Run a node until the block ends."""
    node = Node(folder)
    try:
        node.start()
        yield node
    finally:
        node.end()


def _programs() -> Path | None:
    return next((place for place in PLACES if (place / "rabbitmq-server").exists()), None)
