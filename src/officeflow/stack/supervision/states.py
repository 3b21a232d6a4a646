"""supervisord's own words for what a service is at."""

from __future__ import annotations

from enum import StrEnum


class ProcessState(StrEnum):
    """BACKOFF: it ended while it started, and is tried again. FATAL: it did so too often.

    EXITED: it ended after it had run.
    """

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    BACKOFF = "BACKOFF"
    STOPPING = "STOPPING"
    EXITED = "EXITED"
    FATAL = "FATAL"
    UNKNOWN = "UNKNOWN"
