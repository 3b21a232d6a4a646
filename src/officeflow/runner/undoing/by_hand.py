"""A run that has ended is undone because a person wants it: shown before, and done by its task `undo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from officeflow.database.engine import Database, enter_tenant
from officeflow.database.tables import WorkflowRun
from officeflow.errors import InvalidInput, NotKnown
from officeflow.program import typed
from officeflow.runner.undoing import reading
from officeflow.runner.undoing.plan import Plan, Step, plan_of
from officeflow.runs import store, undone
from officeflow.runs.corrections import Person
from officeflow.runs.undone import Cause
from officeflow.statuses import ENDED_RUNS, RunStatus
from officeflow.workflows.undoing import UNDO


class AirflowTasks(Protocol):
    """What is asked of Airflow, signed in as the person."""

    def clear(
        self, dag_id: str, run_id: str, task_ids: Sequence[str] | None = None, *, dry_run: bool = False
    ) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What would be undone of the run `name` (`<DAG>/<Airflow run id>`), which is in `status`."""

    name: str
    status: RunStatus
    plan: Plan

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.name,
            "status": self.status,
            "steps": [_step(step) for step in self.plan.steps],
            "remaining": [asdict(each) for each in self.plan.remaining],
        }


def shown(database: Database, run: str) -> Shown:
    """`run` as `store.find_newest` takes it. Nothing is done and nobody is called."""
    with database.service() as session:
        found = store.find_newest(session, run)
        enter_tenant(session, found.org_id)
        runs, definitions = reading.read(session, found.run_id)
        plan = plan_of(runs, definitions, Cause.ASKED)
        return Shown(f"{found.dag_id}/{found.dag_run_id}", found.status, plan)


def compensate(database: Database, airflow: AirflowTasks, run: str, person: Person) -> Shown:
    """The run's task `undo` is cleared, and takes back what the plan says.

    `InvalidInput` where the run has not ended, has nothing to undo, or has no such task. `AirflowForbids`
    where the login is refused or may not clear tasks of the run; nothing is changed by then.
    """
    plan = shown(database, run)
    with database.service() as session:
        found = store.find_run(session, plan.name)
        _refuse(found, plan)
        place = (found.dag_id, found.dag_run_id)
        _clear(airflow, place, dry_run=True)
        enter_tenant(session, found.org_id)
        session.refresh(found, with_for_update=True)
        _refuse(found, plan)
        undone.ask(session, found, by=person.by, why=person.why)
    _clear(airflow, place)
    return plan


def _refuse(run: WorkflowRun, found: Shown) -> None:
    if run.status not in ENDED_RUNS:
        raise InvalidInput(
            f"{found.name} has not ended, it is {run.status}",
            hint=(
                "it is being undone"
                if run.status == RunStatus.COMPENSATING
                else f"`{typed('run cancel')}` cancels it, which undoes what it did"
            ),
        )
    if not found.plan.steps:
        raise InvalidInput(
            f"there is nothing of {found.name} to take back",
            hint=f"`{typed('run compensate')} {found.name} --plan` shows what remains",
        )


def _clear(airflow: AirflowTasks, place: tuple[str, str], *, dry_run: bool = False) -> None:
    try:
        cleared = airflow.clear(*place, [UNDO], dry_run=dry_run)
    except NotKnown:
        cleared = []
    if not any(task["task_id"] == UNDO for task in cleared):
        raise InvalidInput(
            f"{'/'.join(place)} has no task `undo`: its version of the workflow had nothing to undo",
            hint=(
                "what it did is taken back by hand; or publish the workflow with a way to undo it, and clear"
                " the run in Airflow with “run on latest version” and “only new tasks”"
            ),
        )


def _step(step: Step) -> dict[str, Any]:
    return {
        "acts": [
            {"node": act.task, "map_index": act.map_index, "type": act.type, "did": act.did}
            for act in step.acts
        ],
        "run": step.run.name,
        "by": step.by,
        "node": step.node.id if step.node else None,
        "way": step.way.name if step.way else None,
        "told": step.told,
    }
