"""Which of a process's duties fail, by its health file.

While `up` restarts Airflow the steward's duties cannot reach it. That is over when everything is up, and told
no more: a duty counts as failing again once it has failed in a turn that began after that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

TURN_SECONDS = 60.0
"""After so long every duty that failed has had its next turn; one that has not hangs."""


def failing(
    health: Mapping[str, Any], state: Mapping[str, Any], *, now: dt.datetime | None = None
) -> dict[str, str]:
    """What each duty failed with, by its name.

    `state` is what the last start of the stack noted; empty where there is none.
    """
    told: Mapping[str, str] = health.get("failing") or {}
    tried: Mapping[str, str] = health.get("tried") or {}
    ready = state.get("ready")
    if not ready:
        return dict(told)
    up_since = dt.datetime.fromisoformat(ready)
    if ((now or dt.datetime.now(dt.UTC)) - up_since).total_seconds() > TURN_SECONDS:
        return dict(told)
    return {
        duty: why
        for duty, why in told.items()
        if duty not in tried or dt.datetime.fromisoformat(tried[duty]) >= up_since
    }
