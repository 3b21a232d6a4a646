"""Celery's broker and its workers, as seen from outside."""

from __future__ import annotations

from urllib.parse import urlsplit

PING_SECONDS = 2.0


def broker_url(redis_url: str) -> str:
    """The database behind the one of this URL: what Celery keeps must not meet what we keep."""
    parts = urlsplit(redis_url)
    number = int(parts.path.strip("/") or 0) + 1
    return parts._replace(path=f"/{number}").geturl()


def worker_answers(broker: str) -> bool:
    """Whether a worker hears the broker's messages and answers."""
    from celery import Celery
    from kombu.exceptions import OperationalError

    at_once = {"interval_start": 0, "interval_step": 0, "interval_max": 0}
    options = {
        "max_retries": 1,
        "socket_connect_timeout": PING_SECONDS,
        "socket_timeout": PING_SECONDS,
        **at_once,
    }
    with Celery(broker=broker, broker_transport_options=options, set_as_current=False) as app:
        try:
            return bool(app.control.ping(timeout=PING_SECONDS, limit=1))
        except (OperationalError, OSError):
            return False
