"""The keys of cookies and guests' links: the present one signs, a former one is still read."""

from flask import current_app

from shared.config import Settings


def former_keys(settings: Settings) -> list[str]:
    """List the keys that are read but sign nothing any more."""
    return [settings.former_secret_key] if settings.former_secret_key else []


def keys() -> list[str]:
    """List the keys as itsdangerous wants them: the oldest first, the last one signs."""
    return [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
