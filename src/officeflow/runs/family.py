"""Which run called a run, and which runs it called."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import RunRequest, WorkflowRun

MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Relative:
    """A run, by its name (DAG and Airflow's run id, with a slash between them); `node` is the one that called
    it, "" of a caller's.
    """

    name: str
    status: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """`caller` is None of a run that no other has called; `called` are in the order of their beginning."""

    caller: Relative | None = None
    called: Sequence[Relative] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "caller": asdict(self.caller) if self.caller else None,
            "called": [asdict(each) for each in self.called],
        }


def family_of(session: Session, run_id: uuid.UUID) -> Family:
    """`session` sees the rows of the run's organization."""
    run = session.get_one(WorkflowRun, run_id)
    above = session.get(WorkflowRun, run.parent_run_id) if run.parent_run_id else None
    query = (
        select(WorkflowRun, RunRequest.node_key)
        .join(RunRequest, RunRequest.child_run_id == WorkflowRun.run_id)
        .where(WorkflowRun.parent_run_id == run_id)
        .order_by(WorkflowRun.started_at)
        .limit(MOST_SHOWN)
    )
    called = [Relative(_name(child), child.status, node) for child, node in session.execute(query)]
    return Family(Relative(_name(above), above.status) if above else None, called)


def _name(run: WorkflowRun) -> str:
    return f"{run.dag_id}/{run.dag_run_id}"
