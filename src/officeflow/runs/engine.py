"""The engine by its names: take a lifecycle event, start a workflow by hand, pause, resume and cancel runs.

Commands and messages of other systems come through here, and find the same rights, checks and audit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, who
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, did_you_mean
from officeflow.events import inbox
from officeflow.events.inbox import Accepted
from officeflow.events.message import Message
from officeflow.ids import dag_id, new_id, workflow_run_id
from officeflow.program import typed
from officeflow.runs import confs, control, finding, starting, store
from officeflow.runs.starting import Start
from officeflow.settings import Settings
from officeflow.statuses import OPEN_RUNS, RunControl
from officeflow.tenants import employees, organizations

TOLD_BY = ("kind", "employee", "payload")
"""What two requests to start one run must agree in."""


class Airflow(Protocol):
    """What is asked of Airflow; `officeflow.airflow_api.client.AirflowApi` answers, signed in as whoever
    acts.
    """

    def trigger(self, dag_id: str, dag_run_id: str, conf: Mapping[str, Any], note: str = "") -> bool: ...
    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
    ) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunName:
    """A run, by what it is called here and in Airflow."""

    run_id: uuid.UUID
    org_id: uuid.UUID
    dag_id: str
    dag_run_id: str

    @classmethod
    def of(cls, run: WorkflowRun) -> RunName:
        return cls(run_id=run.run_id, org_id=run.org_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)

    def __str__(self) -> str:
        return f"{self.dag_id}/{self.dag_run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a request about a run. `changed` is False where it was so already, and `told` says then
    who wanted it, when and why.
    """

    run: RunName
    changed: bool
    told: str = ""


class Engine:
    """For whoever `by` names, as the audit log does: `airflow:ana`, `event:https://hr.example`.

    `airflow` is signed in as them, and answers what they may: who may clear a run's tasks may steer it. What
    is `trusted` to have been checked (a message, by the rights on its topic) is not asked for.
    """

    def __init__(
        self, database: Database, airflow: Airflow, settings: Settings, *, by: str, trusted: bool = False
    ) -> None:
        self._database = database
        self._airflow = airflow
        self._settings = settings
        self._by = by
        self._trusted = trusted
        self._may_steer: set[str] = set()

    def process_lifecycle_event(self, message: Message) -> Accepted:
        """Put the event into the inbox, from where its runs are started; the same one a second time changes
        nothing. `InvalidEvent` says what is wrong with it.
        """
        ahead = dt.timedelta(hours=self._settings.event_ahead_hours)
        with self._database.service() as session:
            return inbox.accept(session, message, own_source=self._settings.event_source, ahead=ahead)

    def execute_workflow(
        self, org: str, workflow: str, payload: Mapping[str, Any], *, why: str, request_id: str = ""
    ) -> Done:
        """Start a run with `payload`: the fields of Airflow's form (`employee`, `kind`, `payload` …) or a
        whole event.

        Under the same `request_id` there is one run, however often it is asked for. `InvalidInput` names
        every field that is wrong, and an id that was used for something else; `NotKnown` an organization, a
        workflow, or one that Airflow does not show yet.
        """
        why = control.checked_reason(why)
        with self._database.service() as session:
            organization = organizations.find(session, org)
            run_id = _dag_run_id(dag_id(organization.slug, workflow), request_id)
            dag, start = self._checked(session, organization, workflow, payload, run_id)
            if (found := session.get(WorkflowRun, workflow_run_id(dag, run_id))) is not None:
                return _same(found, start.conf)
        # Of a run that a person starts Airflow's own process writes the note, when it has checked it again.
        is_new = self._airflow.trigger(dag, run_id, start.conf, start.note if self._trusted else "")
        with self._database.tenant(organization.org_id) as session:
            row = store.ensure_run(
                session,
                org_id=organization.org_id,
                dag_id=dag,
                dag_run_id=run_id,
                conf=start.conf,
                workflow=workflow,
                version=self._version(session, organization.org_id, workflow),
            )
            if is_new or not row.started_by:
                row.started_by = who(self._by)[:255]
                self._audit_start(session, row, why)
            return Done(run=RunName.of(row), changed=is_new)

    def check_start(self, org: str, workflow: str, payload: Mapping[str, Any]) -> Start:
        """What `execute_workflow` would start, or everything that is wrong with it; nothing is started."""
        with self._database.service() as session:
            organization = organizations.find(session, org)
            run_id = _dag_run_id(dag_id(organization.slug, workflow), "")
            return self._checked(session, organization, workflow, payload, run_id)[1]

    def pause_workflow(self, run: str, *, why: str, org: str = "") -> Done:
        """No node of the run begins from now on; those that act finish. See `steer`."""
        return self.steer(run, RunControl.PAUSE, why=why, org=org)

    def resume_workflow(self, run: str, *, why: str, org: str = "") -> Done:
        """The run goes on. See `steer`."""
        return self.steer(run, RunControl.NONE, why=why, org=org)

    def cancel_workflow(self, run: str, *, why: str, org: str = "") -> Done:
        """The run ends, and what it did is taken back. See `steer`."""
        return self.steer(run, RunControl.CANCEL, why=why, org=org)

    def steer(self, run: str, wanted: RunControl, *, why: str, org: str = "") -> Done:
        """`run` as in `store.find_run`; of the organization `org` alone, where that is given.

        `NotKnown`; `NotSteerable` where it has ended or is on its way to an end; `AirflowForbids`.
        """
        with self._database.service() as session:
            found = store.find_run(session, run)
            if org and organizations.find(session, org).org_id != found.org_id:
                raise NotKnown(f"{org} has no run {run!r}")
            name = RunName.of(found)
        return self.steer_named(name, wanted, why=why)

    def steer_in(self, org_id: uuid.UUID, run_id: uuid.UUID, wanted: RunControl, *, why: str) -> Done:
        """As `steer`, of a run of this organization."""
        with self._database.tenant(org_id) as session:
            name = RunName.of(finding.named(session, org_id, run_id))
        return self.steer_named(name, wanted, why=why)

    def steer_named(self, name: RunName, wanted: RunControl, *, why: str) -> Done:
        self._check_rights(name)
        with self._database.tenant(name.org_id) as session:
            row = session.get_one(WorkflowRun, name.run_id)
            changed = control.ask(session, row, wanted, by=self._by, why=why)
            return Done(run=name, changed=changed, told="" if changed else _already(row))

    def open_runs(
        self, org: str, wanted: RunControl, *, workflow: str | None = None, employee: str | None = None
    ) -> list[RunName]:
        """Those that have not ended of which this is not wanted yet, of a workflow, of a person, or of a
        person in a workflow; the oldest first.
        """
        with self._database.service() as session:
            organization = organizations.find(session, org)
            query = select(WorkflowRun).where(
                WorkflowRun.org_id == organization.org_id,
                WorkflowRun.status.in_(OPEN_RUNS),
                WorkflowRun.control == RunControl.PAUSE
                if wanted == RunControl.NONE
                else WorkflowRun.control != wanted,
            )
            if workflow is not None:
                query = query.where(WorkflowRun.dag_id == self._dag(session, organization, workflow))
            if employee is not None:
                person = employees.named(session, organization.org_id, employee)
                if person is None:
                    raise NotKnown(f"{organization.slug} knows nobody as {employee!r}")
                known = employees.find(session, organization.org_id, person.external_id)
                query = query.where(WorkflowRun.employee_id == (known.employee_id if known else None))
            return [RunName.of(row) for row in session.scalars(query.order_by(WorkflowRun.started_at))]

    def _checked(
        self,
        session: Session,
        organization: Organization,
        workflow: str,
        payload: Mapping[str, Any],
        run_id: str,
    ) -> tuple[str, Start]:
        self._check_workflow(session, organization, workflow)
        dag = dag_id(organization.slug, workflow)
        start = starting.start(session, self._settings, dag_id=dag, dag_run_id=run_id, conf=payload)
        if start is None:
            raise NotKnown(f"{organization.slug} has no workflow {workflow!r} any more")
        return dag, start

    def _dag(self, session: Session, organization: Organization, workflow: str) -> str:
        slug = workflow.removeprefix(f"{organization.slug}__")
        self._workflow(session, organization, slug)
        return dag_id(organization.slug, slug)

    def _check_workflow(self, session: Session, organization: Organization, slug: str) -> None:
        if not self._workflow(session, organization, slug).is_active:
            raise InvalidInput(
                f"the workflow {slug!r} of {organization.slug} was deactivated",
                hint=f"`{typed('workflow publish')}` brings it back",
            )

    def _workflow(self, session: Session, organization: Organization, slug: str) -> Workflow:
        its = Workflow.org_id == organization.org_id
        found = session.scalar(select(Workflow).where(its, Workflow.slug == slug))
        if found is None:
            known = session.scalars(select(Workflow.slug).where(its).order_by(Workflow.slug)).all()
            hint = did_you_mean(slug, known) or (
                f"it has {', '.join(known[:10])}" if known else "it has none yet"
            )
            raise NotKnown(f"{organization.slug} has no workflow {slug!r}", hint=hint)
        return found

    def _version(self, session: Session, org_id: uuid.UUID, slug: str) -> int | None:
        return session.scalar(
            select(Workflow.version).where(Workflow.org_id == org_id, Workflow.slug == slug)
        )

    def _check_rights(self, name: RunName) -> None:
        """Of a run that Airflow does not have yet it says all the same who may not."""
        if self._trusted or name.dag_id in self._may_steer:
            return
        try:
            self._airflow.clear(name.dag_id, name.dag_run_id, only_failed=True, dry_run=True)
        except NotKnown:
            return
        self._may_steer.add(name.dag_id)

    def _audit_start(self, session: Session, run: WorkflowRun, why: str) -> None:
        details = {
            "run_id": str(run.run_id),
            "dag_id": run.dag_id,
            "dag_run_id": run.dag_run_id,
            "employee": confs.event_of(run.context).get("employee"),
            "why": why,
        }
        entry = AuditEntry(
            actor=self._by,
            action=AuditAction.RUN_STARTED,
            subject=f"run:{run.run_id}",
            details=details,
            correlation_id=run.correlation_id,
        )
        audit.append(session, run.org_id, entry)


def _dag_run_id(dag: str, request_id: str) -> str:
    name = f"{dag}\n{request_id}" if request_id else str(new_id())
    return f"hand__{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _same(found: WorkflowRun, conf: Mapping[str, Any]) -> Done:
    """The run that is there under the request's id, if it is the one that is asked for."""
    event, asked = confs.event_of(found.context), confs.event_of(conf)
    if differing := [name for name in TOLD_BY if event.get(name) != asked.get(name)]:
        raise InvalidInput(
            f"under this id another run was started: {found.dag_id}/{found.dag_run_id} has another"
            f" {', '.join(differing)}",
            hint="give an id of its own to each run that you want",
        )
    return Done(run=RunName.of(found), changed=False, told="it was started before under this id")


def _already(run: WorkflowRun) -> str:
    if run.control == RunControl.NONE:
        return "it is not paused"
    return f"it was {control.told(run)}"
