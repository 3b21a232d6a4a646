"""The steward: duties that nobody waits for, each in a thread of its own.

    python -m listeners.steward

Several stewards may run: a duty is done by one of them at a time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select

from listeners.process import Health, main
from listeners.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import chain
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.settings import Settings
from officeflow.workflows import store as workflows

NAME = "steward"
MOST_SECONDS = 30.0
"""The longest pause after failures."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """`act` does what there is to do and returns how much that was; it may be done again at any time. It is called `every` seconds."""

    name: str
    every: float
    act: Callable[[], int]


class Steward:
    """Runs each duty until `stop` is set. A duty that fails is logged and tried again, later and later; the others do not notice."""

    def __init__(self, database: Database, duties: Sequence[Duty], *, health: Health, stop: threading.Event) -> None:
        self._database = database
        self._duties = duties
        self._health = health
        self._stop = stop
        self.failing: dict[str, str] = {}

    def run(self) -> None:
        threads = [threading.Thread(target=self._keep, args=(duty,), name=f"duty-{duty.name}") for duty in self._duties]
        for thread in threads:
            thread.start()
        while not self._stop.wait(1.0):
            self._health.beat("working", failing=dict(self.failing))
        for thread in threads:
            thread.join()

    def _keep(self, duty: Duty) -> None:
        structlog.contextvars.bind_contextvars(process=NAME, duty=duty.name)
        failures = 0
        while not self._stop.is_set():
            failures = 0 if self.once(duty) else failures + 1
            self._stop.wait(min(MOST_SECONDS, duty.every * 2 ** min(failures, 10)) if failures else duty.every)

    def once(self, duty: Duty) -> bool:
        """Do the duty unless another steward is at it. False when it failed."""
        try:
            with self._database.service() as session:
                if session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"steward:{duty.name}", 0)))):
                    done = duty.act()
                    if done:
                        log.debug("duty done", number=done)
        except Exception as error:  # noqa: BLE001 - whatever a duty does wrong, it is told, tried again, and stops no other
            if duty.name not in self.failing:
                log.warning("duty failed; it will be tried again", error=f"{type(error).__name__}: {error}")
            self.failing[duty.name] = f"{type(error).__name__}: {error}"
            return False
        if self.failing.pop(duty.name, None):
            log.info("duty works again")
        return True


def duties(database: Database, api: AirflowApi, *, audit_key: bytes) -> list[Duty]:
    watch = RunWatch(database, api, SystemClock())
    return [
        Duty("audit-chain", 0.3, lambda: chain.chain_pending(database, key=audit_key)),
        Duty("run-watch", 1.0, watch.follow),
        Duty("run-check", 30.0, watch.check),
        Duty("retire-workflows", 10.0, lambda: workflows.retire_finished(database)),
    ]


def work(settings: Settings, health: Health, stop: threading.Event) -> None:
    key = chain.key_from_settings(settings)
    database = Database.from_settings(settings)
    api = AirflowApi.from_settings(settings)
    Steward(database, duties(database, api, audit_key=key), health=health, stop=stop).run()
    api.close()
    database.dispose()


if __name__ == "__main__":
    sys.exit(main(NAME, work))
