"""The warm door: nodes run in a process that is there already, instead of one that Airflow makes anew for
every task.

    [sdk] coordinators = {"warm": {
        "classpath": "coordinators.node_coordinator.NodeCoordinator", "kwargs": {"heartbeat": 3}}}
    [sdk] queue_to_coordinator = {"nodes": "warm"}

Airflow calls `execute_task` in the worker of any executor. What it would do by forking, importing and parsing
is done here by one lookup: enter the running state, run the node (`officeflow.worker`), report how it ended.
Tasks of other bundles go Airflow's ordinary way, but for that of the DAG `officeflow_inquiries`: somebody
waits for it. It gets connections as they are now.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
import structlog
from airflow.sdk.api.client import ServerResponseError
from airflow.sdk.execution_time.coordinator import BaseCoordinator

from coordinators.connections import ConnectionDesk
from coordinators.lossy import LossyLog
from coordinators.metrics import measured
from coordinators.node_process import Crashed, Kept
from coordinators.ordinary import OrdinaryCoordinator
from coordinators.reports import Report
from coordinators.slot import Slot, is_wanted, taken
from coordinators.task_logs import own_log, uploaded
from officeflow.ids import BUNDLE, INQUIRIES
from officeflow.worker.messages import Ended, Line, Order, Outcome, Wanted
from officeflow.workflows.undoing import UNDO
from operators.loops import most_rounds

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client
    from airflow.sdk.api.datamodels._generated import TaskInstance, TIRunContext

KEEP_HEARTBEATS = 3

TAKEN = "taken away"
"""What `_Task.run` calls a task that is not the worker's any more."""

log = structlog.get_logger(__name__)

TAKEN_AWAY = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE})
"""What Airflow answers a task that was marked (409), cleared (410) or removed (404) meanwhile."""


class NodeCoordinator(BaseCoordinator):
    """One for a worker process.

    `heartbeat` is in seconds; so is `connection_age`, for which a changed connection may still be used as it
    was before. `bundle` is the name of the bundle whose tasks are nodes.
    """

    def __init__(self, heartbeat: float = 3.0, connection_age: float = 5.0, bundle: str = BUNDLE) -> None:
        self._heartbeat = heartbeat
        self._bundle = bundle
        self._process = Kept()
        self._connections = ConnectionDesk(connection_age)

    def execute_task(
        self, *, what: TaskInstance, bundle_info: Any, client: Client, logger: Any = None, **others: Any
    ) -> Any:
        """Run the task instance to its end, and then those that its slot is handed on to.

        Airflow has been told of all of them when this returns; what is returned is the first one's.
        """
        looks = what.dag_id == INQUIRIES
        if bundle_info.name != self._bundle and not looks:
            return OrdinaryCoordinator().execute_task(
                what=what, bundle_info=bundle_info, client=client, logger=logger, **others
            )
        context = client.task_instances.start(what.id, os.getpid(), dt.datetime.now(dt.UTC))
        with _to_its_end() as told_to_end:
            slot = Slot(
                client,
                getattr(what, "priority_weight", 1),
                may_go_on=lambda: not looks and is_wanted() and not told_to_end.is_set(),
            )
            version = None if looks else bundle_info.version
            desk = ConnectionDesk(0) if looks else self._connections
            try:
                task = _Task(what, context, client, slot, logger=logger, connections=desk)
                state = task.run(self._process, version, self._heartbeat)
            finally:
                self._go_on(slot, what, context, client, version)
        return self.ExecutionResult(0 if state != "failed" else 1, state)

    def _go_on(
        self, slot: Slot, what: TaskInstance, context: TIRunContext, client: Client, version: str | None
    ) -> None:
        """Run what the slot is handed on to. Airflow's executor knows nothing of these tasks: one that cannot
        be reported is missed by its heartbeats.
        """
        while (successor := slot.take()) is not None:
            before = what.task_id
            try:
                what, context = taken(successor, what, context)
                with own_log(successor.log_path, client) as logger:
                    LossyLog(logger).info(f"taken over from {before} with its slot, without waiting for one")
                    task = _Task(what, context, client, slot, logger=logger, connections=self._connections)
                    task.run(self._process, version, self._heartbeat)
            except Exception:
                log.exception("the end of a task is not reported", task_instance=str(what.id))


class _Task:
    """One task instance, from the running state to its report."""

    def __init__(
        self,
        what: TaskInstance,
        context: TIRunContext,
        client: Client,
        slot: Slot,
        *,
        logger: Any,
        connections: ConnectionDesk,
    ) -> None:
        self._what = what
        self._client = client
        self._logger = logger
        self._log = LossyLog(logger or structlog.get_logger("task"))
        self._context = context
        self._connections = connections
        self._report = Report(what, context, client, self._log, slot)

    def run(self, process: Kept, version: str | None, heartbeat: float) -> str:
        """The task's state in the end, in Airflow's words."""
        with uploaded(self._logger, self._what, self._client), measured(self._what) as found:
            state = self._run(process, version, heartbeat)
            found.state = state if state != TAKEN else ""
        return state

    def _run(self, process: Kept, version: str | None, heartbeat: float) -> str:
        self._report.clear_xcoms()
        order = self._order(version)
        try:
            outcome = self._outcome(process, order, heartbeat)
        except Crashed as crash:
            code, why = _told(crash)
            self._keep(process, Ended(order=order, code=code, message=why), heartbeat)
            return self._report.crashed(why)
        except _TakenAway as reason:
            process.kill()
            self._log.warning(f"the task was {reason} while its node ran; the node was stopped")
            return TAKEN
        except BaseException:
            process.kill()  # its next order would get this one's answer
            raise
        try:
            return self._report.ended(outcome.result)
        except ServerResponseError as error:
            if error.response.status_code not in TAKEN_AWAY:
                raise
            self._log.warning(
                "the node has ended, but its task was marked or cleared meanwhile; what it did is in the"
                " ledger"
            )
            return TAKEN

    def _order(self, version: str | None) -> Order:
        what, run = self._what, self._context.dag_run
        return Order(
            dag_id=what.dag_id,
            dag_run_id=what.run_id,
            task_id=what.task_id,
            map_index=-1 if what.map_index is None else what.map_index,
            try_number=what.try_number,
            max_tries=self._context.max_tries,
            revision=int(version[1:]) if version else None,
            conf=run.conf or {},
            started_by=run.triggering_user_name or "",
            carrier={name: str(value) for name, value in (what.context_carrier or {}).items()},
            answer=self._report.answer(),
            verdict=self._report.verdict() if what.task_id == UNDO else "",
            most_rounds=most_rounds(),
        )

    def _outcome(self, process: Kept, order: Order, heartbeat: float) -> Outcome:
        """Have the order done, and see to what the process wants meanwhile.

        Raises `Crashed` or `_TakenAway`.
        """
        process.begin(order)
        due = time.monotonic() + heartbeat
        while True:
            message = process.receive(max(0.0, due - time.monotonic()), self._print)
            if time.monotonic() >= due:
                self._beat()
                due = time.monotonic() + heartbeat
            match message:
                case Line():
                    self._log.log(message.level, message.text, logger=message.logger, **_values(message))
                case Wanted():
                    process.answer(self._connections.give(message.connection_id, self._client))
                case Outcome():
                    process.finished(message.retire)
                    return message

    def _keep(self, process: Kept, ended: Ended, seconds: float) -> None:
        """Let a new process keep why the last one ended.

        It is given a few heartbeats of time: the task's end does not hang on it.
        """
        due = time.monotonic() + KEEP_HEARTBEATS * seconds
        try:
            process.begin(ended)
            while time.monotonic() < due:
                message = process.receive(due - time.monotonic(), self._print)
                if isinstance(message, Line):
                    self._log.log(message.level, message.text, logger=message.logger, **_values(message))
                if isinstance(message, Outcome):
                    process.finished(message.retire)
                    return
        except (Crashed, OSError) as error:
            self._log.warning(f"why the process ended is in this log alone: {type(error).__name__} {error}")
            return
        process.kill()

    def _print(self, line: str) -> None:
        """What the node printed; Airflow masks what is secret in it."""
        self._log.info(line, logger="task.stdout")

    def _beat(self) -> None:
        try:
            self._client.task_instances.heartbeat(self._what.id, pid=os.getpid())
        except ServerResponseError as error:
            if error.response.status_code in TAKEN_AWAY:
                raise _TakenAway(_reason(error)) from error
            self._log.warning(f"Airflow refused a heartbeat with {error.response.status_code}")
        except httpx.RequestError as error:
            # The client has tried for minutes; the node goes on, and its end is told again and again too.
            self._log.warning(f"Airflow did not take a heartbeat: {type(error).__name__}")


@contextlib.contextmanager
def _to_its_end() -> Iterator[threading.Event]:
    """A worker that is told to end (SIGTERM) while a node runs ends afterwards: its executor waits for it,
    and tells it again. The event is set from then on.
    """
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


class _TakenAway(Exception):
    """The task is not ours any more. It says why, as far as Airflow does."""


def _reason(error: ServerResponseError) -> str:
    answers = {HTTPStatus.CONFLICT: "marked", HTTPStatus.GONE: "cleared", HTTPStatus.NOT_FOUND: "removed"}
    return answers[HTTPStatus(error.response.status_code)]


def _values(line: Line) -> dict[str, Any]:
    taken = {"event", "level", "logger", "timestamp"}  # words that the log itself uses
    return {f"{name}_" if name in taken else name: value for name, value in line.values.items()}


def _told(crash: Crashed) -> tuple[str, str]:
    """A code for it, and words."""
    if crash.status == -signal.SIGALRM:
        return "timed_out", "the node took longer than its timeoutMs and was stopped"
    if crash.status < 0:
        name = signal.Signals(-crash.status).name
        why = "; the machine may have been out of memory" if -crash.status == signal.SIGKILL else ""
        return "crashed", f"the node's process was killed by {name}{why}"
    return "crashed", f"the node's process ended with status {crash.status}"
