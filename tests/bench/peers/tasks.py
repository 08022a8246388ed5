"""A celery app with a job that does nothing: `... tasks COUNT` sends some and prints the seconds.

Shape: BENCH_AMQP, BENCH_QUEUE; BENCH_CONFIRM: wait for the broker's word on each message.
"""

import os
import sys
import time

from celery import Celery

from tests.bench.marks import mark

app = Celery("bench", broker=os.environ["BENCH_AMQP"])
app.conf.update(
    task_ignore_result=True,
    task_default_queue=os.environ["BENCH_QUEUE"],
    task_acks_late=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options=({"confirm_publish": True} if os.environ.get("BENCH_CONFIRM") else {}),
    worker_hijack_root_logger=False,
)


@app.task(name="bench.nothing")
def nothing() -> None:
    """Do nothing."""
    mark()


if __name__ == "__main__":
    nothing.delay()
    began = time.perf_counter()
    for _ in range(int(sys.argv[1])):
        nothing.delay()
    sys.stdout.write(f"{time.perf_counter() - began}\n")
