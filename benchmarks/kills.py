"""`kill -9`, in turn: of the stack's own processes, and of workers while they hold an answer that nobody has
recorded yet.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from benchmarks.measure import NotFinished, wait_for
from officeflow.airflow_api.client import AirflowApi
from officeflow.stack.supervision.states import ProcessState
from officeflow.stack.supervision.supervisor import Supervisor

OURS_AND_AIRFLOWS = (
    "listener",
    "steward",
    "airflow-api",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
)
ACTING, UNDOING, ITS_WORKER, SCHEDULER_ITSELF = (
    "process that acts",
    "process that takes back",
    "worker whose process acts",
    "scheduler under its watchdog",
)
PARKING, ANSWERING = "steward that parks", "api-server that takes an answer"
SERVICES = {
    SCHEDULER_ITSELF: "airflow-scheduler",
    PARKING: "steward",
    ANSWERING: "airflow-api",
}
UNDOING_WRITES = frozenset({("scim", "PATCH")})
"""Writes of no act but one that takes another back: an account is suspended."""

BACK_SECONDS = 400.0
ACT_SECONDS = 45.0
"""How long at most until somebody acts; where nobody does, the turn goes on."""

SYSTEM_SECONDS = 10.0
"""How long at most until somebody acts at the one system that is next; then any will do."""

HOLD_SECONDS = 0.05
"""How long every answer to a write is held, so that whatever is killed meets some that are not recorded."""


def process_of(port: int) -> psutil.Process | None:
    """The process at the client's end of a connection from this port."""
    for connection in psutil.net_connections("tcp4"):
        if (
            connection.laddr
            and connection.laddr.port == port
            and connection.pid
            and connection.pid != os.getpid()
        ):
            return psutil.Process(connection.pid)
    return None


@dataclass
class ActKiller:
    """Kills in the middle of an act, where it was told to, at one of the `systems` after the other.

    `on_answer` is what the held wire of each system calls.
    """

    systems: Sequence[str]
    killed: Counter[str] = field(default_factory=Counter)
    at: Counter[str] = field(default_factory=Counter)
    """How often at which system."""
    _wanted: str = ""
    _anywhere_from: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on_answer(self, system: str, port: int, method: str) -> None:
        with self._lock:
            if self._wanted and self._is_next(system, method) and self._kill(self._wanted, port):
                if self._wanted != UNDOING:
                    self.at[system] += 1
                self._wanted = ""
        time.sleep(HOLD_SECONDS)

    def _is_next(self, system: str, method: str) -> bool:
        if self._wanted == UNDOING or (system, method) in UNDOING_WRITES:
            return self._wanted == UNDOING and (system, method) in UNDOING_WRITES
        return (
            system == min(self.systems, key=lambda each: self.at[each])
            or time.monotonic() > self._anywhere_from
        )

    def kill_next(self, which: str) -> bool:
        """Kill at the next answer to a write; False where there was none in time."""
        before = self.killed[which]
        with self._lock:
            self._wanted, self._anywhere_from = which, time.monotonic() + SYSTEM_SECONDS
        try:
            return wait_for(
                lambda: self.killed[which] > before, what=f"a {which}", seconds=ACT_SECONDS, pause=0.1
            )
        except NotFinished:
            with self._lock:
                self._wanted = ""
            return False

    def _kill(self, which: str, port: int) -> bool:
        try:
            process = process_of(port)
            victim = process.parent() if process and which == ITS_WORKER else process
            if victim is None:
                return False
            victim.kill()
        except psutil.NoSuchProcess:
            return False
        self.killed[which] += 1
        return True


@dataclass
class Killer:
    """Kills one after the other, each when the one before is back."""

    supervisor: Supervisor
    api: AirflowApi
    acts: ActKiller
    tell: Callable[[str], None]
    moments: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """Of `PARKING` and `ANSWERING`: waits until it is that moment; False where it did not come in time."""

    undoing: bool = False
    """Whether there is something that is taken back."""

    def in_turn(self, services: Sequence[str], *, going_on: Callable[[], bool]) -> None:
        """One whole turn, and more of them while `going_on`."""
        whole = False
        while not whole or going_on():
            for victim in self._turn(services):
                if whole and not going_on():
                    return
                self._kill(victim)
            whole = True

    def _turn(self, services: Sequence[str]) -> Iterator[str]:
        for service in services:
            yield ACTING
            yield service
            if self.undoing:
                yield UNDOING
        yield from self.moments
        yield SCHEDULER_ITSELF
        yield ACTING
        yield ITS_WORKER

    def _kill(self, victim: str) -> None:
        begun = time.monotonic()
        killed = (
            self._kill_acting(victim)
            if victim in {ACTING, UNDOING, ITS_WORKER}
            else self._kill_service(victim, SERVICES.get(victim, victim))
        )
        said = f"killed the {victim}; went on" if killed else f"no {victim} to kill; went on"
        self.tell(f"{said} after {time.monotonic() - begun:.0f} s")

    def _kill_acting(self, victim: str) -> bool:
        before = self._pid("airflow-scheduler")
        if not self.acts.kill_next(victim):
            return False
        if victim == ITS_WORKER:
            self._wait("airflow-scheduler", before, patience=10)
        return True

    def _kill_service(self, victim: str, service: str) -> bool:
        before = self._pid(service)
        target = psutil.Process(before).children()[0].pid if victim == SCHEDULER_ITSELF else before
        if victim in self.moments and not self.moments[victim]():
            return False
        os.kill(target, signal.SIGKILL)
        self.acts.killed[victim] += 1
        self._wait(service, before)
        return True

    def _pid(self, service: str) -> int:
        """Of the service, once it runs."""

        def running() -> int:
            state = self.supervisor.states()[service]
            return int(state["pid"]) if state["statename"] == ProcessState.RUNNING else 0

        return wait_for(running, what=f"{service} to run", seconds=BACK_SECONDS)

    def _wait(self, service: str, before: int, *, patience: float | None = None) -> None:
        """Until another process took its place; with `patience` it need not: a Celery worker replaces its
        children by itself.
        """
        try:
            wait_for(
                lambda: self._pid(service) != before,
                what=f"{service} to come back",
                seconds=patience or BACK_SECONDS,
            )
        except NotFinished:
            if patience is None:
                raise
        if service == "airflow-api":
            wait_for(self.api.health, what="Airflow's API to answer", seconds=BACK_SECONDS)
