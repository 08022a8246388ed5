"""`python -m deploy.broker_definitions`: what a RabbitMQ for Rollbook holds, from the settings.

Prints definitions for `rabbitmqctl import_definitions` or `load_definitions`: the vhost and the
user that ROLLBOOK_BROKER_URL names, quorum queues by default, and the policy that loses nothing.
The password is in it as a salted hash only.
"""

import base64
import hashlib
import json
import re
import secrets
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

from shared.config import Settings, SettingsInvalid, settings
from workers.broker import QUEUES, queue_prefix

# Messages are a job's number, and the row is the truth: a full queue refuses rather than forgets,
# the dispatcher then waits; a bell that kills whoever hears it is laid aside after twenty times.
# `reject-publish` is also what at-least-once dead lettering asks for: without it, it is silently
# at-most-once. No consumer-timeout here: before 3.12 a policy with it is refused; rabbitmq.conf
# sets it.
POLICY: dict[str, Any] = {
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
    "delivery-limit": 20,
    "max-length-bytes": 2 * 2**30,
}


def definitions(read: Settings) -> dict[str, Any]:
    """Describe vhost, user, rights and policy.

    Raises: SettingsInvalid when the broker's URL names no user, password or vhost of its own.
    """
    parts = urlsplit(read.broker_url.split(";")[0])
    vhost = unquote(parts.path.removeprefix("/"))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (parts.scheme.startswith("amqp") and vhost and user and password):
        raise SettingsInvalid("ROLLBOOK_BROKER_URL must be amqp://user:password@host/vhost")
    ours = f"{re.escape(queue_prefix(read))}({'|'.join(QUEUES)})(\\.[DX]Q)?"
    return {
        "vhosts": [{"name": vhost, "metadata": {"default_queue_type": "quorum"}}],
        "users": [
            {
                "name": user,
                "password_hash": _hashed(password),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
            }
        ],
        "permissions": [
            {
                "user": user,
                "vhost": vhost,
                "configure": f"^{ours}$",
                "write": f"^(amq\\.default|{ours})$",
                "read": f"^{ours}$",
            }
        ],
        "policies": [
            {
                "vhost": vhost,
                "name": "safe",
                "pattern": ".*",
                "apply-to": "queues",
                "priority": 0,
                "definition": POLICY,
            }
        ],
    }


def main() -> int:
    """Print the definitions as JSON."""
    sys.stdout.write(json.dumps(definitions(settings()), indent=2) + "\n")
    return 0


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    sys.exit(main())
