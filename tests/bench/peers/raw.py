"""pika without anything above it: `... raw hear` takes messages, `... raw COUNT` sends some.

Shape: BENCH_AMQP, BENCH_QUEUE; BENCH_CONFIRM: wait for the broker's word on each message.
"""

import os
import sys
import time
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from tests.bench.marks import mark

QUEUE = os.environ["BENCH_QUEUE"]
PERSISTENT = pika.BasicProperties(delivery_mode=2)


def opened() -> BlockingChannel:
    """Open a channel to the queue."""
    channel = pika.BlockingConnection(pika.URLParameters(os.environ["BENCH_AMQP"])).channel()
    channel.queue_declare(QUEUE, durable=True)
    return channel


def hear() -> None:
    """Take messages until ended."""

    def one(channel: Any, method: Any, _properties: Any, _body: bytes) -> None:
        mark()
        channel.basic_ack(method.delivery_tag)

    channel = opened()
    channel.basic_qos(prefetch_count=32)
    channel.basic_consume(QUEUE, one)
    channel.start_consuming()


def send(count: int) -> float:
    """Send messages and give the seconds."""
    channel = opened()
    if os.environ.get("BENCH_CONFIRM"):
        channel.confirm_delivery()
    channel.basic_publish("", QUEUE, b"12345678", PERSISTENT)
    began = time.perf_counter()
    for _ in range(count):
        channel.basic_publish("", QUEUE, b"12345678", PERSISTENT)
    took = time.perf_counter() - began
    channel.connection.close()
    return took


if __name__ == "__main__":
    if sys.argv[1] == "hear":
        hear()
    else:
        sys.stdout.write(f"{send(int(sys.argv[1]))}\n")
