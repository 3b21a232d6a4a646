"""Runs that other runs ask for: from a request to the run.

A request is settled by one process at a time. Its run's row is written first, then Airflow is asked under an
id made from the request, then the request is settled: killed anywhere, all is done once more, with the same
id, and what is there already is found.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners.process import Backoff
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.listening import Bell, Listening
from officeflow.database.tables import Organization, RunRequest, Workflow, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Unavailable, did_you_mean
from officeflow.events.about import about
from officeflow.events.given import is_whole
from officeflow.ids import called_dag_run_id, dag_id, split_dag_id
from officeflow.program import typed
from officeflow.runs import confs
from officeflow.runs.store import ensure_run, mark
from officeflow.sdk.json_schemas import value_problems
from officeflow.statuses import ENDED_RUNS, RunControl
from officeflow.waiting import calls
from officeflow.workflows.models import Definition

POLL_SECONDS = 0.5
AT_ONCE = 200
THREADS = 4

log = structlog.get_logger(__name__)


class Refused(Exception):
    """There will be no such run."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


@dataclass(frozen=True, slots=True)
class Child:
    """A run that is to exist in Airflow. Its PENDING row is written."""

    dag_id: str
    dag_run_id: str
    conf: Mapping[str, Any]
    note: str


class Calls:
    """A thread that has runs started until `stop` is set."""

    def __init__(
        self, database: Database, api: AirflowApi, *, patience: float, stop: threading.Event
    ) -> None:
        """`patience`: seconds from the request on that a DAG which Airflow does not know is waited for."""
        self._database = database
        self._api = api
        self._patience = dt.timedelta(seconds=patience)
        self._stop = stop
        self._bell = Bell()
        self._listening = Listening(database.service_url, {calls.CHANNEL: self._bell.ring}, stop=stop)
        self._thread = threading.Thread(target=self._work, name="calls")

    def start(self) -> None:
        self._listening.start()
        self._thread.start()

    def join(self) -> None:
        """Returns when the requests that are at hand are seen to."""
        self._bell.ring()
        self._thread.join()
        self._listening.join()

    def _work(self) -> None:
        backoff = Backoff(self._stop, first=0.5, most=15.0)
        while not self._stop.is_set():
            self._bell.wait(POLL_SECONDS, self._stop)
            try:
                self.take_all()
            except (Unavailable, AirflowForbids, DBAPIError) as error:
                log.warning("runs that others ask for wait", error=str(error))
                backoff.wait()
            else:
                backoff.reset()

    def take_all(self) -> int:
        """See to all requests that wait; returns how many were settled.

        `Unavailable`, `AirflowForbids`: they wait.
        """
        with self._database.service() as session:
            waiting = calls.waiting_to_start(session, most=AT_ONCE)
        if not waiting:
            return 0
        with ThreadPoolExecutor(min(THREADS, len(waiting)), thread_name_prefix="call") as threads:
            return sum(threads.map(self.take, waiting))

    def take(self, request_id: uuid.UUID) -> bool:
        """See to one request; False where it still waits, or another process has it."""
        with self._database.service() as session:
            request = calls.claim(session, request_id)
            if request is None:
                return False
            try:
                return self._settle(request)
            except Refused as refused:
                self._refuse(request, refused)
                return True

    def _settle(self, request: RunRequest) -> bool:
        with self._database.tenant(request.org_id) as session:
            child = _child(session, request)
        if child is None or not self._trigger(request, child):
            return False
        with self._database.tenant(request.org_id) as session:
            calls.started(session, request.request_id)
        log.info("run called", dag_id=child.dag_id, dag_run_id=child.dag_run_id)
        return True

    def _trigger(self, request: RunRequest, child: Child) -> bool:
        """Whether the run is there; False while its DAG is awaited."""
        try:
            if self._api.trigger(child.dag_id, child.dag_run_id, child.conf, child.note):
                return True
        except (NotKnown, InvalidInput) as error:
            return self._without_dag(request, child, error)
        seen = self._api.dag_run(child.dag_id, child.dag_run_id)
        if seen["triggering_user_name"] != self._api.account() or seen["conf"] != dict(child.conf):
            by = seen["triggering_user_name"] or "somebody else"
            why = f"the run id {child.dag_run_id} of {child.dag_id} is taken in Airflow by a run of {by}"
            raise Refused("run_id_taken", why, "delete that run there, and redo the act")
        return True

    def _without_dag(self, request: RunRequest, child: Child, error: OfficeFlowError) -> bool:
        """A DAG appears some seconds after its workflow was published, or is repaired."""
        with self._database.service() as session:
            now = session.scalars(select(func.clock_timestamp())).one()
        if now - request.created_at < self._patience:
            log.info("a call waits for its DAG", dag_id=child.dag_id, why=error.message)
            return False
        why = f"Airflow does not start the workflow that is called, {child.dag_id}: {error.message}"
        raise Refused("dag_missing", why, f"`{typed('doctor')}` says why")

    def _refuse(self, request: RunRequest, refused: Refused) -> None:
        log.warning("a call is refused", workflow=request.workflow, reason=refused.code)
        with self._database.tenant(request.org_id) as session:
            current = session.get_one(RunRequest, request.request_id)
            child = session.get(WorkflowRun, current.child_run_id) if current.child_run_id else None
            if child is not None:
                now = session.scalars(select(func.clock_timestamp())).one()
                error = {"code": refused.code, "message": refused.message}
                mark(child, DagRunState.FAILED, ended_at=now, error=error)
            calls.refuse(
                session,
                request.request_id,
                code=refused.code,
                message=refused.message,
                hint=refused.hint,
            )


def _child(session: Session, request: RunRequest) -> Child | None:
    """The run, with its PENDING row; None while the run that asks for it is paused. `Refused`."""
    parent = session.get_one(WorkflowRun, request.parent_run_id, with_for_update={"read": True})
    if parent.status in ENDED_RUNS or parent.control == RunControl.CANCEL:
        raise Refused("caller_ended", "the run that called has ended, or is being cancelled")
    if parent.control == RunControl.PAUSE:
        return None
    organization = session.get_one(Organization, request.org_id)
    workflow = _workflow(session, request)
    _check_input(workflow, request)
    _check_depth(session, workflow, parent)
    event = confs.event_of(parent.context)
    conf = {"event": dict(event), "correlation_id": parent.correlation_id}
    if not is_whole(conf, organization.slug):
        why = "the run that calls has no whole event, and a workflow's run is about one"
        raise Refused("no_event", why, "start it with a lifecycle event")
    dag, name = dag_id(organization.slug, workflow.slug), called_dag_run_id(request.request_id)
    run = ensure_run(
        session,
        org_id=request.org_id,
        dag_id=dag,
        dag_run_id=name,
        conf=conf,
        workflow_id=workflow.workflow_id,
        version=workflow.version,
    )
    run.parent_run_id, run.depth = parent.run_id, parent.depth + 1
    session.get_one(RunRequest, request.request_id).child_run_id = run.run_id
    note = about(event["employee"], "", event["kind"], event=event["id"])
    return Child(dag, name, conf, note)


def _workflow(session: Session, request: RunRequest) -> Workflow:
    """The workflow that is called, as it is published now."""
    asked = request.workflow
    query = select(Workflow).where(Workflow.org_id == request.org_id)
    found = session.scalar(query.where(Workflow.slug == asked))
    if found is None:
        known = session.scalars(select(Workflow.slug).where(Workflow.org_id == request.org_id)).all()
        hint = did_you_mean(asked, known) or f"publish it: `{typed('workflow publish')}`"
        raise Refused("not_known", f"there is no workflow {asked!r} to call", hint)
    if not found.is_active:
        hint = f"publish it again: `{typed('workflow publish')}`, and redo the act"
        raise Refused("not_active", f"the workflow {asked!r} is deactivated: it cannot be called", hint)
    if request.version not in (None, found.version):
        why = f"version {request.version} of {asked!r} is called, and version {found.version} is published"
        raise Refused("other_version", why, "Airflow starts a run of the published version alone")
    return found


def _check_input(workflow: Workflow, request: RunRequest) -> None:
    inputs = Definition.model_validate(workflow.definition).inputs
    if inputs is None:
        why = f"the workflow {workflow.slug!r} declares no inputs: it cannot be called"
        raise Refused("not_callable", why, "declare inputs in its definition, be it an empty object")
    given = (request.input or {}).get("input", {})
    if problems := value_problems(given, inputs, "input"):
        told = "; ".join(map(str, problems))
        raise Refused("input_refused", f"the workflow {workflow.slug!r} does not take this input: {told}")


def _check_depth(session: Session, workflow: Workflow, parent: WorkflowRun) -> None:
    above = calls.callers(session, parent)
    slugs = [split_dag_id(run.dag_id)[1] for run in above]
    if workflow.workflow_id in {run.workflow_id for run in above}:
        way = " → ".join([*reversed(slugs), workflow.slug])
        raise Refused("call_cycle", f"workflows call each other in a circle: {way}")
    if parent.depth + 1 > calls.MOST_DEPTH:
        way = " → ".join([*reversed(slugs), workflow.slug])
        why = f"calls are nested more than {calls.MOST_DEPTH} deep: {way}"
        raise Refused("call_depth", why)
