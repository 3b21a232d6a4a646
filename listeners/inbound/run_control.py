"""What other systems ask for by message is done: runs are started, paused, resumed and cancelled, and each
message is answered with one on `workflow.run.result`.

Killed between doing and answering, it is done once more, which changes nothing, and answered then.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners.process import Backoff
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.database.engine import Database
from officeflow.database.tables import ControlRequest, Organization
from officeflow.errors import InvalidInput, OfficeFlowError, Unavailable
from officeflow.events import outbox, run_orders, topics
from officeflow.events.inbox import database_time
from officeflow.events.outbox import MessageType
from officeflow.runs.engine import Done, Engine
from officeflow.settings import Settings
from officeflow.statuses import ControlState, RunControl

IDLE_SECONDS = 1.0
MOST_SECONDS = 300.0
"""The longest pause between two tries of a request that cannot be done for a reason nobody foresaw."""

WANTED = {
    topics.WORKFLOW_RUN_PAUSE: RunControl.PAUSE,
    topics.WORKFLOW_RUN_RESUME: RunControl.NONE,
    topics.WORKFLOW_RUN_CANCEL: RunControl.CANCEL,
}

log = structlog.get_logger(__name__)


class RunOrders:
    """A thread that does what is asked for until `stop` is set."""

    def __init__(
        self, database: Database, api: AirflowApi, settings: Settings, *, stop: threading.Event
    ) -> None:
        self._database = database
        self._api = api
        self._settings = settings
        self._stop = stop
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._work, name="run-orders")

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to be done."""
        self._arrived.set()

    def join(self) -> None:
        """Returns when it has finished what it is at."""
        self.wake()
        self._thread.join()

    def _work(self) -> None:
        backoff = Backoff(self._stop, first=0.5, most=15.0)
        while not self._stop.is_set():
            try:
                if not self.do_next():
                    self._arrived.wait(IDLE_SECONDS)
                    self._arrived.clear()
            except (Unavailable, AirflowForbids, DBAPIError) as error:
                log.warning("requests for runs wait", error=str(error))
                backoff.wait()
            else:
                backoff.reset()

    def do_next(self) -> bool:
        """Do one; False where there is none. `Unavailable`, `AirflowForbids`: it waits."""
        with self._database.service() as session:
            request = run_orders.claim(session)
            if request is None:
                return False
            with structlog.contextvars.bound_contextvars(
                correlation_id=request.correlation_id, event_id=request.event_id
            ):
                self._do(session, request)
        return True

    def _do(self, session: Session, request: ControlRequest) -> None:
        try:
            done = self._done(session, request)
        except (Unavailable, AirflowForbids, DBAPIError):
            raise
        except OfficeFlowError as error:
            log.warning("a request for a run is refused", action=request.action, error=str(error))
            self._answer(session, request, ControlState.REFUSED, {"error": _told(error)})
        except Exception:
            log.exception("a request for a run cannot be done", action=request.action)
            request.attempts += 1
            delay = min(MOST_SECONDS, 2.0 ** min(request.attempts, 10))
            request.next_attempt_at = database_time(session) + dt.timedelta(seconds=delay)
        else:
            log.info("a request for a run is done", action=request.action, run_id=str(done.run.run_id))
            self._answer(session, request, ControlState.DONE, _result(done))

    def _done(self, session: Session, request: ControlRequest) -> Done:
        org = session.scalars(select(Organization.slug).where(Organization.org_id == request.org_id)).one()
        by = f"event:{request.source}"
        engine = Engine(self._database, self._api, self._settings, by=by, trusted=True)
        body: Mapping[str, Any] = request.body
        if request.action in WANTED:
            return engine.steer(body["run"], WANTED[request.action], why=body["why"], org=org)
        payload = {
            "employee": body["employee"],
            "kind": body["kind"],
            "payload": body["payload"],
            "time": body["time"],
            "correlation_id": request.correlation_id,
        }
        identity = f"{request.source}\n{request.event_id}"
        return engine.execute_workflow(org, body["workflow"], payload, why=body["why"], request_id=identity)

    def _answer(
        self, session: Session, request: ControlRequest, state: ControlState, result: Mapping[str, Any]
    ) -> None:
        request.state, request.result, request.ended_at = (
            state,
            dict(result),
            session.scalar(select(func.now())),
        )
        payload = {
            "request": {"source": request.source, "id": request.event_id, "type": request.action},
            "state": state,
            **{name: result.get(name) for name in ("run_id", "dag_id", "dag_run_id", "changed", "told")},
            "error": result.get("error"),
        }
        outbox.add(
            session,
            org_id=request.org_id,
            topic=topics.WORKFLOW_RUN_RESULT,
            key=topics.org_key(request.org_id),
            type=MessageType.RUN_RESULT,
            payload=payload,
            correlation_id=request.correlation_id,
            subject=f"run:{result['run_id']}" if "run_id" in result else None,
        )


def _result(done: Done) -> dict[str, Any]:
    run = done.run
    names = {"run_id": str(run.run_id), "dag_id": run.dag_id, "dag_run_id": run.dag_run_id}
    return {**names, "changed": done.changed, **({"told": done.told} if done.told else {})}


def _told(error: OfficeFlowError) -> dict[str, Any]:
    problems = error.problems if isinstance(error, InvalidInput) else ()
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "problems": [{"path": each.path, "reason": each.reason} for each in problems],
    }
