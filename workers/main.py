"""What the dramatiq command loads in server mode: `dramatiq workers.main [-Q now ...]`."""

from shared.config import settings
from workers import logs
from workers.wiring import make_broker

logs.configure()
if settings().is_embedded:
    raise SystemExit(
        "ROLLBOOK_BROKER_URL is stub://, a broker inside one process: "
        "run `python -m workers.run all`, or set it to amqp://..."
    )
BROKER = make_broker()
