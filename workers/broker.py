"""The bell: RabbitMQ, or dramatiq's in-process broker in the embedded default.

A message holds a job's id and its tenant's opaque name, nothing else. One dramatiq actor per
queue looks the work up in the row, so that a worker that does not know a kind loses nothing.
Build a broker after every fork, never in the web.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from uuid import UUID

import dramatiq
import pika.exceptions
import structlog
from dramatiq import Broker, Message, Middleware, Worker
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import ConnectionClosed

from shared.config import Settings
from workers import leases
from workers.limits import LIMITS
from workers.loop import BrokerAway, Loop
from workers.publisher import Publisher

OUTSIDE = ("mail", "texts", "hooks")  # each may hang for as long as its server likes
QUEUES = ("now", "reports", "bulk", *OUTSIDE)
GRACE_SECONDS = 10.0  # what runs at a stop may take this long before it is interrupted

# Each stands in the URL unless the operator wrote another there. A connection that is open and dead
# is noticed after 10 to 20 seconds (pika looks every heartbeat and 5 s); until then its dispatcher
# rings for nobody.
_URL_DEFAULTS = {
    "heartbeat": "5",
    "blocked_connection_timeout": "15",
    "socket_timeout": "5",
    "connection_attempts": "3",
    "retry_delay": "0.5",
}

log = structlog.get_logger(__name__)


class WorkerLife(Middleware):
    """What a worker process starts and stops besides its threads."""

    def __init__(self) -> None:
        self._heartbeat: Loop | None = None
        self._workers: set[Worker] = set()

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Take no more than can be run at once: what waits here is not rung elsewhere."""
        worker.queue_prefetch = worker.worker_threads
        worker.delay_prefetch = 1  # we send nothing with a delay

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Keep the leases alive; one beat for all workers of this process."""
        self._workers.add(worker)
        if self._heartbeat is None:
            self._heartbeat = leases.heartbeat()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Let short jobs end, interrupt long ones."""
        LIMITS.close(grace_seconds=GRACE_SECONDS)

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Stop renewing with the last one; nobody is hastened any more then."""
        self._workers.discard(worker)
        if self._workers:
            return
        LIMITS.reopen()
        if self._heartbeat:
            self._heartbeat.stop()
            self._heartbeat = None


def build(settings: Settings, *, answer: Callable[..., None]) -> Broker:
    """Build the broker with its queues; `answer` gets each message's fields as keywords.

    No AgeLimit, Callbacks, Pipelines, Results or Retries: a message is a bell, the row remembers.
    A failed actor is therefore acknowledged like any other.
    """
    middleware: list[Middleware] = [WorkerLife()]
    broker: Broker
    if settings.is_embedded:
        broker = StubBroker(middleware=middleware)
    else:
        urls = [_with_defaults(url) for url in settings.broker_url.split(";")]
        broker = RabbitmqBroker(url=urls, confirm_delivery=True, middleware=middleware)
    prefix = queue_prefix(settings)
    for queue in QUEUES:
        declare = dramatiq.actor(
            broker=broker, queue_name=prefix + queue, actor_name=f"answer_{queue}"
        )
        declare(answer)
    return broker


def queue_prefix(settings: Settings) -> str:
    """Read what the queues' names begin with, from `?queue_prefix=` in the broker's URL."""
    first = urlsplit(settings.broker_url.split(";")[0])
    return dict(parse_qsl(first.query)).get("queue_prefix", "")


@dataclass(frozen=True, slots=True)
class Toll:
    """One ring of the bell: whose job waits in which queue."""

    queue: str
    job: UUID
    tenant: str


class Bell:
    """Rings for jobs, from the thread that owns it."""

    def __init__(self, broker: Broker, settings: Settings) -> None:
        self._broker = broker
        self._prefix = queue_prefix(settings)
        self._publisher = Publisher(broker) if isinstance(broker, RabbitmqBroker) else None

    def ring(self, tolls: Sequence[Toll]) -> None:
        """Send a message for each and wait until the broker has them all.

        Raises: BrokerAway; some of them may have been heard.
        """
        messages = [self._message(toll) for toll in tolls]
        if self._publisher is None:
            for message in messages:
                self._broker.enqueue(message)
            return
        try:
            self._publisher.publish(messages)
        except (ConnectionClosed, pika.exceptions.AMQPError) as error:
            raise BrokerAway from error

    def keep_alive(self) -> None:
        """Answer the broker's heartbeats: pika does so only while it is called.

        Raises: BrokerAway; the next call connects anew.
        """
        if not isinstance(self._broker, RabbitmqBroker):
            return
        try:
            self._broker.connection.process_data_events(time_limit=0)
        except (ConnectionClosed, pika.exceptions.AMQPError) as error:
            del self._broker.connection
            raise BrokerAway from error

    def _message(self, toll: Toll) -> Message[Any]:
        return Message(
            queue_name=self._prefix + toll.queue,
            actor_name=f"answer_{toll.queue}",
            args=(),
            kwargs={"job": str(toll.job), "tenant": toll.tenant},
            options={},
        )


def _with_defaults(url: str) -> str:
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    given.pop("queue_prefix", None)
    query = urlencode({**_URL_DEFAULTS, **given}, quote_via=quote)
    return urlunsplit(parts._replace(query=query))
