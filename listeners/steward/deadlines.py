"""What comes of a request when nobody answers: it is given to others too, and ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import HumanRequest
from officeflow.people import due, requests


class Deadlines:
    """Each method may be called from one thread; each request is seen to in a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def escalate(self) -> int:
        """Ask those, too, to whom it escalates. They get their mail as everybody does."""
        return self._each(due.to_escalate, requests.escalate)

    def expire(self) -> int:
        """End what is past its deadline; Airflow is told of it as of an answer, where it did not see to it
        itself.
        """
        return self._each(due.to_expire, requests.expire)

    def _each(
        self, which: Callable[[Session, datetime], Sequence[HumanRequest]], act: Callable[..., Any]
    ) -> int:
        now = self._clock.now()
        with self._database.service() as session:
            found = [(each.org_id, each.request_id) for each in which(session, now)]
        for org_id, request_id in found:
            with self._database.tenant(org_id) as session:
                act(session, requests.locked(session, request_id), now=now)
        return len(found)
