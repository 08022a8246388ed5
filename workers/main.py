"""What the dramatiq command loads in server mode: `dramatiq workers.main [-Q now ...]`."""

from dramatiq import Broker, Middleware, Worker

from shared.config import settings
from workers import logs
from workers.endpoint import Endpoint
from workers.wiring import make_broker


class Told(Middleware):
    """Tells about this process while its worker runs."""

    def __init__(self) -> None:
        self._endpoint: Endpoint | None = None

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Begin to listen, if a setting says where."""
        self._endpoint = Endpoint()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Be no longer ready: what runs may still take its time."""
        if self._endpoint:
            self._endpoint.close()


logs.configure()
if settings().is_embedded:
    raise SystemExit(
        "ROLLBOOK_BROKER_URL is stub://, a broker inside one process: "
        "run `python -m workers.run all`, or set it to amqp://..."
    )
BROKER = make_broker()
BROKER.add_middleware(Told())
