"""How gunicorn serves the web process: `gunicorn -c deploy/gunicorn.conf.py`, from any folder.

Imports nothing of ours: the name `workers` is a setting here.
"""

import logging
import os
import shutil
import tempfile
import traceback
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import multiprocess, values

chdir = str(Path(__file__).resolve().parents[1])
wsgi_app = "web.wsgi:app"

# Not used under rollbook-web.socket, which listens for us and goes on while we are restarted.
bind = os.environ.get("ROLLBOOK_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("ROLLBOOK_WEB_WORKERS", "2"))
threads = int(os.environ.get("ROLLBOOK_WEB_THREADS", "8"))

# No statement of a tenant runs longer than 15 s; a process that says nothing for longer is stuck.
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 5000  # a leak never lives long, and the processes do not end together
max_requests_jitter = 500

reload = False
preload_app = False  # each process opens its own connections
control_socket_disable = True  # by default a socket in the home folder, where two servers collide
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # the heartbeat, not on a disk

# Our own log line per request carries no query string and no cookie; gunicorn's would.
accesslog = None
errorlog = "-"


def _json_line(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Keep what a request held out of the log: no values, and no exception's own text."""
    record: logging.LogRecord = event["_record"]
    error = event.pop("exc_info", None)
    event.pop("exc_text", None)
    only_numbers = isinstance(record.args, tuple) and all(isinstance(a, int) for a in record.args)
    if record.levelno >= logging.WARNING and not only_numbers:
        event["event"] = str(record.msg)  # the unfilled template
    event["event"] = str(event["event"]).partition(" from ip=")[0]
    if isinstance(record.msg, BaseException):
        event["event"] = type(record.msg).__name__
    if error and error[1] is not None:
        event["error_class"] = type(error[1]).__name__
        if str(record.msg).startswith("Exception in worker process"):  # it does not even start
            event["trace"] = "".join(traceback.format_exception(error[1]))
    return event


_ON_STANDARD_ERROR = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            "processors": [
                _json_line,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},  # libraries
    "loggers": {"gunicorn.error": _ON_STANDARD_ERROR, "gunicorn.access": _ON_STANDARD_ERROR},
}

# Each process counts in files of its own, in a folder that no other server shares; whichever is
# asked adds them up. A process is known by its place, not by its pid: the one that takes a dead
# one's place goes on with its counters, so there are never more files than places.
_OURS = "rollbook-metrics-"
_COUNTERS = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""))
_own = f"{_OURS}{os.getpid()}-"
_is_of_another_master = _COUNTERS.name.startswith(_OURS) and not _COUNTERS.name.startswith(_own)
if not _COUNTERS.name or _is_of_another_master:
    _COUNTERS = Path(tempfile.mkdtemp(prefix=_own))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_COUNTERS)


def on_starting(server: Any) -> None:
    """Count from nought."""
    _COUNTERS.mkdir(parents=True, exist_ok=True)
    for left in _COUNTERS.glob("*.db"):
        left.unlink()


def pre_fork(server: Any, worker: Any) -> None:
    """Give the new process the first free place."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in range(len(taken) + 1) if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Count in the files of this process's place; ours are not imported yet."""
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
        lambda: worker.place
    )


def child_exit(server: Any, worker: Any) -> None:
    """Forget what was only true while the process lived."""
    multiprocess.mark_process_dead(worker.place)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave no files behind."""
    if _COUNTERS.name.startswith(_own):
        shutil.rmtree(_COUNTERS, ignore_errors=True)
