"""Celery's workers, as seen from outside."""

from __future__ import annotations

PING_SECONDS = 2.0


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
