"""How gunicorn serves the web process: `gunicorn -c deploy/gunicorn.conf.py`, from any folder.

Imports nothing of ours: the name `workers` is a setting here.
"""

import os
from pathlib import Path

chdir = str(Path(__file__).resolve().parents[1])
wsgi_app = "web.wsgi:app"

bind = os.environ.get("ROLLBOOK_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("ROLLBOOK_WEB_WORKERS", "2"))
threads = int(os.environ.get("ROLLBOOK_WEB_THREADS", "8"))

# A request has a deadline of 25 s of its own; a process that says nothing for longer is stuck.
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
