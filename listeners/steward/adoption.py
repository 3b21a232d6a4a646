"""Gives the runs that Airflow has a row of ours: those that somebody started by hand, or a schedule, and that
no node has told of yet.

A run of a generated DAG says by its DAG's id whose it is. A hand-written DAG counts where one of its tasks is
an operator of ours; whose its runs are is known from earlier ones, from the event that the run carries, from
the DAG's tag `org:SLUG`, or where there is but one organization.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRun
from officeflow.database.tables import Organization, Workflow, WorkflowRevision, WorkflowRun
from officeflow.errors import OfficeFlowError
from officeflow.ids import split_dag_id, workflow_run_id
from officeflow.runs import confs
from officeflow.runs.store import ensure_run
from officeflow.settings import load_settings
from officeflow.statuses import RunStatus

OPERATORS = "operators."
"""The package that hand-written DAGs import our operators from."""

TAG = "org:"
ASK_AGAIN_SECONDS = 300.0
"""After so long a DAG that has no operator of ours may have got one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the runs of a DAG are; `workflow` where it was generated from one."""

    org_id: uuid.UUID
    org: str
    workflow: Workflow | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """What Airflow says of a hand-written DAG: the organization that its tags name, and whether it uses our
    operators.
    """

    ours: bool
    org: str = ""


class Adoption:
    """For one thread. `seconds` only measures how long this process has known what Airflow said of a DAG."""

    def __init__(self, api: AirflowApi, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._seconds = seconds
        self._described: dict[str, tuple[float, Described]] = {}

    def adopt(self, session: Session, seen: Iterable[DagRun]) -> int:
        """Insert a row for each of these runs that has none and is of an organization of ours.

        Returns how many there were.

        The row is PENDING until the run is seen to be further. What its conf should not be is left out.
        """
        by_id = {workflow_run_id(run["dag_id"], run["dag_run_id"]): run for run in seen}
        known = set(session.scalars(select(WorkflowRun.run_id).where(WorkflowRun.run_id.in_(by_id))))
        missing = [run for run_id, run in by_id.items() if run_id not in known]
        owners = {dag_id: self._owner(session, dag_id) for dag_id in {run["dag_id"] for run in missing}}
        return sum(self._insert(session, run, owners[run["dag_id"]]) for run in missing)

    def _insert(self, session: Session, run: DagRun, owner: Owner | Described) -> bool:
        found = owner if isinstance(owner, Owner) else _by_event(session, run) if owner.ours else None
        if found is None:
            return False
        conf = _conf(run)
        try:
            with session.begin_nested():
                _write(session, run, found, conf if _is_sound(conf, found) else confs.usable(conf, found.org))
        except (
            SQLAlchemyError,
            RecursionError,
            ValueError,
        ) as error:  # one odd run keeps no other from being seen
            log.warning(
                "what a run was started with is not kept",
                dag_id=run["dag_id"],
                dag_run_id=run["dag_run_id"],
                why=str(error)[:200],
            )
            _write(session, run, found, confs.usable(conf, found.org))
        log.info(
            "run found in Airflow",
            dag_id=run["dag_id"],
            dag_run_id=run["dag_run_id"],
            by=run.get("triggering_user_name"),
        )
        return True

    def _owner(self, session: Session, dag_id: str) -> Owner | Described:
        """The DAG's, or where only its runs may tell, what Airflow says of it."""
        org, slug = split_dag_id(dag_id)
        generated = (
            select(Organization, Workflow)
            .join(Workflow, Workflow.org_id == Organization.org_id)
            .where(Organization.slug == org, Workflow.slug == slug)
        )
        if (row := session.execute(generated).first()) is not None:
            return Owner(row[0].org_id, row[0].slug, row[1])
        described = self._what_airflow_says(dag_id)
        if not described.ours:
            return described
        return (
            _by_earlier_runs(session, dag_id)
            or _by_tag(session, described.org)
            or _the_only_one(session)
            or described
        )

    def _what_airflow_says(self, dag_id: str) -> Described:
        asked, found = self._described.get(dag_id, (0.0, None))
        if found is not None and self._seconds() - asked < ASK_AGAIN_SECONDS:
            return found
        try:
            modules = [
                str((task.get("class_ref") or {}).get("module_path")) for task in self._api.tasks(dag_id)
            ]
            ours = any(module.startswith(OPERATORS) for module in modules)
            tags = [tag["name"] for tag in self._api.dag(dag_id)["tags"]] if ours else []
        except (
            OfficeFlowError
        ) as error:  # it is not there any more, or not to be seen; that keeps no other run from being seen
            log.warning("whether a DAG uses our operators is not known", dag_id=dag_id, why=error.message)
            ours, tags = False, []
        found = Described(ours, next((tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)), ""))
        self._described[dag_id] = (self._seconds(), found)
        return found


def _conf(run: DagRun) -> Mapping[str, Any]:
    conf: Any = run.get("conf")
    return conf if isinstance(conf, Mapping) else {}


def _is_sound(conf: Mapping[str, Any], owner: Owner) -> bool:
    whole = isinstance(conf.get("event") or {}, Mapping) and confs.event_of(conf).get("org") in (
        None,
        owner.org,
    )
    return whole and not confs.problems(conf, payload=owner.workflow is not None)


def _write(session: Session, run: DagRun, owner: Owner, conf: Mapping[str, Any]) -> None:
    ensure_run(
        session,
        org_id=owner.org_id,
        dag_id=run["dag_id"],
        dag_run_id=run["dag_run_id"],
        conf=conf,
        workflow_id=owner.workflow.workflow_id if owner.workflow else None,
        version=_version(session, owner.workflow, run.get("bundle_version")) if owner.workflow else None,
        status=RunStatus.PENDING,
        started_at=_began(run),
        started_by=_starter(run),
    )


def _starter(run: DagRun) -> str:
    """The login of the person who started it; "" where our own account did."""
    by = run.get("triggering_user_name") or ""
    return "" if by == load_settings().airflow_username else by


def _began(run: DagRun) -> dt.datetime | None:
    date = run.get("start_date") or run.get("queued_at") or run.get("run_after")
    return dt.datetime.fromisoformat(date) if date else None


def _by_earlier_runs(session: Session, dag_id: str) -> Owner | None:
    query = (
        select(Organization)
        .join(WorkflowRun, WorkflowRun.org_id == Organization.org_id)
        .where(WorkflowRun.dag_id == dag_id)
    )
    found = session.scalars(query.distinct().limit(2)).all()
    return Owner(found[0].org_id, found[0].slug) if len(found) == 1 else None


def _by_event(session: Session, run: DagRun) -> Owner | None:
    org = confs.event_of(_conf(run)).get("org")
    return _by_tag(session, org) if isinstance(org, str) else None


def _by_tag(session: Session, slug: str) -> Owner | None:
    found = session.scalar(select(Organization).where(Organization.slug == slug)) if slug else None
    return Owner(found.org_id, found.slug) if found else None


def _the_only_one(session: Session) -> Owner | None:
    found = session.scalars(select(Organization).limit(2)).all()
    return Owner(found[0].org_id, found[0].slug) if len(found) == 1 else None


def _version(session: Session, workflow: Workflow, bundle_version: str | None) -> int | None:
    """The workflow's version in the revision that the run is pinned to."""
    shown = select(WorkflowRevision.version).where(WorkflowRevision.workflow_id == workflow.workflow_id)
    if bundle_version and bundle_version[1:].isdigit():
        shown = shown.where(WorkflowRevision.revision <= int(bundle_version[1:]))
    return session.scalar(shown.order_by(WorkflowRevision.revision.desc()).limit(1))
