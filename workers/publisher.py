"""Publish many messages and wait once, for the broker's word on all of them.

pika's blocking channel waits after each message, half a millisecond of both sides' work. The
channel below it does not: it tells of each confirmation as it comes.
"""

from collections.abc import Sequence
from typing import Any

import pika
from dramatiq import Message
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from pika import spec
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError, AMQPConnectionError, NackError, UnroutableError

PERSISTENT = pika.BasicProperties(delivery_mode=spec.PERSISTENT_DELIVERY_MODE)
TRIES = 3


class Publisher:
    """A channel of its own on the broker's connection; a lost one is opened anew."""

    def __init__(self, broker: RabbitmqBroker) -> None:
        self._broker = broker
        self._channel: BlockingChannel | None = None
        self._sent = 0  # what the broker counts, too
        self._unconfirmed: set[int] = set()
        self._refused = False
        self._unrouted: set[str] = set()

    def publish(self, messages: Sequence[Message[Any]]) -> None:
        """Publish all and wait until the broker has them; again with what may have been lost.

        Raises: AMQPError or ConnectionClosed; some messages may be there, some twice.
        """
        for left in reversed(range(TRIES)):
            try:
                self._publish(messages)
            except (AMQPConnectionError, AMQPChannelError):
                self._channel = None
                del self._broker.connection
                if not left:
                    raise
            else:
                return

    def _publish(self, messages: Sequence[Message[Any]]) -> None:
        for queue in {message.queue_name for message in messages}:
            self._broker.declare_queue(queue, ensure=True)
        channel = self._opened()
        for message in messages:
            self._sent += 1
            self._unconfirmed.add(self._sent)
            channel._impl.basic_publish(
                exchange="",
                routing_key=message.queue_name,
                body=message.encode(),
                properties=PERSISTENT,
                mandatory=True,
            )
        channel._flush_output(lambda: not self._unconfirmed)
        if self._unrouted:
            self._broker.queues_pending |= self._unrouted  # to be declared again
            raise UnroutableError([])
        if self._refused:
            raise NackError([])

    def _opened(self) -> BlockingChannel:
        if self._channel is not None and self._channel.is_open:
            return self._channel
        self._channel = channel = self._broker.connection.channel()
        self._sent, self._refused = 0, False
        self._unconfirmed.clear()
        self._unrouted.clear()
        channel._impl.add_on_return_callback(self._returned)
        channel._impl.confirm_delivery(self._told)  # its answer comes before the first message's
        return channel

    def _told(self, frame: Any) -> None:
        self._refused |= isinstance(frame.method, spec.Basic.Nack)
        tag = frame.method.delivery_tag
        if frame.method.multiple:
            self._unconfirmed = {sent for sent in self._unconfirmed if sent > tag}
        else:
            self._unconfirmed.discard(tag)

    def _returned(self, _channel: Any, method: Any, _properties: Any, _body: bytes) -> None:
        self._unrouted.add(method.routing_key)
