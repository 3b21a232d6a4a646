"""A node process: takes orders from the worker that forked it and runs them one by one, its database
connections kept open in between.

It is forked from a process of Airflow's, and uses nothing of it. Whatever a node does to it (crash, memory, a
call that never ends) hits neither the worker nor other tasks.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from typing import Any

from setproctitle import setproctitle

from officeflow.connectors.connection import Connection, no_connection
from officeflow.database.engine import Database
from officeflow.errors import OfficeFlowError, StillAway, Unavailable
from officeflow.ids import INQUIRIES
from officeflow.runner import refusing
from officeflow.runner.patience import borne
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.sdk import ErrorDetails, NodeResult
from officeflow.settings import load_settings
from officeflow.worker import task_log
from officeflow.worker.cleanliness import Cleanliness
from officeflow.worker.lookup import Lookup
from officeflow.worker.messages import Ended, Given, Order, Outcome, Wanted

MOST_ORDERS = 1000
"""After so many a new process takes over: what leaks, leaks no further."""

LOOK_SECONDS = 180.0
"""For an answer to an inquiry: longer than anybody waits for one. What takes longer is compared elsewhere, by
the DAG `officeflow_comparisons`.
"""

TITLE = "officeflow node process"
"""What `ps` shows."""

AIRFLOW_SETTINGS = ("AIRFLOW__", "AIRFLOW_CONN_")
"""They hold its database's password, its keys and connections, none of which a node needs."""


class NodeProcess:
    """What runs in the process.

    `pipe` leads to the worker; lines that the process prints go to its standard output and error.
    """

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._database = Database.from_settings()
        self._lookup = Lookup(self._database)
        looks = dt.timedelta(minutes=load_settings().delay_look_minutes)
        self._services = Services(
            database=self._database, connect=self._connect, log=task_log.TaskLog(pipe), delay_look=looks
        )

    def serve(self) -> None:
        """Until the worker is gone."""
        clean = Cleanliness.now()
        for number in range(1, MOST_ORDERS + 1):
            try:
                order: Order | Ended = self._pipe.recv()
            except EOFError:
                return
            result = contextvars.copy_context().run(self._answer_to, order)
            with contextlib.suppress(
                OSError, ValueError
            ):  # nobody reads it any more, or the node has closed it
                sys.stdout.flush()
            left = clean.restore() or ("it has run enough" if number == MOST_ORDERS else "")
            try:
                self._pipe.send(Outcome(result=result, retire=left))
            except OSError:
                return
            if left:
                return

    def _answer_to(self, order: Order | Ended) -> NodeResult:
        return self._keep(order) if isinstance(order, Ended) else self._run(order)

    def _run(self, order: Order) -> NodeResult:
        if order.dag_id == INQUIRIES:
            return self._look(order)
        try:
            node_input = self._lookup.node_input(order)
        except OfficeFlowError as error:
            return self._not_begun(order, error)
        with _trace_of(order), _time_limit(node_input.timeout_ms / 1000):
            return run_node(node_input, self._services)

    def _look(self, order: Order) -> NodeResult:
        """Answer an inquiry. What is no error of ours is told without its words, which may be private."""
        from officeflow.runner.inquiring.answering import answer

        org, inquiry = str(order.conf.get("org")), str(order.conf.get("inquiry"))
        try:
            with _trace_of(order), _time_limit(LOOK_SECONDS):
                answer(self._services, org=org, inquiry=inquiry)
        except OfficeFlowError as error:
            details = ErrorDetails(code=error.code, message=error.message, hint=error.hint)
        except Exception as error:  # noqa: BLE001 - it is this order's end, and no other's
            details = ErrorDetails(code="error", message=f"the look failed: {type(error).__name__}")
        else:
            return NodeResult(status="success")
        self._services.log.error(f"{details.code}: {details.message}")
        return NodeResult(status="failed", error=details)

    def _not_begun(self, order: Order, error: OfficeFlowError) -> NodeResult:
        """Nothing was done. Where the database is away, the task looks again, and no try is used up."""
        details = ErrorDetails(code=error.code, message=error.message, hint=error.hint)
        if isinstance(error, Unavailable):
            away = borne(error, None, now=self._services.clock.now(), drawn=self._services.random())
            until = away.until if isinstance(away, StillAway) else None
            self._services.log.warning(f"{error.code}: {error}; the task looks again")
            return NodeResult(status="retry", error=details, reschedule_at=until)
        self._services.log.error(f"{error.code}: {error}")
        refusing.note(self._services, Lookup.barely(order), details)
        return NodeResult(status="failed", error=details)

    def _keep(self, ended: Ended) -> NodeResult:
        details = ErrorDetails(code=ended.code, message=ended.message, retryable=True)
        if ended.order.dag_id == INQUIRIES:  # whoever asks sees that the task has ended
            return NodeResult(status="failed", error=details)
        try:
            given = self._lookup.node_input(ended.order)
        except OfficeFlowError:
            given = Lookup.barely(ended.order)
        refusing.note(self._services, given, details)
        return NodeResult(status="failed", error=details)

    def _connect(self, connection_id: str) -> Connection:
        """The worker asks Airflow, and masks what is secret in the task's log before this process has it."""
        self._pipe.send(Wanted(connection_id))
        given: Given = self._pipe.recv()
        if given.connection is not None:
            return given.connection
        if given.not_known:
            raise no_connection(connection_id)
        raise Unavailable(f"Airflow did not give connection {connection_id}: {given.reason}")


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """The process ends by SIGALRM when it takes longer: even code that never comes back from C ends
    so.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _trace_of(order: Order) -> Iterator[None]:
    """Calls to customers' systems belong to the run's trace."""
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    token = context.attach(TraceContextTextMapPropagator().extract(dict(order.carrier)))
    try:
        yield
    finally:
        context.detach(token)


def main(pipe: Pipe, output: int) -> None:
    """The whole life of a process that was just forked; never returns.

    `output` is a file descriptor for what it prints.
    """
    status = 1
    try:
        _part_from_airflow(pipe, output)
        faulthandler.enable(sys.stderr)  # where it crashed is then in the task's log
        task_log.take_over(pipe)
        NodeProcess(pipe).serve()
        status = 0
    except BaseException as error:  # noqa: BLE001 - nothing of it may run after this
        with contextlib.suppress(OSError):
            print(f"the node process ends: {type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - its log
    finally:
        os._exit(status)


def _part_from_airflow(pipe: Pipe, output: int) -> None:
    """Keep three descriptors and the pipe.

    The worker tells this process to end, not signals meant for Airflow's.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    for name in [name for name in os.environ if name.startswith(AIRFLOW_SETTINGS)]:
        del os.environ[name]
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    keep = pipe.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdin, sys.stdout, sys.stderr = (
        open(0),  # noqa: SIM115 - they live as long as the process
        _text(1),
        _text(2),
    )
    setproctitle(TITLE)


def _text(descriptor: int) -> Any:
    return os.fdopen(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
