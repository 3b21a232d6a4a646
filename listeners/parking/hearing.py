"""Whom the notifications of our database name is put back at once."""

from __future__ import annotations

import queue
import threading
import uuid

import structlog
from sqlalchemy import select

from listeners.parking.parking import Parking
from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun

WAIT_SECONDS = 0.5
MOST_AT_ONCE = 500

log = structlog.get_logger(__name__)


class Hearing:
    """`heard` takes what is notified; `act` is the duty that puts the runs back. What is not heard is found
    by `Parking.look`.
    """

    def __init__(self, database: Database, parking: Parking, *, stop: threading.Event) -> None:
        self._database = database
        self._parking = parking
        self._stop = stop
        self._runs: queue.SimpleQueue[uuid.UUID] = queue.SimpleQueue()

    def heard(self, payload: str | None) -> None:
        """`payload` is a run's UUID; anything else tells nothing."""
        if not payload:
            return
        try:
            self._runs.put(uuid.UUID(payload))
        except ValueError:
            log.warning("a notification names no run", payload=payload[:100])

    def act(self) -> int:
        """Wait a moment for runs, and put back those that were named; returns how many were parked."""
        try:
            named = {self._runs.get(timeout=WAIT_SECONDS)}
        except queue.Empty:
            return 0
        while len(named) < MOST_AT_ONCE and not self._runs.empty():
            named.add(self._runs.get())
        with self._database.service() as session:
            query = select(WorkflowRun.dag_id, WorkflowRun.dag_run_id).where(WorkflowRun.run_id.in_(named))
            found = [(row.dag_id, row.dag_run_id) for row in session.execute(query)]
        return self._parking.wake(found) if found else 0
