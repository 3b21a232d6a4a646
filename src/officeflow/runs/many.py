"""One decision about many runs of an organization: those that are named, or those that a list showed.

Each run is decided about by itself, and audited as one that was steered alone; one that cannot be steered
keeps no other from it. Asked for a second time, those that were done are answered as being so already.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.airflow_api.errors import AirflowForbids
from officeflow.airflow_api.types import TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, NotSteerable, OfficeFlowError, Unavailable
from officeflow.runs import control, finding, steps
from officeflow.runs.corrections import Person
from officeflow.runs.engine import Done, RunName
from officeflow.runs.finding import Sought
from officeflow.runs.steps import AirflowTasks
from officeflow.statuses import RunControl

MOST_NAMED = 100
MOST_FOUND = 500
"""How many runs are decided about in one request."""


class SteeringOutcome(StrEnum):
    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """What became of one run. `told`: who wanted it before, or what was tried again, or why not; `code` is
    the error's, "" where there is none. `run` is "" for one that the organization has not.
    """

    run_id: uuid.UUID
    run: str
    outcome: SteeringOutcome
    told: str = ""
    code: str = ""


class Steers(Protocol):
    """`officeflow.runs.engine.Engine` does."""

    def steer_named(self, name: RunName, wanted: RunControl, *, why: str) -> Done: ...


def found(session: Session, org_id: uuid.UUID, sought: Sought, *, expected: int) -> list[uuid.UUID]:
    """The runs that a list with this filter has, the oldest first.

    `NotSteerable` where they are not as many as `expected`: others came, or went, since somebody looked.
    `InvalidInput` where more are expected than one request may be about.
    """
    if expected > MOST_FOUND:
        raise InvalidInput(
            f"{expected} runs are too many for one request", hint=f"narrow the filter to at most {MOST_FOUND}"
        )
    ids = finding.ids(session, org_id, sought, most=MOST_FOUND + 1)
    if len(ids) != expected:
        count = f"{len(ids)}" if len(ids) <= MOST_FOUND else f"more than {MOST_FOUND}"
        raise NotSteerable(
            f"the filter has {count} runs now, and {expected} were expected: nothing is changed",
            hint="look at the list again",
        )
    return ids


def steer(
    database: Database,
    engine: Steers,
    org_id: uuid.UUID,
    ids: Sequence[uuid.UUID],
    wanted: RunControl,
    *,
    why: str,
) -> list[One]:
    """Pause, resume or cancel them, in this order. `InvalidInput` for a reason that will not do."""
    why = control.checked_reason(why)

    def decided(name: RunName) -> One:
        done = engine.steer_named(name, wanted, why=why)
        outcome = SteeringOutcome.DONE if done.changed else SteeringOutcome.ALREADY
        return One(run_id=name.run_id, run=str(name), outcome=outcome, told=done.told)

    return _each(database, org_id, ids, decided)


def retry(
    database: Database, airflow: AirflowTasks, org_id: uuid.UUID, ids: Sequence[uuid.UUID], person: Person
) -> list[One]:
    """Let every node of them that has failed try again at once; a run in which none has is so already."""
    control.checked_reason(person.why)

    def decided(name: RunName) -> One:
        failed = [
            (each["task_id"], each["map_index"])
            for each in airflow.task_instances(name.dag_id, name.dag_run_id)
            if steps.is_node(each["task_id"]) and each["state"] == TaskInstanceState.FAILED
        ]
        for node, index in failed:
            steps.retry(database, airflow, str(name.run_id), node, person, map_index=index)
        told = ", ".join(node if index < 0 else f"{node}[{index}]" for node, index in failed)
        outcome = SteeringOutcome.DONE if failed else SteeringOutcome.ALREADY
        return One(
            run_id=name.run_id, run=str(name), outcome=outcome, told=told or "none of its nodes has failed"
        )

    return _each(database, org_id, ids, decided)


def _each(
    database: Database, org_id: uuid.UUID, ids: Sequence[uuid.UUID], decided: Callable[[RunName], One]
) -> list[One]:
    names = _names(database, org_id, ids)
    answers: list[One] = []
    away: Unavailable | None = None
    for run_id in dict.fromkeys(ids):
        name = names.get(run_id)
        try:
            if name is None:
                raise NotKnown(f"there is no run {run_id}")
            if away is not None:
                raise away
            answers.append(decided(name))
        except AirflowForbids:
            raise
        except OfficeFlowError as error:
            away = error if isinstance(error, Unavailable) else away
            shown = str(name) if name else ""
            answers.append(
                One(
                    run_id=run_id,
                    run=shown,
                    outcome=SteeringOutcome.REFUSED,
                    told=error.message,
                    code=error.code,
                )
            )
    return answers


def _names(database: Database, org_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, RunName]:
    query = select(WorkflowRun).where(WorkflowRun.org_id == org_id, WorkflowRun.run_id.in_(ids))
    with database.tenant(org_id) as session:
        return {row.run_id: RunName.of(row) for row in session.scalars(query)}
